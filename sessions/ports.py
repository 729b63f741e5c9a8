"""What the kernel needs from the world. Each port has one contract suite in tests/contracts."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

from sessions.facts import Fact, Numbered
from sessions.ids import InterviewId


class Clock(Protocol):
    def now_ms(self) -> int:
        """Unix epoch milliseconds."""
        ...


class Journal(Protocol):
    """The durable, numbered facts of every interview: the truth."""

    async def append(
        self, interview_id: InterviewId, facts: Sequence[Fact], *, after_seq: int
    ) -> int:
        """Store `facts` as after_seq+1, after_seq+2, ...; all or none, durable on return.

        Returns the last seq. Raises JournalConflict when any of those numbers is taken.
        """
        ...

    async def read(self, interview_id: InterviewId, *, after_seq: int = 0) -> list[Numbered]:
        """The facts with seq > after_seq, in order. An unknown interview has none."""
        ...

    async def fetch_open_rooms(self, gateway: str) -> list[InterviewId]:
        """Interviews whose last RoomOpened names `gateway` and whose room has not ended since.

        A room ends by RoomClosed, RoomLost, InterviewCompleted or InterviewAbandoned.
        """
        ...


class Bus(Protocol):
    """Instant news, which may be lost. A message is one JSON text."""

    async def publish(self, topic: str, message: str) -> None: ...

    def subscribe(self, topic: str) -> AbstractAsyncContextManager[AsyncIterator[str]]:
        """On entering, subscribed: every later message of the topic comes, in order.

        A subscriber that falls more than 1,000 messages behind loses the oldest.
        """
        ...


class Blobs(Protocol):
    """Files by their key: names with slashes between them, as `recordings/1/2.ogg.enc`.

    Every method raises BlobsUnavailable when the store cannot be used now.
    """

    async def put(self, key: str, content: bytes | Path | AsyncIterable[bytes]) -> None:
        """Store it, over what was there before; durable on return. Seen whole or not at all."""
        ...

    async def read(self, key: str, start: int, end: int) -> bytes:
        """Bytes `start` to before `end`, as many of them as there are. Raises NotFound."""
        ...

    async def size(self, key: str) -> int:
        """In bytes. Raises NotFound."""
        ...

    async def delete(self, key: str) -> None:
        """That there is no such file is fine."""
        ...

    def list(self, prefix: str = "") -> AsyncIterator[str]:
        """The keys in the folder `prefix` and below, in no order; all, when it is empty."""
        ...


REPORTS_TOPIC = "reports"
"""Where news goes that makes a report due; what a message says is not looked at."""


def interview_topic(interview_id: InterviewId) -> str:
    """Where a room publishes: `{"seq": n, "fact": <codec line>}` and `{"news": <message>}`."""
    return f"interview:{interview_id}"
