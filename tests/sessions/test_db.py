"""Sessions of the database, when whoever has one is cancelled."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from sqlalchemy import text

from sessions.infra.db import Database, open_database

TIMES = 60
"""Without the wait for a session's end, about each twelfth stop ended in an error."""


def test_a_process_that_stops_in_mid_work_ends_without_an_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    for steps in range(TIMES):
        asyncio.run(stop_in_mid_work(f"sqlite+aiosqlite:///{tmp_path / 'some.db'}", steps))
    assert caplog.messages == []


async def stop_in_mid_work(url: str, steps: int) -> None:
    async with open_database(url) as database:
        async with database.write() as session:
            await session.execute(text("CREATE TABLE IF NOT EXISTS things (n INTEGER)"))
        works = (read_on, write_on) * 3
        working = [asyncio.ensure_future(work(database)) for work in works]
        await asyncio.sleep(0.02 + steps * 0.0002)  # another moment each time
        for one in working:
            one.cancel()
        await asyncio.wait(working)
        assert all(one.cancelled() for one in working)


async def read_on(database: Database) -> None:
    while True:
        async with database.read() as session:
            await session.execute(text("SELECT count(*) FROM things"))


async def write_on(database: Database) -> None:
    while True:
        async with database.write() as session:
            await session.execute(text("INSERT INTO things VALUES (1)"))
