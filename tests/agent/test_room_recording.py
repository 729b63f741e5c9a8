"""A room's recording: both sides are spoken by espeak-ng, and the stored file is listened to again.

In virtual time: an interview takes as long as it takes, and a test a second.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agent.providers.shared import open_providers
from agent.recorder.recorder import HORIZON_MS
from agent.recorder.studio import Studio
from agent.recording import RECOVER_EVERY_S, recover_left_recordings
from agent.rooms import Rooms
from sessions.facts import (
    AnswerHeard,
    Fact,
    InterviewCompleted,
    InterviewerSpoke,
    InterviewPaused,
    InterviewResumed,
    RecordingDeleted,
    RecordingFailed,
    RecordingStarted,
    RecordingStored,
)
from sessions.ids import InterviewId
from sessions.infra.journal_memory import MemoryJournal
from sessions.protocol import Clear, End, Ended, Pause, Resume, Welcome
from sessions.recording import fold_recording
from sessions.settings import SpeechSettings
from tests.support.audible_tts import AudibleTTS, voiced
from tests.support.interviews import made_question
from tests.support.recording import run_studio
from tests.support.room import World, beside, class_path, made_settings
from tests.support.stored import TroubledBlobs, listen_to
from tests.support.talker import RATE_HZ, Line, Talker, line, talk, talk_in
from tests.support.virtual_time import Awaited, Here, VirtualClock, in_virtual_time, pass_ms

APART_MS = 60
"""How far a sound may lie from where the facts say that it was."""
QUIET = 330
"""-40 dB of full scale; Opus is silent where it was."""
STEP_MS = 100

ANSWER = "I moved a payment system, without stopping it."


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def studio(tmp_path: Path, clock: VirtualClock) -> Generator[Studio]:
    with run_studio(tmp_path, clock, pool=Here()) as studio:
        yield replace(studio, blobs=Awaited(studio.blobs))


@pytest.fixture
def world(tmp_path: Path, clock: VirtualClock, studio: Studio) -> World:
    settings = made_settings()
    speech = SpeechSettings(
        stt=["browser"], tts=[class_path(AudibleTTS)], end_of_turn="words", tts_timeout_s=2.0
    )
    return World(
        spill_dir=tmp_path / "spill",
        settings=settings.model_copy(update={"speech": speech}),
        clock=clock,
        studio=studio,
    )


@pytest.fixture(scope="module")
def answer() -> Line:
    return line(ANSWER)


async def answer_aloud(talker: Talker, said: Line) -> int:
    """The epoch ms of its first sample."""
    began_ms = await talker.say_all(said)
    await pass_ms(300)
    await talker.recognised(ANSWER, began_ms=began_ms)
    return round(began_ms - said.begins_ms)


def left_in(studio: Studio) -> list[str]:
    return [path.name for path in studio.spool_dir.glob("*")] if studio.spool_dir.exists() else []


def files_under(folder: Path) -> list[str]:
    names = [path.name for path in folder.rglob("*") if path.is_file()]
    return [name for name in names if ".ogg" in name]


# -- what is heard in it -------------------------------------------------------------------------


@in_virtual_time
async def test_both_sides_are_heard_where_the_facts_say_that_they_spoke(
    world: World, clock: VirtualClock, studio: Studio, answer: Line
) -> None:
    await world.plan(made_question(1))
    async with talk(world, clock) as talker:
        await pass_ms(1_500)
        await talker.consent_to(recording=True)
        await talker.until_listening()
        spoke_ms = await answer_aloud(talker, answer)
        await world.until_fact(AnswerHeard)
        await pass_ms(1_000)
        await talker.do(End())
        await talker.until(Ended)
    facts = await world.facts()
    (started,) = [fact for fact in facts if isinstance(fact, RecordingStarted)]
    (stored,) = [fact for fact in facts if isinstance(fact, RecordingStored)]
    assert (stored.part, stored.is_whole) == (1, True)
    assert stored.started_ms == started.started_ms == started.at_ms
    assert facts.index(stored) > [type(fact) for fact in facts].index(InterviewCompleted)
    lasted_ms = next(fact.at_ms for fact in facts if isinstance(fact, InterviewCompleted))
    assert abs(stored.started_ms + stored.duration_ms - lasted_ms) <= APART_MS

    heard = await listen_to(studio, stored)
    assert abs(heard.candidate.place_ms(answer.pcm, RATE_HZ) - spoke_ms) <= APART_MS
    (said,) = [fact for fact in facts if isinstance(fact, AnswerHeard)]
    assert heard.candidate.peak(said.started_ms, said.ended_ms) > 10 * QUIET
    assert heard.candidate.peak(started.started_ms, said.started_ms - 200) < QUIET
    for fact in facts:
        if isinstance(fact, InterviewerSpoke):
            first, *_ = voices_of(fact)
            assert abs(heard.interviewer.place_ms(first, 24_000) - fact.started_ms) <= APART_MS
            assert heard.interviewer.peak(fact.started_ms, fact.ended_ms) > 10 * QUIET
    assert heard.interviewer.peak(spoke_ms, spoke_ms + answer.ends_ms) < QUIET


def voices_of(spoken: InterviewerSpoke) -> list[bytes]:
    """Of its sentences, in order."""
    return [voiced(sentence) for sentence in sentences(spoken.text)]


def sentences(text: str) -> list[str]:
    parts = text.replace("? ", "?|").replace(". ", ".|").split("|")
    return [part for part in parts if part]


@in_virtual_time
async def test_only_what_was_played_of_the_interviewer_is_heard(
    world: World, clock: VirtualClock, studio: Studio, answer: Line
) -> None:
    """It is held, goes on, and is stopped in the middle of a word."""
    await world.plan(made_question(1))
    async with talk(world, clock) as talker:
        await talker.consent_to(recording=True)
        await talker.until_speaking(playing_ms=1_200)
        first = await talker.say_all(line("okay"))
        await pass_ms(400)
        await talker.recognised("okay", began_ms=first)
        await talker.until_quiet()
        await pass_ms(1_000)
        await talker.type("Sorry, I have a question.")
        stopped_ms = talker.at_ms(talker.all(Clear)[0])
        await world.until_fact(InterviewerSpoke, count=2)
        await talker.do(End())
        await talker.until(Ended)
    stored = await world.until_fact(RecordingStored)
    greeting, following, *_ = await world.all_facts(InterviewerSpoke)
    assert greeting.interrupted
    heard = await listen_to(studio, stored)
    rate = 24_000
    begun, *_ = voices_of(greeting)
    assert abs(heard.interviewer.place_ms(begun, rate) - greeting.started_ms) <= APART_MS
    assert heard.interviewer.peak(stopped_ms - 700, stopped_ms) > 10 * QUIET
    assert heard.interviewer.peak(stopped_ms + 200, following.started_ms - 200) < QUIET
    reply, *_ = voices_of(following)
    assert abs(heard.interviewer.place_ms(reply, rate) - following.started_ms) <= APART_MS


@in_virtual_time
async def test_a_pause_is_silence(
    world: World, clock: VirtualClock, studio: Studio, answer: Line
) -> None:
    await world.plan(made_question(1))
    async with talk(world, clock) as talker:
        await talker.consent_to(recording=True)
        await talker.until_listening()
        await talker.do(Pause())
        await talker.say_all(answer)
        await talker.until_quiet()
        await pass_ms(1_000)
        await talker.do(Resume())
        await talker.until_listening()
        spoke_ms = await answer_aloud(talker, answer)
        await talker.do(End())
        await talker.until(Ended)
    stored = await world.until_fact(RecordingStored)
    (paused,) = await world.all_facts(InterviewPaused)
    (resumed,) = await world.all_facts(InterviewResumed)
    heard = await listen_to(studio, stored)
    assert heard.candidate.peak(paused.at_ms, resumed.at_ms) < QUIET
    assert abs(heard.candidate.place_ms(answer.pcm, RATE_HZ) - spoke_ms) <= APART_MS


@in_virtual_time
async def test_a_lost_connection_is_silence_in_the_same_part(
    world: World, clock: VirtualClock, studio: Studio, answer: Line
) -> None:
    await world.plan(made_question(1))
    async with world.open_rooms() as rooms:
        async with talk_in(rooms, clock) as talker:
            await talker.consent_to(recording=True)
            await talker.until_listening()
        await pass_ms(10_000)
        async with talk_in(rooms, clock) as talker:
            await pass_ms(1_000)
            spoke_ms = await answer_aloud(talker, answer)
            await pass_ms(500)
            await talker.do(End())
            await talker.until(Ended)
    (stored,) = [await world.until_fact(RecordingStored)]
    heard = await listen_to(studio, stored)
    assert abs(heard.candidate.place_ms(answer.pcm, RATE_HZ) - spoke_ms) <= APART_MS


# -- consent -------------------------------------------------------------------------------------


@in_virtual_time
async def test_without_consent_to_it_nothing_is_written_anywhere(
    world: World, clock: VirtualClock, studio: Studio, answer: Line, tmp_path: Path
) -> None:
    await world.plan(made_question(1))
    async with talk(world, clock) as talker:
        await talker.consent_to(recording=False)
        await talker.until_listening()
        await answer_aloud(talker, answer)
        await pass_ms(5_000)
        assert files_under(tmp_path) == []
        await talker.do(End())
        await talker.until(Ended)
    assert files_under(tmp_path) == []
    assert not fold_recording(await world.facts()).is_agreed
    kinds = await world.kinds()
    assert not [kind for kind in kinds if kind.startswith("Recording")]


@in_virtual_time
async def test_nothing_is_recorded_before_consent(
    world: World, clock: VirtualClock, studio: Studio, answer: Line
) -> None:
    await world.plan(made_question(1))
    async with talk(world, clock) as talker:
        await talker.say_all(answer)
        await talker.until_quiet()
        assert left_in(studio) == []
        await talker.consent_to(recording=True)
        await talker.until_listening()
        await talker.do(End())
        await talker.until(Ended)
    stored = await world.until_fact(RecordingStored)
    heard = await listen_to(studio, stored)
    assert int(np.abs(heard.candidate.samples.astype(np.int32)).max()) < QUIET


@pytest.mark.parametrize(
    ("has_studio", "agrees", "before", "after"),
    [(True, True, True, True), (True, False, True, False), (False, True, False, False)],
)
@in_virtual_time
async def test_a_client_is_told_whether_it_is_recorded(
    world: World, clock: VirtualClock, has_studio: bool, agrees: bool, before: bool, after: bool
) -> None:
    if not has_studio:
        world.studio = None
    await world.plan(made_question(1))
    async with world.open_rooms() as rooms:
        async with talk_in(rooms, clock) as talker:
            assert talker.all(Welcome)[0].is_recorded is before
            await talker.consent_to(recording=agrees)
            await talker.until_listening()
        async with talk_in(rooms, clock) as talker:
            assert talker.all(Welcome)[0].is_recorded is after


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
