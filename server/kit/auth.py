"""Guards: every route declares who may use it, or the application does not start."""

from __future__ import annotations

from enum import StrEnum

from aiohttp import web
from aiohttp.typedefs import Handler

from server.kit.keys import SIGN_INS
from server.kit.passport import begin_visit
from sessions.errors import NotSignedIn


class Guard(StrEnum):
    BARE = "bare"  # anyone, and no cookie is looked at: static files, health
    PUBLIC = "public"  # anyone; the handler knows who is signed in
    SIGNED_IN = "signed_in"


_GUARDS: dict[object, Guard] = {}


def bare(handler: Handler) -> Handler:
    return _guarded(handler, Guard.BARE)


def public(handler: Handler) -> Handler:
    return _guarded(handler, Guard.PUBLIC)


def signed_in(handler: Handler) -> Handler:
    return _guarded(handler, Guard.SIGNED_IN)


def guard_of(handler: object) -> Guard | None:
    return _GUARDS.get(handler)


def unguarded_routes(app: web.Application) -> list[str]:
    """`METHOD /path` of every route whose handler declares no guard."""
    return [
        f"{route.method} {route.resource.canonical if route.resource else '?'}"
        for route in app.router.routes()
        if guard_of(route.handler) is None
    ]


@web.middleware
async def auth_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    match = request.match_info
    # An address that does not exist still gets a page, with the account's name on it.
    guard = guard_of(match.handler) if match.http_exception is None else Guard.PUBLIC
    if guard is None:
        raise RuntimeError(f"The route {request.method} {request.path} declares no guard.")
    if guard is not Guard.BARE:
        visit = await begin_visit(request, request.app[SIGN_INS])
        if guard is Guard.SIGNED_IN and visit.signed_in is None:
            raise NotSignedIn
    return await handler(request)


def _guarded(handler: Handler, guard: Guard) -> Handler:
    _GUARDS[handler] = guard
    return handler
