"""Reports as they were written, one row per version, and the links they are shared by."""

from __future__ import annotations

from enum import StrEnum

from pydantic import JsonValue
from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sessions.infra.db import Base

REASON_CHARS = 500


class ReportState(StrEnum):
    QUEUED = "queued"
    WRITING = "writing"
    READY = "ready"
    FAILED = "failed"

    @property
    def is_pending(self) -> bool:
        return self in (ReportState.QUEUED, ReportState.WRITING)


PENDING = tuple(state.value for state in ReportState if state.is_pending)


class ReportRow(Base):
    """One version of one interview's report; versions count from 1. Times are epoch ms."""

    __tablename__ = "reports"
    __table_args__ = (
        UniqueConstraint("interview_id", "version", name="uq_reports_interview_id_version"),
        UniqueConstraint(
            "interview_id", "idempotency_key", name="uq_reports_interview_id_idempotency_key"
        ),
        Index("ix_reports_state_due_at_ms", "state", "due_at_ms"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    interview_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("interviews.id", ondelete="CASCADE")
    )
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int]
    """Times it was leased. A writer stores only under the number it leased with."""
    due_at_ms: Mapped[int] = mapped_column(BigInteger)
    """From when on a writer may take it; while one holds it, when its lease ends. Of one that is
    ready: from when on the interview's log may be told of it, 0 when it was."""
    lease_until_ms: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(REASON_CHARS))
    """Why the last attempt failed; empty when none has."""
    # Plain JSON also on Postgres: it keeps the order of the fields, as JSONB would not.
    body: Mapped[dict[str, JsonValue] | None] = mapped_column(JSON(none_as_null=True))
    idempotency_key: Mapped[str | None] = mapped_column(String(64))
    created_at_ms: Mapped[int] = mapped_column(BigInteger)
    written_at_ms: Mapped[int | None] = mapped_column(BigInteger)


class ReportShare(Base):
    """A link that shows an interview's newest report to whoever has it, until it ends."""

    __tablename__ = "report_shares"
    __table_args__ = (Index("ix_report_shares_interview_id", "interview_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    interview_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("interviews.id", ondelete="CASCADE")
    )
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the link's token, which itself is kept nowhere."""
    edition: Mapped[str] = mapped_column(String(20))
    created_at_ms: Mapped[int] = mapped_column(BigInteger)
    expires_at_ms: Mapped[int] = mapped_column(BigInteger)
    revoked_at_ms: Mapped[int | None] = mapped_column(BigInteger)
