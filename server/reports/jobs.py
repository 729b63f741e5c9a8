"""Writes the reports of interviews that are over, in the background of each server.

The end of an interview is a durable fact, and that fact is what queues its report: whoever is
away when it happens (this server, the bus, the person) finds it later. A page that asks for a
report queues it too, and wakes the writer; so does any message on the bus's topic `reports`.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial

from sqlalchemy.exc import IntegrityError

from scoring.judges.judgement import scored_facts
from scoring.rubric import rubric_for
from server.reports import queries
from server.reports.content import Body, write_body
from server.reports.judging import ModelJudge
from server.reports.queries import Lease
from server.reports.telling import tell_due
from sessions.errors import VivavoceError
from sessions.facts import Fact, InterviewPlanned
from sessions.infra.db import Database
from sessions.ports import REPORTS_TOPIC, Bus, Clock, Journal

LEASE_MS = 180_000
WRITE_LIMIT_S = 150.0
"""Less than a lease, so that a slow writer gives up before another begins. A model that judges
answers some thirty requests."""
FIRST_DELAY_MS = 2_000
LAST_DELAY_MS = 300_000
FOUND_MS = 7 * 86_400_000
"""Interviews that ended longer ago and have no report get one when it is asked for."""
FOUND_AT_ONCE = 500
TAKEN_S = 0.05
FAILING_S = 2.0
"""The wait after the database failed."""
_DIED = "its writer ended before it was done, again and again."
_UNKNOWN = "something went wrong on our side. The server's log says what."

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """`sweep_s`: how often ended interviews are looked for. `attempts`: so many, then failed."""

    sweep_s: float = 10.0
    attempts: int = 8


class Writer:
    """One per server; any number may work on one database. `write` makes a report's body of an
    interview's facts, in a thread."""

    def __init__(
        self,
        *,
        database: Database,
        journal: Journal,
        bus: Bus,
        clock: Clock,
        rhythm: Rhythm,
        write: Callable[[Sequence[Fact]], Body] = write_body,
        judge: ModelJudge | None = None,
    ) -> None:
        self._database = database
        self._journal = journal
        self._bus = bus
        self._clock = clock
        self._rhythm = rhythm
        self._write = write
        self._judge = judge
        self._woken = asyncio.Event()

    async def run(self) -> None:
        """Until it is cancelled. What it had begun is taken up again when its lease ends."""
        while True:
            self._woken.clear()
            try:
                await self.queue_ended()
                wait_s = min(await self.write_due(), await self.tell_due())
            except Exception:  # the edge: a database that is away now may be back soon
                _log.exception("reports cannot be written; the next time is in %d s", FAILING_S)
                await asyncio.sleep(FAILING_S)
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._woken.wait()

    async def listen(self) -> None:
        """Wakes the writer when somebody says on the bus that there is something to do."""
        async with self._bus.subscribe(REPORTS_TOPIC) as news:
            async for _ in news:
                self._woken.set()

    async def queue_ended(self) -> int:
        """Queue the reports of interviews that ended and have none. Returns how many."""
        now_ms = self._clock.now_ms()
        async with self._database.read() as session:
            found = await queries.fetch_ended(
                session, since_ms=now_ms - FOUND_MS, limit=FOUND_AT_ONCE
            )
        if not found:
            return 0
        try:
            async with self._database.write() as session:
                await queries.enqueue(session, found, now_ms=now_ms)
        except IntegrityError:
            # All or none: what another server has not queued is found again the next time.
            _log.info("another server queued some of %d reports first", len(found))
        if len(found) == FOUND_AT_ONCE:
            self._woken.set()  # there may be more of them
        return len(found)

    async def write_due(self) -> float:
        """Write all that are due now. Returns the seconds until the next are, or until it is time
        to look for ended interviews again."""
        while True:
            now_ms = self._clock.now_ms()
            async with self._database.write() as session:
                held = await queries.lease(session, now_ms=now_ms, lease_ms=LEASE_MS)
            if held is not None:
                await self._write_one(held)
                continue
            async with self._database.read() as session:
                next_ms = await queries.fetch_next_due_ms(session)
            if next_ms is None or next_ms > now_ms:
                until_s = self._rhythm.sweep_s if next_ms is None else (next_ms - now_ms) / 1000
                return min(self._rhythm.sweep_s, until_s)
            await asyncio.sleep(TAKEN_S)  # another server's writer was about to take it

    async def tell_due(self) -> float:
        """Tell the interviews' logs of what was written, as soon as their rooms have left them.
        Returns the seconds until there is more to tell, or until it is time to look again."""
        next_s = await tell_due(self._database, self._bus, self._clock)
        return self._rhythm.sweep_s if next_s is None else min(self._rhythm.sweep_s, next_s)

    async def _write_one(self, held: Lease) -> None:
        if held.attempt > self._rhythm.attempts:
            async with self._database.write() as session:
                await queries.give_up(session, held, _DIED)
            return
        try:
            async with asyncio.timeout(WRITE_LIMIT_S):
                numbered = await self._journal.read(held.interview_id)
                facts = [entry.fact for entry in numbered]
                write = self._write
                if self._judge is not None:
                    facts, write = await self._judged(self._judge, facts)
                body = await asyncio.to_thread(write, facts)
            async with self._database.write() as session:
                is_ours = await queries.store(session, held, body, now_ms=self._clock.now_ms())
        except Exception as exc:  # the edge of one report: the others must not wait for it
            _log.exception("the report of interview %s was not written", held.interview_id)
            await self._put_off(held, exc)
        else:
            if not is_ours:
                _log.warning("another writer has the report of interview %s", held.interview_id)

    async def _judged(
        self, judge: ModelJudge, facts: Sequence[Fact]
    ) -> tuple[list[Fact], Callable[[Sequence[Fact]], Body]]:
        """What a model has found counts after all that was found while the interview ran."""
        planned = next(fact for fact in facts if isinstance(fact, InterviewPlanned))
        rubric = rubric_for(planned.request.type, planned.request.difficulty)
        judgement = await judge.judge(facts, rubric)
        scored = scored_facts(judgement.findings, at_ms=self._clock.now_ms())
        return [*facts, *scored], partial(write_body, ratings=judgement.ratings)

    async def _put_off(self, held: Lease, exc: Exception) -> None:
        reason = exc.message if isinstance(exc, VivavoceError) else _UNKNOWN
        async with self._database.write() as session:
            if held.attempt >= self._rhythm.attempts:
                await queries.give_up(session, held, reason)
            else:
                due_at_ms = self._clock.now_ms() + delay_ms(held.attempt)
                await queries.put_off(session, held, reason, due_at_ms=due_at_ms)


def delay_ms(attempt: int) -> int:
    """Before the attempt after `attempt`: twice as long each time, a half more or less, so that
    servers that failed together do not come back together."""
    longest_ms = min(FIRST_DELAY_MS * 2 ** (attempt - 1), LAST_DELAY_MS)
    return int(longest_ms * random.uniform(0.5, 1.5))  # noqa: S311 -- spreads load, guards nothing


@asynccontextmanager
async def keep_writing(writer: Writer) -> AsyncGenerator[None]:
    """Reports are written as long as the block lasts."""
    async with asyncio.TaskGroup() as tasks:
        running = [
            tasks.create_task(writer.run(), name="reports' writer"),
            tasks.create_task(writer.listen(), name="reports' news"),
        ]
        try:
            yield
        finally:
            for task in running:
                task.cancel()
