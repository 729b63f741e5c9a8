"""The writer of reports: whatever dies or fails in between, every interview gets its report."""

from __future__ import annotations

import asyncio
import copy
import random
import threading
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from sqlalchemy import func, insert, select, update

from server.accounts.models import Account
from server.interviews.models import Interview
from server.reports import queries
from server.reports.content import Body, write_body
from server.reports.jobs import LEASE_MS, Rhythm, Writer, delay_ms, keep_writing
from server.reports.models import ReportRow
from server.reports.service import Reports
from sessions.codec import encode_fact, kind_of
from sessions.facts import AnswerScored, Fact, InterviewCompleted, InterviewPlanned
from sessions.ids import InterviewId
from sessions.infra.bus_memory import MemoryBus
from sessions.infra.db import Database, ReadSession, WriteSession
from sessions.infra.journal import SqlJournal
from sessions.infra.tables import FactRow
from tests.scoring.golden import load_log
from tests.support.clock import FakeClock
from tests.support.polling import eventually

ACCOUNT = "11111111-1111-4111-8111-111111111111"
INTERVIEWS = {"sqlite": 1_000, "postgresql": 250}
GOLDEN = load_log()
ENDED_MS = GOLDEN[-1].at_ms

_BODIES = {id(fact): encode_fact(fact) for fact in GOLDEN}
"""Encoded once: a thousand interviews have forty thousand facts."""


class FlakyDatabase(Database):
    """Every so many sessions the database is away. Shares the engine of a real one."""

    def __init__(self, database: Database, *, every: int) -> None:
        super().__init__(database.engine)
        self._turn = database._turn
        self._every = every
        self._sessions = 0
        self.failures = 0

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[ReadSession]:
        self._fail_now_and_then()
        async with super().read() as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[WriteSession]:
        self._fail_now_and_then()
        async with super().write() as session:
            yield session

    def _fail_now_and_then(self) -> None:
        self._sessions += 1
        if self._sessions % self._every == 0:
            self.failures += 1
            raise OSError("the database is away")


def golden_variant(number: int) -> tuple[str, list[Fact]]:
    """The golden interview with another id, and some of its scores missing."""
    interview_id = InterviewId(f"00000000-0000-4000-8000-{number:012}")
    chance = random.Random(number)  # noqa: S311 -- variety, no secret
    facts: list[Fact] = []
    for fact in GOLDEN:
        if isinstance(fact, InterviewPlanned):
            facts.append(replace(fact, interview_id=interview_id))
        elif not (isinstance(fact, AnswerScored) and chance.random() < 0.3):
            facts.append(fact)
    return interview_id, facts


async def store_interviews(
    database: Database, numbers: Sequence[int], *, goes_on: bool = False
) -> list[str]:
    """Interviews with their journals, straight into the tables."""
    planned = GOLDEN[0]
    assert isinstance(planned, InterviewPlanned)
    ids: list[str] = []
    rows: list[dict[str, object]] = []
    async with database.write() as session:
        if await session.get(Account, ACCOUNT) is None:
            account = {
                "id": ACCOUNT,
                "email": "a@b.example",
                "name": "A",
                "password_hash": "x",
                "created_ms": 0,
            }
            await session.execute(insert(Account), [account])
        for number in numbers:
            interview_id, facts = golden_variant(number)
            ids.append(interview_id)
            session.add(
                Interview(
                    id=interview_id,
                    account_id=ACCOUNT,
                    type=planned.request.type.value,
                    difficulty=planned.request.difficulty.value,
                    role=planned.request.role,
                    question_count=len(planned.questions),
                    planned_minutes=12,
                    created_ms=planned.at_ms,
                    status="ready",
                    projected_seq=0,
                    answered_count=0,
                    asked_ids=[],
                    answered_ids=[],
                )
            )
            if goes_on:
                facts = [fact for fact in facts if not isinstance(fact, InterviewCompleted)]
            rows.extend(
                {
                    "interview_id": interview_id,
                    "seq": seq,
                    "kind": kind_of(fact),
                    "version": type(fact).VERSION,
                    "at_ms": fact.at_ms,
                    "body": _BODIES.get(id(fact)) or encode_fact(fact),
                }
                for seq, fact in enumerate(facts, start=1)
            )
        await session.flush()
        await session.execute(insert(FactRow), rows)
    return ids


