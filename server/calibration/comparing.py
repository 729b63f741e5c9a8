"""Stored ratings beside the machine's, blind ones apart from the others. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from scoring.calibration_ratings import HumanRating, Rated, compare_ratings
from scoring.rubric import shipped_rubrics
from server.calibration.models import RatingRow, Source
from server.calibration.queries import Machine
from server.calibration.schemas import ComparisonView
from server.interviews.labels import TYPE_LABELS
from sessions.ids import InterviewId, QuestionId

ID_CHARS = 8
"""So much of an account's id names it."""


def compare_rows(
    rows: Iterable[RatingRow],
    machine: Mapping[str, Machine],
    *,
    types: Mapping[str, str],
    name: Callable[[RatingRow], str],
) -> tuple[ComparisonView, ComparisonView]:
    """The blind ones, then the others. `types`: of all interviews, by id; what two rubrics call by
    one id are two competencies, `type/id`. `name` names the rater of a row.
    """
    scores = {
        Rated(InterviewId(interview_id), None, f"{types[interview_id]}/{competency}"): score.value
        for interview_id, found in machine.items()
        for competency, score in found.scores.items()
    }
    ratings = [(row, _rated(row, types[row.interview_id])) for row in rows]
    return (
        _compare([one for one in ratings if one[0].is_blind], scores, name),
        _compare([one for one in ratings if not one[0].is_blind], scores, name),
    )


def name_competencies(found: Iterable[ComparisonView]) -> dict[str, str]:
    """As the rubrics name them; one that is in no rubric any more by its id."""
    names = {
        f"{rubric.type.value}/{one.id}": f"{TYPE_LABELS[rubric.type]}: {one.name}"
        for rubric in shipped_rubrics().values()
        for one in rubric.competencies
    }
    ids = sorted({id for one in found for id in one.by_competency})
    return {id: names.get(id, id) for id in ids}


def rater_name(row: RatingRow) -> str:
    """An account by the beginning of its id: the operator's table needs no names."""
    return f"account {row.rater[:ID_CHARS]}" if row.source == Source.PAGE.value else row.rater


def _compare(
    rows: Sequence[tuple[RatingRow, Rated]],
    scores: Mapping[Rated, float | None],
    name: Callable[[RatingRow], str],
) -> ComparisonView:
    ratings = [
        HumanRating(rated=rated, rater=name(row), rating=row.rating)
        for row, rated in rows
        if row.rating is not None
    ]
    found = compare_ratings(ratings, scores)
    return ComparisonView(
        overall=found.overall,
        by_competency=dict(found.by_competency),
        by_rater=dict(found.by_rater),
        unrated=found.unrated,
        withheld=len(rows) - len(ratings),
    )


def _rated(row: RatingRow, type: str) -> Rated:
    question_id = QuestionId(row.question_id) if row.question_id else None
    return Rated(InterviewId(row.interview_id), question_id, f"{type}/{row.competency}")
