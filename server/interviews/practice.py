"""What a finished interview shows of each of its questions: how many key points were heard."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sqlalchemy import select

from scoring.asked import MIN_ANSWER_WORDS, MIN_SKIPPED_WORDS
from scoring.evidence import Evidence, gather_evidence
from server.questions.recommend import HALF_SAID, PastQuestion
from sessions.codec import Body, decode_fact
from sessions.facts import (
    AnswerHeard,
    AnswerScored,
    ConsentGiven,
    Coverage,
    Fact,
    FillerHeard,
    IntentRecognised,
    InterviewPlanned,
    QuestionAsked,
    QuestionSkipped,
)
from sessions.ids import InterviewId
from sessions.infra.db import ReadSession
from sessions.infra.tables import FactRow
from sessions.plan import Question

_KINDS = tuple(
    kind.__name__
    for kind in (
        InterviewPlanned,
        ConsentGiven,
        QuestionAsked,
        AnswerHeard,
        FillerHeard,
        IntentRecognised,
        AnswerScored,
        QuestionSkipped,
    )
)


async def fetch_practice(
    session: ReadSession, interview_id: InterviewId
) -> tuple[PastQuestion, ...]:
    """Of the questions that were asked, in their order."""
    rows = await session.execute(
        select(FactRow.kind, FactRow.version, FactRow.body)
        .where(FactRow.interview_id == interview_id, FactRow.kind.in_(_KINDS))
        .order_by(FactRow.seq)
    )
    stored = [(str(kind), int(version), body) for kind, version, body in rows]
    # In a thread: an interview has hundreds of facts.
    return await asyncio.to_thread(_fold, stored)


def _fold(stored: Sequence[tuple[str, int, Body]]) -> tuple[PastQuestion, ...]:
    return practice_of([decode_fact(kind, version, body) for kind, version, body in stored])


def practice_of(facts: Sequence[Fact]) -> tuple[PastQuestion, ...]:
    """A question counts as answered as it does in the report: when a key point was heard, or words
    enough to say that none was."""
    planned = next((fact for fact in facts if isinstance(fact, InterviewPlanned)), None)
    if planned is None:
        return ()
    evidence = gather_evidence(facts)
    return tuple(
        _past(question, evidence)
        for question in planned.questions
        if question.id in evidence.asked_ms
    )


def _past(question: Question, evidence: Evidence) -> PastQuestion:
    found = [evidence.coverage(question.id, point.id) for point in question.key_points]
    missing, partly = found.count(Coverage.MISSING), found.count(Coverage.PARTLY)
    needed = MIN_SKIPPED_WORDS if question.id in evidence.skipped else MIN_ANSWER_WORDS
    has_words = evidence.words.get(question.id, 0) >= needed
    return PastQuestion(
        id=question.id,
        type=question.type,
        difficulty=question.difficulty,
        tags=question.tags,
        roles=question.roles,
        is_answered=missing < len(found) or has_words,
        points=len(found),
        missing=missing + HALF_SAID * partly,
        asked_ms=evidence.asked_ms[question.id],
    )
