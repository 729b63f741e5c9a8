"""What a room would be told of a spoken answer, and when: voice activity, words, the audio model.

The voice activity and the audio model are the real ones, run over the made audio. The recogniser
is a model of one: it knows the script.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from livekit import rtc
from livekit.agents import vad
from livekit.agents.inference.eot.base import MIN_SILENCE_DURATION_MS

from agent.pipeline.end_of_turn import EndOfTurnModel
from agent.providers.vad.silero import SileroStream, SileroVAD
from benchmarks.turn_answers import RATE_HZ, SpokenAnswer

FRAME_MS = 32
JUDGING_MS = 40
"""What the audio model takes for its answer, added to the time it was asked."""

INTERIM_EVERY_MS = 300
INTERIM_LAG_MS = 200
FINAL_AFTER_MS = 300
MISSED_SHARE = 0.04
"""Words that the recogniser leaves out."""

FILLERS = frozenset({"um", "uh", "hmm"})


@dataclass(frozen=True, slots=True)
class Began:
    at_ms: int
    began_ms: int


@dataclass(frozen=True, slots=True)
class Quiet:
    """So much silence that livekit asks its model; `probability` is the answer."""

    at_ms: int
    probability: float | None


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of speech. `probability` is the audio model's answer when asked now."""

    at_ms: int
    ended_ms: int
    probability: float | None


@dataclass(frozen=True, slots=True)
class Words:
    """All words of the answer so far."""

    at_ms: int
    words: tuple[str, ...]
    is_final: bool


Event = Began | Quiet | Ended | Words


@dataclass(frozen=True, slots=True)
class Track:
    """An answer as a room hears it, in the order of time."""

    answer: SpokenAnswer
    sounds: tuple[Began | Quiet | Ended, ...]

    def events(self, words: Iterable[Words]) -> list[Event]:
        return sorted([*self.sounds, *words], key=lambda event: event.at_ms)


@dataclass(frozen=True, slots=True)
class Recogniser:
    """Interims while somebody speaks, a final after each segment; the same for the same seed."""

    keeps_fillers: bool = True
    final_after_ms: int = FINAL_AFTER_MS

    def hear(self, answer: SpokenAnswer, seed: int) -> Iterator[Words]:
        chance = random.Random(seed)  # noqa: S311 -- a reproducible bench, no secret
        before: tuple[str, ...] = ()
        for segment in answer.segments:
            heard = [word for word in segment.words if self._hears(word.text, chance)]
            final_ms = segment.end_ms + self.final_after_ms
            told = 0
            for at_ms in range(segment.start_ms + INTERIM_EVERY_MS, final_ms, INTERIM_EVERY_MS):
                count = sum(word.end_ms <= at_ms - INTERIM_LAG_MS for word in heard)
                if count > told:
                    told = count
                    yield Words(at_ms, (*before, *(w.text for w in heard[:count])), False)
            if heard:
                before = (*before, *(word.text for word in heard))
                yield Words(final_ms, before, True)

    def _hears(self, word: str, chance: random.Random) -> bool:
        if word in FILLERS:
            return self.keeps_fillers
        return chance.random() >= MISSED_SHARE


async def listen(answers: Sequence[SpokenAnswer], model: EndOfTurnModel) -> list[Track]:
    return [Track(answer, tuple(await _sounds(answer, model))) for answer in answers]


async def _sounds(answer: SpokenAnswer, model: EndOfTurnModel) -> list[Began | Quiet | Ended]:
    sounds: list[Began | Quiet | Ended] = []
    is_asked = False
    for event in await _voice_activity(answer):
        at_ms = round(event.timestamp * 1000)
        if event.type is vad.VADEventType.START_OF_SPEECH:
            sounds.append(Began(at_ms, at_ms - round(event.speech_duration * 1000)))
            is_asked = False
        elif event.type is vad.VADEventType.END_OF_SPEECH:
            ended_ms = at_ms - round(event.silence_duration * 1000)
            sounds.append(Ended(at_ms, ended_ms, await _judge(answer, at_ms, model)))
        elif not event.raw_accumulated_silence:
            is_asked = False
        elif (
            event.speaking
            and not is_asked
            and event.raw_accumulated_silence * 1000 >= MIN_SILENCE_DURATION_MS
        ):
            is_asked = True
            sounds.append(Quiet(at_ms, await _judge(answer, at_ms, model)))
    return sounds


async def _judge(answer: SpokenAnswer, at_ms: int, model: EndOfTurnModel) -> float | None:
    return await model.predict(answer.samples[: at_ms * RATE_HZ // 1000])


async def _voice_activity(answer: SpokenAnswer) -> list[vad.VADEvent]:
    stream = SileroVAD().stream()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_push(stream, answer))
        return [event async for event in stream]


async def _push(stream: SileroStream, answer: SpokenAnswer) -> None:
    size = RATE_HZ * FRAME_MS // 1000
    for begin in range(0, answer.samples.size - size + 1, size):
        stream.push_frame(
            rtc.AudioFrame(answer.samples[begin : begin + size].tobytes(), RATE_HZ, 1, size)
        )
        await asyncio.sleep(0)  # the stream keeps only so many unread results
    stream.end_input()
