"""The scores of `scoring.scores` as a report shows them, and what they are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scoring.asked import Asked
from scoring.model import Delivery, Purpose, Score, Scorecard, ScorePart
from scoring.ratings import CompetencyRatings
from scoring.rubric import Rubric
from scoring.scores import (
    DELIVERY_WEIGHTS,
    KEY_POINT_WEIGHTS,
    ScoreInputs,
    Scores,
    score,
)
from scoring.star import words_per_sentence
from scoring.substance import why_refused
from scoring.technical import TechnicalFacts
from sessions.plan import Question

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


def as_scorecard(scores: Scores) -> Scorecard:
    """In hiring the overall is its content: without the one, the other is not said either."""
    spoken = scores.delivery
    is_withheld = scores.purpose is Purpose.HIRING and scores.overall.value is None
    content = {"relevance": scores.relevance, "depth": scores.depth}
    return Scorecard(
        overall=scores.overall,
        parts=() if is_withheld else scores.parts,
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
        competencies=scores.competencies,
        questions=scores.questions,
    )


def _parts(weights: Mapping[str, int], found: Mapping[str, Score]) -> tuple[ScorePart, ...]:
    """`weights` in per cent, by the same names as what was found."""
    return tuple(
        ScorePart(id=name, label=LABELS[name], score=found[name], weight=weight / 100)
        for name, weight in weights.items()
    )
