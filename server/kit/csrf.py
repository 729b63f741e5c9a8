"""Against forged requests: every unsafe request of a cookie client carries a token and comes
from our own pages.

The token is an HMAC over what the browser holds in a cookie that scripts cannot read: the
sign-in's token, or the visitor's before there is one. (OWASP's "signed double submit cookie".)
"""

from __future__ import annotations

import hashlib
import hmac

from aiohttp import web
from aiohttp.typedefs import Handler

from server.kit.keys import SECRET, SETTINGS
from server.kit.origins import is_same_origin
from server.kit.passport import VISIT, Visit
from sessions.errors import Forbidden

HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def csrf_token(secret: str, visit: Visit) -> str:
    held = f"session:{visit.signed_in.token}" if visit.signed_in else f"visitor:{visit.visitor}"
    return hmac.new(_key(secret), held.encode(), hashlib.sha256).hexdigest()


def request_csrf_token(request: web.Request) -> str:
    """The token for the pages of this request's visit; empty where there is no visit."""
    visit = request.get(VISIT)
    return csrf_token(request.app[SECRET], visit) if visit is not None else ""


@web.middleware
async def csrf_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.method not in SAFE_METHODS and request.match_info.http_exception is None:
        _refuse_forgery(request)
    return await handler(request)


def _refuse_forgery(request: web.Request) -> None:
    if not is_same_origin(request, request.app[SETTINGS]):
        raise Forbidden(
            "This request came from another site.",
            hint="Open Vivavoce's own page and do it there. Behind a proxy, set server.public_url.",
        )
    given = request.headers.get(HEADER, "")
    expected = request_csrf_token(request)
    if not expected or not hmac.compare_digest(given.encode(errors="replace"), expected.encode()):
        raise Forbidden(
            "This page is out of date, so the request was not accepted.",
            hint="Reload the page, then try again.",
        )


def _key(secret: str) -> bytes:
    return hmac.new(secret.encode(), b"vivavoce csrf", hashlib.sha256).digest()
