"""A model service on loopback that is asked for JSON, and answers what a test's `Mind` makes of it.

It speaks OpenAI's wire protocol, not streamed, and checks the fields that the real services check.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

KEY = "a-made-up-key"
MODEL = "emulated-json-1"
_FIELDS = {"model", "messages", "response_format", "temperature", "max_tokens"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request: `system` and `user` as they came, the user's read as JSON."""

    system: str
    user: str
    data: dict[str, Any]
    temperature: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How it is answered. `content` is the model's text; `body` stands for the whole of it."""

    content: str | None = "{}"
    usage: tuple[int, int] | None = (100, 10)
    status: int = 200
    body: str | None = None
    content_type: str = "application/json"
    is_silent: bool = False
    is_cut: bool = False


Mind = Callable[[Asked], Answer]


@dataclass(slots=True)
class JsonEmulator:
    mind: Mind
    url: str = ""
    asked: list[Asked] = field(default_factory=list[Asked])
    bodies: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    most_at_once: int = 0
    _at_once: int = 0
    _closing: asyncio.Event = field(default_factory=asyncio.Event)

    async def complete(self, request: web.Request) -> web.StreamResponse:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            return await self._complete(request)
        finally:
            self._at_once -= 1

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body: dict[str, Any] = await request.json()
        self.bodies.append(body)
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return _refusal(401)
        if _is_wrong(body):
            return _refusal(400)
        system, user = (message["content"] for message in body["messages"])
        asked = Asked(
            system=system, user=user, data=json.loads(user), temperature=body["temperature"]
        )
        self.asked.append(asked)
        answer = self.mind(asked)
        if answer.is_silent:
            await self._closing.wait()
        if answer.status != 200:
            return _refusal(answer.status)
        text = answer.body if answer.body is not None else json.dumps(_completion(answer))
        if not answer.is_cut:
            return web.Response(text=text, content_type=answer.content_type)
        response = web.StreamResponse(headers={"Content-Length": str(len(text))})
        await response.prepare(request)
        await response.write(text[: len(text) // 2].encode())
        transport = request.transport
        assert transport is not None
        transport.abort()
        return response

    def release(self) -> None:
        """Let the silent answers end."""
        self._closing.set()


@asynccontextmanager
async def open_json(mind: Mind) -> AsyncGenerator[JsonEmulator]:
    """On a free port, for as long as the block runs."""
    emulator = JsonEmulator(mind)
    app = web.Application()
    app.router.add_post("/v1/chat/completions", emulator.complete)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        emulator.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        yield emulator
    finally:
        emulator.release()
        await runner.cleanup()


def saying(content: object) -> Answer:
    """The model answers with this object."""
    return Answer(content=json.dumps(content))


def _is_wrong(body: dict[str, Any]) -> bool:
    return (
        body.get("model") != MODEL
        or [message.get("role") for message in body.get("messages", [])] != ["system", "user"]
        or body.get("response_format") != {"type": "json_object"}
        or set(body) != _FIELDS
    )


def _refusal(status: int) -> web.Response:
    error = {"message": "No.", "type": "emulated", "param": None, "code": None}
    # The SDK tries once more, and would wait for half a second.
    return web.json_response({"error": error}, status=status, headers={"Retry-After-Ms": "1"})


def _completion(answer: Answer) -> dict[str, Any]:
    usage = None
    if answer.usage is not None:
        prompt, completion = answer.usage
        usage = {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
        }
    message = {"role": "assistant", "content": answer.content}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_800_000_000,
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": usage,
    }
