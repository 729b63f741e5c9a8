"""`/api/v1/interviews` and the room's page."""

from __future__ import annotations

from aiohttp import web
from pydantic import ValidationError

from server.interviews.models import Interview
from server.interviews.schemas import (
    CreateInterview,
    Estimate,
    EstimateInterview,
    InterviewList,
    RoomPass,
    view_of,
)
from server.interviews.service import Interviews
from server.kit.answers import json_answer
from server.kit.auth import signed_in
from server.kit.bodies import explained, read_body
from server.kit.keys import CLOCK, GATEWAY_PORT, SECRET, SETTINGS
from server.kit.origins import gateway_base
from server.kit.pages import redirect, render
from server.kit.passport import current_sign_in
from sessions.errors import InputInvalid, InterviewEnded
from sessions.grants import RoomGrant, issue_room_token
from sessions.ids import InterviewId, QuestionId
from sessions.lifecycle import Status
from sessions.protocol import CONSENT_VERSION
from sessions.settings import InterviewSettings

INTERVIEWS = web.AppKey("interviews", Interviews)


async def load_own(request: web.Request) -> Interview:
    """The interview of the path's `id`, when it is the account's own. Raises NotFound."""
    account_id = current_sign_in(request).account_id
    return await request.app[INTERVIEWS].load(account_id, request.match_info["id"])


@signed_in
async def create_interview(request: web.Request) -> web.Response:
    body = await read_body(request, CreateInterview)
    if body.question_count is not None:
        _check_count(body.question_count, request.app[SETTINGS].interview)
    first = None if body.first_question is None else QuestionId(body.first_question)
    interview = await request.app[INTERVIEWS].create(
        current_sign_in(request).account_id, body.to_request(), first_question=first
    )
    return json_answer(view_of(interview), status=201)


@signed_in
async def estimate_interview(request: web.Request) -> web.Response:
    """How many questions such an interview would have: counted as its plan is made."""
    try:
        wanted = EstimateInterview.model_validate(dict(request.query))
    except ValidationError as exc:
        raise explained(exc) from exc
    count = await request.app[INTERVIEWS].estimate(wanted.to_request())
    return json_answer(Estimate(question_count=count))


@signed_in
async def list_interviews(request: web.Request) -> web.Response:
    interviews = await request.app[INTERVIEWS].fetch_all(current_sign_in(request).account_id)
    return json_answer(InterviewList(interviews=[view_of(interview) for interview in interviews]))


@signed_in
async def show_interview(request: web.Request) -> web.Response:
    return json_answer(view_of(await load_own(request)))


@signed_in
async def open_room(request: web.Request) -> web.Response:
    """A pass for the room of an interview that is not over."""
    interview = await load_own(request)
    if Status(interview.status).is_over:
        raise InterviewEnded
    settings = request.app[SETTINGS]
    expires_at_ms = request.app[CLOCK].now_ms() + settings.security.room_token_minutes * 60_000
    token = issue_room_token(
        RoomGrant(
            interview_id=InterviewId(interview.id),
            account_id=current_sign_in(request).account_id,
            expires_ms=expires_at_ms,
        ),
        request.app[SECRET],
    )
    base = gateway_base(request, settings, request.app[GATEWAY_PORT])
    return json_answer(
        RoomPass(url=f"{base}/v1/rooms/{interview.id}", token=token, expires_at_ms=expires_at_ms)
    )


@signed_in
async def room_page(request: web.Request) -> web.Response:
    view = view_of(await load_own(request))
    if view.status.is_over:
        return redirect(view.report_path)
    return render(
        request,
        "room.html",
        page="room",
        interview=view,
        consent_version=CONSENT_VERSION,
        recording=request.app[SETTINGS].recording,
    )


def _check_count(question_count: int, limits: InterviewSettings) -> None:
    if not limits.min_questions <= question_count <= limits.max_questions:
        raise InputInvalid(
            "Some fields are missing or wrong.",
            fields={"question_count": f"Choose {limits.min_questions} to {limits.max_questions}."},
        )


ROUTES = [
    web.post("/api/v1/interviews", create_interview),
    web.get("/api/v1/interviews", list_interviews),
    web.get("/api/v1/interviews/estimate", estimate_interview),
    web.get("/api/v1/interviews/{id}", show_interview),
    web.post("/api/v1/interviews/{id}/room", open_room),
    web.get("/interviews/{id}/room", room_page),
]
