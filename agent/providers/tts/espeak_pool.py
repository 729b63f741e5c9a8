"""The espeak-ng helper processes of one server process, shared by all its rooms.

No task runs in the background: whoever wants a sentence spoken holds a helper for that long and
reads its answers itself. A helper left in mid-sentence is told to stop and goes back; what it
still sends is skipped by its number.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

from agent.providers.tts import espeak_worker
from agent.providers.tts.espeak_worker import ANSWER, Answer, Sentence

END_GRACE_S = 2.0
_PROGRAM = str(Path(espeak_worker.__file__).resolve())


class EspeakFailed(Exception):
    """Something of espeak's that a caller can name; the sentence says what."""


class WorkerCrashed(EspeakFailed):
    """The helper ended in mid-sentence, or could not be started."""


class SentenceRefused(EspeakFailed):
    """espeak-ng will not speak this: no such voice, too long. Trying again does not help."""


class QueueFull(EspeakFailed):
    """More sentences wait than the pool holds."""


@dataclass(frozen=True, slots=True)
class Pcm:
    """Mono signed 16-bit little-endian samples."""

    rate_hz: int
    samples: bytes


class _Worker:
    def __init__(self, process: Process) -> None:
        self._process = process
        self._rate_hz = 0
        self._asked = 0
        self._is_speaking = False
        self._head: bytes | None = None
        """Read already, while its payload is still to come: a cancelled reader leaves it here."""

    @classmethod
    async def start(cls, timeout_s: float) -> _Worker:
        try:
            # -P: this file's folder must not come before the standard library.
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                _PROGRAM,
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
            )
        except OSError as exc:
            raise WorkerCrashed(f"the espeak-ng helper did not start: {exc}") from exc
        worker = cls(process)
        is_ready = False
        try:
            async with asyncio.timeout(timeout_s):
                kind, _, payload = await worker._read_answer()
            if kind is not Answer.READY:
                raise WorkerCrashed(payload.decode("utf-8", "replace"))
            worker._rate_hz = int(payload)
            is_ready = True
        finally:
            if not is_ready:
                await worker.end()
        return worker

    @property
    def has_ended(self) -> bool:
        return self._process.returncode is not None

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, sentence: Sentence) -> None:
        self._asked += 1
        self._is_speaking = True
        self._send(espeak_worker.speak_request(self._asked, sentence))

    async def next_pcm(self) -> Pcm | None:
        """The next piece of the sentence asked for; None at its end.

        Raises WorkerCrashed, SentenceRefused.
        """
        while True:
            kind, request_id, payload = await self._read_answer()
            if request_id != self._asked:
                continue  # what an earlier, cancelled sentence had left
            if kind is Answer.AUDIO:
                return Pcm(self._rate_hz, payload)
            self._is_speaking = False
            if kind is Answer.ERROR:
                raise SentenceRefused(payload.decode("utf-8", "replace"))
            return None

    def stop_speaking(self) -> None:
        if self._is_speaking:
            self._is_speaking = False
            self._send(espeak_worker.cancel_request(self._asked))

    async def end(self, *, is_gentle: bool = False) -> None:
        """Close stdin, which ends the program; kill it by its pid when it does not end."""
        if not is_gentle:
            self.kill()
        for _ in range(2):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(END_GRACE_S):
                    await self._drain_and_reap()
                return
            self.kill()

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def _drain_and_reap(self) -> None:
        # Not communicate(): it writes to stdin, which uvloop refuses once the program is gone.
        assert self._process.stdin is not None  # noqa: S101 - it was opened with PIPE
        assert self._process.stdout is not None  # noqa: S101 - as above
        self._process.stdin.close()
        with contextlib.suppress(OSError):
            while await self._process.stdout.read(1 << 16):
                pass
        await self._process.wait()

    def _send(self, request: bytes) -> None:
        # No drain: one sentence and one cancel at most are under way, far below any limit.
        # When the program is gone uvloop raises RuntimeError; the next read tells the caller.
        if self._process.stdin is not None and not self._process.stdin.is_closing():
            with contextlib.suppress(RuntimeError, OSError):
                self._process.stdin.write(request)

    async def _read_answer(self) -> tuple[Answer, int, bytes]:
        assert self._process.stdout is not None  # noqa: S101 - it was opened with PIPE
        try:
            if self._head is None:
                self._head = await self._process.stdout.readexactly(ANSWER.size)
            kind, request_id, length = ANSWER.unpack(self._head)
            payload = await self._process.stdout.readexactly(length)
        except (asyncio.IncompleteReadError, OSError) as exc:
            raise WorkerCrashed("the espeak-ng helper ended unexpectedly") from exc
        self._head = None
        return Answer(kind), request_id, payload


