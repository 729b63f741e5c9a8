"""Listening: an application on an address, until the block is left."""

from __future__ import annotations

import errno
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import cast

from aiohttp import web

from sessions.errors import StartupFailed

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
            raise _explained(exc, host, port) from exc
        # The first of (host, port) or IPv6's (host, port, flow, scope).
        yield cast("tuple[str, int]", runner.addresses[0])[1]
    finally:
        await runner.cleanup()


def _explained(exc: OSError, host: str, port: int) -> StartupFailed:
    if exc.errno == errno.EADDRINUSE:
        return StartupFailed(
            f"Port {port} on {host} is in use.",
            hint="Stop the other program or set server.port to another one (0 picks a free one).",
        )
    if exc.errno == errno.EACCES:
        return StartupFailed(
            f"Port {port} on {host} is reserved for the system.",
            hint="Set server.port to 1024 or more.",
        )
    return StartupFailed(
        f"The address {host} cannot be listened on: {exc.strerror or exc}.",
        hint="Set server.host to an address of this machine, such as 127.0.0.1.",
    )
