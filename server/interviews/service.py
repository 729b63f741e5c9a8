"""Creating interviews, listing them, and letting their candidate into the room."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from sqlalchemy import select, update

from server.interviews.models import Interview
from server.interviews.practice import fetch_practice
from server.interviews.projection import Projection, project
from server.questions.generation import Generator
from server.questions.recommend import PastQuestion
from server.questions.relevance import match_questions
from server.questions.service import fetch_questions, list_questions
from sessions.errors import InputInvalid, NotFound
from sessions.facts import InterviewPlanned, Numbered
from sessions.ids import AccountId, InterviewId, QuestionId
from sessions.infra.db import Database, ReadSession, WriteSession
from sessions.infra.journal import append_in
from sessions.lifecycle import Status
from sessions.plan import (
    COUNTS,
    PlanRequest,
    Purpose,
    Question,
    choose_questions,
    count_questions,
    planned_minutes,
)
from sessions.ports import Clock, Journal

LISTED = 100
"""Interviews in one list; paging comes with the history page."""
REMEMBERED = 10
"""Questions of this many of an account's latest interviews count as recently asked, and what was
answered in them is what the next practice is chosen by."""
KEPT_PRACTICE = 500
"""Finished interviews whose answers are kept in memory: they do not change any more."""
GENERATED_RELEVANCE = 1.0
LEFT_MINUTES = 3
"""With less than this left after a chosen first question, no further one is planned."""


class Interviews:
    """Interviews of one database and its journal. Each public method is one request's work."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        clock: Clock,
        *,
        generator: Generator | None = None,
        counts: tuple[int, int] = COUNTS,
    ) -> None:
        """`generator` None: the bank alone. `counts`: fewest and most questions of a plan."""
        self._database = database
        self._journal = journal
        self._clock = clock
        self._generator = generator
        self._counts = counts
        self._practice: dict[str, tuple[PastQuestion, ...]] = {}

    async def create(
        self,
        account_id: AccountId,
        request: PlanRequest,
        *,
        first_question: QuestionId | None = None,
    ) -> Interview:
        """The interview and its InterviewPlanned, stored together. `first_question` is asked first,
        before those that are chosen: for one's own practice alone.

        Raises NoQuestions, and InputInvalid for questions that do not exist or do not fit.
        """
        interview_id = InterviewId(str(uuid.uuid4()))
        first = None
        if first_question is not None:
            first = await self._first(account_id, request, first_question)
        questions = await self._plan(account_id, request, first, seed=interview_id)
        now_ms = self._clock.now_ms()
        async with self._database.write() as session:
            planned = InterviewPlanned(
                at_ms=now_ms,
                interview_id=interview_id,
                account_id=account_id,
                request=request,
                questions=questions,
                seed=interview_id,
            )
            last_seq = await append_in(session, interview_id, [planned], after_seq=0)
            interview = Interview(
                id=interview_id,
                account_id=account_id,
                type=request.type.value,
                difficulty=request.difficulty.value,
                role=request.role,
                question_count=len(questions),
                planned_minutes=planned_minutes(questions),
                created_ms=now_ms,
            )
            _fill(interview, project(Projection(), [Numbered(seq=last_seq, fact=planned)]))
            session.add(interview)
        return interview

    async def estimate(self, request: PlanRequest) -> int:
        """How many questions a plan for it will have. Raises NoQuestions."""
        async with self._database.read() as session:
            bank = await list_questions(session, request.type)
        return await asyncio.to_thread(count_questions, bank, request, counts=self._counts)

    async def find_question(self, account_id: AccountId, id: QuestionId) -> Question | None:
        """A question of the bank, or one that was written for an interview of the account."""
        async with self._database.read() as session:
            found = await fetch_questions(session, [id])
        if found:
            return found[0]
        for interview in await self._fetch_latest(account_id, limit=REMEMBERED):
            if id not in interview.asked_ids:
                continue
            for numbered in await self._journal.read(InterviewId(interview.id)):
                if isinstance(numbered.fact, InterviewPlanned):
                    return next((one for one in numbered.fact.questions if one.id == id), None)
        return None

    async def _first(self, account_id: AccountId, request: PlanRequest, id: QuestionId) -> Question:
        if request.purpose is not Purpose.PRACTICE:
            problem = "A question can be chosen for practice only."
        elif (question := await self.find_question(account_id, id)) is None:
            problem = "There is no such question."
        elif question.type is not request.type:
            problem = "This question is of another kind of interview."
        else:
            return question
        raise InputInvalid("Some fields are missing or wrong.", fields={"first_question": problem})

    async def _plan(
        self, account_id: AccountId, request: PlanRequest, first: Question | None, *, seed: str
    ) -> tuple[Question, ...]:
        async with self._database.read() as session:
            if request.core_questions:
                core = await fetch_questions(session, request.core_questions)
                return choose_questions(core, request, seed=seed)
            bank = await list_questions(session, request.type)
        recent = await self._fetch_latest(account_id, limit=REMEMBERED)
        recently_asked = [QuestionId(id) for interview in recent for id in interview.asked_ids]
        written: tuple[Question, ...] = ()
        if self._generator is not None and bank:
            written = await self._generator.generate(request, bank)
        choose = partial(_choose, [*bank, *written], written, request, recently_asked, first)
        return await asyncio.to_thread(choose, seed=seed, counts=self._counts)

    async def fetch_practice(self, account_id: AccountId) -> list[PastQuestion]:
        """The questions of the latest finished interviews, the latest first."""
        latest = await self._fetch_latest(account_id, limit=REMEMBERED)
        finished = [interview.id for interview in latest if Status(interview.status).is_over]
        for interview_id in finished:
            if interview_id not in self._practice:
                async with self._database.read() as session:
                    found = await fetch_practice(session, InterviewId(interview_id))
                while len(self._practice) >= KEPT_PRACTICE:
                    self._practice.pop(next(iter(self._practice)))
                self._practice[interview_id] = found
        return [
            past
            for interview_id in finished
            # Another request may have made room in the meantime.
            for past in self._practice.get(interview_id, ())
        ]

    async def fetch_all(self, account_id: AccountId) -> list[Interview]:
        """The account's interviews, the newest first, as their facts have them now."""
        return await self._fetch_latest(account_id, limit=LISTED)

    async def load(self, account_id: AccountId, interview_id: str) -> Interview:
        """Raises NotFound, also for someone else's: whether it exists is not theirs to know."""
        async with self._database.read() as session:
            interview = await _load_own(session, account_id, interview_id)
        if interview is None:
            raise NotFound("interview")
        await self._refresh([interview])
        return interview

    async def _fetch_latest(self, account_id: AccountId, *, limit: int) -> list[Interview]:
        async with self._database.read() as session:
            found = await session.scalars(
                select(Interview)
                .where(Interview.account_id == account_id)
                .order_by(Interview.created_ms.desc(), Interview.id)
                .limit(limit)
            )
            interviews = list(found)
        await self._refresh(interviews)
        return interviews

    async def _refresh(self, interviews: Sequence[Interview]) -> None:
        """Fold in what was appended since; what is over does not change any more."""
        changed: list[tuple[Interview, int]] = []
        for interview in interviews:
            if Status(interview.status).is_over:
                continue
            known = _projection(interview)
            facts = await self._journal.read(InterviewId(interview.id), after_seq=known.seq)
            if facts:
                _fill(interview, project(known, facts))
                changed.append((interview, known.seq))
        if changed:
            async with self._database.write() as session:
                for interview, known_seq in changed:
                    await _store(session, interview, known_seq)


