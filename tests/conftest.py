"""What every test gets: no sockets unless marked, no task left behind, real servers on demand.

A test marked `sockets` or `browser` may connect to loopback; any other may not open a network
socket at all. Fixtures for the servers start them on first use, once for the whole run.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import hypothesis
import pytest

from server.migrate import migrate
from sessions.infra.bus import open_bus
from sessions.infra.db import Database, open_database
from sessions.ports import Bus
from tests.support.services import PostgresServer, RedisServer, run_postgres, run_redis

LOOPBACK = ["127.0.0.1", "::1"]
GRACE_TURNS = 50
"""Turns of the loop that a task which is ending already may take to end."""

# A slow machine is no counterexample.
hypothesis.settings.register_profile("vivavoce", deadline=None)
hypothesis.settings.load_profile("vivavoce")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.option.disable_socket = True
    config.option.allow_unix_socket = True  # the event loop wakes itself through a pair of them


def pytest_itemcollected(item: pytest.Item) -> None:
    if item.get_closest_marker("sockets") or item.get_closest_marker("browser"):
        item.add_marker(pytest.mark.allow_hosts(LOOPBACK))


# -- tasks ---------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def no_task_is_left_behind(request: pytest.FixtureRequest) -> None:
    """Fails an async test when a task outlives it and its fixtures."""
    function: object = getattr(request, "function", None)
    tested = getattr(getattr(function, "hypothesis", None), "inner_test", function)
    if inspect.iscoroutinefunction(tested):
        request.getfixturevalue("watched_tasks")


@pytest.fixture
async def watched_tasks() -> AsyncGenerator[None]:
    yield
    left: set[asyncio.Task[object]] = set()
    for _ in range(GRACE_TURNS):
        left = asyncio.all_tasks() - {task for task in (asyncio.current_task(),) if task}
        if not left:
            return
        await asyncio.sleep(0)
    names = "\n".join(sorted(repr(task) for task in left))
    for task in left:
        task.cancel()
    await asyncio.wait(left, timeout=1)
    pytest.fail(f"{len(left)} tasks were left behind:\n{names}")


# -- servers -------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres_server() -> Generator[PostgresServer]:
    with run_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Generator[str]:
    """An empty database of its own, on one server for the whole run."""
    with postgres_server.fresh_database() as url:
        yield url


@pytest.fixture(scope="session")
def redis_server() -> Generator[RedisServer]:
    """Shared: a test that stops it takes `run_redis()` for itself instead."""
    with run_redis() as server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    return redis_server.url


SQLITE_AND_POSTGRES = ["sqlite", pytest.param("postgres", marks=pytest.mark.sockets)]
MEMORY_AND_REDIS = ["memory", pytest.param("redis", marks=pytest.mark.sockets)]


@pytest.fixture(params=SQLITE_AND_POSTGRES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, of each dialect in turn."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite+aiosqlite:///{tmp_path}/vivavoce.db"


@pytest.fixture
async def database(database_url: str) -> AsyncGenerator[Database]:
    """A migrated database, of each dialect in turn."""
    async with open_database(database_url) as opened:
        await migrate(opened)
        yield opened


@pytest.fixture(params=MEMORY_AND_REDIS)
def bus_url(request: pytest.FixtureRequest) -> str:
    return "memory://" if request.param == "memory" else request.getfixturevalue("redis_url")


@pytest.fixture
async def bus(bus_url: str) -> AsyncGenerator[Bus]:
    async with open_bus(bus_url) as opened:
        yield opened
