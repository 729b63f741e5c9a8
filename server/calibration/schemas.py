"""What rating takes, and what the API says of ratings and of how far they agree."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from scoring.agreement import Agreement
from scoring.calibration import Label
from scoring.model import Score
from server.calibration.models import Sight
from server.kit.bodies import AnswerBody, RequestBody

Rating = Annotated[int, Field(ge=1, le=5)]
MAX_COMPETENCIES = 20


class SendRatings(RequestBody):
    """By competency, all of the rubric's; null: there was not enough to go by."""

    ratings: Annotated[dict[str, Rating | None], Field(max_length=MAX_COMPETENCIES)]


class CompetencyView(AnswerBody):
    id: str
    label: str
    definition: str
    expected: str
    """At the interview's level: what the middle anchor takes for granted."""
    anchors: dict[int, str]


class Pair(AnswerBody):
    """One competency, rated by a person and by the machine."""

    id: str
    label: str
    person: int | None
    """None: there was not enough to go by."""
    machine: int | None
    """1-5, the machine's score as a whole rating; None: see the reason."""
    reason: str
    difference: int | None
    """Machine less person."""
    anchors: dict[int, str]


class Sent(AnswerBody):
    at_ms: int
    sight: Sight
    has_report: bool
    """False: the machine has not rated yet."""
    pairs: list[Pair]


class Sheet(AnswerBody):
    """What is to be rated; and, only once it was, what came of it."""

    interview_id: str
    rubric: str
    competencies: list[CompetencyView]
    has_seen_report: bool
    sent: Sent | None


class ComparisonView(AnswerBody):
    """Machine less person, in points of 1-5, where there is a difference."""

    overall: Agreement
    by_competency: dict[str, Agreement]
    by_rater: dict[str, Agreement]
    unrated: int
    """Ratings by people to which the machine has none."""
    withheld: int
    """Times a person said that there was not enough to go by."""


class QuestionView(AnswerBody):
    id: str
    holds: bool
    faults: list[str]
    scores: dict[Label, Score]


class LabelledView(AnswerBody):
    judge: str
    labelled_version: int
    holds: bool
    questions: list[QuestionView]

    @property
    def held(self) -> int:
        return sum(one.holds for one in self.questions)


class ToRate(AnswerBody):
    interview_id: str
    type_label: str
    difficulty_label: str
    ended_ms: int | None
    has_seen_report: bool
    rate_path: str


class CalibrationView(AnswerBody):
    """Of the account's own practice interviews; the labelled set is everybody's."""

    blind: ComparisonView
    others: ComparisonView
    """The report had been opened before, or nobody vouched for a file."""
    competencies: dict[str, str]
    """The names of those above, by id."""
    labelled: LabelledView
    to_rate: list[ToRate]


class ComparedView(AnswerBody):
    """What the command prints."""

    blind: ComparisonView
    others: ComparisonView
    added: int | None = None
    unchanged: int | None = None
    format: Literal[1] = 1
