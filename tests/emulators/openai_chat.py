"""A chat service on loopback that speaks OpenAI's wire protocol, and does what a test tells it.

It has no model: each request is answered by the next `Reply` of the list, the last one again and
again. It checks what the real services check: the path, the key, the fields of the request.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

KEY = "a-made-up-key"
MODEL = "emulated-1"
WORDS = "Thank you. "


@dataclass(slots=True, kw_only=True)
class Reply:
    """How one request is answered."""

    parts: Sequence[str] = (WORDS,)
    """The text, as it is streamed; one text to a request that asks for no stream."""
    silent_after: int | None = None
    """So many parts are sent, and then nothing until the emulator ends; 0: not even a header."""
    cut_after: int | None = None
    """So many parts are sent, and then the connection is cut."""
    finish: str | None = "stop"
    usage: tuple[int, int] | None = (100, 10)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: str | None = None
    """Sent instead of a stream, or as the stream, when the content type says so."""
    content_type: str = "application/json"


@dataclass(slots=True)
class ChatEmulator:
    """`requests` are the bodies that came, in order."""

    replies: list[Reply]
    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    lost: int = 0
    """Requests whose client went away before their answer was over."""
    _closing: asyncio.Event = field(default_factory=asyncio.Event)

    async def complete(self, request: web.Request) -> web.StreamResponse:
        body: dict[str, Any] = await request.json()
        self.requests.append(body)
        self.headers.append(dict(request.headers))
        reply = self.replies[min(len(self.requests), len(self.replies)) - 1]
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return _refusal(401, "Incorrect API key provided.")
        if wrong := _wrong(body):
            return _refusal(400, wrong)
        if reply.body is not None:
            return web.Response(
                text=reply.body,
                status=reply.status,
                headers=reply.headers,
                content_type=reply.content_type,
            )
        if reply.status != 200:
            return _refusal(reply.status, "No.", reply.headers)
        if not body.get("stream"):
            return await self._answer(request, reply)
        return await self._stream(request, reply)

    async def _answer(self, request: web.Request, reply: Reply) -> web.Response:
        """Whole, at once; or, as the reply says, never, or cut."""
        try:
            if reply.silent_after is not None:
                await self._closing.wait()
            if reply.cut_after is not None:
                _cut(request)
        except asyncio.CancelledError:
            self.lost += 1
            raise
        return web.json_response(_completion("".join(reply.parts), reply))

    async def _stream(self, request: web.Request, reply: Reply) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        try:
            if reply.silent_after == 0:
                await self._closing.wait()
            await response.prepare(request)
            await response.write(_event(_chunk({"role": "assistant", "content": ""})))
            for number, part in enumerate(reply.parts):
                if number == reply.silent_after:
                    await self._closing.wait()
                if number == reply.cut_after:
                    _cut(request)
                    return response
                await response.write(_event(_chunk({"content": part})))
            if reply.finish is not None:
                await response.write(_event(_chunk({}, finish=reply.finish)))
            if reply.usage is not None:
                await response.write(_event(_usage(*reply.usage)))
            await response.write(b"data: [DONE]\n\n")
        except (ConnectionResetError, asyncio.CancelledError):
            self.lost += 1
            raise
        return response

    def release(self) -> None:
        """Let the silent answers end."""
        self._closing.set()


@asynccontextmanager
async def open_chat(*replies: Reply) -> AsyncGenerator[ChatEmulator]:
    """On a free port, for as long as the block runs."""
    emulator = ChatEmulator(list(replies) or [Reply()])
    app = web.Application()
    app.router.add_post("/v1/chat/completions", emulator.complete)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        emulator.url = f"http://127.0.0.1:{port}/v1"
        yield emulator
    finally:
        emulator.release()
        await runner.cleanup()


def _wrong(body: dict[str, Any]) -> str:
    if body.get("model") != MODEL:
        return f"The model {body.get('model')} does not exist."
    messages = body.get("messages")
    if not messages or [message.get("role") for message in messages] != ["system", "user"]:
        return "messages: a system message and one of a user."
    if body.get("stream"):
        known = {"model", "messages", "stream", "stream_options"}
    else:
        known = {"model", "messages", "response_format", "temperature", "max_tokens"}
        # As the real service insists.
        is_json = body.get("response_format") == {"type": "json_object"}
        if is_json and "json" not in str(messages[0].get("content")).lower():
            return "'messages' must contain the word 'json' in some form."
    return f"Unknown: {sorted(set(body) - known)}" if set(body) - known else ""


def _refusal(status: int, message: str, headers: dict[str, str] | None = None) -> web.Response:
    error = {"message": message, "type": "emulated", "param": None, "code": None}
    return web.json_response({"error": error}, status=status, headers=headers)


def _event(chunk: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(chunk)}\n\n".encode()


def _chunk(delta: dict[str, str], *, finish: str | None = None) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1_800_000_000,
        "model": MODEL,
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        "usage": None,
    }


def _completion(text: str, reply: Reply) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_800_000_000,
        "model": MODEL,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text, "refusal": None},
                "finish_reason": reply.finish,
            }
        ],
        "usage": None if reply.usage is None else _tokens(*reply.usage),
    }


def _usage(prompt_tokens: int, completion_tokens: int) -> dict[str, Any]:
    return _chunk({}) | {"choices": [], "usage": _tokens(prompt_tokens, completion_tokens)}


def _tokens(prompt_tokens: int, completion_tokens: int) -> dict[str, int]:
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    }


def _cut(request: web.Request) -> None:
    transport = request.transport
    assert transport is not None
    transport.abort()
