"""Whoever speaks into a socket: a recorded voice in real time, and notes of what came of it.

The microphone sends 40 ms frames of 16 kHz like the page's. Moments are in seconds of
`time.monotonic`.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from benchmarks.peers.script import MICROPHONE_HZ

FRAME_MS = 40
FRAME_BYTES = MICROPHONE_HZ * FRAME_MS // 1000 * 2

THINKING_S = 0.3  # from the end of the question to the first word of the answer
HEARD_LIMIT_S = 8.0  # after the last word: an answer not heard by then is missed
ASKED_LIMIT_S = 60.0
CLOSED_LIMIT_S = 20.0


class Broken(Exception):
    """The server did what it must not: the message says what."""


@dataclass(frozen=True, slots=True)
class SpokenAnswer:
    frames: tuple[bytes, ...]
    last_voiced: int
    """Index of the frame with the last audible sample."""


@dataclass(slots=True)
class Turn:
    """One answer, and what came of it. What comes before its last word is no answer to it."""

    finished_s: float | None = None  # its last voiced frame was sent
    decided_s: float | None = None  # the first sign that the server takes it to be over
    heard_s: float | None = None  # its words arrived, as final
    replied_s: float | None = None  # the first audio frame of the reply arrived
    is_cut_short: bool = False
    """Taken to be over before its last word; the rest of it may still be heard."""
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    replied: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def reply_ms(self) -> float | None:
        """From the last voiced frame."""
        if self.finished_s is None or self.replied_s is None:
            return None
        return (self.replied_s - self.finished_s) * 1000

    @property
    def reply_work_ms(self) -> float | None:
        """From the decision that the turn is over, as far as it is told."""
        if self.decided_s is None or self.replied_s is None:
            return None
        return (self.replied_s - self.decided_s) * 1000

    def note_decided(self) -> None:
        if self.finished_s is not None and self.decided_s is None:
            self.decided_s = time.monotonic()

    def note_heard(self) -> None:
        if self.finished_s is None:
            self.is_cut_short = True
        elif self.heard_s is None:
            self.heard_s = time.monotonic()
            self.note_decided()
            self.heard.set()

    def note_replied(self) -> None:
        if self.finished_s is not None and self.replied_s is None:
            self.replied_s = time.monotonic()
            self.note_decided()
            self.replied.set()


class Guest(ABC):
    """The microphone, the order of things, what is noted; where it speaks is the subclass's.

    `take_part` once: connects, answers `turns` times, leaves.
    """

    def __init__(self, url: str, answer: SpokenAnswer, turns: int) -> None:
        self.url = url
        self._answer = answer
        self._turn_count = turns
        self._may_speak = asyncio.Event()
        self._has_spoken = asyncio.Event()
        self._position: int | None = None  # in the answer's frames, while it is spoken
        self.sent_frames = 0
        self.turns: list[Turn] = []
        self.late_ms: list[float] = []
        """How late each microphone frame was sent: the load generator's own delay."""
        self.notices: list[str] = []
        self.is_refused = False
        """All rooms were taken."""
        self.entered_s: float | None = None
        self.left_s: float | None = None

    @property
    def is_inside(self) -> bool:
        return self.entered_s is not None and self.left_s is None

    async def take_part(self) -> None:
        """Raises Broken."""
        try:
            async with connect(
                self.url, max_size=None, compression=None, open_timeout=ASKED_LIMIT_S
            ) as socket:
                await self._converse(socket)
        except TimeoutError as exc:
            raise Broken("a room did not get on in time") from exc
        except OSError as exc:
            raise Broken(f"a room cannot be reached: {exc}") from exc
        finally:
            self.left_s = time.monotonic()

    async def _converse(self, socket: ClientConnection) -> None:
        self.sent_frames = 0  # a socket's clock begins with its first frame
        await self.greet(socket)
        try:
            async with asyncio.TaskGroup() as tasks:
                helpers = [
                    tasks.create_task(self.acknowledge(socket)),
                    tasks.create_task(self._stream(socket)),
                    tasks.create_task(self._answer_all(socket)),
                ]
                await self.listen(socket)
                for helper in helpers:
                    helper.cancel()
        except* Broken as group:
            raise group.exceptions[0] from None

    @abstractmethod
    async def greet(self, socket: ClientConnection) -> None:
        """The first thing on the socket."""

    @abstractmethod
    async def listen(self, socket: ClientConnection) -> None:
        """Until the conversation is over. Raises Broken."""

    @abstractmethod
    async def acknowledge(self, socket: ClientConnection) -> None:
        """Say what was played."""

    @abstractmethod
    async def leave(self, socket: ClientConnection) -> None:
        """All is said: make the conversation end."""

    @abstractmethod
    def packed(self, pcm: bytes) -> bytes:
        """The next microphone frame, as it goes over the socket."""

    async def while_speaking(self, socket: ClientConnection) -> None:  # noqa: B027 -- most do nothing
        """Something to do beside the speaking."""

    # -- what is said ----------------------------------------------------------------------------

    async def _answer_all(self, socket: ClientConnection) -> None:
        # Whoever is not asked in time says no more, and those answers are missed.
        with contextlib.suppress(TimeoutError):
            for _ in range(self._turn_count):
                await self._until_asked()
                await asyncio.sleep(THINKING_S)
                await self.answer_once(socket)
            await self._until_asked()  # the last reply is heard out too
        with contextlib.suppress(ConnectionClosed):
            await self.leave(socket)
        try:
            async with asyncio.timeout(CLOSED_LIMIT_S):
                await socket.wait_closed()  # which is what `listen` waits for
        except TimeoutError as exc:
            raise Broken(f"a room did not close in {CLOSED_LIMIT_S:.0f} s") from exc

    async def _until_asked(self) -> None:
        async with asyncio.timeout(ASKED_LIMIT_S):
            await self._may_speak.wait()

    async def answer_once(self, socket: ClientConnection) -> None:
        turn = Turn()
        self.turns.append(turn)
        self._has_spoken.clear()
        self._position = 0
        await self.while_speaking(socket)
        await self._has_spoken.wait()
        with contextlib.suppress(TimeoutError):  # a turn not heard, or not replied to
            async with asyncio.timeout(HEARD_LIMIT_S):
                await turn.heard.wait()
                await turn.replied.wait()

    async def _stream(self, socket: ClientConnection) -> None:
        """The microphone: the answer when it is spoken, silence otherwise."""
        silence = bytes(FRAME_BYTES)
        began_s = time.monotonic()
        while True:
            position = self._position
            pcm = silence if position is None else self._answer.frames[position]
            try:
                await socket.send(self.packed(pcm))
            except ConnectionClosed:
                return  # `listen` says why
            if position is not None:
                self._note_spoken(position)
            now_s = time.monotonic()
            due_s = began_s + self.sent_frames * FRAME_MS / 1000
            self.late_ms.append((now_s - due_s) * 1000)
            self.sent_frames += 1
            await asyncio.sleep(max(due_s + FRAME_MS / 1000 - now_s, 0))

    def _note_spoken(self, position: int) -> None:
        if position == self._answer.last_voiced:
            self.turns[-1].finished_s = time.monotonic()
            self._has_spoken.set()
        self._position = position + 1 if position + 1 < len(self._answer.frames) else None
