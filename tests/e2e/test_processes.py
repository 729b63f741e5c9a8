"""Processes that die, and processes that are two."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from sessions import protocol
from tests.support.candidate import candidate, is_listening
from tests.support.process import run_to_end, vivavoce

pytestmark = pytest.mark.sockets

ANSWER = "To begin with I noticed that my colleague had gone quiet, and I asked her what was wrong."


async def test_kill_9_in_mid_interview_loses_no_finished_turn(tmp_path: Path) -> None:
    data_dir = tmp_path / "var"
    with vivavoce("run", data_dir) as running:
        port = running.url.rsplit(":", 1)[1]
        async with candidate(running.url) as person:
            interview_id = await person.plan()
            async with person.enter(interview_id) as room:
                await room.consent()
                await room.until(is_listening)
                await room.type(ANSWER)
                await room.until(is_listening)
                await room.until_kept(ANSWER)
                asked = [m for m in room.seen if isinstance(m, protocol.QuestionShown)][-1]
                running.kill()

            with vivavoce("run", data_dir, {"SERVER__PORT": port}):
                view = await person.call("GET", f"interviews/{interview_id}")
                assert view["status"] == "interrupted"
                assert "interrupted" in (await person.page("/dashboard")).lower()
                assert ANSWER in await person.page(f"/interviews/{interview_id}/report")

                async with person.enter(interview_id) as room:
                    welcome = await room.until(lambda m: isinstance(m, protocol.Welcome))
                    assert isinstance(welcome, protocol.Welcome)
                    assert welcome.consented
                    assert welcome.question == asked
                    assert ANSWER in [caption.text for caption in welcome.captions]
                    await room.until(is_listening)
                    spoken = [m.text for m in room.seen if isinstance(m, protocol.Say)]
                    assert any(asked.probe in text for text in spoken)
                    await room.send(protocol.End())
                    await room.until(lambda m: isinstance(m, protocol.Ended))
                view = await person.call("GET", f"interviews/{interview_id}")
                assert view["status"] == "completed"


async def test_server_and_agent_as_two_processes_on_postgres_and_redis(
    tmp_path: Path, postgres_url: str, redis_url: str
) -> None:
    shared = {
        "DATABASE__URL": postgres_url,
        "BUS__URL": redis_url,
        "SECURITY__SECRET_KEY": "for-this-test-only-" + "x" * 32,
    }
    assert run_to_end(["migrate"], tmp_path / "a", shared).returncode == 0
    assert run_to_end(["seed"], tmp_path / "a", shared).returncode == 0
    with vivavoce("agent", tmp_path / "a", shared) as agent:
        port = agent.url.rsplit(":", 1)[1]
        with vivavoce("server", tmp_path / "s", {**shared, "AGENT__PORT": port}) as server:
            async with candidate(server.url) as person:
                interview_id = await person.plan()
                async with person.enter(interview_id) as room:
                    await room.consent()
                    await room.until(is_listening)
                    await room.type(ANSWER)
                    await room.until(is_listening)
                    view = await person.call("GET", f"interviews/{interview_id}")
                    assert view["status"] == "in_progress"
                    await room.send(protocol.End())
                    await room.until(lambda m: isinstance(m, protocol.Ended))
                report = await person.call("GET", f"interviews/{interview_id}/report")
                assert report["status"] == "completed"
                assert ANSWER in [line["text"] for line in report["transcript"]]


async def test_ctrl_c_lets_the_rooms_go_in_order(tmp_path: Path) -> None:
    with vivavoce("run", tmp_path / "var") as running:
        port = running.url.rsplit(":", 1)[1]
        async with candidate(running.url) as person:
            interview_id = await person.plan()
            async with person.enter(interview_id) as room:
                await room.consent()
                await room.until(is_listening)
                await room.type(ANSWER)
                await room.until(is_listening)
                await room.until_kept(ANSWER)
                running.process.send_signal(signal.SIGINT)
                with pytest.raises(ConnectionClosed) as closed:
                    await room.until(lambda message: False)
                assert closed.value.rcvd is not None
                assert closed.value.rcvd.code == protocol.CloseCode.SHUTTING_DOWN
            assert await asyncio.to_thread(running.process.wait, 20) == 0
            assert "Traceback" not in running.logged()

            with vivavoce("run", tmp_path / "var", {"SERVER__PORT": port}):
                view = await person.call("GET", f"interviews/{interview_id}")
                assert view["status"] == "interrupted"
                assert view["answered_count"] == 1
