"""The questions in the database: seeded from the bank's files, listed for plans."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from pydantic import TypeAdapter
from sqlalchemy import select

from server.questions.bank import load_bank
from server.questions.models import BANK, OWN, QuestionRow
from sessions.infra.db import Database, ReadSession
from sessions.plan import InterviewType, Question

_QUESTION = TypeAdapter(Question)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedResult:
    added: int
    updated: int
    unchanged: int


async def seed(database: Database, bank: Sequence[Question] | None = None) -> SeedResult:
    """Bring the table up to the bank's versions. Own questions are never overwritten.

    `bank` None: the files that ship with Vivavoce. Raises BankInvalid when one is wrong.
    """
    if bank is None:
        bank = await asyncio.to_thread(load_bank)
    added = updated = unchanged = 0
    async with database.write() as session:
        rows = {row.id: row for row in await session.scalars(select(QuestionRow))}
        for question in bank:
            row = rows.get(question.id)
            if row is None:
                session.add(_fill(QuestionRow(id=question.id), question))
                added += 1
            # A newer version stays: an older process may start beside a newer one.
            elif row.source == OWN or row.version >= question.version:
                unchanged += 1
            else:
                _fill(row, question)
                updated += 1
    return SeedResult(added=added, updated=updated, unchanged=unchanged)


async def list_questions(session: ReadSession, type: InterviewType | None = None) -> list[Question]:
    """All questions, or those of one type, by id."""
    query = select(QuestionRow.body).order_by(QuestionRow.id)
    if type is not None:
        query = query.where(QuestionRow.type == type.value)
    return [_QUESTION.validate_python(body) for body in await session.scalars(query)]


async def list_tags(session: ReadSession) -> dict[InterviewType, list[str]]:
    """The tags of each type's questions, the most used first."""
    counts: dict[InterviewType, Counter[str]] = {type: Counter() for type in InterviewType}
    # Only the tags leave the database: parsing every body would hold up the loop.
    for type, tags in await session.execute(select(QuestionRow.type, QuestionRow.body["tags"])):
        counts[InterviewType(type)].update(cast("list[str]", tags))
    return {
        type: sorted(counter, key=lambda tag: (-counter[tag], tag))
        for type, counter in counts.items()
    }


def _fill(row: QuestionRow, question: Question) -> QuestionRow:
    row.version = question.version
    row.type = question.type.value
    row.difficulty = question.difficulty
    row.minutes = question.minutes
    row.body = _QUESTION.dump_python(question, mode="json")
    row.source = BANK
    return row
