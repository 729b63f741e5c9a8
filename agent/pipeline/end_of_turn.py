"""Was that the end of the turn? Asked of the audio model that ships with livekit, off the loop.

One per process: the model takes about 110 MB once, and 30-40 ms of processor time a question,
which a room's loop must never spend. It may be used only within LiveKit Agents (its licence),
which is what the voice session here is.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore, Lock
from typing import Protocol

import numpy as np
from livekit import local_inference
from livekit.local_inference import EOT_MAX_SAMPLES

log = logging.getLogger(__name__)

MODEL_RATE_HZ = 16_000
HEARD_S = EOT_MAX_SAMPLES / MODEL_RATE_HZ
"""The model listens to this much of the end of the audio; more is cut off, less is padded."""

ANSWER_LIMIT_S = 0.5
"""An answer that takes longer is of no use: the words decide."""

Pcm = np.ndarray[tuple[int], np.dtype[np.int16]]


class Model(Protocol):
    """`predict` may block; it is called from several threads at once."""

    def predict(self, pcm: Pcm) -> float: ...

    def close(self) -> None: ...


class EndOfTurnModel:
    """Loaded by `warm` or by the first question. `close` once, when nobody asks any more."""

    def __init__(
        self,
        *,
        workers: int = 1,
        max_waiting: int = 8,
        answer_limit_s: float = ANSWER_LIMIT_S,
        load: Callable[[], Model] = local_inference.EOT,
    ) -> None:
        """`max_waiting` questions wait at most, besides one a worker; what is over has no answer.

        `load` is called in a worker's thread.
        """
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="end-of-turn")
        self._places = BoundedSemaphore(workers + max_waiting)
        self._answer_limit_s = answer_limit_s
        self._load = load
        self._loading = Lock()
        self._model: Model | None = None
        self._is_closed = False

    async def warm(self) -> None:
        """Load the model, and let it answer once: its first answer takes longer than others.

        Raises what loading raises.
        """
        await self._run(np.zeros(EOT_MAX_SAMPLES, dtype=np.int16))

    async def predict(self, pcm: bytes | bytearray | memoryview | Pcm) -> float | None:
        """P(the turn ended), for mono 16-bit 16 kHz audio that ends some 0.2 s into the pause.

        None when it is not known: too many questions at once, no answer in time, a failure.
        """
        if self._is_closed:
            return None
        samples = pcm if isinstance(pcm, np.ndarray) else np.frombuffer(pcm, dtype=np.int16)
        try:
            async with asyncio.timeout(self._answer_limit_s):
                return await self._run(samples[-EOT_MAX_SAMPLES:])
        except TimeoutError:
            log.debug("the end-of-turn model did not answer in time")
        # The edge to the native model: whatever it raises, the words decide without it.
        except Exception as exc:
            log.warning("the end-of-turn model failed: %s: %s", type(exc).__name__, exc)
        return None

    async def close(self) -> None:
        """Questions that wait are dropped; the one being answered is waited for."""
        self._is_closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(self._pool.shutdown)
        if self._model is not None:
            self._model.close()
            self._model = None

    async def _run(self, samples: Pcm) -> float | None:
        if not self._places.acquire(blocking=False):
            log.debug("too many questions wait for the end-of-turn model")
            return None
        try:
            answering = self._pool.submit(self._answer, samples)
        except RuntimeError:  # closed meanwhile
            self._places.release()
            return None
        # Not when the asker goes away: only when the worker is free is there a place again.
        answering.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(answering)

    def _answer(self, samples: Pcm) -> float:
        with self._loading:
            if self._model is None:
                self._model = self._load()
            model = self._model
        return float(model.predict(samples))
