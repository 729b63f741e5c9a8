"""How well the offline judge ranks answers whose worth is known, and how far it agrees with people.

The labelled answers lie in `calibration/`: six to each of some questions of the bank. A judge
that is fit for use puts strong before middling before weak, and gives no score to the rest.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from scoring.agreement import Agreement, agree
from scoring.key_points import JUDGE_NAME, judge_answer
from scoring.model import Score
from scoring.ratings import insufficient, rounded
from scoring.rubric import HIGHEST, LOWEST
from scoring.scores import MIN_SUBSTANTIVE_WORDS
from scoring.star import COVERAGE_VALUE
from scoring.substance import why_refused
from scoring.words import count_words
from sessions.errors import InputInvalid, VivavoceError
from sessions.facts import Coverage
from sessions.ids import InterviewId, QuestionId
from sessions.infra.yaml_file import YamlUnreadable, read_yaml
from sessions.plan import Question

LABELLED = Path(__file__).parent / "calibration" / "labelled.yaml"
BANK_FOLDER = Path(__file__).parents[1] / "server" / "questions" / "bank"
"""Data alone: nothing of the server is imported."""

CUT_POINTS = (12.5, 37.5, 62.5, 87.5)
"""A score below the first is a 1, from the first on a 2, and so on: the middles between the
scores that the whole ratings stand for (`scoring.ratings.score_of`: 0, 25, 50, 75, 100)."""

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


# -- ratings by people -----------------------------------------------------------------------------

COLUMNS = ("interview_id", "question_id", "competency", "rater", "rating")
OPTIONAL = frozenset({"question_id"})
MAX_ROWS = 10_000
MAX_FAULTS = 20
"""So many faulty lines are named; those after them will be of the same kind."""


@dataclass(frozen=True, slots=True)
class Rated:
    """What a rating is of: one competency, in one answer or, without a question, in the whole
    interview.
    """

    interview_id: InterviewId
    question_id: QuestionId | None
    competency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HumanRating:
    rated: Rated
    rater: str
    rating: int
    """1-5."""
    line: int
    """Of the file, from 1, the heading being the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """People first, machine second: a mean difference above 0 says the machine is milder."""

    overall: Agreement
    by_competency: Mapping[str, Agreement]
    by_rater: Mapping[str, Agreement]
    unrated: int
    """Ratings by people to which the machine has none, and which are left out."""


def parse_ratings(text: str) -> tuple[HumanRating, ...]:
    """Of a CSV file with a heading: COLUMNS in any order, `question_id` or its cells may lack.
    Empty lines are passed over. Raises InputInvalid, whose `fields` has a sentence per faulty line,
    by "line 7"; nothing is taken from a file with a fault.
    """
    # A line break is one character, so that the lines are those an editor counts.
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    faults: dict[str, str] = {}
    found: dict[tuple[Rated, str], HumanRating] = {}
    try:
        heading = [cell.strip() for cell in next(reader, list[str]())]
        _check_heading(heading)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            fault = _take_row(heading, cells, reader.line_num, found)
            if fault:
                faults[f"line {reader.line_num}"] = fault
            if len(faults) == MAX_FAULTS:
                break
    except csv.Error as exc:
        faults[f"line {max(1, reader.line_num)}"] = f"It is not CSV: {exc}."
    if faults:
        raise _not_taken(faults)
    if not found:
        raise _not_taken({"line 2": "There are no ratings in the file."})
    return tuple(found.values())


def _check_heading(heading: Sequence[str]) -> None:
    if len(heading) == 1 and ";" in heading[0]:
        raise _not_taken({"line 1": "The columns are parted by semicolons; use commas."})
    missing = [name for name in COLUMNS if name not in heading and name not in OPTIONAL]
    unknown = [name for name in heading if name not in COLUMNS]
    if missing:
        raise _not_taken({"line 1": f"The heading lacks {', '.join(missing)}."})
    if unknown:
        names = ", ".join(repr(name) for name in unknown)
        raise _not_taken({"line 1": f"The heading has unknown columns: {names}."})
    if len(set(heading)) != len(heading):
        raise _not_taken({"line 1": "The heading has a column twice."})


