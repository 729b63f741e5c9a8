"""What a test of rooms starts from: a world with a journal in memory and a clock that stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent import room as room_module
from tests.support.clock import FakeClock
from tests.support.room import World


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def world(tmp_path: Path, clock: FakeClock) -> World:
    return World(spill_dir=tmp_path, clock=clock)


@pytest.fixture
def quick_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_module, "TICK_S", 0.01)
