"""A candidate who really speaks: a microphone in real time, and a loudspeaker that takes its time.

For virtual time: the microphone sends a frame every 40 ms, silence too, and what the interviewer
says is played as an ear would hear it. What the page's recogniser makes of it is the test's.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import numpy as np

from agent.playhead import Playhead
from agent.rooms import Rooms
from sessions.ids import InterviewId
from sessions.protocol import (
    VERSION,
    AudioFrame,
    Consent,
    Hello,
    Hold,
    Say,
    ServerMessage,
    Speech,
)
from tests.support.interviews import INTERVIEW
from tests.support.room import World, beside
from tests.support.room_client import Client
from tests.support.speech import speak_samples
from tests.support.virtual_time import VirtualClock, pass_ms

RATE_HZ = 16_000
FRAME_MS = 40
FRAME_BYTES = RATE_HZ * FRAME_MS // 1000 * 2
VOICED_PEAK = 330
"""-40 dB of full scale: what is softer is not heard as a voice yet."""


@dataclass(frozen=True)
class Line:
    """Something to say. `begins_ms`, `ends_ms`: where its sound lies in it."""

    pcm: bytes
    begins_ms: float
    ends_ms: float


@lru_cache
def line(*parts: str | float) -> Line:
    """By espeak-ng, as `speak_samples` has it, with a little noise as microphones have."""
    pcm, _ = speak_samples(parts, RATE_HZ)
    return line_of(np.frombuffer(pcm, np.int16))


def line_of(samples: np.ndarray[tuple[int], np.dtype[np.int16]]) -> Line:
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > VOICED_PEAK)
    return Line(
        samples.tobytes(), int(loud[0]) / RATE_HZ * 1000, int(loud[-1] + 1) / RATE_HZ * 1000
    )


def noise_line(duration_ms: int, *, amplitude: int = 12_000) -> Line:
    """A cough, a click, a door: loud, and no voice."""
    count = RATE_HZ * duration_ms // 1000
    made = np.random.default_rng(7).normal(0, amplitude / 3, count) * np.hanning(count)
    return line_of(made.clip(-32_768, 32_767).astype(np.int16))


def delayed(said: Line, by_ms: int) -> Line:
    silence = bytes(RATE_HZ * by_ms // 1000 * 2)
    return Line(silence + said.pcm, said.begins_ms + by_ms, said.ends_ms + by_ms)


class Talker(Client):
    """`agent.outlet.Connection` that plays in real time, and notes when each message came."""

    def __init__(self, clock: VirtualClock, hello: Hello) -> None:
        super().__init__()
        self.hello = hello
        self.clock = clock
        self.came_at_ms: list[int] = []
        """Of each message in `sent`."""
        self.first_audio_ms: dict[int, int] = {}
        """When each utterance's first frame came."""
        self._playhead = Playhead(is_real_time=True)
        self._to_say = bytearray()
        self.frames_fed = 0
        self._next_frame_ms = 0

    def send(self, message: ServerMessage) -> None:
        super().send(message)
        self.came_at_ms.append(self.clock.now_ms())

    def send_audio(self, data: bytes) -> None:
        super().send_audio(data)
        self.first_audio_ms.setdefault(self.audio[-1].utterance, self.clock.now_ms())

    def at_ms(self, wanted: ServerMessage) -> int:
        """When a message came."""
        return next(
            at_ms
            for message, at_ms in zip(self.sent, self.came_at_ms, strict=True)
            if message is wanted
        )

    async def use_microphone(self) -> None:
        """Until cancelled."""
        while True:
            await pass_ms(FRAME_MS)
            pcm = bytes(self._to_say[:FRAME_BYTES])
            del self._to_say[:FRAME_BYTES]
            frame = AudioFrame(
                RATE_HZ,
                0,
                self.frames_fed,
                self.frames_fed * FRAME_MS,
                pcm.ljust(FRAME_BYTES, b"\0"),
            )
            self.frames_fed += 1
            self._next_frame_ms = self.clock.now_ms()
            self.room.hear_audio(frame)

    def say(self, said: Line) -> int:
        """From the next frame on; the epoch ms of its first sound."""
        assert not self._to_say, "one thing after the other"
        self._to_say += said.pcm
        return round(self._next_frame_ms + said.begins_ms)

    async def say_all(self, said: Line) -> int:
        """The same, to the end of its sound."""
        began_ms = self.say(said)
        await self.until_ms(round(began_ms - said.begins_ms + said.ends_ms))
        return began_ms

    async def until_quiet(self) -> None:
        """All is said that there was to say."""
        while self._to_say:
            await pass_ms(FRAME_MS)

    async def until_ms(self, at_ms: int) -> None:
        await pass_ms(max(at_ms - self.clock.now_ms(), 0))

    async def recognised(self, text: str, *, began_ms: int, is_final: bool = True) -> None:
        """The page's recogniser heard it, from `began_ms` until just now."""
        until_ms = self.frames_fed * FRAME_MS
        await self.room.handle(
            Speech(
                id=f"page-{began_ms}",
                final=is_final,
                text=text,
                start_ms=max(until_ms - (self.clock.now_ms() - began_ms), 0),
                end_ms=until_ms,
            )
        )

    async def until_speaking(self, *, playing_ms: float = 0) -> Say:
        """The interviewer says something that it has not said before the last `do`."""
        said = await self.until(Say)
        await pass_ms(playing_ms)
        return said

    @property
    def holds(self) -> list[bool]:
        """Of the interviewer's voice, on and off, since the last `do`."""
        return [message.on for message in self.since if isinstance(message, Hold)]

    async def consent_to(self, *, recording: bool) -> None:
        await self.do(Consent(text_version="test", transcript=True, recording=recording))


_Talker = TypeVar("_Talker", bound=Talker)


@asynccontextmanager
async def at_work(
    talker: _Talker, rooms: Rooms, *, interview_id: InterviewId = INTERVIEW, leaves: bool = True
) -> AsyncGenerator[_Talker]:
    """In the room, with microphone and loudspeaker, for as long as the block runs."""
    await talker.enter(rooms, interview_id)
    async with AsyncExitStack() as stack:
        tasks = [
            await stack.enter_async_context(beside(work))
            for work in (talker.acknowledge(), talker.use_microphone())
        ]
        try:
            yield talker
        finally:
            for task in tasks:
                task.cancel()
            if leaves:
                await talker.room.leave(talker, "the socket closed")


@asynccontextmanager
async def talk_in(
    rooms: Rooms, clock: VirtualClock, *, recognises: bool = True, leaves: bool = True
) -> AsyncGenerator[Talker]:
    """A new talker in the room."""
    hello = Hello(v=VERSION, token="-", client="talker", recognises=recognises)
    async with at_work(Talker(clock, hello), rooms, leaves=leaves) as talker:
        yield talker


@asynccontextmanager
async def talk(
    world: World, clock: VirtualClock, *, recognises: bool = True
) -> AsyncGenerator[Talker]:
    """A talker in the only room of a process."""
    async with world.open_rooms() as rooms, talk_in(rooms, clock, recognises=recognises) as talker:
        yield talker
