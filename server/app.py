"""The companion put together: slices, middlewares, and what their handlers find."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from importlib.metadata import version
from pathlib import Path

from aiohttp import web

from server.accounts import routes as accounts
from server.accounts.service import Accounts
from server.calibration import routes as calibration
from server.calibration.service import Calibrations
from server.home import routes as home
from server.interviews import routes as interviews
from server.interviews.service import Interviews
from server.kit import keys, static
from server.kit.auth import auth_middleware, unguarded_routes
from server.kit.csrf import csrf_middleware
from server.kit.errors import errors_middleware
from server.kit.security import headers_middleware
from server.kit.serving import serve
from server.kit.templates import WEB, Pages
from server.questions import routes as questions
from server.questions.generation import Generator
from server.questions.service import Questions
from server.recordings import routes as recordings
from server.recordings.audio import Audio
from server.recordings.retention import keep_retention
from server.recordings.service import Recordings
from server.reports import routes as reports
from server.reports.jobs import keep_writing
from server.reports.judging import ModelJudge, open_model_judge
from server.reports.parts import REPORTS, make_parts
from server.reports.share_routes import keep_private
from sessions.infra.blobs import open_blobs
from sessions.infra.db import Database
from sessions.infra.recording_keys import load_or_create_keyring
from sessions.infra.structured import open_structured
from sessions.ports import Bus, Clock, Journal
from sessions.settings import Settings

__all__ = ["create_app", "serve"]

_SLICES = (static, home, accounts, questions, interviews, recordings, reports, calibration)


def create_app(
    settings: Settings,
    *,
    database: Database,
    journal: Journal,
    bus: Bus,
    clock: Clock,
    secret: str,
    gateway_port: int,
    web_root: Path = WEB,
) -> web.Application:
    """`gateway_port`: where the agent's gateway listens, for rooms' addresses.

    Raises RuntimeError when a route declares no guard, SettingsInvalid for endpoints that are none.
    """
    app = web.Application(
        # From the outside in.
        middlewares=[
            headers_middleware,
            errors_middleware,
            auth_middleware,
            csrf_middleware,
            calibration.note_readers,
        ],
        client_max_size=settings.server.max_body_bytes,
    )
    app[keys.SETTINGS] = settings
    app[keys.DATABASE] = database
    app[keys.JOURNAL] = journal
    app[keys.BUS] = bus
    app[keys.CLOCK] = clock
    app[keys.SECRET] = secret
    app[keys.GATEWAY_PORT] = gateway_port
    app[keys.PAGES] = Pages(web_root, app_version=version("vivavoce"))
    app[accounts.ACCOUNTS] = Accounts(database, clock, session_days=settings.security.session_days)
    app[keys.SIGN_INS] = app[accounts.ACCOUNTS].find_sign_in
    app[interviews.INTERVIEWS] = service = Interviews(
        database,
        journal,
        clock,
        generator=_make_generator(app, settings),
        counts=(settings.interview.min_questions, settings.interview.max_questions),
    )
    app[questions.QUESTIONS] = Questions(database, service.fetch_practice)
    app[REPORTS] = make_parts(
        settings.reports,
        database=database,
        journal=journal,
        bus=bus,
        clock=clock,
        judge=_make_judge(app, settings),
    )
    app[calibration.CALIBRATION] = Calibrations(database, clock)
    app.on_response_prepare.append(keep_private)
    app.cleanup_ctx.append(_open_recordings)
    app.cleanup_ctx.append(_write_reports)
    for slice_routes in _SLICES:
        app.add_routes(slice_routes.ROUTES)
    missing = unguarded_routes(app)
    if missing:
        raise RuntimeError(f"Routes without a declared guard: {', '.join(missing)}")
    return app


def _make_judge(app: web.Application, settings: Settings) -> ModelJudge | None:
    """None when the settings name no model. Raises SettingsInvalid."""
    judge = open_model_judge(
        settings.reports.judge,
        settings.reports.judge_raters,
        settings.endpoints,
        timeout_s=settings.reports.judge_timeout_s,
        key="reports.judge",
    )
    if judge is not None:
        model = judge

        async def close(_: web.Application) -> None:
            await model.aclose()

        app.on_cleanup.append(close)
    return judge


def _make_generator(app: web.Application, settings: Settings) -> Generator | None:
    """None when the settings name no model. Raises SettingsInvalid."""
    if not settings.plans.model:
        return None
    timeout_s = settings.plans.timeout_s
    model = open_structured(
        settings.plans.model, settings.endpoints, timeout_s=timeout_s, key="plans.model"
    )

    async def close(_: web.Application) -> None:
        await model.aclose()

    app.on_cleanup.append(close)
    return Generator(model, timeout_s=timeout_s)


async def _open_recordings(app: web.Application) -> AsyncGenerator[None]:
    """As long as the application is served. Raises StartupFailed for a store or a key that is not
    to be had."""
    settings = app[keys.SETTINGS]
    keyring = await asyncio.to_thread(load_or_create_keyring, settings)
    blobs = await asyncio.to_thread(open_blobs, settings)
    app[recordings.RECORDINGS] = service = Recordings(
        database=app[keys.DATABASE],
        journal=app[keys.JOURNAL],
        bus=app[keys.BUS],
        clock=app[keys.CLOCK],
        audio=Audio(blobs, keyring),
        secret=app[keys.SECRET],
        link_days=settings.recording.link_days,
        keep_days=settings.recording.keep_days,
    )
    async with keep_retention(service):
        yield


async def _write_reports(app: web.Application) -> AsyncGenerator[None]:
    """As long as the application is served."""
    async with keep_writing(app[REPORTS].writer):
        yield
