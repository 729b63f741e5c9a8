"""Deepgram's POST /v1/speak as its documentation has it: text in JSON, raw linear16 samples out."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from aiohttp import web

from tests.emulators.voices import PAGE, STATUSES, EmulatedVoice, Fault, Request, send_pieces, serve


@asynccontextmanager
async def run_deepgram_speak() -> AsyncGenerator[EmulatedVoice]:
    voice = EmulatedVoice()

    async def speak(request: web.Request) -> web.StreamResponse:
        body: dict[str, str] = await request.json()
        options = dict(request.query)
        key = request.headers.get("Authorization", "")
        voice.requests.append(Request(body["text"], key, options))
        fault = voice.next_fault()
        if status := STATUSES.get(fault):
            answer = {"err_code": "ERROR", "err_msg": "It was refused.", "request_id": "r"}
            return web.json_response(answer, status=status)
        if not key.startswith("Token ") or options.get("encoding") != "linear16":
            raise web.HTTPBadRequest
        if fault is Fault.PAGE:
            return web.Response(text=PAGE, content_type="text/html")
        if fault is Fault.SLOW:
            await voice.go_on.wait()
        pieces = voice.pieces(body["text"], int(options["sample_rate"]), fault)
        response = web.StreamResponse(headers={"Content-Type": "audio/l16", "dg-request-id": "r"})
        return await send_pieces(request, response, pieces)

    app = web.Application()
    app.router.add_post("/v1/speak", speak)
    async with serve(app) as url:
        voice.url = url
        yield voice
        voice.go_on.set()
