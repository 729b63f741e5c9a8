"""Answers with known coverage, and deliveries with known measures, ready to be scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, reduce

from scoring.delivery import measure_delivery
from scoring.model import (
    Delivery,
    Measure,
    Purpose,
    QuestionReport,
    QuestionStatus,
    Score,
)
from scoring.ratings import CombinedRating
from scoring.report import write_report
from scoring.rubric import rubric_for
from scoring.scores import (
    ScoreInputs,
    Scores,
)
from sessions.facts import Coverage
from sessions.ids import KeyPointId
from sessions.plan import Difficulty, InterviewType, KeyPoint, Phase, Question
from tests.scoring.build import planned, question

C, P, M = Coverage.COVERED, Coverage.PARTLY, Coverage.MISSING
PRACTICE, HIRING = Purpose.PRACTICE, Purpose.HIRING
ANSWERED = QuestionStatus.ANSWERED
RUBRIC = rubric_for(InterviewType.DSA, Difficulty.MEDIUM)


def asked(id: str, points: int, *, difficulty: int = 5, slugs: Sequence[str] = ()) -> Question:
    phases = (Phase.APPROACH, Phase.DEEP_DIVE)
    return replace(
        question(id),
        difficulty=difficulty,
        competencies=tuple(slugs) or ("problem-solving", "data-structures"),
        key_points=tuple(
            KeyPoint(
                id=KeyPointId(f"k{place}"),
                point="p",
                phrasings=("p",),
                follow_up="p?",
                phase=phases[place % 2],
            )
            for place in range(points)
        ),
    )


@lru_cache(maxsize=256)
def blank(of: Question) -> QuestionReport:
    """As the report has a question on which nothing was said."""
    return write_report([planned(of)]).questions[0]


def result(
    of: Question,
    *coverage: Coverage,
    status: QuestionStatus = ANSWERED,
    words: int = 60,
) -> QuestionReport:
    none = blank(of)
    key_points = tuple(
        replace(point, coverage=found)
        for point, found in zip(none.key_points, coverage, strict=True)
    )
    return replace(none, status=status, words=words, key_points=key_points)


def inputs(*coverages: Sequence[Coverage], purpose: Purpose = PRACTICE) -> ScoreInputs:
    """One question answered in 60 words for each sequence of coverages."""
    questions = [asked(f"q{place}", len(one)) for place, one in enumerate(coverages)]
    return ScoreInputs(
        purpose=purpose,
        rubric=RUBRIC,
        questions=questions,
        results=[result(of, *found) for of, found in zip(questions, coverages, strict=True)],
    )


def with_result(given: ScoreInputs, place: int, changed: QuestionReport) -> ScoreInputs:
    results = list(given.results)
    results[place] = changed
    return replace(given, results=results)


def measure(value: float | None, *, is_measured: bool | None = None) -> Measure:
    known = value is not None if is_measured is None else is_measured
    return Measure(value=value, unit="u", is_measured=known, note="" if known else "typed")


NOT_MEASURED = measure_delivery([])
MEASURES = [
    name
    for name in NOT_MEASURED.__dataclass_fields__
    if isinstance(getattr(NOT_MEASURED, name), Measure)
]


def delivered(values: Mapping[str, Measure]) -> Delivery:
    """All else is not measured."""
    return reduce(lambda made, one: replace(made, **{one[0]: one[1]}), values.items(), NOT_MEASURED)


GOOD_DELIVERY = delivered(
    {
        "pace_wpm": measure(140),
        "fillers_per_100_words": measure(1),
        "long_pauses": measure(0),
        "speaking_time_s": measure(60),
        "response_time_s": measure(2),
        "hedges_per_100_words": measure(1),
    }
)


def every_score(scores: Scores) -> list[Score]:
    found = [scores.overall, scores.content, scores.relevance, scores.depth, *scores.questions]
    found += [one.score for one in scores.competencies]
    found += [part.score for part in (*scores.parts, *scores.breakdown)]
    if scores.delivery:
        delivery = scores.delivery
        found += [delivery.total, delivery.fluency, delivery.clarity, delivery.confidence]
        found += delivery.parts.values()
    return found


def rating(value: float | None, spread: int = 0) -> CombinedRating:
    return CombinedRating(rating=value, spread=spread, is_flagged=spread > 1 or value is None)
