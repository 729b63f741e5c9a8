"""The report of an interview, as a fold over its facts. It works on any part of a log from its
start: what was not reached is said to be so.
"""

from __future__ import annotations

from collections.abc import Sequence

from scoring.delivery import measure_delivery
from scoring.evidence import Evidence, gather_evidence
from scoring.key_points import JUDGE_NAME
from scoring.model import (
    CoverageSummary,
    FillerSpan,
    KeyPointResult,
    QuestionReport,
    QuestionStatus,
    Report,
    TranscriptLine,
)
from scoring.timeline import duration_ms, start_ms, tell_interruptions
from sessions.errors import NotFound
from sessions.facts import (
    AnswerHeard,
    Coverage,
    Fact,
    FillerHeard,
    InterviewerSpoke,
    InterviewPlanned,
    Speaker,
    Timing,
)
from sessions.ids import QuestionId
from sessions.lifecycle import fold_status
from sessions.plan import Question

MIN_WORDS = 20
"""Fewer words in all answers together are not enough to judge anything by."""
MIN_ANSWER_WORDS = 5
"""An answer of fewer words that shows no key point is not judged."""
MIN_SKIPPED_WORDS = 20
"""A question that was skipped counts as answered if this much was said before, or a key point."""


def write_report(facts: Sequence[Fact]) -> Report:
    """Raises NotFound when `facts` holds no InterviewPlanned: there is no interview."""
    planned = next((fact for fact in facts if isinstance(fact, InterviewPlanned)), None)
    if planned is None:
        raise NotFound("interview")
    evidence = gather_evidence(facts)
    questions = tuple(
        _report_question(index, question, evidence)
        for index, question in enumerate(planned.questions)
    )
    reason = _why_not_enough(questions)
    return Report(
        interview_id=planned.interview_id,
        type=planned.request.type,
        difficulty=planned.request.difficulty,
        role=planned.request.role,
        status=fold_status(facts),
        started_ms=start_ms(facts),
        duration_ms=duration_ms(facts),
        has_enough=not reason,
        not_enough_reason=reason,
        coverage=_sum_up(questions),
        questions=questions,
        delivery=measure_delivery(facts),
        transcript=_transcribe(facts, planned.questions, evidence.start_ms),
        interruptions=tell_interruptions(facts),
        judge=", ".join(evidence.judges) or JUDGE_NAME,
    )


def _report_question(index: int, question: Question, evidence: Evidence) -> QuestionReport:
    key_points = tuple(
        KeyPointResult(
            id=point.id,
            point=point.point,
            star=point.star,
            coverage=evidence.coverage(question.id, point.id),
            quotes=evidence.quotes(question.id, point.id),
            was_probed=(question.id, point.id) in evidence.probed,
        )
        for point in question.key_points
    )
    asked_ms = evidence.asked_ms.get(question.id)
    follow_ups = {point.id: point.follow_up for point in question.key_points}
    return QuestionReport(
        index=index,
        id=question.id,
        version=question.version,
        text=question.text,
        difficulty=question.difficulty,
        minutes=question.minutes,
        tags=question.tags,
        status=_status(question.id, key_points, evidence),
        offset_ms=None if asked_ms is None else max(0, asked_ms - evidence.start_ms),
        words=evidence.words.get(question.id, 0),
        key_points=key_points,
        probes=tuple(
            follow_ups[point_id]
            for question_id, point_id in evidence.probed
            if question_id == question.id and point_id in follow_ups
        ),
        common_mistakes=question.common_mistakes,
        model_answer=question.model_answer,
    )


def _status(
    question_id: QuestionId, key_points: Sequence[KeyPointResult], evidence: Evidence
) -> QuestionStatus:
    was_skipped = question_id in evidence.skipped
    shows_something = any(point.coverage is not Coverage.MISSING for point in key_points)
    needed = MIN_SKIPPED_WORDS if was_skipped else MIN_ANSWER_WORDS
    if shows_something or evidence.words.get(question_id, 0) >= needed:
        return QuestionStatus.ANSWERED
    if was_skipped:
        return QuestionStatus.SKIPPED
    was_asked = question_id in evidence.asked_ms or question_id in evidence.words
    return QuestionStatus.UNANSWERED if was_asked else QuestionStatus.NOT_REACHED


def _sum_up(questions: Sequence[QuestionReport]) -> CoverageSummary:
    answered = [question for question in questions if question.status is QuestionStatus.ANSWERED]
    found = [point.coverage for question in answered for point in question.key_points]
    return CoverageSummary(
        questions_planned=len(questions),
        questions_answered=len(answered),
        key_points_total=len(found),
        key_points_covered=found.count(Coverage.COVERED),
        key_points_partly=found.count(Coverage.PARTLY),
    )


def _why_not_enough(questions: Sequence[QuestionReport]) -> str:
    words = sum(question.words for question in questions)
    if words == 0:
        return "Nothing was said or typed in answer to a question, so there is nothing to judge."
    if words < MIN_WORDS:
        said = "1 word was" if words == 1 else f"{words} words were"
        return (
            f"Only {said} said or typed in all answers together; "
            f"a judgement needs at least {MIN_WORDS}."
        )
    if all(question.status is not QuestionStatus.ANSWERED for question in questions):
        return "No question was answered, so there is nothing to judge."
    return ""


def _transcribe(
    facts: Sequence[Fact], questions: Sequence[Question], began_ms: int
) -> tuple[TranscriptLine, ...]:
    index_of = {question.id: index for index, question in enumerate(questions)}
    fillers: dict[int, list[FillerSpan]] = {}
    for fact in facts:
        if isinstance(fact, FillerHeard):
            span = FillerSpan(filler=fact.filler, start=fact.start, end=fact.end)
            fillers.setdefault(fact.turn, []).append(span)
    lines: list[tuple[int, TranscriptLine]] = []
    for fact in facts:
        if isinstance(fact, AnswerHeard) or (isinstance(fact, InterviewerSpoke) and fact.heard):
            question_index = None if fact.question_id is None else index_of.get(fact.question_id)
            offset_ms = max(0, fact.started_ms - began_ms)
            line = _line(fact, offset_ms, question_index, fillers)
            lines.append((fact.started_ms, line))
    return tuple(line for _, line in sorted(lines, key=lambda timed: timed[0]))


def _line(
    fact: AnswerHeard | InterviewerSpoke,
    offset_ms: int,
    question_index: int | None,
    fillers: dict[int, list[FillerSpan]],
) -> TranscriptLine:
    if isinstance(fact, InterviewerSpoke):
        return TranscriptLine(
            speaker=Speaker.INTERVIEWER,
            turn=fact.utterance,
            offset_ms=offset_ms,
            text=fact.heard,
            fillers=(),
            question_index=question_index,
            is_typed=False,
            is_cut=fact.interrupted,
        )
    found = sorted(fillers.get(fact.turn, []), key=lambda span: span.start)
    return TranscriptLine(
        speaker=Speaker.CANDIDATE,
        turn=fact.turn,
        offset_ms=offset_ms,
        text=fact.text,
        fillers=tuple(span for span in found if span.end <= len(fact.text)),
        question_index=question_index,
        is_typed=fact.timing is Timing.NONE,
        is_cut=False,
    )
