"""Ratings of several raters made one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.ratings import CombinedRating, combine, rating_of, score_of


@pytest.mark.parametrize(
    ("ratings", "rating", "spread", "is_flagged"),
    [
        ([3, 3, 3], 3, 0, False),
        ([3, 4, 3], 3, 1, False),
        ([2, 3, 4], 3, 2, True),
        ([5, 5, 1], 5, 4, True),
        ([3, 4], 3.5, 1, False),
        ([3, None, 4], 3.5, 1, False),
        ([3, None, None], None, 0, True),
        ([None, None, None], None, 0, True),
        ([], None, 0, True),
        ([0, 9, 4, 4], 4, 0, False),
    ],
)
def test_ratings_are_combined_by_their_median(
    ratings: list[int | None], rating: float | None, spread: int, is_flagged: bool
) -> None:
    assert combine(ratings) == CombinedRating(rating=rating, spread=spread, is_flagged=is_flagged)


@given(st.lists(st.none() | st.integers(1, 5), max_size=7))
def test_combining_does_not_hang_on_the_order(ratings: list[int | None]) -> None:
    combined = combine(ratings)

    assert combined == combine(ratings[::-1])
    assert combined.rating is None or 1 <= combined.rating <= 5
    assert combined.is_flagged or combined.rating is not None


@given(st.floats(0, 100))
def test_the_two_scales_go_there_and_back(value: float) -> None:
    assert score_of(rating_of(value)) == pytest.approx(value)
    assert 1 <= rating_of(value) <= 5
