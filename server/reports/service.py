"""The reports of interviews that are over: reading them, waiting for them, asking again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, repeat

from sqlalchemy.exc import IntegrityError

from scoring.model import Report
from server.reports import queries
from server.reports.content import read_body
from server.reports.errors import (
    ReportFailed,
    ReportOutdated,
    ReportUnderWay,
    TooManyVersions,
)
from server.reports.models import ReportRow, ReportState
from sessions.errors import NotFound
from sessions.ids import InterviewId
from sessions.infra.db import Database
from sessions.ports import REPORTS_TOPIC, Bus, Clock

ASKS_S = (0.02, 0.04, 0.08, 0.15)
"""The waits between looks at whether a report is there; the last is repeated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One version, as it was stored: the whole report, of which each reader gets an edition."""

    id: str
    version: int
    written_at_ms: int
    report: Report


class Reports:
    """Each public method is one request's work. The writer itself is `server.reports.jobs`."""

    def __init__(self, *, database: Database, bus: Bus, clock: Clock, max_versions: int) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._max_versions = max_versions

    async def fetch_versions(self, interview_id: InterviewId) -> list[ReportRow]:
        """The oldest first, without their bodies."""
        async with self._database.read() as session:
            return await queries.fetch_versions(session, interview_id)

    async def load(
        self, interview_id: InterviewId, *, version: int | None = None, wait_s: float = 0
    ) -> Written | None:
        """That version, or the newest that is ready; None while it is still being written after
        `wait_s`. The first version is queued when there is none, and a new one when the newest
        has a form that this Vivavoce does not know.

        Raises NotFound for a version that never was, ReportFailed, ReportOutdated for one asked
        for by its number.
        """
        loop = asyncio.get_running_loop()
        until_s = loop.time() + wait_s
        looks = chain(ASKS_S, repeat(ASKS_S[-1]))
        while True:
            written = await self._look(interview_id, version)
            if written is not None or loop.time() >= until_s:
                return written
            await asyncio.sleep(next(looks))

    async def ask_again(
        self, interview_id: InterviewId, *, idempotency_key: str | None = None
    ) -> tuple[ReportRow, bool]:
        """Queue a new version. With a key that was used for this interview before, the version
        it made then. Returns the version, and whether it is new.

        Raises ReportUnderWay, TooManyVersions.
        """
        versions = await self.fetch_versions(interview_id)
        known = _with_key(versions, idempotency_key)
        if known is not None:
            return known, False
        if versions and ReportState(versions[-1].state).is_pending:
            raise ReportUnderWay
        if len(versions) >= self._max_versions:
            raise TooManyVersions(limit=self._max_versions)
        is_new = await self._queue(interview_id, len(versions) + 1, idempotency_key)
        versions = await self.fetch_versions(interview_id)
        if is_new:
            return versions[-1], True
        # Another request was first, perhaps this one's own twin.
        known = _with_key(versions, idempotency_key)
        if known is None:
            raise ReportUnderWay
        return known, False

    async def _look(self, interview_id: InterviewId, version: int | None) -> Written | None:
        versions = await self.fetch_versions(interview_id)
        if not versions and version in (None, 1):
            await self._queue(interview_id, 1, None)
            return None
        wanted = _pick(versions, version)
        state = ReportState(wanted.state)
        if state is ReportState.FAILED:
            raise ReportFailed(wanted.reason)
        if state.is_pending:
            return None
        async with self._database.read() as session:
            body = await queries.fetch_body(session, wanted.id)
        report = await asyncio.to_thread(read_body, body)
        if report is not None:
            return Written(
                id=wanted.id,
                version=wanted.version,
                written_at_ms=wanted.written_at_ms or wanted.created_at_ms,
                report=report,
            )
        if version is not None:
            raise ReportOutdated(version=version)
        await self._replace(interview_id, versions)
        return None

    async def _replace(self, interview_id: InterviewId, versions: Sequence[ReportRow]) -> None:
        """Queue a version that can be read, unless one is on its way."""
        newest = versions[-1]
        match ReportState(newest.state):
            case ReportState.FAILED:
                raise ReportFailed(newest.reason)
            case ReportState.READY if newest.version >= self._max_versions:
                raise ReportOutdated(version=newest.version)
            case ReportState.READY:
                await self._queue(interview_id, newest.version + 1, None)
            case _:
                pass

    async def _queue(self, interview_id: InterviewId, version: int, key: str | None) -> bool:
        """False when another request queued that version, or used that key, first."""
        try:
            async with self._database.write() as session:
                await queries.enqueue(
                    session,
                    [interview_id],
                    now_ms=self._clock.now_ms(),
                    version=version,
                    idempotency_key=key,
                )
        except IntegrityError:
            return False
        await self._bus.publish(REPORTS_TOPIC, '{"queued": true}')
        return True


def _pick(versions: Sequence[ReportRow], version: int | None) -> ReportRow:
    """The version asked for; else the newest that is ready, else the newest."""
    if version is not None:
        found = next((row for row in versions if row.version == version), None)
        if found is None:
            raise NotFound("version of this report")
        return found
    ready = [row for row in versions if row.state == ReportState.READY.value]
    return (ready or versions)[-1]


def _with_key(versions: Sequence[ReportRow], key: str | None) -> ReportRow | None:
    return next((row for row in versions if key is not None and row.idempotency_key == key), None)
