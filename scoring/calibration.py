"""How well the offline judge ranks answers whose worth is known.

The labelled answers lie in `calibration/`: six to each of some questions of the bank. A judge
that is fit for use puts strong before middling before weak, and gives no score to the rest.
What people say of answers is in `calibration_ratings`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from scoring.key_points import judge_answer
from scoring.model import Score
from scoring.ratings import insufficient, rounded
from scoring.scores import MIN_SUBSTANTIVE_WORDS
from scoring.star import COVERAGE_VALUE
from scoring.substance import why_refused
from scoring.words import count_words
from sessions.errors import VivavoceError
from sessions.facts import Coverage
from sessions.ids import QuestionId
from sessions.infra.yaml_file import YamlUnreadable, read_yaml
from sessions.plan import Question

LABELLED = Path(__file__).parent / "calibration" / "labelled.yaml"
BANK_FOLDER = Path(__file__).parents[1] / "server" / "questions" / "bank"
"""Data alone: nothing of the server is imported."""

_QUESTIONS: TypeAdapter[tuple[Question, ...]] = TypeAdapter(tuple[Question, ...])


class CalibrationInvalid(VivavoceError):
    """The labelled answers, or the questions they are for, do not have the form they should."""

    code = "calibration_invalid"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The labelled answers cannot be used: {reason}.",
            hint="Correct scoring/calibration/labelled.yaml.",
        )
        self.reason = reason


class Label(StrEnum):
    STRONG = "strong"
    MIDDLING = "middling"
    WEAK = "weak"
    OFF_TOPIC = "off_topic"
    STUFFED = "stuffed"
    """The phrasings the judge looks for, one after the other, without sense."""
    SILENT = "silent"


RANKED = (Label.STRONG, Label.MIDDLING, Label.WEAK)

Text = Annotated[str, Field(min_length=1, max_length=4000)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class LabelledQuestion(_Part):
    id: str
    version: int
    file: str
    """Of the bank, where the question stands."""
    answers: dict[Label, Text]

    @model_validator(mode="after")
    def _has_all(self) -> LabelledQuestion:
        if set(self.answers) != set(Label):
            raise ValueError("answers has to have every label once")
        return self


class LabelledSet(_Part):
    version: int
    questions: tuple[LabelledQuestion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionCalibration:
    question_id: QuestionId
    scores: Mapping[Label, Score]
    faults: tuple[str, ...]
    """What the judge got wrong, as sentences; none: the order holds."""

    @property
    def holds(self) -> bool:
        return not self.faults


def score_answer(question: Question, turns: Sequence[str], *, language: str = "en") -> Score:
    """0-100 by the offline judge, as a report scores the question: the share of its key points,
    a partly covered one as half; none where it was no answer or nothing was recognised in it.
    """
    reason = why_refused(question, turns, language=language)
    if reason:
        return insufficient(reason)
    best = dict.fromkeys((point.id for point in question.key_points), 0.0)
    for text in turns:
        for found in judge_answer(question, text):
            value = COVERAGE_VALUE[found.coverage]
            best[found.key_point_id] = max(best[found.key_point_id], value)
    covered = sum(best.values())
    if covered <= COVERAGE_VALUE[Coverage.MISSING]:
        if sum(map(count_words, turns)) < MIN_SUBSTANTIVE_WORDS:
            return insufficient("too little was said in answer to the question")
        return insufficient("none of its key points was recognised in the answer")
    return rounded(100 * covered / len(best))


def calibrate(labelled: LabelledSet, bank: Iterable[Question]) -> tuple[QuestionCalibration, ...]:
    """Per labelled question, in their order. Raises CalibrationInvalid when the bank does not have
    a question in the version that was labelled.
    """
    known = {question.id: question for question in bank}
    return tuple(_calibrate_one(one, known) for one in labelled.questions)


def _calibrate_one(
    labelled: LabelledQuestion, bank: Mapping[QuestionId, Question]
) -> QuestionCalibration:
    question = bank.get(QuestionId(labelled.id))
    if question is None or question.version != labelled.version:
        raise CalibrationInvalid(f"the bank has no {labelled.id} of version {labelled.version}")
    scores = {label: score_answer(question, [labelled.answers[label]]) for label in Label}
    return QuestionCalibration(
        question_id=question.id, scores=scores, faults=tuple(find_faults(scores))
    )


def find_faults(scores: Mapping[Label, Score]) -> list[str]:
    faults: list[str] = []
    for label, found in scores.items():
        if label in RANKED and found.value is None:
            faults.append(f"The {label.value} answer got no score.")
        if label not in RANKED and found.value is not None:
            faults.append(f"The {label.value} answer got a score.")
    for better, worse in pairwise(RANKED):
        above, below = scores[better].value, scores[worse].value
        if above is not None and below is not None and above <= below:
            faults.append(f"The {better.value} answer is not above the {worse.value} one.")
    return faults


# -- the files, read here alone --------------------------------------------------------------------


def load_labelled(path: Path = LABELLED) -> LabelledSet:
    """Raises CalibrationInvalid."""
    try:
        return LabelledSet.model_validate(_load_yaml(path))
    except ValidationError as exc:
        error = exc.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in error["loc"]) or "the file"
        raise CalibrationInvalid(f"{where}: {error['msg']}") from exc


def load_questions(labelled: LabelledSet, folder: Path = BANK_FOLDER) -> list[Question]:
    """Those of the bank's files that are named. Raises CalibrationInvalid."""
    found: list[Question] = []
    for file in dict.fromkeys(one.file for one in labelled.questions):
        try:
            found.extend(_QUESTIONS.validate_python(_load_yaml(folder / file)))
        except ValidationError as exc:
            raise CalibrationInvalid(f"the bank's {file} is not a list of questions") from exc
    return found


def _load_yaml(path: Path) -> object:
    try:
        return read_yaml(path)
    except YamlUnreadable as exc:
        raise CalibrationInvalid(f"{path.name}: {exc}") from exc
