"""The times of an interview: where it starts, how long it ran, and what interrupted it."""

from __future__ import annotations

from collections.abc import Sequence

from sessions.facts import (
    OPENED_ELSEWHERE,
    ConnectionLost,
    ConnectionResumed,
    ConsentGiven,
    Fact,
    InterviewAbandoned,
    InterviewPaused,
    InterviewResumed,
    ProviderFailed,
    QuestionAsked,
    RoomClosed,
    RoomLost,
    RoomOpened,
)
from sessions.lifecycle import Status, next_status

_COMPONENTS = {
    "stt": "Speech recognition",
    "tts": "The interviewer's voice",
    "vad": "Voice detection",
    "llm": "The language model",
    "interviewer": "The interviewer's phrasing",
}


def start_ms(facts: Sequence[Fact]) -> int | None:
    """When the candidate first consented, or else the first room opened; None before both."""
    for kind in (ConsentGiven, RoomOpened):
        for fact in facts:
            if isinstance(fact, kind):
                return fact.at_ms
    return None


def duration_ms(facts: Sequence[Fact]) -> int:
    """The time in progress: not what lies in a pause, nor between one room and the next.

    When a room died nobody knows when: the time from its last fact to the discovery is not
    counted. Nor is the time after a lost connection that did not come back.
    """
    status = Status.SETUP
    total = 0
    before: Fact | None = None
    for fact in facts:
        if before is not None and status is Status.IN_PROGRESS and not _is_idle(before, fact):
            total += max(0, fact.at_ms - before.at_ms)
        status = next_status(status, fact)
        before = fact
    return total


def _is_idle(before: Fact, fact: Fact) -> bool:
    if isinstance(fact, RoomLost):
        return True
    return isinstance(before, ConnectionLost) and isinstance(fact, RoomClosed | InterviewAbandoned)


def tell_interruptions(facts: Sequence[Fact]) -> tuple[str, ...]:
    """Technical trouble as sentences, in order: "The connection was lost for 12 s during
    question 2." The same provider's failures within one question are told once.

    No trouble: a room left in a pause, or for another tab, or for less than `NOTICED_MS`.
    """
    teller = _Teller()
    for fact in facts:
        teller.receive(fact)
    return teller.sentences()


NOTICED_MS = 2_000


class _Teller:
    def __init__(self) -> None:
        self._where = "before the first question"
        self._told: dict[str, int] = {}
        """Sentences with a place for how often, and that number; in order."""
        self._is_paused = False
        self._before_ms: int | None = None
        self._away_since_ms: int | None = None
        self._away = ""
        """What is gone, while it is: told when it is back, or at the end."""

    def receive(self, fact: Fact) -> None:
        match fact:
            case QuestionAsked():
                self._where = f"during question {fact.index + 1}"
            case InterviewPaused() | InterviewResumed():
                self._is_paused = isinstance(fact, InterviewPaused)
            case ConnectionLost() if self._is_paused or fact.reason == OPENED_ELSEWHERE:
                pass
            case ConnectionLost() if not self._away:
                self._away, self._away_since_ms = "The connection was lost", fact.at_ms
            case RoomLost():
                # Found only when a server is up again; it was away since the fact before.
                since_ms = self._away_since_ms if self._away else self._before_ms
                self._away, self._away_since_ms = "The interview was cut off", since_ms
            case ConnectionResumed() if self._away:
                if fact.gap_ms >= NOTICED_MS:
                    self._tell_back(fact.gap_ms)
                self._away = ""
            case RoomOpened() if self._away:
                self._tell_back(fact.at_ms - (self._away_since_ms or fact.at_ms))
            case ProviderFailed():
                name = _COMPONENTS.get(fact.component, fact.component)
                self._tell(f"{name} ({fact.provider}) failed{{often}} {self._where}.")
            case _:
                pass
        self._before_ms = fact.at_ms

    def sentences(self) -> tuple[str, ...]:
        told = [
            sentence.replace("{often}", f" {often} times" if often > 1 else "")
            for sentence, often in self._told.items()
        ]
        if self._away:
            told.append(f"{self._away} {self._where} and did not come back.")
        return tuple(told)

    def _tell_back(self, gap_ms: int) -> None:
        self._tell(f"{self._away} for {_spoken_duration(gap_ms)} {self._where}.")
        self._away = ""

    def _tell(self, sentence: str) -> None:
        self._told[sentence] = self._told.get(sentence, 0) + 1


def _spoken_duration(duration_ms: int) -> str:
    """ "12 s", "2 min 5 s", "1 h 4 min"."""
    seconds = max(0, round(duration_ms / 1000))
    if seconds < 1:
        return "less than 1 s"
    if seconds < 60:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"
