"""Many made one, by code: the ratings of several raters, the parts of a score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from scoring.model import Score
from scoring.rubric import HIGHEST, LOWEST

MIN_RATERS = 2
"""One rater alone is an opinion."""
MAX_SPREAD = 1
"""Raters who are further apart have not heard the same: a person has to look."""
MIN_MEASURED = 0.5
"""A score made of several is given when at least this part of the weights is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CombinedRating:
    rating: float | None
    """1-5, a half where an even number of raters is split; None: too few rated."""
    spread: int
    """The highest rating less the lowest; 0 without two of them."""
    is_flagged: bool
    """A person has to look at it."""


CompetencyRatings = Mapping[str, CombinedRating]
"""By the competency's id. One that is not there was not judged at all."""


def combine(ratings: Sequence[int | None]) -> CombinedRating:
    """The median. A rater who gave None, or a number that is none of 1-5, does not count.

    Flagged: a spread of more than MAX_SPREAD, or fewer than MIN_RATERS who count, and then there
    is no rating.
    """
    valid = [rating for rating in ratings if rating is not None and LOWEST <= rating <= HIGHEST]
    spread = max(valid) - min(valid) if valid else 0
    if len(valid) < MIN_RATERS:
        return CombinedRating(rating=None, spread=spread, is_flagged=True)
    return CombinedRating(
        rating=float(median(valid)), spread=spread, is_flagged=spread > MAX_SPREAD
    )


def rating_of(score: float) -> float:
    """0-100 on the scale of the anchors: 0 is 1, 100 is 5."""
    return LOWEST + score * (HIGHEST - LOWEST) / 100


def score_of(rating: float) -> float:
    """The other way: 1 is 0, 3 is 50, 5 is 100."""
    return 100 * (rating - LOWEST) / (HIGHEST - LOWEST)


def weigh(parts: Sequence[tuple[int, Score]]) -> Score:
    """The weighted mean of those that have a value, when they have MIN_MEASURED of the weight;
    else no value, with the reasons of those that have none.
    """
    known = [(weight, part.value) for weight, part in parts if part.value is not None]
    total = sum(weight for weight, _ in known)
    if not known or total < MIN_MEASURED * sum(weight for weight, _ in parts):
        reasons = dict.fromkeys(part.reason for _, part in parts if part.value is None)
        return Score(value=None, reason=" ".join(reason for reason in reasons if reason))
    return rounded(sum(weight * value for weight, value in known) / total)


def rounded(value: float) -> Score:
    return Score(value=round(value, 1))


def insufficient(reason: str) -> Score:
    return Score(value=None, reason=f"Insufficient evidence: {reason}.")
