"""The offline judge on the labelled answers, as the page and the command show it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from scoring.calibration import calibrate, load_labelled, load_questions
from scoring.key_points import JUDGE_NAME
from server.calibration.schemas import LabelledView, QuestionView
from sessions.plan import Question


def judge_labelled(bank: Iterable[Question] | None = None) -> LabelledView:
    """Takes a tenth of a second: call it in a thread. `bank`: the questions; None: the bank's own
    files. Raises CalibrationInvalid.
    """
    labelled = load_labelled()
    results = calibrate(labelled, load_questions(labelled) if bank is None else bank)
    return LabelledView(
        judge=JUDGE_NAME,
        labelled_version=labelled.version,
        holds=all(result.holds for result in results),
        questions=[
            QuestionView(
                id=result.question_id,
                holds=result.holds,
                faults=list(result.faults),
                scores=dict(result.scores),
            )
            for result in results
        ],
    )


@cache
def judge_labelled_once() -> LabelledView:
    """Neither the answers nor the judge change while a process runs."""
    return judge_labelled()
