from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.asked import report_questions
from scoring.calibration import (
    CUT_POINTS,
    MAX_FAULTS,
    RANKED,
    CalibrationInvalid,
    HumanRating,
    Label,
    Rated,
    calibrate,
    compare_ratings,
    find_faults,
    load_labelled,
    load_questions,
    parse_ratings,
    run_calibration,
    score_answer,
    whole_rating,
)
from scoring.evidence import gather_evidence
from scoring.key_points import judge_answer
from scoring.model import Purpose, Score
from scoring.ratings import score_of
from scoring.rubric import rubric_for
from scoring.scores import ScoreInputs, score
from scoring.substance import why_refused
from sessions.errors import InputInvalid
from sessions.ids import InterviewId, QuestionId
from sessions.plan import Difficulty, Question
from tests.scoring.answers_held_out import HELD_OUT
from tests.scoring.bank import bank_files, load_bank
from tests.scoring.build import asked as question_asked
from tests.scoring.build import heard, planned, question, scored

LABELLED = load_labelled()
BANK = {one.id: one for one in load_questions(LABELLED)}
WHOLE_BANK = {one.id: one for path in bank_files() for one in load_bank(path)}
RESULTS = {one.question_id: one for one in calibrate(LABELLED, BANK.values())}

# -- the labelled answers --------------------------------------------------------------------------


def test_there_are_six_answers_to_eight_questions_of_several_types() -> None:
    assert sum(len(one.answers) for one in LABELLED.questions) >= 48
    assert len({BANK[QuestionId(one.id)].type for one in LABELLED.questions}) >= 6


@pytest.mark.parametrize("question_id", RESULTS)
def test_strong_is_above_middling_above_weak_and_the_rest_gets_no_score(question_id: str) -> None:
    result = RESULTS[QuestionId(question_id)]
    assert result.holds, result.faults
    strong, middling, weak = (result.scores[label].value or 0 for label in RANKED)
    assert strong > middling > weak > 0
    for label in (Label.OFF_TOPIC, Label.STUFFED, Label.SILENT):
        assert result.scores[label].value is None
        assert result.scores[label].reason.startswith("Insufficient evidence: ")


def test_what_a_person_means_is_never_refused_as_no_answer() -> None:
    for labelled in LABELLED.questions:
        for label in (*RANKED, Label.OFF_TOPIC):
            said = labelled.answers[label]
            assert why_refused(BANK[QuestionId(labelled.id)], [said]) == "", (labelled.id, label)


@pytest.mark.parametrize("question_id", HELD_OUT)
def test_the_order_holds_for_answers_that_do_not_know_the_bank(question_id: str) -> None:
    """The judge often recognises nothing in a weak one: then it gets no score, never a higher."""
    asked = WHOLE_BANK[QuestionId(question_id)]
    answers = HELD_OUT[question_id]
    assert all(why_refused(asked, [answer]) == "" for answer in answers)
    strong, middling, weak = (score_answer(asked, [answer]).value or 0 for answer in answers)
    assert strong > middling > weak


def test_a_broken_order_is_said() -> None:
    scores = dict.fromkeys(RANKED, Score(value=50.0)) | {
        Label.OFF_TOPIC: Score(value=10.0),
        Label.STUFFED: Score(value=None),
        Label.SILENT: Score(value=None),
    }
    assert find_faults(scores) == [
        "The off_topic answer got a score.",
        "The strong answer is not above the middling one.",
        "The middling answer is not above the weak one.",
    ]
    assert "The weak answer got no score." in find_faults(scores | {Label.WEAK: Score(value=None)})


def test_another_version_of_a_question_is_not_judged_by_its_answers() -> None:
    newer = [replace(one, version=one.version + 1) for one in BANK.values()]
    with pytest.raises(CalibrationInvalid, match="of version 1"):
        calibrate(LABELLED, newer)


@pytest.mark.parametrize(
    "content",
    ["", "- 1", "version: 1\nquestions: [{id: a, version: 1, file: f, answers: {}}]", "["],
)
def test_a_wrong_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "labelled.yaml"
    path.write_text(content)
    with pytest.raises(CalibrationInvalid):
        load_labelled(path)


def test_missing_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CalibrationInvalid):
        load_labelled(tmp_path / "none.yaml")
    with pytest.raises(CalibrationInvalid):
        load_questions(LABELLED, tmp_path)


# -- the score of one answer -----------------------------------------------------------------------

ASKED = question()


@pytest.mark.parametrize(
    ("turns", "value"),
    [
        (["I would keep a hash set, which makes it linear."], 100.0),
        (["I would keep a hash set.", "And the cost is linear then."], 100.0),
        (["I would keep a hash set for that."], 50.0),
        (["I would talk to the people next door about lunch."], None),
        (["Um."], None),
        ([], None),
    ],
)
def test_score_of_an_answer(turns: list[str], value: float | None) -> None:
    assert score_answer(ASKED, turns).value == value


def _in_report(asked: Question, text: str) -> Score:
    """The score of the question in a report whose only answer this is."""
    facts = (
        planned(asked),
        question_asked(0, asked.id),
        heard(text, id=asked.id),
        scored(1, asked.id, *judge_answer(asked, text)),
    )
    evidence = gather_evidence(facts)
    (one,) = report_questions([asked], facts, evidence, language="en")
    reason = why_refused(asked, [answer.text for answer in one.answers])
    scores = score(
        ScoreInputs(
            purpose=Purpose.HIRING,
            rubric=rubric_for(asked.type, Difficulty.EASY),
            questions=[asked],
            results=[one.report],
            refused={asked.id: reason} if reason else {},
        )
    )
    return scores.questions[0]


def test_labelled_answers_are_scored_as_a_report_scores_them() -> None:
    for labelled in LABELLED.questions:
        asked = BANK[QuestionId(labelled.id)]
        for label, text in labelled.answers.items():
            assert _in_report(asked, text) == RESULTS[asked.id].scores[label], (asked.id, label)


# -- the command -----------------------------------------------------------------------------------


def test_the_command_prints_every_question_and_succeeds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run_calibration(as_json=False) == 0
    printed = capsys.readouterr().out
    assert all(one.id in printed for one in LABELLED.questions)
    assert "The order holds for 8 of 8 questions" in printed


def test_the_command_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_calibration(as_json=True) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["holds"] is True
    assert len(printed["questions"]) == len(LABELLED.questions)
    assert set(printed["questions"][0]["scores"]) == {label.value for label in Label}


def _deaf(one: Question) -> Question:
    return replace(
        one, key_points=tuple(replace(point, phrasings=("zz",)) for point in one.key_points)
    )


def test_the_command_fails_when_an_order_is_broken(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_calibration(as_json=False, bank=[_deaf(one) for one in BANK.values()]) == 1
    printed = capsys.readouterr().out
    assert "BROKEN" in printed
    assert "The strong answer got no score." in printed


# -- ratings by people -----------------------------------------------------------------------------

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
    ],
)
def test_a_fault_names_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(InputInvalid) as raised:
        parse_ratings(text)
    assert says in raised.value.fields[f"line {line}"]
    assert f"line {line}" in raised.value.message


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
