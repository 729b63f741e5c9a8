"""What both sides of a bench say, and a recogniser that knows it beforehand. The same for all.

Needs nothing but the standard library: it is imported by servers in other virtual environments.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass

ANSWER = "We talked it over, um, and then we shipped the release in very small steps."
"""About 4 s of speech, with a filler; no request, no echo, and it does not sound unfinished."""

GREETING = "Hello. This is a rehearsal. What did you ship last?"
REPLY = "Thank you. I have noted that. What would you do differently now?"
"""Three sentences, like the question and its introduction in an interview."""

AUDIBLE = 300  # of 32,768: silence here is digital, so anything above it is a voice
HANGOVER_S = 0.35  # longer than espeak's comma (0.24 s), shorter than any end-of-turn wait
INTERIM_EVERY_S = 0.5
CHARACTERS_PER_S = 15  # of the answer's voice

MICROPHONE_HZ = 16_000
PLAYBACK_HZ = 24_000
SENTENCE_S = 1.5
_TONE_HZ = 180


def hum() -> bytes:
    """A sentence of the interviewer: `SENTENCE_S` of a tone, 16-bit mono at `PLAYBACK_HZ`."""
    step = 2 * math.pi * _TONE_HZ / PLAYBACK_HZ
    return array(
        "h", (int(math.sin(n * step) * 3_000) for n in range(round(PLAYBACK_HZ * SENTENCE_S)))
    ).tobytes()


@dataclass(frozen=True, slots=True)
class Told:
    """A result of the recogniser. Moments are seconds of the audio it was given."""

    text: str
    is_final: bool
    began_s: float
    until_s: float
    segment: int


class KnownWords:
    """Finds by loudness where speech begins and ends, and says the known words of it: interims
    twice a second, the final `HANGOVER_S` after the last sound."""

    def __init__(self) -> None:
        self._position_s = 0.0
        self._began_s: float | None = None
        self._voiced_until_s = 0.0
        self._told_at_s = 0.0
        self._segment = 0

    def hear(self, loudest: int, duration_s: float) -> Told | None:
        """One frame: its largest sample and its length."""
        before_s = self._position_s
        self._position_s += duration_s
        if loudest > AUDIBLE:
            self._voiced_until_s = self._position_s
            if self._began_s is None:
                self._began_s = self._told_at_s = before_s
                self._segment += 1
        if self._began_s is None:
            return None
        if self._position_s - self._voiced_until_s >= HANGOVER_S:
            return self.finish()
        if self._position_s - self._told_at_s >= INTERIM_EVERY_S:
            self._told_at_s = self._position_s
            return self._told(self._began_s, is_final=False)
        return None

    def finish(self) -> Told | None:
        """The final of what is being said; None in silence."""
        began_s, self._began_s = self._began_s, None
        return None if began_s is None else self._told(began_s, is_final=True)

    def _told(self, began_s: float, *, is_final: bool) -> Told:
        until_s = self._voiced_until_s
        spoken = ANSWER
        if not is_final:
            spoken = ANSWER[: int((until_s - began_s) * CHARACTERS_PER_S)].rsplit(" ", 1)[0]
        return Told(spoken, is_final, began_s, until_s, self._segment)
