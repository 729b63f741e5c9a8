"""The golden log: an easy behavioural interview, stored as an earlier version stored it."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from scoring.model import Report
from scoring.report import write_report
from sessions.codec import from_line
from sessions.facts import Fact

GOLDEN = Path(__file__).parents[1] / "golden"
LOG = GOLDEN / "behavioral_easy.jsonl"
REPORT = GOLDEN / "behavioral_easy.report.json"

_REPORT: TypeAdapter[Report] = TypeAdapter(Report)


def load_log() -> list[Fact]:
    return [from_line(line) for line in LOG.read_text(encoding="utf-8").splitlines()]


def report_json(facts: list[Fact]) -> str:
    return _REPORT.dump_json(write_report(facts), indent=2).decode() + "\n"
