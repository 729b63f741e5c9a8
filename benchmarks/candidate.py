"""A simulated candidate: the page's manners on the socket, and an ear.

Playback is acknowledged as an ear would hear it.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from dataclasses import dataclass
from typing import Any

import aiohttp
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from agent.playhead import Playhead
from benchmarks.guest import FRAME_BYTES, FRAME_MS, Broken, Guest, SpokenAnswer
from benchmarks.peers.script import ANSWER, MICROPHONE_HZ
from sessions import protocol
from sessions.facts import Speaker
from sessions.protocol import CloseCode, RoomState
from tests.support.speech import speak_samples

WORDS_PER_MINUTE = 210
MAX_TURNS = 7
"""An interview has at most seven questions, and each brings at least one turn."""

HTTP_LIMIT_S = 30


@dataclass(frozen=True, slots=True)
class RoomPass:
    url: str
    token: str


def speak_answer() -> SpokenAnswer:
    """Made by espeak-ng now; takes a second."""
    pcm, (part,) = speak_samples([ANSWER], MICROPHONE_HZ, words_per_minute=WORDS_PER_MINUTE)
    frames = tuple(
        pcm[begin : begin + FRAME_BYTES].ljust(FRAME_BYTES, b"\0")
        for begin in range(0, len(pcm), FRAME_BYTES)
    )
    return SpokenAnswer(frames, last_voiced=int(part.end_s * 1000) // FRAME_MS)


async def set_up(server: str, questions: int) -> RoomPass:
    """A new account with a planned interview, over HTTP like anyone's."""
    timeout = aiohttp.ClientTimeout(total=HTTP_LIMIT_S)
    jar = aiohttp.CookieJar(unsafe=True)  # a server on an IP address sets cookies too
    async with aiohttp.ClientSession(server, timeout=timeout, cookie_jar=jar) as http:
        csrf = (await _call(http, "", "GET", "session"))["csrf"]
        account = {
            "name": "Bench",
            "email": f"bench-{secrets.token_hex(8)}@example.invalid",
            "password": secrets.token_urlsafe(18),
        }
        csrf = (await _call(http, csrf, "POST", "accounts", account))["csrf"]
        request: dict[str, Any] = {
            "type": "behavioral",
            "difficulty": "easy",
            "question_count": questions,
            "role": "",
            "focus_areas": [],
            "language": "en",
            "patience": "normal",
        }
        interview = await _call(http, csrf, "POST", "interviews", request)
        room = await _call(http, csrf, "POST", f"interviews/{interview['id']}/room", {})
    return RoomPass(room["url"], room["token"])


async def _call(
    http: aiohttp.ClientSession,
    csrf: str,
    method: str,
    path: str,
    body: dict[str, Any] | None = None,
) -> dict[str, Any]:
    headers = {"X-CSRF-Token": csrf}
    async with http.request(method, f"/api/v1/{path}", json=body, headers=headers) as answer:
        if answer.status >= 400:
            raise Broken(f"{method} {path}: {answer.status} {await answer.text()}")
        return await answer.json(content_type=None)


class Candidate(Guest):
    """Of an interview: consents, answers, ends it."""

    recognises = False

    def __init__(self, room: RoomPass, answer: SpokenAnswer, turns: int) -> None:
        super().__init__(room.url, answer, turns)
        self._token = room.token
        self._playhead = Playhead(is_real_time=True)
        self._utterance = 0

    async def greet(self, socket: ClientConnection) -> None:
        hello = protocol.Hello(
            v=protocol.VERSION,
            token=self._token,
            client="benchmarks",
            recognises=self.recognises,
            needs_recogniser=not self.recognises,
        )
        await socket.send(hello.model_dump_json())

    async def listen(self, socket: ClientConnection) -> None:
        """Until the server closes the socket because the interview is over."""
        try:
            while True:
                data = await socket.recv()
                if isinstance(data, bytes):
                    self._receive_audio(protocol.AudioFrame.from_bytes(data))
                elif not data.startswith(_LEVEL):
                    await self._receive(socket, protocol.parse_server(data))
        except ConnectionClosed as exc:
            self.note_closed(exc.rcvd.code if exc.rcvd else 1006)

    def note_closed(self, code: int) -> None:
        """Raises Broken unless the interview ended as it should."""
        if code == CloseCode.ROOMS_FULL:
            self.is_refused = True
        elif code != CloseCode.ENDED:
            raise Broken(f"a room closed its socket with {code}")

    def _receive_audio(self, frame: protocol.AudioFrame) -> None:
        if frame.utterance > self._utterance:
            self._utterance = frame.utterance
            if self.turns:
                self.turns[-1].note_replied()
        self._playhead.receive(frame)

    async def _receive(self, socket: ClientConnection, message: protocol.ServerMessage) -> None:
        match message:
            case protocol.Welcome():
                self.entered_s = self.entered_s or time.monotonic()
                if not message.consented:
                    await self._consent(socket)
                self.note_state(message.state)
            case protocol.SayEnd():
                self._playhead.end(message.utterance, message.audio_ms)
            case protocol.Clear():
                self._playhead.clear(message.utterance)
            case protocol.Hold():
                self._playhead.hold(message.utterance, is_held=message.on)
            case protocol.State():
                self.note_state(message.state)
            case protocol.Caption(speaker=Speaker.CANDIDATE, final=True):
                if self.turns:
                    self.turns[-1].note_heard()
            case protocol.Problem() | protocol.Notice():
                self.notices.append(message.code)
            case _:
                self.note(message)

    async def _consent(self, socket: ClientConnection) -> None:
        consent = protocol.Consent(text_version=protocol.CONSENT_VERSION, transcript=True)
        await socket.send(consent.model_dump_json())

    def note_state(self, state: RoomState) -> None:
        if state is RoomState.LISTENING:
            self._may_speak.set()
            return
        self._may_speak.clear()
        if self.turns and state in (RoomState.THINKING, RoomState.SPEAKING):
            self.turns[-1].note_decided()

    def note(self, message: protocol.ServerMessage) -> None:
        """Any other message."""

    async def acknowledge(self, socket: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):  # `listen` says why
            async for played in self._playhead.reports():
                await socket.send(played.model_dump_json())

    async def leave(self, socket: ClientConnection) -> None:
        await socket.send(protocol.End().model_dump_json())

    def packed(self, pcm: bytes) -> bytes:
        sent_ms = self.sent_frames * FRAME_MS
        return protocol.AudioFrame(MICROPHONE_HZ, 0, self.sent_frames, sent_ms, pcm).to_bytes()


_LEVEL = '{"type":"level"'
"""The most frequent message, and nothing to a bench: not worth parsing."""
