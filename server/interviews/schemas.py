"""What setting up an interview takes, and what an interview looks like from outside."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from server.interviews.labels import DIFFICULTY_LABELS, STATUS_LABELS, TYPE_LABELS
from server.interviews.models import Interview
from server.kit.bodies import AnswerBody, Line, RequestBody
from sessions.lifecycle import Status
from sessions.plan import FILLED, Difficulty, InterviewType, Patience, PlanRequest

DEFAULT_QUESTIONS = 3
MAX_FOCUS_AREAS = 10
SHORTEST_MINUTES, LONGEST_MINUTES = 15, 60
OFFERED_MINUTES = (15, 20, 30, 45, 60)
DEFAULT_MINUTES = 30
MAX_REQUIREMENTS = 1_000
MAX_QUESTION_ID = 80

FocusArea = Annotated[str, Line(1, 60)]


class CreateInterview(RequestBody):
    """The number of questions is checked against the settings, not here."""

    type: InterviewType
    difficulty: Difficulty
    question_count: Annotated[int, Field(ge=1, le=100)] | None = None
    """None: as many as fit `duration_minutes`, or DEFAULT_QUESTIONS without that."""
    duration_minutes: Annotated[int, Field(ge=SHORTEST_MINUTES, le=LONGEST_MINUTES)] | None = None
    role: Annotated[str, Line(0, 80)] = ""
    focus_areas: Annotated[list[FocusArea], Field(max_length=MAX_FOCUS_AREAS)] = Field(
        default_factory=list[str]
    )
    requirements: Annotated[str, Line(0, MAX_REQUIREMENTS)] = ""
    language: Literal["en"] = "en"
    patience: Patience = Patience.NORMAL
    first_question: Annotated[str, Line(1, MAX_QUESTION_ID)] | None = None
    """The id of one of the type, of the bank or of one's own latest interviews: asked first."""

    def to_request(self) -> PlanRequest:
        count = self.question_count
        if count is None:
            count = DEFAULT_QUESTIONS if self.duration_minutes is None else 0
        return PlanRequest(
            type=self.type,
            difficulty=self.difficulty,
            question_count=count,
            duration_minutes=self.duration_minutes,
            role=self.role,
            focus_areas=tuple(self.focus_areas),
            requirements=self.requirements,
            language=self.language,
            patience=self.patience,
        )


class EstimateInterview(BaseModel):
    """The query of `GET /api/v1/interviews/estimate`: texts, read as what they should be."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: InterviewType
    difficulty: Difficulty
    duration_minutes: Annotated[int, Field(ge=SHORTEST_MINUTES, le=LONGEST_MINUTES)]
    role: Annotated[str, Line(0, 80)] = ""

    def to_request(self) -> PlanRequest:
        return PlanRequest(
            type=self.type,
            difficulty=self.difficulty,
            question_count=0,
            duration_minutes=self.duration_minutes,
            role=self.role,
        )


class Estimate(AnswerBody):
    question_count: int


class InterviewView(AnswerBody):
    """Times are epoch ms; paths are on this site."""

    id: str
    type: InterviewType
    type_label: str
    difficulty: Difficulty
    difficulty_label: str
    role: str
    status: Status
    status_label: str
    question_count: int
    answered_count: int
    planned_minutes: int
    created_ms: int
    started_ms: int | None
    ended_ms: int | None
    room_path: str
    report_path: str
    setup_path: str
    """The set-up page, with type, level, length and role as they were here."""


class InterviewList(AnswerBody):
    interviews: list[InterviewView]


class RoomPass(AnswerBody):
    """Where the room is, and the token that opens it until `expires_at_ms`."""

    url: str
    token: str
    expires_at_ms: int


def view_of(interview: Interview) -> InterviewView:
    type = InterviewType(interview.type)
    difficulty = Difficulty(interview.difficulty)
    status = Status(interview.status)
    return InterviewView(
        id=interview.id,
        type=type,
        type_label=TYPE_LABELS[type],
        difficulty=difficulty,
        difficulty_label=DIFFICULTY_LABELS[difficulty],
        role=interview.role,
        status=status,
        status_label=STATUS_LABELS[status],
        question_count=interview.question_count,
        answered_count=interview.answered_count,
        planned_minutes=interview.planned_minutes,
        created_ms=interview.created_ms,
        started_ms=interview.started_ms,
        ended_ms=interview.ended_ms,
        room_path=f"/interviews/{interview.id}/room",
        report_path=f"/interviews/{interview.id}/report",
        setup_path=_setup_path(interview),
    )


def _setup_path(interview: Interview) -> str:
    chosen = {"type": interview.type, "difficulty": interview.difficulty}
    minutes = interview.planned_minutes
    if minutes < SHORTEST_MINUTES * FILLED:  # too short for a plan by minutes
        chosen["question_count"] = str(interview.question_count)
    else:  # a plan takes most of what was chosen
        fitting = (offered for offered in OFFERED_MINUTES if offered >= minutes)
        chosen["minutes"] = str(next(fitting, LONGEST_MINUTES))
    if interview.role:
        chosen["role"] = interview.role
    return f"/interviews/new?{urlencode(chosen)}"
