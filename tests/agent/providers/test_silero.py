"""Our VAD against the stock one, on the same speech with pauses."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest
from livekit import rtc
from livekit.agents import inference, vad

from agent.providers.vad.silero import RESULTS_LIMIT, SileroVAD
from tests.agent.providers.sound import frames_of, loudness
from tests.support.speech import SpokenPart, speak_samples

START, RESULT, END = (
    vad.VADEventType.START_OF_SPEECH,
    vad.VADEventType.INFERENCE_DONE,
    vad.VADEventType.END_OF_SPEECH,
)
PARTS = ["I was, um, on call.", 1.2, "You know, the database was slow.", 0.7, "I see.", 1.5]


def speech(rate_hz: int) -> tuple[list[rtc.AudioFrame], list[SpokenPart]]:
    pcm, spoken = speak_samples(PARTS, rate_hz, words_per_minute=165)
    return list(frames_of(pcm, rate_hz)), spoken


async def heard_by(detector: vad.VAD, frames: Iterable[rtc.AudioFrame]) -> list[vad.VADEvent]:
    stream = detector.stream()
    for frame in frames:
        stream.push_frame(frame)
    stream.end_input()
    events = [event async for event in stream]
    await stream.aclose()
    return events


def turns(events: list[vad.VADEvent]) -> list[vad.VADEvent]:
    return [event for event in events if event.type is not RESULT]


def results_in(events: list[vad.VADEvent]) -> list[vad.VADEvent]:
    return [event for event in events if event.type is RESULT]


def check_alike(mine: vad.VADEvent, theirs: vad.VADEvent) -> None:
    """To two windows."""
    for mine_s, theirs_s in (
        (mine.timestamp, theirs.timestamp),
        (mine.speech_duration, theirs.speech_duration),
        (mine.silence_duration, theirs.silence_duration),
        (mine.raw_accumulated_speech, theirs.raw_accumulated_speech),
        (mine.raw_accumulated_silence, theirs.raw_accumulated_silence),
    ):
        assert mine_s == pytest.approx(theirs_s, abs=0.064)


@pytest.mark.parametrize("rate_hz", [16_000, 24_000, 48_000])
async def test_it_hears_what_the_stock_one_hears(rate_hz: int) -> None:
    frames, _ = speech(rate_hz)
    ours = await heard_by(SileroVAD(), frames)
    stock = await heard_by(inference.VAD(model="silero"), frames)
    assert [event.type for event in turns(ours)] == [event.type for event in turns(stock)]
    assert len(ours) == len(stock)
    assert sum(event.type is START for event in ours) >= 3
    for mine, theirs in zip(turns(ours), turns(stock), strict=True):
        check_alike(mine, theirs)
    results = list(zip(results_in(ours), results_in(stock), strict=True))
    unlike = sum(mine.speaking != theirs.speaking for mine, theirs in results)
    # A window whose probability lies on the threshold may fall to either side of it.
    assert unlike <= len(turns(ours))


async def test_starts_and_ends_lie_at_the_speech() -> None:
    frames, spoken = speech(48_000)
    events = turns(await heard_by(SileroVAD(min_silence_s=0.4), frames))
    assert [event.type for event in events] == [START, END] * 3
    for part, start, end in zip(spoken, events[::2], events[1::2], strict=True):
        assert start.timestamp - start.speech_duration == pytest.approx(part.start_s, abs=0.15)
        assert end.timestamp - end.silence_duration == pytest.approx(part.end_s, abs=0.2)
        assert end.silence_duration == pytest.approx(0.4, abs=0.033)


async def test_a_start_carries_the_speech_so_far_and_its_padding_and_no_more() -> None:
    frames, _ = speech(48_000)
    start = turns(await heard_by(SileroVAD(prefix_padding_s=0.3, min_speech_s=0.1), frames))[2]
    (frame,) = start.frames
    assert frame.sample_rate == 48_000
    assert 0.35 <= frame.duration <= 0.55
    half = len(frame.data) // 2
    assert loudness(frame.data[half:].tobytes()) > loudness(frame.data[:half].tobytes())


async def test_a_flush_forgets_an_open_speech() -> None:
    frames, spoken = speech(16_000)
    middle = round((spoken[1].start_s + 0.8) / 0.02)
    stream = SileroVAD().stream()
    for frame in frames[:middle]:
        stream.push_frame(frame)
    stream.flush()
    for frame in frames[middle:]:
        stream.push_frame(frame)
    stream.end_input()
    events = turns([event async for event in stream])
    starts = [event for event in events if event.type is START]
    assert any(first.type is second.type is START for first, second in pairwise(events))
    assert starts[-1].timestamp < spoken[-1].end_s


async def test_a_reader_that_is_away_costs_no_more_than_a_limit() -> None:
    frames, _ = speech(16_000)
    stream = SileroVAD().stream()
    for _ in range(4):
        for frame in frames:
            stream.push_frame(frame)
    stream.end_input()
    events = [event async for event in stream]
    assert sum(event.type is RESULT for event in events) <= RESULTS_LIMIT
    assert sum(event.type is START for event in events) >= 12


async def test_a_frame_of_another_rate_is_dropped() -> None:
    frames, _ = speech(16_000)
    stream = SileroVAD().stream()
    for frame in frames:
        stream.push_frame(frame)
        stream.push_frame(next(frames_of(bytes(1920), 48_000)))
    stream.end_input()
    events = [event async for event in stream]
    assert [event.type for event in events] == [
        event.type for event in await heard_by(SileroVAD(), frames)
    ]


async def test_after_its_end_it_takes_nothing() -> None:
    stream = SileroVAD().stream()
    await stream.aclose()
    with pytest.raises(RuntimeError, match="ended"):
        stream.push_frame(next(frames_of(bytes(640), 16_000)))
    assert [event async for event in stream] == []


@pytest.mark.parametrize(("activation", "deactivation"), [(0.5, 0.6), (0.5, 0.0), (1.1, 0.5)])
def test_thresholds_that_make_no_sense_are_refused(activation: float, deactivation: float) -> None:
    with pytest.raises(ValueError, match="activation"):
        SileroVAD(activation=activation, deactivation=deactivation)
