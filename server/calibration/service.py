"""Ratings by people: the sheet of one interview, and how far they and the machine agree."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from scoring.calibration_ratings import HumanRating, whole_rating
from scoring.model import Purpose, Score
from scoring.rubric import Rubric
from server.calibration import queries
from server.calibration.comparing import compare_rows, name_competencies, rater_name
from server.calibration.errors import AlreadyRated, NotForCandidates
from server.calibration.importing import Imported, import_ratings, rubric_of
from server.calibration.labelled import judge_labelled_once
from server.calibration.models import RatingRow, ReportSeen, Sight, Source
from server.calibration.queries import Machine
from server.calibration.schemas import (
    CalibrationView,
    ComparedView,
    CompetencyView,
    Pair,
    Sent,
    Sheet,
    ToRate,
)
from server.interviews.labels import DIFFICULTY_LABELS, TYPE_LABELS
from server.interviews.models import Interview
from server.reports.errors import InterviewGoesOn
from sessions.errors import InputInvalid
from sessions.facts import Fact, InterviewPlanned
from sessions.infra.db import Database
from sessions.lifecycle import Status
from sessions.plan import Difficulty, InterviewType
from sessions.ports import Clock

OFFERED = 10
"""Interviews that the page offers to rate."""
NOT_RATED_YET = "The machine has not rated this interview yet."
NOT_IN_REPORT = "The report does not rate it."
OWN = "you"


class Calibrations:
    """Of one database. Each public method is one request's work."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def load_sheet(
        self, interview: Interview, facts: Sequence[Fact], account_id: str
    ) -> Sheet:
        """Nothing of the machine's before the account has rated. Raises InterviewGoesOn,
        NotForCandidates.
        """
        check_rateable(interview, facts)
        rubric = rubric_of(interview)
        async with self._database.read() as session:
            rows = await queries.fetch_own_ratings(session, interview.id, account_id)
            has_seen = await queries.has_seen(session, interview.id, account_id)
            machine: dict[str, Machine] = {}
            if rows:
                machine = await queries.fetch_machine(
                    session, select(Interview.id).where(Interview.id == interview.id)
                )
        return Sheet(
            interview_id=interview.id,
            rubric=f"{rubric.id} version {rubric.version}",
            competencies=[
                CompetencyView(
                    id=one.id,
                    label=one.name,
                    definition=one.definition,
                    expected=one.expected,
                    anchors=dict(one.anchors),
                )
                for one in rubric.competencies
            ],
            has_seen_report=has_seen,
            sent=_sent(rubric, rows, machine.get(interview.id)) if rows else None,
        )

    async def rate(
        self,
        interview: Interview,
        facts: Sequence[Fact],
        account_id: str,
        ratings: Mapping[str, int | None],
    ) -> Sheet:
        """All competencies of the rubric at once, and once only. Raises InputInvalid for one that
        lacks or is unknown, AlreadyRated, InterviewGoesOn, NotForCandidates.
        """
        check_rateable(interview, facts)
        _check_complete(rubric_of(interview), ratings)
        now_ms = self._clock.now_ms()
        try:
            async with self._database.write() as session:
                if await queries.fetch_own_ratings(session, interview.id, account_id):
                    raise AlreadyRated
                has_seen = await queries.has_seen(session, interview.id, account_id)
                sight = Sight.SEEN if has_seen else Sight.BLIND
                session.add_all(
                    RatingRow(
                        id=str(uuid.uuid4()),
                        interview_id=interview.id,
                        source=Source.PAGE.value,
                        rater=account_id,
                        competency=competency,
                        question_id="",
                        rating=rating,
                        sight=sight.value,
                        created_at_ms=now_ms,
                    )
                    for competency, rating in ratings.items()
                )
        except IntegrityError:  # another request of the same person was first
            raise AlreadyRated from None
        return await self.load_sheet(interview, facts, account_id)

    async def note_seen(self, interview_id: str, account_id: str) -> None:
        """The account has opened the interview's report. Twice is no mistake."""
        async with self._database.read() as session:
            if await queries.has_seen(session, interview_id, account_id):
                return
        try:
            async with self._database.write() as session:
                session.add(
                    ReportSeen(
                        interview_id=interview_id,
                        account_id=account_id,
                        first_seen_at_ms=self._clock.now_ms(),
                    )
                )
        except IntegrityError:
            return  # noted by another request, or deleted meanwhile

    async def fetch_own(self, account_id: str, interviews: Sequence[Interview]) -> CalibrationView:
        """`interviews`: the account's, the newest first."""
        rated = queries.rated_ids(account_id)
        async with self._database.read() as session:
            seen = await queries.fetch_seen(session, account_id)
            rows = await queries.fetch_ratings(session, rated)
            done = {row.interview_id for row in rows if row.source == Source.PAGE.value}
            offered = _choose([one for one in interviews if one.id not in done], seen)
            is_wanted = Interview.id.in_(rated) | Interview.id.in_([one.id for one in offered])
            wanted = select(Interview.id).where(is_wanted)
            machine = await queries.fetch_machine(session, wanted)
            types = await queries.fetch_types(session, wanted)
        # The wall: whose interview was for hiring learns nothing of how it was assessed.
        machine = {id: one for id, one in machine.items() if one.purpose is Purpose.PRACTICE}
        rows = [row for row in rows if row.interview_id in machine]
        blind, others = compare_rows(rows, machine, types=types, name=_name_to_owner)
        return CalibrationView(
            blind=blind,
            others=others,
            competencies=name_competencies([blind, others]),
            labelled=await asyncio.to_thread(judge_labelled_once),
            to_rate=[_to_rate(one, seen) for one in offered if one.id in machine],
        )

    async def compare_all(self) -> ComparedView:
        """Everything that is stored, of all accounts: for the operator."""
        async with self._database.read() as session:
            rows = await queries.fetch_ratings(session, queries.rated_ids())
            machine = await queries.fetch_machine(session, queries.rated_ids())
            types = await queries.fetch_types(session, queries.rated_ids())
        blind, others = compare_rows(rows, machine, types=types, name=rater_name)
        return ComparedView(blind=blind, others=others)

    async def take(self, ratings: Sequence[HumanRating], *, is_blind: bool) -> Imported:
        """All of them or none. Raises InputInvalid, a sentence per line."""
        async with self._database.write() as session:
            return await import_ratings(
                session, ratings, is_blind=is_blind, now_ms=self._clock.now_ms()
            )


