"""The golden log: an easy behavioural interview, stored as an earlier version stored it."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from scoring.model import Report
from scoring.report import write_report
from sessions.codec import from_line
from sessions.facts import Fact
from sessions.plan import Difficulty, InterviewType
from tests.scoring.build import rubric, rubrics

GOLDEN = Path(__file__).parents[1] / "golden"
LOG = GOLDEN / "behavioral_easy.jsonl"
REPORT = GOLDEN / "behavioral_easy.report.json"

_REPORT: TypeAdapter[Report] = TypeAdapter(Report)


def load_log() -> list[Fact]:
    return [from_line(line) for line in LOG.read_text(encoding="utf-8").splitlines()]


def golden_report(facts: list[Fact]) -> Report:
    """By a rubric of the tests: the ones that come with Vivavoce may change."""
    known = rubrics(rubric(InterviewType.BEHAVIORAL, Difficulty.EASY))
    return write_report(facts, rubrics=known, software="0.0.0")


def report_json(facts: list[Fact]) -> str:
    return _REPORT.dump_json(golden_report(facts), indent=2).decode() + "\n"
