"""The soak's candidates: half end their interview; others just go, lose their line, or flood."""

from __future__ import annotations

import asyncio
import contextlib

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from benchmarks.candidate import Candidate, RoomPass
from benchmarks.guest import CLOSED_LIMIT_S, Broken, SpokenAnswer
from benchmarks.peers.script import ANSWER
from sessions import protocol
from sessions.protocol import CloseCode

AWAY_S = 1.0  # from the cut to coming back
FLOOD_MESSAGES = 2_000
ABNORMAL = 1006


class Steady(Candidate):
    """Ends the interview. Types what was not heard, as the page would propose."""

    kind = "ends"

    async def answer_once(self, socket: ClientConnection) -> None:
        await super().answer_once(socket)
        if self.turns[-1].heard_s is None:
            typed = protocol.Typed(id=f"typed-{len(self.turns)}", text=ANSWER)
            with contextlib.suppress(ConnectionClosed):
                await socket.send(typed.model_dump_json())


class Leaver(Steady):
    """Closes the page in the middle of the interview, for good."""

    kind = "leaves"

    async def leave(self, socket: ClientConnection) -> None:
        await socket.close()

    def note_closed(self, code: int) -> None:
        if code in (1000, 1005):  # its own; the room may also have been quicker
            return
        super().note_closed(code)


class Returner(Steady):
    """Loses the line in mid-word, comes back, says it again and ends the interview."""

    kind = "is cut"

    def __init__(self, room: RoomPass, answer: SpokenAnswer, turns: int) -> None:
        super().__init__(room, answer, turns)
        self._socket: ClientConnection | None = None
        self._cut_at: int | None = len(answer.frames) // 2
        self._was_cut = False

    async def take_part(self) -> None:
        await super().take_part()
        if self._was_cut:
            self._position = None
            self._may_speak.clear()
            self.turns.clear()
            self.left_s = None
            await asyncio.sleep(AWAY_S)
            await super().take_part()

    async def greet(self, socket: ClientConnection) -> None:
        self._socket = socket
        await super().greet(socket)

    def packed(self, pcm: bytes) -> bytes:
        if self._position is not None and self._position == self._cut_at and self._socket:
            self._cut_at = None
            self._socket.transport.abort()
        return super().packed(pcm)

    def note_closed(self, code: int) -> None:
        if self._cut_at is None and not self._was_cut and code == ABNORMAL:
            self._was_cut = True
        else:
            super().note_closed(code)


class Flooder(Steady):
    """Sends more than anybody may, and is closed for it."""

    kind = "floods"

    _has_flooded = False

    async def leave(self, socket: ClientConnection) -> None:
        self._has_flooded = True
        ping = protocol.Ping(t=0).model_dump_json()
        with contextlib.suppress(ConnectionClosed):
            for _ in range(FLOOD_MESSAGES):
                await socket.send(ping)
            async with asyncio.timeout(CLOSED_LIMIT_S):
                await socket.wait_closed()

    def note_closed(self, code: int) -> None:
        if self._has_flooded and code == CloseCode.ENDED:
            raise Broken(f"{FLOOD_MESSAGES} messages at once were taken")
        if code != CloseCode.FLOODING:
            super().note_closed(code)


_ORDER: tuple[type[Steady], ...] = (
    Steady, Leaver, Steady, Returner, Steady, Leaver, Steady, Returner, Steady, Flooder,
)  # fmt: skip


def guest(number: int, room: RoomPass, answer: SpokenAnswer) -> Steady:
    """Of each ten: five end it, two leave, two are cut, one floods; one or two answers each."""
    return _ORDER[number % len(_ORDER)](room, answer, 1 + number // len(_ORDER) % 2)
