"""The outermost middleware: headers that every answer carries, and the visit's cookies."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

from server.kit.keys import GATEWAY_PORT, SETTINGS
from server.kit.origins import gateway_source, is_https
from server.kit.passport import current_visit, write_cookies


@web.middleware
async def headers_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    response = await handler(request)
    settings = request.app[SETTINGS]
    source = gateway_source(request, settings, request.app[GATEWAY_PORT])
    response.headers.update(
        {
            "Content-Security-Policy": content_security_policy(source),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Permissions-Policy": "microphone=(self), camera=(), geolocation=(), payment=()",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
    )
    # Pages and answers are one person's; only static files say otherwise.
    response.headers.setdefault("Cache-Control", "no-store")
    visit = current_visit(request)
    if visit is not None:
        write_cookies(
            visit,
            response,
            is_secure=is_https(request, settings),
            session_days=settings.security.session_days,
        )
    return response


def content_security_policy(gateway: str) -> str:
    """No inline code, nothing from elsewhere; only the gateway's socket besides ourselves."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            f"connect-src 'self' {gateway}",
            "media-src 'self' blob:",
            "worker-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
