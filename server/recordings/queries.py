"""What is asked of the journal's table about recordings."""

from __future__ import annotations

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import aliased

from sessions.codec import decode_fact
from sessions.facts import (
    Fact,
    InterviewAbandoned,
    InterviewCompleted,
    RecordingDeleted,
    RecordingFailed,
    RecordingStarted,
    RecordingStored,
)
from sessions.ids import InterviewId
from sessions.infra.db import ReadSession
from sessions.infra.tables import FactRow

_ENDS = (InterviewCompleted.__name__, InterviewAbandoned.__name__)
_KINDS = tuple(
    kind.__name__ for kind in (RecordingStarted, RecordingStored, RecordingFailed, RecordingDeleted)
)


async def fetch_recording_facts(session: ReadSession, interview_id: InterviewId) -> list[Fact]:
    """Only those on the recording: a player asks many times, and an interview has many facts."""
    rows = await session.execute(
        select(FactRow.kind, FactRow.version, FactRow.body)
        .where(FactRow.interview_id == interview_id, FactRow.kind.in_(_KINDS))
        .order_by(FactRow.seq)
    )
    return [decode_fact(kind, version, body) for kind, version, body in rows]


async def fetch_due(session: ReadSession, *, cutoff_ms: int) -> list[InterviewId]:
    """Interviews that hold a recording and ended at or before `cutoff_ms`, or, without an end,
    have no fact after it."""
    other = aliased(FactRow)
    same = other.interview_id == FactRow.interview_id
    deleted = exists().where(same, other.seq > FactRow.seq, other.kind == RecordingDeleted.__name__)
    ended = exists().where(same, other.kind.in_(_ENDS), other.at_ms <= cutoff_ms)
    is_recent = exists().where(same, other.at_ms > cutoff_ms)
    found = await session.scalars(
        select(FactRow.interview_id)
        .where(FactRow.kind == RecordingStored.__name__, ~deleted, or_(ended, ~is_recent))
        .distinct()
        .order_by(FactRow.interview_id)
    )
    return [InterviewId(found_id) for found_id in found]
