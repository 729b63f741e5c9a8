"""What `vivavoce doctor` says of the companion's side."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from server.questions.models import QuestionRow
from sessions.infra.db import Database


async def examine_database(database: Database) -> tuple[bool, str]:
    """Whether it can be used, and a sentence."""
    try:
        async with database.read() as session:
            count = await session.scalar(select(func.count()).select_from(QuestionRow)) or 0
    except SQLAlchemyError:
        return False, "it has no tables: run `vivavoce migrate`, then `vivavoce seed`"
    if count == 0:
        return False, "the question bank is empty: run `vivavoce seed`"
    return True, f"{database.engine.dialect.name}, {count} questions"
