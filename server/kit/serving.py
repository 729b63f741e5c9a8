"""Listening: an application on an address, until the block is left."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import cast

from aiohttp import web

from sessions.infra.listening import explain_listen_error

SHUTDOWN_TIMEOUT_S = 5.0
LINGERING_S = 2.0
"""How long what is left of a refused body may take to arrive before the connection is cut."""


@asynccontextmanager
async def serve(app: web.Application, host: str, port: int) -> AsyncGenerator[int]:
    """Yields the port it listens on (`port` 0: a free one). Raises StartupFailed when it cannot."""
    runner = web.AppRunner(
        app,
        access_log=None,
        shutdown_timeout=SHUTDOWN_TIMEOUT_S,
        lingering_time=LINGERING_S,
    )
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as exc:
            raise explain_listen_error(exc, host=host, port=port, section="server") from exc
        # The first of (host, port) or IPv6's (host, port, flow, scope).
        yield cast("tuple[str, int]", runner.addresses[0])[1]
    finally:
        await runner.cleanup()
