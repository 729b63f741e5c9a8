"""The kernel's one table."""

from __future__ import annotations

from pydantic import JsonValue
from sqlalchemy import JSON, BigInteger, Index, Integer, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from sessions.infra.db import Base

BODY = JSON().with_variant(JSONB(), "postgresql")


class FactRow(Base):
    """One stored fact. `body` is what `sessions.codec` makes of it for `kind` and `version`."""

    __tablename__ = "facts"

    interview_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(Integer)
    at_ms: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[dict[str, JsonValue]] = mapped_column(BODY)

    __table_args__ = (Index(None, "kind", "interview_id"),)
