"""Segments by the VAD's word, with a recogniser that says how long what it was given is."""

from __future__ import annotations

import asyncio
from typing import Never

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import APIConnectOptions, APIError, LanguageCode, stt, utils
from livekit.agents.types import NOT_GIVEN, NotGivenOr

from agent.providers.stt.segmented import SegmentedStream, SegmentedSTT, SpeechBounded

RATE_HZ = 16_000
FRAME_S = 0.04


class Ruler(stt.STT[Never]):
    """`answers`: an exception is raised, an event is waited for."""

    keeps_fillers = True

    def __init__(self, *answers: Exception | asyncio.Event) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=False, interim_results=False))
        self.answers = list(answers)
        self.lengths_s: list[float] = []

    async def _recognize_impl(
        self,
        buffer: utils.AudioBuffer,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions,
    ) -> stt.SpeechEvent:
        length_s = rtc.combine_audio_frames(buffer).duration
        self.lengths_s.append(round(length_s, 2))
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        if answer is not None:
            await answer.wait()
        data = stt.SpeechData(language=LanguageCode("en"), text=f"{length_s:.1f}")
        return stt.SpeechEvent(stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=[data])


def open_stream(ruler: Ruler, *, timeout_s: float = 5) -> SegmentedStream:
    options = APIConnectOptions(max_retry=0, timeout=timeout_s)
    return SegmentedSTT(ruler).stream(conn_options=options)


def push(stream: SegmentedStream, seconds: float, loudness: int = 3_000) -> None:
    samples = round(FRAME_S * RATE_HZ)
    tone = (np.sin(np.arange(samples)) * loudness).astype(np.int16).tobytes()
    for _ in range(round(seconds / FRAME_S)):
        stream.push_frame(rtc.AudioFrame(tone, RATE_HZ, 1, samples))


async def heard(stream: SegmentedStream) -> list[stt.SpeechData]:
    final = stt.SpeechEventType.FINAL_TRANSCRIPT
    async with asyncio.timeout(10):
        said = [event.alternatives[0] async for event in stream if event.type is final]
    await stream.aclose()
    return said


async def test_a_segment_has_half_a_second_from_before_it() -> None:
    ruler = Ruler()
    stream = open_stream(ruler)
    assert isinstance(stream, SpeechBounded)
    push(stream, 2.0, 0)
    push(stream, 0.12)
    stream.note_speech(True)
    push(stream, 1.0)
    push(stream, 0.28, 0)
    stream.note_speech(False)
    push(stream, 3.0, 0)
    stream.end_input()
    (data,) = await heard(stream)
    assert ruler.lengths_s == [pytest.approx(0.52 + 1.28, abs=FRAME_S)]
    assert data.start_time == pytest.approx(2.0, abs=0.02)
    assert data.end_time == pytest.approx(3.12, abs=0.02)


async def test_speech_that_never_pauses_is_cut_at_its_dips() -> None:
    ruler = Ruler()
    stream = open_stream(ruler)
    stream.note_speech(True)
    for _ in range(3):
        push(stream, 22.0)
        push(stream, 0.2, 200)
    push(stream, 4.0)
    stream.note_speech(False)
    stream.end_input()
    said = await heard(stream)
    assert ruler.lengths_s == [
        pytest.approx(length, abs=0.15) for length in (22.1, 22.2, 22.2, 4.1)
    ]
    assert sum(ruler.lengths_s) == pytest.approx(70.6, abs=0.05)
    starts = [data.start_time for data in said]
    assert starts == [pytest.approx(start, abs=0.25) for start in (0, 22.1, 44.3, 66.5)]


async def test_half_an_hour_without_any_dip_is_heard_in_pieces_of_bounded_length() -> None:
    ruler = Ruler()
    stream = open_stream(ruler)
    stream.note_speech(True)
    for _ in range(60):
        push(stream, 30.0)
        for _ in range(20):
            await asyncio.sleep(0)  # as real time would let the requests go
    stream.end_input()
    await heard(stream)
    assert max(ruler.lengths_s) <= 25.0
    assert sum(ruler.lengths_s) == pytest.approx(1_800, abs=1)


async def test_the_end_of_the_input_ends_open_speech() -> None:
    stream = open_stream(Ruler())
    stream.note_speech(True)
    push(stream, 1.0)
    stream.end_input()
    assert [data.text for data in await heard(stream)] == ["1.0"]


async def test_no_speech_is_no_request() -> None:
    ruler = Ruler()
    stream = open_stream(ruler)
    push(stream, 5.0)
    stream.note_speech(False)
    stream.end_input()
    assert await heard(stream) == []
    assert ruler.lengths_s == []


async def test_a_failed_request_fails_the_stream_and_leaves_no_other_behind() -> None:
    stream = open_stream(Ruler(APIError("quota exceeded", retryable=False), asyncio.Event()))
    for _ in range(3):
        stream.note_speech(True)
        push(stream, 1.0)
        stream.note_speech(False)
    with pytest.raises(APIError, match="quota exceeded"):
        await heard(stream)
    await stream.aclose()


async def test_an_answer_that_takes_too_long_is_a_failure() -> None:
    stream = open_stream(Ruler(asyncio.Event()), timeout_s=0.02)
    stream.note_speech(True)
    push(stream, 0.08)
    stream.note_speech(False)
    with pytest.raises(APIError, match="no answer"):
        await heard(stream)
    await stream.aclose()


async def test_a_service_that_does_not_keep_up_fails_instead_of_hoarding() -> None:
    never = asyncio.Event()
    stream = open_stream(Ruler(never, never))
    for _ in range(12):
        stream.note_speech(True)
        push(stream, 0.4)
        stream.note_speech(False)
    never.set()
    with pytest.raises(APIError, match="keep up"):
        await heard(stream)
    await stream.aclose()


async def test_a_closed_stream_leaves_no_request() -> None:
    stream = open_stream(Ruler(asyncio.Event()))
    stream.note_speech(True)
    push(stream, 1.0)
    stream.note_speech(False)
    await asyncio.sleep(0)
    await stream.aclose()
