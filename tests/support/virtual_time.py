"""Conversations in virtual time: a loop whose clock leaps to the next timer when nothing is to do.

A half minute of talk takes a second, and a test can say when to the millisecond something came,
however busy the machine is. What blocks takes no time at all, nor does `run_in_executor`. Other
work outside the loop would be leapt over: give it `Here` as its pool, or an `Awaited` store.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import AsyncIterable, AsyncIterator, Callable, Coroutine, Generator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, TypeVarTuple, Unpack

from sessions.ports import Blobs

EPOCH_MS = 1_800_000_000_000
NOTHING_LIMIT_S = 5.0
"""Real seconds that a loop without a timer waits for something to happen."""
AWAITED_STEP_S = 0.002
GRACE_TURNS = 50

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")
_Arguments = TypeVarTuple("_Arguments")


class LeapingSelector(selectors.DefaultSelector):
    """Leaps instead of waiting; while something outside is `awaited` its time stands still."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0
        self.awaited = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if self.awaited:
            return super().select(AWAITED_STEP_S)
        if timeout is None:
            ready = super().select(NOTHING_LIMIT_S)
            assert ready, "the loop waits for what will never happen"
            return ready
        self.now_s += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.selector = LeapingSelector()
        super().__init__(self.selector)

    def time(self) -> float:
        return self.selector.now_s

    def run_in_executor(
        self,
        executor: Executor | None,
        func: Callable[[Unpack[_Arguments]], _Result],
        *args: *_Arguments,
    ) -> asyncio.Future[_Result]:
        """Work in threads takes no time."""
        self.selector.awaited += 1
        working = super().run_in_executor(executor, func, *args)
        working.add_done_callback(lambda _: self._note_done())
        return working

    def _note_done(self) -> None:
        self.selector.awaited -= 1


class VirtualClock:
    """Implements `sessions.ports.Clock`: the time of the running VirtualLoop, `ahead_ms` later."""

    def __init__(self, *, ahead_ms: int = 0) -> None:
        self.ahead_ms = ahead_ms

    def now_ms(self) -> int:
        # Rounded: a loop's time of 0.3 s is a little less than that.
        return EPOCH_MS + self.ahead_ms + round(asyncio.get_running_loop().time() * 1000)


@contextmanager
def awaited() -> Generator[None]:
    """Work outside the loop is waited for: no time passes meanwhile."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    loop.selector.awaited += 1
    try:
        yield
    finally:
        loop.selector.awaited -= 1


class Here(Executor):
    """Does its work at once, in the caller's thread."""

    def submit(
        self, fn: Callable[_Given, _Result], /, *args: _Given.args, **kwargs: _Given.kwargs
    ) -> Future[_Result]:
        future: Future[_Result] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        # Nothing is swallowed: it is raised again where it is waited for.
        except Exception as exc:
            future.set_exception(exc)
        return future


class Awaited:
    """A store of files (`sessions.ports.Blobs`) whose requests take no time."""

    def __init__(self, store: Blobs) -> None:
        self._store = store

    async def put(self, key: str, content: bytes | Path | AsyncIterable[bytes]) -> None:
        with awaited():
            await self._store.put(key, content)

    async def read(self, key: str, start: int, end: int) -> bytes:
        with awaited():
            return await self._store.read(key, start, end)

    async def size(self, key: str) -> int:
        with awaited():
            return await self._store.size(key)

    async def delete(self, key: str) -> None:
        with awaited():
            await self._store.delete(key)

    async def list(self, prefix: str = "") -> AsyncIterator[str]:
        with awaited():
            keys = [key async for key in self._store.list(prefix)]
        for key in keys:
            yield key


def in_virtual_time(
    test: Callable[_Given, Coroutine[Any, Any, None]],
) -> Callable[_Given, None]:
    """A test on a loop of its own, which fails when a task outlives it. Its fixtures are plain."""

    @wraps(test)
    def run(*args: _Given.args, **kwargs: _Given.kwargs) -> None:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(_without_leftovers(test(*args, **kwargs)))

    return run


async def _without_leftovers(work: Coroutine[Any, Any, None]) -> None:
    await work
    left: set[asyncio.Task[object]] = set()
    for _ in range(GRACE_TURNS):
        left = asyncio.all_tasks() - {task for task in (asyncio.current_task(),) if task}
        if not left:
            return
        await asyncio.sleep(0)
    names = "\n".join(sorted(repr(task) for task in left))
    raise AssertionError(f"{len(left)} tasks were left behind:\n{names}")


async def pass_ms(ms: float) -> None:
    """Let so much time pass."""
    await asyncio.sleep(ms / 1000)