def make_writer(
    database: Database, clock: FakeClock, *, bus: MemoryBus | None = None, sweep_s: float = 1000
) -> Writer:
    return Writer(
        database=database,
        journal=SqlJournal(database),
        bus=bus or MemoryBus(),
        clock=clock,
        rhythm=Rhythm(sweep_s=sweep_s),
    )


async def states(database: Database) -> dict[str, int]:
    async with database.read() as session:
        found = await session.execute(
            select(ReportRow.state, func.count()).group_by(ReportRow.state)
        )
        return {state: count for state, count in found}


@pytest.mark.timeout(240)
async def test_a_thousand_interviews_get_a_thousand_reports(database: Database) -> None:
    """Through a writer that is killed, one that works beside another, and a database that is
    away now and then."""
    count = INTERVIEWS[database.engine.dialect.name]
    ids = await store_interviews(database, range(count))
    clock = FakeClock(ENDED_MS + 1_000)
    flaky = FlakyDatabase(database, every=61)

    async def has_written_some() -> bool:
        return (await states(database)).get("ready", 0) >= count // 4

    async with keep_writing(make_writer(database, clock)):
        await eventually(has_written_some, limit_s=90, every_s=0.1)
    # Cancelled, as its process would be killed: perhaps with a report in its hands.
    assert (await states(database)).get("ready", 0) < count

    async def write_all(writer: Writer) -> None:
        while (await states(database)).get("ready", 0) < count:
            try:
                await writer.queue_ended()
                await writer.write_due()
            except OSError:
                pass  # `Writer.run` logs it and waits
            clock.advance(LEASE_MS + 1)

    async with asyncio.timeout(120), asyncio.TaskGroup() as tasks:
        tasks.create_task(write_all(make_writer(flaky, clock)))
        tasks.create_task(write_all(make_writer(database, clock)))

    assert flaky.failures > 1
    assert await states(database) == {"ready": count}
    async with database.read() as session:
        rows = (await session.execute(select(ReportRow.interview_id, ReportRow.body))).all()
    assert sorted(id for id, _ in rows) == ids
    for id, body in rows[::50]:
        assert body == write_body(golden_variant(int(id[-12:]))[1])
    assert all(body is not None and body["interview_id"] == id for id, body in rows)


async def test_an_interview_that_goes_on_gets_no_report(database: Database) -> None:
    await store_interviews(database, [1], goes_on=True)
    assert await make_writer(database, FakeClock(ENDED_MS)).queue_ended() == 0


async def test_a_report_is_queued_once_by_servers_that_look_together(database: Database) -> None:
    await store_interviews(database, range(20))
    clock = FakeClock(ENDED_MS)
    async with asyncio.TaskGroup() as tasks:
        for _ in range(4):
            tasks.create_task(make_writer(database, clock).queue_ended())
    assert await states(database) == {"queued": 20}


async def test_what_is_leased_by_one_is_not_leased_by_another(database: Database) -> None:
    await store_interviews(database, range(30))
    await make_writer(database, FakeClock(ENDED_MS)).queue_ended()
    taken: list[str] = []

    async def take() -> None:
        while True:
            async with database.write() as session:
                held = await queries.lease(session, now_ms=ENDED_MS, lease_ms=LEASE_MS)
            if held is None:
                # Others may hold the very row that was looked at; then there are more.
                if len(taken) == 30:
                    return
                await asyncio.sleep(0)
                continue
            taken.append(held.report_id)

    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        for _ in range(4):
            tasks.create_task(take())
    assert len(set(taken)) == 30


