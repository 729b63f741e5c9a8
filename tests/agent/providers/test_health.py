"""Who works, who rests and for how long."""

from __future__ import annotations

import asyncio

from agent.providers.health import FIRST_REST_MS, JITTER, LONGEST_REST_MS, RELAPSE_MS, Health
from tests.support.clock import FakeClock

LONGEST_JITTER = 1 + JITTER


class Provider:
    def __init__(self) -> None:
        self.works = False
        self.probes = 0

    async def probe(self) -> None:
        self.probes += 1
        if not self.works:
            raise RuntimeError("still down")


def test_a_failed_one_goes_behind_those_that_work() -> None:
    health = Health(FakeClock())
    health.note_failure("stt", "a", "the key is refused")
    assert health.in_order("stt", ["a", "b", "c"]) == ["b", "c", "a"]
    assert health.reason("stt", "a") == "the key is refused"
    assert health.in_order("tts", ["a", "b"]) == ["a", "b"]


def test_without_a_probe_it_is_tried_when_its_rest_is_over() -> None:
    clock = FakeClock()
    health = Health(clock)
    health.note_failure("stt", "a", "down")
    clock.advance(FIRST_REST_MS - 1)
    assert not health.is_well("stt", "a")
    clock.advance(int(FIRST_REST_MS * JITTER) + 1)
    assert health.is_well("stt", "a")


async def test_a_probe_brings_it_back_and_not_before_its_rest_is_over() -> None:
    clock, provider = FakeClock(), Provider()
    health = Health(clock)
    health.watch("stt", "a", provider.probe)
    health.note_failure("stt", "a", "down")
    await health.probe_rested()
    assert provider.probes == 0
    provider.works = True
    clock.advance(int(FIRST_REST_MS * LONGEST_JITTER))
    assert not health.is_well("stt", "a")
    await health.probe_rested()
    assert health.is_well("stt", "a")
    assert health.reason("stt", "a") == ""


async def test_each_failed_probe_doubles_the_rest_up_to_a_limit() -> None:
    clock, provider = FakeClock(), Provider()
    health = Health(clock)
    health.watch("stt", "a", provider.probe)
    health.note_failure("stt", "a", "down")
    for rest_ms in (5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000):
        before = provider.probes
        clock.advance(rest_ms - 1)
        await health.probe_rested()
        assert provider.probes == before
        clock.advance(int(rest_ms * JITTER) + 1)
        await health.probe_rested()
        assert provider.probes == before + 1
    assert LONGEST_REST_MS == 300_000


def test_many_rooms_that_meet_one_outage_lengthen_nothing() -> None:
    clock = FakeClock()
    health = Health(clock)
    for _ in range(20):
        health.note_failure("stt", "a", "down")
    clock.advance(int(FIRST_REST_MS * LONGEST_JITTER))
    assert health.is_well("stt", "a")


def test_one_that_fails_soon_after_it_came_back_rests_longer() -> None:
    clock = FakeClock()
    health = Health(clock)
    health.note_failure("stt", "a", "deaf")
    clock.advance(int(FIRST_REST_MS * LONGEST_JITTER))
    health.note_success("stt", "a")
    clock.advance(1_000)
    health.note_failure("stt", "a", "deaf")
    clock.advance(int(FIRST_REST_MS * LONGEST_JITTER))
    assert not health.is_well("stt", "a")


def test_a_failure_long_after_is_a_first_one() -> None:
    clock = FakeClock()
    health = Health(clock)
    health.note_failure("stt", "a", "deaf")
    health.note_success("stt", "a")
    clock.advance(RELAPSE_MS + 1)
    health.note_failure("stt", "a", "deaf")
    clock.advance(int(FIRST_REST_MS * LONGEST_JITTER))
    assert health.is_well("stt", "a")


async def test_the_probe_of_a_closed_room_is_not_used() -> None:
    clock, first, second = FakeClock(), Provider(), Provider()
    health = Health(clock)
    health.watch("stt", "a", first.probe)
    health.watch("stt", "a", second.probe)
    health.unwatch("stt", "a", second.probe)
    health.note_failure("stt", "a", "down")
    clock.advance(int(FIRST_REST_MS * LONGEST_JITTER))
    await health.probe_rested()
    assert (first.probes, second.probes) == (1, 0)


async def test_one_that_hangs_keeps_no_other_waiting() -> None:
    clock, provider, hanging = FakeClock(), Provider(), asyncio.Event()
    provider.works = True

    async def hang() -> None:
        await hanging.wait()

    health = Health(clock)
    health.watch("stt", "a", hang)
    health.watch("stt", "b", provider.probe)
    for name in ("a", "b"):
        health.note_failure("stt", name, "down")
    clock.advance(int(FIRST_REST_MS * LONGEST_JITTER))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(health.probe_rested())
        async with asyncio.timeout(5):
            while not health.is_well("stt", "b"):  # noqa: ASYNC110 -- nothing tells of it
                await asyncio.sleep(0)
        assert not health.is_well("stt", "a")
        hanging.set()
    assert health.is_well("stt", "a")
