"""A client of a real gateway on loopback, as good or as bad as a test wants it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from agent.playhead import Playhead
from agent.process import open_agent
from sessions.grants import RoomGrant, issue_room_token
from sessions.ids import AccountId, InterviewId
from sessions.protocol import (
    VERSION,
    AudioFrame,
    Clear,
    ClientMessage,
    CloseCode,
    Hello,
    Ping,
    Pong,
    Problem,
    SayEnd,
    ServerMessage,
    Welcome,
    parse_server,
)
from tests.support.interviews import INTERVIEW
from tests.support.room import World, beside

SECRET = "a secret of thirty-two characters"
LIMIT_S = 8.0
TOO_LARGE = 1009
"""RFC 6455's own code for a message that is too large."""

_Kind = TypeVar("_Kind", bound=Any)


@dataclass(frozen=True)
class Gate:
    """A gateway that listens. `world` has its clock, journal and settings."""

    world: World
    port: int

    def url(self, interview_id: str = INTERVIEW) -> str:
        return f"ws://127.0.0.1:{self.port}/v1/rooms/{interview_id}"

    def token(
        self,
        interview_id: InterviewId = INTERVIEW,
        *,
        secret: str = SECRET,
        valid_for_ms: int = 60_000,
    ) -> str:
        grant = RoomGrant(
            interview_id=interview_id,
            account_id=AccountId("account"),
            expires_ms=self.world.clock.now_ms() + valid_for_ms,
        )
        return issue_room_token(grant, secret)

    def hello(self, token: str | None = None) -> Hello:
        return Hello(v=VERSION, token=self.token() if token is None else token, client="guest")

    @asynccontextmanager
    async def meet(
        self, interview_id: str = INTERVIEW, *, url: str = "", origin: str | None = None
    ) -> AsyncGenerator[Guest]:
        """A socket, without a hello."""
        async with connect(
            url or self.url(interview_id),
            origin=None if origin is None else Origin(origin),
            proxy=None,
            compression=None,
            max_size=None,
        ) as socket:
            yield Guest(socket)

    @asynccontextmanager
    async def enter(self) -> AsyncGenerator[Guest]:
        """A guest whose hello was answered with a welcome."""
        async with self.meet() as guest:
            await guest.send(self.hello())
            await guest.until(Welcome)
            yield guest

    async def check_it_takes_a_good_client(self) -> None:
        async with self.enter() as guest:
            await guest.check_it_is_answered()

    async def request(self, path: str) -> str:
        """Plain HTTP: the answer as text, headers included."""
        async with asyncio.timeout(LIMIT_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            head = (
                f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nConnection: close\r\n\r\n"
            )
            writer.write(head.encode())
            answer = await reader.read()
            writer.close()
            await writer.wait_closed()
        return answer.decode()


class Guest:
    """One socket. It plays what it hears at once, and keeps the messages it got."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.got: list[ServerMessage] = []
        self.audio_ms = 0.0
        self._playhead = Playhead(is_real_time=False)

    async def send(self, message: ClientMessage) -> None:
        await self.socket.send(message.model_dump_json())

    async def send_raw(self, data: str | bytes) -> None:
        await self.socket.send(data)

    async def until(self, kind: type[_Kind]) -> _Kind:
        """The next message of a kind. Raises ConnectionClosed."""
        while not isinstance(message := await self._next(), kind):
            pass
        return message

    async def _next(self) -> ServerMessage:
        while True:
            async with asyncio.timeout(LIMIT_S):
                data = await self.socket.recv()
            if isinstance(data, str):
                message = parse_server(data)
                self.got.append(message)
                if isinstance(message, SayEnd):
                    self._playhead.end(message.utterance, message.audio_ms)
                elif isinstance(message, Clear):
                    self._playhead.clear(message.utterance)
                return message
            frame = AudioFrame.from_bytes(data)
            self.audio_ms += frame.duration_ms
            self._playhead.receive(frame)

    @asynccontextmanager
    async def playing(self) -> AsyncGenerator[None]:
        """Says what it played, for as long as the block runs."""

        async def acknowledge() -> None:
            async for played in self._playhead.reports():
                await self.send(played)

        async with beside(acknowledge()) as task:
            try:
                yield
            finally:
                task.cancel()

    async def until_closed(self) -> tuple[int | None, list[Problem]]:
        """The close code, and the problems told since the last message that was waited for."""
        before = len(self.got)
        try:
            while True:
                await self._next()
        except ConnectionClosed as exc:
            code = exc.rcvd.code if exc.rcvd else None
            return code, [one for one in self.got[before:] if isinstance(one, Problem)]

    async def check_it_is_closed(self, code: CloseCode | int, problem: str = "") -> None:
        """With this code, and, when one is named, after a problem of that code."""
        closed_with, problems = await self.until_closed()
        assert closed_with == code
        if problem:
            assert [one.code for one in problems][-1:] == [problem]
            assert problems[-1].message

    async def check_it_is_answered(self) -> None:
        await self.send(Ping(t=7))
        assert (await self.until(Pong)).t == 7


@asynccontextmanager
async def open_gate(world: World) -> AsyncGenerator[Gate]:
    """The agent of a process on a free port, closed in order at the end."""
    settings = world.settings.model_copy(update={"data_dir": world.spill_dir})
    async with open_agent(
        settings, journal=world.journal, bus=world.bus, clock=world.clock, secret=SECRET
    ) as agent:
        yield Gate(replace(world, settings=settings), agent.port)
