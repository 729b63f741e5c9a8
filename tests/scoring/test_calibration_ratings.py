from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.calibration_ratings import (
    CUT_POINTS,
    MAX_FAULTS,
    MAX_RATER_CHARS,
    HumanRating,
    Rated,
    compare_ratings,
    parse_ratings,
    whole_rating,
)
from scoring.ratings import score_of
from sessions.errors import InputInvalid
from sessions.ids import InterviewId, QuestionId

HEADING = "interview_id,question_id,competency,rater,rating"


def test_ratings_are_read_with_their_lines() -> None:
    found = parse_ratings(f"\ufeff{HEADING}\r\niv,q1,depth,Ann,4\r\n\r\niv, ,depth,Ann, 2\r\n")
    assert found == (
        HumanRating(rated=_rated("q1"), rater="Ann", rating=4, line=2),
        HumanRating(rated=_rated(None), rater="Ann", rating=2, line=4),
    )


def test_columns_may_come_in_any_order_and_without_questions() -> None:
    (found,) = parse_ratings('rating,rater,competency,interview_id\n5,"Ann, M.",depth,iv')
    assert (found.rated, found.rater, found.rating) == (_rated(None), "Ann, M.", 5)


def _rated(question_id: str | None, competency: str = "depth") -> Rated:
    return Rated(
        InterviewId("iv"), None if question_id is None else QuestionId(question_id), competency
    )


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "lacks interview_id, competency, rater, rating"),
        ("interview_id,competency,rater\n", 1, "lacks rating"),
        (HEADING.replace(",", ";"), 1, "semicolons"),
        (f"{HEADING},mood\n", 1, "'mood'"),
        (f"{HEADING},rating\n", 1, "twice"),
        (f"{HEADING}\n", 2, "no ratings"),
        (f"{HEADING}\niv,q1,depth,Ann\n", 2, "4 columns"),
        (f"{HEADING}\niv,q1,depth,Ann,4\niv,q2,depth,,4\n", 3, "rater must not be empty"),
        (f"{HEADING}\niv,q1,depth,Ann,6\n", 2, "'6'"),
        (f"{HEADING}\niv,q1,depth,Ann,3.5\n", 2, "whole number"),
        (f"{HEADING}\niv,q1,depth,Ann,\u0663\n", 2, "whole number"),
        (f"{HEADING}\niv,q1,depth,Ann,4\niv,q1,depth,Ann,3\n", 3, "in line 2"),
        (f'{HEADING}\niv,q1,"depth,Ann,4\n', 2, "not CSV"),
        (f"{HEADING}\niv,q1,depth,{'A' * (MAX_RATER_CHARS + 1)},4\n", 2, "80 letters"),
        (f"{HEADING}\niv,q1,depth,A\x00nn,4\n", 2, ""),
    ],
)
def test_a_fault_names_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(InputInvalid) as raised:
        parse_ratings(text)
    assert says in raised.value.fields[f"line {line}"]
    assert f"line {line}" in raised.value.message
    assert raised.value.hint == "Correct the file, then take it again."


def test_every_fault_is_named_up_to_a_limit() -> None:
    with pytest.raises(InputInvalid) as raised:
        parse_ratings(HEADING + "\niv,q1,depth,Ann,9" * (MAX_FAULTS + 5))
    assert len(raised.value.fields) == MAX_FAULTS


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    for start in ("", f"{HEADING}\n"):
        try:
            assert parse_ratings(start + text)
        except InputInvalid as refused:
            assert refused.fields


@pytest.mark.parametrize("rating", range(1, 6))
def test_cut_points_lie_between_the_ratings(rating: int) -> None:
    assert whole_rating(score_of(rating)) == rating


def test_cut_points() -> None:
    assert [whole_rating(cut) for cut in CUT_POINTS] == [2, 3, 4, 5]
    assert (whole_rating(0), whole_rating(12.4), whole_rating(100)) == (1, 1, 5)


def test_people_are_compared_with_the_machine() -> None:
    ratings = parse_ratings(
        f"{HEADING}\niv,q1,depth,Ann,1\niv,q1,depth,Bo,2\niv,q2,depth,Ann,5\niv,q2,clarity,Ann,4\n"
        "iv,q3,depth,Ann,2\niv,q4,depth,Ann,2"
    )
    machine = {
        _rated("q1"): 0.0,
        _rated("q2"): 100.0,
        _rated("q2", "clarity"): 50.0,
        _rated("q3"): None,
    }
    found = compare_ratings(ratings, machine)
    assert (found.overall.n, found.unrated) == (4, 2)
    assert found.overall.exact.value == 0.5
    assert found.overall.adjacent.value == 1.0
    assert found.overall.mean_difference.value == -0.5
    assert found.by_competency["depth"].n == 3
    assert found.by_competency["clarity"].kappa.value is None
    assert {rater: one.n for rater, one in found.by_rater.items()} == {"Ann": 3, "Bo": 1}
