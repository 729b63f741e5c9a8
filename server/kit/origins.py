"""Where a request came from, by the browser's word, and what host it thinks it speaks to."""

from __future__ import annotations

import re

from aiohttp import web
from yarl import URL

from sessions.settings import Settings

_HOST = re.compile(r"(?P<name>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")


def is_https(request: web.Request, settings: Settings) -> bool:
    """Whether the person's browser speaks HTTPS, to us or to the proxy in front."""
    return settings.server.public_url.startswith("https://") or request.secure


def host_name(request: web.Request, settings: Settings) -> str:
    """The name of the host the page was fetched from, without its port; IPv6 in brackets."""
    # The header is the client's word and ends up in other headers: only a host's shape passes.
    match = _HOST.fullmatch(request.host)
    if match is None:
        return settings.server.host
    return match["name"]


def is_same_origin(request: web.Request, settings: Settings) -> bool:
    """False when the browser says that another site's page made this request.

    A client that says nothing (no browser does, on an unsafe method) is not refused here: it
    still needs a CSRF token.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    return origin is None or origin in _own_origins(request, settings)


def _own_origins(request: web.Request, settings: Settings) -> set[str]:
    origins = {f"{request.scheme}://{request.host}"}
    if settings.server.public_url:
        origins.add(str(URL(settings.server.public_url).origin()))
    return origins


def gateway_base(request: web.Request, settings: Settings, gateway_port: int) -> str:
    """The gateway's address as the candidate's browser reaches it: `wss://host[:port][/path]`."""
    if settings.agent.public_url:
        return settings.agent.public_url.rstrip("/")
    scheme = "wss" if is_https(request, settings) else "ws"
    return f"{scheme}://{host_name(request, settings)}:{gateway_port}"


def gateway_source(request: web.Request, settings: Settings, gateway_port: int) -> str:
    """The gateway as a CSP source."""
    url = URL(gateway_base(request, settings, gateway_port))
    # CSP's grammar has no IPv6 addresses: there the scheme alone must do.
    if url.host is None or ":" in url.host:
        return f"{url.scheme}:"
    return f"{url.scheme}://{url.authority}"
