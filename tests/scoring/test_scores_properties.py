"""What holds of the scores of any interview."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from scoring.model import (
    Delivery,
    Measure,
    Purpose,
    Score,
)
from scoring.ratings import CombinedRating
from scoring.scores import (
    Scores,
    score,
)
from sessions.facts import Coverage
from tests.scoring.scored import (
    HIRING,
    MEASURES,
    RUBRIC,
    C,
    M,
    P,
    delivered,
    every_score,
    inputs,
    measure,
    rating,
)

COVERAGES = st.lists(
    st.lists(st.sampled_from([M, P, C]), min_size=1, max_size=5), min_size=0, max_size=5
)
NUMBERS = st.one_of(st.none(), st.floats(0, 1_000))
MEASURED = st.builds(measure, NUMBERS, is_measured=st.booleans())
DELIVERIES = st.none() | st.fixed_dictionaries({name: MEASURED for name in MEASURES}).map(delivered)
RATINGS = st.none() | st.dictionaries(
    st.sampled_from([one.id for one in RUBRIC.competencies]),
    st.builds(rating, st.none() | st.sampled_from([1.0, 2.0, 3.5, 5.0]), st.integers(0, 4)),
)


@given(
    coverages=COVERAGES,
    ratings=RATINGS,
    one=DELIVERIES,
    other=DELIVERIES,
    sentences=st.none() | MEASURED,
)
def test_delivery_never_enters_a_hiring_score(
    coverages: list[list[Coverage]],
    ratings: dict[str, CombinedRating] | None,
    one: Delivery | None,
    other: Delivery | None,
    sentences: Measure | None,
) -> None:
    given = replace(inputs(*coverages, purpose=HIRING), ratings=ratings)

    assert score(replace(given, delivery=one, words_per_sentence=sentences)) == score(
        replace(given, delivery=other)
    )


@given(coverages=COVERAGES, one=DELIVERIES, other=DELIVERIES)
def test_nor_does_it_enter_content_in_practice(
    coverages: list[list[Coverage]], one: Delivery | None, other: Delivery | None
) -> None:
    first, second = (score(replace(inputs(*coverages), delivery=each)) for each in (one, other))

    assert first.content == second.content
    assert first.questions == second.questions
    assert first.competencies == second.competencies
    assert first.breakdown == second.breakdown


@given(coverages=COVERAGES, ratings=RATINGS, delivery=DELIVERIES, purpose=st.sampled_from(Purpose))
def test_every_number_is_within_bounds_or_none_with_its_reason(
    coverages: list[list[Coverage]],
    ratings: dict[str, CombinedRating] | None,
    delivery: Delivery | None,
    purpose: Purpose,
) -> None:
    given = replace(inputs(*coverages, purpose=purpose), ratings=ratings, delivery=delivery)

    for found in every_score(score(given)):
        if found.value is None:
            assert found.reason
        else:
            assert 0 <= found.value <= 100
            assert not found.reason
    for each in score(given).questions:
        assert each.value != 0


BETTER = {M: P, P: C, C: C}


@given(
    coverages=COVERAGES.filter(bool),
    ratings=RATINGS,
    delivery=DELIVERIES,
    purpose=st.sampled_from(Purpose),
    data=st.data(),
)
def test_more_coverage_never_lowers_a_score(
    coverages: list[list[Coverage]],
    ratings: dict[str, CombinedRating] | None,
    delivery: Delivery | None,
    purpose: Purpose,
    data: st.DataObject,
) -> None:
    place = data.draw(st.integers(0, len(coverages) - 1))
    point = data.draw(st.integers(0, len(coverages[place]) - 1))
    better = [list(one) for one in coverages]
    better[place][point] = BETTER[better[place][point]]
    before, after = (
        score(replace(inputs(*each, purpose=purpose), ratings=ratings, delivery=delivery))
        for each in (coverages, better)
    )

    for one, other in zip(_content_scores(before), _content_scores(after), strict=True):
        if one.value is not None:
            assert other.value is not None
            assert other.value >= one.value


def _content_scores(scores: Scores) -> list[Score]:
    return [
        scores.content,
        scores.relevance,
        scores.depth,
        *scores.questions,
        *(one.score for one in scores.competencies),
    ]
