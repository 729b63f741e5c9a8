"""The gateway: a WebSocket server that lets candidates into their rooms.

A socket begins with `hello`, which carries the room token made by the companion; nothing else
is listened to before it. Bad messages are refused one by one; too many of them close the socket.
"""

from __future__ import annotations

import asyncio
import http
import logging
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from agent.asyncapi import document_json
from agent.limits import (
    CLOSE_LIMIT_S,
    HELLO_LIMIT_S,
    MAX_PER_SECOND,
    MAX_REFUSED,
    MAX_WAITING,
    PING_INTERVAL_S,
    PING_TIMEOUT_S,
    Allowance,
    TooMuch,
)
from agent.metrics import Metrics
from agent.room import Room
from agent.rooms import Rooms
from sessions import protocol
from sessions.errors import (
    GrantInvalid,
    InterviewEnded,
    MessageInvalid,
    NotFound,
    Overloaded,
    ProviderUnavailable,
    RoomsFull,
    ShuttingDown,
    VivavoceError,
)
from sessions.grants import read_room_token
from sessions.ids import InterviewId
from sessions.infra.listening import explain_listen_error
from sessions.ports import Clock
from sessions.protocol import CloseCode, ServerMessage
from sessions.settings import AgentSettings

log = logging.getLogger(__name__)

PATH = re.compile(r"/v1/rooms/([0-9a-f-]{36})")
DOCUMENT_PATH = "/asyncapi.json"

_CLOSES: dict[type[VivavoceError], CloseCode] = {
    GrantInvalid: CloseCode.GRANT_INVALID,
    InterviewEnded: CloseCode.ENDED,
    MessageInvalid: CloseCode.PROTOCOL,
    NotFound: CloseCode.NOT_FOUND,
    ProviderUnavailable: CloseCode.NO_RECOGNISER,
    Overloaded: CloseCode.ROOMS_FULL,
    RoomsFull: CloseCode.ROOMS_FULL,
    ShuttingDown: CloseCode.SHUTTING_DOWN,
}

_REASONS: dict[CloseCode, str] = {
    CloseCode.ENDED: "the interview is over",
    CloseCode.TAKEN_OVER: "the room was opened elsewhere",
    CloseCode.FLOODING: "too much, too fast",
    CloseCode.SHUTTING_DOWN: "the server is going down; come back in a moment",
    CloseCode.FAILED: "the room failed; everything finished is kept",
}


class SocketConnection:
    """agent.outlet.Connection over a WebSocket: a bounded queue, and `write` that empties it."""

    def __init__(self, socket: ServerConnection) -> None:
        self._socket = socket
        self._waiting: asyncio.Queue[str | bytes | None] = asyncio.Queue(maxsize=MAX_WAITING + 1)
        self._code: CloseCode | None = None

    def send(self, message: ServerMessage) -> None:
        self._put(message.model_dump_json())

    def send_audio(self, data: bytes) -> None:
        self._put(data)

    def close(self, code: CloseCode) -> None:
        """Everything sent before is still delivered."""
        if self._code is None:
            self._code = code
            self._waiting.put_nowait(None)

    def _put(self, data: str | bytes) -> None:
        if self._code is not None:
            return
        if self._waiting.qsize() >= MAX_WAITING:
            log.warning("a client does not read what it is sent: its socket is closed")
            while not self._waiting.empty():
                self._waiting.get_nowait()
            self.close(CloseCode.FLOODING)
            return
        self._waiting.put_nowait(data)

    async def write(self) -> None:
        """Until `close`, or until the client is gone."""
        try:
            while (data := await self._waiting.get()) is not None:
                await self._socket.send(data)
            code = self._code or CloseCode.ENDED
            await self._socket.close(code, _REASONS.get(code, code.name.lower().replace("_", " ")))
        except ConnectionClosed:
            pass  # the reader of the same socket sees it too, and leaves the room


