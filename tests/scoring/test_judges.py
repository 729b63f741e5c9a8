"""What counts of what a model says: quotes that stand in the answers, ratings that rest on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from scoring.evidence import gather_evidence
from scoring.judges.judgement import scored_facts
from scoring.judges.prompts import PROMPT_SHA256, judge_name
from scoring.judges.rating import (
    UNKNOWN_WORDS,
    WITHOUT_WORDS,
    RatingClaim,
    Span,
    check_rating,
    gather_spans,
    rating_request,
    spans_for,
)
from scoring.judges.spans import (
    MAX_CHARS,
    Answers,
    SpanClaim,
    SpanClaims,
    Turn,
    gather_answers,
    spans_request,
)
from scoring.judges.verify import Verified, verify_spans
from scoring.key_points import JUDGE_NAME, judge_answer
from scoring.rubric import Competency, Dimension
from sessions.facts import Coverage, Intent, IntentRecognised
from sessions.ids import KeyPointId, QuestionId
from sessions.plan import Question
from tests.scoring.build import T0, heard, planned, question, scored

COVERED, PARTLY, MISSING = Coverage.COVERED, Coverage.PARTLY, Coverage.MISSING
NAME = judge_name("some-model")
QUESTION = replace(question(), competencies=("algorithms",))
TEXT = "So I keep what I have met, and it\u2019s one look per number. We look once."


def said(*texts: str, of: Question = QUESTION) -> Answers:
    turns = tuple(Turn(turn=number, text=text) for number, text in enumerate(texts, 1))
    return Answers(question=of, turns=turns)


def claim(point: str, quote: str = "", coverage: Coverage = COVERED, turn: int = 1) -> SpanClaim:
    return SpanClaim(key_point_id=point, coverage=coverage, turn=turn, quote=quote)


def verified(answers: Answers, *claims: SpanClaim) -> Verified:
    offline = {turn.turn: judge_answer(answers.question, turn.text) for turn in answers.turns}
    return verify_spans(answers, claims, offline, judge=NAME)


def found(result: Verified) -> list[tuple[int, str, Coverage, str]]:
    return [
        (turn.turn, finding.key_point_id, finding.coverage, finding.quote)
        for turn in result.turns
        for finding in turn.findings
        if finding.coverage is not MISSING
    ]


# -- quotes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quote", "stands"),
    [
        ("I keep what I have met", "I keep what I have met"),
        ("i KEEP  what\ni have met", "I keep what I have met"),
        ("it's one look per number", "it\u2019s one look per number"),
        ('"I keep what I have met."', "I keep what I have met"),
    ],
)
def test_a_quote_counts_whatever_its_spaces_case_and_marks(quote: str, stands: str) -> None:
    result = verified(said(TEXT), claim("set", quote), claim("cost", coverage=MISSING))
    assert found(result) == [(1, "set", COVERED, stands)]
    (turn,) = result.turns
    assert turn.judge == NAME
    assert [one.key_point_id for one in turn.findings] == ["set", "cost"]
    assert TEXT[turn.findings[0].start : turn.findings[0].end] == stands


@pytest.mark.parametrize(
    "quote",
    [
        "",
        "met",
        "I keep all that I have met",
        "number we look twice",
        "the text of q1",
        "and the set",
        "So I",
        "keep what I have me",
        " ".join(["look"] * 90),
    ],
)
def test_one_that_is_not_there_or_says_nothing_is_dropped_and_counted(quote: str) -> None:
    text = f"{TEXT} And the set? The text of q1."
    result = verified(said(text), claim("set", quote), claim("cost", coverage=MISSING))
    assert found(result) == []
    assert result.rejected_quotes == 1


def test_a_quote_does_not_run_from_one_turn_into_the_next() -> None:
    result = verified(
        said("First I keep them", "all in one place"), claim("set", "them all in one")
    )
    assert (found(result), result.rejected_quotes) == ([], 1)


def test_the_turn_that_is_named_comes_first_and_another_of_the_answers_will_do() -> None:
    twice = said("I keep what I met", "no, I keep what I met")
    assert found(verified(twice, claim("set", "keep what I met", turn=2)))[0][0] == 2
    assert found(verified(twice, claim("set", "no, I keep", turn=1)))[0][0] == 2
    assert found(verified(twice, claim("set", "keep what I met", turn=77)))[0][0] == 1


def test_a_point_that_the_question_does_not_have_is_counted_as_rejected() -> None:
    assert verified(said(TEXT), claim("another", "what I have met")).rejected_quotes == 1


def test_of_two_findings_in_a_turn_the_better_one_counts() -> None:
    result = verified(
        said(TEXT),
        claim("set", "We look once", PARTLY),
        claim("set", "what I have met"),
        claim("set", "one look per number", PARTLY),
    )
    assert found(result) == [(1, "set", COVERED, "what I have met")]


def test_findings_may_stand_in_two_turns() -> None:
    result = verified(
        said("I keep what I met", "a box of what was met"),
        claim("set", "I keep what", PARTLY, turn=1),
        claim("set", "a box of what was met", turn=2),
    )
    assert [one[0] for one in found(result)] == [1, 2]


# -- the offline judge stands in -----------------------------------------------------------------

OFFLINE = "I use a hash set and that is linear."


def test_what_the_model_calls_missing_is_missing() -> None:
    result = verified(
        said(OFFLINE), claim("set", coverage=MISSING), claim("cost", coverage=MISSING)
    )
    assert (found(result), result.turns[0].judge) == ([], NAME)


@pytest.mark.parametrize("claims", [(), (claim("set", "nobody said this"),)])
def test_where_it_says_nothing_that_counts_the_offline_finding_stands(
    claims: Sequence[SpanClaim],
) -> None:
    result = verified(said(OFFLINE), *claims, claim("cost", coverage=MISSING))
    assert found(result) == [(1, "set", COVERED, OFFLINE)]
    assert result.turns[0].judge == f"{NAME}+{JUDGE_NAME}"


def test_what_was_too_long_to_be_shown_whole_is_not_missing_by_the_models_word() -> None:
    long = said("words " * (MAX_CHARS // 6), OFFLINE)
    assert long.is_cut
    assert len(str(spans_request(long))) < MAX_CHARS + 1_000
    result = verified(long, claim("set", coverage=MISSING), claim("cost", coverage=MISSING))
    assert [one[1] for one in found(result)] == ["set", "cost"]


@given(
    text=st.text(max_size=80),
    claims=st.lists(
        st.builds(
            SpanClaim,
            key_point_id=st.sampled_from(["set", "cost", "no"]),
            coverage=st.sampled_from(Coverage),
            turn=st.sampled_from([None, 1, 2]),
            quote=st.text(max_size=20) | st.sampled_from(["hash set", "use a hash", "is linear"]),
        ),
        max_size=6,
    ),
)
def test_whatever_comes_each_turn_has_a_true_finding_for_each_point(
    text: str, claims: list[SpanClaim]
) -> None:
    answers = said(text, OFFLINE)
    result = verified(answers, *claims)
    assert [turn.turn for turn in result.turns] == [1, 2]
    for turn, there in zip(result.turns, answers.turns, strict=True):
        assert [one.key_point_id for one in turn.findings] == ["set", "cost"]
        for finding in turn.findings:
            assert there.text[finding.start : finding.end] == finding.quote
            assert bool(finding.quote) == (finding.coverage is not MISSING)


# -- requests ------------------------------------------------------------------------------------


def test_a_model_is_told_the_points_and_the_answers_and_nothing_else() -> None:
    told = replace(QUESTION, model_answer="the best answer", common_mistakes=("a mistake",))
    assert spans_request(said(TEXT, of=told)) == {
        "question": "The text of q1?",
        "key_points": [{"id": "set", "point": "set"}, {"id": "cost", "point": "cost"}],
        "answers": [{"turn": 1, "text": TEXT}],
    }


def test_only_what_answers_a_question_is_judged() -> None:
    facts = [
        planned(QUESTION, replace(QUESTION, id=QuestionId("q2"))),
        heard("hello", turn=1, id=None),
        heard("can you repeat that", turn=2),
        IntentRecognised(at_ms=T0, turn=2, intent=Intent.REPEAT),
        heard(TEXT, turn=3),
        heard("...", turn=4, id="q2"),
    ]
    (answers,) = gather_answers(facts)
    assert (answers.question.id, answers.turns) == ("q1", (Turn(turn=3, text=TEXT),))
    assert gather_answers([]) == ()


@pytest.mark.parametrize(
    "body", ["{}", '{"findings": 1}', '{"findings": [{"key_point_id": "a", "coverage": "maybe"}]}']
)
def test_findings_of_another_form_do_not_fit(body: str) -> None:
    with pytest.raises(ValidationError):
        SpanClaims.model_validate_json(body)


def test_the_name_of_the_judge_has_the_model_and_the_prompts() -> None:
    assert len(PROMPT_SHA256) == 64
    assert f"model:some-model@{PROMPT_SHA256[:12]}" == NAME


def test_as_facts_the_findings_replace_those_of_the_interview() -> None:
    facts = [planned(QUESTION), heard(TEXT), scored(1, "q1")]
    result = verified(said(TEXT), claim("set", "I have met"), claim("cost", coverage=MISSING))
    evidence = gather_evidence([*facts, *scored_facts(result.turns, at_ms=T0)])
    assert evidence.judges == (NAME,)
    (quote,) = evidence.quotes(QuestionId("q1"), KeyPointId("set"))
    assert (quote.turn, quote.text) == (1, "I have met")


# -- ratings -------------------------------------------------------------------------------------


def competency(*counts: str, is_structure: bool = False) -> Competency:
    return Competency(
        id="solving",
        name="Problem solving",
        definition="Finds a way from what is asked to what works.",
        dimension=Dimension.PROBLEM_SOLVING,
        weight=100,
        counts=counts,
        is_structure=is_structure,
        expected="Names a way that works and says why it does.",
        anchors={rating: f"What a listener hears at {rating}." for rating in range(1, 6)},
    )


def span(id: str, text: str = "what I have met") -> Span:
    return Span(
        id=id,
        question_id=QuestionId("q1"),
        key_point_ids=(KeyPointId("set"),),
        turn=1,
        text=text,
        start=0,
        end=len(text),
    )


def test_raters_are_given_each_quote_once_in_the_order_it_was_said() -> None:
    result = verified(
        said("and then we look once", TEXT),
        claim("cost", "we look once", turn=2),
        claim("set", "I have met", turn=2),
        claim("cost", "I have met", PARTLY, turn=2),
        claim("cost", "then we look once", turn=1),
    )
    spans = gather_spans(result.turns)
    assert [(one.id, one.turn, one.text, one.key_point_ids) for one in spans] == [
        ("s1", 1, "then we look once", ("cost",)),
        ("s2", 2, "I have met", ("set",)),
        ("s3", 2, "We look once", ("cost",)),
    ]


def test_a_competency_has_the_words_of_the_questions_that_count_towards_it() -> None:
    spans = (span("s1"), replace(span("s2"), question_id=QuestionId("q2")))
    told = replace(QUESTION, id=QuestionId("q2"), competencies=("teamwork",))
    points = tuple(replace(point, star="action") for point in told.key_points)
    story = replace(told, key_points=points)
    assert spans_for(competency("algorithms"), [QUESTION, told], spans) == spans[:1]
    assert spans_for(competency("another"), [QUESTION, told], spans) == ()
    assert spans_for(competency(is_structure=True), [QUESTION, story], spans) == spans[1:]


def test_a_rater_is_told_the_words_and_the_anchors_and_nothing_else() -> None:
    data = rating_request(competency(), [span("s1")])
    assert data["spans"] == [{"id": "s1", "text": "what I have met"}]
    assert data["competency"] == {
        "id": "solving",
        "definition": competency().definition,
        "expected": competency().expected,
        "anchors": {str(rating): f"What a listener hears at {rating}." for rating in range(1, 6)},
    }


@pytest.mark.parametrize(
    ("rating", "ids", "expected", "problem"),
    [
        (4, ["s1"], 4, ""),
        (4, ["s1", "s2", "s1"], 4, ""),
        (None, [], None, ""),
        (None, ["s1"], None, ""),
        (5, [], None, WITHOUT_WORDS),
        (5, ["s9"], None, UNKNOWN_WORDS),
        (5, ["s1", "s9"], None, UNKNOWN_WORDS),
        (5, ["S1"], None, UNKNOWN_WORDS),
        (None, ["s9"], None, UNKNOWN_WORDS),
    ],
)
def test_a_rating_counts_with_words_that_were_given(
    rating: int | None, ids: list[str], expected: int | None, problem: str
) -> None:
    told = RatingClaim(rating=rating, span_ids=ids, why="It\nis \x1b[1mso.\u202e " + "x" * 400)
    rater = check_rating(told, [span("s1"), span("s2")], model="m")
    assert (rater.rating, rater.problem, rater.model) == (expected, problem, "m")
    assert rater.span_ids == (tuple(dict.fromkeys(ids)) if expected else ())
    assert rater.why.startswith("" if problem else "It is [1mso. xxx")
    assert len(rater.why) <= 300


@pytest.mark.parametrize("rating", ["0", "6", "4.5", '"5"', "true", '"high"'])
def test_a_rating_that_is_none_of_the_five_does_not_fit(rating: str) -> None:
    with pytest.raises(ValidationError):
        RatingClaim.model_validate_json(f'{{"rating": {rating}, "span_ids": ["s1"]}}')
