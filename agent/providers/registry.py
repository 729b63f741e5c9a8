"""Which providers the settings name: names of ours, endpoints, or class paths.

A class of a path, `package.module:Class`, is called with the SpeechSettings as its only argument.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import aiohttp
from livekit.agents import stt, tts, vad

from agent.class_path import load_named
from agent.providers.stt import chain as stt_chain
from agent.providers.tts import chain as tts_chain
from agent.providers.tts.espeak import EspeakTTS
from agent.providers.vad.silero import SileroVAD
from sessions.errors import SettingsInvalid
from sessions.infra.endpoints import PRESETS, Endpoint, find_endpoint
from sessions.settings import Settings, SpeechSettings

# livekit's TTS and STT are generic over further events of theirs, which nothing here looks at.
AnyTTS = tts.TTS[Any]
AnySTT = stt.STT[Any]

PAGE = "browser"
"""The candidate's page recognises, or speaks, by itself."""
NOBODY = "none"
"""Candidates type."""
DEEPGRAM = "deepgram"
FLUX = "deepgram-flux"

_TTS: Mapping[str, Callable[[SpeechSettings], AnyTTS]] = {"espeak": EspeakTTS}
# A room reads the starts and ends alone, and no audio with them.
_VAD: Mapping[str, Callable[[SpeechSettings], vad.VAD]] = {
    "silero": lambda _: SileroVAD(prefix_padding_s=0.0, tells_windows=False)
}


def load_vad(speech: SpeechSettings) -> vad.VAD:
    """Raises SettingsInvalid."""
    return load_named("speech.vad", speech.vad, speech, ours=_VAD, port=vad.VAD)


def load_recognisers(
    settings: Settings, http: aiohttp.ClientSession | None = None
) -> list[stt_chain.Member]:
    """The server's own, in order; the page's and nobody are not among them.

    `http` is for Deepgram's. Raises SettingsInvalid.
    """
    names = [name for name in settings.speech.stt if name not in (PAGE, NOBODY)]
    return [stt_chain.Member(name, _load_recogniser(name, settings, http)) for name in names]


def load_voices(
    settings: Settings, http: aiohttp.ClientSession | None = None
) -> list[tts_chain.Member]:
    """The server's own, in order. Raises SettingsInvalid."""
    names = [name for name in settings.speech.tts if name != PAGE]
    return [tts_chain.Member(name, _load_voice(name, settings, http)) for name in names]


def _load_recogniser(name: str, settings: Settings, http: aiohttp.ClientSession | None) -> AnySTT:
    service = DEEPGRAM if name == FLUX else name
    endpoint = _endpoint(service, settings)
    if endpoint is None:
        return load_named(
            "speech.stt",
            name,
            settings.speech,
            ours={},
            port=cast("type[AnySTT]", stt.STT),
            other_names=(PAGE, NOBODY, FLUX, *_names("stt_model", settings)),
        )
    # The services' plugins take a second to import: only who names one pays for it.
    if service == DEEPGRAM:
        from agent.providers.stt.deepgram import make_deepgram

        return make_deepgram(endpoint, name=name, http_session=http)
    _check_model("speech.stt", name, "stt_model", endpoint.stt_model, settings)
    from agent.providers.stt.openai import make_openai

    return make_openai(endpoint)


def _load_voice(name: str, settings: Settings, http: aiohttp.ClientSession | None) -> AnyTTS:
    endpoint = None if name in _TTS else _endpoint(name, settings)
    if endpoint is None:
        return load_named(
            "speech.tts",
            name,
            settings.speech,
            ours=_TTS,
            port=cast("type[AnyTTS]", tts.TTS),
            other_names=(PAGE, *_names("tts_model", settings)),
        )
    if name == DEEPGRAM:
        from agent.providers.tts.deepgram import make_deepgram_tts

        return make_deepgram_tts(endpoint, http)
    _check_model("speech.tts", name, "tts_model", endpoint.tts_model, settings)
    from agent.providers.tts.openai import OpenAITTS

    return OpenAITTS(endpoint)


def _endpoint(name: str, settings: Settings) -> Endpoint | None:
    return find_endpoint(name, settings.endpoints)


def _check_model(key: str, name: str, field: str, model: str, settings: Settings) -> None:
    if not model:
        raise SettingsInvalid(
            f"{key} names {name}, which has no {field}.",
            hint=f"Set endpoints.{name}.{field}, or name one that has: "
            f"{', '.join(_names(field, settings))}.",
        )


def _names(field: str, settings: Settings) -> tuple[str, ...]:
    """The endpoints that have a model of the kind."""
    known = {name: getattr(preset, field) for name, preset in PRESETS.items()}
    known |= {
        name: getattr(given, field) or known.get(name) for name, given in settings.endpoints.items()
    }
    return tuple(name for name, model in known.items() if model)
