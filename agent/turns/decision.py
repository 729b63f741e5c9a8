"""How long a pause may last before the answer counts as over. Pure, and a table.

The row is what the words say, the column how the last of them sounded. The longer waits are for
people who think aloud: being cut off in mid-thought costs an interview more than half a second of
silence. `benchmarks/turn_taking.py` measures what the numbers are worth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from agent.turns.endings import Ending
from sessions.facts import Move
from sessions.plan import InterviewType, Patience


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known in a pause."""

    ending: Ending
    probability: float | None
    """The audio model's P(the turn ended); None when not known."""
    move: Move | None
    """What the interviewer did last, so what is being answered."""
    interview_type: InterviewType
    patience: Patience
    spoken_ms: int
    """Sound in the turn so far, pauses left out."""


class Waits(NamedTuple):
    """Milliseconds at normal patience, by how the last words sounded."""

    unfinished: int
    unclear: int
    finished: int


UNFINISHED_BELOW = 0.3
FINISHED_FROM = 0.6
"""Room noise moves the model's answer by 0.2 and more, so only its extremes are believed. livekit
cuts between at 0.36."""

WAITS = {
    Ending.ASKED_TIME: Waits(6000, 6000, 6000),
    Ending.ACKNOWLEDGED: Waits(3600, 3400, 3000),
    Ending.BROKEN_OFF: Waits(3400, 3200, 2800),
    Ending.PROMISED: Waits(2700, 2400, 2100),
    Ending.HANGING: Waits(2700, 2300, 1800),
    Ending.SHORT: Waits(2100, 1800, 1500),
    Ending.PLAIN: Waits(1900, 1450, 1200),
    Ending.CONCLUDED: Waits(1450, 1150, 900),
    Ending.CLOSED: Waits(900, 800, 650),
}

LONGEST_MS = {Patience.NORMAL: 6000, Patience.PATIENT: 8000, Patience.VERY_PATIENT: 10_000}

PATIENCE = {Patience.NORMAL: 1.0, Patience.PATIENT: 1.6, Patience.VERY_PATIENT: 2.3}
CLOSED_PATIENCE = {Patience.NORMAL: 1.0, Patience.PATIENT: 1.2, Patience.VERY_PATIENT: 1.5}
"""Whoever says that this was all is not left waiting, however patient the interviewer."""

THOUGHTFUL = {
    InterviewType.SYSTEM_DESIGN: 1.2,
    InterviewType.MACHINE_CODING: 1.2,
    InterviewType.DSA: 1.1,
}
"""Questions that are thought about aloud get longer pauses, while they are what is answered."""

SMALL_TALK = frozenset({Move.GREET, Move.CLOSE})
FOLLOW_UPS = frozenset({Move.PROBE, Move.CLARIFY})

BRIEF_FACTOR = {True: 0.7, False: 0.85}
"""What is said to small talk (true) or a follow-up (false) is shorter, and sooner complete."""

BEGINNING_MS, BEGINNING_FACTOR = 4_000, 1.15
"""Hardly an answer to a question ends so soon."""
LONG_MS, LONG_FACTOR = 30_000, 0.9
"""Much has been said: when it sounds whole, it likely is."""


def wait_ms(evidence: Evidence) -> int:
    """Milliseconds of silence, from the last sound on, after which the turn is over."""
    row = WAITS[_ending_in_context(evidence)]
    base_ms = row[_sound(evidence.probability)]
    if evidence.ending is Ending.CLOSED:
        return round(base_ms * CLOSED_PATIENCE[evidence.patience])
    scaled = base_ms * PATIENCE[evidence.patience] * _question_factor(evidence)
    return min(round(scaled), LONGEST_MS[evidence.patience])


def _ending_in_context(evidence: Evidence) -> Ending:
    """To small talk and follow-ups "yes" and "two weeks" are answers; to questions they are not."""
    is_brief = evidence.move in SMALL_TALK or evidence.move in FOLLOW_UPS
    if is_brief and evidence.ending in (Ending.SHORT, Ending.ACKNOWLEDGED):
        return Ending.PLAIN
    return evidence.ending


def _sound(probability: float | None) -> int:
    if probability is None or UNFINISHED_BELOW <= probability < FINISHED_FROM:
        return Waits._fields.index("unclear")
    return Waits._fields.index("unfinished" if probability < UNFINISHED_BELOW else "finished")


def _question_factor(evidence: Evidence) -> float:
    if evidence.move in SMALL_TALK or evidence.move in FOLLOW_UPS:
        return BRIEF_FACTOR[evidence.move in SMALL_TALK]
    factor = THOUGHTFUL.get(evidence.interview_type, 1.0)
    if evidence.spoken_ms < BEGINNING_MS:
        return factor * BEGINNING_FACTOR
    is_whole = evidence.ending in (Ending.PLAIN, Ending.CONCLUDED)
    return factor * (LONG_FACTOR if is_whole and evidence.spoken_ms >= LONG_MS else 1.0)
