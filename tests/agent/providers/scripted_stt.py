"""A room that listens through a chain of recognisers, and recognisers that do as they are told."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
from livekit import rtc
from livekit.agents import APIConnectOptions, APIError, LanguageCode, stt
from livekit.agents.types import (
    DEFAULT_API_CONNECT_OPTIONS,
    NOT_GIVEN,
    NotGivenOr,
    TimedString,
)

from agent.providers.health import Health
from agent.providers.stt.chain import FallbackStream, FallbackSTT, Member
from agent.providers.stt.streaming import StreamingSTT
from agent.usage import Used
from tests.agent.providers.sound import frames_of
from tests.support.clock import FakeClock
from tests.support.polling import eventually
from tests.support.speech import SpokenPart

RATE_HZ = 16_000
FRAME_S = 0.02
TIMEOUT_S = 5.0
KIND = stt.SpeechEventType


def plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z']+", text.lower()))


@dataclass
class Room:
    """What a room does with the chain, and what it is told."""

    clock: FakeClock = field(default_factory=FakeClock)
    switches: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    used: list[Used] = field(default_factory=list[Used])
    events: list[stt.SpeechEvent] = field(default_factory=list[stt.SpeechEvent])
    position_s: float = 0.0

    def __post_init__(self) -> None:
        self.health = Health(self.clock)

    def chain(self, *members: Member) -> FallbackSTT:
        return FallbackSTT(
            members,
            health=self.health,
            clock=self.clock,
            timeout_s=TIMEOUT_S,
            on_switch=lambda from_, to, reason: self.switches.append((from_, to, reason)),
            on_used=self.used.append,
        )

    @asynccontextmanager
    async def listening(
        self, *members: Member, chain: FallbackSTT | None = None
    ) -> AsyncGenerator[FallbackStream]:
        chain = chain or self.chain(*members)
        stream = chain.stream()

        async def read() -> None:
            async for event in stream:
                self.events.append(event)

        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(read())
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            yield stream
            await stream.aclose()
            reading.cancel()
        await chain.aclose()
        for member in chain.members:
            await member.stt.aclose()

    def push(self, stream: FallbackStream, seconds: float) -> None:
        """Sound whose samples say where in the audio they are, in hundredths of a second."""
        for _ in range(round(seconds / FRAME_S)):
            samples = np.full(round(FRAME_S * RATE_HZ), round(self.position_s * 100), np.int16)
            stream.push_frame(rtc.AudioFrame(samples.tobytes(), RATE_HZ, 1, samples.size))
            self.position_s = round(self.position_s + FRAME_S, 3)

    def speak(self, stream: FallbackStream, seconds: float) -> None:
        stream.note_speech(True)
        self.push(stream, seconds)
        stream.note_speech(False)

    def push_speech(
        self, stream: FallbackStream, pcm: bytes, spoken: Sequence[SpokenPart] = ()
    ) -> None:
        """The VAD notes speech a little late, and its end later still."""
        notes = [
            (at_s, goes_on)
            for part in spoken
            for at_s, goes_on in ((part.start_s + 0.1, True), (part.end_s + 0.3, False))
        ]
        position_s = 0.0
        for frame in frames_of(pcm, RATE_HZ):
            stream.push_frame(frame)
            position_s += frame.duration
            while notes and notes[0][0] <= position_s:
                stream.note_speech(notes.pop(0)[1])

    @property
    def finals(self) -> list[stt.SpeechData]:
        return [e.alternatives[0] for e in self.events if e.type is KIND.FINAL_TRANSCRIPT]

    @property
    def said(self) -> list[str]:
        return [plain(data.text) for data in self.finals]

    @property
    def path(self) -> list[tuple[str, str]]:
        return [(from_, to) for from_, to, _ in self.switches]


async def until(claim: Callable[[], bool], *, limit_s: float = 15.0) -> None:
    async def holds() -> bool:
        return claim()

    await eventually(holds, limit_s=limit_s)


class Scripted(StreamingSTT):
    """Says what the test says. `dies` has what the next streams raise at once."""

    keeps_fillers = True

    def __init__(self, *dies: Exception) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=True, interim_results=True))
        self.dies = list(dies)
        self.streams: list[ScriptedStream] = []

    @property
    def model(self) -> str:
        return "scripted-1"

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> ScriptedStream:
        dies = self.dies.pop(0) if self.dies else None
        self.streams.append(ScriptedStream(stt=self, conn_options=conn_options, dies=dies))
        return self.streams[-1]


class ScriptedStream(stt.RecognizeStream):
    def __init__(
        self, *, stt: Scripted, conn_options: APIConnectOptions, dies: Exception | None
    ) -> None:
        super().__init__(stt=stt, conn_options=conn_options)
        self._dies = dies
        self._dying = asyncio.Event()
        self.frames: list[rtc.AudioFrame] = []
        self.has_ended = False
        if dies is not None:
            self._dying.set()

    def push_frame(self, frame: rtc.AudioFrame) -> None:
        self._check_not_closed()
        self.frames.append(frame)

    def end_input(self) -> None:
        self.has_ended = True
        self._dying.set()

    @property
    def heard_from_s(self) -> float:
        return self.frames[0].data[0] / 100

    @property
    def heard_s(self) -> float:
        return sum(frame.duration for frame in self.frames)

    def say(self, text: str, start_s: float, *, is_final: bool = True) -> None:
        """A second a word, from `start_s` of this stream's own audio."""
        words = [
            TimedString(word, start_time=start_s + i, end_time=start_s + i + 1)
            for i, word in enumerate(text.split())
        ]
        data = stt.SpeechData(
            language=LanguageCode("en"),
            text=text,
            start_time=start_s,
            end_time=start_s + len(words),
            words=words,
        )
        kind = KIND.FINAL_TRANSCRIPT if is_final else KIND.INTERIM_TRANSCRIPT
        self._event_ch.send_nowait(stt.SpeechEvent(kind, alternatives=[data]))

    def die(self, exc: Exception | None = None) -> None:
        """Without an exception it just ends."""
        self._dies = exc
        self._dying.set()

    async def _run(self) -> None:
        await self._dying.wait()
        if self._dies is not None:
            raise self._dies


REFUSED = APIError("the key is refused", retryable=False)
DROPPED = APIError("the connection was lost")


def pair(*a_dies: Exception) -> tuple[Scripted, Scripted, list[Member]]:
    a, b = Scripted(*a_dies), Scripted()
    return a, b, [Member("a", a), Member("b", b)]
