"""Where in the recording a report's quotes and lines are, for the player on its page. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from scoring.model import Quote, TranscriptLine
from scoring.spoken import SpokenAnswer, cue_spread
from sessions.facts import AnswerHeard, Fact, InterviewerSpoke, RecordingStored, Speaker
from sessions.recording import Recording, fold_recording

LEAD_IN_MS = 300
"""Played before a quote's first word, and TAIL_MS after its last: words are not clipped so."""
TAIL_MS = 500
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A stretch of one part, in ms of its own time: what is said, and what is played of it."""

    part: int
    said_from_ms: int
    said_to_ms: int
    from_ms: int
    to_ms: int


class Playback:
    """The recording of one interview, and where its words lie in it."""

    def __init__(self, facts: Sequence[Fact], *, keep_days: int) -> None:
        self.recording: Recording = fold_recording(facts)
        self.keep_days = keep_days
        self._answers = {fact.turn: fact for fact in facts if isinstance(fact, AnswerHeard)}
        self._spoken: dict[int, SpokenAnswer] = {}
        self._said = {fact.utterance: fact for fact in facts if isinstance(fact, InterviewerSpoke)}

    @property
    def is_playable(self) -> bool:
        return bool(self.recording.parts)

    @property
    def kept_until_ms(self) -> int | None:
        """When retention deletes it; None while the interview is not over."""
        ended_ms = self.recording.ended_ms
        return None if ended_ms is None else ended_ms + self.keep_days * _DAY_MS

    @property
    def parts_json(self) -> str:
        """What the player's script reads."""
        parts = [
            {"part": part.part, "started_ms": part.started_ms, "duration_ms": part.duration_ms}
            for part in self.recording.parts
        ]
        return json.dumps(parts)

    @property
    def whole(self) -> Spot | None:
        """The first part, from its start to its end."""
        if not self.recording.parts:
            return None
        first = self.recording.parts[0]
        return _spot(first, first.started_ms, first.started_ms + first.duration_ms)

    def of_quote(self, quote: Quote) -> Spot | None:
        """None when the words were typed, have no times, or were not recorded."""
        if quote.turn not in self._answers:
            return None
        span = self._speak(self._answers[quote.turn]).span(quote.start, quote.end)
        return None if span is None else self._find(*span)

    def of_line(self, line: TranscriptLine) -> Spot | None:
        fact = None if line.is_typed else self._fact(line)
        return None if fact is None else self._find(fact.started_ms, fact.ended_ms)

    def cues(self, line: TranscriptLine, spot: Spot) -> str:
        """The line's captions as `start-end@ms`: characters of its text (code points), and the
        time in the part from which they are shown."""
        part, fact = self.recording.find(spot.part), self._fact(line)
        if part is None or fact is None:
            return ""
        if isinstance(fact, AnswerHeard):
            cues = self._speak(fact).cues()
        else:
            cues = cue_spread(fact.heard, fact.started_ms, fact.ended_ms)
        return " ".join(
            f"{cue.start}-{cue.end}@{max(0, cue.at_ms - part.started_ms)}" for cue in cues
        )

    def _fact(self, line: TranscriptLine) -> AnswerHeard | InterviewerSpoke | None:
        if line.speaker is Speaker.CANDIDATE:
            return self._answers.get(line.turn)
        return self._said.get(line.turn)

    def _speak(self, answer: AnswerHeard) -> SpokenAnswer:
        if answer.turn not in self._spoken:
            self._spoken[answer.turn] = SpokenAnswer(answer)
        return self._spoken[answer.turn]

    def _find(self, start_ms: int, end_ms: int) -> Spot | None:
        place = self.recording.place(start_ms)
        return None if place is None else _spot(place.part, start_ms, end_ms)


def _spot(part: RecordingStored, start_ms: int, end_ms: int) -> Spot:
    said_from_ms = start_ms - part.started_ms
    said_to_ms = min(max(end_ms - part.started_ms, said_from_ms), part.duration_ms)
    return Spot(
        part=part.part,
        said_from_ms=said_from_ms,
        said_to_ms=said_to_ms,
        from_ms=max(0, said_from_ms - LEAD_IN_MS),
        to_ms=min(part.duration_ms, said_to_ms + TAIL_MS),
    )
