"""Links to recordings, the sound itself by them, and deleting it."""

from __future__ import annotations

import hashlib

from aiohttp import web

from server.interviews.routes import load_own
from server.kit.answers import json_answer
from server.kit.auth import bare, signed_in
from server.recordings.ranges import ByteRange, RangeUnsatisfiable, has_tag, read_range
from server.recordings.service import Recordings
from server.recordings.stream import open_body
from sessions.errors import NotFound
from sessions.facts import RecordingStored
from sessions.ids import InterviewId

CONTENT_TYPE = "audio/ogg"
MAX_PART_DIGITS = 6

RECORDINGS = web.AppKey("recordings", Recordings)


@signed_in
async def make_link(request: web.Request) -> web.Response:
    interview = await load_own(request)
    part = request.match_info["part"]
    if not (part.isascii() and part.isdecimal() and len(part) <= MAX_PART_DIGITS):
        raise NotFound("part of a recording")
    recordings = request.app[RECORDINGS]
    return json_answer(await recordings.link(InterviewId(interview.id), int(part)))


@signed_in
async def delete_recording(request: web.Request) -> web.Response:
    interview = await load_own(request)
    await request.app[RECORDINGS].delete(InterviewId(interview.id), reason="requested")
    return web.Response(status=204)


@bare
async def play(request: web.Request) -> web.Response:
    """The sound a signed link is for. No cookie is looked at: the link is the pass."""
    recordings = request.app[RECORDINGS]
    part = await recordings.find(request.match_info["token"])
    etag = _tag(part)
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'inline; filename="interview-part-{part.part}.ogg"',
        "ETag": etag,
    }
    if has_tag(request.headers.get("If-None-Match"), etag):
        return web.Response(status=304, headers=headers)
    size = await recordings.audio.size(part)
    try:
        wanted = _wanted(request, etag, size)
    except RangeUnsatisfiable:
        return web.Response(
            status=416,
            text=f"The range begins behind the end: the recording has {size:,} bytes.\n",
            headers={
                **headers,
                "Content-Range": f"bytes */{size}",
                "Content-Disposition": "inline",
            },
        )
    if request.method == "HEAD":
        headers |= {"Content-Length": str(size), "Content-Type": CONTENT_TYPE}
        return web.Response(headers=headers)
    if wanted is not None:
        headers["Content-Range"] = wanted.content_range
    sent = wanted or ByteRange(0, size, size)
    body = await open_body(
        recordings.audio.read(part, sent.start, sent.end),
        length=sent.length,
        content_type=CONTENT_TYPE,
    )
    return web.Response(status=206 if wanted else 200, headers=headers, body=body)


def _wanted(request: web.Request, etag: str, size: int) -> ByteRange | None:
    """A range counts for GET alone, and with If-Range only if the sound is the one it names."""
    if request.method != "GET" or request.headers.get("If-Range", etag) != etag:
        return None
    return read_range(request.headers.get("Range"), size=size)


def _tag(part: RecordingStored) -> str:
    return f'"{hashlib.sha256(f"{part.key} {part.sha256}".encode()).hexdigest()[:32]}"'


ROUTES = [
    web.get("/api/v1/interviews/{id}/recordings/{part}/link", make_link),
    web.delete("/api/v1/interviews/{id}/recording", delete_recording),
    web.get("/recordings/{token}", play),
]
