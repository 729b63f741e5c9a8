"""What `sessions.ports.Journal` promises, of the fake and of the real one on both dialects."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from server.migrate import migrate
from sessions.errors import JournalConflict
from sessions.facts import (
    AnswerHeard,
    CompletionReason,
    Fact,
    InterviewAbandoned,
    InterviewCompleted,
    InterviewPaused,
    InterviewResumed,
    Numbered,
    ParticipantJoined,
    RoomClosed,
    RoomLost,
    RoomOpened,
    Speaker,
    Timing,
    Word,
)
from sessions.ids import InterviewId, QuestionId
from sessions.infra.db import Database, open_database
from sessions.infra.journal import SqlJournal, append_in
from sessions.infra.journal_memory import MemoryJournal
from sessions.ports import Journal

ONE = InterviewId("6f0c4bb2-2d3f-4a51-9a5c-0a4a7f0f7f01")
TWO = InterviewId("6f0c4bb2-2d3f-4a51-9a5c-0a4a7f0f7f02")
HERE = "ws://127.0.0.1:8081"
THERE = "ws://127.0.0.1:9081"


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.sockets)])
def journal_url(request: pytest.FixtureRequest, tmp_path: Path) -> str | None:
    match request.param:
        case "memory":
            return None
        case "sqlite":
            return f"sqlite+aiosqlite:///{tmp_path}/vivavoce.db"
        case _:
            return request.getfixturevalue("postgres_url")


@pytest.fixture
async def journal(journal_url: str | None) -> AsyncGenerator[Journal]:
    if journal_url is None:
        yield MemoryJournal()
        return
    async with open_database(journal_url) as database:
        await migrate(database)
        yield SqlJournal(database)


def paused(at_ms: int) -> Fact:
    return InterviewPaused(at_ms=at_ms)


def opened(gateway: str = HERE) -> Fact:
    return RoomOpened(
        at_ms=1,
        gateway=gateway,
        recogniser="browser",
        keeps_fillers=False,
        voice="en-us",
        interviewer="scripted",
    )


def answer(text: str) -> AnswerHeard:
    return AnswerHeard(
        at_ms=1_800_000_000_000,
        turn=1,
        question_id=QuestionId("js-closures"),
        text=text,
        words=(Word(text="um", start_ms=10, end_ms=20, confidence=0.25),),
        timing=Timing.WORD,
        recogniser="browser",
        started_ms=10,
        ended_ms=20,
    )


async def seqs(journal: Journal, interview_id: InterviewId = ONE) -> list[int]:
    return [numbered.seq for numbered in await journal.read(interview_id)]


# -- numbering -----------------------------------------------------------------------------------


async def test_facts_are_numbered_from_one_without_gaps(journal: Journal) -> None:
    assert await journal.append(ONE, [paused(1), paused(2)], after_seq=0) == 2
    assert await journal.append(ONE, [paused(3)], after_seq=2) == 3

    assert await journal.read(ONE) == [
        Numbered(seq=seq, fact=InterviewPaused(at_ms=seq)) for seq in (1, 2, 3)
    ]


async def test_each_interview_has_numbers_of_its_own(journal: Journal) -> None:
    await journal.append(ONE, [paused(1), paused(2)], after_seq=0)

    assert await journal.append(TWO, [paused(3)], after_seq=0) == 1
    assert await seqs(journal, ONE) == [1, 2]
    assert await seqs(journal, TWO) == [1]


async def test_appending_nothing_changes_nothing(journal: Journal) -> None:
    await journal.append(ONE, [paused(1)], after_seq=0)

    assert await journal.append(ONE, [], after_seq=1) == 1
    assert await seqs(journal) == [1]


async def test_reading_goes_on_after_a_number(journal: Journal) -> None:
    await journal.append(ONE, [paused(at_ms) for at_ms in (1, 2, 3)], after_seq=0)

    assert [numbered.seq for numbered in await journal.read(ONE, after_seq=1)] == [2, 3]
    assert await journal.read(ONE, after_seq=3) == []
    assert await journal.read(ONE, after_seq=9) == []


async def test_an_unknown_interview_has_no_facts(journal: Journal) -> None:
    assert await journal.read(InterviewId("nobody")) == []


# -- one writer ----------------------------------------------------------------------------------


async def test_a_taken_number_is_a_conflict_that_names_it(journal: Journal) -> None:
    await journal.append(ONE, [paused(1), paused(2)], after_seq=0)

    with pytest.raises(JournalConflict) as caught:
        await journal.append(ONE, [paused(9)], after_seq=1)

    assert caught.value.interview_id == ONE
    assert caught.value.expected_seq == 2
    assert "already has a fact numbered 2" in caught.value.message


async def test_a_refused_append_stores_none_of_its_facts(journal: Journal) -> None:
    await journal.append(ONE, [paused(1), paused(2)], after_seq=0)

    with pytest.raises(JournalConflict):
        await journal.append(ONE, [paused(8), paused(9), paused(10)], after_seq=1)

    assert [numbered.fact for numbered in await journal.read(ONE)] == [paused(1), paused(2)]


@pytest.mark.parametrize("after_seq", [1, 7])
async def test_a_gap_is_refused(journal: Journal, after_seq: int) -> None:
    with pytest.raises(JournalConflict) as caught:
        await journal.append(ONE, [paused(1)], after_seq=after_seq)

    assert f"no fact numbered {after_seq} to go on from" in str(caught.value)
    assert await seqs(journal) == []


async def test_the_journal_goes_on_after_a_conflict(journal: Journal) -> None:
    await journal.append(ONE, [paused(1)], after_seq=0)
    with pytest.raises(JournalConflict):
        await journal.append(ONE, [paused(2)], after_seq=0)

    assert await journal.append(ONE, [paused(2)], after_seq=1) == 2


async def test_of_concurrent_writers_exactly_one_wins(journal: Journal) -> None:
    await journal.append(ONE, [paused(1)], after_seq=0)
    won: list[int] = []
    lost: list[int] = []

    async def write(writer: int) -> None:
        try:
            await journal.append(ONE, [paused(writer), paused(writer)], after_seq=1)
        except JournalConflict:
            lost.append(writer)
        else:
            won.append(writer)

    async with asyncio.TaskGroup() as writers:
        for writer in range(10, 16):
            writers.create_task(write(writer))

    assert len(won) == 1
    assert len(lost) == 5
    stored = await journal.read(ONE)
    assert [numbered.fact.at_ms for numbered in stored] == [1, won[0], won[0]]


async def test_concurrent_interviews_do_not_disturb_each_other(journal: Journal) -> None:
    interviews = [InterviewId(f"interview-{number}") for number in range(6)]

    async def write(interview_id: InterviewId) -> None:
        for after_seq in range(5):
            await journal.append(interview_id, [paused(after_seq)], after_seq=after_seq)

    async with asyncio.TaskGroup() as writers:
        for interview_id in interviews:
            writers.create_task(write(interview_id))

    for interview_id in interviews:
        assert await seqs(journal, interview_id) == [1, 2, 3, 4, 5]


# -- what is stored is what was given ------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["", "naïve — 日本語 — 🎤", 'quote " backslash \\ percent % brace {', "line\nbreak\ttab"],
)
async def test_a_text_comes_back_as_it_was(journal: Journal, text: str) -> None:
    await journal.append(ONE, [answer(text)], after_seq=0)

    assert (await journal.read(ONE))[0].fact == answer(text)


async def test_a_big_fact_comes_back_whole(journal: Journal) -> None:
    big = answer("日本語 um 🎤 " * 12_000)
    assert len(big.text) > 100_000

    await journal.append(ONE, [big], after_seq=0)

    assert (await journal.read(ONE))[0].fact == big


async def test_what_a_database_refuses_in_a_text_is_replaced_in_place(journal: Journal) -> None:
    """Postgres stores neither NUL nor half a surrogate pair; offsets must stay true."""
    await journal.append(ONE, [answer("a\x00b\ud800c"), paused(2)], after_seq=0)

    stored = (await journal.read(ONE))[0].fact
    assert stored == answer("a\ufffdb\ufffdc")


# -- open rooms ----------------------------------------------------------------------------------


async def test_a_room_is_open_from_its_opening(journal: Journal) -> None:
    assert await journal.fetch_open_rooms(HERE) == []

    await journal.append(ONE, [paused(1)], after_seq=0)
    await journal.append(ONE, [opened()], after_seq=1)

    assert await journal.fetch_open_rooms(HERE) == [ONE]
    assert await journal.fetch_open_rooms(THERE) == []


@pytest.mark.parametrize(
    "end",
    [
        RoomClosed(at_ms=2, reason="shutting down"),
        RoomLost(at_ms=2, gateway=HERE),
        InterviewCompleted(at_ms=2, reason=CompletionReason.FINISHED),
        InterviewAbandoned(at_ms=2, reason="nobody came back"),
    ],
)
async def test_a_room_ends(journal: Journal, end: Fact) -> None:
    await journal.append(ONE, [opened(), end, paused(3)], after_seq=0)

    assert await journal.fetch_open_rooms(HERE) == []


@pytest.mark.parametrize(
    "later",
    [
        InterviewPaused(at_ms=2),
        InterviewResumed(at_ms=2),
        ParticipantJoined(at_ms=2, speaker=Speaker.CANDIDATE, client="page"),
    ],
)
async def test_anything_else_leaves_a_room_open(journal: Journal, later: Fact) -> None:
    await journal.append(ONE, [opened(), later], after_seq=0)

    assert await journal.fetch_open_rooms(HERE) == [ONE]


async def test_a_room_opened_again_is_open_where_it_was_opened_last(journal: Journal) -> None:
    moved = [opened(HERE), RoomClosed(at_ms=2, reason="moved"), opened(THERE)]
    await journal.append(ONE, moved, after_seq=0)
    await journal.append(TWO, [opened(THERE), opened(HERE)], after_seq=0)

    assert await journal.fetch_open_rooms(THERE) == [ONE]
    assert await journal.fetch_open_rooms(HERE) == [TWO]


async def test_all_open_rooms_of_a_gateway_are_found(journal: Journal) -> None:
    await journal.append(TWO, [opened()], after_seq=0)
    await journal.append(ONE, [opened()], after_seq=0)

    assert sorted(await journal.fetch_open_rooms(HERE)) == [ONE, TWO]


# -- the real one only ---------------------------------------------------------------------------


async def test_facts_outlive_the_process(database_url: str) -> None:
    async with open_database(database_url) as database:
        await migrate(database)
        await SqlJournal(database).append(ONE, [opened(), answer("kept")], after_seq=0)

    async with open_database(database_url) as database:
        journal = SqlJournal(database)
        assert [numbered.fact for numbered in await journal.read(ONE)] == [opened(), answer("kept")]
        assert await journal.append(ONE, [paused(3)], after_seq=2) == 3


async def test_two_processes_write_one_journal(database_url: str) -> None:
    async with open_database(database_url) as ours, open_database(database_url) as theirs:
        await migrate(ours)
        await SqlJournal(ours).append(ONE, [paused(1)], after_seq=0)
        await SqlJournal(theirs).append(ONE, [paused(2)], after_seq=1)

        with pytest.raises(JournalConflict):
            await SqlJournal(ours).append(ONE, [paused(3)], after_seq=1)
        assert await seqs(SqlJournal(ours)) == [1, 2]


async def test_facts_in_a_transaction_share_its_fate(database: Database) -> None:
    journal = SqlJournal(database)

    with pytest.raises(ZeroDivisionError):
        async with database.write() as session:
            await append_in(session, ONE, [paused(1)], after_seq=0)
            raise ZeroDivisionError
    assert await seqs(journal) == []

    async with database.write() as session:
        assert await append_in(session, ONE, [paused(1)], after_seq=0) == 1
        assert await append_in(session, ONE, [paused(2)], after_seq=1) == 2
    assert await seqs(journal) == [1, 2]


async def test_a_conflict_undoes_the_transaction_it_was_in(database: Database) -> None:
    journal = SqlJournal(database)
    await journal.append(ONE, [paused(1)], after_seq=0)

    with pytest.raises(JournalConflict):
        async with database.write() as session:
            await append_in(session, TWO, [paused(1)], after_seq=0)
            await append_in(session, ONE, [paused(2)], after_seq=0)

    assert await seqs(journal, TWO) == []
