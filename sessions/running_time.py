"""How long an interview has run: the time while it is in progress with somebody in the room."""

from __future__ import annotations

from sessions.facts import (
    ConnectionLost,
    ConnectionResumed,
    ConsentGiven,
    Fact,
    InterviewCompleted,
    InterviewPaused,
    InterviewResumed,
    ParticipantJoined,
    RoomClosed,
    RoomLost,
)
from sessions.lifecycle import Status


class RunningTime:
    def __init__(self) -> None:
        self._since_ms: int | None = None
        self._before_ms = 0
        self._last_fact_ms = 0

    def at(self, now_ms: int) -> int:
        """Milliseconds up to now."""
        running = 0 if self._since_ms is None else now_ms - self._since_ms
        return self._before_ms + max(running, 0)

    def apply(self, fact: Fact, status: Status) -> None:
        """`status` is the one that the fact has led to."""
        match fact:
            case ConsentGiven() | InterviewResumed() | ConnectionResumed() | ParticipantJoined():
                if status is Status.IN_PROGRESS and self._since_ms is None:
                    self._since_ms = fact.at_ms
            case RoomLost():
                # The room died at an unknown moment: count only up to its last fact.
                self._before_ms = self.at(self._last_fact_ms)
                self._since_ms = None
            case InterviewPaused() | ConnectionLost() | RoomClosed() | InterviewCompleted():
                self._before_ms = self.at(fact.at_ms)
                self._since_ms = None
            case _:
                pass
        self._last_fact_ms = fact.at_ms
