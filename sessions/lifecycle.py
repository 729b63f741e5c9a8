"""The state of an interview, as a fold over its facts."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from sessions.facts import (
    ConsentGiven,
    Fact,
    InterviewAbandoned,
    InterviewCompleted,
    InterviewPaused,
    InterviewPlanned,
    InterviewResumed,
    RoomClosed,
    RoomLost,
    RoomOpened,
)


class Status(StrEnum):
    SETUP = "setup"
    READY = "ready"
    IN_PROGRESS = "in_progress"
    PAUSED = "paused"
    INTERRUPTED = "interrupted"  # its room went away while it ran; it can be resumed
    COMPLETED = "completed"
    ABANDONED = "abandoned"

    @property
    def is_over(self) -> bool:
        return self in (Status.COMPLETED, Status.ABANDONED)


def next_status(status: Status, fact: Fact) -> Status:
    """One step of the fold. What comes after the end changes nothing."""
    if status.is_over:
        return status
    match fact:
        case InterviewPlanned():
            return Status.READY
        case ConsentGiven() | InterviewResumed():
            return Status.IN_PROGRESS
        case InterviewPaused():
            return Status.PAUSED
        case RoomLost() | RoomClosed() if status is Status.IN_PROGRESS:
            return Status.INTERRUPTED
        case RoomOpened() if status is Status.INTERRUPTED:
            return Status.IN_PROGRESS
        case InterviewCompleted():
            return Status.COMPLETED
        case InterviewAbandoned():
            return Status.ABANDONED
        case _:
            return status


def fold_status(facts: Iterable[Fact]) -> Status:
    status = Status.SETUP
    for fact in facts:
        status = next_status(status, fact)
    return status
