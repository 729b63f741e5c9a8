"""The scores: what they are made of, when there is none, and what never enters them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.delivery import measure_delivery
from scoring.model import (
    Delivery,
    Measure,
    Purpose,
    QuestionReport,
    QuestionStatus,
    Score,
)
from scoring.ratings import CombinedRating, combine, rating_of, score_of, weigh
from scoring.report import write_report
from scoring.rubric import Dimension, rubric_for
from scoring.scores import (
    CLARITY_WEIGHTS,
    CONFIDENCE_WEIGHTS,
    CONTENT_WEIGHTS,
    DELIVERY_WEIGHTS,
    FLUENCY_WEIGHTS,
    KEY_POINT_WEIGHTS,
    OVERALL_WEIGHTS,
    ScoreInputs,
    Scores,
    filler_score,
    hedge_score,
    long_pause_score,
    pace_score,
    response_score,
    score,
    sentence_score,
)
from sessions.facts import Coverage
from sessions.ids import KeyPointId, QuestionId
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


def rating(value: float | None, spread: int = 0) -> CombinedRating:
    return CombinedRating(rating=value, spread=spread, is_flagged=spread > 1 or value is None)


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


# -- delivery --------------------------------------------------------------------------------------


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


# -- properties ------------------------------------------------------------------------------------

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


# -- ratings ---------------------------------------------------------------------------------------


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


def test_results_of_another_interview_are_refused() -> None:
    given = inputs((C,), (M,))

    with pytest.raises(ValueError, match="not those"):
        score(replace(given, results=given.results[::-1]))
