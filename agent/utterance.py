"""One utterance of the interviewer: its sentences, and where each lies in the audio.

The voice is made sentence by sentence, so that the part which was really heard can be told
when playback stops in the middle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sessions.facts import Fact, RoomOpened
from sessions.interview import Say

ASSUMED_MS_PER_CHARACTER = 65
"""About 165 words a minute: how long a sentence will be whose audio is still coming."""


@dataclass(slots=True)
class _Spoken:
    text: str
    start_ms: float
    end_ms: float
    is_whole: bool = False
    """Its audio has come to its end, if only by failing."""

    def length_ms(self) -> float:
        made_ms = self.end_ms - self.start_ms
        if self.is_whole:
            return made_ms
        return max(made_ms, len(self.text) * ASSUMED_MS_PER_CHARACTER)


@dataclass(slots=True)
class Utterance:
    """`number` counts the utterances of an interview from 1. Times are places in its own audio."""

    number: int
    say: Say
    started_ms: int
    text: str = ""
    audio_ms: float = 0.0
    _sentences: list[_Spoken] = field(default_factory=list[_Spoken])

    def begin_sentence(self, sentence: str) -> None:
        self.text = f"{self.text} {sentence}".strip()
        self._sentences.append(_Spoken(sentence, self.audio_ms, self.audio_ms))

    def extend_audio(self, duration_ms: float) -> None:
        self.audio_ms += duration_ms
        if self._sentences:
            self._sentences[-1].end_ms = self.audio_ms

    def end_sentence(self) -> None:
        """No more audio comes of it. Without any, it stayed in writing."""
        if self._sentences:
            self._sentences[-1].is_whole = True

    def heard(self, played_ms: float) -> str:
        """The words played up to `played_ms`; within a sentence by its share of characters."""
        parts: list[str] = []
        for sentence in self._sentences:
            length_ms = sentence.length_ms()
            if played_ms + 1 >= sentence.start_ms + length_ms:  # clients count in whole ms
                parts.append(sentence.text)
                continue
            share = (played_ms - sentence.start_ms) / length_ms
            if share > 0:
                parts.append(_whole_words(sentence.text, share))
            break
        return " ".join(part for part in parts if part)


def _whole_words(text: str, share: float) -> str:
    cut = int(len(text) * share)
    if cut >= len(text):
        return text
    return text[:cut].rsplit(" ", 1)[0] if " " in text[:cut] else ""


UTTERANCES_PER_ROOM = 1_000


def numbers_before(facts: Sequence[Fact]) -> int:
    """Where a room's numbers begin. A room that died may have begun an utterance that is no fact,
    and the page may still be playing it: so each room has numbers of its own."""
    return UTTERANCES_PER_ROOM * sum(isinstance(fact, RoomOpened) for fact in facts)
