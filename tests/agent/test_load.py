"""The lag of the loop, and what follows from it for those who want in."""

from __future__ import annotations

import asyncio

import pytest

from agent.load import STALL_MS, WINDOW, LoadWatch
from sessions.errors import Overloaded, ShuttingDown
from sessions.ids import InterviewId
from sessions.protocol import CloseCode
from tests.support.gateway_guest import open_gate
from tests.support.interviews import made_question
from tests.support.polling import eventually
from tests.support.room import World, beside, visit
from tests.support.room_client import Client

OTHER = InterviewId("22222222-2222-4222-8222-222222222222")


def held_back(load: LoadWatch, lag_ms: float) -> None:
    for _ in range(WINDOW):
        load.note(lag_ms)


@pytest.mark.parametrize(
    ("lags", "lag_ms"),
    [
        ([], 0.0),
        ([500.0] * 3, 0.0),  # too few to judge by: a process that starts is busy for a moment
        ([1.0] * 100, 1.0),
        ([1.0] * 97 + [900.0] * 3, 1.0),
        ([1.0] * 90 + [80.0] * 10, 80.0),
        ([500.0] * 100 + [2.0] * 100, 2.0),
    ],
)
def test_the_lag_is_what_most_stay_under(lags: list[float], lag_ms: float) -> None:
    load = LoadWatch()
    for lag in lags:
        load.note(lag)

    assert load.lag_ms == lag_ms


def test_stalls_are_counted_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    load = LoadWatch()
    load.note(STALL_MS + 10)  # it has only just started
    for lag_ms in (*[3.0] * (WINDOW // 5), STALL_MS + 20, 1.0):
        load.note(lag_ms)

    assert (load.stalls, load.longest_ms) == (2, STALL_MS + 20)
    assert "held for 110 ms" not in caplog.text
    assert "held for 120 ms" in caplog.text


async def test_it_measures_the_loop_it_runs_on() -> None:
    load = LoadWatch()
    async with beside(load.run()) as measuring:
        # Something that computes without a pause, as nothing on the loop should.
        until_s = asyncio.get_running_loop().time() + 0.3
        await asyncio.sleep(0)
        while asyncio.get_running_loop().time() < until_s:
            pass
        await eventually(lambda: _true(load.longest_ms > 0), limit_s=5)
        measuring.cancel()
    assert load.stalls == 1


async def _true(claim: bool) -> bool:
    return claim


async def test_a_process_that_lags_refuses_new_rooms_and_keeps_its_own(world: World) -> None:
    await world.plan(made_question(1))
    await world.plan(made_question(1), interview_id=OTHER)
    async with world.open_rooms() as rooms, visit(rooms) as client:
        held_back(world.load, world.settings.agent.max_lag_ms + 1)

        with pytest.raises(Overloaded):
            await Client().enter(rooms, OTHER)
        async with visit(rooms) as again:  # who is in a room already may come back to it
            assert again.room is client.room
        held_back(world.load, 1.0)
        async with visit(rooms, OTHER):
            assert rooms.count == 2


async def test_draining_refuses_new_rooms_and_waits_for_the_last(world: World) -> None:
    await world.plan(made_question(1))
    await world.plan(made_question(1), interview_id=OTHER)
    async with world.open_rooms() as rooms, visit(rooms) as client, beside(rooms.drain()) as drain:
        await asyncio.sleep(0)
        with pytest.raises(ShuttingDown):
            await Client().enter(rooms, OTHER)
        assert not drain.done()
        client.room.close("the end of the test")
        async with asyncio.timeout(8):
            await drain


@pytest.mark.sockets
async def test_metrics_are_told_to_who_may_ask(world: World) -> None:
    agent = world.settings.agent.model_copy(update={"metrics": True, "max_rooms": 1})
    world.settings = world.settings.model_copy(update={"agent": agent})
    await world.plan(made_question(1))
    await world.plan(made_question(1), interview_id=OTHER)
    async with open_gate(world) as gate, gate.enter():
        async with gate.meet(OTHER) as refused:
            await refused.send(gate.hello(gate.token(OTHER)))
            await refused.check_it_is_closed(CloseCode.ROOMS_FULL, "rooms_full")
        told = await gate.request("/metrics")
    assert "vivavoce_rooms 1.0" in told
    assert "vivavoce_rooms_refused_total 1.0" in told
    assert "vivavoce_loop_stalls_total" in told


@pytest.mark.sockets
async def test_metrics_are_told_to_nobody_by_default(world: World) -> None:
    async with open_gate(world) as gate:
        assert "There is no such room." in await gate.request("/metrics")
