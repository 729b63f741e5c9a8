"""What `sessions.ports.Clock` promises, of the machine's and of the tests' own."""

from __future__ import annotations

import time

import pytest

from sessions.infra.clock import SystemClock
from sessions.ports import Clock
from tests.support.clock import FakeClock


@pytest.mark.parametrize("clock", [SystemClock(), FakeClock()])
def test_time_is_whole_milliseconds_since_1970(clock: Clock) -> None:
    a_year_of_ours_ms = range(1_700_000_000_000, 4_000_000_000_000)

    assert isinstance(clock.now_ms(), int)
    assert clock.now_ms() in a_year_of_ours_ms


def test_the_machines_clock_tells_the_machines_time() -> None:
    before_ns = time.time_ns()
    now_ms = SystemClock().now_ms()
    after_ns = time.time_ns()

    assert before_ns // 1_000_000 <= now_ms <= after_ns // 1_000_000


def test_the_tests_clock_moves_only_when_told() -> None:
    clock = FakeClock(1_000)
    assert (clock.now_ms(), clock.now_ms()) == (1_000, 1_000)

    clock.advance(250)
    assert clock.now_ms() == 1_250
