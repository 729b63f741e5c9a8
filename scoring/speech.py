"""What is added up of spoken answers as they come: words, fillers, time. Typed ones do not count.

The live numbers and the report's delivery are both made from this tally, so they agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from scoring.fillers import counts_fillers
from scoring.model import Measure
from scoring.words import count_words
from sessions.facts import (
    AnswerHeard,
    Fact,
    FillerHeard,
    InterviewPlanned,
    RoomOpened,
    Timing,
    Word,
)

MIN_SPEAKING_MS = 10_000
"""Less speech than this gives no rate: one slow sentence is no pace."""

NOTHING_SPOKEN = "nothing was spoken"
TOO_SHORT = "under 10 s of speech"
LANGUAGE_UNKNOWN = "fillers are not counted in this language"
BROWSER_DROPS = "at least: the browser's recogniser leaves many fillers out"
RECOGNISER_DROPS = "at least: this recogniser leaves many fillers out"


def speaking_ms(words: Sequence[Word], timing: Timing, *, started_ms: int, ended_ms: int) -> int:
    """How long a turn was spoken: from its first word to its last where the recogniser gave
    word times, else from the turn's begin to its end. Pauses inside it count. Typed: 0.
    """
    if timing is Timing.NONE:
        return 0
    if timing is Timing.WORD and words:
        started_ms = min(word.start_ms for word in words)
        ended_ms = max(word.end_ms for word in words)
    return max(0, ended_ms - started_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Of all spoken turns so far. `words` has the fillers in it."""

    turns: int = 0
    words: int = 0
    filler_words: int = 0
    speaking_ms: int = 0
    filler_counts: Mapping[str, int] = field(default_factory=dict[str, int])
    dropped_by: str = ""
    """A recogniser that was heard and leaves fillers out; empty when there was none."""
    language: str = "en"

    def plus_turn(self, *, words: int, speaking_ms: int, dropped_by: str) -> Totals:
        return replace(
            self,
            turns=self.turns + 1,
            words=self.words + words,
            speaking_ms=self.speaking_ms + speaking_ms,
            dropped_by=dropped_by or self.dropped_by,
        )

    def plus_fillers(self, fillers: Sequence[str]) -> Totals:
        return replace(
            self,
            filler_words=self.filler_words + sum(count_words(filler) for filler in fillers),
            filler_counts=Counter(self.filler_counts) + Counter(fillers),
        )

    @property
    def fillers(self) -> int:
        return sum(self.filler_counts.values())

    def pace(self) -> Measure:
        """Words per minute of speaking time, fillers not counted as words.

        Pauses inside a turn are part of the time: it is the speech rate of the literature, not
        the articulation rate. To compare: British lectures have about 140 words a minute,
        interviews 190, conversation 210 (Tauroza & Allison, "Speech rates in British English",
        Applied Linguistics 11, 1990).
        """
        words = self.words - self.filler_words
        return self._rate("words/min", max(0, words) * 60_000, complete=True)

    def filler_total(self) -> Measure:
        note = self._why_no_fillers()
        if note:
            return Measure(value=None, unit="fillers", is_measured=False, note=note)
        return Measure(
            value=self.fillers,
            unit="fillers",
            is_measured=not self.dropped_by,
            note=self._drop_note(),
        )

    def fillers_per_minute(self) -> Measure:
        """Fillers per minute of speaking time."""
        return self._rate("per minute", self.fillers * 60_000, complete=False)

    def fillers_per_100_words(self) -> Measure:
        """Fillers per 100 words, the fillers not among the words. To compare: of sounds alone
        conversation has 2 to 3 (Bortfeld et al., "Disfluency rates in conversation", Language
        and Speech 44, 2001).
        """
        per_minute = self.fillers_per_minute()
        words = self.words - self.filler_words
        if per_minute.value is None or words <= 0:
            return replace(per_minute, unit="per 100 words", value=None, is_measured=False)
        value = round(self.fillers * 100 / words, 1)
        return replace(per_minute, unit="per 100 words", value=value)

    def _rate(self, unit: str, dividend: int, *, complete: bool) -> Measure:
        note = NOTHING_SPOKEN if not self.turns else ""
        if not complete:
            note = self._why_no_fillers()
        if not note and self.speaking_ms < MIN_SPEAKING_MS:
            note = TOO_SHORT
        if note:
            return Measure(value=None, unit=unit, is_measured=False, note=note)
        value = round(dividend / self.speaking_ms, 1)
        note = "" if complete else self._drop_note()
        return Measure(value=value, unit=unit, is_measured=not note, note=note)

    def _why_no_fillers(self) -> str:
        if not self.turns:
            return NOTHING_SPOKEN
        return "" if counts_fillers(self.language) else LANGUAGE_UNKNOWN

    def _drop_note(self) -> str:
        if not self.dropped_by:
            return ""
        return BROWSER_DROPS if self.dropped_by == "browser" else RECOGNISER_DROPS


class SpeechTally:
    """The fold that keeps `totals`. A filler may come before or after the turn it is in."""

    def __init__(self) -> None:
        self.totals = Totals()
        self.drops_fillers = ""
        """The recogniser of the latest opened room, if it leaves fillers out; else empty."""
        self._spoken: dict[int, bool] = {}
        self._waiting: dict[int, list[str]] = {}

    def receive(self, fact: Fact) -> None:
        match fact:
            case InterviewPlanned():
                self.totals = replace(self.totals, language=fact.request.language)
            case RoomOpened():
                self.drops_fillers = "" if fact.keeps_fillers else fact.recogniser or "unknown"
            case AnswerHeard():
                self._add_turn(fact)
            case FillerHeard():
                self._add_filler(fact)
            case _:
                pass

    def _add_turn(self, fact: AnswerHeard) -> None:
        fillers = self._waiting.pop(fact.turn, [])
        self._spoken[fact.turn] = fact.timing is not Timing.NONE
        if fact.timing is Timing.NONE:
            return
        duration_ms = speaking_ms(
            fact.words, fact.timing, started_ms=fact.started_ms, ended_ms=fact.ended_ms
        )
        self.totals = self.totals.plus_turn(
            words=count_words(fact.text),
            speaking_ms=duration_ms,
            dropped_by=self.drops_fillers,
        ).plus_fillers(fillers)

    def _add_filler(self, fact: FillerHeard) -> None:
        is_spoken = self._spoken.get(fact.turn)
        if is_spoken is None:
            self._waiting.setdefault(fact.turn, []).append(fact.filler)
        elif is_spoken:
            self.totals = self.totals.plus_fillers([fact.filler])
