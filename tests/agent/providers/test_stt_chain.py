"""Recognisers in order of fallback, scripted: who listens when, and to what."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from livekit import rtc

from agent.providers.stt import chain as chain_module
from agent.providers.stt.chain import Reel
from tests.agent.providers.scripted_stt import (
    DROPPED,
    FRAME_S,
    RATE_HZ,
    REFUSED,
    TIMEOUT_S,
    Room,
    pair,
    until,
)


@pytest.fixture(autouse=True)
def quick_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain_module, "WATCH_EVERY_S", 0.01)
    monkeypatch.setattr(chain_module, "POLL_EVERY_S", 0.01)


async def test_times_and_results_pass_through() -> None:
    room, (a, _, members) = Room(), pair()
    async with room.listening(*members) as stream:
        room.push(stream, 3)
        a.streams[0].say("hello there", 0.5)
        await until(lambda: room.said == ["hello there"])
    (data,) = room.finals
    assert data.words is not None
    assert [word.start_time for word in data.words] == [0.5, 1.5]
    assert room.switches == []


async def test_a_dead_one_is_passed_over_and_all_its_audio_heard_by_the_next() -> None:
    room, (_, b, members) = Room(), pair(REFUSED)
    async with room.listening(*members) as stream:
        room.push(stream, 2)
        await until(lambda: room.path == [("a", "b")])
        room.push(stream, 1)
        assert (b.streams[0].heard_from_s, b.streams[0].heard_s) == (0.0, pytest.approx(3))
    assert room.switches[0][2] == "the key is refused"
    assert not room.health.is_well("stt", "a")
    assert [used.provider for used in room.used] == ["b"]


async def test_the_next_hears_again_what_was_not_final_with_its_times_kept() -> None:
    room, (a, b, members) = Room(), pair()
    async with room.listening(*members) as stream:
        room.push(stream, 6)
        a.streams[0].say("one two", 1)
        a.streams[0].say("three", 4, is_final=False)
        await until(lambda: len(room.events) == 2)
        a.streams[0].die(REFUSED)
        await until(lambda: bool(b.streams))
        room.push(stream, 1)
        again = b.streams[0]
        assert (again.heard_from_s, again.heard_s) == (pytest.approx(3), pytest.approx(4))
        again.say("three four", 1)
        await until(lambda: room.said == ["one two", "three four"])
    assert room.finals[1].words is not None
    assert [word.start_time for word in room.finals[1].words] == pytest.approx([4, 5])
    assert [round(used.audio_ms, -2) for used in room.used] == [6_000, 4_000]


async def test_a_connection_that_worked_is_tried_once_more_before_the_next() -> None:
    room, (a, b, members) = Room(), pair()
    async with room.listening(*members) as stream:
        room.push(stream, 2)
        a.streams[0].say("one", 0)
        await until(lambda: room.said == ["one"])
        a.dies.append(DROPPED)
        a.streams[0].die(DROPPED)
        await until(lambda: bool(b.streams))
        assert b.streams[0].heard_from_s == pytest.approx(1)
    assert len(a.streams) == 2
    assert room.path == [("a", "b")]


async def test_audio_that_breaks_every_service_ends_in_deafness_and_not_in_a_loop() -> None:
    room, (a, b, members) = Room(), pair()
    async with room.listening(*members) as stream:
        room.push(stream, 2)
        for scripted in (a, a, b, b):
            before = len(a.streams), len(b.streams), len(room.switches)
            scripted.streams[-1].say("one", 0, is_final=False)
            scripted.streams[-1].die(DROPPED)
            await until(
                lambda before=before: (len(a.streams), len(b.streams), len(room.switches)) != before
            )
    assert (len(a.streams), len(b.streams)) == (2, 2)
    assert room.path == [("a", "b"), ("b", "")]


async def test_a_retry_that_works_is_no_failure() -> None:
    room, (a, b, members) = Room(), pair()
    async with room.listening(*members) as stream:
        room.push(stream, 2)
        for _ in range(3):
            before = len(a.streams), len(room.said)
            a.streams[-1].say("one", 0)
            await until(lambda said=before[1]: len(room.said) == said + 1)
            a.streams[-1].die()
            await until(lambda streams=before[0]: len(a.streams) == streams + 1)
    assert (room.switches, b.streams) == ([], [])
    assert room.health.is_well("stt", "a")


async def test_speech_without_words_is_deafness() -> None:
    room, (a, b, members) = Room(), pair()
    async with room.listening(*members) as stream:
        room.speak(stream, 2.5)
        room.clock.advance(round(TIMEOUT_S * 1000) + 1_000)
        await until(lambda: bool(b.streams))
        assert b.streams[0].heard_s == pytest.approx(2.5)
    assert len(a.streams) == 1


async def test_coughs_and_silence_are_no_deafness() -> None:
    room, (_, b, members) = Room(), pair()
    async with room.listening(*members) as stream:
        for _ in range(20):
            room.speak(stream, 0.3)
            room.push(stream, 4)
            room.clock.advance(4_300)
            await asyncio.sleep(0.02)
    assert (room.switches, b.streams) == ([], [])


async def test_short_answers_nobody_hears_add_up() -> None:
    room, (_, b, members) = Room(), pair()
    async with room.listening(*members) as stream:
        for _ in range(4):
            room.speak(stream, 0.8)
            room.clock.advance(2_000)
            await asyncio.sleep(0.02)
        await until(lambda: bool(b.streams))


async def test_words_that_go_on_are_never_deafness() -> None:
    room, (a, b, members) = Room(), pair()
    async with room.listening(*members) as stream:
        stream.note_speech(True)
        for second in range(0, 60, 3):
            room.push(stream, 3)
            room.clock.advance(3_000)
            a.streams[0].say("and", second, is_final=False)
            await asyncio.sleep(0.02)
    assert (room.switches, b.streams) == ([], [])


async def test_with_none_left_it_is_deaf_and_says_so_once() -> None:
    room, (a, b, members) = Room(), pair(REFUSED)
    b.dies.append(REFUSED)
    async with room.listening(*members) as stream:
        await until(lambda: room.path == [("a", "b"), ("b", "")])
        room.push(stream, 40)
        assert stream._task.done() is False  # pyright: ignore[reportPrivateUsage] -- open, whatever comes
        room.clock.advance(10_000)
        room.health.note_success("stt", "b")
        await until(lambda: len(b.streams) == 2)
        again = b.streams[1]
        assert again.heard_s == pytest.approx(30, abs=0.1)
        again.say("better late", 25)
        await until(lambda: room.said == ["better late"])
    assert room.switches[2] == ("", "b", "works again")
    assert room.finals[0].start_time == pytest.approx(35, abs=0.1)
    assert len(a.streams) == 1


async def test_a_probe_ends_deafness() -> None:
    room, (a, b, members) = Room(), pair(REFUSED)
    b.dies.append(REFUSED)
    async with room.listening(*members):
        await until(lambda: room.path == [("a", "b"), ("b", "")])
        room.clock.advance(10_000)
        a.dies.append(REFUSED)  # what the probe meets; b is well
        await room.health.probe_rested()
        await until(lambda: room.path[2:] == [("", "b")])


async def test_it_goes_back_to_an_earlier_one_but_not_in_mid_sentence() -> None:
    room, (a, b, members) = Room(), pair(REFUSED)
    async with room.listening(*members) as stream:
        await until(lambda: bool(b.streams))
        stream.note_speech(True)
        room.push(stream, 2)
        room.health.note_success("stt", "a")
        await asyncio.sleep(0.05)
        assert len(a.streams) == 1
        b.streams[0].say("one", 0, is_final=False)
        await until(lambda: len(room.events) == 1)
        stream.note_speech(False)
        await asyncio.sleep(0.05)
        assert len(a.streams) == 1
        b.streams[0].say("one two", 0)
        await until(lambda: len(a.streams) == 2)
        room.push(stream, 2)
        a.streams[1].say("three", 1)
        await until(lambda: room.said == ["one two", "three"])
    assert room.switches[1] == ("b", "a", "works again")
    assert room.finals[1].start_time == pytest.approx(3)


async def test_words_of_a_turn_longer_than_the_reel_are_kept() -> None:
    room, (a, b, members) = Room(), pair()
    async with room.listening(*members) as stream:
        room.push(stream, 40)
        a.streams[0].say(" ".join(f"w{n}" for n in range(39)), 0, is_final=False)
        await until(lambda: len(room.events) == 1)
        a.streams[0].die(REFUSED)
        await until(lambda: bool(b.streams))
        assert b.streams[0].heard_from_s == pytest.approx(10, abs=FRAME_S)
    assert [data.text for data in room.finals] == [" ".join(f"w{n}" for n in range(10))]


async def test_the_end_of_the_input_is_the_end_once_all_is_heard() -> None:
    room, (a, b, members) = Room(), pair()
    async with room.listening(*members) as stream:
        room.push(stream, 2)
        a.streams[0].say("one", 0)
        await until(lambda: room.said == ["one"])
        stream.end_input()
        await until(lambda: a.streams[0].has_ended)
        await until(stream._task.done)  # pyright: ignore[reportPrivateUsage] -- the end as livekit sees it
        with pytest.raises(RuntimeError):
            stream.push_frame(rtc.AudioFrame(bytes(640), RATE_HZ, 1, 320))
    assert (b.streams, room.switches) == ([], [])


async def test_one_that_dies_before_it_has_heard_the_end_is_replaced() -> None:
    room, (a, b, members) = Room(), pair()
    async with room.listening(*members) as stream:
        room.push(stream, 2)
        a.streams[0].say("one", 0, is_final=False)
        await until(lambda: len(room.events) == 1)
        a.streams[0].die(REFUSED)
        stream.end_input()
        await until(lambda: bool(b.streams) and b.streams[0].has_ended)
        assert b.streams[0].heard_s == pytest.approx(2)
        await until(stream._task.done)  # pyright: ignore[reportPrivateUsage] -- the end as livekit sees it


async def test_usage_is_told_when_asked_for_and_at_the_end() -> None:
    room, (a, _, members) = Room(), pair()
    chain = room.chain(*members)
    async with room.listening(chain=chain) as stream:
        await until(lambda: bool(a.streams))
        room.push(stream, 3)
        chain.report()
        chain.report()
        room.push(stream, 2)
    assert [(u.component, u.provider, u.model) for u in room.used] == [
        ("stt", "a", "scripted-1")
    ] * 2
    assert [used.audio_ms for used in room.used] == [3_000, 2_000]


async def test_it_says_who_listens_now() -> None:
    room, (_, b, members) = Room(), pair(REFUSED)
    b.keeps_fillers = False
    chain = room.chain(*members)
    assert (chain.current, chain.keeps_fillers) == ("a", True)
    chain.switch("b", "a test")
    assert (chain.current, chain.keeps_fillers) == ("b", False)
    await chain.aclose()


async def test_what_no_provider_should_raise_ends_only_that_provider() -> None:
    room, (a, b, members) = Room(), pair()
    async with room.listening(*members):
        a.streams[0].die(KeyError("words"))
        await until(lambda: bool(b.streams))
    assert room.switches == [("a", "b", "'words'")]


def test_a_reel_is_cut_to_the_sample() -> None:
    reel = Reel()
    for n in range(10):
        reel.add(rtc.AudioFrame(np.full(320, n, np.int16).tobytes(), RATE_HZ, 1, 320))
    reel.settle(0.05)
    frames = [item for item in reel.items() if isinstance(item, rtc.AudioFrame)]
    assert reel.start_s == pytest.approx(0.05)
    assert sum(frame.duration for frame in frames) == pytest.approx(0.15)
    assert frames[0].data[0] == 2
