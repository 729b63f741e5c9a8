"""When Python's cyclic collector runs: seldom, and never for nothing.

By default it looks at new objects after 700 of them, and every so often through all that live. In a
process with a hundred rooms that is an eighth of the work and holds the loop for a tenth of a
second, mostly to find nothing: what rooms make is freed by counting references. What is left in
cycles is a closed room's, so closed rooms are what is counted here.
"""

from __future__ import annotations

import gc
import logging
import time

log = logging.getLogger(__name__)

YOUNG_OBJECTS = 10_000
"""New objects, less those freed, before these are looked at, which takes about 10 ms."""
YOUNG_PASSES = OLD_PASSES = 1_000
"""The older ones are looked at by `Sweeper`; this is for a process that has no rooms."""
CLOSED_ROOMS = 100
"""Their cycles, about 1,200 objects each, are let lie until there are so many: some 30 MB."""


def settle() -> None:
    """Once, when all is loaded: what is there now stays to the end, and is not looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, YOUNG_PASSES, OLD_PASSES)


class Sweeper:
    """Of a process's rooms. Sweeping holds the loop for about 1 ms a living room."""

    def __init__(self) -> None:
        self._closed = 0

    def note_closed(self, *, left: int) -> None:
        """A room is gone, and so many are left. With none left, sweeping is nobody's delay."""
        if not gc.get_freeze_count():
            return  # nothing was settled: the collector works as it always does
        self._closed += 1
        if self._closed < CLOSED_ROOMS and left:
            return
        self._closed = 0
        began_s = time.perf_counter()
        freed = gc.collect()
        took_ms = (time.perf_counter() - began_s) * 1000
        log.debug("%d objects of closed rooms freed in %.0f ms", freed, took_ms)
