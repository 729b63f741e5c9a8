"""Bring the database to this version's tables, or back to an earlier one's.

The whole way is one transaction on both dialects: it is gone all of it, or not at all. Any number
of processes may start at once: one goes, the others wait for it and find nothing left to do.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from sessions.errors import StartupFailed
from sessions.infra.db import Database

SCRIPTS = Path(__file__).parent / "migrations"
TURN_LIMIT_MS = 60_000
"""Longest wait for another process that migrates (Postgres)."""
LOCK_LIMIT_MS = 5_000
"""Longest wait for a table in use: a migration must not queue in front of everyone's work."""

_LOCK_KEY = 0x76697661  # any number, the same in every process: "viva" in ASCII

Step = Callable[[Config, str], None]


async def migrate(database: Database, revision: str = "head") -> None:
    """Go up to `revision`, the newest by default. Raises StartupFailed when that cannot be done."""
    await _run(database, command.upgrade, revision)


async def downgrade(database: Database, revision: str) -> None:
    """Go back to `revision`, or to an empty database with `base`. Loses what newer tables hold.

    Raises StartupFailed.
    """
    await _run(database, command.downgrade, revision)


async def _run(database: Database, step: Step, revision: str) -> None:
    def run(connection: Connection) -> None:
        # run_sync hands over exactly one argument that matters: the connection.
        config = Config()
        # A per cent sign begins an interpolation in Alembic's configuration.
        config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
        config.attributes["connection"] = connection
        step(config, revision)

    try:
        async with _turn(database) as connection:
            await connection.run_sync(run)
    except CommandError as exc:
        raise StartupFailed(
            f"The database cannot be migrated: {exc}.",
            hint="A newer Vivavoce may have migrated it: upgrade this process.",
        ) from exc
    except (SQLAlchemyError, OSError) as exc:
        raise StartupFailed(
            f"The database cannot be migrated: {exc.__cause__ or exc}.",
            hint="Nothing was changed. Stop what else uses the database, then try again.",
        ) from exc


@asynccontextmanager
async def _turn(database: Database) -> AsyncGenerator[AsyncConnection]:
    """A transaction that no other migrating process is in."""
    async with database.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            async with _foreign_keys_off(connection), connection.begin():  # BEGIN IMMEDIATE
                yield connection
                await _check_foreign_keys(connection)
        else:
            async with connection.begin():
                await connection.execute(text(f"SET LOCAL lock_timeout = {TURN_LIMIT_MS}"))
                await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK_KEY})"))
                await connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_LIMIT_MS}"))
                yield connection


@asynccontextmanager
async def _foreign_keys_off(connection: AsyncConnection) -> AsyncGenerator[None]:
    """SQLite alters a table by copying and dropping it; dropping would delete what refers to it."""
    raw = (await connection.get_raw_connection()).driver_connection
    if raw is None:
        raise StartupFailed("The database connection was lost before migrating.")
    # On the driver's own connection: the pragma does nothing inside a transaction.
    await raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        await raw.execute("PRAGMA foreign_keys=ON")


async def _check_foreign_keys(connection: AsyncConnection) -> None:
    broken = (await connection.execute(text("PRAGMA foreign_key_check"))).first()
    if broken is not None:
        raise StartupFailed(f"A migration left rows of {broken[0]} that refer to nothing.")
