"""What the page's recogniser sent comes out as a stream's events."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from livekit.agents import stt

from agent.providers.stt.page import EARLY_LIMIT, INTERIM_LIMIT, PageSTT
from sessions.protocol import Speech
from tests.agent.providers.sound import frames_of

INTERIM = stt.SpeechEventType.INTERIM_TRANSCRIPT
FINAL = stt.SpeechEventType.FINAL_TRANSCRIPT


def speech(text: str, *, final: bool = False, confidence: float | None = None) -> Speech:
    return Speech(id="s1", final=final, text=text, start_ms=0, end_ms=0, confidence=confidence)


@asynccontextmanager
async def open_page() -> AsyncGenerator[PageSTT]:
    page = PageSTT()
    yield page
    await page.aclose()


async def rest_of(stream: stt.RecognizeStream) -> list[tuple[stt.SpeechEventType, str]]:
    stream.end_input()
    return [(event.type, event.alternatives[0].text) async for event in stream]


async def test_interims_and_finals_keep_their_times_and_confidence() -> None:
    async with open_page() as page:
        stream = page.stream()
        page.push(speech("I was"), 1.0, 1.5)
        page.push(speech("I was, um, on call", final=True, confidence=0.75), 1.0, 2.5)
        first, second = await anext(stream), await anext(stream)
        assert (first.type, second.type) == (INTERIM, FINAL)
        heard = second.alternatives[0]
        assert heard.text == "I was, um, on call"
        assert (heard.start_time, heard.end_time, heard.confidence) == (1.0, 2.5, 0.75)
        assert str(heard.language) == "en"
        assert second.request_id == "s1"
        assert first.alternatives[0].confidence == 0.0


async def test_results_from_before_the_stream_wait_for_it_up_to_a_limit() -> None:
    async with open_page() as page:
        for number in range(EARLY_LIMIT + 10):
            page.push(speech(f"{number}", final=True), 0, 1)
        texts = [text for _, text in await rest_of(page.stream())]
        assert texts == [f"{number}" for number in range(10, EARLY_LIMIT + 10)]


async def test_a_new_stream_goes_on_where_the_old_one_ended() -> None:
    async with open_page() as page:
        await page.stream().aclose()
        page.push(speech("between", final=True), 0, 1)
        stream = page.stream()
        page.push(speech("after", final=True), 1, 2)
        assert await rest_of(stream) == [(FINAL, "between"), (FINAL, "after")]


async def test_audio_is_ignored_at_any_rate() -> None:
    async with open_page() as page:
        stream = page.stream()
        for rate_hz in (16_000, 48_000):
            for frame in frames_of(bytes(rate_hz), rate_hz):
                stream.push_frame(frame)
        assert await rest_of(stream) == []
        with pytest.raises(RuntimeError, match="ended"):
            stream.push_frame(next(frames_of(bytes(640), 16_000)))


async def test_a_reader_that_does_not_keep_up_loses_interims_and_no_final() -> None:
    async with open_page() as page:
        stream = page.stream()
        for number in range(INTERIM_LIMIT + 50):
            page.push(speech(f"{number}"), 0, 1)
        page.push(speech("all of it", final=True), 0, 1)
        events = await rest_of(stream)
        assert len(events) == INTERIM_LIMIT + 1
        assert events[-1] == (FINAL, "all of it")


async def test_closing_ends_the_reader_and_later_results_are_dropped() -> None:
    page = PageSTT()
    stream = page.stream()
    await page.aclose()
    page.push(speech("too late", final=True), 0, 1)
    assert [event async for event in stream] == []
