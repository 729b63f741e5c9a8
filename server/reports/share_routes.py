"""Links to a report: making, listing and taking them back; and the page they show."""

from __future__ import annotations

import asyncio

from aiohttp import web

from scoring.editions import edition
from scoring.model import Edition
from server.interviews.routes import load_own
from server.kit.answers import json_answer
from server.kit.auth import bare, signed_in
from server.kit.bodies import read_body
from server.kit.keys import CLOCK, SETTINGS
from server.kit.pages import render
from server.reports.errors import InterviewGoesOn
from server.reports.layout import lay_out
from server.reports.parts import REPORTS
from server.reports.schemas import CreateShare, NewShare, ShareList, share_view
from sessions.ids import InterviewId
from sessions.lifecycle import Status

SHARED = "/shared/"
PAGE_WAIT_S = 3.0


@signed_in
async def create_share(request: web.Request) -> web.Response:
    interview = await load_own(request)
    body = await read_body(request, CreateShare)
    if not Status(interview.status).is_over:
        raise InterviewGoesOn
    share, token = await request.app[REPORTS].shares.create(
        InterviewId(interview.id), days=body.days, edition=body.edition
    )
    view = share_view(share, now_ms=request.app[CLOCK].now_ms())
    url = f"{_base(request)}{SHARED}{token}"
    return json_answer(NewShare(**view.model_dump(), url=url), status=201)


@signed_in
async def list_shares(request: web.Request) -> web.Response:
    interview = await load_own(request)
    shares = await request.app[REPORTS].shares.fetch_all(InterviewId(interview.id))
    now_ms = request.app[CLOCK].now_ms()
    return json_answer(ShareList(shares=[share_view(row, now_ms=now_ms) for row in shares]))


@signed_in
async def revoke_share(request: web.Request) -> web.Response:
    interview = await load_own(request)
    share_id = request.match_info["share_id"]
    await request.app[REPORTS].shares.revoke(InterviewId(interview.id), share_id)
    return web.Response(status=204)


@bare
async def shared_page(request: web.Request) -> web.Response:
    """The report a link is for. No cookie is looked at, and nothing of the account is shown."""
    parts = request.app[REPORTS]
    share = await parts.shares.find(request.match_info["token"])
    written = await parts.reports.load(InterviewId(share.interview_id), wait_s=PAGE_WAIT_S)
    if written is None:
        response = render(request, "shared_report.html", page="shared", document=None)
        response.headers["Refresh"] = "3"
        return response
    report = edition(written.report, Edition(share.edition))
    document = await asyncio.to_thread(lay_out, report)
    return render(
        request,
        "shared_report.html",
        page="shared",
        document=document,
        written=written,
        started_ms=report.started_ms,
    )


async def keep_private(request: web.Request, response: web.StreamResponse) -> None:
    """On what is shared, errors included: no search engine keeps it, and no page it leads to
    learns its address. Connected to `on_response_prepare`, behind all middlewares."""
    if request.path.startswith(SHARED):
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"


def _base(request: web.Request) -> str:
    public_url = request.app[SETTINGS].server.public_url
    return public_url.rstrip("/") or f"{request.scheme}://{request.host}"


ROUTES = [
    web.post("/api/v1/interviews/{id}/share", create_share),
    web.get("/api/v1/interviews/{id}/share", list_shares),
    web.delete("/api/v1/interviews/{id}/share/{share_id}", revoke_share),
    web.get(SHARED + "{token}", shared_page),
]