def _choose(
    questions: Sequence[Question],
    written: Sequence[Question],
    request: PlanRequest,
    recent: Sequence[QuestionId],
    first: Question | None,
    *,
    seed: str,
    counts: tuple[int, int],
) -> tuple[Question, ...]:
    if first is not None:
        questions = [question for question in questions if question.id != first.id]
        rest, counts = _after(first, request), (max(counts[0] - 1, 1), max(counts[1] - 1, 1))
        if rest is None or all(question.type is not request.type for question in questions):
            return (first,)
        chosen = _choose(questions, written, rest, recent, None, seed=seed, counts=counts)
        return (first, *chosen)
    matches = match_questions(request.requirements, questions) if request.requirements else {}
    relevance = {id: match.relevance for id, match in matches.items()}
    relevance |= {question.id: GENERATED_RELEVANCE for question in written}
    return choose_questions(
        questions, request, seed=seed, recent=recent, relevance=relevance, counts=counts
    )


def _after(first: Question, request: PlanRequest) -> PlanRequest | None:
    """What is left to be chosen after it; None when it takes it all."""
    if request.question_count == 1:
        return None
    minutes = request.duration_minutes
    if minutes is not None:
        minutes -= first.minutes
        if minutes < LEFT_MINUTES:
            return None
    return replace(
        request, question_count=max(request.question_count - 1, 0), duration_minutes=minutes
    )


async def _load_own(
    session: ReadSession, account_id: AccountId, interview_id: str
) -> Interview | None:
    try:
        # Anything else than an id's own spelling finds nothing, without asking the database.
        if str(uuid.UUID(interview_id)) != interview_id:
            return None
    except ValueError:
        return None
    return await session.scalar(
        select(Interview).where(Interview.id == interview_id, Interview.account_id == account_id)
    )


async def _store(session: WriteSession, interview: Interview, known_seq: int) -> None:
    """Unless another request has stored a later projection meanwhile."""
    await session.execute(
        update(Interview)
        .where(Interview.id == interview.id, Interview.projected_seq == known_seq)
        .values(
            status=interview.status,
            projected_seq=interview.projected_seq,
            answered_count=interview.answered_count,
            asked_ids=interview.asked_ids,
            answered_ids=interview.answered_ids,
            started_ms=interview.started_ms,
            ended_ms=interview.ended_ms,
        )
    )


def _projection(interview: Interview) -> Projection:
    return Projection(
        seq=interview.projected_seq,
        status=Status(interview.status),
        asked=tuple(QuestionId(id) for id in interview.asked_ids),
        answered=tuple(QuestionId(id) for id in interview.answered_ids),
        started_ms=interview.started_ms,
        ended_ms=interview.ended_ms,
    )


def _fill(interview: Interview, projection: Projection) -> None:
    interview.status = projection.status.value
    interview.projected_seq = projection.seq
    interview.asked_ids = list(projection.asked)
    interview.answered_ids = list(projection.answered)
    interview.answered_count = len(projection.answered)
    interview.started_ms = projection.started_ms
    interview.ended_ms = projection.ended_ms
