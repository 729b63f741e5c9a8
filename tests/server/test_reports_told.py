"""The log of an interview is told of each version of its report, once, and never under its room."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import select, update

from scoring.report import write_report
from server.reports import queries
from server.reports.jobs import Writer
from server.reports.models import ReportRow
from server.reports.service import Reports
from server.reports.telling import QUIET_MS, STORING_MS, left_at_ms
from sessions.facts import Fact, Numbered, RecordingStarted, ReportWritten
from sessions.ids import InterviewId
from sessions.infra.bus_memory import MemoryBus
from sessions.infra.db import Database
from sessions.infra.journal import SqlJournal
from sessions.infra.tables import FactRow
from sessions.ports import interview_topic
from tests.scoring.golden import load_log
from tests.server.test_reports_writer import ENDED_MS, make_writer, store_interviews
from tests.support.clock import FakeClock


@dataclass(frozen=True, slots=True)
class Written:
    """One interview whose report is ready, some moments after its end."""

    database: Database
    interview_id: InterviewId
    clock: FakeClock
    bus: MemoryBus
    writer: Writer

    async def told(self) -> list[ReportWritten]:
        return [fact for fact in await self.facts() if isinstance(fact, ReportWritten)]

    async def facts(self) -> list[Fact]:
        numbered = await SqlJournal(self.database).read(self.interview_id)
        return [entry.fact for entry in numbered]

    async def append(self, fact: Fact) -> None:
        after_seq = len(await self.facts())
        await SqlJournal(self.database).append(self.interview_id, [fact], after_seq=after_seq)


@pytest.fixture
async def written(database: Database) -> Written:
    [id] = await store_interviews(database, [1])
    clock, bus = FakeClock(ENDED_MS + 1_000), MemoryBus()
    writer = make_writer(database, clock, bus=bus)
    await writer.queue_ended()
    await writer.write_due()
    return Written(database, InterviewId(id), clock, bus, writer)


async def test_a_version_is_told_once_when_the_room_has_left(written: Written) -> None:
    assert await written.writer.tell_due() == (QUIET_MS - 1_000) / 1000
    assert await written.told() == []
    written.clock.advance(QUIET_MS)
    async with written.bus.subscribe(interview_topic(written.interview_id)) as news:
        await written.writer.tell_due()
        assert "ReportWritten" in await anext(news)
    [told] = await written.told()
    assert (told.at_ms, told.version) == (written.clock.now_ms(), 1)
    report = write_report(load_log())
    assert told.judges == report.made_with.judges
    assert len(told.rubric_sha256) == 64
    written.clock.advance(QUIET_MS)
    await written.writer.tell_due()
    assert len(await written.told()) == 1


async def test_each_version_has_its_own_and_none_changes_the_next(written: Written) -> None:
    written.clock.advance(QUIET_MS)
    await written.writer.tell_due()
    reports = Reports(
        database=written.database, bus=written.bus, clock=written.clock, max_versions=20
    )
    await reports.ask_again(written.interview_id)
    await written.writer.write_due()
    await written.writer.tell_due()
    assert [fact.version for fact in await written.told()] == [1, 2]
    async with written.database.read() as session:
        first, second = (await session.scalars(select(ReportRow.body))).all()
    assert first == second


async def test_who_told_and_died_before_it_was_marked_is_not_repeated(written: Written) -> None:
    written.clock.advance(QUIET_MS)
    await written.writer.tell_due()
    async with written.database.write() as session:
        await session.execute(update(ReportRow).values(due_at_ms=1))
    await written.writer.tell_due()
    assert len(await written.told()) == 1


async def test_a_recording_that_is_being_stored_keeps_the_log_for_its_room(
    written: Written,
) -> None:
    await written.append(
        RecordingStarted(at_ms=written.clock.now_ms(), part=1, started_ms=ENDED_MS)
    )
    written.clock.advance(QUIET_MS + 1)
    await written.writer.tell_due()
    assert await written.told() == []
    written.clock.advance(STORING_MS)
    await written.writer.tell_due()
    assert len(await written.told()) == 1


async def test_a_log_that_cannot_be_read_does_not_hold_up_the_others(written: Written) -> None:
    [other] = await store_interviews(written.database, [2])
    await written.writer.queue_ended()
    await written.writer.write_due()
    async with written.database.write() as session:
        await session.execute(
            update(FactRow)
            .where(FactRow.interview_id == written.interview_id, FactRow.seq == 1)
            .values(kind="OfTheFuture")
        )
    written.clock.advance(QUIET_MS)
    assert await written.writer.tell_due() > 0
    numbered = await SqlJournal(written.database).read(InterviewId(other))
    assert isinstance(numbered[-1].fact, ReportWritten)


def test_what_was_told_does_not_count_as_the_rooms_own() -> None:
    log = load_log()
    told = ReportWritten(at_ms=log[-1].at_ms + 90_000, version=1, judges=(), rubric_sha256="")
    numbered = [Numbered(seq=seq, fact=fact) for seq, fact in enumerate([*log, told], start=1)]
    assert left_at_ms(numbered) == max(fact.at_ms for fact in log) + QUIET_MS
    assert write_report([*log, told]) == write_report(log)


async def test_nothing_is_told_of_what_is_not_ready(database: Database) -> None:
    await store_interviews(database, [1])
    writer = make_writer(database, FakeClock(ENDED_MS + QUIET_MS))
    await writer.queue_ended()
    async with database.write() as session:
        assert await queries.lease(session, now_ms=ENDED_MS + QUIET_MS, lease_ms=1) is not None
    await writer.tell_due()
    [numbered] = [await SqlJournal(database).read(InterviewId(_ID))]
    assert not isinstance(numbered[-1].fact, ReportWritten)


_ID = f"00000000-0000-4000-8000-{1:012}"
