"""Deepgram by livekit's plugin, against a server on loopback that speaks its protocol."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from typing import Any

import aiohttp
import pytest
from livekit.agents import APIConnectOptions, APIError, APIStatusError, stt

from agent.providers.stt.deepgram import FLUX, NOVA, make_deepgram
from sessions.infra.endpoints import Endpoint
from tests.agent.providers.sound import frames_of
from tests.emulators.deepgram_listen import KEY, DeepgramListen, Fault, run_deepgram
from tests.support.speech import speak_samples

pytestmark = pytest.mark.sockets

RATE_HZ = 16_000
LINES = "Um, I was on call, | and the database was slow\nI do not know"
SPOKEN: list[str | float] = ["Um, I was on call,", 1.0, "and the database was slow."]
FINAL = stt.SpeechEventType.FINAL_TRANSCRIPT
INTERIM = stt.SpeechEventType.INTERIM_TRANSCRIPT
ONCE = APIConnectOptions(max_retry=0, timeout=5)


@pytest.fixture
async def deepgram() -> AsyncGenerator[DeepgramListen]:
    async with run_deepgram(LINES) as emulator:
        yield emulator


@pytest.fixture
async def http() -> AsyncGenerator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def endpoint(deepgram: DeepgramListen, *, key: str = KEY, model: str = "nova-3") -> Endpoint:
    return Endpoint(name="deepgram", base_url=deepgram.base_url, api_key=key, stt_model=model)


async def heard_by(recogniser: stt.STT[Any], pcm: bytes) -> list[stt.SpeechEvent]:
    async with recogniser.stream(conn_options=ONCE) as stream:
        for frame in frames_of(pcm, RATE_HZ):
            stream.push_frame(frame)
        stream.end_input()
        async with asyncio.timeout(20):
            return [event async for event in stream]


def finals(events: list[stt.SpeechEvent]) -> list[stt.SpeechData]:
    return [event.alternatives[0] for event in events if event.type is FINAL]


def plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z']+", text.lower()))


async def test_nova_writes_fillers_down_and_times_its_words(
    deepgram: DeepgramListen, http: aiohttp.ClientSession
) -> None:
    recogniser = make_deepgram(endpoint(deepgram), http_session=http)
    assert (recogniser.keeps_fillers, recogniser.model) == (True, "nova-3")
    pcm, spoken = speak_samples(SPOKEN, RATE_HZ)
    events = await heard_by(recogniser, pcm)
    said = finals(events)
    assert [plain(data.text) for data in said] == ["um i was on call", "and the database was slow"]
    assert any(event.type is INTERIM for event in events)
    for part, data in zip(spoken, said, strict=True):
        assert data.words is not None
        assert data.words[0].start_time == pytest.approx(part.start_s, abs=0.25)
        assert data.words[-1].end_time == pytest.approx(part.end_s, abs=0.25)


async def test_nova_is_asked_for_what_an_interview_needs(
    deepgram: DeepgramListen, http: aiohttp.ClientSession
) -> None:
    await heard_by(make_deepgram(endpoint(deepgram), http_session=http), bytes(RATE_HZ))
    (connection,) = deepgram.connections
    wanted = {
        "model": "nova-3",
        "filler_words": "true",
        "interim_results": "true",
        "punctuate": "true",
        "smart_format": "false",
        "encoding": "linear16",
        "sample_rate": "16000",
    }
    assert wanted.items() <= connection.query.items()
    assert int(connection.query["endpointing"]) <= 50
    assert connection.controls[-1] == "CloseStream"


@pytest.mark.parametrize("gives_word_times", [True, False])
async def test_flux_hears_turns_without_fillers(
    deepgram: DeepgramListen, http: aiohttp.ClientSession, gives_word_times: bool
) -> None:
    deepgram.gives_word_times = gives_word_times
    recogniser = make_deepgram(endpoint(deepgram), name=FLUX, http_session=http)
    assert (recogniser.keeps_fillers, recogniser.model) == (False, "flux-general-en")
    pcm, spoken = speak_samples(SPOKEN, RATE_HZ)
    said = finals(await heard_by(recogniser, pcm))
    assert [plain(data.text) for data in said] == ["i was on call", "and the database was slow"]
    assert [connection.path for connection in deepgram.connections] == ["/v2/listen"]
    assert said[1].start_time == pytest.approx(spoken[1].start_s, abs=0.25)
    assert said[1].end_time == pytest.approx(spoken[1].end_s, abs=0.25)


@pytest.mark.parametrize("name", [NOVA, FLUX])
@pytest.mark.parametrize("status", [429, 500])
async def test_a_refusal_is_raised_with_its_status(
    deepgram: DeepgramListen, http: aiohttp.ClientSession, name: str, status: int
) -> None:
    deepgram.faults.append(Fault(status=status))
    recogniser = make_deepgram(endpoint(deepgram), name=name, http_session=http)
    with pytest.raises(APIStatusError) as caught:
        await heard_by(recogniser, bytes(RATE_HZ))
    assert (caught.value.status_code, caught.value.retryable) == (status, True)


async def test_a_wrong_key_is_not_tried_again(
    deepgram: DeepgramListen, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPGRAM_API_KEY", KEY)  # that of the process is never used
    recogniser = make_deepgram(endpoint(deepgram, key=""), http_session=http)
    with pytest.raises(APIStatusError) as caught:
        await heard_by(recogniser, bytes(RATE_HZ))
    assert (caught.value.status_code, caught.value.retryable) == (401, False)


async def test_a_server_that_does_not_answer_the_handshake_is_given_up(
    deepgram: DeepgramListen, http: aiohttp.ClientSession
) -> None:
    connects = asyncio.Event()
    deepgram.faults.append(Fault(connects=connects))
    recogniser = make_deepgram(endpoint(deepgram), http_session=http)
    options = APIConnectOptions(max_retry=0, timeout=0.1)
    async with recogniser.stream(conn_options=options) as stream:
        with pytest.raises(APIError):
            await anext(stream)
    connects.set()
