"""What a list of interviews shows of each one's facts. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sessions.facts import AnswerScored, ConsentGiven, Numbered, QuestionAsked
from sessions.ids import QuestionId
from sessions.lifecycle import Status, next_status


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """`seq` is the last fact folded in; times are epoch ms."""

    seq: int = 0
    status: Status = Status.SETUP
    asked: tuple[QuestionId, ...] = ()
    answered: tuple[QuestionId, ...] = ()
    started_ms: int | None = None
    ended_ms: int | None = None


def project(projection: Projection, facts: Iterable[Numbered]) -> Projection:
    """Fold the facts after `projection.seq`; those already folded in are passed over."""
    for numbered in facts:
        if numbered.seq > projection.seq:
            projection = _step(projection, numbered)
    return projection


def _step(projection: Projection, numbered: Numbered) -> Projection:
    fact = numbered.fact
    was_over = projection.status.is_over
    projection = replace(projection, seq=numbered.seq, status=next_status(projection.status, fact))
    if projection.status.is_over and not was_over:
        projection = replace(projection, ended_ms=fact.at_ms)
    match fact:
        case ConsentGiven() if projection.started_ms is None:
            return replace(projection, started_ms=fact.at_ms)
        case QuestionAsked() if fact.question_id not in projection.asked:
            return replace(projection, asked=(*projection.asked, fact.question_id))
        case AnswerScored() if fact.question_id not in projection.answered:
            return replace(projection, answered=(*projection.answered, fact.question_id))
        case _:
            return projection
