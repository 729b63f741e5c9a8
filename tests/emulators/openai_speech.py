"""POST /v1/audio/speech, as OpenAI answers it and as servers that speak its API do.

OpenAI streams events when it is asked to (`stream_format`); many others ignore that and send the
bytes of `response_format`, some another format than was asked for.
"""

from __future__ import annotations

import base64
import io
import json
import wave
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from enum import Enum, auto

import av
import numpy as np
from aiohttp import web

from tests.emulators.voices import PAGE, STATUSES, EmulatedVoice, Fault, Request, send_pieces, serve

RATE_HZ = 24_000


class Kind(Enum):
    OPENAI = auto()  # events
    PLAIN = auto()  # the samples as they are asked for
    WAV = auto()  # always WAV, at 22,050 Hz
    MP3 = auto()


@asynccontextmanager
async def run_openai_speech(kind: Kind = Kind.OPENAI) -> AsyncGenerator[EmulatedVoice]:
    voice = EmulatedVoice()

    async def speak(request: web.Request) -> web.StreamResponse:
        body: dict[str, str] = await request.json()
        text = body.pop("input")
        key = request.headers.get("Authorization", "")
        headers = {name: value for name, value in request.headers.items() if "OpenAI" in name}
        voice.requests.append(Request(text, key, {**body, **headers}))
        fault = voice.next_fault()
        if status := STATUSES.get(fault):
            error = {"message": "It was refused.", "type": "error", "param": None, "code": None}
            return web.json_response({"error": error}, status=status)
        if fault is Fault.PAGE:
            return web.Response(text=PAGE, content_type="text/html")
        if fault is Fault.SLOW:
            await voice.go_on.wait()
        content_type, pieces = _answer(kind, voice, text, fault)
        response = web.StreamResponse(headers={"Content-Type": content_type})
        return await send_pieces(request, response, pieces)

    app = web.Application()
    app.router.add_post("/v1/audio/speech", speak)
    async with serve(app) as url:
        voice.url = f"{url}/v1"
        yield voice
        voice.go_on.set()


def _answer(
    kind: Kind, voice: EmulatedVoice, text: str, fault: Fault
) -> tuple[str, AsyncGenerator[bytes]]:
    match kind:
        case Kind.OPENAI:
            return "text/event-stream", _events(voice.pieces(text, RATE_HZ, fault))
        case Kind.PLAIN:
            return "audio/pcm", voice.pieces(text, RATE_HZ, fault)
        case Kind.WAV:
            return "audio/wav", _wav(voice.pieces(text, 22_050, fault), 22_050)
        case Kind.MP3:
            return "audio/mpeg", _mp3(voice.pieces(text, RATE_HZ, fault))


async def _events(pieces: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    async for piece in pieces:
        audio = base64.b64encode(piece).decode()
        yield _event({"type": "speech.audio.delta", "audio": audio})
    usage = {"input_tokens": 10, "output_tokens": 100, "total_tokens": 110}
    yield _event({"type": "speech.audio.done", "usage": usage})


def _event(content: dict[str, object]) -> bytes:
    return f"data: {json.dumps(content)}\n\n".encode()


async def _wav(pieces: AsyncGenerator[bytes], rate_hz: int) -> AsyncGenerator[bytes]:
    """As it is streamed: the header comes first, and cannot know the length."""
    header = io.BytesIO()
    with wave.open(header, "wb") as wav:
        wav.setparams((1, 2, rate_hz, 0, "NONE", ""))
        wav.writeframes(b"")
    yield header.getvalue()
    async for piece in pieces:
        yield piece


async def _mp3(pieces: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    samples = b"".join([piece async for piece in pieces])
    encoded = io.BytesIO()
    with av.open(encoded, "w", format="mp3") as container:
        stream = container.add_stream("mp3", rate=RATE_HZ, layout="mono")
        frame = av.AudioFrame.from_ndarray(
            np.frombuffer(samples, dtype=np.int16).reshape(1, -1), format="s16", layout="mono"
        )
        frame.sample_rate = RATE_HZ
        container.mux([*stream.encode(frame), *stream.encode(None)])
    yield encoded.getvalue()
