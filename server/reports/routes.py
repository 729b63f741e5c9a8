"""An interview's report: as JSON, and as a page. A fold over its facts, made anew each time."""

from __future__ import annotations

import asyncio

from aiohttp import web
from pydantic import TypeAdapter

from scoring.model import Report
from scoring.report import write_report
from server.interviews.models import Interview
from server.interviews.routes import load_own
from server.interviews.schemas import view_of
from server.kit.auth import signed_in
from server.kit.keys import JOURNAL, SETTINGS
from server.kit.pages import render
from server.reports.playback import Playback
from sessions.facts import Fact
from sessions.ids import InterviewId

_REPORT = TypeAdapter(Report)


@signed_in
async def show_report(request: web.Request) -> web.Response:
    interview = await load_own(request)
    report = await asyncio.to_thread(write_report, await _read(request, interview))
    response = web.Response(
        body=_REPORT.dump_json(report, indent=2), content_type="application/json", charset="utf-8"
    )
    if request.query.get("download") == "1":
        name = f"vivavoce-report-{interview.id}.json"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@signed_in
async def report_page(request: web.Request) -> web.Response:
    interview = await load_own(request)
    facts = await _read(request, interview)
    report = await asyncio.to_thread(write_report, facts)
    return render(
        request,
        "report.html",
        page="report",
        report=report,
        interview=view_of(interview),
        playback=Playback(facts, keep_days=request.app[SETTINGS].recording.keep_days),
    )


async def _read(request: web.Request, interview: Interview) -> list[Fact]:
    """An interview's facts. What is folded from them may take tens of milliseconds when it was
    long, and rooms may share this loop: fold in a thread."""
    numbered = await request.app[JOURNAL].read(InterviewId(interview.id))
    return [entry.fact for entry in numbered]


ROUTES = [
    web.get("/api/v1/interviews/{id}/report", show_report),
    web.get("/interviews/{id}/report", report_page),
]
