"""The database: one engine per process, reading and writing sessions as different types.

SQLite (WAL) and Postgres. A feature's tables live in its own folder and derive from `Base`;
migrations are in `server/migrations`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, MetaData, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from sessions.errors import StartupFailed

BUSY_TIMEOUT_MS = 5_000
_READS = "vivavoce_reads"
"""Marks connections of reading sessions, whose transactions need no write lock."""


class Base(DeclarativeBase):
    """All tables, with constraint names that migrations can count on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class ReadSession(AsyncSession):
    """Only reads; rolled back at its end."""


class WriteSession(ReadSession):
    """One request's or job's transaction; committed at its end, rolled back on an error.

    It reads too: what a function may do is what its parameter's type says.
    """


class Database:
    """Sessions of one engine. Application code never commits: leaving `write()` does.

    One `write()` is not opened inside another: on SQLite it would wait for itself.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._reading = engine.execution_options(**{_READS: True})
        # SQLite has one writer at a time, and lets those who wait race for it: one may starve
        # past its limit. In line, each gets its turn. Other databases queue by themselves.
        is_sqlite = engine.dialect.name == "sqlite"
        self._turn: AbstractAsyncContextManager[object] = (
            asyncio.Lock() if is_sqlite else nullcontext()
        )

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[ReadSession]:
        session = ReadSession(self._reading, expire_on_commit=False)
        try:
            yield session
        finally:
            await _whole(session.close())

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[WriteSession]:
        async with self._turn:
            session = WriteSession(self.engine, expire_on_commit=False)
            try:
                yield session
                await _whole(session.commit())
            finally:
                await _whole(session.close())


async def _whole(work: Coroutine[Any, Any, None]) -> None:
    """Whoever is cancelled meanwhile leaves when it is done: a connection that is still on its way
    to its pool when the process stops ends in an error there.
    """
    done = asyncio.ensure_future(work)
    try:
        await asyncio.shield(done)
    except asyncio.CancelledError:
        await asyncio.wait([done], timeout=BUSY_TIMEOUT_MS / 1000)
        raise


@asynccontextmanager
async def open_database(url: str) -> AsyncGenerator[Database]:
    """Raises StartupFailed when the URL is wrong or the database cannot be reached."""
    engine = _engine(url)
    try:
        try:
            async with engine.connect():
                pass
        except (SQLAlchemyError, OSError) as exc:
            raise StartupFailed(
                f"The database {engine.url.render_as_string(hide_password=True)} cannot be "
                f"opened: {exc.__cause__ or exc}.",
                hint="Check database.url in config.yaml, and that the folder is writable.",
            ) from exc
        yield Database(engine)
    finally:
        await engine.dispose()


def _engine(url: str) -> AsyncEngine:
    try:
        parsed = make_url(url)
        engine = create_async_engine(
            parsed,
            pool_pre_ping=parsed.get_backend_name() != "sqlite",
            hide_parameters=True,  # what people said must not come out in an error
        )
    except (ArgumentError, SQLAlchemyError, ImportError) as exc:
        raise StartupFailed(
            "database.url is not an address this server can open.",
            hint="Use sqlite+aiosqlite:///path or postgresql+asyncpg://user:password@host/name.",
        ) from exc
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _prepare_sqlite(connection: object, _record: object) -> None:
    # Any: the DBAPI connection has no types of its own.
    dbapi = cast("Any", connection)
    # The driver must not begin transactions of its own: _begin does.
    dbapi.isolation_level = None
    cursor = dbapi.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.close()


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later would fail at once on a concurrent
    # writer (SQLITE_BUSY_SNAPSHOT); taking the write lock first makes it wait instead.
    is_reading = connection.get_execution_options().get(_READS, False)
    connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")
