"""When the candidate speaks over the interviewer: hold the voice, and go on with it or stop it.

Sans I/O: times are ms of any one clock. Voice alone only holds the playback where it is, so that
a cough or a "mm-hm" costs a breath and no word. Words that are an answer stop the interviewer;
silence, or words that only say "I am listening", let it go on where it stopped.
"""

from __future__ import annotations

from enum import Enum, auto

HOLD_AFTER_MS = 40
"""Of voice, beyond what the detector needs to call it one: about 110 ms, frames included."""
RESUME_AFTER_MS = 1_200
"""Of silence without words: there was nothing to recognise. Recognisers answer within a second."""
LONGEST_HOLD_MS = 8_000
"""Of voice without words: music, a drill, another room. Twice that where it pauses in between."""
FALSE_HOLDS = 2
"""In one utterance; from then on only words hold it. An echo would have it stutter."""


class Barge(Enum):
    """What to do with the interviewer's voice."""

    HOLD = auto()
    RESUME = auto()
    INTERRUPT = auto()


class BargeIn:
    """One per room. `due_ms` is when `due` wants to be called if nothing happens before."""

    def __init__(self) -> None:
        self._is_speaking = False
        self._is_held = False
        self._held_since_ms = 0
        self._voice_since_ms: int | None = None
        self._is_noise = False
        """The voice was waited for, and brought no words."""
        self._false_holds = 0
        self.due_ms: int | None = None

    def utterance_began(self, at_ms: int) -> Barge | None:
        """The interviewer is about to speak. Who is in the middle of a word is let finish."""
        self._is_speaking = True
        self._is_held = False
        self._false_holds = 0
        self.due_ms = None
        is_voice = self._voice_since_ms is not None and not self._is_noise
        return self._hold(at_ms) if is_voice else None

    def utterance_ended(self) -> Barge | None:
        was_held = self._is_held
        self._is_speaking = self._is_held = False
        self.due_ms = None
        return Barge.RESUME if was_held else None

    def voice_began(self, at_ms: int) -> None:
        self._voice_since_ms = at_ms
        if self._is_held:
            self.due_ms = min(at_ms, self._held_since_ms + LONGEST_HOLD_MS) + LONGEST_HOLD_MS
        elif self._is_speaking and self._false_holds < FALSE_HOLDS:
            self.due_ms = at_ms + HOLD_AFTER_MS

    def voice_ended(self, at_ms: int) -> None:
        self._voice_since_ms = None
        self._is_noise = False
        self.due_ms = at_ms + RESUME_AFTER_MS if self._is_held else None

    def heard(self, *, is_answer: bool) -> Barge | None:
        """Words came; those that are no answer are an echo, or say "I am listening"."""
        if is_answer:
            self._is_noise = False
        if not self._is_speaking:
            return None
        if is_answer:
            self._is_speaking = self._is_held = False
            self.due_ms = None
            return Barge.INTERRUPT
        if self._is_held and self._voice_since_ms is None:
            self._false_holds += 1
            return self._resume()
        return None

    def due(self, at_ms: int) -> Barge | None:
        self.due_ms = None
        if not self._is_speaking:
            return None
        if not self._is_held:
            return self._hold(at_ms) if self._voice_since_ms is not None else None
        self._false_holds += 1
        if self._voice_since_ms is not None:
            self._is_noise = True
            self._false_holds = FALSE_HOLDS
        return self._resume()

    def _hold(self, at_ms: int) -> Barge:
        self._is_held = True
        self._held_since_ms = at_ms
        self.due_ms = at_ms + LONGEST_HOLD_MS
        return Barge.HOLD

    def _resume(self) -> Barge:
        self._is_held = False
        self.due_ms = None
        return Barge.RESUME
