"""Migrations: up and down on seeded data, on both dialects, by several processes at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    JSON,
    Connection,
    Integer,
    MetaData,
    Table,
    func,
    insert,
    inspect,
    select,
    text,
)

from server import migrate as migrating
from server.migrate import SCRIPTS, downgrade, migrate
from sessions.errors import StartupFailed
from sessions.infra.db import Base, Database, open_database

BOOKKEEPING = "alembic_version"


def revisions() -> list[str]:
    """Oldest first."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    scripts = ScriptDirectory.from_config(config).walk_revisions()
    return [script.revision for script in scripts][::-1]


@pytest.fixture
async def empty(database_url: str) -> AsyncGenerator[Database]:
    async with open_database(database_url) as opened:
        yield opened


async def table_names(database: Database) -> set[str]:
    async with database.engine.connect() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    return set(names) - {BOOKKEEPING}


async def seed(database: Database) -> None:
    """One row in each table that has none, whatever the tables of this revision are."""
    async with database.engine.begin() as connection:
        await connection.run_sync(_seed)


def _seed(connection: Connection) -> None:
    for table in _reflected(connection):
        if _count(connection, table) == 0:
            connection.execute(insert(table).values({c.name: _sample(c.type) for c in table.c}))


def _sample(type_: object) -> object:
    """The same for every column of a type, so that foreign keys fit."""
    match type_:
        case JSON():
            return {"text": "naïve — 日本語"}
        case Integer():
            return 1
        case _:
            return "x"


def _reflected(connection: Connection) -> list[Table]:
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != BOOKKEEPING]


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


async def rows(database: Database) -> dict[str, int]:
    async with database.engine.connect() as connection:
        return await connection.run_sync(
            lambda sync: {table.name: _count(sync, table) for table in _reflected(sync)}
        )


async def test_models_and_migrations_agree(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        return list(compare_metadata(context, Base.metadata))

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_the_journals_table_comes_first() -> None:
    assert revisions()[0] == "2026_11_20_facts"


async def test_there_is_one_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))

    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


async def test_every_step_goes_up_and_down_and_up_with_data_there(empty: Database) -> None:
    before = "base"
    for revision in revisions():
        await migrate(empty, revision)
        await seed(empty)
        held = await rows(empty)
        assert set(held.values()) == {1}

        await downgrade(empty, before)
        kept = await rows(empty)
        assert kept == {name: 1 for name in kept}, "what was there before lost rows"

        await migrate(empty, revision)
        assert set(await rows(empty)) == set(held)
        before = revision


async def test_all_the_way_down_leaves_nothing(database: Database) -> None:
    await seed(database)

    await downgrade(database, "base")

    assert await table_names(database) == set()


async def test_migrating_again_changes_nothing(database: Database) -> None:
    await seed(database)
    held = await rows(database)

    await migrate(database)

    assert await rows(database) == held
    assert "facts" in held


async def test_processes_that_start_at_once_all_find_it_migrated(database_url: str) -> None:
    async with AsyncExitStack() as opened:
        processes = [await opened.enter_async_context(open_database(database_url)) for _ in "1234"]
        async with asyncio.TaskGroup() as starting:
            for process in processes:
                starting.create_task(migrate(process))

        for process in processes:
            assert await table_names(process) == set(Base.metadata.tables)


async def test_a_failed_migration_changes_nothing(empty: Database) -> None:
    last = next(iter(Base.metadata.tables.keys() - {"facts"}))
    async with empty.engine.begin() as connection:
        await connection.execute(text(f"CREATE TABLE {last} (somebody_elses integer)"))

    with pytest.raises(StartupFailed, match="cannot be migrated") as caught:
        await migrate(empty)

    assert "Nothing was changed" in caught.value.hint
    assert await table_names(empty) == {last}


async def test_a_database_of_a_newer_version_is_refused(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '2099_01_01'"))

    with pytest.raises(StartupFailed, match="2099_01_01") as caught:
        await migrate(database)

    assert "upgrade" in caught.value.hint


async def test_a_migrated_connection_still_minds_foreign_keys(tmp_path: Path) -> None:
    """SQLite only: they are off while a migration runs."""
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/vivavoce.db") as database:
        await migrate(database)
        async with database.read() as session:
            assert (await session.execute(text("PRAGMA foreign_keys"))).scalar_one() == 1


@pytest.mark.sockets
async def test_a_table_in_use_ends_a_migration_in_time(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "LOCK_LIMIT_MS", 100)
    async with open_database(postgres_url) as database:
        await migrate(database)
        async with database.read() as session:
            await session.execute(text("SELECT count(*) FROM facts"))  # holds it until the end

            with pytest.raises(StartupFailed, match="lock timeout"):
                await downgrade(database, "base")
        assert "facts" in await table_names(database)


@pytest.mark.sockets
async def test_a_process_waits_for_its_turn_only_so_long(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "TURN_LIMIT_MS", 100)
    async with open_database(postgres_url) as database, database.engine.begin() as other:
        await other.execute(text(f"SELECT pg_advisory_xact_lock({0x76697661})"))

        with pytest.raises(StartupFailed, match="lock timeout"):
            await migrate(database)
