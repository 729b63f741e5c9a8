"""The journal in memory: for tests, and for a talk that leaves nothing behind."""

from __future__ import annotations

from collections.abc import Sequence

from sessions.codec import decode_fact, encode_fact, kind_of
from sessions.errors import JournalConflict
from sessions.facts import Fact, Numbered, RoomOpened
from sessions.ids import InterviewId
from sessions.infra.journal import ROOM_ENDS, JournalGap, storable


class MemoryJournal:
    """Implements `sessions.ports.Journal`; gone with the process."""

    def __init__(self) -> None:
        self._facts: dict[InterviewId, list[Fact]] = {}

    async def append(
        self, interview_id: InterviewId, facts: Sequence[Fact], *, after_seq: int
    ) -> int:
        held = self._facts.get(interview_id, [])
        if not facts:
            return after_seq
        if after_seq < len(held):
            raise JournalConflict(interview_id=interview_id, expected_seq=after_seq + 1)
        if after_seq > len(held):
            raise JournalGap(interview_id=interview_id, expected_seq=after_seq + 1)
        self._facts[interview_id] = held + [_as_stored(fact) for fact in facts]
        return after_seq + len(facts)

    async def read(self, interview_id: InterviewId, *, after_seq: int = 0) -> list[Numbered]:
        facts = self._facts.get(interview_id, [])
        return [
            Numbered(seq=seq, fact=fact)
            for seq, fact in enumerate(facts, start=1)
            if seq > after_seq
        ]

    async def fetch_open_rooms(self, gateway: str) -> list[InterviewId]:
        return sorted(
            interview_id
            for interview_id, facts in self._facts.items()
            if _open_gateway(facts) == gateway
        )


def _as_stored(fact: Fact) -> Fact:
    # Through the codec, as on disk: a fact that cannot be stored fails here too.
    return decode_fact(kind_of(fact), type(fact).VERSION, storable(encode_fact(fact)))


def _open_gateway(facts: Sequence[Fact]) -> str | None:
    gateway = None
    for fact in facts:
        if isinstance(fact, RoomOpened):
            gateway = fact.gateway
        elif isinstance(fact, ROOM_ENDS):
            gateway = None
    return gateway
