"""What is asked of the bank over HTTP, and what is shown of a question."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from server.kit.bodies import AnswerBody, Line
from server.questions.queries import Card
from server.questions.recommend import Recommendation
from server.questions.service import CardPage, Wanted
from sessions.ids import QuestionId
from sessions.plan import Difficulty, InterviewType
from sessions.roles import Role, match_role

DEFAULT_PAGE, LARGEST_PAGE = 20, 100


class FindQuestions(BaseModel):
    """The query of `GET /api/v1/questions`: texts, read as what they should be."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: InterviewType | None = None
    tag: Annotated[str, Line(1, 60)] | None = None
    difficulty: Annotated[int, Field(ge=1, le=10)] | None = None
    level: Difficulty | None = None
    role: Role | None = None
    q: Annotated[str, Line(0, 200)] = ""
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = DEFAULT_PAGE
    cursor: str | None = None

    @field_validator("role", mode="before")
    @classmethod
    def _matched(cls, value: object) -> object:
        """What people call a role, too."""
        return (match_role(value) or value) if isinstance(value, str) else value

    @field_validator("cursor")
    @classmethod
    def _decoded(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            return urlsafe_b64decode(value.encode("ascii")).decode("ascii")
        except (NotBase64, UnicodeError) as exc:
            raise ValueError("Use next_cursor of the page before.") from exc

    @property
    def after(self) -> QuestionId | None:
        return None if self.cursor is None else QuestionId(self.cursor)

    def to_wanted(self) -> Wanted:
        return Wanted(
            type=self.type,
            tag=None if self.tag is None else "-".join(self.tag.lower().split()),
            difficulty=self.difficulty,
            level=self.level,
            role=self.role,
            words=self.q,
        )


class QuestionView(AnswerBody):
    """Nothing that gives an answer away: no key points, no phrasings, no model answer."""

    id: str
    version: int
    type: InterviewType
    difficulty: int
    level: Difficulty
    minutes: int
    text: str
    tags: list[str]
    competencies: list[str]
    roles: list[str]


class QuestionList(AnswerBody):
    questions: list[QuestionView]
    total: int
    next_cursor: str | None


class RecommendationView(AnswerBody):
    question: QuestionView
    tag: str
    reason: str
    setup_path: str
    """The set-up page, with type, level and tag chosen."""


class RecommendationList(AnswerBody):
    recommended: list[RecommendationView]


def view_of(card: Card) -> QuestionView:
    return QuestionView(
        id=card.id,
        version=card.version,
        type=card.type,
        difficulty=card.difficulty,
        level=card.level,
        minutes=card.minutes,
        text=card.text,
        tags=list(card.tags),
        competencies=list(card.competencies),
        roles=list(card.roles),
    )


def list_of(page: CardPage) -> QuestionList:
    after = page.next_after
    return QuestionList(
        questions=[view_of(card) for card in page.cards],
        total=page.total,
        next_cursor=None if after is None else urlsafe_b64encode(after.encode()).decode(),
    )


def recommendation_of(recommendation: Recommendation) -> RecommendationView:
    card = recommendation.card
    role = f"&role={card.roles[0]}" if card.roles else ""
    return RecommendationView(
        question=view_of(card),
        tag=recommendation.tag,
        reason=recommendation.reason,
        setup_path=f"/interviews/new?type={card.type.value}&difficulty={card.level.value}"
        f"&focus={recommendation.tag}{role}",
    )
