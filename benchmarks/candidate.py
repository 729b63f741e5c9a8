"""A simulated candidate: the page's manners on the socket, a recorded voice, and an ear.

The microphone is real time, 40 ms frames of 16 kHz like the page's; playback is acknowledged as
an ear would hear it. Moments are in seconds of `time.monotonic`.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from agent.playhead import Playhead
from benchmarks.instant import ANSWER
from sessions import protocol
from sessions.facts import Speaker
from sessions.protocol import CloseCode, RoomState
from tests.support.speech import speak_samples

RATE_HZ = 16_000
FRAME_MS = 40
FRAME_BYTES = RATE_HZ * FRAME_MS // 1000 * 2
WORDS_PER_MINUTE = 210
MAX_TURNS = 7
"""An interview has at most seven questions, and each brings at least one turn."""

THINKING_S = 0.3  # from the end of the question to the first word of the answer
HEARD_LIMIT_S = 8.0  # after the last word: an answer not heard by then is missed
ASKED_LIMIT_S = 60.0
HTTP_LIMIT_S = 30
PER_TURN_LIMIT_S = 45.0


class Broken(Exception):
    """The server did what it must not: the message says what."""


@dataclass(frozen=True, slots=True)
class RoomPass:
    url: str
    token: str


@dataclass(frozen=True, slots=True)
class SpokenAnswer:
    frames: tuple[bytes, ...]
    last_voiced: int
    """Index of the frame with the last audible sample."""


@dataclass(slots=True)
class Turn:
    """One answer, and what came of it."""

    finished_s: float | None = None  # its last voiced frame was sent
    heard_s: float | None = None  # the final caption of it arrived
    replied_s: float | None = None  # the first audio frame of the reply arrived
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    replied: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def reply_ms(self) -> float | None:
        if self.finished_s is None or self.replied_s is None:
            return None
        return (self.replied_s - self.finished_s) * 1000

    @property
    def is_cut_short(self) -> bool:
        """Taken to be over before its last word."""
        return self.heard_s is not None and (
            self.finished_s is None or self.heard_s < self.finished_s
        )


def speak_answer() -> SpokenAnswer:
    """Made by espeak-ng now; takes a second."""
    pcm, (part,) = speak_samples([ANSWER], RATE_HZ, words_per_minute=WORDS_PER_MINUTE)
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


class Candidate:
    """`take_part` once: consents, answers `turns` times, ends the interview."""

    recognises = False

    def __init__(self, room: RoomPass, answer: SpokenAnswer, turns: int) -> None:
        self._room = room
        self._answer = answer
        self._turn_count = turns
        self._playhead = Playhead(is_real_time=True)
        self._may_speak = asyncio.Event()
        self._has_spoken = asyncio.Event()
        self._position: int | None = None  # in the answer's frames, while it is spoken
        self._utterance = 0
        self.sent_frames = 0
        self.turns: list[Turn] = []
        self.late_ms: list[float] = []
        """How late each microphone frame was sent: the load generator's own delay."""
        self.notices: list[str] = []
        self.entered_s: float | None = None
        self.left_s: float | None = None

    @property
    def is_inside(self) -> bool:
        return self.entered_s is not None and self.left_s is None

    async def take_part(self) -> None:
        """Raises Broken."""
        limit_s = ASKED_LIMIT_S + self._turn_count * PER_TURN_LIMIT_S
        try:
            async with (
                asyncio.timeout(limit_s),
                connect(self._room.url, max_size=None, compression=None) as socket,
            ):
                await self._converse(socket)
        except TimeoutError as exc:
            raise Broken(f"a room did not get on in {limit_s:.0f} s") from exc
        except OSError as exc:
            raise Broken(f"a room cannot be reached: {exc}") from exc
        finally:
            self.left_s = time.monotonic()

    async def _converse(self, socket: ClientConnection) -> None:
        hello = protocol.Hello(
            v=protocol.VERSION,
            token=self._room.token,
            client="benchmarks",
            recognises=self.recognises,
            needs_recogniser=not self.recognises,
        )
        await socket.send(hello.model_dump_json())
        try:
            async with asyncio.TaskGroup() as tasks:
                helpers = [
                    tasks.create_task(self._acknowledge(socket)),
                    tasks.create_task(self._stream(socket)),
                    tasks.create_task(self._answer_all(socket)),
                ]
                await self._listen(socket)
                for helper in helpers:
                    helper.cancel()
        except* Broken as group:
            raise group.exceptions[0] from None

    # -- what is heard ---------------------------------------------------------------------------

    async def _listen(self, socket: ClientConnection) -> None:
        """Until the server closes the socket because the interview is over."""
        try:
            while True:
                data = await socket.recv()
                if isinstance(data, bytes):
                    self._receive_audio(protocol.AudioFrame.from_bytes(data))
                else:
                    await self._receive(socket, protocol.parse_server(data))
        except ConnectionClosed as exc:
            code = exc.rcvd.code if exc.rcvd else 1006
            if code != CloseCode.ENDED:
                raise Broken(f"a room closed its socket with {code}") from exc
        if len(self.turns) < self._turn_count:
            raise Broken(f"a room ended after {len(self.turns)} turns")

    def _receive_audio(self, frame: protocol.AudioFrame) -> None:
        if frame.utterance > self._utterance:
            self._utterance = frame.utterance
            turn = self.turns[-1] if self.turns else None
            if turn is not None and turn.replied_s is None:
                turn.replied_s = time.monotonic()
                turn.replied.set()
        self._playhead.receive(frame)

    async def _receive(self, socket: ClientConnection, message: protocol.ServerMessage) -> None:
        match message:
            case protocol.Welcome():
                self.entered_s = time.monotonic()
                consent = protocol.Consent(text_version=protocol.CONSENT_VERSION, transcript=True)
                await socket.send(consent.model_dump_json())
            case protocol.SayEnd():
                self._playhead.end(message.utterance, message.audio_ms)
            case protocol.Clear():
                self._playhead.clear(message.utterance)
            case protocol.Hold():
                self._playhead.hold(message.utterance, is_held=message.on)
            case protocol.State(state=RoomState.LISTENING):
                self._may_speak.set()
            case protocol.State():
                self._may_speak.clear()
            case protocol.Caption(speaker=Speaker.CANDIDATE, final=True):
                self._note_heard()
            case protocol.Problem() | protocol.Notice():
                self.notices.append(message.code)
            case _:
                self.note(message)

    def note(self, message: protocol.ServerMessage) -> None:
        """Any other message."""

    def _note_heard(self) -> None:
        turn = self.turns[-1] if self.turns else None
        if turn is not None and turn.heard_s is None:
            turn.heard_s = time.monotonic()
            turn.heard.set()

    async def _acknowledge(self, socket: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):  # `_listen` says why
            async for played in self._playhead.reports():
                await socket.send(played.model_dump_json())

    # -- what is said ----------------------------------------------------------------------------

    async def _answer_all(self, socket: ClientConnection) -> None:
        for _ in range(self._turn_count):
            await self._may_speak.wait()
            await asyncio.sleep(THINKING_S)
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
        await self._may_speak.wait()  # the last reply is heard out too
        with contextlib.suppress(ConnectionClosed):
            await socket.send(protocol.End().model_dump_json())

    async def while_speaking(self, socket: ClientConnection) -> None:
        """Something to do beside the speaking."""

    async def _stream(self, socket: ClientConnection) -> None:
        """The microphone: the answer when it is spoken, silence otherwise."""
        silence = bytes(FRAME_BYTES)
        began_s = time.monotonic()
        while True:
            position = self._position
            pcm = silence if position is None else self._answer.frames[position]
            sent_ms = self.sent_frames * FRAME_MS
            frame = protocol.AudioFrame(RATE_HZ, 0, self.sent_frames, sent_ms, pcm)
            try:
                await socket.send(frame.to_bytes())
            except ConnectionClosed:
                return  # `_listen` says why
            if position is not None:
                self._note_spoken(position)
            self.sent_frames += 1
            self.late_ms.append((time.monotonic() - began_s) * 1000 - sent_ms)
            due_s = began_s + self.sent_frames * FRAME_MS / 1000
            await asyncio.sleep(max(due_s - time.monotonic(), 0))

    def _note_spoken(self, position: int) -> None:
        if position == self._answer.last_voiced:
            self.turns[-1].finished_s = time.monotonic()
            self._has_spoken.set()
        self._position = position + 1 if position + 1 < len(self._answer.frames) else None
