"""What an interview sets out to ask: questions, key points, and the plan made from them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sessions.errors import NoQuestions
from sessions.ids import KeyPointId, QuestionId


class InterviewType(StrEnum):
    JAVASCRIPT = "javascript"
    MACHINE_CODING = "machine_coding"
    DSA = "dsa"
    SYSTEM_DESIGN = "system_design"
    BEHAVIORAL = "behavioral"
    TECHNICAL = "technical"
    HR = "hr"


class Difficulty(StrEnum):
    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"
    EXPERT = "expert"


class Phase(StrEnum):
    """The part of a long answer a key point belongs to; a question's phases come in this order."""

    REQUIREMENTS = "requirements"
    APPROACH = "approach"
    DEEP_DIVE = "deep_dive"
    TRADE_OFFS = "trade_offs"


class Patience(StrEnum):
    """How long the interviewer waits before it takes a pause for the end of an answer."""

    NORMAL = "normal"
    PATIENT = "patient"
    VERY_PATIENT = "very_patient"


LEVELS: dict[Difficulty, range] = {
    Difficulty.EASY: range(1, 4),
    Difficulty.MEDIUM: range(4, 7),
    Difficulty.HARD: range(7, 9),
    Difficulty.EXPERT: range(9, 11),
}
"""The question bank's 1-10 scale, cut into the levels a person chooses from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPoint:
    """One thing a good answer says, and how people say it."""

    id: KeyPointId
    point: str
    phrasings: tuple[str, ...]
    follow_up: str
    star: str | None = None
    phase: Phase | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question of the bank, as it was when the plan was made (its version is kept)."""

    id: QuestionId
    version: int
    type: InterviewType
    difficulty: int
    minutes: int
    text: str
    spoken: str
    rephrase: str
    key_points: tuple[KeyPoint, ...]
    tags: tuple[str, ...] = ()
    competencies: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    """Those it is for; empty: everybody who is asked questions of its type."""
    common_mistakes: tuple[str, ...] = ()
    model_answer: str = ""

    def key_point(self, key_point_id: KeyPointId) -> KeyPoint:
        return next(point for point in self.key_points if point.id == key_point_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """What the person asked for when the interview was set up."""

    type: InterviewType
    difficulty: Difficulty
    question_count: int
    role: str = ""
    focus_areas: tuple[str, ...] = ()
    language: str = "en"
    patience: Patience = Patience.NORMAL


def choose_questions(
    bank: Iterable[Question], request: PlanRequest, *, seed: str, recent: Iterable[QuestionId] = ()
) -> tuple[Question, ...]:
    """Pick `request.question_count` questions of the type, reproducibly for a seed.

    Questions of the level come first, then the nearest levels; among equals those that match
    a focus area, then those not asked recently, then a seeded shuffle. The result is ordered
    from easier to harder, so that an interview warms up.

    Raises NoQuestions when the bank has none of the type.
    """
    candidates = [question for question in bank if question.type == request.type]
    if not candidates:
        raise NoQuestions(type=request.type.value)
    level = LEVELS[request.difficulty]
    recently_asked = frozenset(recent)
    focus = frozenset(_slug(area) for area in request.focus_areas)

    def rank(question: Question) -> tuple[int, int, bool, str]:
        distance = max(level[0] - question.difficulty, question.difficulty - level[-1], 0)
        matches = len(focus & {_slug(tag) for tag in question.tags})
        return (distance, -matches, question.id in recently_asked, _shuffled(seed, question.id))

    chosen = sorted(candidates, key=rank)[: request.question_count]
    return tuple(sorted(chosen, key=lambda question: (question.difficulty, question.id)))


def planned_minutes(questions: Sequence[Question]) -> int:
    return sum(question.minutes for question in questions)


def _slug(text: str) -> str:
    return "-".join(text.lower().split())


def _shuffled(seed: str, key: str) -> str:
    """A pseudo-random order that is the same for the same seed on every machine."""
    return hashlib.sha256(f"{seed}:{key}".encode()).hexdigest()
