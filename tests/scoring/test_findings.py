from collections.abc import Mapping

import pytest

from scoring.model import Finding, Findings, Report
from scoring.quotes import opening
from scoring.report import write_report
from sessions.facts import Coverage, Fact, KeyPointFinding, Probed
from sessions.ids import KeyPointId, QuestionId
from sessions.plan import Question
from tests.scoring.build import (
    T0,
    asked,
    consent,
    finding,
    heard,
    planned,
    question,
    room,
    scored,
)
from tests.scoring.golden import golden_report, load_log

COVERED, PARTLY, MISSING = Coverage.COVERED, Coverage.PARTLY, Coverage.MISSING
POINTS = {name: (f"the {name}",) for name in ("set", "cost", "limits", "tests", "names", "order")}
SAID = (
    "Well. I would keep a hash set of what was seen and look every new number up in it, "
    "and that is about all I can say of it at this moment."
)
OPENING = "I would keep a hash set of what was seen and look every new number up in it"


def big(id: str) -> Question:
    return question(id, points=POINTS)


def found(point: str, coverage: Coverage) -> KeyPointFinding:
    if coverage is MISSING:
        return finding(point, MISSING)
    return finding(point, coverage, "a hash set", SAID.index("a hash set"))


def answered(index: int, coverages: Mapping[str, Coverage], *, turn: int) -> list[Fact]:
    id = f"q{index + 1}"
    at = index * 100_000
    return [
        asked(index, id, at=at),
        heard(SAID, turn=turn, at=at + 1_000, id=id),
        scored(turn, id, *(found(point, coverage) for point, coverage in coverages.items())),
    ]


def report(*facts: Fact, questions: int = 1) -> Report:
    plan = planned(*(big(f"q{number}") for number in range(1, questions + 1)))
    return write_report([plan, room(), consent(), *facts])


def probe(point: str, id: str = "q1") -> Probed:
    return Probed(at_ms=T0, question_id=QuestionId(id), key_point_id=KeyPointId(point))


def points(findings: Findings) -> list[str | None]:
    return [one.key_point_id for one in findings.items]


def every(report: Report) -> list[Finding]:
    return [
        *report.strengths.items,
        *report.weaknesses.items,
        *report.improvements.items,
    ]


def test_every_finding_stands_on_the_candidates_own_words() -> None:
    for written in (golden_report(load_log()), report(*answered(0, {"set": PARTLY}, turn=1))):
        said = {
            (part.turn, question.index): part
            for question in written.questions
            for part in question.answers
        }
        assert every(written)
        for one in every(written):
            assert one.sentence and one.title and one.quotes
            for quote in one.quotes:
                part = said[quote.turn, one.question_index]
                assert part.text[quote.start : quote.end] == quote.text
                assert part.offset_ms == quote.offset_ms


def test_strengths_are_spread_over_the_questions_and_no_more_than_five() -> None:
    three = {"set": COVERED, "cost": COVERED, "limits": COVERED}
    written = report(
        *(fact for index in range(3) for fact in answered(index, three, turn=index + 1)),
        questions=3,
    )
    assert [one.question_index for one in written.strengths.items] == [0, 0, 1, 1, 2]
    assert written.strengths.note == ""


def test_what_was_said_unasked_comes_before_what_was_asked_for() -> None:
    facts = [probe("set"), *answered(0, {"set": COVERED, "cost": COVERED}, turn=1)]
    titles = [(one.key_point_id, one.title) for one in report(*facts).strengths.items]
    assert titles == [("cost", "Said without being asked"), ("set", "Said when asked for it")]


def test_all_of_a_question_is_a_strength_by_itself() -> None:
    first, *others = report(*answered(0, dict.fromkeys(POINTS, COVERED), turn=1)).strengths.items
    assert first.sentence == "Covered all 6 key points of question 1."
    assert first.key_point_id is None and len(first.quotes) == 2
    assert [one.key_point_id for one in others] == ["limits", "tests", "names", "order"]


def test_few_or_no_strengths_say_so() -> None:
    assert "Fewer than three" in report(*answered(0, {"set": COVERED}, turn=1)).strengths.note
    none = report(*answered(0, {"set": PARTLY}, turn=1)).strengths
    assert none.items == () and none.note.startswith("No key point was heard in full")


