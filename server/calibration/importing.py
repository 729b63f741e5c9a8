"""Ratings out of a file, held against what is stored: all of them are taken, or none."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from scoring.calibration_ratings import MAX_FAULTS, HumanRating, not_taken
from scoring.rubric import Rubric, rubric_for
from server.calibration.models import RatingRow, Sight, Source
from server.calibration.queries import AT_ONCE, fetch_interviews
from server.interviews.models import Interview
from sessions.infra.db import ReadSession, WriteSession
from sessions.plan import Difficulty, InterviewType

_Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    added: int
    unchanged: int
    """They were there already."""


async def import_ratings(
    session: WriteSession, ratings: Sequence[HumanRating], *, is_blind: bool, now_ms: int
) -> Imported:
    """Raises InputInvalid, whose `fields` has a sentence per faulty line, by "line 7"."""
    interviews = await _fetch_named(session, ratings)
    stored = await _fetch_stored(session, list(interviews))
    faults: dict[str, str] = {}
    added = 0
    for one in ratings:
        held = stored.get(_key_of(one))
        fault = _fault(one, interviews.get(one.rated.interview_id), held)
        if fault:
            faults[f"line {one.line}"] = fault
        elif held is None:
            session.add(_row(one, is_blind=is_blind, now_ms=now_ms))
            added += 1
        if len(faults) == MAX_FAULTS:
            break
    if faults:
        raise not_taken(faults)
    return Imported(added=added, unchanged=len(ratings) - added)


def rubric_of(interview: Interview) -> Rubric:
    return rubric_for(InterviewType(interview.type), Difficulty(interview.difficulty))


async def _fetch_named(
    session: ReadSession, ratings: Sequence[HumanRating]
) -> Mapping[str, Interview]:
    named = dict.fromkeys(str(one.rated.interview_id) for one in ratings)
    return await fetch_interviews(session, [id for id in named if _is_id(id)])


async def _fetch_stored(session: ReadSession, ids: Sequence[str]) -> dict[_Key, RatingRow]:
    found: dict[_Key, RatingRow] = {}
    for start in range(0, len(ids), AT_ONCE):
        query = select(RatingRow).where(
            RatingRow.source == Source.FILE.value,
            RatingRow.interview_id.in_(ids[start : start + AT_ONCE]),
        )
        for row in await session.scalars(query):
            found[row.interview_id, row.rater, row.competency, row.question_id] = row
    return found


def _is_id(text: str) -> bool:
    """Anything else than an id's own spelling finds nothing, without asking the database."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def _fault(one: HumanRating, interview: Interview | None, held: RatingRow | None) -> str:
    """What is wrong with it; empty: nothing."""
    if interview is None:
        return "There is no such interview."
    rubric = rubric_of(interview)
    known = [competency.id for competency in rubric.competencies]
    if one.rated.competency not in known:
        return f"The competency is none of the rubric {rubric.id}: {', '.join(known)}."
    question_id = one.rated.question_id
    if question_id is not None and question_id not in interview.asked_ids:
        return "The question was not asked in this interview."
    if held is not None and held.rating != one.rating:
        return f"This rater's rating of it is {held.rating} already, and a rating is final."
    return ""


def _row(one: HumanRating, *, is_blind: bool, now_ms: int) -> RatingRow:
    interview_id, rater, competency, question_id = _key_of(one)
    return RatingRow(
        id=str(uuid.uuid4()),
        interview_id=interview_id,
        source=Source.FILE.value,
        rater=rater,
        competency=competency,
        question_id=question_id,
        rating=one.rating,
        sight=(Sight.BLIND if is_blind else Sight.UNKNOWN).value,
        created_at_ms=now_ms,
    )


def _key_of(one: HumanRating) -> _Key:
    rated = one.rated
    return rated.interview_id, one.rater, rated.competency, rated.question_id or ""
