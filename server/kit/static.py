"""`/static`: kept for ever when the address carries the content's hash, else asked for anew."""

from __future__ import annotations

import mimetypes

from aiohttp import web

from server.kit.auth import bare
from server.kit.keys import PAGES
from sessions.errors import NotFound

FOR_EVER = "public, max-age=31536000, immutable"

# The machine's own table may miss or misname these, and `nosniff` makes that fatal.
_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}


@bare
async def static_file(request: web.Request) -> web.StreamResponse:
    static = request.app[PAGES].static
    file = static.file(request.match_info["path"])
    if file is None:
        raise NotFound("file")
    is_current = request.query.get("v") == static.version(file)
    kind = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0]
    if kind is not None and kind.startswith("text/"):
        kind += "; charset=utf-8"
    return web.FileResponse(
        file,
        headers={
            "Cache-Control": FOR_EVER if is_current else "no-cache",
            "Content-Type": kind or "application/octet-stream",
        },
    )


ROUTES = [web.get("/static/{path:.+}", static_file)]