def test_a_point_asked_for_and_not_said_shows_the_probe_and_the_answer_to_it() -> None:
    written = report(
        *answered(0, {"set": COVERED, "limits": PARTLY}, turn=1),
        probe("cost"),
        heard("I have no idea, I am afraid. Really none.", turn=2, at=60_000),
    )
    asked_for = next(one for one in written.weaknesses.items if one.key_point_id == "cost")
    assert asked_for.title == "Asked for, and not heard"
    assert asked_for.asked == "And the cost?"
    [quote] = asked_for.quotes
    assert (quote.turn, quote.text) == (2, "I have no idea, I am afraid.")
    partly = next(one for one in written.weaknesses.items if one.key_point_id == "limits")
    assert (partly.title, partly.asked) == ("Only partly heard", "")
    assert partly.quotes[0].text == "a hash set"


def test_what_nobody_asked_for_is_named_once_per_answer_while_there_is_enough_else() -> None:
    coverages = {"set": COVERED, "cost": PARTLY, "limits": PARTLY}
    written = report(*answered(0, coverages, turn=1))
    assert points(written.weaknesses) == ["cost", "limits", "tests"]
    [unasked] = written.weaknesses.items[2:]
    assert (unasked.asked, unasked.quotes[0].text) == ("The text of q1?", OPENING)
    alone = report(*answered(0, {"set": COVERED}, turn=1))
    assert points(alone.weaknesses) == ["cost", "limits", "tests"]


def test_an_answer_beside_the_question_is_one_weakness() -> None:
    written = report(*answered(0, {}, turn=1))
    assert [one.title for one in written.weaknesses.items] == ["No key point heard"]
    assert written.weaknesses.items[0].sentence.startswith("None of the 6 key points of question 1")
    assert written.weaknesses.note.startswith("Fewer than three")
    assert len(written.improvements.items) == 6


def test_nothing_missing_says_so() -> None:
    written = report(*answered(0, dict.fromkeys(POINTS, COVERED), turn=1))
    assert written.weaknesses.items == written.improvements.items == ()
    assert written.weaknesses.note == "No key point was found missing in what was answered."
    assert written.improvements.note == "Every key point of what was answered was heard."


def test_improvements_are_at_most_seven_and_bring_the_model_answers_sentence() -> None:
    facts = [fact for index in range(3) for fact in answered(index, {}, turn=index + 1)]
    assert len(report(*facts, questions=3).improvements.items) == 7
    golden = golden_report(load_log())
    assert golden.improvements.items
    for one in golden.improvements.items:
        answer = " ".join(golden.questions[one.question_index].model_answer.split())
        assert one.example and one.example in answer
        assert one.example[0].isupper() and one.example[-1] in ".?!"


@pytest.mark.parametrize("facts", [[], [asked(0, "q1"), heard("A hash set.")]])
def test_too_little_said_finds_nothing_and_says_why(facts: list[Fact]) -> None:
    written = report(*facts)
    assert every(written) == []
    for findings in (written.strengths, written.weaknesses, written.improvements):
        assert findings.note == written.not_enough_reason != ""


def test_a_question_without_an_answer_is_no_weakness() -> None:
    written = report(*answered(0, {"set": COVERED}, turn=1), asked(1, "q2", at=90_000), questions=2)
    assert {one.question_index for one in every(written)} == {0}


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("", ""),
        ("...", ""),
        ("Yes.", "Yes."),
        ("Um, well. I would sort them first. Then scan.", "I would sort them first."),
        ("no stops at all in what was heard", "no stops at all in what was heard"),
    ],
)
def test_an_answer_begins_with_its_first_whole_sentence(text: str, begins: str) -> None:
    assert text[slice(*opening(text))] == begins


def test_improvements_of_one_answer_show_different_words_of_it() -> None:
    said = (
        "I would keep a hash set of what was seen. The cost is linear in time for each lookup. "
        "I have not thought about the limits of memory here."
    )
    written = report(
        asked(0, "q1"),
        heard(said, at=1_000),
        scored(1, "q1", found("names", MISSING)),
    )
    improvements = written.improvements.items
    assert len(improvements) == 6
    first, *others = [one.quotes[0].text for one in improvements]
    assert first == "I would keep a hash set of what was seen."
    assert set(others) == {
        first,
        "The cost is linear in time for each lookup.",
        "I have not thought about the limits of memory here.",
    }
    shown = {one.key_point_id: one.quotes[0].text for one in improvements}
    assert shown[KeyPointId("cost")].startswith("The cost")
