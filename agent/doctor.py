"""What `vivavoce doctor` says of the speech providers: loaded, working, and how fast."""

from __future__ import annotations

import time
from dataclasses import dataclass

from agent.interviewer.registry import load_interviewer
from agent.providers.registry import load_stt, load_tts, load_vad
from agent.providers.trial import try_voice
from sessions.errors import VivavoceError
from sessions.protocol import Recogniser
from sessions.settings import Settings


@dataclass(frozen=True)
class Finding:
    what: str
    is_ok: bool
    detail: str


async def examine_speech(settings: Settings) -> list[Finding]:
    """One finding per provider; the voice says a word, to see that it does."""
    return [
        _examine_stt(settings),
        await _examine_tts(settings),
        _examine_vad(settings),
        _examine_interviewer(settings),
    ]


def _examine_stt(settings: Settings) -> Finding:
    try:
        loaded = load_stt(settings.speech)
    except VivavoceError as exc:
        return _failed("stt", exc)
    return Finding("stt", True, f"{loaded.name}; {_RECOGNISERS[loaded.recogniser]}")


_RECOGNISERS = {
    Recogniser.SERVER: "speech is recognised here; falls back to typing",
    Recogniser.BROWSER: "the page recognises speech where its browser can; falls back to typing",
    Recogniser.NONE: "candidates type",
}


async def _examine_tts(settings: Settings) -> Finding:
    try:
        voice = load_tts(settings.speech)
    except VivavoceError as exc:
        return _failed("tts", exc)
    began_s = time.perf_counter()
    try:
        audio_ms = await try_voice(voice, "Ready.", timeout_s=settings.speech.tts_timeout_s)
    except VivavoceError as exc:
        return _failed("tts", exc)
    took_ms = (time.perf_counter() - began_s) * 1000
    return Finding(
        "tts",
        True,
        f"{settings.speech.tts}; spoke {audio_ms:.0f} ms in {took_ms:.0f} ms; "
        "falls back to writing",
    )


def _examine_vad(settings: Settings) -> Finding:
    try:
        load_vad(settings.speech)
    except VivavoceError as exc:
        return _failed("vad", exc)
    return Finding("vad", True, settings.speech.vad)


def _examine_interviewer(settings: Settings) -> Finding:
    try:
        interviewer = load_interviewer(settings.interview)
    except VivavoceError as exc:
        return _failed("interviewer", exc)
    return Finding("interviewer", True, interviewer.name)


def _failed(what: str, exc: VivavoceError) -> Finding:
    return Finding(what, False, f"{exc.message} {exc.hint}".strip())
