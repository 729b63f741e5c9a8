"""What recognisers say, gathered into turns, with its times put on the server's clock.

A recogniser counts time in the audio it was given. `Ear` knows how much audio that was and when
the last of it came, so a gap in the stream (a lost connection) shifts nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from livekit.agents import stt

from agent.hearing import Heard, beyond, later_than, spread_words
from sessions.facts import Timing, Word
from sessions.ports import Clock

ASSUMED_SPEECH_MS_PER_CHAR = 65
"""About 150 words a minute: the length of a result whose recogniser gives no times at all."""

LATE_MS = 5_000
"""A result without a time of its own that comes so long after a turn is not that turn's."""


class Hearing(Enum):
    """What a recogniser's event was."""

    NOTHING = auto()
    IGNORED = auto()  # the interviewer's echo, or a "mm-hm" while it speaks
    WORDS = auto()


@dataclass(frozen=True, slots=True)
class _Open:
    """A result that is not final: its last words so far."""

    id: str
    text: str


class Ear:
    """`is_ignored(text)` says which results are no answer. They leave no trace."""

    def __init__(self, clock: Clock, *, is_ignored: Callable[[str], bool]) -> None:
        self._clock = clock
        self._is_ignored = is_ignored
        self._finals: list[Heard] = []
        self._interim: Heard | None = None
        self._open: _Open | None = None
        self._taken: _Open | None = None
        """What was taken of a result whose final words are still to come."""
        self._taken_until_ms = 0
        self.audio_ms = 0.0
        """How much audio there was so far."""
        self._audio_until_ms = clock.now_ms()

    def note_audio(self, duration_ms: float) -> None:
        """So much more came."""
        self.audio_ms += duration_ms
        self._audio_until_ms = self._clock.now_ms()

    def hear(self, event: stt.SpeechEvent, base_ms: float) -> Hearing:
        """`base_ms`: how much audio there had been when the event's stream began."""
        is_final = event.type is stt.SpeechEventType.FINAL_TRANSCRIPT
        if not (is_final or event.type is stt.SpeechEventType.INTERIM_TRANSCRIPT):
            return Hearing.NOTHING
        data = event.alternatives[0] if event.alternatives else None
        heard = self._placed(data, base_ms) if data is not None and data.text.strip() else None
        self._interim = self._open = None
        if heard is not None and not is_final:
            self._open = _Open(event.request_id, heard.text)
        heard = self._untaken(heard, event.request_id, is_final=is_final) if heard else None
        if heard is None:
            return Hearing.NOTHING
        if self._is_ignored(heard.text):
            return Hearing.IGNORED
        if is_final:
            self._finals.append(heard)
        else:
            self._interim = heard
        return Hearing.WORDS

    @property
    def running(self) -> Heard | None:
        """The turn so far, interim words included."""
        parts = [*self._finals, self._interim] if self._interim else self._finals
        return Heard.joined(parts) if parts else None

    @property
    def is_final(self) -> bool:
        """Whether nothing of the running turn may still change."""
        return self._interim is None

    def take(self) -> Heard | None:
        """The turn, interim words included; the next begins."""
        heard = self.running
        if self._interim is not None:
            self._taken_until_ms = self._interim.ended_ms
            self._taken = self._open
        self._finals.clear()
        self._interim = None
        return heard

    def take_settled(self) -> Heard | None:
        """The turn's final results but for its newest result, with which it goes on."""
        count = len(self._finals) - (self._interim is None)
        settled, self._finals = self._finals[:count], self._finals[count:]
        return Heard.joined(settled) if settled else None

    def audio_position_s(self, at_ms: int) -> float:
        """Where the epoch moment lies in the audio, in seconds."""
        position_ms = self.audio_ms - (self._audio_until_ms - at_ms)
        return max(position_ms / 1000, 0.0)

    def _untaken(self, heard: Heard, id: str, *, is_final: bool) -> Heard | None:
        """Without what was taken before this final, or longer, form of it came."""
        if heard.timing is Timing.WORD:
            return later_than(heard, self._taken_until_ms)
        taken = self._taken
        if taken is None:
            return heard
        gap_ms = heard.started_ms - self._taken_until_ms
        if gap_ms >= LATE_MS or (gap_ms >= 0 and id != taken.id):
            return heard
        if is_final:
            self._taken = None
        return beyond(heard, taken.text)

    def _placed(self, data: stt.SpeechData, base_ms: float) -> Heard:
        def epoch_ms(position_s: float) -> int:
            at_ms = int(self._audio_until_ms - (self.audio_ms - base_ms - position_s * 1000))
            return min(at_ms, self._clock.now_ms())  # audio may come between a result and this

        text = data.text.strip()
        words = tuple(
            Word(
                text=str(word).strip(),
                start_ms=epoch_ms(word.start_time),
                end_ms=epoch_ms(word.end_time),
                confidence=word.confidence if isinstance(word.confidence, float) else None,
            )
            for word in data.words or ()
            if isinstance(word.start_time, int | float) and isinstance(word.end_time, int | float)
        )
        if words:
            return Heard(
                text=text,
                words=words,
                timing=Timing.WORD,
                started_ms=words[0].start_ms,
                ended_ms=words[-1].end_ms,
            )
        end_ms = epoch_ms(data.end_time) if data.end_time else self._clock.now_ms()
        start_ms = end_ms - len(text) * ASSUMED_SPEECH_MS_PER_CHAR
        if data.end_time:
            start_ms = epoch_ms(data.start_time)
        return Heard(
            text=text,
            words=spread_words(text, start_ms, end_ms),
            timing=Timing.UTTERANCE,
            started_ms=start_ms,
            ended_ms=end_ms,
        )
