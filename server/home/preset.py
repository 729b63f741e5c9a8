"""What a link to the set-up page chooses beforehand. What is not on offer is passed over."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from server.interviews.schemas import DEFAULT_MINUTES, OFFERED_MINUTES
from sessions.plan import Difficulty, InterviewType
from sessions.roles import Role, match_role
from sessions.settings import InterviewSettings

_TAG = re.compile(r"[a-z0-9]+(?:[- ][a-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """`focus` is a tag in words; `question_count` None: the page asks for minutes."""

    type: str
    difficulty: str
    minutes: int
    question_count: int | None
    focus: str
    role: Role


def read_preset(query: Mapping[str, str], limits: InterviewSettings) -> Preset:
    focus = query.get("focus", "")[:60]
    count, minutes = _number(query.get("question_count")), _number(query.get("minutes"))
    is_possible = count is not None and limits.min_questions <= count <= limits.max_questions
    return Preset(
        type=_offered(query.get("type"), InterviewType, InterviewType.JAVASCRIPT),
        difficulty=_offered(query.get("difficulty"), Difficulty, Difficulty.MEDIUM),
        minutes=minutes if minutes in OFFERED_MINUTES else DEFAULT_MINUTES,
        question_count=count if is_possible else None,
        focus=focus.replace("-", " ") if _TAG.fullmatch(focus) else "",
        role=match_role(query.get("role", "")[:80]) or Role.SOFTWARE_ENGINEER,
    )


def _offered(value: str | None, kind: type[InterviewType] | type[Difficulty], default: str) -> str:
    return value if value in [member.value for member in kind] else default


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 4 else None
