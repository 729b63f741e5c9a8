"""Links that show a report to whoever has them, for some days.

A link's token is 32 random bytes; the table holds only their hash, so that whoever reads the
database cannot open what is shared.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid

from sqlalchemy import func, select

from scoring.model import Edition
from server.reports.errors import ShareEnded, TooManyShares
from server.reports.models import ReportShare
from server.reports.schemas import is_open
from sessions.errors import NotFound
from sessions.ids import InterviewId
from sessions.infra.db import Database
from sessions.ports import Clock

DAY_MS = 86_400_000
MAX_OPEN = 20
"""Links of one interview that are open at the same time."""
LISTED = 100
TOKEN_BYTES = 32
TOKEN_CHARS = 43


class Shares:
    """The links of one database. Each public method is one request's work."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def create(
        self, interview_id: InterviewId, *, days: int, edition: Edition
    ) -> tuple[ReportShare, str]:
        """The link, and its token: it is known only now. Raises TooManyShares."""
        now_ms = self._clock.now_ms()
        token = secrets.token_urlsafe(TOKEN_BYTES)
        share = ReportShare(
            id=str(uuid.uuid4()),
            interview_id=interview_id,
            token_hash=_hash(token),
            edition=edition.value,
            created_at_ms=now_ms,
            expires_at_ms=now_ms + days * DAY_MS,
            revoked_at_ms=None,
        )
        async with self._database.write() as session:
            held = await session.scalar(
                select(func.count())
                .select_from(ReportShare)
                .where(
                    ReportShare.interview_id == interview_id,
                    ReportShare.revoked_at_ms.is_(None),
                    ReportShare.expires_at_ms > now_ms,
                )
            )
            if held is not None and held >= MAX_OPEN:
                raise TooManyShares(limit=MAX_OPEN)
            session.add(share)
        return share, token

    async def fetch_all(self, interview_id: InterviewId) -> list[ReportShare]:
        """The newest first, those that have ended included."""
        async with self._database.read() as session:
            found = await session.scalars(
                select(ReportShare)
                .where(ReportShare.interview_id == interview_id)
                .order_by(ReportShare.created_at_ms.desc(), ReportShare.id)
                .limit(LISTED)
            )
            return list(found)

    async def revoke(self, interview_id: InterviewId, share_id: str) -> None:
        """From now on it shows nothing. Twice is no mistake. Raises NotFound."""
        async with self._database.write() as session:
            share = await session.scalar(
                select(ReportShare).where(
                    ReportShare.id == share_id, ReportShare.interview_id == interview_id
                )
            )
            if share is None:
                raise NotFound("link")
            if share.revoked_at_ms is None:
                share.revoked_at_ms = self._clock.now_ms()

    async def find(self, token: str) -> ReportShare:
        """What a link shows. Raises NotFound, ShareEnded."""
        # Anything else than a token's own form finds nothing, without asking the database.
        share = None
        if len(token) == TOKEN_CHARS and token.isascii():
            async with self._database.read() as session:
                share = await session.scalar(
                    select(ReportShare).where(ReportShare.token_hash == _hash(token))
                )
        if share is None:
            raise NotFound("shared report")
        if not is_open(share, now_ms=self._clock.now_ms()):
            raise ShareEnded
        return share


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
