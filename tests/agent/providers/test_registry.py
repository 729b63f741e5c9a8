"""Providers by name or class path; a wrong setting is told with what would be right."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from livekit.agents import vad
from pydantic import SecretStr

from agent.providers.registry import load_recognisers, load_vad, load_voices
from agent.providers.stt.page import PageSTT
from agent.providers.tts.espeak import EspeakTTS
from agent.providers.vad.silero import SileroStream, SileroVAD
from sessions.errors import SettingsInvalid
from sessions.settings import EndpointSettings, Settings, SpeechSettings

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


class NeedsKey(PageSTT):
    def __init__(self, _speech: SpeechSettings) -> None:
        raise ValueError("OWN_API_KEY is not set")


class NoProvider:
    def __init__(self, _speech: SpeechSettings) -> None:
        pass


def of(speech: SpeechSettings, **endpoints: EndpointSettings) -> Settings:
    return Settings(speech=speech, endpoints=endpoints)


def test_the_defaults_are_ours() -> None:
    settings = Settings()
    (voice,) = load_voices(settings)
    assert isinstance(voice.tts, EspeakTTS)
    assert isinstance(load_vad(settings.speech), SileroVAD)
    assert load_recognisers(settings) == [], "the page recognises"


def test_the_page_and_nobody_are_no_providers_of_the_server() -> None:
    speech = SpeechSettings(stt=["browser", "none"], tts=["browser", "espeak"])
    assert load_recognisers(of(speech)) == []
    assert [member.name for member in load_voices(of(speech))] == ["espeak"]


def test_a_class_path_is_called_with_the_settings() -> None:
    speech = SpeechSettings(
        tts=[f"{HERE}:OwnTTS"], vad=f"{HERE}:OwnVAD", stt=[f"{HERE}:OwnSTT"], words_per_minute=99
    )
    own_vad = load_vad(speech)
    assert isinstance(own_vad, OwnVAD)
    assert own_vad.speech.words_per_minute == 99
    (voice,) = load_voices(of(speech))
    assert isinstance(voice.tts, OwnTTS)
    (recogniser,) = load_recognisers(of(speech))
    assert isinstance(recogniser.stt, OwnSTT)
    assert recogniser.name == f"{HERE}:OwnSTT"


def test_services_are_loaded_in_their_order() -> None:
    key = SecretStr("key")
    settings = of(
        SpeechSettings(
            stt=["deepgram-flux", "deepgram", "mine", "browser"],
            tts=["deepgram", "openai", "espeak"],
        ),
        deepgram=EndpointSettings(api_key=key),
        openai=EndpointSettings(api_key=key),
        mine=EndpointSettings(base_url="http://localhost:9/v1", stt_model="whisper-1"),
    )
    assert [member.name for member in load_recognisers(settings)] == [
        "deepgram-flux",
        "deepgram",
        "mine",
    ]
    assert [member.name for member in load_voices(settings)] == ["deepgram", "openai", "espeak"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (of(SpeechSettings(stt=["deepgram"])), "The endpoint deepgram needs a key."),
        (of(SpeechSettings(tts=["openai"])), "The endpoint openai needs a key."),
        (of(SpeechSettings(stt=["ollama"])), "speech.stt names ollama, which has no stt_model."),
        (of(SpeechSettings(tts=["groq"]), groq=EndpointSettings(api_key=SecretStr("key"))),
         "speech.tts names groq, which has no tts_model."),
        (of(SpeechSettings(stt=["mine"]), mine=EndpointSettings(stt_model="x")),
         "The endpoint mine has no address."),
    ],
)  # fmt: skip
def test_a_service_that_cannot_be_used_says_what_is_missing(
    settings: Settings, message: str
) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load_recognisers(settings)
        load_voices(settings)
    assert caught.value.message == message
    assert caught.value.hint


def refused(speech: SpeechSettings) -> SettingsInvalid:
    loaders: tuple[Callable[[], object], ...] = (
        lambda: load_voices(of(speech)),
        lambda: load_recognisers(of(speech)),
        lambda: load_vad(speech),
    )
    errors: list[SettingsInvalid] = []
    for load in loaders:
        try:
            load()
        except SettingsInvalid as exc:
            errors.append(exc)
    (error,) = errors
    return error


@pytest.mark.parametrize(
    ("speech", "nearest"),
    [
        (SpeechSettings(tts=["espeek"]), "Did you mean espeak?"),
        (SpeechSettings(stt=["browzer"]), "Did you mean browser?"),
        (SpeechSettings(vad="silerro"), "Did you mean silero?"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(speech: SpeechSettings, nearest: str) -> None:
    error = refused(speech)
    assert nearest in error.hint
    assert "package.module:Class" in error.hint


def test_an_unknown_name_is_answered_with_all_names() -> None:
    error = refused(SpeechSettings(stt=["xyzzy"]))
    assert "'xyzzy'" in error.message
    assert "browser, none, deepgram-flux, deepgram, openai" in error.hint
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
    error = refused(SpeechSettings(tts=[path]))
    assert reason in error.message
    assert "speech.tts" in error.message
