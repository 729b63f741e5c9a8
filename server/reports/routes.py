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
from server.kit.keys import JOURNAL
from server.kit.pages import render
from sessions.ids import InterviewId

_REPORT = TypeAdapter(Report)


@signed_in
async def show_report(request: web.Request) -> web.Response:
    interview = await load_own(request)
    report = await _write(request, interview)
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
    report = await _write(request, interview)
    return render(
        request, "report.html", page="report", report=report, interview=view_of(interview)
    )


async def _write(request: web.Request, interview: Interview) -> Report:
    numbered = await request.app[JOURNAL].read(InterviewId(interview.id))
    # A long interview's fold may take tens of milliseconds, and rooms may share this loop.
    return await asyncio.to_thread(write_report, [entry.fact for entry in numbered])


ROUTES = [
    web.get("/api/v1/interviews/{id}/report", show_report),
    web.get("/interviews/{id}/report", report_page),
]
