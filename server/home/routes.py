"""The front page, signing up and in, the dashboard, setting up an interview; health."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from aiohttp import web
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from server.home.choices import DIFFICULTIES, LANGUAGES, PATIENCE_LEVELS, Choice, type_choices
from server.home.preset import Preset, beginning_with, read_preset
from server.interviews.labels import DIFFICULTY_LABELS, ROLE_LABELS, TYPE_LABELS
from server.interviews.routes import INTERVIEWS
from server.interviews.schemas import (
    MAX_QUESTION_ID,
    MAX_REQUIREMENTS,
    OFFERED_MINUTES,
    EstimateInterview,
    view_of,
)
from server.kit.auth import bare, public, signed_in
from server.kit.keys import DATABASE, SETTINGS
from server.kit.pages import next_path, redirect, render
from server.kit.passport import VISIT, current_sign_in
from server.questions.routes import QUESTIONS
from server.questions.schemas import recommendation_of
from server.questions.service import list_tags
from sessions.errors import NoQuestions
from sessions.ids import QuestionId
from sessions.plan import InterviewType

HEALTH_TIMEOUT_S = 2.0
_log = logging.getLogger(__name__)


@public
async def landing_page(request: web.Request) -> web.Response:
    return render(request, "landing.html", page="landing")


@public
async def sign_up_page(request: web.Request) -> web.Response:
    return _sign_page(request, "sign_up")


@public
async def sign_in_page(request: web.Request) -> web.Response:
    return _sign_page(request, "sign_in")


def _sign_page(request: web.Request, page: str) -> web.Response:
    goes_to = next_path(request)
    if request[VISIT].signed_in is not None:
        return redirect(goes_to)
    return render(request, f"{page}.html", page=page, next=goes_to)


@signed_in
async def dashboard_page(request: web.Request) -> web.Response:
    account_id = current_sign_in(request).account_id
    interviews = await request.app[INTERVIEWS].fetch_all(account_id)
    recommended = await request.app[QUESTIONS].recommend(account_id)
    return render(
        request,
        "dashboard.html",
        page="dashboard",
        interviews=[view_of(interview) for interview in interviews],
        recommended=[recommendation_of(one) for one in recommended],
        type_labels=TYPE_LABELS,
        difficulty_labels=DIFFICULTY_LABELS,
    )


@signed_in
async def setup_page(request: web.Request) -> web.Response:
    preset = await _preset(request)
    estimate = await _estimate(request, preset)
    async with request.app[DATABASE].read() as session:
        types = type_choices(await list_tags(session))
    return render(
        request,
        "setup.html",
        page="setup",
        preset=preset,
        estimate=estimate,
        types=[_with_focus(choice, preset.type, preset.focus) for choice in types],
        roles=ROLE_LABELS,
        minutes=OFFERED_MINUTES,
        max_requirements=MAX_REQUIREMENTS,
        difficulties=DIFFICULTIES,
        patience_levels=PATIENCE_LEVELS,
        languages=LANGUAGES,
    )


async def _preset(request: web.Request) -> Preset:
    limits = request.app[SETTINGS].interview
    preset = read_preset(request.query, limits)
    if wanted := request.query.get("question", "")[:MAX_QUESTION_ID]:
        account_id = current_sign_in(request).account_id
        found = await request.app[INTERVIEWS].find_question(account_id, QuestionId(wanted))
        if found is not None:
            return beginning_with(found, preset, limits)
    return preset


async def _estimate(request: web.Request, preset: Preset) -> int | None:
    """None where the number is chosen, and where there is nothing to ask."""
    if preset.question_count is not None:
        return None
    is_technical = preset.type is InterviewType.TECHNICAL
    wanted = EstimateInterview(
        type=preset.type,
        difficulty=preset.difficulty,
        duration_minutes=preset.minutes,
        role=ROLE_LABELS[preset.role] if is_technical else preset.role_words,
    )
    try:
        return await request.app[INTERVIEWS].estimate(wanted.to_request())
    except NoQuestions:
        return None


def _with_focus(choice: Choice, type: str, focus: str) -> Choice:
    """A link may ask for a tag that is not among the most used."""
    if choice.value != type or not focus or focus in choice.focus_areas:
        return choice
    return replace(choice, focus_areas=(focus, *choice.focus_areas))


@bare
async def health(request: web.Request) -> web.Response:
    """200 when the database answers within two seconds, else 503."""
    try:
        async with asyncio.timeout(HEALTH_TIMEOUT_S), request.app[DATABASE].read() as session:
            await session.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError, TimeoutError) as exc:
        _log.error("The database does not answer: %s", exc)
        return web.json_response({"status": "database_unavailable"}, status=503)
    return web.json_response({"status": "ok"})


ROUTES = [
    web.get("/", landing_page),
    web.get("/sign-up", sign_up_page),
    web.get("/sign-in", sign_in_page),
    web.get("/dashboard", dashboard_page),
    web.get("/interviews/new", setup_page),
    web.get("/healthz", health),
]
