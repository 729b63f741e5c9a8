"""What people say of answers that the machine has rated: their ratings out of a file, and how far
the two agree.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scoring.agreement import Agreement, agree
from scoring.rubric import HIGHEST, LOWEST
from sessions.errors import InputInvalid
from sessions.ids import InterviewId, QuestionId

CUT_POINTS = (12.5, 37.5, 62.5, 87.5)
"""A score below the first is a 1, from the first on a 2, and so on: the middles between the
scores that the whole ratings stand for (`scoring.ratings.score_of`: 0, 25, 50, 75, 100)."""

COLUMNS = ("interview_id", "question_id", "competency", "rater", "rating")
OPTIONAL = frozenset({"question_id"})
MAX_ROWS = 10_000
MAX_RATER_CHARS = 80
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
    line: int = 0
    """Of the file, from 1, the heading being the first; 0: of no file."""


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
        raise not_taken(faults)
    if not found:
        raise not_taken({"line 2": "There are no ratings in the file."})
    return tuple(found.values())


def _check_heading(heading: Sequence[str]) -> None:
    if len(heading) == 1 and ";" in heading[0]:
        raise not_taken({"line 1": "The columns are parted by semicolons; use commas."})
    missing = [name for name in COLUMNS if name not in heading and name not in OPTIONAL]
    unknown = [name for name in heading if name not in COLUMNS]
    if missing:
        raise not_taken({"line 1": f"The heading lacks {', '.join(missing)}."})
    if unknown:
        names = ", ".join(repr(name) for name in unknown)
        raise not_taken({"line 1": f"The heading has unknown columns: {names}."})
    if len(set(heading)) != len(heading):
        raise not_taken({"line 1": "The heading has a column twice."})


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
    if len(row["rater"]) > MAX_RATER_CHARS or not row["rater"].isprintable():
        return f"The rater is named in at most {MAX_RATER_CHARS} letters and signs."
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


def not_taken(faults: dict[str, str]) -> InputInvalid:
    """`faults`: a sentence per faulty line, by "line 7"."""
    line, fault = next(iter(faults.items()))
    more = f" {len(faults) - 1} more lines are wrong." if len(faults) > 1 else ""
    refused = InputInvalid(f"The ratings were not taken, {line}: {fault}{more}", fields=faults)
    refused.hint = "Correct the file, then take it again."
    return refused


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
