"""What the handlers of reports find in their application."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from server.reports.jobs import Rhythm, Writer
from server.reports.judging import ModelJudge
from server.reports.pdf import Typesetter
from server.reports.service import Reports
from server.reports.shares import Shares
from sessions.infra.db import Database
from sessions.ports import Bus, Clock, Journal
from sessions.settings import ReportSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportParts:
    reports: Reports
    shares: Shares
    typesetter: Typesetter
    writer: Writer
    """Works while `server.reports.jobs.keep_writing` does."""


REPORTS = web.AppKey("reports", ReportParts)


def make_parts(
    settings: ReportSettings,
    *,
    database: Database,
    journal: Journal,
    bus: Bus,
    clock: Clock,
    judge: ModelJudge | None = None,
) -> ReportParts:
    return ReportParts(
        reports=Reports(
            database=database, bus=bus, clock=clock, max_versions=settings.max_versions
        ),
        shares=Shares(database, clock),
        typesetter=Typesetter(limit_s=settings.pdf_limit_s),
        writer=Writer(
            database=database,
            journal=journal,
            bus=bus,
            clock=clock,
            judge=judge,
            rhythm=Rhythm(sweep_s=settings.sweep_s, attempts=settings.attempts),
        ),
    )
