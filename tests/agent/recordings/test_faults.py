"""Processes that die while a room is recorded, and stores that fail: nothing is lost."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

from agent.providers.shared import open_providers
from agent.recorder.recorder import HORIZON_MS
from agent.recorder.studio import Studio
from agent.recording import RECOVER_EVERY_S, recover_left_recordings
from agent.rooms import Rooms
from sessions.facts import (
    Fact,
    InterviewCompleted,
    InterviewerSpoke,
    RecordingDeleted,
    RecordingFailed,
    RecordingStarted,
    RecordingStored,
)
from sessions.ids import InterviewId
from sessions.infra.journal_memory import MemoryJournal
from sessions.protocol import End, Ended, Welcome
from sessions.recording import fold_recording
from tests.agent.recordings.answers import ANSWER, APART_MS, answer_aloud, left_in
from tests.support.interviews import made_question
from tests.support.room import World, beside
from tests.support.stored import TroubledBlobs, listen_to
from tests.support.talker import RATE_HZ, Line, Talker, talk, talk_in
from tests.support.virtual_time import VirtualClock, in_virtual_time, pass_ms

# -- processes that die --------------------------------------------------------------------------


@asynccontextmanager
async def dying_process(world: World) -> AsyncGenerator[Rooms]:
    """At the end it is gone, without a word."""
    async with open_providers(world.settings, world.clock) as providers:
        rooms = Rooms(world.services(providers))
        async with beside(rooms.run()) as running:
            try:
                yield rooms
            finally:
                running.cancel()


@asynccontextmanager
async def recovering(world: World, rooms: Rooms) -> AsyncGenerator[None]:
    """Beside the rooms, as in the process."""
    async with beside(
        recover_left_recordings(world.studio, world.journal, is_held=rooms.is_held)
    ) as recovery:
        try:
            yield
        finally:
            recovery.cancel()


async def speak_and_die(world: World, clock: VirtualClock, answer: Line) -> int:
    """An answer in a room that dies some seconds later; the epoch ms of its first sample."""
    await world.plan(made_question(1))
    async with dying_process(world) as rooms, talk_in(rooms, clock, leaves=False) as talker:
        await talker.consent_to(recording=True)
        await talker.until_listening()
        spoke_ms = await answer_aloud(talker, answer)
        await pass_ms(HORIZON_MS + 2_000)
    return spoke_ms


@in_virtual_time
async def test_what_a_dead_process_had_recorded_is_stored_by_the_next(
    world: World, clock: VirtualClock, studio: Studio, answer: Line
) -> None:
    spoke_ms = await speak_and_die(world, clock, answer)
    assert len(left_in(studio)) == 1
    await pass_ms(5_000)

    async with world.open_rooms() as rooms:
        async with recovering(world, rooms):
            stored = await world.until_fact(RecordingStored)
            await pass_ms(1_000)
            assert left_in(studio) == []
        assert (stored.part, stored.is_whole) == (1, False)
        heard = await listen_to(studio, stored)
        assert abs(heard.candidate.place_ms(answer.pcm, RATE_HZ) - spoke_ms) <= APART_MS
        async with talk_in(rooms, clock) as talker:  # and the interview goes on
            assert talker.all(Welcome)[0].is_recorded
            await talker.until_listening()
            await talker.do(End())
            await talker.until(Ended)
    parts = await world.all_facts(RecordingStarted)
    assert [part.part for part in parts] == [1, 2]
    recording = fold_recording(await world.facts())
    assert [part.part for part in recording.parts] == [1, 2]
    assert not recording.is_whole


@in_virtual_time
async def test_an_interview_that_goes_on_at_once_is_not_disturbed(
    world: World, clock: VirtualClock, studio: Studio, answer: Line
) -> None:
    """Only its room may write to an open interview: what is left waits until it is over."""
    await speak_and_die(world, clock, answer)
    async with world.open_rooms() as rooms, recovering_late(world, rooms):
        async with talk_in(rooms, clock) as talker:
            await talker.until_listening()
            await pass_ms(1_000)
            await talker.type(ANSWER)
            await world.until_fact(InterviewerSpoke, count=2)
            await pass_ms(3_000)
            assert await world.all_facts(RecordingStored) == []
            await talker.do(End())
            await talker.until(Ended)
        await pass_ms(1_000 + RECOVER_EVERY_S * 1000)
        assert len(await world.all_facts(RecordingStored)) == 2
    assert left_in(studio) == []
    assert [fact.part for fact in await world.all_facts(RecordingStored)] == [2, 1]


@asynccontextmanager
async def recovering_late(world: World, rooms: Rooms) -> AsyncGenerator[None]:
    """The store takes two seconds for what was left: its interview is open again by then."""
    assert world.studio is not None
    slow = replace(world.studio, blobs=TroubledBlobs(world.studio.blobs, takes_ms=2_000))
    async with beside(
        recover_left_recordings(slow, world.journal, is_held=rooms.is_held)
    ) as recovery:
        try:
            yield
        finally:
            recovery.cancel()


@in_virtual_time
async def test_a_journal_that_is_away_delays_the_recovery(
    world: World, clock: VirtualClock, studio: Studio, answer: Line
) -> None:
    await speak_and_die(world, clock, answer)
    journal = world.journal
    async with world.open_rooms() as rooms:
        world.journal = AwayJournal()
        async with recovering(world, rooms):
            await pass_ms(2_000)
            assert len(left_in(studio)) == 1
        world.journal = journal
        async with recovering(world, rooms):
            await world.until_fact(RecordingStored)


class AwayJournal(MemoryJournal):
    async def append(self, interview_id: InterviewId, facts: object, *, after_seq: int) -> int:
        raise ConnectionRefusedError("nobody listens there")


@in_virtual_time
async def test_a_part_that_was_deleted_meanwhile_does_not_come_back(
    world: World, clock: VirtualClock, studio: Studio, answer: Line
) -> None:
    await speak_and_die(world, clock, answer)
    await world.append(RecordingDeleted(at_ms=clock.now_ms(), keys=(), reason="requested"))
    async with world.open_rooms() as rooms, recovering(world, rooms):
        await pass_ms(2_000)
        assert left_in(studio) == []
        assert [key async for key in studio.blobs.list("recordings")] == []
    assert await world.all_facts(RecordingStored) == []


# -- stores that fail ----------------------------------------------------------------------------


async def end_with(world: World, clock: VirtualClock) -> tuple[int, Talker]:
    """A short interview; when its end was told."""
    await world.plan(made_question(1))
    async with talk(world, clock) as talker:
        await talker.consent_to(recording=True)
        await talker.until_listening()
        await pass_ms(3_000)
        await talker.do(End())
        ended = await talker.until(Ended)
        ended_ms = talker.at_ms(ended)
    return ended_ms, talker


@in_virtual_time
async def test_a_slow_store_does_not_delay_the_report(
    world: World, clock: VirtualClock, studio: Studio
) -> None:
    world.studio = replace(studio, blobs=TroubledBlobs(studio.blobs, takes_ms=60_000))
    ended_ms, _ = await end_with(world, clock)
    (completed,) = await world.all_facts(InterviewCompleted)
    assert ended_ms == completed.at_ms
    (stored,) = await world.all_facts(RecordingStored)
    assert stored.at_ms >= ended_ms + 60_000
    assert left_in(studio) == []


@in_virtual_time
async def test_a_store_that_is_away_gets_it_later(
    world: World, clock: VirtualClock, studio: Studio
) -> None:
    away = TroubledBlobs(studio.blobs, is_away=True)
    world.studio = replace(studio, blobs=away)
    ended_ms, talker = await end_with(world, clock)
    (failed,) = await world.all_facts(RecordingFailed)
    assert failed.part == 1
    assert "nobody answers" in failed.reason
    assert len(left_in(studio)) == 1
    assert ended_ms <= failed.at_ms
    assert talker.all(Ended)

    async with world.open_rooms() as rooms, recovering(world, rooms):
        await pass_ms(1_000)
        assert await world.all_facts(RecordingStored) == []
        away.is_away = False
        await pass_ms(RECOVER_EVERY_S * 1000)
    (stored,) = await world.all_facts(RecordingStored)
    assert stored.is_whole
    assert left_in(studio) == []
    assert fold_recording(await world.facts()).is_whole


@in_virtual_time
async def test_a_process_that_is_stopped_in_mid_upload_loses_nothing(
    world: World, clock: VirtualClock, studio: Studio
) -> None:
    world.studio = replace(studio, blobs=TroubledBlobs(studio.blobs, takes_ms=60_000))
    await world.plan(made_question(1))
    async with dying_process(world) as rooms, talk_in(rooms, clock, leaves=False) as talker:
        await talker.consent_to(recording=True)
        await talker.until_listening()
        await talker.do(End())
        await talker.until(Ended)
        await pass_ms(1_000)
    assert await world.all_facts(RecordingStored) == []
    assert len(left_in(studio)) == 1
    world.studio = studio
    async with world.open_rooms() as rooms, recovering(world, rooms):
        stored = await world.until_fact(RecordingStored)
    assert stored.is_whole
    assert [type(fact).__name__ for fact in await told_after_the_end(world)] == ["RecordingStored"]


async def told_after_the_end(world: World) -> list[Fact]:
    facts = await world.facts()
    kinds = [type(fact) for fact in facts]
    return facts[kinds.index(InterviewCompleted) + 1 :]
