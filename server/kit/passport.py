"""Who is asking: the account of the session cookie, or a nameless visitor with a cookie of its own.

A `Visit` belongs to one request. Handlers that sign in or out change it; the outermost
middleware writes its cookies into whatever answer is sent.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from sessions.errors import NotSignedIn
from sessions.ids import AccountId

SESSION_COOKIE = "vv_session"
VISITOR_COOKIE = "vv_anon"
TOKEN_BYTES = 32

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 bytes in unpadded base64url


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """An account, by the token of one of its sign-ins. `is_renewed`: its cookie must be too."""

    account_id: AccountId
    name: str
    email: str
    token: str
    is_renewed: bool


class SignInLookup(Protocol):
    async def __call__(self, token: str) -> SignedIn | None:
        """The living sign-in of a token, its expiry pushed back when due; None for any other."""
        ...


@dataclass(slots=True, kw_only=True)
class Visit:
    """`visitor` is what a CSRF token is bound to while nobody is signed in."""

    signed_in: SignedIn | None
    visitor: str
    is_visitor_new: bool
    had_session_cookie: bool

    def begin(self, signed_in: SignedIn) -> None:
        self.signed_in = signed_in

    def end(self) -> None:
        """Signed out: a fresh nameless visitor, so that no older CSRF token fits any more."""
        self.signed_in = None
        self.visitor = new_token()
        self.is_visitor_new = True


VISIT = web.RequestKey("visit", Visit)


def new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def has_token_shape(value: str) -> bool:
    return _TOKEN.fullmatch(value) is not None


async def begin_visit(request: web.Request, find_sign_in: SignInLookup) -> Visit:
    """Read the cookies and remember the visit in the request."""
    token = request.cookies.get(SESSION_COOKIE, "")
    visitor = request.cookies.get(VISITOR_COOKIE, "")
    is_known_visitor = has_token_shape(visitor)
    visit = Visit(
        signed_in=await find_sign_in(token) if has_token_shape(token) else None,
        visitor=visitor if is_known_visitor else new_token(),
        is_visitor_new=not is_known_visitor,
        had_session_cookie=bool(token),
    )
    request[VISIT] = visit
    return visit


def current_visit(request: web.Request) -> Visit | None:
    """None where no cookie was looked at: static files, health, an error before the look-up."""
    return request.get(VISIT)


def current_sign_in(request: web.Request) -> SignedIn:
    """Raises NotSignedIn; a handler guarded by `signed_in` never sees that."""
    visit = request.get(VISIT)
    if visit is None or visit.signed_in is None:
        raise NotSignedIn
    return visit.signed_in


def write_cookies(
    visit: Visit, response: web.StreamResponse, *, is_secure: bool, session_days: int
) -> None:
    """Set, renew or delete the two cookies so that the browser agrees with the visit."""
    if visit.signed_in is not None and visit.signed_in.is_renewed:
        response.set_cookie(
            SESSION_COOKIE,
            visit.signed_in.token,
            max_age=session_days * 24 * 3600,
            path="/",
            httponly=True,
            secure=is_secure,
            samesite="Lax",
        )
    elif visit.signed_in is None and visit.had_session_cookie:
        response.del_cookie(
            SESSION_COOKIE, path="/", httponly=True, secure=is_secure, samesite="Lax"
        )
    if visit.signed_in is None and visit.is_visitor_new:
        response.set_cookie(
            VISITOR_COOKIE, visit.visitor, path="/", httponly=True, secure=is_secure, samesite="Lax"
        )
