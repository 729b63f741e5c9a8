"""Providers by name or class path; a wrong setting is told with what would be right."""

from __future__ import annotations

import pytest
from livekit.agents import vad

from agent.providers.registry import LoadedSTT, load_stt, load_tts, load_vad
from agent.providers.stt.page import PageSTT
from agent.providers.tts.espeak import EspeakTTS
from agent.providers.vad.silero import SileroStream, SileroVAD
from sessions.errors import SettingsInvalid
from sessions.protocol import Recogniser
from sessions.settings import SpeechSettings

HERE = __name__


class OwnTTS(EspeakTTS):
    pass


class OwnVAD(vad.VAD):
    def __init__(self, speech: SpeechSettings) -> None:
        super().__init__(capabilities=vad.VADCapabilities(update_interval=0.1))
        self.speech = speech

    def stream(self) -> SileroStream:
        raise NotImplementedError


class OwnSTT(PageSTT):
    keeps_fillers = True

    def __init__(self, speech: SpeechSettings) -> None:
        super().__init__()
        self.speech = speech


class SilentAboutFillers(PageSTT):
    def __init__(self, _speech: SpeechSettings) -> None:
        super().__init__()


class NeedsKey(PageSTT):
    def __init__(self, _speech: SpeechSettings) -> None:
        raise ValueError("OWN_API_KEY is not set")


class NoProvider:
    def __init__(self, _speech: SpeechSettings) -> None:
        pass


def test_the_defaults_are_ours() -> None:
    speech = SpeechSettings()
    assert isinstance(load_tts(speech), EspeakTTS)
    assert isinstance(load_vad(speech), SileroVAD)
    assert load_stt(speech) == LoadedSTT(Recogniser.BROWSER, "browser", False, None)


def test_without_a_recogniser_the_candidate_types() -> None:
    loaded = load_stt(SpeechSettings(stt="none"))
    assert loaded == LoadedSTT(Recogniser.NONE, "none", False, None)


def test_a_class_path_is_called_with_the_settings() -> None:
    speech = SpeechSettings(
        tts=f"{HERE}:OwnTTS", vad=f"{HERE}:OwnVAD", stt=f"{HERE}:OwnSTT", words_per_minute=99
    )
    own_vad = load_vad(speech)
    assert isinstance(own_vad, OwnVAD)
    assert own_vad.speech.words_per_minute == 99
    assert isinstance(load_tts(speech), OwnTTS)
    loaded = load_stt(speech)
    assert isinstance(loaded.stt, OwnSTT)
    assert (loaded.recogniser, loaded.name, loaded.keeps_fillers) == (
        Recogniser.SERVER,
        f"{HERE}:OwnSTT",
        True,
    )


def test_a_recogniser_keeps_no_fillers_unless_it_says_so() -> None:
    assert not load_stt(SpeechSettings(stt=f"{HERE}:SilentAboutFillers")).keeps_fillers


def refused(speech: SpeechSettings) -> SettingsInvalid:
    loaders = (load_tts, load_stt, load_vad)
    errors: list[SettingsInvalid] = []
    for load in loaders:
        try:
            load(speech)
        except SettingsInvalid as exc:
            errors.append(exc)
    (error,) = errors
    return error


@pytest.mark.parametrize(
    ("speech", "nearest"),
    [
        (SpeechSettings(tts="espeek"), "Did you mean espeak?"),
        (SpeechSettings(stt="browzer"), "Did you mean browser?"),
        (SpeechSettings(vad="silerro"), "Did you mean silero?"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(speech: SpeechSettings, nearest: str) -> None:
    error = refused(speech)
    assert nearest in error.hint
    assert "package.module:Class" in error.hint


def test_an_unknown_name_is_answered_with_all_names() -> None:
    error = refused(SpeechSettings(stt="deepgram"))
    assert "'deepgram'" in error.message
    assert "browser, none" in error.hint
    assert "Did you mean" not in error.hint


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("no_such_package.speech:Voice", "ModuleNotFoundError"),
        (f"{HERE}:Missing", "has no class Missing"),
        (f"{HERE}:", "has no class"),
        (":OwnTTS", "cannot be imported"),
        (f"{HERE}:HERE", "has no class HERE"),
        (f"{HERE}:NeedsKey", "OWN_API_KEY is not set"),
        (f"{HERE}:NoProvider", "which is no livekit.agents.tts.tts.TTS"),
        (f"{HERE}:OwnSTT", "which is no livekit.agents.tts.tts.TTS"),
    ],
)
def test_a_class_path_that_leads_nowhere_says_why(path: str, reason: str) -> None:
    error = refused(SpeechSettings(tts=path))
    assert reason in error.message
    assert "speech.tts" in error.message
