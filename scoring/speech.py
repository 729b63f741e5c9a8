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
    ProviderSwitched,
    RoomOpened,
    Timing,
    Word,
)

MIN_SPEAKING_MS = 10_000
"""Less speech than this gives no rate: one slow sentence is no pace."""

MIN_PACED_MS = 10_000
"""A shorter turn is in no pace: "yes, I did" is said at any speed."""

PER_100 = "per 100 words"

NOTHING_SPOKEN = "nothing was spoken"
TOO_SHORT = "under 10 s of speech"
NO_LONG_TURN = "no answer of 10 s or more"
LANGUAGE_UNKNOWN = "fillers are not counted in this language"
PAGE = "browser"
"""The page's own recogniser; it never claims to keep fillers."""

BROWSER_DROPS = "the browser's recogniser leaves many fillers out"
RECOGNISER_DROPS = "this recogniser leaves many fillers out"


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


def not_measured(unit: str, note: str) -> Measure:
    return Measure(value=None, unit=unit, is_measured=False, note=note)


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Of one spoken turn, or of all so far. `words` and `paced_words` have the fillers in them;
    what is paced is of turns of MIN_PACED_MS or more.
    """

    turns: int = 0
    words: int = 0
    filler_words: int = 0
    speaking_ms: int = 0
    paced_words: int = 0
    paced_filler_words: int = 0
    paced_ms: int = 0
    filler_counts: Mapping[str, int] = field(default_factory=dict[str, int])
    dropped_by: str = ""
    """A recogniser that was heard and leaves fillers out; empty when there was none."""
    language: str = "en"

    @classmethod
    def of_turn(cls, *, words: int, speaking_ms: int, dropped_by: str, language: str) -> Totals:
        is_paced = speaking_ms >= MIN_PACED_MS
        return cls(
            turns=1,
            words=words,
            speaking_ms=speaking_ms,
            paced_words=words if is_paced else 0,
            paced_ms=speaking_ms if is_paced else 0,
            dropped_by=dropped_by,
            language=language,
        )

    def plus(self, other: Totals) -> Totals:
        """Both together, in this one's language."""
        return Totals(
            turns=self.turns + other.turns,
            words=self.words + other.words,
            filler_words=self.filler_words + other.filler_words,
            speaking_ms=self.speaking_ms + other.speaking_ms,
            paced_words=self.paced_words + other.paced_words,
            paced_filler_words=self.paced_filler_words + other.paced_filler_words,
            paced_ms=self.paced_ms + other.paced_ms,
            filler_counts=Counter(self.filler_counts) + Counter(other.filler_counts),
            dropped_by=other.dropped_by or self.dropped_by,
            language=self.language,
        )

    def plus_fillers(self, fillers: Sequence[str], *, is_paced: bool) -> Totals:
        words = sum(count_words(filler) for filler in fillers)
        return replace(
            self,
            filler_words=self.filler_words + words,
            paced_filler_words=self.paced_filler_words + (words if is_paced else 0),
            filler_counts=Counter(self.filler_counts) + Counter(fillers),
        )

    @property
    def fillers(self) -> int:
        return sum(self.filler_counts.values())

    @property
    def plain_words(self) -> int:
        """Words that are no fillers."""
        return max(0, self.words - self.filler_words)

    def pace(self) -> Measure:
        """Words per minute of the turns of 10 s or more, fillers not counted as words.

        Pauses inside a turn are part of the time: it is the speech rate of the literature, not
        the articulation rate. See `scoring.sources`.
        """
        unit = "words/min"
        if not self.turns:
            return not_measured(unit, NOTHING_SPOKEN)
        if not self.paced_ms:
            is_short = self.speaking_ms < MIN_SPEAKING_MS
            return not_measured(unit, TOO_SHORT if is_short else NO_LONG_TURN)
        words = max(0, self.paced_words - self.paced_filler_words)
        return Measure(value=round(words * 60_000 / self.paced_ms, 1), unit=unit, is_measured=True)

    def filler_total(self) -> Measure:
        """A lower bound where a recogniser left some out, and nothing where it kept none."""
        note = self._why_no_fillers()
        if note:
            return not_measured("fillers", note)
        drops = self.why_dropped()
        if drops and not self.fillers:
            return not_measured("fillers", drops)
        return Measure(
            value=self.fillers,
            unit="fillers",
            is_measured=not drops,
            note=f"at least: {drops}" if drops else "",
        )

    def fillers_per_minute(self) -> Measure:
        """Fillers per minute of speaking time."""
        unit = "per minute"
        note = self._why_no_filler_rate()
        if note:
            return not_measured(unit, note)
        value = round(self.fillers * 60_000 / self.speaking_ms, 1)
        return Measure(value=value, unit=unit, is_measured=True)

    def fillers_per_100_words(self) -> Measure:
        """Fillers per 100 words, the fillers not among the words."""
        note = self._why_no_filler_rate()
        return not_measured(PER_100, note) if note else self.per_100_words(self.fillers)

    def per_100_words(self, count: int) -> Measure:
        """Of things found in the words, fillers not among these; from 10 s of speech on."""
        note = self.why_no_rate()
        if note:
            return not_measured(PER_100, note)
        value = round(count * 100 / self.plain_words, 1)
        return Measure(value=value, unit=PER_100, is_measured=True)

    def why_no_rate(self) -> str:
        """Why there is nothing to divide by, if so."""
        if not self.turns:
            return NOTHING_SPOKEN
        return TOO_SHORT if self.speaking_ms < MIN_SPEAKING_MS or not self.plain_words else ""

    def why_dropped(self) -> str:
        """Why fewer fillers were counted than said, if so."""
        if not self.dropped_by:
            return ""
        return BROWSER_DROPS if self.dropped_by == PAGE else RECOGNISER_DROPS

    def _why_no_fillers(self) -> str:
        if not self.turns:
            return NOTHING_SPOKEN
        return "" if counts_fillers(self.language) else LANGUAGE_UNKNOWN

    def _why_no_filler_rate(self) -> str:
        return self._why_no_fillers() or self.why_dropped() or self.why_no_rate()


