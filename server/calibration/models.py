"""What people rated, and who has opened which report."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from scoring.calibration_ratings import MAX_RATER_CHARS
from sessions.infra.db import Base


class Source(StrEnum):
    PAGE = "page"
    FILE = "file"


class Sight(StrEnum):
    """What the rater knew of the machine's ratings."""

    BLIND = "blind"
    SEEN = "seen"  # the report had been opened before
    UNKNOWN = "unknown"  # of a file that nobody vouched for


class RatingRow(Base):
    """One competency of one interview, or of one of its questions, as one person rated it. It is
    final: who has rated sees the machine's. Times are epoch ms.
    """

    __tablename__ = "ratings"
    __table_args__ = (
        UniqueConstraint(
            "interview_id", "source", "rater", "competency", "question_id", name="uq_ratings_rated"
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    interview_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("interviews.id", ondelete="CASCADE")
    )
    source: Mapped[str] = mapped_column(String(10))
    rater: Mapped[str] = mapped_column(String(MAX_RATER_CHARS))
    """An account's id, or the name that stands in the file."""
    competency: Mapped[str] = mapped_column(String(60))
    question_id: Mapped[str] = mapped_column(String(120))
    """Empty: the whole interview."""
    rating: Mapped[int | None]
    """1-5; None: there was not enough to go by."""
    sight: Mapped[str] = mapped_column(String(10))
    created_at_ms: Mapped[int] = mapped_column(BigInteger)

    @property
    def is_blind(self) -> bool:
        return self.sight == Sight.BLIND.value


class ReportSeen(Base):
    """An account has opened the report of an interview, on its page or by the API."""

    __tablename__ = "reports_seen"

    interview_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("interviews.id", ondelete="CASCADE"), primary_key=True
    )
    account_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True
    )
    first_seen_at_ms: Mapped[int] = mapped_column(BigInteger)
