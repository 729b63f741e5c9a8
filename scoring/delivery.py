"""How the answers were spoken: pace, pauses, fillers, shares, from the facts of an interview.

All numbers are over the candidate's spoken turns, requests such as "can you repeat" included;
typed turns are in none of them. What a recogniser cannot give is not measured, and says so.
`scoring.sources` has each number's source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median

from scoring.disfluencies import find_repairs, find_repetitions
from scoring.fillers import counts_fillers
from scoring.hedges import BOTH, plain_hedges
from scoring.model import Delivery, Measure
from scoring.pauses import Pause, find_pauses
from scoring.sources import SOURCES
from scoring.speech import (
    MIN_SPEAKING_MS,
    NOTHING_SPOKEN,
    PER_100,
    TOO_SHORT,
    SpeechTally,
    Totals,
    not_measured,
)
from scoring.words import english_syllables, tokenise
from sessions.facts import AnswerHeard, Fact, IntentRecognised, InterviewerSpoke, Timing

NO_WORD_TIMES = "this recogniser gives no word times"
SOME_WORD_TIMES = "at least: part of the answers has no word times"
OVER_SOME = "over the answers with word times"
SOUNDS_LOOK_SILENT = "fillers that this recogniser leaves out look like silence"
NOT_IN_LANGUAGE = "not counted in this language"
TIDIES = "this recogniser tidies up what was said"


@dataclass(frozen=True, slots=True)
class SpokenTurn:
    """A spoken answer, and what it added to the totals."""

    answer: AnswerHeard
    totals: Totals


class Speech:
    """Spoken turns together: all of an interview, or one. What needs their words is found once."""

    def __init__(self, turns: Sequence[SpokenTurn], totals: Totals) -> None:
        self.totals = totals
        self._turns = turns
        self._is_known = counts_fillers(totals.language)

    @cached_property
    def _timed(self) -> Sequence[SpokenTurn]:
        return [turn for turn in self._turns if turn.answer.timing is Timing.WORD]

    @cached_property
    def _silent(self) -> Sequence[tuple[SpokenTurn, tuple[Pause, ...]]]:
        return [(turn, find_pauses(turn.answer)) for turn in self._timed]

    @cached_property
    def pauses_found(self) -> Sequence[Pause]:
        return [pause for _, pauses in self._silent for pause in pauses]

    @property
    def _paused_ms(self) -> int:
        return sum(pause.duration_ms for pause in self.pauses_found)

    @property
    def _timed_ms(self) -> int:
        return sum(turn.totals.speaking_ms for turn in self._timed)

    def speaking_time(self) -> Measure:
        if not self._turns:
            return not_measured("s", NOTHING_SPOKEN)
        value = round(self.totals.speaking_ms / 1000, 1)
        return Measure(value=value, unit="s", is_measured=True)

    # -- pauses ----------------------------------------------------------------------------------

    def pauses(self) -> Measure:
        return self._counted(self.pauses_found)

    def pauses_inside_clauses(self) -> Measure:
        return self._split(is_at_boundary=False)

    def pauses_at_boundaries(self) -> Measure:
        return self._split(is_at_boundary=True)

    def long_pauses(self) -> Measure:
        return self._counted(pause for pause in self.pauses_found if pause.is_long)

    def longest_pause(self) -> Measure:
        longest_ms = max((pause.duration_ms for pause in self.pauses_found), default=0)
        return self._from_pauses("s", round(longest_ms / 1000, 1))

    def pause_ratio(self) -> Measure:
        unit = "of speaking time"
        note = self._why_no_pauses() or ("" if self._timed_ms >= MIN_SPEAKING_MS else TOO_SHORT)
        if note:
            return not_measured(unit, note)
        value = round(self._paused_ms / self._timed_ms, 2)
        return Measure(value=value, unit=unit, is_measured=True, note=self._over_some())

    def articulation_rate(self) -> Measure:
        """Fillers are among the syllables, and their time is spoken time."""
        unit = "syllables/s"
        phonated_ms = self._timed_ms - self._paused_ms
        note = self._why_not_timed()
        if not note and not self._is_known:
            note = f"syllables are {NOT_IN_LANGUAGE}"
        if not note and (self._timed_ms < MIN_SPEAKING_MS or phonated_ms <= 0):
            note = TOO_SHORT
        if note:
            return not_measured(unit, note)
        syllables = sum(
            english_syllables(token.plain)
            for turn in self._timed
            for token in tokenise(turn.answer.text)
        )
        value = round(syllables * 1000 / phonated_ms, 1)
        return Measure(value=value, unit=unit, is_measured=True, note=self._over_some())

    def _split(self, *, is_at_boundary: bool) -> Measure:
        if self._turns and not self._is_known:
            return not_measured("pauses", f"clauses are {NOT_IN_LANGUAGE}")
        return self._counted(
            pause for pause in self.pauses_found if pause.is_at_boundary is is_at_boundary
        )

    def _counted(self, pauses: Iterable[Pause]) -> Measure:
        return self._from_pauses("pauses", sum(1 for _ in pauses))

    def _from_pauses(self, unit: str, value: float) -> Measure:
        note = self._why_no_pauses()
        if note:
            return not_measured(unit, note)
        is_whole = len(self._timed) == len(self._turns)
        note = "" if is_whole else SOME_WORD_TIMES
        return Measure(value=value, unit=unit, is_measured=is_whole, note=note)

    def _why_not_timed(self) -> str:
        if not self._turns:
            return NOTHING_SPOKEN
        return "" if self._timed else NO_WORD_TIMES

    def _why_no_pauses(self) -> str:
        is_dropped = any(turn.totals.dropped_by for turn in self._timed)
        return self._why_not_timed() or (SOUNDS_LOOK_SILENT if is_dropped else "")

    def _over_some(self) -> str:
        return "" if len(self._timed) == len(self._turns) else OVER_SOME

    # -- words -----------------------------------------------------------------------------------

    def hedges(self) -> Measure:
        both = sum(self.totals.filler_counts.get(name, 0) for name in BOTH)
        return self._per_100("hedges", lambda answer: len(plain_hedges(answer.text)), both)

    def repetitions(self) -> Measure:
        if self.totals.dropped_by:
            return not_measured(PER_100, TIDIES)
        return self._per_100("repetitions", lambda answer: len(find_repetitions(answer.text)))

    def self_repairs(self) -> Measure:
        if self.totals.dropped_by:
            return not_measured(PER_100, TIDIES)
        return self._per_100("self-repairs", lambda answer: len(find_repairs(answer.text)))

    def _per_100(self, what: str, count: Callable[[AnswerHeard], int], known: int = 0) -> Measure:
        if self._turns and not self._is_known:
            return not_measured(PER_100, f"{what} are {NOT_IN_LANGUAGE}")
        return self.totals.per_100_words(known + sum(count(turn.answer) for turn in self._turns))


def measure_delivery(facts: Sequence[Fact]) -> Delivery:
    """Pauses only where the recogniser gave word times, and writes down what else filled the
    time. Talk share is the candidate's speaking time over the speaking time of both. Response
    time is the median over spoken answers, requests left out. Pace and filler rates: see
    `scoring.speech.Totals`.
    """
    tally = SpeechTally()
    for fact in facts:
        tally.receive(fact)
    totals = tally.totals
    spoken = [
        SpokenTurn(fact, turn)
        for fact in facts
        if isinstance(fact, AnswerHeard) and (turn := tally.turn(fact.turn)) is not None
    ]
    speech = Speech(spoken, totals)
    return Delivery(
        filler_total=totals.filler_total(),
        filler_counts=dict(sorted(totals.filler_counts.items())),
        fillers_per_minute=totals.fillers_per_minute(),
        fillers_per_100_words=totals.fillers_per_100_words(),
        pace_wpm=totals.pace(),
        articulation_rate=speech.articulation_rate(),
        speaking_time_s=speech.speaking_time(),
        pauses=speech.pauses(),
        pauses_inside_clauses=speech.pauses_inside_clauses(),
        pauses_at_boundaries=speech.pauses_at_boundaries(),
        long_pauses=speech.long_pauses(),
        longest_pause_s=speech.longest_pause(),
        pause_ratio=speech.pause_ratio(),
        talk_share=_talk_share(totals, facts),
        response_time_s=_response_time(spoken, facts),
        hedges_per_100_words=speech.hedges(),
        repetitions_per_100_words=speech.repetitions(),
        self_repairs_per_100_words=speech.self_repairs(),
        sources=dict(SOURCES),
    )


def _talk_share(totals: Totals, facts: Sequence[Fact]) -> Measure:
    unit = "of all speaking time"
    if not totals.turns:
        return not_measured(unit, NOTHING_SPOKEN)
    interviewer_ms = sum(
        max(0, fact.ended_ms - fact.started_ms)
        for fact in facts
        if isinstance(fact, InterviewerSpoke)
    )
    if not interviewer_ms:
        return not_measured(unit, "the interviewer's voice was not heard")
    share = round(totals.speaking_ms / (totals.speaking_ms + interviewer_ms), 2)
    return Measure(value=share, unit=unit, is_measured=True)


def _response_time(spoken: Sequence[SpokenTurn], facts: Sequence[Fact]) -> Measure:
    if not spoken:
        return not_measured("s", NOTHING_SPOKEN)
    requests = {fact.turn for fact in facts if isinstance(fact, IntentRecognised)}
    responses_ms = [
        turn.answer.response_ms
        for turn in spoken
        if turn.answer.response_ms is not None and turn.answer.turn not in requests
    ]
    if not responses_ms:
        return not_measured("s", "no answer followed a spoken question")
    return Measure(value=round(median(responses_ms) / 1000, 1), unit="s", is_measured=True)
