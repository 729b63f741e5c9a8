"""What the technique did to an interview, in numbers. Whether a person has to look at it before
its scores are used is decided from these by `scoring.scores`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scoring.timeline import NOTICED_MS
from sessions.facts import (
    OPENED_ELSEWHERE,
    AnswerHeard,
    ConnectionLost,
    ConnectionResumed,
    Fact,
    IntentRecognised,
    InterviewPaused,
    InterviewResumed,
    RoomLost,
    RoomOpened,
)

LOW_CONFIDENCE = 0.5
"""A recogniser that is less sure of a word than this has as likely misheard it."""
CUT_WITHIN_MS = 500
"""An answer that ends so shortly before the connection did was broken off by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicalFacts:
    low_confidence_share: float | None
    """Of the words of answers that came with a confidence, 0-1; None when none did."""
    longest_interruption_ms: int
    """0 when nothing was interrupted. Pauses, and another tab, are the candidate's own doing."""
    cut_answers: int
    """Answers during which the connection was lost, and not back at once."""


def gather_technical(facts: Sequence[Fact]) -> TechnicalFacts:
    requests = {fact.turn for fact in facts if isinstance(fact, IntentRecognised)}
    answers = [
        fact for fact in facts if isinstance(fact, AnswerHeard) and fact.turn not in requests
    ]
    interruptions = [one for one in _interruptions(facts) if one.stop - one.start >= NOTICED_MS]
    return TechnicalFacts(
        low_confidence_share=_low_confidence_share(answers),
        longest_interruption_ms=max((len(one) for one in interruptions), default=0),
        cut_answers=sum(
            any(
                answer.started_ms <= one.start <= answer.ended_ms + CUT_WITHIN_MS
                for one in interruptions
            )
            for answer in answers
        ),
    )


def _low_confidence_share(answers: Sequence[AnswerHeard]) -> float | None:
    known = [
        word.confidence
        for answer in answers
        for word in answer.words
        if word.confidence is not None
    ]
    if not known:
        return None
    return round(sum(one < LOW_CONFIDENCE for one in known) / len(known), 3)


def _interruptions(facts: Sequence[Fact]) -> Iterator[range]:
    """From when the connection or the room was gone to when it was back, in epoch ms. One that
    was never back is none: the interview ended with it.
    """
    away_since_ms: int | None = None
    before_ms = 0
    is_paused = False
    for fact in facts:
        match fact:
            case InterviewPaused() | InterviewResumed():
                is_paused = isinstance(fact, InterviewPaused)
            case ConnectionLost() if is_paused or fact.reason == OPENED_ELSEWHERE:
                pass
            case ConnectionLost() if away_since_ms is None:
                away_since_ms = fact.at_ms
            case RoomLost() if away_since_ms is None:
                # Found only when a server is up again; it was away since the fact before.
                away_since_ms = before_ms
            case ConnectionResumed() | RoomOpened() if away_since_ms is not None:
                yield range(away_since_ms, max(away_since_ms, fact.at_ms))
                away_since_ms = None
            case _:
                pass
        before_ms = fact.at_ms
