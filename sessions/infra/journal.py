"""The journal on SQL: `(interview_id, seq)` is unique, so two writers cannot both win."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import cast

from pydantic import JsonValue
from sqlalchemy import exists, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from sessions.codec import Body, decode_fact, encode_fact, kind_of
from sessions.errors import JournalConflict
from sessions.facts import (
    Fact,
    InterviewAbandoned,
    InterviewCompleted,
    Numbered,
    RoomClosed,
    RoomLost,
    RoomOpened,
)
from sessions.ids import InterviewId
from sessions.infra.db import Database, ReadSession, WriteSession
from sessions.infra.tables import FactRow

ROOM_ENDS: tuple[type[Fact], ...] = (RoomClosed, RoomLost, InterviewCompleted, InterviewAbandoned)

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class JournalGap(JournalConflict):
    """The writer counts on a fact that is not there: it too must let go and read again."""

    def __init__(self, *, interview_id: str, expected_seq: int) -> None:
        super().__init__(interview_id=interview_id, expected_seq=expected_seq)
        self.message = (
            f"Interview {interview_id} has no fact numbered {expected_seq - 1} to go on from."
        )
        self.args = (self.message,)


class SqlJournal:
    """Implements `sessions.ports.Journal`, each append a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(
        self, interview_id: InterviewId, facts: Sequence[Fact], *, after_seq: int
    ) -> int:
        async with self._database.write() as session:
            return await append_in(session, interview_id, facts, after_seq=after_seq)

    async def read(self, interview_id: InterviewId, *, after_seq: int = 0) -> list[Numbered]:
        async with self._database.read() as session:
            return await read_in(session, interview_id, after_seq=after_seq)

    async def fetch_open_rooms(self, gateway: str) -> list[InterviewId]:
        later = aliased(FactRow)
        ended_or_reopened = exists().where(
            later.interview_id == FactRow.interview_id,
            later.seq > FactRow.seq,
            later.kind.in_([kind.__name__ for kind in (RoomOpened, *ROOM_ENDS)]),
        )
        query = (
            select(FactRow.interview_id)
            .where(
                FactRow.kind == RoomOpened.__name__,
                FactRow.body["gateway"].as_string() == gateway,
                ~ended_or_reopened,
            )
            .order_by(FactRow.interview_id)
        )
        async with self._database.read() as session:
            return [InterviewId(found) for found in await session.scalars(query)]


async def append_in(
    session: WriteSession, interview_id: InterviewId, facts: Sequence[Fact], *, after_seq: int
) -> int:
    """`Journal.append` inside the caller's transaction: durable once that is committed.

    Raises JournalConflict when a number is taken or `after_seq` itself is missing; the
    transaction cannot go on then, so let the error leave `Database.write`.
    """
    if not facts:
        return after_seq
    if after_seq > 0 and await session.get(FactRow, (interview_id, after_seq)) is None:
        raise JournalGap(interview_id=interview_id, expected_seq=after_seq + 1)
    rows = [
        {
            "interview_id": interview_id,
            "seq": seq,
            "kind": kind_of(fact),
            "version": type(fact).VERSION,
            "at_ms": fact.at_ms,
            "body": storable(encode_fact(fact)),
        }
        for seq, fact in enumerate(facts, start=after_seq + 1)
    ]
    try:
        await session.execute(insert(FactRow), rows)
    except IntegrityError as exc:
        raise JournalConflict(interview_id=interview_id, expected_seq=after_seq + 1) from exc
    return after_seq + len(facts)


async def read_in(
    session: ReadSession, interview_id: InterviewId, *, after_seq: int = 0
) -> list[Numbered]:
    """`Journal.read` inside the caller's transaction. Raises FactUnknown."""
    rows = await session.execute(
        select(FactRow.seq, FactRow.kind, FactRow.version, FactRow.body)
        .where(FactRow.interview_id == interview_id, FactRow.seq > after_seq)
        .order_by(FactRow.seq)
    )
    return [
        Numbered(seq=seq, fact=decode_fact(kind, version, body))
        for seq, kind, version, body in rows
    ]


def storable(body: Body) -> Body:
    """The body without what JSONB refuses: NUL and half surrogates (U+FFFD stands for each, so
    that offsets into texts keep their meaning) and numbers that are not finite (null).

    A typed answer may hold them; the interview must not fail for it.
    """
    return cast("Body", _storable(body))


def _storable(value: JsonValue) -> JsonValue:
    match value:
        case str():
            return _UNSTORABLE.sub("\ufffd", value)
        case float():
            return value if math.isfinite(value) else None
        case dict():
            return {key: _storable(inner) for key, inner in value.items()}
        case list():
            return [_storable(inner) for inner in value]
        case _:
            return value
