"""Recordings do not outlive their days: looked after at the server's start, then every hour.

Several servers may do it at once: a deletion is harmless twice, and of two facts about it the
journal takes one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from server.recordings.service import Recordings

EVERY_S = 3_600.0
RUN_LIMIT_S = 1_800.0

_log = logging.getLogger(__name__)


@asynccontextmanager
async def keep_retention(
    recordings: Recordings, *, every_s: float = EVERY_S
) -> AsyncGenerator[None]:
    """Retention runs as long as the block does."""
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(_run(recordings, every_s), name="recordings' retention")
        try:
            yield
        finally:
            task.cancel()


async def _run(recordings: Recordings, every_s: float) -> None:
    while True:
        try:
            async with asyncio.timeout(RUN_LIMIT_S):
                await recordings.delete_old()
        except Exception:  # the edge: a database that is away now may be back in an hour
            _log.exception("retention did not run; the next time is in %d s", every_s)
        await asyncio.sleep(every_s)
