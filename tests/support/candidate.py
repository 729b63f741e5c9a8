"""A candidate as a program: HTTP and the room's socket, step by step."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from pydantic import JsonValue
from websockets.asyncio.client import ClientConnection, connect

from agent.playhead import Playhead
from sessions import protocol
from sessions.protocol import ServerMessage

LIMIT_S = 30


class Candidate:
    """Signed up, with a cookie and a CSRF token."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http
        self._csrf = ""

    async def sign_up(self) -> None:
        self._csrf = (await self.call("GET", "session"))["csrf"]
        body: dict[str, JsonValue] = {
            "name": "Test",
            "email": f"{secrets.token_hex(6)}@example.org",
            "password": "a long enough password",
        }
        self._csrf = (await self.call("POST", "accounts", body))["csrf"]

    async def plan(self, **wishes: JsonValue) -> str:
        body: dict[str, JsonValue] = {
            "type": "behavioral",
            "difficulty": "easy",
            "question_count": 2,
            "role": "",
            "focus_areas": [],
            "language": "en",
            "patience": "normal",
            **wishes,
        }
        return (await self.call("POST", "interviews", body))["id"]

    async def call(self, method: str, path: str, body: JsonValue = None) -> dict[str, Any]:
        headers = {"X-CSRF-Token": self._csrf}
        async with self._http.request(
            method, f"/api/v1/{path}", json=body, headers=headers
        ) as answer:
            content: dict[str, Any] = await answer.json(content_type=None)
            assert answer.status < 400, content
            return content

    async def page(self, path: str) -> str:
        async with self._http.get(path) as answer:
            assert answer.status == 200
            return await answer.text()

    @asynccontextmanager
    async def enter(self, interview_id: str) -> AsyncGenerator[RoomClient]:
        room = await self.call("POST", f"interviews/{interview_id}/room", {})
        async with connect(room["url"], max_size=None) as socket:
            client = RoomClient(socket)
            await client.send(protocol.Hello(v=protocol.VERSION, token=room["token"]))
            yield client


class RoomClient:
    """Plays all audio at once; `until` reads on to a message."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.seen: list[ServerMessage] = []
        self._playhead = Playhead(is_real_time=False)

    async def send(self, message: protocol.ClientMessage) -> None:
        await self.socket.send(message.model_dump_json())

    async def type(self, text: str) -> None:
        await self.send(protocol.Typed(id=secrets.token_hex(8), text=text))

    async def consent(self) -> None:
        await self.send(protocol.Consent(text_version=protocol.CONSENT_VERSION, transcript=True))

    async def until_kept(self, text: str) -> None:
        """Until the final caption of the candidate's turn came: it is durable from then on."""

        def is_kept(message: ServerMessage) -> bool:
            return isinstance(message, protocol.Caption) and message.final and message.text == text

        if not any(is_kept(message) for message in self.seen):
            await self.until(is_kept)

    async def until(self, claim: Callable[[ServerMessage], bool]) -> ServerMessage:
        """The next message of which the claim holds."""
        async with asyncio.timeout(LIMIT_S):
            while True:
                data = await self.socket.recv()
                if isinstance(data, bytes):
                    self._playhead.receive(protocol.AudioFrame.from_bytes(data))
                else:
                    message = protocol.parse_server(data)
                    self.seen.append(message)
                    if isinstance(message, protocol.SayEnd):
                        self._playhead.end(message.utterance, message.audio_ms)
                    elif isinstance(message, protocol.Clear):
                        self._playhead.clear(message.utterance)
                    if claim(message):
                        return message
                for played in self._playhead.taken():
                    await self.send(played)


@asynccontextmanager
async def candidate(url: str) -> AsyncGenerator[Candidate]:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(url, cookie_jar=jar) as http:
        one = Candidate(http)
        await one.sign_up()
        yield one


def is_listening(message: ServerMessage) -> bool:
    return isinstance(message, protocol.State) and message.state is protocol.RoomState.LISTENING
