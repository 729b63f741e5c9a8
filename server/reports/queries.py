"""The table of reports as a queue: who is due, who writes, what was stored.

A lease is one atomic UPDATE, so any number of servers may take from the queue at once. Whoever
leased with attempt n stores with attempt n: a writer whose lease has ended since finds no row.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from pydantic import JsonValue
from sqlalchemy import CursorResult, exists, func, insert, select, update
from sqlalchemy.orm import load_only

from server.interviews.models import Interview
from server.reports.models import PENDING, REASON_CHARS, ReportRow, ReportState
from sessions.facts import InterviewAbandoned, InterviewCompleted
from sessions.ids import InterviewId
from sessions.infra.db import ReadSession, WriteSession
from sessions.infra.tables import FactRow

_ENDS = (InterviewCompleted.__name__, InterviewAbandoned.__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to write one version until the lease ends."""

    report_id: str
    interview_id: InterviewId
    version: int
    attempt: int


# -- the versions of an interview -----------------------------------------------------------------


async def fetch_versions(session: ReadSession, interview_id: str) -> list[ReportRow]:
    """The oldest first, without their bodies."""
    found = await session.scalars(
        select(ReportRow)
        .where(ReportRow.interview_id == interview_id)
        .order_by(ReportRow.version)
        .options(
            load_only(
                ReportRow.interview_id,
                ReportRow.version,
                ReportRow.state,
                ReportRow.attempts,
                ReportRow.reason,
                ReportRow.idempotency_key,
                ReportRow.created_at_ms,
                ReportRow.written_at_ms,
                raiseload=True,
            )
        )
    )
    return list(found)


async def fetch_body(session: ReadSession, report_id: str) -> dict[str, JsonValue] | None:
    return await session.scalar(select(ReportRow.body).where(ReportRow.id == report_id))


async def enqueue(
    session: WriteSession,
    interview_ids: Sequence[str],
    *,
    now_ms: int,
    version: int = 1,
    idempotency_key: str | None = None,
) -> None:
    """Raises IntegrityError when another server has queued one of them meanwhile."""
    await session.execute(
        insert(ReportRow),
        [
            {
                "id": str(uuid.uuid4()),
                "interview_id": interview_id,
                "version": version,
                "state": ReportState.QUEUED.value,
                "attempts": 0,
                "due_at_ms": now_ms,
                "reason": "",
                "idempotency_key": idempotency_key,
                "created_at_ms": now_ms,
            }
            for interview_id in interview_ids
        ],
    )


async def fetch_ended(session: ReadSession, *, since_ms: int, limit: int) -> list[str]:
    """Interviews that ended at or after `since_ms` and have no report in any state."""
    found = await session.scalars(
        select(FactRow.interview_id)
        .join(Interview, Interview.id == FactRow.interview_id)
        .where(
            FactRow.kind.in_(_ENDS),
            FactRow.at_ms >= since_ms,
            ~exists().where(ReportRow.interview_id == FactRow.interview_id),
        )
        .distinct()
        .limit(limit)
    )
    return list(found)


# -- the writer's side ----------------------------------------------------------------------------


async def fetch_next_due_ms(session: ReadSession) -> int | None:
    """When the next version may be taken; None when nothing waits."""
    return await session.scalar(
        select(func.min(ReportRow.due_at_ms)).where(ReportRow.state.in_(PENDING))
    )


async def lease(session: WriteSession, *, now_ms: int, lease_ms: int) -> Lease | None:
    """The version that is due for longest: one never tried, one put off, or one whose writer's
    lease has ended. None when nothing is due, or others have taken it."""
    due = (ReportRow.state.in_(PENDING), ReportRow.due_at_ms <= now_ms)
    first = (
        select(ReportRow.id)
        .where(*due)
        .order_by(ReportRow.due_at_ms, ReportRow.id)
        .limit(1)
        .with_for_update(skip_locked=True)  # left out on SQLite, where one writes at a time
        .scalar_subquery()
    )
    taken = await session.execute(
        update(ReportRow)
        .where(ReportRow.id == first, *due)
        .values(
            state=ReportState.WRITING.value,
            attempts=ReportRow.attempts + 1,
            due_at_ms=now_ms + lease_ms,
            lease_until_ms=now_ms + lease_ms,
        )
        .returning(ReportRow.id, ReportRow.interview_id, ReportRow.version, ReportRow.attempts)
        .execution_options(synchronize_session=False)
    )
    row = taken.one_or_none()
    if row is None:
        return None
    report_id, interview_id, version, attempts = row
    return Lease(
        report_id=report_id,
        interview_id=InterviewId(interview_id),
        version=version,
        attempt=attempts,
    )


async def store(
    session: WriteSession, held: Lease, body: dict[str, JsonValue], *, now_ms: int
) -> bool:
    """False when the lease has gone to another writer: what this one wrote is dropped."""
    return await _end(
        session,
        held,
        {
            "state": ReportState.READY.value,
            "body": body,
            "reason": "",
            "written_at_ms": now_ms,
            "due_at_ms": now_ms,
        },
    )


async def put_off(session: WriteSession, held: Lease, reason: str, *, due_at_ms: int) -> bool:
    """Back into the queue, not before `due_at_ms`."""
    return await _end(
        session,
        held,
        {
            "state": ReportState.QUEUED.value,
            "reason": reason[:REASON_CHARS],
            "due_at_ms": due_at_ms,
        },
    )


async def give_up(session: WriteSession, held: Lease, reason: str) -> bool:
    return await _end(
        session, held, {"state": ReportState.FAILED.value, "reason": reason[:REASON_CHARS]}
    )


async def _end(session: WriteSession, held: Lease, values: dict[str, object]) -> bool:
    result = cast(
        "CursorResult[tuple[()]]",
        await session.execute(
            update(ReportRow)
            .where(
                ReportRow.id == held.report_id,
                ReportRow.state == ReportState.WRITING.value,
                ReportRow.attempts == held.attempt,
            )
            .values(lease_until_ms=None, **values)
            .execution_options(synchronize_session=False)
        ),
    )
    return result.rowcount == 1
