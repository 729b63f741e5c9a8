"""Transcription by OpenAI's API, by livekit's plugin, against a server on loopback."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from livekit.agents import APIConnectOptions, APIError, APIStatusError, stt

from agent.providers.stt.openai import make_openai
from agent.providers.stt.segmented import SegmentedStream
from sessions.infra.endpoints import Endpoint
from tests.agent.providers.sound import frames_of
from tests.emulators.openai_transcription import (
    KEY,
    Fault,
    OpenAITranscription,
    run_transcription,
)
from tests.support.speech import SpokenPart, speak_samples

pytestmark = pytest.mark.sockets

RATE_HZ = 16_000
LINES = "Um, I was on call, | and the database was slow\nI do not know"
SPOKEN: list[str | float] = [0.8, "Um, I was on call,", 1.2, "and the database was slow.", 1.0]
SAID = ["i was on call", "and the database was slow"]
FINAL = stt.SpeechEventType.FINAL_TRANSCRIPT
USAGE = stt.SpeechEventType.RECOGNITION_USAGE
ONCE = APIConnectOptions(max_retry=0, timeout=5)


@pytest.fixture
async def service() -> AsyncGenerator[OpenAITranscription]:
    async with run_transcription(LINES) as emulator:
        yield emulator


@asynccontextmanager
async def hearing(
    service: OpenAITranscription, *, model: str = "whisper-1", key: str = KEY
) -> AsyncGenerator[SegmentedStream]:
    endpoint = Endpoint(name="openai", base_url=service.base_url, api_key=key, stt_model=model)
    recogniser = make_openai(endpoint)
    assert (recogniser.keeps_fillers, recogniser.model) == (False, model)
    stream = recogniser.stream(conn_options=ONCE)
    async with stream:
        yield stream
    await recogniser.aclose()


def push(stream: SegmentedStream, pcm: bytes, spoken: list[SpokenPart]) -> None:
    """As a room does: the VAD notes speech a little late, and its end later still."""
    notes = [
        (at_s, on) for p in spoken for at_s, on in ((p.start_s + 0.1, True), (p.end_s + 0.3, False))
    ]
    position_s = 0.0
    for frame in frames_of(pcm, RATE_HZ):
        stream.push_frame(frame)
        position_s += frame.duration
        while notes and notes[0][0] <= position_s:
            stream.note_speech(notes.pop(0)[1])
    stream.end_input()


async def finals(stream: stt.RecognizeStream) -> list[stt.SpeechData]:
    async with asyncio.timeout(20):
        return [event.alternatives[0] async for event in stream if event.type is FINAL]


def plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z']+", text.lower()))


async def test_whisper_is_asked_for_the_times_of_words(service: OpenAITranscription) -> None:
    pcm, spoken = speak_samples(SPOKEN, RATE_HZ)
    async with hearing(service) as stream:
        push(stream, pcm, spoken)
        said = await finals(stream)
    assert [plain(data.text) for data in said] == SAID
    for part, data in zip(spoken, said, strict=True):
        assert data.words is not None
        assert [str(word) for word in data.words] == plain(data.text).split()
        assert data.words[-1].end_time == pytest.approx(part.end_s, abs=0.25)
        assert data.end_time == data.words[-1].end_time
    assert said[1].start_time == pytest.approx(spoken[1].start_s, abs=0.25)
    assert [request.fields["response_format"] for request in service.requests] == [
        "verbose_json"
    ] * 2


@pytest.mark.parametrize("model", ["gpt-4o-mini-transcribe", "whisper-of-a-plain-server"])
async def test_without_times_of_words_the_sound_says_where_the_utterance_is(
    service: OpenAITranscription, model: str
) -> None:
    service.gives_words = False
    pcm, spoken = speak_samples(SPOKEN, RATE_HZ)
    async with hearing(service, model=model) as stream:
        push(stream, pcm, spoken)
        said = await finals(stream)
    assert [plain(data.text) for data in said] == SAID
    for part, data in zip(spoken, said, strict=True):
        assert data.words is None
        assert data.start_time == pytest.approx(part.start_s, abs=0.1)
        assert data.end_time == pytest.approx(part.end_s, abs=0.1)


async def test_silence_is_not_sent(service: OpenAITranscription) -> None:
    pcm, spoken = speak_samples(SPOKEN, RATE_HZ)
    async with hearing(service) as stream:
        push(stream, pcm, spoken)
        async with asyncio.timeout(20):
            usage = [event.recognition_usage async for event in stream if event.type is USAGE]
    speech_s = sum(part.end_s - part.start_s for part in spoken)
    sent_s = sum(request.audio_s for request in service.requests)
    assert speech_s < sent_s < speech_s + 2 * (0.5 + 0.4)
    assert sum(one.audio_duration for one in usage if one) == pytest.approx(sent_s, abs=0.01)


async def test_answers_that_overtake_each_other_are_put_in_order(
    service: OpenAITranscription,
) -> None:
    slow = asyncio.Event()
    service.faults.append(Fault(answers=slow))
    pcm, spoken = speak_samples([*SPOKEN, "I do not know."], RATE_HZ)
    async with hearing(service) as stream:
        push(stream, pcm, spoken)
        async with asyncio.timeout(20):
            while len(service.requests) < 2:  # noqa: ASYNC110 -- the server sets no event
                await asyncio.sleep(0.01)
        slow.set()
        said = await finals(stream)
    assert [plain(data.text) for data in said] == [*SAID, "i do not know"]
    assert service.most_under_way == 2


@pytest.mark.parametrize("status", [401, 429, 500])
async def test_a_refusal_is_raised_with_its_status(
    service: OpenAITranscription, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)  # that of the process is never used
    if status != 401:
        service.faults.append(Fault(status=status))
    pcm, spoken = speak_samples(SPOKEN, RATE_HZ)
    async with hearing(service, key="" if status == 401 else KEY) as stream:
        push(stream, pcm, spoken)
        with pytest.raises(APIStatusError) as caught:
            await finals(stream)
    assert (caught.value.status_code, caught.value.retryable) == (status, status != 401)


@pytest.mark.parametrize("model", ["whisper-1", "gpt-4o-mini-transcribe"])
@pytest.mark.parametrize(
    "fault", [Fault(is_cut=True), Fault(is_garbage=True)], ids=["cut", "garbage"]
)
async def test_no_answer_or_one_of_no_form_is_a_failure(
    service: OpenAITranscription, model: str, fault: Fault
) -> None:
    service.faults.append(fault)
    pcm, spoken = speak_samples(SPOKEN, RATE_HZ)
    async with hearing(service, model=model) as stream:
        push(stream, pcm, spoken)
        with pytest.raises(APIError):
            await finals(stream)
