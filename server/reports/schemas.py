"""What asking for reports and sharing them takes, and what the API says of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from scoring.model import Edition
from server.kit.bodies import AnswerBody, RequestBody
from server.reports.models import ReportRow, ReportShare, ReportState

MAX_SHARE_DAYS = 30


Shown = Literal[Edition.CANDIDATE, Edition.RECRUITER]
"""The editions that are made for a reader."""


class VersionView(AnswerBody):
    """One version of a report. Times are epoch ms; `path` is on this site."""

    version: int
    state: ReportState
    attempts: int
    reason: str
    """Why the last attempt failed; empty when none has."""
    created_at_ms: int
    written_at_ms: int | None
    path: str


class VersionList(AnswerBody):
    """The newest first."""

    reports: list[VersionView]


class CreateShare(RequestBody):
    days: Annotated[int, Field(ge=1, le=MAX_SHARE_DAYS)]
    edition: Shown = Edition.CANDIDATE


class ShareView(AnswerBody):
    """A link that is shared. Times are epoch ms."""

    id: str
    edition: Edition
    created_at_ms: int
    expires_at_ms: int
    revoked_at_ms: int | None
    is_open: bool
    """Neither expired nor taken back."""


class NewShare(ShareView):
    url: str
    """Said this once: the server itself keeps only a hash of it."""


class ShareList(AnswerBody):
    """The newest first."""

    shares: list[ShareView]


def version_view(row: ReportRow) -> VersionView:
    return VersionView(
        version=row.version,
        state=ReportState(row.state),
        attempts=row.attempts,
        reason=row.reason,
        created_at_ms=row.created_at_ms,
        written_at_ms=row.written_at_ms,
        path=f"/interviews/{row.interview_id}/report?version={row.version}",
    )


def share_view(row: ReportShare, *, now_ms: int) -> ShareView:
    return ShareView(
        id=row.id,
        edition=Edition(row.edition),
        created_at_ms=row.created_at_ms,
        expires_at_ms=row.expires_at_ms,
        revoked_at_ms=row.revoked_at_ms,
        is_open=is_open(row, now_ms=now_ms),
    )


def is_open(row: ReportShare, *, now_ms: int) -> bool:
    return row.revoked_at_ms is None and now_ms < row.expires_at_ms