def _take_row(
    heading: Sequence[str],
    cells: Sequence[str],
    line: int,
    found: dict[tuple[Rated, str], HumanRating],
) -> str:
    """Adds the row to `found`, or says what is wrong with it."""
    if len(cells) != len(heading):
        return f"It has {len(cells)} columns, the heading has {len(heading)}."
    row = dict(zip(heading, (cell.strip() for cell in cells), strict=True))
    empty = [name for name in COLUMNS if name not in OPTIONAL and not row[name]]
    if empty:
        return f"{', '.join(empty)} must not be empty."
    if row["rating"] not in {str(step) for step in range(LOWEST, HIGHEST + 1)}:
        return f"The rating is {row['rating'][:20]!r}; it must be a whole number from 1 to 5."
    question_id = row.get("question_id", "")
    rated = Rated(
        InterviewId(row["interview_id"]),
        QuestionId(question_id) if question_id else None,
        row["competency"],
    )
    earlier = found.get((rated, row["rater"]))
    if earlier is not None:
        return f"The same rater has rated the same thing in line {earlier.line}."
    if len(found) == MAX_ROWS:
        return f"There are more than {MAX_ROWS} ratings; split the file."
    found[rated, row["rater"]] = HumanRating(
        rated=rated, rater=row["rater"], rating=int(row["rating"]), line=line
    )
    return ""


def _not_taken(faults: dict[str, str]) -> InputInvalid:
    line, fault = next(iter(faults.items()))
    more = f" {len(faults) - 1} more lines are wrong." if len(faults) > 1 else ""
    return InputInvalid(f"The ratings were not taken, {line}: {fault}{more}", fields=faults)


def whole_rating(score: float) -> int:
    """0-100 as a whole rating 1-5, by CUT_POINTS."""
    return LOWEST + sum(score >= cut for cut in CUT_POINTS)


def compare_ratings(
    ratings: Sequence[HumanRating], machine: Mapping[Rated, float | None]
) -> Comparison:
    """`machine` has the scores 0-100 of what it has judged, None where it found too little to go
    by. Every rating of a person is a pair of its own: two raters of one answer are two pairs.
    """
    pairs = [
        (one, whole_rating(score))
        for one in ratings
        if (score := machine.get(one.rated)) is not None
    ]

    def agreement(of: Sequence[tuple[HumanRating, int]]) -> Agreement:
        return agree([one.rating for one, _ in of], [rating for _, rating in of])

    return Comparison(
        overall=agreement(pairs),
        by_competency={
            name: agreement([pair for pair in pairs if pair[0].rated.competency == name])
            for name in sorted({one.rated.competency for one in ratings})
        },
        by_rater={
            name: agreement([pair for pair in pairs if pair[0].rater == name])
            for name in sorted({one.rater for one in ratings})
        },
        unrated=len(ratings) - len(pairs),
    )


# -- the command -----------------------------------------------------------------------------------


def run_calibration(as_json: bool, *, bank: Iterable[Question] | None = None) -> int:
    """Judges the labelled answers, writes what came out to standard output, and gives the exit
    code: 0 when every order holds, 1 when not. `bank`: the questions; None: the bank's own files.
    """
    labelled = load_labelled()
    results = calibrate(labelled, load_questions(labelled) if bank is None else bank)
    sys.stdout.write(as_json_text(labelled, results) if as_json else as_table(results))
    return 0 if all(result.holds for result in results) else 1


def as_json_text(labelled: LabelledSet, results: Sequence[QuestionCalibration]) -> str:
    content = {
        "judge": JUDGE_NAME,
        "labelled_version": labelled.version,
        "holds": all(result.holds for result in results),
        "questions": [
            {
                "id": result.question_id,
                "holds": result.holds,
                "faults": list(result.faults),
                "scores": {label.value: asdict(found) for label, found in result.scores.items()},
            }
            for result in results
        ],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def as_table(results: Sequence[QuestionCalibration]) -> str:
    """`-` where an answer got no score."""
    width = max((len(result.question_id) for result in results), default=0)
    labels = [label.value.replace("_", "-") for label in Label]
    lines = [" ".join(("question".ljust(width), *(f"{name:>9}" for name in labels), " order"))]
    for result in results:
        values = [result.scores[label].value for label in Label]
        cells = ["-" if value is None else f"{value:.1f}" for value in values]
        order = " holds" if result.holds else " BROKEN"
        lines.append(
            " ".join((result.question_id.ljust(width), *(f"{cell:>9}" for cell in cells), order))
        )
        lines.extend(f"  {fault}" for fault in result.faults)
    held = sum(result.holds for result in results)
    lines.append(f"The order holds for {held} of {len(results)} questions ({JUDGE_NAME}).")
    return "\n".join(lines) + "\n"
