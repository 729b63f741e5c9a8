"""`POST /v1/audio/transcriptions` on loopback, as OpenAI's API has it: json and verbose_json.

It hears the lines it is given, with pocketsphinx. What goes wrong with a request is said
beforehand, in `faults`.
"""

from __future__ import annotations

import asyncio
import io
import wave
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import BodyPartReader, web
from livekit import rtc

from tests.emulators.pocketsphinx_stt import RATE_HZ, Ears, Word, parse_lines, recognising

KEY = "an-openai-key"
FILLERS = {"um", "uh"}  # what Whisper leaves out


@dataclass(slots=True)
class Fault:
    """What goes wrong with one request."""

    status: int = 0
    answers: asyncio.Event | None = None
    """The answer waits for it."""
    is_cut: bool = False
    """The connection breaks instead of an answer."""
    is_garbage: bool = False
    """The answer is a page, with status 200."""


@dataclass(slots=True)
class Request:
    fields: dict[str, str]
    audio_s: float
    text: str = ""


class OpenAITranscription:
    def __init__(self, lines: str) -> None:
        self.lines = parse_lines(lines)
        self.faults: deque[Fault] = deque()
        self.requests: list[Request] = []
        self.under_way = 0
        self.most_under_way = 0
        self.is_idle = asyncio.Event()
        self.is_idle.set()
        self.base_url = ""
        self.gives_words = True
        """False: `verbose_json` is refused, as by servers that do not know it."""

    async def transcribe(self, request: web.Request) -> web.StreamResponse:
        self.under_way += 1
        self.is_idle.clear()
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            return await self._answer(request)
        finally:
            self.under_way -= 1
            if not self.under_way:
                self.is_idle.set()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        fault = self.faults.popleft() if self.faults else Fault()
        fields, wav = await _read_form(request)
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return _refused(401)
        pcm = _samples_of(wav)
        asked = Request(fields, len(pcm) / 2 / RATE_HZ)
        self.requests.append(asked)
        if fault.answers is not None:
            await fault.answers.wait()
        if fault.status:
            return _refused(fault.status)
        if fault.is_cut and isinstance(request.transport, asyncio.WriteTransport):
            request.transport.abort()
            return web.Response()
        if fault.is_garbage:
            return web.Response(text="<html>Welcome</html>", content_type="text/html")
        is_verbose = fields["response_format"] == "verbose_json"
        if is_verbose and not self.gives_words:
            return _refused(400)
        loop = asyncio.get_running_loop()
        words = await loop.run_in_executor(recognising, self._hear, pcm)
        asked.text = " ".join(word.text for word in words).capitalize()
        if not is_verbose:
            return web.json_response({"text": asked.text})
        return web.json_response(_verbose(asked, words))

    def _hear(self, pcm: bytes) -> list[Word]:
        ears = Ears(self.lines)
        heard = [one for one in ears.hear(pcm + bytes(RATE_HZ)) if one.is_final]
        if last := ears.finish():
            heard.append(last)
        return [word for one in heard for word in one.words if word.text not in FILLERS]


def _verbose(asked: Request, words: list[Word]) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "task": "transcribe",
        "language": "english",
        "duration": asked.audio_s,
        "text": asked.text,
    }
    if asked.fields.get("timestamp_granularities[]") == "word":
        answer["words"] = [{"word": w.text, "start": w.start_s, "end": w.end_s} for w in words]
    return answer


def _refused(status: int) -> web.Response:
    error = {"message": f"refused with {status}", "type": "error", "param": None, "code": None}
    return web.json_response({"error": error}, status=status)


async def _read_form(request: web.Request) -> tuple[dict[str, str], bytes]:
    fields: dict[str, str] = {}
    wav = b""
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        if part.name == "file":
            wav = bytes(await part.read())
        else:
            fields[part.name or ""] = await part.text()
    return fields, wav


def _samples_of(wav: bytes) -> bytes:
    """16 kHz mono."""
    with wave.open(io.BytesIO(wav)) as file:
        rate_hz, pcm = file.getframerate(), file.readframes(file.getnframes())
    if rate_hz == RATE_HZ:
        return pcm
    resampler = rtc.AudioResampler(rate_hz, RATE_HZ)
    frames = [*resampler.push(bytearray(pcm)), *resampler.flush()]
    return b"".join(frame.data.tobytes() for frame in frames)


@asynccontextmanager
async def run_transcription(lines: str) -> AsyncGenerator[OpenAITranscription]:
    """One spoken line per text line, `|` where the speaker pauses. `base_url` ends in /v1."""
    emulator = OpenAITranscription(lines)
    app = web.Application(client_max_size=8_000_000)
    app.router.add_post("/v1/audio/transcriptions", emulator.transcribe)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        emulator.base_url = f"http://{host}:{port}/v1"
        yield emulator
    finally:
        async with asyncio.timeout(10):  # a handler goes on when its client has gone
            await emulator.is_idle.wait()
        await runner.cleanup()
