"""`/api/v1/accounts` and `/api/v1/session`."""

from __future__ import annotations

from aiohttp import web

from server.accounts.schemas import AccountView, Credentials, SessionView, SignUp
from server.accounts.service import Accounts
from server.kit.answers import json_answer
from server.kit.auth import public
from server.kit.bodies import read_body
from server.kit.csrf import request_csrf_token
from server.kit.passport import VISIT

ACCOUNTS = web.AppKey("accounts", Accounts)


@public
async def show_session(request: web.Request) -> web.Response:
    return json_answer(_session(request))


@public
async def sign_up(request: web.Request) -> web.Response:
    body = await read_body(request, SignUp)
    signed_in = await request.app[ACCOUNTS].sign_up(
        name=body.name, email=body.email, password=body.password, replacing=_token(request)
    )
    request[VISIT].begin(signed_in)
    return json_answer(_session(request), status=201)


@public
async def sign_in(request: web.Request) -> web.Response:
    body = await read_body(request, Credentials)
    signed_in = await request.app[ACCOUNTS].sign_in(
        email=body.email, password=body.password, replacing=_token(request)
    )
    request[VISIT].begin(signed_in)
    return json_answer(_session(request))


@public
async def sign_out(request: web.Request) -> web.Response:
    """Signing out twice is no mistake."""
    token = _token(request)
    if token:
        await request.app[ACCOUNTS].sign_out(token)
        request[VISIT].end()
    return web.Response(status=204)


def _session(request: web.Request) -> SessionView:
    who = request[VISIT].signed_in
    return SessionView(
        account=AccountView(id=who.account_id, name=who.name, email=who.email) if who else None,
        csrf=request_csrf_token(request),
    )


def _token(request: web.Request) -> str:
    who = request[VISIT].signed_in
    return who.token if who is not None else ""


ROUTES = [
    web.get("/api/v1/session", show_session),
    web.post("/api/v1/session", sign_in),
    web.delete("/api/v1/session", sign_out),
    web.post("/api/v1/accounts", sign_up),
]
