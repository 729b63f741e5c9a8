"""What a link to the set-up page chooses beforehand. What is not on offer is passed over."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from server.interviews.labels import ROLE_LABELS
from server.interviews.schemas import DEFAULT_MINUTES, OFFERED_MINUTES
from sessions.plan import LEVELS, Difficulty, InterviewType, Question
from sessions.roles import Role, match_role
from sessions.settings import InterviewSettings

_Kind = TypeVar("_Kind", bound=StrEnum)

_TAG = re.compile(r"[a-z0-9]+(?:[- ][a-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """`focus` is a tag in words; `question_count` None: the page asks for minutes."""

    type: InterviewType
    difficulty: Difficulty
    minutes: int
    question_count: int | None
    focus: str
    role: Role
    """For an interview of the type `technical`."""
    role_words: str
    """For the others, as it was written; may be empty."""
    first: Question | None = None
    """What is asked before all others."""


def read_preset(query: Mapping[str, str], limits: InterviewSettings) -> Preset:
    focus, role = query.get("focus", "")[:60], " ".join(query.get("role", "")[:80].split())
    count, minutes = _number(query.get("question_count")), _number(query.get("minutes"))
    is_possible = count is not None and limits.min_questions <= count <= limits.max_questions
    return Preset(
        type=_offered(query.get("type"), InterviewType, InterviewType.JAVASCRIPT),
        difficulty=_offered(query.get("difficulty"), Difficulty, Difficulty.MEDIUM),
        minutes=minutes if minutes in OFFERED_MINUTES else DEFAULT_MINUTES,
        question_count=count if is_possible else None,
        focus=focus.replace("-", " ") if _TAG.fullmatch(focus) else "",
        role=match_role(role) or Role.SOFTWARE_ENGINEER,
        role_words=_role_words(role),
    )


def beginning_with(question: Question, preset: Preset, limits: InterviewSettings) -> Preset:
    """A short interview of the question's own type and level, with it in front."""
    level = next(level for level, numbers in LEVELS.items() if question.difficulty in numbers)
    return replace(
        preset,
        type=question.type,
        difficulty=level,
        question_count=preset.question_count or limits.min_questions,
        first=question,
    )


def _role_words(role: str) -> str:
    if role in list(Role):
        return ROLE_LABELS[Role(role)]
    return role if role.isprintable() else ""


def _offered(value: str | None, kind: type[_Kind], default: _Kind) -> _Kind:
    return next((member for member in kind if member.value == value), default)


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 4 else None
