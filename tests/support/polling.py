"""Waiting for something that another task or process does, with a limit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


async def eventually(
    claim: Callable[[], Awaitable[bool]], *, limit_s: float = 5.0, every_s: float = 0.01
) -> None:
    """Ask until the claim holds. Raises TimeoutError when it does not in time."""
    async with asyncio.timeout(limit_s):
        while not await claim():  # noqa: ASYNC110 - another process sets no event of ours
            await asyncio.sleep(every_s)
