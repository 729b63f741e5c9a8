"""The scores of `scoring.scores` as a report shows them, and what they are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from scoring.asked import Asked
from scoring.model import Delivery, Purpose, QuestionStatus, Score, Scorecard, ScorePart
from scoring.ratings import CompetencyRatings
from scoring.rubric import Competency, Rubric
from scoring.scores import (
    DELIVERY_WEIGHTS,
    KEY_POINT_WEIGHTS,
    MIN_SUBSTANTIVE_WORDS,
    ScoreInputs,
    Scores,
    score,
)
from scoring.star import structure_share, words_per_sentence
from scoring.substance import why_refused
from scoring.technical import TechnicalFacts
from sessions.facts import Coverage
from sessions.plan import Question

TYPED = "Not measured: the answers were typed."

LABELS = {
    "relevance": "Relevance",
    "depth": "Depth",
    "fluency": "Fluency",
    "clarity": "Clarity",
    "confidence": "Confidence of delivery",
}


def score_report(
    purpose: Purpose,
    rubric: Rubric,
    questions: Sequence[Question],
    asked: Sequence[Asked],
    ratings: CompetencyRatings | None,
    *,
    delivery: Delivery,
    technical: TechnicalFacts,
    language: str,
) -> Scores:
    """With Purpose.HIRING nothing of how it was spoken is handed on: what is not there cannot
    count.
    """
    refused = {
        one.report.id: reason
        for question, one in zip(questions, asked, strict=True)
        if (reason := why_refused(question, [a.text for a in one.answers], language=language))
    }
    is_practice = purpose is Purpose.PRACTICE
    answers = [answer for one in asked for answer in one.answers]
    return score(
        ScoreInputs(
            purpose=purpose,
            rubric=rubric,
            questions=questions,
            results=[one.report for one in asked],
            ratings=ratings,
            refused=refused,
            star={one.report.id: one.star for one in asked if one.star is not None},
            delivery=delivery if is_practice else None,
            words_per_sentence=words_per_sentence(answers) if is_practice else None,
            low_confidence_share=technical.low_confidence_share,
            longest_interruption_ms=technical.longest_interruption_ms,
            cut_answers=technical.cut_answers,
        )
    )


def count_answers(
    rubric: Rubric, questions: Sequence[Question], asked: Sequence[Asked]
) -> dict[str, int]:
    """How many answers each competency can be rated on, by its id: those that count, to questions
    that ask for it. Raters read the same answers.
    """
    counted = [
        (question, one)
        for question, one in zip(questions, asked, strict=True)
        if one.report.status is QuestionStatus.ANSWERED
        and (_touches(one) or one.report.words >= MIN_SUBSTANTIVE_WORDS)
    ]
    return {
        competency.id: sum(_asks_for(competency, question, one) for question, one in counted)
        for competency in rubric.competencies
    }


def _touches(one: Asked) -> bool:
    return any(point.coverage is not Coverage.MISSING for point in one.report.key_points)


def _asks_for(competency: Competency, question: Question, one: Asked) -> bool:
    if set(question.competencies) & set(competency.counts):
        return True
    if not competency.is_structure:
        return False
    return structure_share(question, one.report.key_points, one.star) is not None


def as_scorecard(scores: Scores, rests_on: Mapping[str, int], *, is_typed: bool) -> Scorecard:
    """In hiring the overall is its content: without the one, the other is not said either. Of a
    delivery that could not be measured no part is said: what is left of it are not its parts.
    `rests_on`: how many answers each competency's rating rests on, by its id.
    """
    spoken = scores.delivery
    if spoken is not None and spoken.total.value is None:
        spoken = None
    is_withheld = scores.purpose is Purpose.HIRING and scores.overall.value is None
    content = {"relevance": scores.relevance, "depth": scores.depth}
    return Scorecard(
        overall=scores.overall,
        parts=() if is_withheld else _as_used(_told_typed(scores.parts, is_typed), scores.overall),
        content_parts=() if is_withheld else _parts(KEY_POINT_WEIGHTS, content),
        delivery_parts=()
        if spoken is None
        else _parts(
            DELIVERY_WEIGHTS,
            {
                "fluency": spoken.fluency,
                "clarity": spoken.clarity,
                "confidence": spoken.confidence,
            },
        ),
        breakdown=scores.breakdown,
        competencies=tuple(
            replace(one, answers=rests_on.get(one.id, 0)) for one in scores.competencies
        ),
        questions=scores.questions,
    )


def _parts(weights: Mapping[str, int], found: Mapping[str, Score]) -> tuple[ScorePart, ...]:
    """`weights` in per cent, by the same names as what was found."""
    return _as_used(
        tuple(
            ScorePart(id=name, label=LABELS[name], score=found[name], weight=weight / 100)
            for name, weight in weights.items()
        )
    )


def _as_used(parts: tuple[ScorePart, ...], whole: Score | None = None) -> tuple[ScorePart, ...]:
    """With the weights they had: those that have a value share the whole among them."""
    known = sum(part.weight for part in parts if part.score.value is not None)
    if not known or (whole is not None and whole.value is None):
        return parts
    return tuple(
        replace(part, weight=0.0 if part.score.value is None else round(part.weight / known, 4))
        for part in parts
    )


def _told_typed(parts: Sequence[ScorePart], is_typed: bool) -> tuple[ScorePart, ...]:
    typed = Score(value=None, reason=TYPED)
    return tuple(
        replace(part, score=typed)
        if is_typed and part.id == "delivery" and part.score.value is None
        else part
        for part in parts
    )
