"""The questions in the database: seeded from the bank's files, listed, found, recommended."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pydantic import TypeAdapter
from sqlalchemy import func, select

from server.questions.bank import BANK_FOLDER, digest_bank, load_bank
from server.questions.models import BANK, OWN, QuestionRow, SeededBank
from server.questions.queries import Card, fetch_cards
from server.questions.recommend import PastQuestion, Recommendation, recommend
from server.questions.relevance import find_questions
from sessions.errors import InputInvalid
from sessions.ids import AccountId, QuestionId
from sessions.infra.db import Database, ReadSession, WriteSession
from sessions.plan import LEVELS, Difficulty, InterviewType, Question
from sessions.roles import Role

_QUESTION = TypeAdapter(Question)


PastPractice = Callable[[AccountId], Awaitable[list[PastQuestion]]]
"""A person's questions of finished interviews, the latest first. Interviews know them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What of the bank is looked for; None: whatever it is. `words` are all to be found."""

    type: InterviewType | None = None
    tag: str | None = None
    difficulty: int | None = None
    level: Difficulty | None = None
    role: Role | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPage:
    """`total` counts what was found on all pages; `next_after` is None on the last one."""

    cards: list[Card]
    total: int
    next_after: QuestionId | None


class Questions:
    """The bank as people see it. Each public method is one request's work."""

    def __init__(self, database: Database, past: PastPractice) -> None:
        self._database = database
        self._past = past

    async def find(self, wanted: Wanted, *, limit: int, after: QuestionId | None) -> CardPage:
        """By id; with words, the best match first. Raises InputInvalid when `after` is no id of
        what was found."""
        async with self._database.read() as session:
            cards = await fetch_cards(session, None if wanted.type is None else [wanted.type])
        # In a thread: the first search stems the words of the whole bank.
        found = await asyncio.to_thread(_found, cards, wanted)
        ids = [card.id for card in found]
        if after is not None and after not in ids:
            raise InputInvalid(
                "This is not a place in the list.",
                fields={"cursor": "Use next_cursor of the page before, with the same filters."},
            )
        start = 0 if after is None else ids.index(after) + 1
        shown = found[start : start + limit]
        is_last = start + limit >= len(found)
        next_after = None if is_last or not shown else shown[-1].id
        return CardPage(cards=shown, total=len(found), next_after=next_after)

    async def recommend(self, account_id: AccountId) -> list[Recommendation]:
        """What to practise next; empty for somebody who has answered nothing yet."""
        past = await self._past(account_id)
        if not past:
            return []
        async with self._database.read() as session:
            cards = await fetch_cards(session, {question.type for question in past})
        return recommend(cards, past)


def _found(cards: Sequence[Card], wanted: Wanted) -> list[Card]:
    found = [card for card in cards if _is_wanted(card, wanted)]
    if not wanted.words:
        return found
    fitting = find_questions(wanted.words, cards)
    whole = [card for card in found if card.id in fitting]
    return sorted(whole, key=lambda card: (-fitting[card.id], card.id))


def _is_wanted(card: Card, wanted: Wanted) -> bool:
    return (
        (wanted.tag is None or wanted.tag in card.tags)
        and (wanted.difficulty is None or wanted.difficulty == card.difficulty)
        and (wanted.level is None or wanted.level is card.level)
        and (wanted.role is None or wanted.role in card.roles)
    )


def count_levels(bank: Sequence[Question]) -> dict[str, dict[str, int]]:
    """How many questions each type has on each level."""
    return {
        type.value: {
            level.value: sum(
                question.type is type and question.difficulty in numbers for question in bank
            )
            for level, numbers in LEVELS.items()
        }
        for type in InterviewType
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedResult:
    added: int
    updated: int
    unchanged: int


async def seed(
    database: Database, bank: Sequence[Question] | None = None, *, folder: Path = BANK_FOLDER
) -> SeedResult:
    """Bring the table up to the bank's versions. Own questions are never overwritten.

    `bank` None: the files of `folder`, by default those that ship with Vivavoce; they are not
    read when they are what was seeded last. Raises BankInvalid when one is wrong.
    """
    if bank is not None:
        async with database.write() as session:
            return await _seed(session, bank)
    digest = await asyncio.to_thread(digest_bank, folder)
    async with database.read() as session:
        seeded = await session.get(SeededBank, BANK)
        if (
            seeded is not None
            and seeded.digest == digest
            and seeded.kept_count == await _count_kept(session)
        ):
            return SeedResult(added=0, updated=0, unchanged=seeded.question_count)
    bank = await asyncio.to_thread(load_bank, folder)
    async with database.write() as session:
        result = await _seed(session, bank)
        await session.merge(
            SeededBank(
                source=BANK,
                digest=digest,
                question_count=len(bank),
                kept_count=await _count_kept(session),
            )
        )
    return result


async def _count_kept(session: ReadSession) -> int:
    """Less than after the last seeding, when somebody deleted some or made them their own."""
    kept = select(func.count()).select_from(QuestionRow).where(QuestionRow.source == BANK)
    return await session.scalar(kept) or 0


async def _seed(session: WriteSession, bank: Sequence[Question]) -> SeedResult:
    added = updated = unchanged = 0
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


async def fetch_questions(session: ReadSession, ids: Sequence[QuestionId]) -> list[Question]:
    """Those of the ids that exist, whatever their type, in no order."""
    query = select(QuestionRow.body).where(QuestionRow.id.in_(ids))
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
