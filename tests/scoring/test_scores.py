"""The scores: what they are made of, and when there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from scoring.model import (
    Purpose,
    QuestionStatus,
    Score,
)
from scoring.rubric import Dimension, rubric_for
from scoring.scores import (
    score,
)
from sessions.ids import QuestionId
from sessions.plan import Difficulty, InterviewType
from tests.scoring.scored import (
    HIRING,
    RUBRIC,
    C,
    M,
    P,
    asked,
    inputs,
    rating,
    result,
    with_result,
)

# -- content ---------------------------------------------------------------------------------------


def test_a_question_is_scored_by_its_key_points_partly_as_half() -> None:
    scores = score(inputs((C, C, P, M), (C, C)))

    assert [one.value for one in scores.questions] == [62.5, 100]


def test_relevance_is_the_share_of_answers_that_touch_the_question() -> None:
    scores = score(inputs((C, M), (P, M), (M, M), (M, C)))

    assert scores.relevance.value == 75


def test_harder_questions_count_for_more_in_depth() -> None:
    easy, hard = asked("q0", 2, difficulty=1), asked("q1", 2, difficulty=10)
    given = replace(
        inputs((C, C), (M, C)),
        questions=[easy, hard],
        results=[result(easy, C, C), result(hard, M, C)],
    )

    # (1.1 * 100 + 2 * 50) / 3.1
    assert score(given).depth.value == 67.7


def test_content_is_made_of_relevance_and_depth() -> None:
    scores = score(inputs((C, M), (M, M)))

    assert (scores.relevance.value, scores.depth.value) == (50, 25)
    assert scores.content.value == 32.5  # 0.3 * 50 + 0.7 * 25


# -- rules: no evidence is no low score ------------------------------------------------------------


def test_an_answer_without_substance_is_no_score_of_zero() -> None:
    given = inputs((C, C), (C, M), (M, M))
    short = with_result(given, 2, result(given.questions[2], M, M, words=8))
    scores = score(short)

    assert scores.questions[2].value is None
    assert scores.questions[2].reason.startswith("Insufficient evidence")
    # It lowers coverage, and nothing else.
    assert scores.coverage == pytest.approx(2 / 3)
    assert scores.content == score(inputs((C, C), (C, M))).content


def test_a_long_answer_that_shows_nothing_has_no_score_of_its_own() -> None:
    scores = score(inputs((C, C), (M, M)))

    assert scores.questions[1].value is None
    assert "none of its key points" in scores.questions[1].reason


def test_a_refused_answer_counts_as_none_whatever_it_touches() -> None:
    given = inputs((C, C), (C, M), (C, C))
    refused = replace(given, refused={QuestionId("q2"): "it is a list of keywords"})
    scores = score(refused)

    assert scores.questions[2] == Score(
        value=None, reason="Insufficient evidence: it is a list of keywords."
    )
    assert scores.coverage == pytest.approx(2 / 3)
    assert scores.content == score(inputs((C, C), (C, M))).content


@pytest.mark.parametrize(
    "status", [QuestionStatus.SKIPPED, QuestionStatus.UNANSWERED, QuestionStatus.NOT_REACHED]
)
def test_an_unanswered_question_lowers_coverage_and_not_the_score(status: QuestionStatus) -> None:
    given = inputs((C, C), (C, M), (M, M))
    open_ = with_result(given, 2, result(given.questions[2], M, M, status=status, words=0))
    scores, without = score(open_), score(inputs((C, C), (C, M)))

    assert scores.questions[2].value is None
    assert scores.questions[2].reason
    assert scores.coverage == pytest.approx(2 / 3)
    assert (scores.content, scores.depth, scores.relevance) == (
        without.content,
        without.depth,
        without.relevance,
    )


@pytest.mark.parametrize("purpose", list(Purpose))
def test_nothing_recognised_at_all_is_no_overall(purpose: Purpose) -> None:
    scores = score(inputs((M, M), (M, M), (M, M), purpose=purpose))

    assert scores.content.value is None
    assert scores.overall.value is None
    assert "Insufficient evidence" in scores.overall.reason


@pytest.mark.parametrize("purpose", list(Purpose))
def test_fewer_than_two_answers_are_no_overall(purpose: Purpose) -> None:
    assert "one question" in score(inputs((C, C), purpose=purpose)).overall.reason
    assert "No question" in score(inputs(purpose=purpose)).overall.reason
    assert score(inputs((C, C), purpose=purpose)).overall.value is None


@pytest.mark.parametrize(("unanswered", "has_overall"), [(2, True), (3, False)])
def test_coverage_below_half_is_no_overall(unanswered: int, has_overall: bool) -> None:
    given = inputs((C, C), (C, M), *[(M, M)] * unanswered)
    for place in range(2, 2 + unanswered):
        none = result(given.questions[place], M, M, status=QuestionStatus.NOT_REACHED, words=0)
        given = with_result(given, place, none)
    overall = score(given).overall

    assert (overall.value is not None) is has_overall
    assert ("half of the planned" in overall.reason) is not has_overall


# -- rules: what holds an interview for a person ---------------------------------------------------


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"low_confidence_share": 0.21}, "21 %"),
        ({"longest_interruption_ms": 60_001}, "60 s"),
        ({"cut_answers": 1}, "broken off"),
    ],
)
def test_technical_trouble_holds_it_and_withholds_the_overall_in_hiring(
    change: Mapping[str, float], word: str
) -> None:
    practice = score(replace(inputs((C, C), (C, M)), **change))
    hiring = score(replace(inputs((C, C), (C, M), purpose=HIRING), **change))

    assert practice.is_held
    assert hiring.is_held
    assert word in hiring.held_reasons[0]
    assert practice.overall.value is not None
    assert hiring.overall.value is None
    assert hiring.held_reasons[0] in hiring.overall.reason
    assert hiring.content.value is not None


@pytest.mark.parametrize(
    "change",
    [
        {"low_confidence_share": 0.2},
        {"low_confidence_share": None},
        {"longest_interruption_ms": 60_000},
        {"cut_answers": 0},
    ],
)
def test_less_than_that_holds_nothing(change: Mapping[str, float | None]) -> None:
    scores = score(replace(inputs((C, C), (C, M), purpose=HIRING), **change))

    assert not scores.is_held
    assert scores.overall.value is not None


# -- competencies and the breakdown ----------------------------------------------------------------


def test_a_competency_is_scored_by_the_questions_that_ask_for_it() -> None:
    one = asked("q0", 2, slugs=["complexity-analysis"])
    other = asked("q1", 2, slugs=["correctness"])
    given = replace(
        inputs((C, C), (C, M)),
        questions=[one, other],
        results=[result(one, C, C), result(other, C, M)],
    )
    found = {each.id: each for each in score(given).competencies}

    assert found["complexity"].score.value == 100
    assert found["complexity"].rating == 5
    assert found["complexity"].anchor == RUBRIC.competency("complexity").anchors[5]
    assert found["correctness"].score.value == 50
    assert found["correctness"].rating == 3
    assert found["data-structures"].score.value is None
    assert "no answered question" in found["data-structures"].score.reason
    # Two phases each: both covered, and one of them.
    assert found["explanation"].score.value == 75


def test_raters_come_before_key_points_and_a_none_of_theirs_stays_one() -> None:
    given = replace(
        inputs((C, C), (C, M)),
        ratings={"problem-analysis": rating(3.5, spread=2), "data-structures": rating(None)},
    )
    found = {each.id: each for each in score(given).competencies}

    assert found["problem-analysis"].rating == 3.5
    assert found["problem-analysis"].score.value == 62.5
    assert found["problem-analysis"].anchor == RUBRIC.competency("problem-analysis").anchors[3]
    assert found["problem-analysis"].is_flagged
    assert found["data-structures"].rating is None
    assert found["data-structures"].score.reason.startswith("Insufficient evidence")
    assert found["explanation"].score.value == 75  # not judged: by the key points


def test_ratings_of_half_of_the_rubric_are_half_of_content() -> None:
    ratings = {each.id: rating(5.0) for each in RUBRIC.competencies}
    plain = inputs((C, M), (M, M))

    assert score(plain).content.value == 32.5
    assert score(replace(plain, ratings=ratings)).content.value == 66.2  # (32.5 + 100) / 2
    few = {"problem-analysis": rating(5.0)}  # a quarter of the rubric
    assert score(replace(plain, ratings=few)).content.value == 32.5


def test_the_breakdown_has_every_dimension_with_its_weight() -> None:
    scores = score(inputs((C, C), (C, C)))

    assert [part.id for part in scores.breakdown] == [one.value for one in Dimension]
    assert sum(part.weight for part in scores.breakdown) == pytest.approx(1)
    assert [part.score.value for part in scores.breakdown] == [100, 100, 100]


def test_a_dimension_that_nothing_was_asked_of_has_no_score() -> None:
    given = replace(
        inputs((C, C), (C, C)), rubric=rubric_for(InterviewType.BEHAVIORAL, Difficulty.EASY)
    )
    technical = score(given).breakdown[0]

    assert technical.score == Score(
        value=None, reason="The rubric of this interview does not judge it."
    )


def test_results_of_another_interview_are_refused() -> None:
    given = inputs((C,), (M,))

    with pytest.raises(ValueError, match="not those"):
        score(replace(given, results=given.results[::-1]))
