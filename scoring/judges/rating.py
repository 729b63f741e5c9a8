"""One competency to a rater: the words that were verified, and the anchors they are held against.

Pure: what is asked, what is to come back, and what of it counts. Several raters are asked the same;
`scoring.ratings` makes one rating of theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from scoring.judges.spans import seen
from scoring.judges.verify import TurnFindings, is_to_the_judge
from scoring.ratings import CombinedRating
from scoring.rubric import Competency
from sessions.facts import Coverage
from sessions.ids import KeyPointId, QuestionId
from sessions.plan import Question

RATERS = 3
MAX_SPANS = 100
MAX_WHY_CHARS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Words of the candidate's that show something: characters `start:end` of turn `turn`."""

    id: str
    question_id: QuestionId
    key_point_ids: tuple[KeyPointId, ...]
    turn: int
    text: str
    start: int
    end: int


class RatingClaim(BaseModel):
    """What a rater says. Nothing of it is believed before it is checked."""

    model_config = ConfigDict(extra="ignore")

    rating: Annotated[int, Field(strict=True, ge=1, le=5)] | None
    span_ids: list[str] = Field(max_length=500)
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rater:
    """What one rater's answer came to. `why` is in the model's words, and one line."""

    rating: int | None
    span_ids: tuple[str, ...] = ()
    why: str = ""
    model: str = ""
    """Empty: none has answered."""
    problem: str = ""
    """Why the answer does not count; empty when it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompetencyRating:
    competency_id: str
    combined: CombinedRating
    spans: tuple[Span, ...]
    """What the raters were given."""
    raters: tuple[Rater, ...] = ()
    reason: str = ""
    """Why there is no rating."""


NOT_SHOWN = "No words of the answers show it."
TOO_FEW_RATED = "Fewer than two raters could rate it by the words there are."
NO_MODEL = "The model was away."
OVER_BUDGET = "All the requests allowed for one interview were used."

UNANSWERED = "it did not answer"
WITHOUT_WORDS = "it rated without naming words"
UNKNOWN_WORDS = "it named words that it was not given"


def gather_spans(found: Sequence[TurnFindings]) -> tuple[Span, ...]:
    """Every quote once, in the order they were said; ids are `s1`, `s2`, ..."""
    points: dict[tuple[QuestionId, int, int, int, str], list[KeyPointId]] = {}
    for turn in found:
        for finding in turn.findings:
            if finding.coverage is Coverage.MISSING or is_to_the_judge(seen(finding.quote)):
                continue
            place = (turn.question_id, turn.turn, finding.start, finding.end, finding.quote)
            points.setdefault(place, []).append(finding.key_point_id)
    ordered = sorted(points.items(), key=lambda one: one[0][1:4])
    return tuple(
        Span(
            id=f"s{number}",
            question_id=question_id,
            key_point_ids=tuple(key_point_ids),
            turn=turn,
            text=text,
            start=start,
            end=end,
        )
        for number, ((question_id, turn, start, end, text), key_point_ids) in enumerate(ordered, 1)
    )


def spans_for(
    competency: Competency, questions: Sequence[Question], spans: Sequence[Span]
) -> tuple[Span, ...]:
    """Those of the questions that count towards the competency, MAX_SPANS at most."""
    counting = {question.id for question in questions if _counts(question, competency)}
    return tuple(span for span in spans if span.question_id in counting)[:MAX_SPANS]


def rating_request(competency: Competency, spans: Sequence[Span]) -> dict[str, JsonValue]:
    """The data for RATING_PROMPT."""
    return {
        "competency": {
            "id": competency.id,
            "definition": competency.definition,
            "expected": competency.expected,
            "anchors": {str(rating): competency.anchors[rating] for rating in range(1, 6)},
        },
        "spans": [{"id": span.id, "text": seen(span.text)} for span in spans],
    }


def check_rating(claim: RatingClaim, spans: Sequence[Span], *, model: str) -> Rater:
    """A rating counts only with words that were given, and none that were not."""
    known = {span.id for span in spans}
    named = tuple(dict.fromkeys(claim.span_ids))
    problem = ""
    if not known.issuperset(named):
        problem = UNKNOWN_WORDS
    elif claim.rating is not None and not named:
        problem = WITHOUT_WORDS
    if problem:
        return Rater(rating=None, model=model, problem=problem)
    return Rater(
        rating=claim.rating,
        span_ids=named if claim.rating is not None else (),
        why=" ".join(seen(claim.why).split())[:MAX_WHY_CHARS],
        model=model,
    )


def _counts(question: Question, competency: Competency) -> bool:
    if set(competency.counts) & set(question.competencies):
        return True
    has_parts = any(point.star or point.phase for point in question.key_points)
    return competency.is_structure and has_parts