class Gateway:
    """Each socket's conversation. `secret` is what the companion signs room tokens with;
    without `metrics` there is no page of them."""

    def __init__(
        self,
        rooms: Rooms,
        settings: AgentSettings,
        clock: Clock,
        secret: str,
        *,
        metrics: Metrics | None = None,
    ) -> None:
        self._rooms = rooms
        self._metrics = metrics
        self._clock = clock
        self._secret = secret
        self._allowed_origins = settings.allowed_origins
        # Made now: it takes longer than rooms may be kept waiting.
        self._document = document_json()

    def check(self, connection: ServerConnection, request: Request) -> Response | None:
        """Before the handshake: the path must be a room's, the page's origin ours."""
        if request.path == "/healthz":
            return connection.respond(http.HTTPStatus.OK, "ok\n")
        if request.path == "/metrics" and self._metrics is not None:
            return connection.respond(http.HTTPStatus.OK, self._metrics.text())
        if request.path == DOCUMENT_PATH:
            return self._answer_document(connection)
        if _room_in(request) is None:
            return connection.respond(http.HTTPStatus.NOT_FOUND, "There is no such room.\n")
        origin = request.headers.get("Origin")
        if origin is None or origin in self._allowed_origins:
            return None
        host = _hostname(f"//{request.headers.get('Host', '')}")
        if host is not None and _hostname(origin) == host:
            return None
        return connection.respond(
            http.HTTPStatus.FORBIDDEN,
            "This page's origin is not allowed here: add it to agent.allowed_origins.\n",
        )

    def _answer_document(self, connection: ServerConnection) -> Response:
        response = connection.respond(http.HTTPStatus.OK, self._document)
        del response.headers["Content-Type"]  # text, as `respond` has it
        response.headers["Content-Type"] = "application/json"
        return response

    async def serve(self, socket: ServerConnection) -> None:
        connection = SocketConnection(socket)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(connection.write())
            try:
                await self._converse(socket, connection)
            except VivavoceError as exc:
                connection.send(_problem(exc))
                connection.close(_CLOSES.get(type(exc), CloseCode.FAILED))
            except ConnectionClosed:
                pass  # before the room was entered
            # The edge: a conversation that broke is logged and closed; the room goes on.
            except Exception:
                log.exception("a conversation failed")
                connection.close(CloseCode.FAILED)
            finally:
                connection.close(CloseCode.ENDED)

    async def _converse(self, socket: ServerConnection, connection: SocketConnection) -> None:
        interview_id = _room_in(socket.request) if socket.request else None
        if interview_id is None:
            raise NotFound("room")
        hello = await self._hello(socket)
        read_room_token(
            hello.token, self._secret, interview_id=interview_id, now_ms=self._clock.now_ms()
        )
        room = await self._rooms.enter(interview_id, connection, hello)
        try:
            await self._listen(socket, connection, room)
        finally:
            await room.leave(connection, "the socket closed")

    async def _hello(self, socket: ServerConnection) -> protocol.Hello:
        try:
            async with asyncio.timeout(HELLO_LIMIT_S):
                first = await socket.recv()
        except TimeoutError as exc:
            raise MessageInvalid("hello: it did not come in time.") from exc
        hello = protocol.parse_client(first) if isinstance(first, str) else None
        if not isinstance(hello, protocol.Hello):
            raise MessageInvalid("hello: it must be the first message.")
        if hello.v != protocol.VERSION:
            raise MessageInvalid(f"hello: version {hello.v} is not spoken here.")
        return hello

    async def _listen(
        self, socket: ServerConnection, connection: SocketConnection, room: Room
    ) -> None:
        allowance = Allowance(texts_per_s=MAX_PER_SECOND, most_refused=MAX_REFUSED)
        try:
            async for data in socket:
                try:
                    await self._hear(data, allowance, room)
                except MessageInvalid as exc:
                    allowance.count_refused()
                    connection.send(_problem(exc))
        except TooMuch:
            log.warning("a client is flooding: its socket is closed")
            connection.close(CloseCode.FLOODING)

    async def _hear(self, data: str | bytes, allowance: Allowance, room: Room) -> None:
        """One message, counted before the room has any work with it."""
        now_ms = self._clock.now_ms()
        if isinstance(data, bytes):
            frame = protocol.AudioFrame.from_bytes(data)
            allowance.count_audio(frame.duration_ms, now_ms)
            room.hear_audio(frame)
            return
        allowance.count_text(now_ms)
        await room.handle(protocol.parse_client(data))


def _room_in(request: Request) -> InterviewId | None:
    match = PATH.fullmatch(request.path.partition("?")[0])
    return InterviewId(match.group(1)) if match else None


def _hostname(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:  # whoever connects may write anything there
        return None


def _problem(exc: VivavoceError) -> protocol.Problem:
    return protocol.Problem(code=exc.code, message=exc.message, hint=exc.hint)


@asynccontextmanager
async def open_gateway(gateway: Gateway, settings: AgentSettings) -> AsyncGenerator[int]:
    """Listen; yields the port. Raises StartupFailed when it is taken."""
    try:
        server = await serve(
            gateway.serve,
            settings.host,
            settings.port,
            process_request=gateway.check,
            max_size=protocol.MAX_TEXT_BYTES,  # past it the socket is closed with 1009
            max_queue=64,
            compression=None,  # audio does not compress, and captions are short
            ping_interval=PING_INTERVAL_S,
            ping_timeout=PING_TIMEOUT_S,
            close_timeout=CLOSE_LIMIT_S,
        )
    except OSError as exc:
        raise explain_listen_error(
            exc, host=settings.host, port=settings.port, section="agent"
        ) from exc
    try:
        yield next(iter(server.sockets)).getsockname()[1]
    finally:
        server.close(close_connections=True)
        await server.wait_closed()
