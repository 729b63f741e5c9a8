"""Which key point to follow up on, and how often: pure, by level, phases and what was found."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sessions.facts import Coverage
from sessions.ids import KeyPointId
from sessions.plan import Difficulty, Phase, Question

PROBES = {Difficulty.EASY: 1, Difficulty.MEDIUM: 1, Difficulty.HARD: 2, Difficulty.EXPERT: 3}
"""Follow-ups a question may have, by the interview's level."""
PHASE_PROBES = 2
"""More of them, at most, where a question has phases to be led through."""


def most_probes(question: Question, level: Difficulty) -> int:
    usual = PROBES[level]
    return max(usual, min(len(_phases(question)), usual + PHASE_PROBES))


def choose_probe(
    question: Question, found: Mapping[KeyPointId, Coverage], probed: Collection[KeyPointId]
) -> KeyPointId | None:
    """The first key point that is missing, else the first that is partly covered; of a question
    with phases, in a phase that was not asked about yet. None when nothing is left to ask."""
    asked = {point.phase for point in question.key_points if point.id in probed}
    open_phases = _phases(question) - asked
    wanted = [
        point
        for coverage in (Coverage.MISSING, Coverage.PARTLY)
        for point in question.key_points
        if found.get(point.id, Coverage.MISSING) is coverage and point.id not in probed
    ]
    led = sorted(wanted, key=lambda point: point.phase not in open_phases)
    return led[0].id if led else None


def _phases(question: Question) -> set[Phase]:
    return {point.phase for point in question.key_points if point.phase}
