"""An account's interviews: what was asked for, and a projection of each one's facts."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from sessions.infra.db import Base


class Interview(Base):
    """From `status` on, the columns only repeat the journal, up to `projected_seq`."""

    __tablename__ = "interviews"
    __table_args__ = (Index("ix_interviews_account_id_created_ms", "account_id", "created_ms"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("accounts.id", ondelete="CASCADE")
    )
    type: Mapped[str] = mapped_column(String(40))
    difficulty: Mapped[str] = mapped_column(String(20))
    role: Mapped[str] = mapped_column(String(80))
    question_count: Mapped[int]
    planned_minutes: Mapped[int]
    created_ms: Mapped[int] = mapped_column(BigInteger)

    status: Mapped[str] = mapped_column(String(20))
    projected_seq: Mapped[int]
    answered_count: Mapped[int]
    asked_ids: Mapped[list[str]] = mapped_column(JSON)
    """Questions asked, in order: the next plan avoids them."""
    answered_ids: Mapped[list[str]] = mapped_column(JSON)
    """Questions with a scored answer; `answered_count` is their number."""
    started_ms: Mapped[int | None] = mapped_column(BigInteger)
    ended_ms: Mapped[int | None] = mapped_column(BigInteger)
