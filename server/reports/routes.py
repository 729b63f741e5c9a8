"""An interview's report: as JSON, text, PDF and a page; its versions, and asking for another.

While an interview runs, its report is a fold over the facts so far, made anew each time. Once it
is over, the report is written once, in the background, and kept.
"""

from __future__ import annotations

import asyncio
import re

from aiohttp import web

from scoring.editions import edition
from scoring.model import Edition, Report
from server.interviews.models import Interview
from server.interviews.routes import load_own
from server.interviews.schemas import view_of
from server.kit.answers import json_answer
from server.kit.auth import signed_in
from server.kit.keys import JOURNAL, SETTINGS
from server.kit.pages import render
from server.recordings.ranges import has_tag
from server.reports import delivery, share_routes, wording
from server.reports.content import SOFTWARE, as_json, write_whole
from server.reports.document import Document
from server.reports.errors import InterviewGoesOn, ReportFailed
from server.reports.layout import lay_out
from server.reports.parts import REPORTS
from server.reports.playback import Playback
from server.reports.schemas import VersionList, VersionView, version_view
from server.reports.service import Written
from server.reports.text import as_text
from sessions.errors import InputInvalid, NotFound
from sessions.facts import Fact
from sessions.ids import InterviewId
from sessions.lifecycle import Status

API_WAIT_S = 3.0
"""So long an API request waits for a report that is being written; then it answers 202."""
PAGE_WAIT_S = 0.9
POLL_S = 1
FORMATS = {"json": "application/json", "text": "text/plain", "pdf": "application/pdf"}
SUFFIXES = {"json": "json", "text": "txt", "pdf": "pdf"}

_VERSION = re.compile(r"[1-9][0-9]{0,5}")
_KEY = re.compile(r"[\x21-\x7e]{1,64}")


@signed_in
async def show_report(request: web.Request) -> web.Response:
    version, form = _wanted_version(request), _wanted_format(request)
    interview = await load_own(request)
    id = InterviewId(interview.id)
    if not Status(interview.status).is_over:
        _refuse_versions(version)
        report = await _write_so_far(await _read(request, interview))
        return await _answer(request, report, form, name=id, etag=None)
    written = await request.app[REPORTS].reports.load(id, version=version, wait_s=API_WAIT_S)
    if written is None:
        return await _not_yet(request, id, version)
    etag = _tag(written, form)
    if has_tag(request.headers.get("If-None-Match"), etag):
        return web.Response(status=304, headers={"ETag": etag})
    report = edition(written.report, Edition.CANDIDATE)
    name = id if version is None else f"{id}-v{version}"
    return await _answer(request, report, form, name=name, etag=etag, written=written)


@signed_in
async def list_versions(request: web.Request) -> web.Response:
    interview = await load_own(request)
    versions = await request.app[REPORTS].reports.fetch_versions(InterviewId(interview.id))
    return json_answer(VersionList(reports=[version_view(row) for row in reversed(versions)]))


@signed_in
async def ask_again(request: web.Request) -> web.Response:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _KEY.fullmatch(key):
        raise InputInvalid(
            "Some fields are missing or wrong.",
            fields={"Idempotency-Key": "Use 1 to 64 characters of ASCII, no spaces."},
        )
    interview = await load_own(request)
    if not Status(interview.status).is_over:
        raise InterviewGoesOn
    row, is_new = await request.app[REPORTS].reports.ask_again(
        InterviewId(interview.id), idempotency_key=key
    )
    return json_answer(version_view(row), status=202 if is_new else 200)


@signed_in
async def report_page(request: web.Request) -> web.Response:
    version = _wanted_version(request)
    interview = await load_own(request)
    if not Status(interview.status).is_over:
        _refuse_versions(version)
        facts = await _read(request, interview)
        return _page(request, interview, facts, await _write_so_far(facts))
    try:
        written = await request.app[REPORTS].reports.load(
            InterviewId(interview.id), version=version, wait_s=PAGE_WAIT_S
        )
    except ReportFailed as exc:
        return _waiting_page(request, interview, failed=exc.message)
    if written is None:
        return _waiting_page(request, interview, failed="")
    report = edition(written.report, Edition.CANDIDATE)
    return _page(request, interview, await _read(request, interview), report, written)