async def test_a_lease_that_ended_is_taken_up_and_its_late_writer_stores_nothing(
    database: Database,
) -> None:
    [id] = await store_interviews(database, [1])
    clock = FakeClock(ENDED_MS)
    writer = make_writer(database, clock)
    await writer.queue_ended()
    async with database.write() as session:
        dead = await queries.lease(session, now_ms=clock.now_ms(), lease_ms=LEASE_MS)
    assert dead is not None
    assert await writer.write_due() == pytest.approx(LEASE_MS / 1000)
    assert await states(database) == {"writing": 1}
    clock.advance(LEASE_MS)
    await writer.write_due()
    assert await states(database) == {"ready": 1}
    async with database.write() as session:
        assert not await queries.store(session, dead, {"late": True}, now_ms=clock.now_ms())
        assert not await queries.put_off(session, dead, "late", due_at_ms=0)
    reports = Reports(database=database, bus=MemoryBus(), clock=clock, max_versions=20)
    written = await reports.load(InterviewId(id))
    assert written is not None
    assert written.report.interview_id == id


async def test_a_woken_writer_writes_at_once(database: Database) -> None:
    """What is asked for wakes it: it would look by itself only after 1,000 s."""
    bus, clock = MemoryBus(), FakeClock(ENDED_MS)
    async with keep_writing(make_writer(database, clock, bus=bus)):
        [id] = await store_interviews(database, [1])
        reports = Reports(database=database, bus=bus, clock=clock, max_versions=20)
        assert await reports.load(InterviewId(id), wait_s=5) is not None


async def test_a_writer_looks_again_by_itself(database: Database) -> None:
    async with keep_writing(make_writer(database, FakeClock(ENDED_MS), sweep_s=0.05)):
        await store_interviews(database, [1])

        async def is_ready() -> bool:
            return await states(database) == {"ready": 1}

        await eventually(is_ready)


async def test_one_report_that_fails_does_not_stop_the_others(database: Database) -> None:
    await store_interviews(database, range(3))
    clock = FakeClock(ENDED_MS)
    broken = f"00000000-0000-4000-8000-{1:012}"

    def write(facts: Sequence[Fact]) -> Body:
        assert threading.current_thread() is not threading.main_thread()
        if isinstance(facts[0], InterviewPlanned) and facts[0].interview_id == broken:
            raise ValueError("of one")
        return write_body(facts)

    writer = Writer(
        database=database,
        journal=SqlJournal(database),
        bus=MemoryBus(),
        clock=clock,
        rhythm=Rhythm(),
        write=write,
    )
    await writer.queue_ended()
    await writer.write_due()
    assert await states(database) == {"ready": 2, "queued": 1}


async def test_an_account_takes_its_reports_with_it(database: Database) -> None:
    await store_interviews(database, [1])
    writer = make_writer(database, FakeClock(ENDED_MS))
    await writer.queue_ended()
    await writer.write_due()
    async with database.write() as session:
        account = await session.get(Account, ACCOUNT)
        await session.delete(account)
    assert await states(database) == {}


async def test_a_body_comes_back_as_it_was_stored(database: Database) -> None:
    """Its fields in their order, whatever they hold."""
    await store_interviews(database, [1])
    writer = make_writer(database, FakeClock(ENDED_MS))
    await writer.queue_ended()
    body: Body = {"z": "नमस्ते 🎉", "a": [1, None, 0.5], "m": {"b": True, "a": ""}}
    async with database.write() as session:
        held = await queries.lease(session, now_ms=ENDED_MS, lease_ms=LEASE_MS)
        assert held is not None
        assert await queries.store(session, held, copy.deepcopy(body), now_ms=ENDED_MS)
    async with database.read() as session:
        found = await queries.fetch_body(session, held.report_id)
    assert found == body
    assert list(found or {}) == ["z", "a", "m"]


def test_the_waits_grow_and_are_spread() -> None:
    for attempt in range(1, 9):
        waits_ms = {delay_ms(attempt) for _ in range(50)}
        longest_ms = min(2_000 * 2 ** (attempt - 1), 300_000)
        assert len(waits_ms) > 10
        assert min(waits_ms) >= longest_ms // 2
        assert max(waits_ms) <= longest_ms * 1.5


async def test_a_version_waits_for_its_time(database: Database) -> None:
    await store_interviews(database, [1])
    clock = FakeClock(ENDED_MS)
    writer = make_writer(database, clock)
    await writer.queue_ended()
    async with database.write() as session:
        await session.execute(update(ReportRow).values(due_at_ms=ENDED_MS + 5_000))
    assert await writer.write_due() == 5
    assert await states(database) == {"queued": 1}
