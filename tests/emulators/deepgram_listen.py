"""Deepgram's listen sockets on loopback: `/v1/listen` (nova-3) and `/v2/listen` (flux).

They hear the lines they are given, with pocketsphinx, and speak Deepgram's protocol as its
documentation has it. What goes wrong with a connection is said beforehand, in `faults`.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.emulators.pocketsphinx_stt import RATE_HZ, Ears, Heard, Word, parse_lines, recognising

KEY = "a-deepgram-key"
FILLERS = {"um", "uh"}  # those Deepgram leaves out unless asked for them
Message = dict[str, Any]


@dataclass(slots=True)
class Fault:
    """What goes wrong with one connection."""

    status: int = 0
    """The handshake is refused with it."""
    connects: asyncio.Event | None = None
    """The handshake waits for it."""
    answers: asyncio.Event | None = None
    """Results wait for it."""
    cut_after_s: float | None = None
    """The connection breaks when so much audio has come."""
    is_garbage: bool = False
    """Results are of no form that anyone knows."""


@dataclass(slots=True)
class Connection:
    path: str
    query: dict[str, str]
    audio_s: float = 0.0
    controls: list[str] = field(default_factory=list[str])


class DeepgramListen:
    def __init__(self, lines: str) -> None:
        self.lines = parse_lines(lines)
        self.faults: deque[Fault] = deque()
        self.connections: list[Connection] = []
        self.base_url = ""
        self.gives_word_times = True
        """Flux of older servers gives none."""
        self._open = 0
        self.is_idle = asyncio.Event()
        self.is_idle.set()

    async def listen(self, request: web.Request) -> web.StreamResponse:
        self._open += 1
        self.is_idle.clear()
        try:
            return await self._serve(request)
        finally:
            self._open -= 1
            if not self._open:
                self.is_idle.set()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        connection = Connection(request.path, dict(request.query))
        self.connections.append(connection)
        fault = self.faults.popleft() if self.faults else Fault()
        if request.headers.get("Authorization") != f"Token {KEY}":
            return web.json_response({"err_code": "INVALID_AUTH"}, status=401)
        if fault.connects is not None:
            await fault.connects.wait()
        if fault.status:
            return web.json_response({"err_code": "REFUSED"}, status=fault.status)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await self._converse(_Line(request, socket, connection, fault))
        return socket

    async def _converse(self, line: _Line) -> None:
        loop = asyncio.get_running_loop()
        ears = await loop.run_in_executor(recognising, Ears, self.lines)
        tongue = _Flux(self.gives_word_times) if "v2" in line.connection.path else _Nova(line)
        await line.send(tongue.greeting())
        async for message in line.socket:
            if message.type is WSMsgType.BINARY:
                line.connection.audio_s += len(message.data) / 2 / RATE_HZ
                heard = await loop.run_in_executor(recognising, ears.hear, message.data)
                await line.send([one for each in heard for one in tongue.told(each)])
                if line.is_to_be_cut():
                    line.cut()
                    return
            elif message.type is WSMsgType.TEXT:
                control = json.loads(message.data)["type"]
                line.connection.controls.append(control)
                if control in ("Finalize", "CloseStream"):
                    last = await loop.run_in_executor(recognising, ears.finish)
                    await line.send(tongue.told(last) if last else [])
                if control == "CloseStream":
                    await line.send(tongue.farewell(line.connection.audio_s))
                    await line.socket.close()


@dataclass(slots=True)
class _Line:
    request: web.Request
    socket: web.WebSocketResponse
    connection: Connection
    fault: Fault

    async def send(self, messages: list[Message]) -> None:
        for message in messages:
            if self.fault.answers is not None:
                await self.fault.answers.wait()
            if self.fault.is_garbage:
                message = {"type": message["type"], "channel": "garbage"}
            await self.socket.send_json(message)

    def is_to_be_cut(self) -> bool:
        limit_s = self.fault.cut_after_s
        return limit_s is not None and self.connection.audio_s >= limit_s

    def cut(self) -> None:
        transport = self.request.transport
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()


class _Nova:
    def __init__(self, line: _Line) -> None:
        self._keeps_fillers = line.connection.query.get("filler_words") == "true"
        self._punctuates = line.connection.query.get("punctuate") == "true"
        self._has_interims = line.connection.query.get("interim_results") == "true"
        self._segment = 0

    def greeting(self) -> list[Message]:
        return []

    def told(self, heard: Heard) -> list[Message]:
        words = [w for w in heard.words if self._keeps_fillers or w.text not in FILLERS]
        messages: list[Message] = []
        if heard.segment != self._segment:
            self._segment = heard.segment
            messages.append(
                {"type": "SpeechStarted", "channel": [0], "timestamp": heard.words[0].start_s}
            )
        if heard.is_final or self._has_interims:
            messages.append(self._results(words, is_final=heard.is_final))
        return messages

    def _results(self, words: list[Word], *, is_final: bool) -> Message:
        shown = _punctuated(words, is_whole=is_final) if self._punctuates else _plain(words)
        start_s = words[0].start_s if words else 0.0
        return {
            "type": "Results",
            "channel_index": [0, 1],
            "start": start_s,
            "duration": words[-1].end_s - start_s if words else 0.0,
            "is_final": is_final,
            "speech_final": is_final,
            "from_finalize": False,
            "metadata": {"request_id": "a-request", "model_uuid": "a-model"},
            "channel": {
                "alternatives": [
                    {
                        "transcript": " ".join(shown),
                        "confidence": 0.97,
                        "words": [
                            {**_timed(word), "punctuated_word": text}
                            for word, text in zip(words, shown, strict=True)
                        ],
                    }
                ]
            },
        }

    def farewell(self, audio_s: float) -> list[Message]:
        return [{"type": "Metadata", "request_id": "a-request", "duration": audio_s, "channels": 1}]


class _Flux:
    def __init__(self, gives_word_times: bool) -> None:
        self._shown: Callable[[Word], Message] = _timed if gives_word_times else _untimed
        self._segment = 0
        self._sequence = 0
        self._turn = 0

    def greeting(self) -> list[Message]:
        return [{"type": "Connected", "request_id": "a-request", "sequence_id": 0}]

    def told(self, heard: Heard) -> list[Message]:
        words = [word for word in heard.words if word.text not in FILLERS]
        messages: list[Message] = []
        if heard.segment != self._segment:
            self._segment = heard.segment
            messages.append(self._turn_info("StartOfTurn", words))
        messages.append(self._turn_info("EndOfTurn" if heard.is_final else "Update", words))
        self._turn += heard.is_final
        return messages

    def _turn_info(self, event: str, words: list[Word]) -> Message:
        self._sequence += 1
        return {
            "type": "TurnInfo",
            "request_id": "a-request",
            "sequence_id": self._sequence,
            "event": event,
            "turn_index": self._turn,
            "audio_window_start": words[0].start_s if words else 0.0,
            "audio_window_end": words[-1].end_s if words else 0.0,
            "transcript": " ".join(_punctuated(words, is_whole=event == "EndOfTurn")),
            "words": [self._shown(word) for word in words],
            "end_of_turn_confidence": 0.9 if event == "EndOfTurn" else 0.1,
        }

    def farewell(self, audio_s: float) -> list[Message]:
        del audio_s
        return []


def _timed(word: Word) -> Message:
    return {**_untimed(word), "start": word.start_s, "end": word.end_s}


def _untimed(word: Word) -> Message:
    return {"word": word.text, "confidence": 0.97}


def _plain(words: list[Word]) -> list[str]:
    return [word.text for word in words]


def _punctuated(words: list[Word], *, is_whole: bool) -> list[str]:
    texts = [re.sub(r"^i\b", "I", word.text) for word in words]
    if texts:
        texts[0] = texts[0].capitalize()
    if texts and is_whole:
        texts[-1] += "."
    return texts


@asynccontextmanager
async def run_deepgram(lines: str) -> AsyncGenerator[DeepgramListen]:
    """One spoken line per text line, `|` where the speaker pauses."""
    emulator = DeepgramListen(lines)
    app = web.Application()
    app.router.add_get("/v1/listen", emulator.listen)
    app.router.add_get("/v2/listen", emulator.listen)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        emulator.base_url = f"http://{host}:{port}"
        yield emulator
    finally:
        async with asyncio.timeout(10):  # a handler goes on when its client has gone
            await emulator.is_idle.wait()
        await runner.cleanup()
