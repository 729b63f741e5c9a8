"""The recording of an interview, as a fold over its facts: what there is of it, or why not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from sessions.facts import (
    ConsentGiven,
    Fact,
    InterviewAbandoned,
    InterviewCompleted,
    RecordingDeleted,
    RecordingFailed,
    RecordingStarted,
    RecordingStored,
    RoomClosed,
    RoomLost,
    RoomOpened,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`offset_ms` of a part's own time."""

    part: RecordingStored
    offset_ms: int


class RecordingState(StrEnum):
    NONE = "none"  # nobody agreed to one
    NOT_MADE = "not_made"  # agreed to, and yet nothing was recorded
    UNDER_WAY = "under_way"  # being recorded or stored; nothing can be played yet
    STORED = "stored"  # at least one part can be played
    DELETED = "deleted"
    FAILED = "failed"  # begun, and nothing of it was kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """`parts` are in the order of their time. Times are epoch ms."""

    is_agreed: bool = False
    parts: tuple[RecordingStored, ...] = ()
    pending: frozenset[int] = frozenset()
    """Parts begun and neither stored nor failed: being recorded, or lost with their process."""
    failed: frozenset[int] = frozenset()
    deleted: RecordingDeleted | None = None
    """Of what there was before; parts stored later exist all the same."""
    is_room_open: bool = False
    ended_ms: int | None = None
    """When the interview was completed or abandoned."""
    last_ms: int = 0
    """The time of the last fact."""

    @property
    def state(self) -> RecordingState:
        if self.parts:
            return RecordingState.STORED
        if self.pending:
            return RecordingState.UNDER_WAY
        if self.deleted is not None:
            return RecordingState.DELETED
        if self.failed:
            return RecordingState.FAILED
        return RecordingState.NOT_MADE if self.is_agreed else RecordingState.NONE

    @property
    def is_whole(self) -> bool:
        """Nothing of what was recorded is missing, as far as is known."""
        return not self.failed and all(part.is_whole for part in self.parts)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(part.key for part in self.parts)

    def find(self, part: int) -> RecordingStored | None:
        return next((stored for stored in self.parts if stored.part == part), None)

    def place(self, at_ms: int) -> Place | None:
        """Where a moment lies; None where nothing was recorded."""
        for part in reversed(self.parts):  # where clocks make two overlap, the later one counts
            if part.started_ms <= at_ms <= part.started_ms + part.duration_ms:
                return Place(part=part, offset_ms=at_ms - part.started_ms)
        return None


def fold_recording(facts: Iterable[Fact]) -> Recording:
    """Also right on the recording's own facts alone, but for `is_agreed` and the times."""
    fold = _Fold()
    for fact in facts:
        fold.receive(fact)
    return Recording(
        is_agreed=fold.is_agreed,
        parts=tuple(sorted(fold.stored.values(), key=lambda part: part.started_ms)),
        pending=frozenset(fold.pending),
        failed=frozenset(fold.failed),
        deleted=fold.deleted,
        is_room_open=fold.is_room_open,
        ended_ms=fold.ended_ms,
        last_ms=fold.last_ms,
    )


@dataclass(slots=True, kw_only=True)
class _Fold:
    is_agreed: bool = False
    stored: dict[int, RecordingStored] = field(default_factory=dict[int, RecordingStored])
    pending: set[int] = field(default_factory=set[int])
    failed: set[int] = field(default_factory=set[int])
    deleted: RecordingDeleted | None = None
    is_room_open: bool = False
    ended_ms: int | None = None
    last_ms: int = 0

    def receive(self, fact: Fact) -> None:
        self.last_ms = max(self.last_ms, fact.at_ms)
        match fact:
            case ConsentGiven():
                self.is_agreed = self.is_agreed or fact.recording
            case RoomOpened():
                self.is_room_open = True
            case RoomClosed() | RoomLost():
                self.is_room_open = False
            case InterviewCompleted() | InterviewAbandoned():
                self.is_room_open = False
                if self.ended_ms is None:
                    self.ended_ms = fact.at_ms
            case _:
                self._record(fact)

    def _record(self, fact: Fact) -> None:
        match fact:
            case RecordingStarted():
                self.pending.add(fact.part)
            case RecordingStored():
                self.stored[fact.part] = fact
                self.pending.discard(fact.part)
                self.failed.discard(fact.part)
            case RecordingFailed():
                self.failed.add(fact.part)
                self.pending.discard(fact.part)
            case RecordingDeleted():
                self.stored.clear()
                self.failed.clear()
                self.pending.clear()
                self.deleted = fact
            case _:
                pass
