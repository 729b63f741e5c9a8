"""What became of each question: whether it was answered, its key points, the answer's turns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from scoring.advice import NO_STORY, tell_story
from scoring.evidence import Evidence
from scoring.fillers import find_fillers
from scoring.key_points import judge_answer
from scoring.model import AnswerPart, KeyPointResult, QuestionReport, QuestionStatus
from scoring.quotes import sentence_around
from scoring.star import StarFlags, find_star
from scoring.substance import why_refused
from scoring.words import count_words
from sessions.facts import (
    AnswerHeard,
    Coverage,
    Fact,
    IntentRecognised,
    Probed,
    QuestionAsked,
    Timing,
)
from sessions.ids import KeyPointId, QuestionId
from sessions.plan import Question

MIN_ANSWER_WORDS = 5
"""An answer of fewer words that shows no key point is not judged."""
MIN_SKIPPED_WORDS = 20
"""A question that was skipped counts as answered if this much was said before, or a key point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question's report, and what else scores are made from."""

    report: QuestionReport
    star: StarFlags | None
    """None when the question asks for no story, or was not answered."""
    answers: tuple[AnswerHeard, ...]


def report_questions(
    questions: Sequence[Question], facts: Sequence[Fact], evidence: Evidence, *, language: str
) -> tuple[Asked, ...]:
    """In the plan's order. What is said of a question depends on the words of its answers, never
    on how they were spoken: fillers are found again by the words alone.
    """
    turns = _turns(questions, facts)
    return tuple(
        _report_question(index, question, evidence, turns.get(question.id, ()), language)
        for index, question in enumerate(questions)
    )


def _report_question(
    index: int, question: Question, evidence: Evidence, turns: Sequence[_Turn], language: str
) -> Asked:
    key_points = _key_points(question, evidence)
    answers = tuple(turn.answer for turn in turns)
    words = sum(_count_said(answer.text, language) for answer in answers)
    status = _status(question.id, key_points, words, evidence)
    refused = why_refused(question, [answer.text for answer in answers], language=language)
    if status is not QuestionStatus.ANSWERED:
        refused = ""
    elif refused:
        status = QuestionStatus.UNANSWERED
    star = None
    if status is QuestionStatus.ANSWERED and any(point.star for point in key_points):
        star = find_star(key_points, answers, began_ms=evidence.start_ms, language=language)
    story = NO_STORY if star is None else tell_story(star)
    asked_ms = evidence.asked_ms.get(question.id)
    follow_ups = {point.id: point.follow_up for point in question.key_points}
    report = QuestionReport(
        index=index,
        id=question.id,
        version=question.version,
        text=question.text,
        difficulty=question.difficulty,
        minutes=question.minutes,
        tags=question.tags,
        status=status,
        offset_ms=None if asked_ms is None else max(0, asked_ms - evidence.start_ms),
        words=words,
        key_points=key_points,
        probes=tuple(
            follow_ups[point_id]
            for question_id, point_id in evidence.probed
            if question_id == question.id and point_id in follow_ups
        ),
        answers=tuple(_answer_part(turn, question, evidence.start_ms) for turn in turns),
        star=story.parts,
        star_note=story.note,
        star_note_quotes=story.note_quotes,
        common_mistakes=question.common_mistakes,
        model_answer=question.model_answer,
        refused=refused,
    )
    return Asked(report=report, star=star, answers=answers)


def _key_points(question: Question, evidence: Evidence) -> tuple[KeyPointResult, ...]:
    examples = _examples(question)
    return tuple(
        KeyPointResult(
            id=point.id,
            point=point.point,
            star=point.star,
            coverage=evidence.coverage(question.id, point.id),
            quotes=evidence.quotes(question.id, point.id),
            was_probed=(question.id, point.id) in evidence.probed,
            example=examples.get(point.id, ""),
        )
        for point in question.key_points
    )


def _count_said(text: str, language: str) -> int:
    fillers = find_fillers(text, language=language)
    return max(0, count_words(text) - sum(count_words(span.filler) for span in fillers))


def _status(
    question_id: QuestionId, key_points: Sequence[KeyPointResult], words: int, evidence: Evidence
) -> QuestionStatus:
    was_skipped = question_id in evidence.skipped
    shows_something = any(point.coverage is not Coverage.MISSING for point in key_points)
    needed = MIN_SKIPPED_WORDS if was_skipped else MIN_ANSWER_WORDS
    if shows_something or words >= needed:
        return QuestionStatus.ANSWERED
    if was_skipped:
        return QuestionStatus.SKIPPED
    was_asked = question_id in evidence.asked_ms or question_id in evidence.words
    return QuestionStatus.UNANSWERED if was_asked else QuestionStatus.NOT_REACHED


@dataclass(frozen=True, slots=True)
class _Turn:
    answer: AnswerHeard
    probed_id: KeyPointId | None


def _turns(
    questions: Sequence[Question], facts: Sequence[Fact]
) -> Mapping[QuestionId, Sequence[_Turn]]:
    """The turns that answer each question, with the key point they were asked for."""
    requests = {fact.turn for fact in facts if isinstance(fact, IntentRecognised)}
    probed: dict[QuestionId, KeyPointId] = {}
    turns: dict[QuestionId, list[_Turn]] = {question.id: [] for question in questions}
    for fact in facts:
        match fact:
            case QuestionAsked():
                probed.clear()
            case Probed():
                probed[fact.question_id] = fact.key_point_id
            case AnswerHeard(question_id=str(id)) if id in turns and fact.turn not in requests:
                turns[id].append(_Turn(fact, probed.get(id)))
            case _:
                pass
    return turns


def _answer_part(turn: _Turn, question: Question, began_ms: int) -> AnswerPart:
    answer = turn.answer
    probe = next((point for point in question.key_points if point.id == turn.probed_id), None)
    return AnswerPart(
        turn=answer.turn,
        offset_ms=max(0, answer.started_ms - began_ms),
        text=answer.text,
        is_typed=answer.timing is Timing.NONE,
        probed_id=None if probe is None else probe.id,
        asked=question.text if probe is None else probe.follow_up,
    )


@lru_cache(maxsize=512)
def _examples(question: Question) -> dict[KeyPointId, str]:
    """The sentence of the model answer for each key point that it says. Not to be changed."""
    text = " ".join(question.model_answer.split())
    return {
        finding.key_point_id: text[slice(*sentence_around(text, finding.start, finding.end))]
        for finding in judge_answer(question, text)
        if finding.coverage is not Coverage.MISSING
    }
