"""Every failure of a request becomes one answer: problem JSON (RFC 9457) or a page."""

from __future__ import annotations

import json
import logging
import secrets
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Handler
from jinja2 import TemplateError

from server.kit.pages import redirect, render
from sessions.errors import InputInvalid, NotSignedIn, VivavoceError

API = "/api/"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    status: int
    code: str
    message: str
    hint: str = ""
    fields: dict[str, str] = field(default_factory=dict[str, str])
    headers: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def title(self) -> str:
        return HTTPStatus(self.status).phrase


@web.middleware
async def errors_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except VivavoceError as exc:
        if isinstance(exc, NotSignedIn) and _wants_page(request):
            return redirect(f"/sign-in?next={quote(request.path_qs, safe='/')}")
        if exc.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            _log.error("%s %s: %s", request.method, request.path, exc.message, exc_info=exc)
        problem = _of_ours(exc)
    except web.HTTPException as exc:
        if exc.status < HTTPStatus.BAD_REQUEST:
            return web.Response(status=exc.status, headers=exc.headers)
        problem = _of_aiohttp(request, exc)
    except Exception as exc:  # the edge: an unknown failure is a log line and an answer
        problem = _of_unknown(request, exc)
    return _answer(request, problem)


def _answer(request: web.Request, problem: Problem) -> web.Response:
    is_api = request.path.startswith(API)
    response = _json(problem) if is_api else _page(request, problem)
    response.headers.update(problem.headers)
    return response


def _json(problem: Problem) -> web.Response:
    body = {
        "type": f"urn:vivavoce:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.message,
        "code": problem.code,
        "hint": problem.hint,
        "fields": problem.fields,
    }
    return web.Response(
        text=json.dumps(body), content_type="application/problem+json", status=problem.status
    )


def _page(request: web.Request, problem: Problem) -> web.Response:
    try:
        return render(
            request,
            "error.html",
            page="error",
            status=problem.status,
            title=problem.title,
            message=problem.message,
            hint=problem.hint,
        )
    except TemplateError:
        # The page about a failure must not fail: its sentence is what counts.
        _log.exception("The error page could not be rendered.")
        return web.Response(
            text=f"{problem.title}\n\n{problem.message}\n{problem.hint}\n", status=problem.status
        )


def _wants_page(request: web.Request) -> bool:
    return request.method in ("GET", "HEAD") and not request.path.startswith(API)


def _of_ours(exc: VivavoceError) -> Problem:
    return Problem(
        status=exc.status,
        code=exc.code,
        message=exc.message,
        hint=exc.hint,
        fields=exc.fields if isinstance(exc, InputInvalid) else {},
    )


def _of_aiohttp(request: web.Request, exc: web.HTTPException) -> Problem:
    match exc:
        case web.HTTPNotFound():
            return Problem(
                status=exc.status,
                code="not_found",
                message="There is nothing at this address.",
                hint="Check the address, or start again from the front page.",
            )
        case web.HTTPMethodNotAllowed():
            allowed = ", ".join(sorted(exc.allowed_methods))
            return Problem(
                status=exc.status,
                code="method_not_allowed",
                message=f"This address does not take {request.method}.",
                hint=f"It takes {allowed}.",
                headers={"Allow": allowed},
            )
        case web.HTTPRequestEntityTooLarge():
            return Problem(
                status=exc.status,
                code="body_too_large",
                message=f"The body is larger than {request.client_max_size:,} bytes.",
                hint="Send less, or raise server.max_body_bytes.",
            )
        case _:
            return Problem(
                status=exc.status, code="http_error", message=exc.reason or "The request failed."
            )


def _of_unknown(request: web.Request, exc: Exception) -> Problem:
    reference = secrets.token_hex(4)
    _log.error("%s %s failed, reference %s", request.method, request.path, reference, exc_info=exc)
    return Problem(
        status=500,
        code="internal_error",
        message="Something went wrong on our side. What you finished before is saved.",
        hint=f"Try again. If it happens again, tell your administrator the reference {reference}.",
    )
