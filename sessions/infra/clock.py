"""The one reader of the clock."""

from __future__ import annotations

import time

_NS_PER_MS = 1_000_000


class SystemClock:
    """Implements `sessions.ports.Clock` with the machine's time."""

    def now_ms(self) -> int:
        return time.time_ns() // _NS_PER_MS
