"""Which provider a setting names: a name of ours, or a class path `package.module:Class`.

A class of a path is called with the SpeechSettings as its only argument. Providers report errors
by events that all their listeners get, so each room loads its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from livekit.agents import stt, tts, vad

from agent.class_path import load_named
from agent.providers.tts.espeak import EspeakTTS
from agent.providers.vad.silero import SileroVAD
from sessions.protocol import Recogniser
from sessions.settings import SpeechSettings

# livekit's TTS and STT are generic over further events of theirs, which nothing here looks at.
AnyTTS = tts.TTS[Any]
AnySTT = stt.STT[Any]

_TTS: Mapping[str, Callable[[SpeechSettings], AnyTTS]] = {"espeak": EspeakTTS}
_VAD: Mapping[str, Callable[[SpeechSettings], vad.VAD]] = {"silero": lambda _: SileroVAD()}
_WITHOUT_SERVER: Mapping[str, Recogniser] = {
    "browser": Recogniser.BROWSER,
    "none": Recogniser.NONE,
}


@dataclass(frozen=True, slots=True)
class LoadedSTT:
    """Who recognises speech. `stt` is set for SERVER alone; a room makes its own PageSTT."""

    recogniser: Recogniser
    name: str
    keeps_fillers: bool
    """Whether it writes "um" and "uh" down, so that they can be counted."""
    stt: AnySTT | None


def load_tts(speech: SpeechSettings) -> AnyTTS:
    """Raises SettingsInvalid."""
    port = cast("type[AnyTTS]", tts.TTS)
    return load_named("speech.tts", speech.tts, speech, ours=_TTS, port=port)


def load_vad(speech: SpeechSettings) -> vad.VAD:
    """Raises SettingsInvalid."""
    return load_named("speech.vad", speech.vad, speech, ours=_VAD, port=vad.VAD)


def load_stt(speech: SpeechSettings) -> LoadedSTT:
    """`keeps_fillers` is what the class's attribute of that name says. Raises SettingsInvalid."""
    if recogniser := _WITHOUT_SERVER.get(speech.stt):
        return LoadedSTT(recogniser, speech.stt, keeps_fillers=False, stt=None)
    made = load_named(
        "speech.stt",
        speech.stt,
        speech,
        ours={},
        port=cast("type[AnySTT]", stt.STT),
        other_names=tuple(_WITHOUT_SERVER),
    )
    keeps_fillers = getattr(made, "keeps_fillers", False) is True
    return LoadedSTT(Recogniser.SERVER, speech.stt, keeps_fillers, made)