class Ears:
    """Who recognises now, and whether they keep fillers: a room's opening has the claim of one.

    Of one that takes over nothing is claimed, unless a room was opened with it before: it is taken
    to leave fillers out, so that no rate is too low.
    """

    def __init__(self) -> None:
        self._claims: dict[str, bool] = {}
        self._name = ""
        self._keeps = True

    def receive(self, fact: RoomOpened | ProviderSwitched) -> None:
        match fact:
            case RoomOpened():
                self._name, self._keeps = fact.recogniser, fact.keeps_fillers
                # With the page's at the head of the list, the claim is of the server's first.
                if fact.recogniser != PAGE:
                    self._claims[fact.recogniser] = fact.keeps_fillers
            case ProviderSwitched(component="stt"):
                if fact.from_provider and self._name in (PAGE, fact.from_provider):
                    self._claims.setdefault(fact.from_provider, self._keeps)
                self._name = fact.to_provider
                # None left: either nothing is heard, or the page hears, and its turns say so.
                self._keeps = not self._name or self._claims.get(self._name, False)
            case _:
                pass

    def dropped_by(self, recogniser: str) -> str:
        """Of a turn that `recogniser` finishes; empty when no filler is left out."""
        if recogniser == PAGE:
            return PAGE
        return "" if self._keeps else self._name or "unknown"


class SpeechTally:
    """The fold that keeps `totals`. A filler may come before or after the turn it is in."""

    def __init__(self) -> None:
        self.totals = Totals()
        self._ears = Ears()
        self._turns: dict[int, Totals | None] = {}
        self._waiting: dict[int, list[str]] = {}

    def turn(self, turn: int) -> Totals | None:
        """What one turn added; None of a typed one, and of one that was not heard."""
        return self._turns.get(turn)

    def receive(self, fact: Fact) -> None:
        match fact:
            case InterviewPlanned():
                self.totals = replace(self.totals, language=fact.request.language)
            case RoomOpened() | ProviderSwitched():
                self._ears.receive(fact)
            case AnswerHeard():
                self._add_turn(fact)
            case FillerHeard():
                self._add_filler(fact)
            case _:
                pass

    def dropped_by(self, recogniser: str) -> str:
        """Who leaves fillers out of a turn that `recogniser` hears now; empty when nobody does."""
        return self._ears.dropped_by(recogniser)

    def _add_turn(self, fact: AnswerHeard) -> None:
        fillers = self._waiting.pop(fact.turn, [])
        if fact.timing is Timing.NONE:
            self._turns[fact.turn] = None
            return
        turn = Totals.of_turn(
            words=count_words(fact.text),
            speaking_ms=speaking_ms(
                fact.words, fact.timing, started_ms=fact.started_ms, ended_ms=fact.ended_ms
            ),
            dropped_by=self.dropped_by(fact.recogniser),
            language=self.totals.language,
        )
        turn = turn.plus_fillers(fillers, is_paced=turn.paced_ms > 0)
        self._turns[fact.turn] = turn
        self.totals = self.totals.plus(turn)

    def _add_filler(self, fact: FillerHeard) -> None:
        if fact.turn not in self._turns:
            self._waiting.setdefault(fact.turn, []).append(fact.filler)
            return
        turn = self._turns[fact.turn]
        if turn is None:
            return
        is_paced = turn.paced_ms > 0
        self._turns[fact.turn] = turn.plus_fillers([fact.filler], is_paced=is_paced)
        self.totals = self.totals.plus_fillers([fact.filler], is_paced=is_paced)
