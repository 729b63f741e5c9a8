from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.agreement import (
    NO_PAIRS,
    NO_VARIANCE,
    ONE_RUN,
    TOO_FEW,
    agree,
    quadratic_weighted_kappa,
    rerun_stability,
)

RATING = st.integers(1, 5)
PAIRS = st.lists(st.tuples(RATING, RATING), max_size=40)

# The data of scikit-learn's own tests of cohen_kappa_score. The first is Artstein & Poesio,
# "Inter-coder agreement for computational linguistics" (Computational Linguistics 34, 2008),
# where the unweighted kappa of two classes, which weights do not change, is 0.348. In the second
# one rater gives 0 throughout, the expected value is 0; the third has its published quadratic
# value, 0.9541.
ARTSTEIN = ([0] * 40 + [1] * 60, [0] * 20 + [1] * 20 + [0] * 10 + [1] * 50)
CONSTANT = ([0] * 46 + [1] * 44 + [2] * 10, [0] * 100)
NEAR = ([0] * 46 + [1] * 44 + [2] * 10, [0] * 50 + [1] * 40 + [2] * 10)


def _by_matrices(first: list[int], second: list[int], steps: range) -> Fraction:
    """The textbook's way: weights, observed and expected tables over the whole scale."""
    n = len(first)
    observed = expected = Fraction(0)
    for i in steps:
        for j in steps:
            weight = Fraction((i - j) ** 2, (len(steps) - 1) ** 2)
            both = sum(one == i and other == j for one, other in zip(first, second, strict=True))
            observed += weight * Fraction(both, n)
            expected += weight * Fraction(first.count(i) * second.count(j), n * n)
    return 1 - observed / expected


def test_kappa_of_published_examples() -> None:
    assert quadratic_weighted_kappa(*ARTSTEIN).value == pytest.approx(0.348, abs=5e-4)
    assert quadratic_weighted_kappa(*CONSTANT).value == 0
    assert quadratic_weighted_kappa(*NEAR).value == pytest.approx(0.9541, abs=5e-5)


@pytest.mark.parametrize(("first", "second"), [ARTSTEIN, NEAR])
def test_kappa_is_that_of_the_tables(first: list[int], second: list[int]) -> None:
    expected = float(_by_matrices(first, second, range(3)))
    assert quadratic_weighted_kappa(first, second).value == pytest.approx(expected)


def test_kappa_worked_out_by_hand() -> None:
    # Squared differences 0 1 0 1 4: their mean is 6/5.
    first, second = [1, 2, 3, 4, 5], [1, 3, 3, 5, 3]
    across = sum((one - other) ** 2 for one in first for other in second)
    found = quadratic_weighted_kappa(first, second)
    assert found.value == float(1 - Fraction(6, 5) / Fraction(across, 25))


def test_agreement_in_all_its_numbers() -> None:
    found = agree([1, 2, 3, 4, 5], [1, 3, 3, 5, 3])
    assert found.n == 5
    assert found.exact.value == 0.4
    assert found.adjacent.value == 0.8
    assert found.mean_difference.value == 0.0
    assert agree([2, 3], [3, 5]).mean_difference.value == 1.5


@pytest.mark.parametrize(
    ("ratings", "reason"), [([], NO_PAIRS), ([3], TOO_FEW), ([3, 3, 3], NO_VARIANCE)]
)
def test_what_is_not_defined_is_none_and_says_why(ratings: list[int], reason: str) -> None:
    assert agree(ratings, ratings).kappa.value is None
    assert agree(ratings, ratings).kappa.reason == reason


def test_shares_of_too_few_are_none_but_need_no_variance() -> None:
    assert agree([3], [3]).exact.value is None
    assert agree([], []).mean_difference.reason == NO_PAIRS
    assert agree([3, 3], [3, 3]).exact.value == 1.0


def test_two_raters_who_never_vary_but_differ_agree_as_much_as_chance() -> None:
    assert quadratic_weighted_kappa([2, 2, 2], [4, 4, 4]).value == 0


def test_ratings_of_different_things_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        agree([1, 2], [1])


def test_rerun_stability() -> None:
    found = rerun_stability([[1, 3, 5, None, None], [1, 3, 4, None, 2], [1, 3, 5, None, 2]])
    assert (found.runs, found.n) == (3, 4)
    assert found.identical.value == 0.5
    assert found.kappa.value is not None
    assert 0.9 < found.kappa.value < 1


def test_rerun_stability_that_cannot_be_told() -> None:
    assert rerun_stability([]).identical.reason == ONE_RUN
    assert rerun_stability([[1, 2]]).kappa.reason == ONE_RUN
    assert rerun_stability([[None], [None]]).identical.reason == NO_PAIRS
    assert rerun_stability([[2, 2], [2, 2]]).kappa.reason == NO_VARIANCE
    assert rerun_stability([[2, 2], [2, 2]]).identical.value == 1.0


@given(PAIRS)
def test_kappa_is_symmetric_and_bounded(pairs: list[tuple[int, int]]) -> None:
    first, second = [one for one, _ in pairs], [other for _, other in pairs]
    found, turned = agree(first, second), agree(second, first)
    assert found.kappa == turned.kappa
    assert (found.exact, found.adjacent) == (turned.exact, turned.adjacent)
    if found.kappa.value is not None:
        assert -1 <= found.kappa.value <= 1
        assert found.kappa.value == pytest.approx(float(_by_matrices(first, second, range(1, 6))))
    if found.exact.value is not None and found.adjacent.value is not None:
        assert 0 <= found.exact.value <= found.adjacent.value <= 1
    if found.mean_difference.value is not None and turned.mean_difference.value is not None:
        assert found.mean_difference.value == -turned.mean_difference.value
        assert -4 <= found.mean_difference.value <= 4


@given(st.lists(RATING, min_size=2, max_size=40))
def test_a_rater_agrees_with_itself(ratings: list[int]) -> None:
    found = agree(ratings, ratings)
    assert found.exact.value == found.adjacent.value == 1
    assert found.kappa.value == (1 if len(set(ratings)) > 1 else None)
    assert rerun_stability([ratings, ratings]).identical.value == 1


@given(PAIRS, st.integers(-3, 3))
def test_moving_the_whole_scale_changes_nothing(pairs: list[tuple[int, int]], by: int) -> None:
    first, second = [one for one, _ in pairs], [other for _, other in pairs]
    assert agree([r + by for r in first], [r + by for r in second]) == agree(first, second)
