"""Deepgram's and OpenAI's voices: the real plugins against servers that speak the wire protocol."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import aiohttp
import pytest
from livekit import rtc

from agent.providers.tts.attempt import Attempt, Member, VoiceFailed, try_member
from agent.providers.tts.deepgram import make_deepgram_tts
from agent.providers.tts.openai import OpenAITTS
from sessions.errors import ProviderUnavailable
from sessions.infra.endpoints import Endpoint
from tests.agent.providers.sound import loudness
from tests.emulators.deepgram_speak import run_deepgram_speak
from tests.emulators.openai_speech import Kind, run_openai_speech
from tests.emulators.voices import EmulatedVoice, Fault, spoken

pytestmark = pytest.mark.sockets

TEXT = "Tell me about a time when you disagreed with a colleague."
LIMIT_S = 5.0
SOON_S = 0.3


@dataclass(frozen=True)
class Service:
    voice: EmulatedVoice
    member: Member

    async def say(self, text: str = TEXT, *, limit_s: float = LIMIT_S) -> rtc.AudioFrame:
        attempt = Attempt(self.member, text, limit_s)
        return rtc.combine_audio_frames([frame async for frame in attempt.frames()])

    async def fail(self, *, limit_s: float = LIMIT_S) -> VoiceFailed:
        with pytest.raises(VoiceFailed) as failed:
            await self.say(limit_s=limit_s)
        return failed.value


@pytest.fixture(autouse=True)
def foreign_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What others set for programs of theirs is not sent to the server in the settings."""
    for name in ("DEEPGRAM_API_KEY", "OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "from-the-environment")


async def open_deepgram(stack: AsyncExitStack, *, api_key: str = "secret") -> Service:
    voice = await stack.enter_async_context(run_deepgram_speak())
    http = await stack.enter_async_context(aiohttp.ClientSession())
    endpoint = Endpoint(
        name="deepgram", base_url=voice.url, api_key=api_key, tts_model="aura-2-thalia-en"
    )
    tts = make_deepgram_tts(endpoint, http)
    stack.push_async_callback(tts.aclose)
    return Service(voice, Member("deepgram", tts))


async def open_openai(
    stack: AsyncExitStack, kind: Kind = Kind.OPENAI, *, api_key: str = "secret"
) -> Service:
    voice = await stack.enter_async_context(run_openai_speech(kind))
    endpoint = Endpoint(
        name="openai", base_url=voice.url, api_key=api_key, tts_model="a-model", voice="alloy"
    )
    tts = OpenAITTS(endpoint)
    stack.push_async_callback(tts.aclose)
    return Service(voice, Member("openai", tts))


@pytest.fixture
async def stack() -> AsyncGenerator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture(params=["deepgram", "openai", "plain"])
async def service(request: pytest.FixtureRequest, stack: AsyncExitStack) -> Service:
    if request.param == "deepgram":
        return await open_deepgram(stack)
    return await open_openai(stack, Kind.OPENAI if request.param == "openai" else Kind.PLAIN)


def length_s(text: str) -> float:
    return len(spoken(text, 24_000)) / 2 / 24_000


# -- what is asked for ---------------------------------------------------------------------------


async def test_deepgram_is_asked_for_raw_samples_with_the_endpoints_key(
    stack: AsyncExitStack,
) -> None:
    service = await open_deepgram(stack)
    await service.say()
    (request,) = service.voice.requests
    assert (request.text, request.key) == (TEXT, "Token secret")
    assert request.options["model"] == "aura-2-thalia-en"
    assert request.options["sample_rate"] == "24000"


async def test_openai_is_asked_with_the_endpoints_key_and_voice(stack: AsyncExitStack) -> None:
    service = await open_openai(stack)
    await service.say()
    (request,) = service.voice.requests
    assert (request.text, request.key) == (TEXT, "Bearer secret")
    assert request.options["voice"] == "alloy"
    assert request.options["model"] == "a-model"
    assert request.options["response_format"] == "pcm"


async def test_no_key_of_the_environment_is_sent_anywhere(stack: AsyncExitStack) -> None:
    for service in (await open_deepgram(stack, api_key=""), await open_openai(stack, api_key="")):
        await service.say()
        assert "environment" not in str(service.voice.requests)


# -- sound ---------------------------------------------------------------------------------------


async def test_the_sentence_comes_whole_at_24_khz(service: Service) -> None:
    frame = await service.say()
    assert (frame.sample_rate, frame.num_channels) == (24_000, 1)
    assert frame.duration == pytest.approx(length_s(TEXT), abs=0.02)
    assert loudness(frame.data.tobytes()) > 0.02


@pytest.mark.parametrize("kind", [Kind.WAV, Kind.MP3])
async def test_a_server_that_sends_another_format_is_understood(
    stack: AsyncExitStack, kind: Kind
) -> None:
    service = await open_openai(stack, kind)
    frame = await service.say()
    assert (frame.sample_rate, frame.num_channels) == (24_000, 1)
    assert frame.duration == pytest.approx(length_s(TEXT), abs=0.12)
    assert loudness(frame.data.tobytes()) > 0.02


async def test_a_trial_says_a_word_to_nobody(service: Service) -> None:
    assert 200 < await try_member(service.member, timeout_s=LIMIT_S) < 1_500
    assert service.voice.texts == ["Ready."]


# -- failures ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "status", "may_retry"),
    [
        (Fault.UNAUTHORIZED, 401, False),
        (Fault.TOO_MANY, 429, True),
        (Fault.BROKEN, 500, True),
    ],
)
async def test_a_refusal_names_its_status(
    service: Service, fault: Fault, status: int, may_retry: bool
) -> None:
    service.voice.fault = fault
    failure = await service.fail()
    assert str(status) in failure.reason
    assert failure.may_retry is may_retry
    assert len(service.voice.requests) == 1
    with pytest.raises(ProviderUnavailable, match=str(status)):
        await try_member(service.member, timeout_s=LIMIT_S)


