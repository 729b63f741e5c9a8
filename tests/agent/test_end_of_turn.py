"""The audio model behind its pool: answers, no answers, and the end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import numpy as np
import pytest
from livekit.local_inference import EOT_MAX_SAMPLES

from agent.pipeline.end_of_turn import EndOfTurnModel, Pcm

LIMIT_S = 5.0


class FakeModel:
    """Waits for `go` when told to; keeps what it was asked."""

    def __init__(self, error: Exception | None = None) -> None:
        self.asked: list[Pcm] = []
        self.go = threading.Event()
        self.go.set()
        self.begun = threading.Event()
        self.is_closed = False
        self._error = error

    def predict(self, pcm: Pcm) -> float:
        self.begun.set()
        self.go.wait(LIMIT_S)
        self.asked.append(pcm)
        if self._error is not None:
            raise self._error
        return 0.75

    def close(self) -> None:
        self.is_closed = True


def loaded(fake: FakeModel) -> Callable[[], FakeModel]:
    return lambda: fake


async def test_bytes_and_arrays_are_asked_about_by_their_last_part() -> None:
    fake = FakeModel()
    model = EndOfTurnModel(load=loaded(fake))
    samples = np.arange(EOT_MAX_SAMPLES + 1000, dtype=np.int16)
    try:
        assert await model.predict(samples.tobytes()) == 0.75
        assert await model.predict(samples[:500]) == 0.75
    finally:
        await model.close()
    assert [pcm.size for pcm in fake.asked] == [EOT_MAX_SAMPLES, 500]
    assert fake.asked[0][-1] == samples[-1]
    assert fake.is_closed


async def test_what_is_over_the_limit_is_not_known_at_once() -> None:
    fake = FakeModel()
    fake.go.clear()
    model = EndOfTurnModel(workers=1, max_waiting=1, answer_limit_s=LIMIT_S, load=loaded(fake))
    pcm = np.zeros(100, dtype=np.int16)
    try:
        async with asyncio.TaskGroup() as tasks:
            asking = [tasks.create_task(model.predict(pcm)) for _ in range(2)]
            await asyncio.to_thread(fake.begun.wait, LIMIT_S)
            assert await model.predict(pcm) is None
            fake.go.set()
        assert [task.result() for task in asking] == [0.75, 0.75]
        assert await model.predict(pcm) == 0.75
    finally:
        await model.close()


async def test_an_answer_that_takes_too_long_is_not_known_and_keeps_its_place() -> None:
    fake = FakeModel()
    fake.go.clear()
    model = EndOfTurnModel(workers=1, max_waiting=0, answer_limit_s=0.01, load=loaded(fake))
    pcm = np.zeros(100, dtype=np.int16)
    try:
        assert await model.predict(pcm) is None
        assert await model.predict(pcm) is None
    finally:
        fake.go.set()
        await model.close()
    assert len(fake.asked) == 1


async def test_a_failure_is_not_known_and_warming_raises_it() -> None:
    model = EndOfTurnModel(load=loaded(FakeModel(ValueError("too long"))))
    try:
        with pytest.raises(ValueError, match="too long"):
            await model.warm()
        assert await model.predict(b"\0\0") is None
    finally:
        await model.close()


async def test_after_the_close_nothing_is_known() -> None:
    fake = FakeModel()
    model = EndOfTurnModel(load=loaded(fake))
    await model.close()
    assert await model.predict(b"\0\0") is None
    assert not fake.asked


async def test_the_real_model_gives_a_probability() -> None:
    model = EndOfTurnModel(answer_limit_s=30)
    try:
        await model.warm()
        noise = np.random.default_rng(1).normal(0, 1000, EOT_MAX_SAMPLES).astype(np.int16)
        probability = await model.predict(noise)
    finally:
        await model.close()
    assert probability is not None
    assert 0 <= probability <= 1