class EspeakPool:
    """At most `limit` helpers, started when needed; at most `waiting_limit` sentences wait."""

    def __init__(self, *, limit: int = 2, waiting_limit: int = 64) -> None:
        self._turns = asyncio.Semaphore(limit)
        self._waiting_limit = waiting_limit
        self._waiting = 0
        self._idle: list[_Worker] = []
        self._busy: list[_Worker] = []
        self._is_closed = False

    @property
    def pids(self) -> list[int]:
        """The helpers that run now, the speaking ones first."""
        return [worker.pid for worker in (*self._busy, *self._idle) if not worker.has_ended]

    async def warm(self, timeout_s: float) -> None:
        """Start a helper ahead of the first sentence. Raises EspeakFailed, TimeoutError."""
        async with self._turn(timeout_s):
            if not self._idle:
                self._idle.append(await _Worker.start(timeout_s))

    async def speak(self, sentence: Sentence, *, timeout_s: float) -> AsyncGenerator[Pcm]:
        """The sentence in pieces of about 100 ms, as they are made; close it to cancel.

        `timeout_s` bounds the wait for a helper and for each piece. Raises WorkerCrashed,
        SentenceRefused, QueueFull, TimeoutError.
        """
        async with self._turn(timeout_s):
            worker = await self._take(timeout_s)
            is_usable = True
            try:
                worker.ask(sentence)
                while (pcm := await _within(timeout_s, worker)) is not None:
                    yield pcm
            except (WorkerCrashed, TimeoutError):
                is_usable = False
                raise
            finally:
                self._busy.remove(worker)
                if is_usable and not self._is_closed:
                    worker.stop_speaking()
                    self._idle.append(worker)
                else:
                    await worker.end()

    async def aclose(self) -> None:
        """End all helpers. A sentence under way ends with WorkerCrashed."""
        self._is_closed = True
        for worker in self._busy:
            worker.kill()  # whoever reads from it is told, and reaps it
        while self._idle:
            await self._idle.pop().end(is_gentle=True)

    async def _take(self, timeout_s: float) -> _Worker:
        # The one used last is taken first: a second one is started only when both are needed.
        worker: _Worker | None = None
        while worker is None and self._idle:
            worker = self._idle.pop()
            if worker.has_ended:
                await worker.end()
                worker = None
        worker = worker or await _Worker.start(timeout_s)
        self._busy.append(worker)
        return worker

    @contextlib.asynccontextmanager
    async def _turn(self, timeout_s: float) -> AsyncGenerator[None]:
        if self._is_closed:
            raise WorkerCrashed("the espeak-ng helpers have been shut down")
        if self._turns.locked() and self._waiting >= self._waiting_limit:
            raise QueueFull(f"{self._waiting} sentences wait to be spoken already")
        self._waiting += 1
        try:
            async with asyncio.timeout(timeout_s):
                await self._turns.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turns.release()


async def _within(timeout_s: float, worker: _Worker) -> Pcm | None:
    async with asyncio.timeout(timeout_s):
        return await worker.next_pcm()


@dataclass(slots=True)
class _Share:
    pool: EspeakPool
    holders: int = 0


_shares: WeakKeyDictionary[asyncio.AbstractEventLoop, _Share] = WeakKeyDictionary()


def hold_shared_pool() -> EspeakPool:
    """The pool of the running loop. Each hold is given back by one `release_shared_pool`."""
    share = _shares.setdefault(asyncio.get_running_loop(), _Share(EspeakPool()))
    share.holders += 1
    return share.pool


async def release_shared_pool() -> None:
    """The last holder ends the helpers."""
    loop = asyncio.get_running_loop()
    share = _shares.get(loop)
    if share is None:
        return
    share.holders -= 1
    if share.holders <= 0:
        del _shares[loop]  # first: who comes now gets a fresh pool
        await share.pool.aclose()
