"""Answers to a browser: pages with what they all know, redirects, and where to go next."""

from __future__ import annotations

from aiohttp import web

from server.kit.csrf import request_csrf_token
from server.kit.keys import PAGES
from server.kit.passport import current_visit


def render(
    request: web.Request, template: str, *, page: str, status: int = 200, **context: object
) -> web.Response:
    """`page` names the page for its navigation and its script; `status` is shown on errors."""
    visit = current_visit(request)
    who = visit.signed_in if visit is not None else None
    common: dict[str, object] = {
        "account": {"name": who.name, "email": who.email} if who is not None else None,
        "csrf": request_csrf_token(request),
        "page": page,
        "status": status,
    }
    html = request.app[PAGES].render(template, {**common, **context})
    return web.Response(text=html, content_type="text/html", status=status)


def redirect(location: str) -> web.Response:
    """See other: the browser fetches `location` with GET."""
    return web.Response(status=303, headers={"Location": location})


def next_path(request: web.Request, *, otherwise: str = "/dashboard") -> str:
    """The `next` of the query when it is a path on this very site, else `otherwise`."""
    wanted = request.query.get("next", "")
    # Browsers read a backslash as a slash and drop tabs and line ends: none may pass.
    is_ours = wanted.startswith("/") and not wanted.startswith("//") and len(wanted) <= 2000
    if is_ours and wanted.isprintable() and "\\" not in wanted:
        return wanted
    return otherwise
