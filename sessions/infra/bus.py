"""The bus that `bus.url` names."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sessions.errors import StartupFailed
from sessions.infra.bus_memory import MemoryBus
from sessions.infra.bus_redis import open_redis_bus
from sessions.ports import Bus


@asynccontextmanager
async def open_bus(url: str) -> AsyncGenerator[Bus]:
    """`memory://` or `redis://host:port/db`. Raises StartupFailed for anything else, and when
    Redis cannot be reached at the start."""
    match url.partition("://")[0]:
        case "memory":
            yield MemoryBus()
        case "redis" | "rediss":
            async with open_redis_bus(url) as bus:
                yield bus
        case _:
            raise StartupFailed(
                "bus.url is not an address this server can open.",
                hint="Use memory:// in one process, redis://host:6379/0 across several.",
            )
