"""`/api/v1/questions`: the bank to look through, and what to practise next."""

from __future__ import annotations

from aiohttp import web
from pydantic import ValidationError

from server.kit.answers import json_answer
from server.kit.auth import signed_in
from server.kit.bodies import explained
from server.kit.passport import current_sign_in
from server.questions.schemas import (
    FindQuestions,
    RecommendationList,
    list_of,
    recommendation_of,
)
from server.questions.service import Questions

QUESTIONS = web.AppKey("questions", Questions)


@signed_in
async def find_questions(request: web.Request) -> web.Response:
    try:
        asked = FindQuestions.model_validate(dict(request.query))
    except ValidationError as exc:
        raise explained(exc) from exc
    page = await request.app[QUESTIONS].find(
        asked.to_wanted(), limit=asked.limit, after=asked.after
    )
    return json_answer(list_of(page))


@signed_in
async def recommend_questions(request: web.Request) -> web.Response:
    found = await request.app[QUESTIONS].recommend(current_sign_in(request).account_id)
    return json_answer(RecommendationList(recommended=[recommendation_of(one) for one in found]))


ROUTES = [
    web.get("/api/v1/questions", find_questions),
    web.get("/api/v1/questions/recommended", recommend_questions),
]
