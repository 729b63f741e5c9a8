"""A room's recording: both sides are spoken by espeak-ng, and the stored file is listened to again.

In virtual time: an interview takes as long as it takes, and a test a second.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agent.recorder.studio import Studio
from sessions.facts import (
    AnswerHeard,
    InterviewCompleted,
    InterviewerSpoke,
    InterviewPaused,
    InterviewResumed,
    RecordingStarted,
    RecordingStored,
)
from sessions.protocol import Clear, End, Ended, Pause, Resume, Welcome
from sessions.recording import fold_recording
from tests.agent.recordings.answers import APART_MS, answer_aloud, files_under, left_in
from tests.support.audible_tts import voiced
from tests.support.interviews import made_question
from tests.support.room import World
from tests.support.stored import listen_to
from tests.support.talker import RATE_HZ, Line, line, talk, talk_in
from tests.support.virtual_time import VirtualClock, in_virtual_time, pass_ms

QUIET = 330
"""-40 dB of full scale; Opus is silent where it was."""
STEP_MS = 100


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
