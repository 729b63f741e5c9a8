"""What delivery adds to a score in practice, and never in hiring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.model import (
    Score,
)
from scoring.ratings import weigh
from scoring.scores import (
    CLARITY_WEIGHTS,
    CONFIDENCE_WEIGHTS,
    CONTENT_WEIGHTS,
    DELIVERY_WEIGHTS,
    FLUENCY_WEIGHTS,
    KEY_POINT_WEIGHTS,
    OVERALL_WEIGHTS,
    filler_score,
    hedge_score,
    long_pause_score,
    pace_score,
    response_score,
    score,
    sentence_score,
)
from tests.scoring.scored import (
    GOOD_DELIVERY,
    HIRING,
    NOT_MEASURED,
    C,
    M,
    inputs,
    measure,
)


def test_practice_is_seventy_parts_content_and_thirty_delivery() -> None:
    given = replace(inputs((C, M), (M, M)), delivery=GOOD_DELIVERY, words_per_sentence=measure(12))
    scores = score(given)
    delivery = scores.delivery

    assert delivery is not None
    assert delivery.fluency.value == 100
    assert delivery.clarity.value == 62.5  # structure 25, sentences 100
    assert delivery.confidence.value == 100
    assert delivery.total.value == 88.8
    assert scores.overall.value == 49.4  # 0.7 * 32.5 + 0.3 * 88.8
    assert [(part.id, part.weight) for part in scores.parts] == [
        ("content", 0.7),
        ("delivery", 0.3),
    ]


def test_hiring_is_content_alone() -> None:
    given = replace(
        inputs((C, M), (M, M), purpose=HIRING),
        delivery=GOOD_DELIVERY,
        words_per_sentence=measure(12),
    )
    scores = score(given)

    assert scores.delivery is None
    assert scores.overall == scores.content
    assert [(part.id, part.weight) for part in scores.parts] == [("content", 1.0)]


def test_what_was_not_measured_has_no_score_and_says_why() -> None:
    scores = score(replace(inputs((C, C), (C, C)), delivery=NOT_MEASURED))
    delivery = scores.delivery

    assert delivery is not None
    assert delivery.fluency.value is None
    assert "nothing was spoken" in delivery.fluency.reason
    assert delivery.parts["pace"].value is None
    assert scores.overall == scores.content  # what was written is not held against anybody


def test_a_lower_bound_is_no_measure() -> None:
    bound = replace(GOOD_DELIVERY, fillers_per_100_words=measure(0.5, is_measured=False))
    delivery = score(replace(inputs((C, C), (C, C)), delivery=bound)).delivery

    assert delivery is not None
    assert delivery.parts["fillers"].value is None
    assert delivery.fluency.value == 100  # by pace and pauses, 60 of 100


def test_a_score_with_less_than_half_of_its_parts_is_none() -> None:
    parts = [(40, Score(value=100)), (60, Score(value=None, reason="It was not measured."))]

    assert weigh(parts) == Score(value=None, reason="It was not measured.")
    assert weigh([*parts, (20, Score(value=40))]).value == 80


@pytest.mark.parametrize(
    ("curve", "x", "value"),
    [
        (pace_score, 140, 100),
        (pace_score, 110, 100),
        (pace_score, 170, 100),
        (pace_score, 80, 50),
        (pace_score, 210, 50),
        (pace_score, 20, 0),
        (pace_score, 400, 0),
        (filler_score, 2, 100),
        (filler_score, 6, 50),
        (filler_score, 9, 25),
        (long_pause_score, 3.5, 50),
        (sentence_score, 20, 100),
        (sentence_score, 35, 50),
        (hedge_score, 5, 50),
        (response_score, 5, 100),
        (response_score, 12.5, 50),
    ],
)
def test_the_published_functions(curve: Callable[[float], float], x: float, value: float) -> None:
    assert curve(x) == pytest.approx(value)


@given(x=st.floats(0, 1_000), more=st.floats(0, 100))
def test_they_stay_in_bounds_and_more_is_never_better(x: float, more: float) -> None:
    for curve in (filler_score, long_pause_score, sentence_score, hedge_score, response_score):
        assert 100 >= curve(x) >= curve(x + more) >= 0
    assert 0 <= pace_score(x) <= 100


def test_every_set_of_weights_makes_a_hundred() -> None:
    for weights in (
        *OVERALL_WEIGHTS.values(),
        KEY_POINT_WEIGHTS,
        CONTENT_WEIGHTS,
        DELIVERY_WEIGHTS,
        FLUENCY_WEIGHTS,
        CLARITY_WEIGHTS,
        CONFIDENCE_WEIGHTS,
    ):
        assert sum(weights.values()) == 100
