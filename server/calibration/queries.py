"""Ratings as they are stored, and what the newest reports say of the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, TypeAdapter, ValidationError
from sqlalchemy import Select, func, select

from scoring.model import Purpose, Score
from server.calibration.models import RatingRow, ReportSeen, Source
from server.interviews.models import Interview
from server.reports.models import ReportRow, ReportState
from sessions.infra.db import ReadSession

MAX_RATINGS = 20_000
"""Compared at once; the latest ones count."""
AT_ONCE = 500
"""Ids in one statement: databases have a limit."""
NOT_ENOUGH = "There was not enough said to judge."


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What the newest report of an interview says, by competency."""

    purpose: Purpose
    scores: Mapping[str, Score] = field(default_factory=dict[str, Score])


class _Scored(BaseModel):
    id: str
    score: Score


class _Body(BaseModel):
    purpose: Purpose
    has_enough: bool
    competencies: list[_Scored] | None


_BODY = TypeAdapter(_Body)


async def fetch_machine(session: ReadSession, ids: Select[str]) -> dict[str, Machine]:
    """By interview; without those that have no report yet, or one of an unknown form. `ids`
    selects the interviews.
    """
    newest = (
        select(ReportRow.interview_id, func.max(ReportRow.version).label("version"))
        .where(ReportRow.state == ReportState.READY.value, ReportRow.interview_id.in_(ids))
        .group_by(ReportRow.interview_id)
        .subquery()
    )
    # A report is some hundred times as large as what is read of it here.
    body = ReportRow.body
    rows = await session.execute(
        select(
            ReportRow.interview_id,
            body["purpose"],
            body["has_enough"],
            body[("scores", "competencies")],
        ).join(
            newest,
            (ReportRow.interview_id == newest.c.interview_id)
            & (ReportRow.version == newest.c.version),
        )
    )
    found: dict[str, Machine] = {}
    for interview_id, purpose, has_enough, competencies in rows:
        told = {"purpose": purpose, "has_enough": has_enough, "competencies": competencies}
        machine = _read(told)
        if machine is not None:
            found[interview_id] = machine
    return found


def _read(told: Mapping[str, object]) -> Machine | None:
    try:
        body = _BODY.validate_python(told)
    except ValidationError:
        return None
    none = Score(value=None, reason=NOT_ENOUGH)
    return Machine(
        purpose=body.purpose,
        scores={one.id: one.score if body.has_enough else none for one in body.competencies or ()},
    )


def rated_ids(account_id: str | None = None) -> Select[str]:
    """The interviews that have ratings; those of the account alone, if one is given."""
    query = select(RatingRow.interview_id).distinct()
    if account_id is None:
        return query
    return query.join(Interview, Interview.id == RatingRow.interview_id).where(
        Interview.account_id == account_id
    )


async def fetch_ratings(session: ReadSession, ids: Select[str]) -> list[RatingRow]:
    """Of the interviews that `ids` selects, the latest first."""
    found = await session.scalars(
        select(RatingRow)
        .where(RatingRow.interview_id.in_(ids))
        .order_by(RatingRow.created_at_ms.desc(), RatingRow.id)
        .limit(MAX_RATINGS)
    )
    return list(found)


async def fetch_types(session: ReadSession, ids: Select[str]) -> dict[str, str]:
    """The interviews' types, by interview: each has a rubric of its own."""
    rows = await session.execute(select(Interview.id, Interview.type).where(Interview.id.in_(ids)))
    return {id: type for id, type in rows}


async def fetch_own_ratings(
    session: ReadSession, interview_id: str, account_id: str
) -> list[RatingRow]:
    """What the account rated on the page."""
    found = await session.scalars(
        select(RatingRow).where(
            RatingRow.interview_id == interview_id,
            RatingRow.source == Source.PAGE.value,
            RatingRow.rater == account_id,
        )
    )
    return list(found)


async def has_seen(session: ReadSession, interview_id: str, account_id: str) -> bool:
    return await session.get(ReportSeen, (interview_id, account_id)) is not None


async def fetch_seen(session: ReadSession, account_id: str) -> set[str]:
    """The interviews whose reports the account has opened."""
    found = await session.scalars(
        select(ReportSeen.interview_id).where(ReportSeen.account_id == account_id)
    )
    return set(found)


async def fetch_interviews(session: ReadSession, ids: Sequence[str]) -> dict[str, Interview]:
    """Those there are, by id."""
    found: dict[str, Interview] = {}
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        for interview in await session.scalars(select(Interview).where(Interview.id.in_(some))):
            found[interview.id] = interview
    return found
