"""The questions that interviews are made from."""

from __future__ import annotations

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from sessions.infra.db import Base

BANK = "bank"  # shipped with Vivavoce, kept up to date by `seed`
OWN = "own"  # written here; `seed` never touches it


class QuestionRow(Base):
    """`body` is a whole `sessions.plan.Question`; the other columns are for finding it."""

    __tablename__ = "questions"

    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    version: Mapped[int]
    type: Mapped[str] = mapped_column(String(40), index=True)
    difficulty: Mapped[int]
    minutes: Mapped[int]
    body: Mapped[dict[str, object]] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(String(10))


class SeededBank(Base):
    """What `seed` loaded last. As long as files and rows are the same, it has nothing to do."""

    __tablename__ = "seeded_banks"

    source: Mapped[str] = mapped_column(String(10), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    """Of the files."""
    question_count: Mapped[int]
    """In the files."""
    kept_count: Mapped[int]
    """Rows of this source afterwards: fewer than the files have where some were made own ones."""
