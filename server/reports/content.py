"""A report's content: made from an interview's facts, stored as JSON, read back. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import cast

from pydantic import JsonValue, TypeAdapter, ValidationError

from scoring.model import Report
from scoring.ratings import CompetencyRatings
from scoring.report import write_report
from scoring.rubric import shipped_rubrics
from sessions.facts import Fact

Body = dict[str, JsonValue]

SOFTWARE = version("vivavoce")

_REPORT = TypeAdapter(Report)


def write_whole(facts: Sequence[Fact], *, ratings: CompetencyRatings | None = None) -> Report:
    """The whole report, with all this server scores by. Takes some milliseconds, tens when the
    interview was long: call it in a thread.

    `ratings` are a model judge's of the competencies. Raises NotFound when `facts` holds no
    InterviewPlanned.
    """
    return write_report(facts, rubrics=shipped_rubrics(), ratings=ratings, software=SOFTWARE)


def write_body(facts: Sequence[Fact], *, ratings: CompetencyRatings | None = None) -> Body:
    """The same, to be stored."""
    return cast("Body", _REPORT.dump_python(write_whole(facts, ratings=ratings), mode="json"))


def as_json(report: Report) -> bytes:
    return _REPORT.dump_json(report, indent=2)


def read_body(body: Body | None) -> Report | None:
    """None when it was stored by a version whose reports have other fields."""
    try:
        return _REPORT.validate_python(body)
    except ValidationError:
        return None
