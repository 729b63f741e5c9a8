"""Whether this process keeps up: its event loop's lag, measured all the time.

A timer that should have run at one moment runs at a later one when something held the loop. Rooms
that are served late are worse than rooms that are refused: past its limit a process takes no more.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque

log = logging.getLogger(__name__)

EVERY_S = 0.1
WINDOW = 100
"""Measurements looked back on: 10 s."""
STALL_MS = 100.0
"""A single lag worth telling: late frames are heard from about here."""
SHARE = 0.95


class LoadWatch:
    """`run` measures until cancelled. All lags are in ms."""

    def __init__(self) -> None:
        self._lags: deque[float] = deque(maxlen=WINDOW)
        self.stalls = 0
        self.longest_ms = 0.0

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        due_s = loop.time() + EVERY_S
        while True:
            await asyncio.sleep(due_s - loop.time())
            now_s = loop.time()
            self.note(max(now_s - due_s, 0.0) * 1000)
            due_s = max(due_s + EVERY_S, now_s)

    def note(self, lag_ms: float) -> None:
        self._lags.append(lag_ms)
        self.longest_ms = max(self.longest_ms, lag_ms)
        if lag_ms >= STALL_MS:
            self.stalls += 1
            if len(self._lags) >= WINDOW // 5:  # before, it starts, and keeps nobody waiting
                log.warning("the event loop was held for %d ms", lag_ms)

    @property
    def lag_ms(self) -> float:
        """What 95 of 100 of the last measurements stayed under; 0 before there are enough."""
        if len(self._lags) < WINDOW // 5:
            return 0.0
        return sorted(self._lags)[int(len(self._lags) * SHARE)]
