"""The ways to find the end of a turn, and what each makes of an answer, in virtual time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from livekit.agents.inference.eot.languages import LOCAL_LANGUAGES
from livekit.agents.voice.turn import (
    _STREAMING_ENDPOINTING_DEFAULTS,  # pyright: ignore[reportPrivateUsage] -- its defaults, whatever they are in the version at hand
)

from agent.turns.turns import Turns
from benchmarks.turn_answers import SpokenAnswer
from benchmarks.turn_events import JUDGING_MS, Began, Ended, Event, Quiet, Words
from sessions.plan import Patience

ONSET_MS = 250
"""Voice activity is noticed so long after its begin at most: who ends a turn in that time has ended
it for the pause before."""


class System(Protocol):
    """Told of events in their order; says when the turn is over if nothing more comes."""

    def take(self, event: Event) -> None: ...

    def reset(self, now_ms: int) -> None:
        """The turn was taken. Words that come from now on are told without those before."""

    @property
    def due_ms(self) -> int | None: ...


@dataclass(slots=True)
class Rule:
    """livekit's rule, as in its `AudioRecognition`, and a fixed pause as a case of it.

    From the last sound it waits `min_ms`, or `max_ms` when the audio model's probability is under
    `threshold`; and until there is a final transcript.
    """

    min_ms: int
    max_ms: int = 0
    threshold: float | None = None
    _is_speech: bool = False
    _has_final: bool = False
    _sound_ms: int | None = None
    _ready_ms: int = 0
    _probability: float | None = None
    _due_ms: int | None = None

    def take(self, event: Event) -> None:
        match event:
            case Began():
                self._is_speech, self._due_ms, self._probability = True, None, None
            case Quiet():
                self._probability = event.probability
                self._ready_ms = event.at_ms + JUDGING_MS
            case Ended():
                self._is_speech, self._sound_ms = False, event.ended_ms
                self._bounce()
            case Words(is_final=True):
                self._has_final = True
                if self._sound_ms is None:
                    self._sound_ms = event.at_ms
                if not self._is_speech:
                    self._bounce()
            case Words():
                pass

    def reset(self, now_ms: int) -> None:
        self._has_final, self._due_ms, self._sound_ms, self._probability = False, None, None, None

    @property
    def due_ms(self) -> int | None:
        return self._due_ms

    def _bounce(self) -> None:
        if not self._has_final or self._sound_ms is None:
            return
        is_unlikely = (
            self.threshold is not None
            and self._probability is not None
            and self._probability < self.threshold
        )
        wait_ms = self.max_ms if is_unlikely else self.min_ms
        ready_ms = 0 if self.threshold is None else self._ready_ms
        self._due_ms = max(self._sound_ms + wait_ms, ready_ms)


@dataclass(slots=True)
class Ours:
    """`Turns`, with the audio model's answer when it wants one."""

    turns: Turns
    has_model: bool = True
    judgements: int = 0
    pauses: int = 0
    _answers: list[tuple[int, float]] = field(default_factory=list[tuple[int, float]])

    def take(self, event: Event) -> None:
        match event:
            case Began():
                self._answers.clear()
                self.turns.speech_began(event.began_ms)
            case Ended():
                self.turns.speech_ended(event.ended_ms)
                self.pauses += 1
                if self.has_model and self.turns.wants_judgement and event.probability is not None:
                    self.judgements += 1
                    # 40 ms early: no wait in the table is so short that it mattered.
                    self.turns.judged(event.probability)
            case Words():
                self.turns.heard(" ".join(event.words), is_final=event.is_final, at_ms=event.at_ms)
            case Quiet():
                pass

    def reset(self, now_ms: int) -> None:
        del now_ms
        self.turns.reset()

    @property
    def due_ms(self) -> int | None:
        return self.turns.due_ms


def livekit_default(min_ms: int | None = None) -> Rule:
    """With the settings of a session with its own turn detector; or another shortest wait."""
    defaults = _STREAMING_ENDPOINTING_DEFAULTS
    own_min_ms = round(defaults.get("min_delay", 0.3) * 1000)
    max_ms = round(defaults.get("max_delay", 2.5) * 1000)
    min_ms = own_min_ms if min_ms is None else min_ms
    return Rule(min_ms, max(max_ms, min_ms), LOCAL_LANGUAGES["en"])


def ours(answer: SpokenAnswer, patience: Patience, *, has_model: bool = True) -> Ours:
    turns = Turns(patience, answer.type)
    turns.begin(answer.move)
    return Ours(turns, has_model)


@dataclass(frozen=True, slots=True)
class Outcome:
    """When an answer's turns were ended. `delay_ms` is None when its end was never found."""

    cut_after: tuple[int, ...]
    """Indices of the segments after which, or in which, it was ended too early."""
    delay_ms: int | None


def outcome(system: System, answer: SpokenAnswer, events: Sequence[Event]) -> Outcome:
    decided_ms = _decisions(system, events)
    early = [at_ms for at_ms in decided_ms if at_ms < answer.end_ms]
    late = [at_ms - answer.end_ms for at_ms in decided_ms if at_ms >= answer.end_ms]
    cut_after = {
        max(
            (n for n, part in enumerate(answer.segments) if part.start_ms + ONSET_MS <= at_ms),
            default=0,
        )
        for at_ms in early
    }
    return Outcome(tuple(sorted(cut_after)), late[0] if late else None)


def _decisions(system: System, events: Sequence[Event]) -> list[int]:
    decided_ms: list[int] = []
    taken = told = now_ms = 0
    horizon_ms = events[-1].at_ms + 60_000
    for event in [*events, None]:
        next_ms = event.at_ms if event is not None else horizon_ms
        while (due_ms := system.due_ms) is not None and max(due_ms, now_ms) < next_ms:
            now_ms = max(due_ms, now_ms)
            decided_ms.append(now_ms)
            system.reset(now_ms)
            taken = told
        if event is None:
            break
        now_ms = next_ms
        if not isinstance(event, Words):
            system.take(event)
            continue
        told = len(event.words)
        if told > taken:
            system.take(Words(event.at_ms, event.words[taken:], event.is_final))
    return decided_ms
