"""Tells an interview's log of the versions of its report: one ReportWritten for each.

A version that is ready is due to be told from its `due_at_ms` on; TOLD stands there once it is.
The fact and that mark are one transaction, so that whoever dies in between has told nothing, and
whoever comes next tells it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import func, select, update

from scoring.model import Provenance
from server.reports.models import ReportRow, ReportState
from sessions.codec import to_line
from sessions.errors import FactUnknown, JournalConflict
from sessions.facts import Fact, Numbered, ReportWritten
from sessions.ids import InterviewId
from sessions.infra.db import Database, ReadSession, WriteSession
from sessions.infra.journal import append_in, read_in
from sessions.ports import Bus, Clock, interview_topic
from sessions.recording import fold_recording

TOLD = 0
QUIET_MS = 30_000
"""A log belongs to its room. It counts as left when the interview is over, no recording is being
stored, and this long nothing was added: three times what a room may take for its last facts."""
STORING_MS = 3_600_000
"""A recording that was not stored so long after the last fact died with its room."""
UNREADABLE_MS = 3_600_000
"""A log that a later version wrote to is looked at again after so long."""
TOLD_AT_ONCE = 50

_PROVENANCE = TypeAdapter(Provenance)
_log = logging.getLogger(__name__)


async def tell_due(database: Database, bus: Bus, clock: Clock) -> float | None:
    """Tell what is due. Returns the seconds until more is; None when nothing waits."""
    now_ms = clock.now_ms()
    async with database.read() as session:
        due = await _fetch_due(session, now_ms=now_ms)
    for report_id, interview_id, version in due:
        try:
            line = await _tell(database, report_id, InterviewId(interview_id), version, now_ms)
        except JournalConflict:
            continue  # another server told its own, or the room had a last word: the next time
        except FactUnknown:
            _log.warning("the log of interview %s cannot be read: told later", interview_id)
            async with database.write() as session:
                await _set_due(session, report_id, now_ms + UNREADABLE_MS)
            continue
        if line:
            await bus.publish(interview_topic(InterviewId(interview_id)), line)
    async with database.read() as session:
        next_ms = await session.scalar(select(func.min(ReportRow.due_at_ms)).where(*_UNTOLD))
    return None if next_ms is None else max(0, next_ms - now_ms) / 1000


_UNTOLD = (ReportRow.state == ReportState.READY.value, ReportRow.due_at_ms > TOLD)


async def _fetch_due(session: ReadSession, *, now_ms: int) -> Sequence[tuple[str, str, int]]:
    found = await session.execute(
        select(ReportRow.id, ReportRow.interview_id, ReportRow.version)
        .where(*_UNTOLD, ReportRow.due_at_ms <= now_ms)
        .order_by(ReportRow.due_at_ms, ReportRow.version)
        .limit(TOLD_AT_ONCE)
    )
    return [(id, interview_id, version) for id, interview_id, version in found]


async def _tell(
    database: Database, report_id: str, interview_id: InterviewId, version: int, now_ms: int
) -> str:
    """The news to publish; empty when it was told before, or has to wait for the room.

    Raises JournalConflict.
    """
    line = ""
    async with database.write() as session:
        numbered = await read_in(session, interview_id)
        due_at_ms = left_at_ms(numbered)
        if due_at_ms <= now_ms:
            due_at_ms = TOLD
            made_with = await _fetch_provenance(session, report_id)
            if made_with is not None and not _is_told(numbered, version):
                rubric = made_with.rubric
                fact = ReportWritten(
                    at_ms=now_ms,
                    version=version,
                    judges=made_with.judges,
                    rubric_sha256="" if rubric is None else rubric.sha256,
                )
                seq = await append_in(session, interview_id, [fact], after_seq=numbered[-1].seq)
                line = json.dumps({"seq": seq, "fact": to_line(fact)})
        await _set_due(session, report_id, due_at_ms)
    return line


async def _set_due(session: WriteSession, report_id: str, due_at_ms: int) -> None:
    await session.execute(
        update(ReportRow)
        .where(ReportRow.id == report_id, ReportRow.state == ReportState.READY.value)
        .values(due_at_ms=due_at_ms)
        .execution_options(synchronize_session=False)
    )


async def _fetch_provenance(session: ReadSession, report_id: str) -> Provenance | None:
    """None when an earlier version wrote it in another form: such a report is not told of."""
    query = select(ReportRow.body["made_with"]).where(ReportRow.id == report_id)
    try:
        return _PROVENANCE.validate_python(await session.scalar(query))
    except ValidationError:
        return None


def left_at_ms(numbered: Sequence[Numbered]) -> int:
    """From when on no room adds to this log, if nothing is added until then."""
    facts: list[Fact] = [entry.fact for entry in numbered]
    added = [fact for fact in facts if not isinstance(fact, ReportWritten)]
    recording = fold_recording(added)
    return recording.last_ms + (STORING_MS if recording.pending else QUIET_MS)


def _is_told(numbered: Sequence[Numbered], version: int) -> bool:
    told = [entry.fact for entry in numbered if isinstance(entry.fact, ReportWritten)]
    return any(fact.version == version for fact in told)
