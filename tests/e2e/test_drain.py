"""SIGTERM while interviews run: they may go on for `agent.drain_s`, and nothing new begins."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import Close

from sessions import protocol
from tests.support.candidate import Candidate, RoomClient, candidate, is_listening
from tests.support.polling import eventually
from tests.support.process import Running, run_to_end, vivavoce

pytestmark = pytest.mark.sockets

ANSWER = "To begin with I noticed that my colleague had gone quiet, and I asked her what was wrong."
QUICK = {"SPEECH__WORDS_PER_MINUTE": "450"}
EXIT_LIMIT_S = 10
LONG_S = 60  # no test waits for it


async def test_running_interviews_are_finished_and_new_ones_refused(tmp_path: Path) -> None:
    """The agent is a process of its own; the companion beside it stays."""
    data_dir = tmp_path / "var"
    assert run_to_end(["migrate"], data_dir).returncode == 0
    assert run_to_end(["seed"], data_dir).returncode == 0
    with vivavoce("agent", data_dir, {**QUICK, "AGENT__DRAIN_S": str(LONG_S)}) as agent:
        port = agent.url.rsplit(":", 1)[1]
        with vivavoce("server", data_dir, {"AGENT__PORT": port}) as server:
            async with candidate(server.url) as person:
                interview_id, other_id = await person.plan(), await person.plan()
                async with person.enter(interview_id) as room:
                    await begin(room)
                    agent.process.send_signal(signal.SIGTERM)
                    await logs(agent, "Draining, rooms that go on: 1")

                    await assert_refused(person, other_id)
                    await room.type(ANSWER)
                    await room.until(is_listening)
                    await room.until_kept(ANSWER)
                    assert agent.process.poll() is None
                    await room.send(protocol.End())
                    await room.until(lambda m: isinstance(m, protocol.Ended))
                    closed = await close_of(room)
                    assert closed.code == protocol.CloseCode.ENDED
                assert await exit_code(agent) == 0
                report = await person.call("GET", f"interviews/{interview_id}/report")
                assert report["status"] == "completed"
                assert ANSWER in [line["text"] for line in report["transcript"]]
    assert "Traceback" not in agent.logged()


async def test_a_second_signal_ends_the_waiting(tmp_path: Path) -> None:
    with vivavoce("run", tmp_path / "var", {**QUICK, "AGENT__DRAIN_S": str(LONG_S)}) as running:
        async with candidate(running.url) as person:
            async with person.enter(await person.plan()) as room:
                await begin(room)
                running.process.send_signal(signal.SIGTERM)
                await logs(running, "Draining, rooms that go on: 1")
                running.process.send_signal(signal.SIGTERM)
                assert (await close_of(room)).code == protocol.CloseCode.SHUTTING_DOWN
            assert await exit_code(running) == 0
    assert "Traceback" not in running.logged()


async def test_without_a_drain_rooms_are_closed_at_once(tmp_path: Path) -> None:
    with vivavoce("run", tmp_path / "var", {**QUICK, "AGENT__DRAIN_S": "0"}) as running:
        async with candidate(running.url) as person:
            async with person.enter(await person.plan()) as room:
                await begin(room)
                running.process.send_signal(signal.SIGTERM)
                closed = await close_of(room)
                assert closed.code == protocol.CloseCode.SHUTTING_DOWN
                assert "come back" in closed.reason
            assert await exit_code(running) == 0
    assert "Draining" not in running.logged()
    assert "Traceback" not in running.logged()


async def begin(room: RoomClient) -> None:
    await room.consent()
    await room.until(is_listening)


async def assert_refused(person: Candidate, interview_id: str) -> None:
    async with person.enter(interview_id) as room:
        problem = await room.until(lambda m: isinstance(m, protocol.Problem))
        assert isinstance(problem, protocol.Problem)
        assert problem.message.endswith(".")
        closed = await close_of(room)
        assert closed.code == protocol.CloseCode.SHUTTING_DOWN
        assert closed.reason


async def close_of(room: RoomClient) -> Close:
    """The code and reason with which the gateway closes the socket."""
    with pytest.raises(ConnectionClosed) as closed:
        await room.until(lambda message: False)
    assert closed.value.rcvd is not None
    return closed.value.rcvd


async def logs(running: Running, words: str) -> None:
    async def is_there() -> bool:
        return words in running.logged()

    await eventually(is_there, limit_s=EXIT_LIMIT_S)


async def exit_code(running: Running) -> int:
    return await asyncio.to_thread(running.process.wait, EXIT_LIMIT_S)
