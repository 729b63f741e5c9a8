"""Run by Alembic for each command; `server.migrate` hands over the connection to work on."""

from __future__ import annotations

from importlib import import_module

from alembic import context
from sqlalchemy import Connection

from sessions.infra.db import Base

# Tables register themselves with Base by being imported.
for tables in ("sessions.infra.tables", "server.tables"):
    import_module(tables)


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        # SQLite takes part too: sessions.infra.db begins its transactions itself.
        transactional_ddl=True,
        # SQLite alters a table by copying it.
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
