"""A real gateway on loopback with real clients: good ones, rude ones, and broken ones.

After every kind of trouble the gateway still takes a good client.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import logging
import struct
import warnings
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from dataclasses import replace
from typing import cast

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import InvalidStatus

from agent import gateway as gateway_module
from agent.gateway import SocketConnection
from agent.process import gateway_name
from sessions.errors import StartupFailed
from sessions.facts import ConnectionLost, InterviewCompleted
from sessions.ids import InterviewId
from sessions.infra.log import QUIET, configure_logging
from sessions.protocol import (
    MAX_AUDIO_BYTES,
    MAX_TEXT_BYTES,
    AudioFrame,
    CloseCode,
    Codec,
    Consent,
    Ended,
    Ping,
    Pong,
    Problem,
    RoomState,
    State,
    Typed,
    Welcome,
)
from sessions.settings import AgentSettings, LogSettings
from tests.support.clock import FakeClock
from tests.support.gateway_guest import SECRET, TOO_LARGE, Gate, Guest, open_gate
from tests.support.interviews import INTERVIEW, made_question, room_opened
from tests.support.room import World, covering

pytestmark = pytest.mark.sockets

OTHER = InterviewId("22222222-2222-4222-8222-222222222222")
SHORT_S = 0.05


@pytest.fixture
async def gate(world: World) -> AsyncGenerator[Gate]:
    await world.plan()
    async with open_gate(world) as opened:
        yield opened


async def test_an_agent_is_ready_when_what_its_predecessor_left_is_mended(world: World) -> None:
    await world.plan()
    left = replace(room_opened(1), gateway=gateway_name(world.settings))
    await world.append(left)
    async with open_gate(world):
        assert (await world.kinds())[-1] == "RoomLost"


# -- before the hello ----------------------------------------------------------------------------


async def test_it_says_that_it_is_there(gate: Gate) -> None:
    answer = await gate.request("/healthz")
    assert answer.startswith("HTTP/1.1 200 ")
    assert answer.endswith("ok\n")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v1/rooms",
        "/v1/rooms/",
        "/v1/rooms/1",
        f"/v1/rooms/{INTERVIEW}/",
        "/v2/rooms/x",
        "//[",
    ],
)
async def test_another_path_is_not_found(gate: Gate, path: str) -> None:
    assert (await gate.request(path)).startswith("HTTP/1.1 404 ")
    with pytest.raises(InvalidStatus) as refused:
        async with gate.meet(url=f"ws://127.0.0.1:{gate.port}{path}".replace("//[", "/%5B")):
            pass
    assert refused.value.response.status_code == 404
    await gate.check_it_takes_a_good_client()


@pytest.mark.parametrize(
    "origin",
    [
        "https://elsewhere.example",
        "http://127.0.0.1.elsewhere.example",
        "null",
        "http://[",
        "127.0.0.1",
    ],
)
async def test_a_page_from_elsewhere_is_forbidden(gate: Gate, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with gate.meet(origin=origin):
            pass
    assert refused.value.response.status_code == 403
    await gate.check_it_takes_a_good_client()


async def test_pages_of_the_same_host_and_those_allowed_come_in(world: World) -> None:
    allowed = AgentSettings(port=0, allowed_origins=["https://interviews.example.org"])
    world.settings = world.settings.model_copy(update={"agent": allowed})
    await world.plan()
    async with open_gate(world) as gate:
        for origin in ("http://127.0.0.1:8080", "https://interviews.example.org"):
            async with gate.meet(origin=origin) as guest:
                await guest.send(gate.hello())
                await guest.until(Welcome)


# -- the hello -----------------------------------------------------------------------------------


def unsigned(gate: Gate) -> str:
    """A token that claims to need no signature."""
    _, claims, _ = gate.token().split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    return f"{head}.{claims}."


def hello_with(**fields: object) -> Callable[[Gate], str]:
    return lambda gate: json.dumps(gate.hello().model_dump() | fields)


def hello_of(make_token: Callable[[Gate], str]) -> Callable[[Gate], str]:
    return lambda gate: gate.hello(make_token(gate)).model_dump_json()


PROTOCOL = (CloseCode.PROTOCOL, "message_invalid")
GRANT = (CloseCode.GRANT_INVALID, "grant_invalid")
BAD_FIRST_MESSAGES: dict[str, tuple[Callable[[Gate], str | bytes], tuple[CloseCode, str]]] = {
    "not json": (lambda _: "hello there", PROTOCOL),
    "empty": (lambda _: "", PROTOCOL),
    "not an object": (lambda _: "[]", PROTOCOL),
    "another message": (lambda _: Ping(t=1).model_dump_json(), PROTOCOL),
    "unknown type": (lambda _: '{"type":"greetings"}', PROTOCOL),
    "audio": (lambda _: AudioFrame(16_000, 0, 0, 0, bytes(640)).to_bytes(), PROTOCOL),
    "wrong version": (hello_with(v=2), PROTOCOL),
    "unknown field": (hello_with(admin=True), PROTOCOL),
    "token of a wrong kind": (hello_with(token=7), PROTOCOL),
    "token too long": (hello_with(token="x" * 5_000), PROTOCOL),
    "no token": (hello_of(lambda _: ""), GRANT),
    "malformed token": (hello_of(lambda _: "not.a.token"), GRANT),
    "odd token": (hello_of(lambda _: "\u2603..\x00"), GRANT),
    "damaged token": (hello_of(lambda gate: gate.token()[:-2]), GRANT),
    "unsigned token": (hello_of(unsigned), GRANT),
    "token of another key": (hello_of(lambda gate: gate.token(secret=SECRET[::-1])), GRANT),
    "expired token": (hello_of(lambda gate: gate.token(valid_for_ms=0)), GRANT),
    "token for another room": (hello_of(lambda gate: gate.token(OTHER)), GRANT),
    "no recogniser": (
        hello_with(needs_recogniser=True),
        (CloseCode.NO_RECOGNISER, "provider_unavailable"),
    ),
}


@pytest.mark.parametrize("name", BAD_FIRST_MESSAGES)
async def test_a_bad_beginning_is_told_and_closed(gate: Gate, name: str) -> None:
    make, (code, problem) = BAD_FIRST_MESSAGES[name]
    async with gate.meet() as guest:
        await guest.send_raw(make(gate))
        await guest.check_it_is_closed(code, problem)
        assert not any(isinstance(message, Welcome) for message in guest.got)
    await gate.check_it_takes_a_good_client()


async def test_a_hello_that_does_not_come_is_not_waited_for(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway_module, "HELLO_LIMIT_S", SHORT_S)
    async with gate.meet() as guest:
        await guest.check_it_is_closed(CloseCode.PROTOCOL, "message_invalid")
    await gate.check_it_takes_a_good_client()


async def test_a_room_that_was_never_planned_is_not_found(gate: Gate) -> None:
    async with gate.meet(OTHER) as guest:
        await guest.send(gate.hello(gate.token(OTHER)))
        await guest.check_it_is_closed(CloseCode.NOT_FOUND, "not_found")
    await gate.check_it_takes_a_good_client()


async def test_a_socket_that_says_nothing_and_goes_leaves_no_trace(gate: Gate) -> None:
    async with gate.meet():
        pass
    async with gate.meet() as guest:
        guest.socket.transport.abort()
    assert await gate.world.kinds() == ["InterviewPlanned"]
    await gate.check_it_takes_a_good_client()


# -- in the room ---------------------------------------------------------------------------------


def framed(
    *, kind: int = 1, codec: int = Codec.PCM16, rate_hz: int = 16_000, pcm: int = 640
) -> bytes:
    return struct.pack("<BBHIII", kind, codec, rate_hz // 100, 0, 0, 0) + bytes(pcm)


REFUSED: dict[str, str | bytes] = {
    "not json": "{",
    "not an object": "null",
    "no type": "{}",
    "unknown type": '{"type":"dance"}',
    "unknown field": '{"type":"ping","t":1,"loud":true}',
    "wrong kind of value": '{"type":"ping","t":"soon"}',
    "out of range": '{"type":"played","utterance":-1,"ms":0}',
    "too long an answer": json.dumps({"type": "typed", "id": "1", "text": "x" * 8_001}),
    "too early": '{"type":"typed","id":"1","text":"before consent"}',
    "refused consent": '{"type":"consent","text_version":"1","transcript":false}',
    "second hello": '{"type":"hello","v":1,"token":"x"}',
    "deep nesting": "[" * 20_000,
    "large number": '{"type":"ping","t":' + "9" * 10_000 + "}",
    "no header": b"",
    "half a header": framed()[:9],
    "unknown kind": framed(kind=9),
    "unknown codec": framed(codec=9),
    "wrong rate": framed(rate_hz=44_100),
    "half a sample": framed(pcm=641),
    "oversized frame": framed(pcm=MAX_AUDIO_BYTES),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_bad_message_is_refused_and_the_room_goes_on(gate: Gate, name: str) -> None:
    async with gate.enter() as guest:
        await guest.send_raw(REFUSED[name])
        problem = await guest.until(Problem)
        assert problem.code == "message_invalid"
        assert problem.message.endswith(".")
        assert problem.hint
        await guest.check_it_is_answered()
        await guest.send_raw(framed())
        await guest.send_raw(framed(pcm=0))
        await guest.check_it_is_answered()
    await gate.check_it_takes_a_good_client()


@pytest.mark.parametrize(
    "message",
    ['"' + "x" * MAX_TEXT_BYTES + '"', '"' + "é" * (MAX_TEXT_BYTES // 2) + '"', bytes(200_000)],
    ids=["text", "text of long characters", "audio"],
)
async def test_a_message_that_is_far_too_large_ends_the_connection(
    gate: Gate, message: str | bytes
) -> None:
    async with gate.enter() as guest:
        await guest.send_raw(message)
        await guest.check_it_is_closed(TOO_LARGE)
    await gate.world.until_fact(ConnectionLost)
    await gate.check_it_takes_a_good_client()


async def send_many(guest: Guest, message: str, count: int) -> None:
    for _ in range(count):
        await guest.send_raw(message)


async def test_a_flood_is_dammed(gate: Gate) -> None:
    async with gate.enter() as guest:
        await send_many(guest, '{"type":"ping","t":1}', gateway_module.MAX_PER_SECOND + 1)
        await guest.check_it_is_closed(CloseCode.FLOODING)
    await gate.check_it_takes_a_good_client()


async def test_as_much_as_is_allowed_in_each_second_is_no_flood(
    gate: Gate, clock: FakeClock
) -> None:
    async with gate.enter() as guest:
        for _ in range(3):
            clock.advance(1_000)
            await send_many(guest, '{"type":"muted","on":true}', gateway_module.MAX_PER_SECOND - 1)
            await guest.check_it_is_answered()


async def test_many_refused_messages_end_the_patience(gate: Gate, clock: FakeClock) -> None:
    async with gate.enter() as guest:
        for _ in range(gateway_module.MAX_REFUSED + 1):
            clock.advance(1_000)
            await guest.send_raw("{")
            await guest.until(Problem)
        await guest.send_raw("{")
        await guest.check_it_is_closed(CloseCode.FLOODING)
    await gate.check_it_takes_a_good_client()


async def test_a_connection_that_breaks_is_noted_and_can_come_back(gate: Gate) -> None:
    async with gate.enter() as guest:
        guest.socket.transport.abort()
    await gate.world.until_fact(ConnectionLost)
    await gate.check_it_takes_a_good_client()
    kinds = await gate.world.kinds()
    assert kinds.index("ConnectionLost") < kinds.index("ConnectionResumed")


async def test_a_second_tab_closes_the_first(gate: Gate) -> None:
    async with gate.enter() as first, gate.enter() as second:
        await first.check_it_is_closed(CloseCode.TAKEN_OVER)
        await second.check_it_is_answered()


async def test_a_whole_interview_over_a_socket(world: World) -> None:
    await world.plan(made_question(1))
    async with open_gate(world) as gate:
        async with gate.enter() as guest, guest.playing():
            await guest.send(Consent(text_version="test", transcript=True))
            await until_listening(guest)
            await guest.send(Typed(id="1", text=covering(1, 0, 1)))
            ended = await guest.until(Ended)
            assert ended.report_path == f"/interviews/{INTERVIEW}/report"
            await guest.check_it_is_closed(CloseCode.ENDED)
            assert guest.audio_ms > 0
        async with gate.meet() as late:
            await late.send(gate.hello())
            await late.check_it_is_closed(CloseCode.ENDED, "interview_ended")
    assert isinstance((await world.facts())[-1], InterviewCompleted)


async def until_listening(guest: Guest) -> None:
    while (await guest.until(State)).state is not RoomState.LISTENING:
        pass


# -- the process ---------------------------------------------------------------------------------


async def test_clients_are_told_that_the_process_goes(world: World) -> None:
    await world.plan()
    async with asyncio.timeout(10):
        async with open_gate(world) as gate:
            await gate.check_it_takes_a_good_client()
            socket = gate.enter()
            guest = await socket.__aenter__()
        await guest.check_it_is_closed(CloseCode.SHUTTING_DOWN)
        await socket.__aexit__(None, None, None)
    assert (await world.kinds())[-1] == "RoomClosed"


async def test_a_port_that_is_taken_is_said_with_what_to_do(gate: Gate) -> None:
    world = gate.world
    agent = world.settings.agent.model_copy(update={"port": gate.port})
    world.settings = world.settings.model_copy(update={"agent": agent})
    with pytest.raises(StartupFailed, match=str(gate.port)) as raised:
        async with open_gate(world):
            pass
    assert "agent.port" in raised.value.hint
    await gate.check_it_takes_a_good_client()


class StuckSocket:
    """A client that does not read: what is sent to it stays in the way."""

    def __init__(self) -> None:
        self.freed = asyncio.Event()
        self.sent: list[str | bytes] = []
        self.close_code: int | None = None

    async def send(self, data: str | bytes) -> None:
        await self.freed.wait()
        self.sent.append(data)

    async def close(self, code: int, reason: str) -> None:
        assert reason
        self.close_code = code


async def test_a_client_that_does_not_read_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway_module, "MAX_WAITING", 10)
    socket = StuckSocket()
    connection = SocketConnection(cast(ServerConnection, socket))
    async with asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(connection.write())
        await asyncio.sleep(0)
        for number in range(50):
            connection.send(Pong(t=number, server_ms=0))
            connection.send_audio(b"\0" * 16)
        assert not writing.done()
        socket.freed.set()
    assert socket.close_code == CloseCode.FLOODING
    assert len(socket.sent) <= 1


async def test_what_was_sent_before_the_close_still_arrives_and_nothing_after() -> None:
    socket = StuckSocket()
    socket.freed.set()
    connection = SocketConnection(cast(ServerConnection, socket))
    connection.send(Pong(t=1, server_ms=0))
    connection.close(CloseCode.ENDED)
    connection.send(Pong(t=2, server_ms=0))
    connection.close(CloseCode.FAILED)
    await connection.write()
    assert [json.loads(data)["t"] for data in socket.sent] == [1]
    assert socket.close_code == CloseCode.ENDED


# -- what is not logged --------------------------------------------------------------------------


@pytest.fixture
def log_lines() -> Generator[io.StringIO]:
    """All that our logging writes when everything is to be written."""
    root = logging.getLogger()
    held = (root.level, root.handlers[:], warnings.showwarning)
    libraries = {name: logging.getLogger(name) for name in QUIET}
    levels = {name: (library.level, library.propagate) for name, library in libraries.items()}
    lines = io.StringIO()
    configure_logging(LogSettings(level="debug"), stream=lines)
    yield lines
    logging.captureWarnings(False)
    root.level, root.handlers[:], warnings.showwarning = held
    for name, library in libraries.items():
        level, library.propagate = levels[name]
        library.setLevel(level)


async def good(gate: Gate) -> str:
    token = gate.token()
    async with gate.meet() as guest:
        await guest.send(gate.hello(token))
        await guest.until(Welcome)
        await guest.send_raw(json.dumps({"type": "hello", "v": 1, "token": token}))
        await guest.until(Problem)
        await guest.send_raw(json.dumps({"type": "ping", "t": 1, "token": token}))
        await guest.until(Problem)
    return token


async def refused(gate: Gate) -> str:
    token = gate.token(valid_for_ms=0)
    async with gate.meet() as guest:
        await guest.send(gate.hello(token))
        await guest.check_it_is_closed(CloseCode.GRANT_INVALID)
    return token


async def misplaced(gate: Gate) -> str:
    token = gate.token()
    with pytest.raises(InvalidStatus):
        async with gate.meet(url=f"{gate.url()}/{token}?token={token}"):
            pass
    async with gate.meet(url=f"{gate.url()}?token={token}") as guest:
        await guest.send_raw(json.dumps({"type": token, "token": [token]}))
        await guest.check_it_is_closed(CloseCode.PROTOCOL)
    return token


@pytest.mark.parametrize("visit", [good, refused, misplaced])
async def test_a_token_is_never_logged(
    gate: Gate, log_lines: io.StringIO, visit: Callable[[Gate], Awaitable[str]]
) -> None:
    token = await visit(gate)
    await gate.check_it_takes_a_good_client()
    written = log_lines.getvalue()
    assert written
    assert token not in written
    assert token.rpartition(".")[2] not in written, "its signature"
