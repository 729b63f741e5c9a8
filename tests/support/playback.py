"""A sink with a client at its end that plays, stops, stalls, lies or goes away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from livekit import rtc
from livekit.agents.voice.io import PlaybackFinishedEvent, PlaybackStartedEvent

from agent.outlet import Outlet
from agent.pipeline.sink import SocketAudioOutput
from agent.utterance import Utterance
from sessions.facts import Move
from sessions.interview import Say
from sessions.protocol import (
    PLAYBACK_RATE_HZ,
    AudioFrame,
    CloseCode,
    ServerMessage,
)
from tests.support.clock import FakeClock
from tests.support.polling import eventually

FRAME_MS = 100
SHORT_S = 0.01
"""Stands for a limit that a test waits out."""

_T = TypeVar("_T")


class Line:
    """A connection that notes what is sent."""

    def __init__(self) -> None:
        self.sent: list[ServerMessage] = []
        self.frames: list[AudioFrame] = []

    def send(self, message: ServerMessage) -> None:
        self.sent.append(message)

    def send_audio(self, data: bytes) -> None:
        self.frames.append(AudioFrame.from_bytes(data))

    def close(self, code: CloseCode) -> None:
        raise AssertionError(f"the sink closes nothing, but did with {code}")

    @property
    def sent_ms(self) -> float:
        return sum(frame.duration_ms for frame in self.frames)


class Playback:
    """A sink with a client at its end, and the events that the session sees."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.line = Line()
        self.outlet = Outlet()
        self.outlet.connection = self.line
        self.sink = SocketAudioOutput(self.outlet, self.clock)
        self.started: list[PlaybackStartedEvent] = []
        self.finished: list[PlaybackFinishedEvent] = []
        self.sink.on("playback_started", self.started.append)
        self.sink.on("playback_finished", self.finished.append)
        self.utterance = self.begin(1)

    def begin(self, number: int) -> Utterance:
        self.utterance = Utterance(number, Say(Move.ASK), self.clock.now_ms())
        self.sink.begin(self.utterance)
        return self.utterance

    async def say(self, sentence: str, frames: int) -> None:
        """A sentence and its audio, as the voice and the session hand them on."""
        self.utterance.begin_sentence(sentence)
        for _ in range(frames):
            self.utterance.extend_audio(FRAME_MS)
            await self.sink.capture_frame(frame())
        self.utterance.end_sentence()

    def interrupt(self) -> None:
        """As the session does it: what it was forwarding ends, and the buffer is cleared."""
        self.sink.flush()
        self.sink.clear_buffer()
        self.sink.clear_buffer()

    def hang_up(self) -> None:
        self.outlet.connection = None
        self.sink.abandon()

    async def until_finished(self, count: int = 1) -> None:
        async def is_finished() -> bool:
            return len(self.finished) >= count

        await eventually(is_finished, limit_s=2, every_s=0.001)

    @property
    def only_end(self) -> PlaybackFinishedEvent:
        (event,) = self.finished
        return event


def frame(duration_ms: int = FRAME_MS) -> rtc.AudioFrame:
    samples = PLAYBACK_RATE_HZ * duration_ms // 1000
    return rtc.AudioFrame(bytes(samples * 2), PLAYBACK_RATE_HZ, 1, samples)


async def soon(waited_for: Awaitable[_T]) -> _T:
    async with asyncio.timeout(2):
        return await waited_for


async def turns_of_the_loop(count: int = 10) -> None:
    for _ in range(count):
        await asyncio.sleep(0)
