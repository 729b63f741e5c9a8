"""`vivavoce talk`: what it asks for, and what it says of the report."""

from __future__ import annotations

import argparse
from typing import Any

import pytest

from agent.talk_options import TalkOptions, add_talk_arguments
from agent.talk_report import summarise, told_of

ADDRESS = "http://127.0.0.1:8080/interviews/1/report"
REPORT: dict[str, Any] = {
    "status": "completed",
    "has_enough": True,
    "not_enough_reason": "",
    "coverage": {
        "questions_answered": 1,
        "questions_planned": 2,
        "key_points_covered": 3,
        "key_points_total": 9,
    },
    "delivery": {"filler_counts": {"um": 2, "like": 1}, "pace_wpm": None},
}


def options(*arguments: str) -> TalkOptions:
    parser = argparse.ArgumentParser()
    add_talk_arguments(parser)
    return TalkOptions.from_arguments(parser.parse_args(arguments))


def test_the_interview_begins_with_the_question_that_the_lines_are_for() -> None:
    asked = options("--type", "dsa", "--first-question", "dsa-hash", "--line", "A hash").interview()

    assert asked["first_question"] == "dsa-hash"
    assert (asked["type"], asked["question_count"]) == ("dsa", 2)


def test_without_one_the_questions_are_chosen() -> None:
    assert "first_question" not in options("--line", "A hash").interview()


def test_an_address_is_told_to_who_can_open_it() -> None:
    lines = told_of(ADDRESS, "ada@example.org", REPORT)

    assert lines[0] == f"Report: {ADDRESS} (signed in as ada@example.org)"
    assert lines[-1] == (
        "1 of 2 questions answered, 3 of 9 key points covered, 3 filler words heard."
    )


def test_who_has_no_account_is_told_how_to_have_one() -> None:
    lines = told_of(ADDRESS, "", REPORT)

    assert ADDRESS not in " ".join(lines)
    assert "--email" in lines[0]


def test_too_little_to_judge_is_said() -> None:
    little = REPORT | {"has_enough": False, "not_enough_reason": "No answer was given."}

    assert "Not enough to judge: No answer was given." in told_of(ADDRESS, "", little)


@pytest.mark.parametrize(
    ("email", "opens_for"), [("ada@example.org", "ada@example.org"), ("", None)]
)
def test_programs_are_told_too(email: str, opens_for: str | None) -> None:
    told = summarise(ADDRESS, email, REPORT)

    assert (told["url"], told["opens_for"]) == (ADDRESS, opens_for)