@pytest.mark.parametrize(
    ("fault", "reason"), [(Fault.SLOW, "did not begin"), (Fault.STALL, "mid-sentence")]
)
async def test_a_service_that_takes_its_time_is_given_up(
    service: Service, fault: Fault, reason: str
) -> None:
    assert length_s(TEXT) > 1  # made by now, so that only the fault takes time
    service.voice.fault = fault
    failure = await service.fail(limit_s=SOON_S)
    assert reason in failure.reason
    assert failure.was_waited_for
    service.voice.go_on.set()
    service.voice.fault = Fault.NONE
    assert await service.say()


async def test_a_connection_cut_in_mid_sentence_leaves_the_rest(service: Service) -> None:
    service.voice.fault = Fault.CUT
    attempt = Attempt(service.member, TEXT, LIMIT_S)
    heard_s = 0.0
    with pytest.raises(VoiceFailed):
        async for frame in attempt.frames():
            heard_s += frame.duration
    assert heard_s == pytest.approx(length_s(TEXT) / 2, abs=0.15)
    rest = attempt.rest(length_s(TEXT) * 1000 / len(TEXT))
    assert TEXT.endswith(rest)
    assert 0.35 < len(rest) / len(TEXT) < 0.75


@pytest.mark.parametrize("fault", [Fault.EMPTY, Fault.CRACKLE, Fault.PAGE, Fault.NOISE])
async def test_garbage_is_a_failure_and_counts_as_nothing_said(
    service: Service, fault: Fault
) -> None:
    service.voice.fault = fault
    attempt = Attempt(service.member, TEXT, LIMIT_S)
    heard_ms = 0.0
    with pytest.raises(VoiceFailed):
        async for frame in attempt.frames():
            heard_ms += frame.duration * 1000
    assert attempt.rest(75.0) == TEXT
    assert heard_ms == 0 or fault is Fault.NOISE


async def test_a_server_that_is_not_there_is_a_failure(stack: AsyncExitStack) -> None:
    for make in (open_deepgram, open_openai):
        async with AsyncExitStack() as gone:
            service = await make(gone)
            url = service.voice.url
        http = await stack.enter_async_context(aiohttp.ClientSession())
        endpoint = Endpoint(name="gone", base_url=url, api_key="k", tts_model="m", voice="alloy")
        tts = make_deepgram_tts(endpoint, http) if make is open_deepgram else OpenAITTS(endpoint)
        stack.push_async_callback(tts.aclose)
        with pytest.raises(ProviderUnavailable):
            await try_member(Member("gone", tts), timeout_s=LIMIT_S)
