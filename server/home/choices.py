"""What the set-up page offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.interviews.labels import (
    DIFFICULTY_DESCRIPTIONS,
    DIFFICULTY_LABELS,
    PATIENCE_DESCRIPTIONS,
    PATIENCE_LABELS,
    TYPE_DESCRIPTIONS,
    TYPE_LABELS,
)
from sessions.plan import Difficulty, InterviewType, Patience

OFFERED_AREAS = 16
"""Focus areas shown per type: the most used tags."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    value: str
    label: str
    description: str = ""
    focus_areas: tuple[str, ...] = ()


LANGUAGES = (Choice(value="en", label="English"),)

DIFFICULTIES = tuple(
    Choice(value=level.value, label=DIFFICULTY_LABELS[level], description=text)
    for level, text in ((level, DIFFICULTY_DESCRIPTIONS[level]) for level in Difficulty)
)

PATIENCE_LEVELS = tuple(
    Choice(value=level.value, label=PATIENCE_LABELS[level], description=text)
    for level, text in ((level, PATIENCE_DESCRIPTIONS[level]) for level in Patience)
)


def type_choices(tags: Mapping[InterviewType, Sequence[str]]) -> list[Choice]:
    """A tag's label is the tag in words; `sessions.plan` reads either as the same."""
    return [
        Choice(
            value=type.value,
            label=TYPE_LABELS[type],
            description=TYPE_DESCRIPTIONS[type],
            focus_areas=tuple(tag.replace("-", " ") for tag in tags[type][:OFFERED_AREAS]),
        )
        for type in InterviewType
    ]
