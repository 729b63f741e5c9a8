"""Rating one's own practice interviews, and how far people and the machine agree."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiohttp import web
from aiohttp.typedefs import Handler

from scoring.calibration import Label
from scoring.model import TranscriptLine
from server.calibration.schemas import SendRatings
from server.calibration.service import Calibrations
from server.interviews.models import Interview
from server.interviews.routes import INTERVIEWS, load_own
from server.interviews.schemas import view_of
from server.kit.answers import json_answer
from server.kit.auth import signed_in
from server.kit.bodies import read_body
from server.kit.keys import JOURNAL, SETTINGS
from server.kit.pages import render
from server.kit.passport import current_sign_in
from server.reports.content import write_whole
from server.reports.playback import Playback
from server.reports.routes import report_page, show_report
from sessions.facts import Fact, InterviewPlanned
from sessions.ids import InterviewId
from sessions.plan import Question

CALIBRATION = web.AppKey("calibration", Calibrations)

SHOWN = (200, 304)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was asked and said: all that the page of a rater gets of a report."""

    started_ms: int | None
    lines: tuple[TranscriptLine, ...]
    questions: tuple[Question, ...]


@signed_in
async def rate_page(request: web.Request) -> web.Response:
    interview, facts, account_id = await _load(request)
    sheet = await request.app[CALIBRATION].load_sheet(interview, facts, account_id)
    return render(
        request,
        "calibration/rate.html" if sheet.sent is None else "calibration/rated.html",
        page="calibration",
        interview=view_of(interview),
        sheet=sheet,
        heard=await asyncio.to_thread(hear, facts),
        playback=Playback(facts, keep_days=request.app[SETTINGS].recording.keep_days),
    )


@signed_in
async def show_ratings(request: web.Request) -> web.Response:
    interview, facts, account_id = await _load(request)
    return json_answer(await request.app[CALIBRATION].load_sheet(interview, facts, account_id))


@signed_in
async def send_ratings(request: web.Request) -> web.Response:
    interview, facts, account_id = await _load(request)
    body = await read_body(request, SendRatings)
    sheet = await request.app[CALIBRATION].rate(interview, facts, account_id, body.ratings)
    return json_answer(sheet, status=201)


@signed_in
async def calibration_page(request: web.Request) -> web.Response:
    account_id = current_sign_in(request).account_id
    interviews = await request.app[INTERVIEWS].fetch_all(account_id)
    return render(
        request,
        "calibration/calibration.html",
        page="calibration",
        found=await request.app[CALIBRATION].fetch_own(account_id, interviews),
        labels=list(Label),
    )


@signed_in
async def show_calibration(request: web.Request) -> web.Response:
    account_id = current_sign_in(request).account_id
    interviews = await request.app[INTERVIEWS].fetch_all(account_id)
    return json_answer(await request.app[CALIBRATION].fetch_own(account_id, interviews))


@web.middleware
async def note_readers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Who has opened a report does not rate its interview blind any more. It is noted before
    the report is sent: without the note there is no report.
    """
    response = await handler(request)
    # The route's own handler: `handler` has the inner middlewares around it.
    if request.match_info.handler in (show_report, report_page) and response.status in SHOWN:
        account_id = current_sign_in(request).account_id
        await request.app[CALIBRATION].note_seen(request.match_info["id"], account_id)
    return response


def hear(facts: Sequence[Fact]) -> Heard:
    """Without the fillers that the machine found. Takes some milliseconds: call it in a thread."""
    report = write_whole(facts)
    return Heard(
        started_ms=report.started_ms,
        lines=tuple(replace(line, fillers=()) for line in report.transcript),
        questions=next(fact.questions for fact in facts if isinstance(fact, InterviewPlanned)),
    )


async def _load(request: web.Request) -> tuple[Interview, list[Fact], str]:
    """Raises NotFound, also for somebody else's."""
    interview = await load_own(request)
    numbered = await request.app[JOURNAL].read(InterviewId(interview.id))
    facts = [entry.fact for entry in numbered]
    return interview, facts, current_sign_in(request).account_id


ROUTES = [
    web.get("/interviews/{id}/rate", rate_page),
    web.get("/api/v1/interviews/{id}/ratings", show_ratings),
    web.post("/api/v1/interviews/{id}/ratings", send_ratings),
    web.get("/calibration", calibration_page),
    web.get("/api/v1/calibration", show_calibration),
]
