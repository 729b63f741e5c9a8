"""What was said so far, as captions: for a page that comes back to its room."""

from __future__ import annotations

from collections.abc import Iterable

from sessions.facts import AnswerHeard, Fact, FillerHeard, InterviewerSpoke, Speaker, Timing
from sessions.protocol import Caption, FillerMark


def fold_captions(facts: Iterable[Fact]) -> tuple[Caption, ...]:
    """The finished captions of both sides in the order they were begun.

    What the interviewer said is the part that was heard; an utterance of which nothing was
    heard has no caption. Fillers are marked from the facts, not looked for again.
    """
    said: list[AnswerHeard | InterviewerSpoke] = []
    marks: dict[int, list[FillerMark]] = {}
    for fact in facts:
        match fact:
            case AnswerHeard() | InterviewerSpoke():
                said.append(fact)
            case FillerHeard():
                mark = FillerMark(filler=fact.filler, start=fact.start, end=fact.end)
                marks.setdefault(fact.turn, []).append(mark)
            case _:
                pass
    return tuple(
        _caption(turn, marks)
        for turn in sorted(said, key=lambda turn: turn.started_ms)
        if isinstance(turn, AnswerHeard) or turn.heard
    )


def _caption(turn: AnswerHeard | InterviewerSpoke, marks: dict[int, list[FillerMark]]) -> Caption:
    if isinstance(turn, InterviewerSpoke):
        return Caption(speaker=Speaker.INTERVIEWER, id=turn.utterance, text=turn.heard, final=True)
    found = sorted(marks.get(turn.turn, []), key=lambda mark: mark.start)
    return Caption(
        speaker=Speaker.CANDIDATE,
        id=turn.turn,
        text=turn.text,
        final=True,
        fillers=tuple(found),
        typed=turn.timing is Timing.NONE,
    )
