"""Answers of the API."""

from __future__ import annotations

from aiohttp import web

from server.kit.bodies import AnswerBody


def json_answer(body: AnswerBody, *, status: int = 200) -> web.Response:
    return web.Response(
        body=body.model_dump_json().encode(),
        content_type="application/json",
        charset="utf-8",
        status=status,
    )