def _page(
    request: web.Request,
    interview: Interview,
    facts: list[Fact],
    report: Report,
    written: Written | None = None,
) -> web.Response:
    return render(
        request,
        "report.html" if written is None else "report_own.html",
        page="report",
        report=report,
        written=written,
        words=wording,
        speech=delivery,
        interview=view_of(interview),
        playback=Playback(facts, keep_days=request.app[SETTINGS].recording.keep_days),
    )


def _waiting_page(request: web.Request, interview: Interview, *, failed: str) -> web.Response:
    return render(
        request,
        "report_waiting.html",
        page="report",
        interview=view_of(interview),
        failed=failed,
        path=request.path_qs,
    )


async def _answer(
    request: web.Request,
    report: Report,
    form: str,
    *,
    name: str,
    etag: str | None,
    written: Written | None = None,
) -> web.Response:
    match form:
        case "pdf":
            document = await asyncio.to_thread(_lay_out, report, written)
            body = await request.app[REPORTS].typesetter.make(document)
        case "text":
            body = (await asyncio.to_thread(lambda: as_text(_lay_out(report, written)))).encode()
        case _:
            body = await asyncio.to_thread(as_json, report)
    response = web.Response(
        body=body,
        content_type=FORMATS[form],
        charset=None if form == "pdf" else "utf-8",
    )
    if request.query.get("download") == "1":
        saved_as = f"vivavoce-report-{name}.{SUFFIXES[form]}"
        response.headers["Content-Disposition"] = f'attachment; filename="{saved_as}"'
    if etag is not None:
        response.headers["ETag"] = etag
    return response


def _lay_out(report: Report, written: Written | None) -> Document:
    if written is None:
        return lay_out(report)
    return lay_out(report, version=written.version, written_at_ms=written.written_at_ms)


async def _not_yet(
    request: web.Request, interview_id: InterviewId, version: int | None
) -> web.Response:
    versions = await request.app[REPORTS].reports.fetch_versions(interview_id)
    wanted: list[VersionView] = [
        version_view(row) for row in versions if version in (None, row.version)
    ]
    if not wanted:
        raise NotFound("version of this report")
    response = json_answer(wanted[-1], status=202)
    response.headers["Retry-After"] = str(POLL_S)
    return response


async def _write_so_far(facts: list[Fact]) -> Report:
    return edition(await asyncio.to_thread(write_whole, facts), Edition.CANDIDATE)


async def _read(request: web.Request, interview: Interview) -> list[Fact]:
    numbered = await request.app[JOURNAL].read(InterviewId(interview.id))
    return [entry.fact for entry in numbered]


def _wanted_version(request: web.Request) -> int | None:
    given = request.query.get("version")
    if given is None:
        return None
    if not _VERSION.fullmatch(given):
        raise InputInvalid(
            "The version asked for is none.", fields={"version": "Use a number from 1 on."}
        )
    return int(given)


def _wanted_format(request: web.Request) -> str:
    form = request.query.get("format", "json")
    if form not in FORMATS:
        raise InputInvalid(
            "The format asked for is none.",
            fields={"format": f"Choose one of: {', '.join(FORMATS)}."},
        )
    return form


def _refuse_versions(version: int | None) -> None:
    """An interview that goes on has no versions yet."""
    if version is not None:
        raise NotFound("version of this report")


def _tag(written: Written, form: str) -> str:
    """What was stored never changes; how this version of Vivavoce shows it may."""
    return f'"{written.id}-{form}-{SOFTWARE}"'


ROUTES = [
    web.get("/api/v1/interviews/{id}/report", show_report),
    web.get("/api/v1/interviews/{id}/reports", list_versions),
    web.post("/api/v1/interviews/{id}/reports", ask_again),
    web.get("/interviews/{id}/report", report_page),
    *share_routes.ROUTES,
]
