"""How the answers were spoken: pace, pauses, fillers, shares, from the facts of an interview.

All numbers are over the candidate's spoken turns, requests such as "can you repeat" included;
typed turns are in none of them. What a recogniser cannot give is not measured, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

from scoring.model import Delivery, Measure
from scoring.speech import NOTHING_SPOKEN, SpeechTally
from sessions.facts import AnswerHeard, Fact, IntentRecognised, InterviewerSpoke, Timing

PAUSE_MS = 250
"""A shorter silence is part of articulation. The usual threshold: Goldman-Eisler,
"Psycholinguistics" (1968); De Jong & Bosker, "Choosing a threshold for silent pauses" (DiSS 2013).
"""
LONG_PAUSE_MS = 2_000
"""A silence that a listener notices. Our convention, in words a listener would use: two seconds."""

NO_WORD_TIMES = "this recogniser gives no word times"
SOME_WORD_TIMES = "at least: part of the answers has no word times"


def measure_delivery(facts: Sequence[Fact]) -> Delivery:
    """Pauses are the silences of PAUSE_MS or more between consecutive words of one turn, only
    where the recogniser gave word times. Talk share is the candidate's speaking time over the
    speaking time of both. Response time is the median over spoken answers, requests left out.
    Pace and filler rates: see `scoring.speech.Totals`.
    """
    tally = SpeechTally()
    for fact in facts:
        tally.receive(fact)
    totals = tally.totals
    spoken = [
        fact for fact in facts if isinstance(fact, AnswerHeard) and fact.timing is not Timing.NONE
    ]
    return Delivery(
        filler_total=totals.filler_total(),
        filler_counts=dict(sorted(totals.filler_counts.items())),
        fillers_per_minute=totals.fillers_per_minute(),
        fillers_per_100_words=totals.fillers_per_100_words(),
        pace_wpm=totals.pace(),
        speaking_time_s=_speaking_time(spoken, totals.speaking_ms),
        pauses=_pauses(spoken, "pauses", len),
        long_pauses=_pauses(
            spoken, "pauses", lambda gaps_ms: sum(gap >= LONG_PAUSE_MS for gap in gaps_ms)
        ),
        longest_pause_s=_pauses(
            spoken, "s", lambda gaps_ms: round(max(gaps_ms, default=0) / 1000, 1)
        ),
        talk_share=_talk_share(spoken, totals.speaking_ms, facts),
        response_time_s=_response_time(spoken, facts),
    )


def pauses_ms(answer: AnswerHeard) -> list[int]:
    """The silences of PAUSE_MS or more between consecutive words of one turn, in order."""
    gaps = (
        after.start_ms - before.end_ms
        for before, after in zip(answer.words, answer.words[1:], strict=False)
    )
    return [gap for gap in gaps if gap >= PAUSE_MS]


def _speaking_time(spoken: Sequence[AnswerHeard], duration_ms: int) -> Measure:
    if not spoken:
        return _not_measured("s", NOTHING_SPOKEN)
    return Measure(value=round(duration_ms / 1000, 1), unit="s", is_measured=True)


def _pauses(
    spoken: Sequence[AnswerHeard], unit: str, summarise: Callable[[list[int]], float]
) -> Measure:
    if not spoken:
        return _not_measured(unit, NOTHING_SPOKEN)
    timed = [answer for answer in spoken if answer.timing is Timing.WORD]
    if not timed:
        return _not_measured(unit, NO_WORD_TIMES)
    value = summarise([gap for answer in timed for gap in pauses_ms(answer)])
    is_whole = len(timed) == len(spoken)
    note = "" if is_whole else SOME_WORD_TIMES
    return Measure(value=value, unit=unit, is_measured=is_whole, note=note)


def _talk_share(spoken: Sequence[AnswerHeard], candidate_ms: int, facts: Sequence[Fact]) -> Measure:
    unit = "of all speaking time"
    if not spoken:
        return _not_measured(unit, NOTHING_SPOKEN)
    interviewer_ms = sum(
        max(0, fact.ended_ms - fact.started_ms)
        for fact in facts
        if isinstance(fact, InterviewerSpoke)
    )
    if not interviewer_ms:
        return _not_measured(unit, "the interviewer's voice was not heard")
    share = round(candidate_ms / (candidate_ms + interviewer_ms), 2)
    return Measure(value=share, unit=unit, is_measured=True)


def _response_time(spoken: Sequence[AnswerHeard], facts: Sequence[Fact]) -> Measure:
    if not spoken:
        return _not_measured("s", NOTHING_SPOKEN)
    requests = {fact.turn for fact in facts if isinstance(fact, IntentRecognised)}
    responses_ms = [
        answer.response_ms
        for answer in spoken
        if answer.response_ms is not None and answer.turn not in requests
    ]
    if not responses_ms:
        return _not_measured("s", "no answer followed a spoken question")
    return Measure(value=round(median(responses_ms) / 1000, 1), unit="s", is_measured=True)


def _not_measured(unit: str, note: str) -> Measure:
    return Measure(value=None, unit=unit, is_measured=False, note=note)
