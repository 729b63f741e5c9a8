"""How long the candidate has been silent, and how far up the ladder the interviewer has gone.

Neither speaking nor writing is silence. Sans I/O: the time is told.
"""

from __future__ import annotations

from dataclasses import dataclass

from sessions.plan import Patience

LADDER_MS = (12_000, 15_000, 20_000, 30_000)
"""Silence before each rung: a prompt, a rephrasing, the offer to type, moving on."""

WRITING_FACTOR = 2.5
"""Who writes needs longer to begin than who speaks."""

PATIENCE_FACTOR = {Patience.NORMAL: 1.0, Patience.PATIENT: 1.5, Patience.VERY_PATIENT: 2.2}
MOMENT_MS = 60_000  # what "one moment" is worth before the ladder starts

WRITING_IDLE_MS = 60_000
"""Without a word from the page for so long, nobody writes: what is in the box was left there."""


@dataclass(slots=True)
class Silence:
    """One per interview. `rung` is the next one; `moment_ms` what was asked for, 0 for nothing."""

    rung: int = 0
    moment_ms: int = 0
    _since_ms: int | None = None
    """None while somebody speaks, or is about to."""
    _wrote_ms: int | None = None
    """When it was last said that an answer is being written; None when none is."""

    def begin(self, at_ms: int) -> None:
        """The interviewer has finished."""
        self._since_ms = at_ms

    def end(self, *, moment_ms: int = 0) -> None:
        """The candidate has said something: the ladder begins anew."""
        self._since_ms = None
        self.rung = 0
        self.moment_ms = moment_ms

    def suspend(self) -> None:
        """Not counted, until what is said now is over."""
        self._since_ms = None

    def climb(self) -> int:
        """The rung that is due."""
        due = self.rung
        self.rung += 1
        self.moment_ms = 0
        self.suspend()
        return due

    def notice_speech(self, *, is_speaking: bool, now_ms: int) -> None:
        if is_speaking:
            self._since_ms = None
        elif self._since_ms is None:
            self._since_ms = now_ms

    def notice_writing(self, *, is_writing: bool, now_ms: int) -> None:
        if is_writing:
            self._wrote_ms = now_ms
        elif self._wrote_ms is not None:
            self._stop_writing(now_ms)

    def forget_writing(self) -> None:
        """The page is gone, and says it again when it is back."""
        self._wrote_ms = None

    def for_ms(self, now_ms: int) -> int | None:
        """How long it has lasted; None while somebody speaks or writes."""
        if self._wrote_ms is not None:
            if now_ms - self._wrote_ms < WRITING_IDLE_MS:
                return None
            self._stop_writing(self._wrote_ms + WRITING_IDLE_MS)
        return None if self._since_ms is None else now_ms - self._since_ms

    def _stop_writing(self, at_ms: int) -> None:
        self._wrote_ms = None
        if self._since_ms is not None:
            self._since_ms = max(self._since_ms, at_ms)

    def limit_ms(self, patience: Patience, *, is_written: bool) -> float:
        """How long it may last before the next rung."""
        step = LADDER_MS[min(self.rung, len(LADDER_MS) - 1)] * PATIENCE_FACTOR[patience]
        if is_written:
            step *= WRITING_FACTOR
        return max(step, self.moment_ms)
