"""The work of one recording: one job at a time and in order, on threads that all share."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import TypeVar

MAX_WAITING = 40
"""Batches of half a second: threads this far behind will not catch up."""

_Result = TypeVar("_Result")


class Lane:
    def __init__(self, pool: Executor) -> None:
        self._pool = pool
        self._lock = threading.Lock()
        self._waiting: deque[Callable[[], None]] = deque()
        self._is_at_work = False

    @property
    def is_full(self) -> bool:
        return len(self._waiting) >= MAX_WAITING

    def add(self, job: Callable[[], None]) -> None:
        """Does not wait. The job must not raise. Look at `is_full` first."""
        with self._lock:
            self._waiting.append(job)
            if self._is_at_work:
                return
            self._is_at_work = True
        self._pool.submit(self._work)

    async def run(self, job: Callable[[], _Result]) -> _Result:
        """What the job returns or raises, after all that was added before it."""
        future: Future[_Result] = Future()

        def work() -> None:
            try:
                future.set_result(job())
            # Nothing is swallowed: it is raised again where it is waited for.
            except BaseException as exc:
                future.set_exception(exc)

        self.add(work)
        # Shielded: a job that is waited for no more is done all the same.
        return await asyncio.shield(asyncio.wrap_future(future))

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._is_at_work = False
                    return
                job = self._waiting.popleft()
            job()
