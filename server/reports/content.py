"""A report's content: made from an interview's facts, stored as JSON, read back. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from pydantic import JsonValue, TypeAdapter, ValidationError

from scoring.model import Report
from scoring.report import write_report
from sessions.facts import Fact

Body = dict[str, JsonValue]

_REPORT = TypeAdapter(Report)


def write_body(facts: Sequence[Fact]) -> Body:
    """Raises NotFound when `facts` holds no InterviewPlanned. Takes some milliseconds: call it in
    a thread."""
    return body_of(write_report(facts))


def body_of(report: Report) -> Body:
    return cast("Body", _REPORT.dump_python(report, mode="json"))


def read_body(body: Body) -> Report | None:
    """None when it was stored by a version whose reports have other fields."""
    try:
        return _REPORT.validate_python(body)
    except ValidationError:
        return None