def check_rateable(interview: Interview, facts: Sequence[Fact]) -> None:
    """By its own candidate. Raises InterviewGoesOn, NotForCandidates."""
    planned = next((fact for fact in facts if isinstance(fact, InterviewPlanned)), None)
    if planned is None or planned.request.purpose is not Purpose.PRACTICE:
        raise NotForCandidates
    if not Status(interview.status).is_over:
        raise InterviewGoesOn


def _check_complete(rubric: Rubric, ratings: Mapping[str, int | None]) -> None:
    known = [one.id for one in rubric.competencies]
    faults = {f"ratings.{id}": "Choose one." for id in known if id not in ratings}
    faults |= {
        f"ratings.{id[:60]}": "The rubric has no such competency."
        for id in ratings
        if id not in known
    }
    if faults:
        raise InputInvalid("Some fields are missing or wrong.", fields=faults)


def _sent(rubric: Rubric, rows: Sequence[RatingRow], machine: Machine | None) -> Sent:
    given = {row.competency: row.rating for row in rows}
    return Sent(
        at_ms=rows[0].created_at_ms,
        sight=Sight(rows[0].sight),
        has_report=machine is not None,
        pairs=[
            _pair(
                one.id,
                one.name,
                given[one.id],
                Score(value=None, reason=NOT_RATED_YET)
                if machine is None
                else machine.scores.get(one.id, Score(value=None, reason=NOT_IN_REPORT)),
                one.anchors,
            )
            for one in rubric.competencies
            if one.id in given
        ],
    )


def _pair(
    id: str, label: str, person: int | None, score: Score, anchors: Mapping[int, str]
) -> Pair:
    machine = None if score.value is None else whole_rating(score.value)
    return Pair(
        id=id,
        label=label,
        person=person,
        machine=machine,
        reason=score.reason,
        difference=None if person is None or machine is None else machine - person,
        anchors=dict(anchors),
    )


def _choose(interviews: Sequence[Interview], seen: set[str]) -> list[Interview]:
    """Of those that are over; the ones whose report was not opened yet first."""
    over = [one for one in interviews if Status(one.status).is_over]
    return sorted(over, key=lambda one: one.id in seen)[:OFFERED]


def _to_rate(interview: Interview, seen: set[str]) -> ToRate:
    return ToRate(
        interview_id=interview.id,
        type_label=TYPE_LABELS[InterviewType(interview.type)],
        difficulty_label=DIFFICULTY_LABELS[Difficulty(interview.difficulty)],
        ended_ms=interview.ended_ms,
        has_seen_report=interview.id in seen,
        rate_path=f"/interviews/{interview.id}/rate",
    )


def _name_to_owner(row: RatingRow) -> str:
    return OWN if row.source == Source.PAGE.value else row.rater
