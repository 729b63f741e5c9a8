from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scoring.asked import report_questions
from scoring.calibration import (
    RANKED,
    CalibrationInvalid,
    Label,
    calibrate,
    find_faults,
    load_labelled,
    load_questions,
    score_answer,
)
from scoring.evidence import gather_evidence
from scoring.key_points import judge_answer
from scoring.model import Purpose, Score
from scoring.rubric import rubric_for
from scoring.scores import ScoreInputs, score
from scoring.substance import why_refused
from sessions.ids import QuestionId
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
