"""The front page, signing up and in, the dashboard, setting up an interview; health."""

from __future__ import annotations

import asyncio
import logging

from aiohttp import web
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from server.home.choices import DIFFICULTIES, LANGUAGES, PATIENCE_LEVELS, type_choices
from server.interviews.routes import INTERVIEWS
from server.interviews.schemas import DEFAULT_QUESTIONS, view_of
from server.kit.auth import bare, public, signed_in
from server.kit.keys import DATABASE, SETTINGS
from server.kit.pages import next_path, redirect, render
from server.kit.passport import VISIT, current_sign_in
from server.questions.service import list_tags

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
    interviews = await request.app[INTERVIEWS].fetch_all(current_sign_in(request).account_id)
    views = [view_of(interview) for interview in interviews]
    return render(request, "dashboard.html", page="dashboard", interviews=views)


@signed_in
async def setup_page(request: web.Request) -> web.Response:
    limits = request.app[SETTINGS].interview
    async with request.app[DATABASE].read() as session:
        tags = await list_tags(session)
    return render(
        request,
        "setup.html",
        page="setup",
        types=type_choices(tags),
        difficulties=DIFFICULTIES,
        patience_levels=PATIENCE_LEVELS,
        languages=LANGUAGES,
        min_questions=limits.min_questions,
        max_questions=limits.max_questions,
        default_questions=min(max(DEFAULT_QUESTIONS, limits.min_questions), limits.max_questions),
    )


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
