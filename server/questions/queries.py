"""The bank as it is read. Only what is needed leaves the database: whole bodies are large."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import cast

from sqlalchemy import select

from server.questions.models import QuestionRow
from sessions.ids import QuestionId
from sessions.infra.db import ReadSession
from sessions.plan import LEVELS, Difficulty, InterviewType


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a candidate may know of a question: no key points, no phrasings, no model answer."""

    id: QuestionId
    version: int
    type: InterviewType
    difficulty: int
    minutes: int
    text: str
    tags: tuple[str, ...]
    competencies: tuple[str, ...]
    roles: tuple[str, ...]

    @property
    def level(self) -> Difficulty:
        return next(level for level, numbers in LEVELS.items() if self.difficulty in numbers)


async def fetch_cards(
    session: ReadSession, types: Collection[InterviewType] | None = None
) -> list[Card]:
    """By id; of all types, or of some."""
    body = QuestionRow.body
    query = select(
        QuestionRow.id,
        QuestionRow.version,
        QuestionRow.type,
        QuestionRow.difficulty,
        QuestionRow.minutes,
        body["text"],
        body["tags"],
        body["competencies"],
        body["roles"],
    ).order_by(QuestionRow.id)
    if types is not None:
        query = query.where(QuestionRow.type.in_([type.value for type in types]))
    return [
        Card(
            id=QuestionId(row[0]),
            version=row[1],
            type=InterviewType(row[2]),
            difficulty=row[3],
            minutes=row[4],
            text=str(row[5]),
            tags=_texts(row[6]),
            competencies=_texts(row[7]),
            roles=_texts(row[8]),
        )
        for row in await session.execute(query)
    ]


def _texts(value: object) -> tuple[str, ...]:
    return tuple(cast("list[str]", value or []))
