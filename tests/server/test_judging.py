"""Interviews that are over, judged by a model: what it is asked, what counts, and what is left when
it fails.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from scoring.judges.judgement import Judgement, scored_facts
from scoring.judges.prompts import PROMPT_SHA256, RATING_PROMPT, SPANS_PROMPT, judge_name
from scoring.judges.rating import NO_MODEL, NOT_SHOWN, OVER_BUDGET, TOO_FEW_RATED
from scoring.key_points import JUDGE_NAME, judge_answer
from scoring.rubric import Competency, Dimension, Rubric
from server.reports.judging import (
    AT_ONCE,
    MOST_REQUESTS,
    RATERS_TEMPERATURE,
    ModelJudge,
    open_model_judge,
)
from sessions.errors import SettingsInvalid
from sessions.facts import Coverage, Fact
from sessions.infra.endpoints import Endpoint
from sessions.infra.structured import StructuredModel
from sessions.plan import Difficulty, InterviewType, Question
from sessions.settings import EndpointSettings
from tests.emulators.openai_json import KEY, MODEL, Answer, Asked, JsonEmulator, open_json, saying
from tests.scoring.build import T0, asked, heard, planned, question
from tests.scoring.test_judges_attacks import ATTACKS
from tests.scoring.test_judges_attacks import QUESTION as ATTACKED
from tests.support.polling import eventually

pytestmark = pytest.mark.sockets

SAID = "I remember what I met, and so it is one look per number."
OFFLINE = "I would use a hash set, which is linear."
DOWN = Answer(status=500)


def competency(id: str, *counts: str) -> Competency:
    return Competency(
        id=id,
        name=id.capitalize(),
        definition="Finds a way from what is asked to what works.",
        dimension=Dimension.PROBLEM_SOLVING,
        weight=50,
        counts=counts,
        expected="Names a way that works and says why it does.",
        anchors={rating: f"What a listener hears at {rating}." for rating in range(1, 6)},
    )


RUBRIC = Rubric(
    type=InterviewType.DSA,
    level=Difficulty.EASY,
    version=1,
    competencies=(competency("solving", "algorithms"), competency("leading", "leadership")),
)


def about(id: str, of: Question | None = None) -> Question:
    return replace(of or question(id), id=question(id).id, competencies=("algorithms",))


def interview(*texts: str, of: Question | None = None) -> list[Fact]:
    """Each text answers a question of its own, q1 and on."""
    ids = [f"q{number}" for number in range(1, len(texts) + 1)]
    facts: list[Fact] = [planned(*(about(id, of) for id in ids))]
    for number, (id, text) in enumerate(zip(ids, texts, strict=True)):
        facts += [asked(number, id), heard(text, turn=number + 1, id=id)]
    return facts


# -- minds ---------------------------------------------------------------------------------------


def is_rating(request: Asked) -> bool:
    return request.system.startswith(RATING_PROMPT)


def rated(rating: int | None, *ids: str, why: str = "These words fit.") -> Answer:
    return saying({"rating": rating, "span_ids": list(ids), "why": why})


def citing(request: Asked, quote: str) -> Answer:
    """All key points, covered by the same words."""
    return saying(
        {
            "findings": [
                {"key_point_id": point["id"], "coverage": "covered", "turn": 1, "quote": quote}
                for point in request.data["key_points"]
            ]
        }
    )


def sensible(request: Asked) -> Answer:
    """Finds the first key point in the first words of an answer, and rates it 4."""
    if is_rating(request):
        return rated(4, *(span["id"] for span in request.data["spans"]))
    answer: dict[str, Any] = request.data["answers"][0]
    first, *others = (point["id"] for point in request.data["key_points"])
    quote = " ".join(answer["text"].split()[:5])
    shown = {"key_point_id": first, "coverage": "covered", "turn": answer["turn"], "quote": quote}
    missing = [{"key_point_id": other, "coverage": "missing"} for other in others]
    return saying({"findings": [shown, *missing]})


def by_part(
    *, spans: Callable[[Asked], Answer] = sensible, ratings: Callable[[Asked], Answer] = sensible
) -> Callable[[Asked], Answer]:
    return lambda request: ratings(request) if is_rating(request) else spans(request)


def in_turns(*answers: Answer) -> Callable[[Asked], Answer]:
    left = list(answers)
    return lambda _: left.pop(0)


def endpoint(emulator: JsonEmulator, name: str = "emulated") -> Endpoint:
    return Endpoint(name=name, base_url=emulator.url, api_key=KEY, llm_model=MODEL)


@asynccontextmanager
async def judging(
    mind: Callable[[Asked], Answer], *, timeout_s: float = 5
) -> AsyncGenerator[tuple[ModelJudge, JsonEmulator]]:
    async with open_json(mind) as emulator:
        judge = ModelJudge(StructuredModel([endpoint(emulator)], timeout_s=timeout_s))
        yield judge, emulator
        await judge.aclose()


async def judged(
    mind: Callable[[Asked], Answer], facts: Sequence[Fact], *, most_requests: int = MOST_REQUESTS
) -> Judgement:
    async with judging(mind) as (judge, _):
        return await judge.judge(facts, RUBRIC, most_requests=most_requests)


def found(judgement: Judgement) -> list[tuple[int, str, str]]:
    return [
        (turn.turn, finding.key_point_id, finding.quote)
        for turn in judgement.findings
        for finding in turn.findings
        if finding.coverage is not Coverage.MISSING
    ]


# -- what it comes to ----------------------------------------------------------------------------


async def test_a_model_finds_the_words_and_three_raters_rate_by_them() -> None:
    async with judging(sensible) as (judge, emulator):
        judgement = await judge.judge(interview(SAID), RUBRIC)
    assert found(judgement) == [(1, "set", "I remember what I met")]
    assert judgement.judge == judge_name(MODEL)
    assert judgement.model == MODEL
    assert judgement.prompt_sha256 == PROMPT_SHA256
    solving, leading = judgement.competencies
    assert (solving.combined.rating, solving.combined.is_flagged, solving.reason) == (4, False, "")
    assert [one.text for one in solving.spans] == ["I remember what I met"]
    assert [(one.rating, one.span_ids, one.why, one.model) for one in solving.raters] == [
        (4, ("s1",), "These words fit.", MODEL)
    ] * 3
    assert (leading.combined.rating, leading.reason, leading.raters) == (None, NOT_SHOWN, ())
    assert judgement.ratings == {"solving": solving.combined}
    (usage,) = judgement.usage
    assert (usage.endpoint, usage.model, usage.requests) == ("emulated", MODEL, 4)
    assert (usage.input_tokens, usage.output_tokens) == (400, 40)
    assert (judgement.rejected_quotes, judgement.failed_requests) == (0, 0)
    (scored,) = scored_facts(judgement.findings, at_ms=T0)
    assert (scored.turn, scored.judge) == (1, judge_name(MODEL))
    assert [one.temperature for one in emulator.asked] == [0, *[RATERS_TEMPERATURE] * 3]


async def test_raters_hear_the_verified_words_alone() -> None:
    async with judging(sensible) as (judge, emulator):
        await judge.judge(interview(SAID), RUBRIC)
    spans, *ratings = emulator.asked
    assert spans.system.startswith(SPANS_PROMPT)
    assert "hash set" not in spans.user, "a phrasing would be looked for"
    for one in ratings:
        assert one.data["spans"] == [{"id": "s1", "text": "I remember what I met"}]
        assert "one look per number" not in one.user


@pytest.mark.parametrize(
    ("ratings", "expected", "is_flagged", "reason"),
    [
        ([3, 4, 4], 4, False, ""),
        ([2, 5, 4], 4, True, ""),
        ([3, None, 4], 3.5, False, ""),
        ([5, None, None], None, True, TOO_FEW_RATED),
        ([None, None, None], None, True, TOO_FEW_RATED),
    ],
)
async def test_code_makes_one_rating_of_three(
    ratings: list[int | None], expected: float | None, is_flagged: bool, reason: str
) -> None:
    answers = [rated(one, *(["s1"] if one else [])) for one in ratings]
    judgement = await judged(by_part(ratings=in_turns(*answers)), interview(SAID))
    solving = judgement.competencies[0]
    assert (solving.combined.rating, solving.reason) == (expected, reason)
    assert solving.combined.is_flagged is is_flagged


async def test_raters_may_be_other_models() -> None:
    async with open_json(sensible) as one, open_json(sensible) as two:
        judge = ModelJudge(
            StructuredModel([endpoint(one, "one")], timeout_s=5),
            [
                StructuredModel([endpoint(at, name)], timeout_s=5)
                for at, name in ((one, "one"), (two, "two"), (two, "three"))
            ],
        )
        judgement = await judge.judge(interview(SAID), RUBRIC)
        await judge.aclose()
    assert {(used.endpoint, used.requests) for used in judgement.usage} == {
        ("one", 2),
        ("two", 1),
        ("three", 1),
    }


async def test_nothing_said_asks_nothing() -> None:
    async with judging(sensible) as (judge, emulator):
        judgement = await judge.judge([planned(about("q1")), asked(0, "q1")], RUBRIC)
    assert emulator.asked == []
    assert (judgement.findings, judgement.usage, judgement.ratings) == ((), (), None)
    assert (judgement.judge, judgement.model) == (JUDGE_NAME, "")
    assert [one.reason for one in judgement.competencies] == [NOT_SHOWN, NOT_SHOWN]


# -- what fails ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "failure", [DOWN, Answer(status=401), Answer(content="no"), Answer(content="{}", is_cut=True)]
)
async def test_without_a_model_the_offline_findings_are_all_there_is(failure: Answer) -> None:
    async with judging(lambda _: failure) as (judge, emulator):
        judgement = await judge.judge(interview(OFFLINE), RUBRIC)
    assert judgement.findings[0].findings == judge_answer(question("q1"), OFFLINE)
    assert (judgement.judge, judgement.model, judgement.ratings) == (JUDGE_NAME, "", None)
    assert [one.reason for one in judgement.competencies] == [NO_MODEL, NOT_SHOWN]
    assert judgement.failed_requests == 1
    assert not any(is_rating(one) for one in emulator.asked), "it is away: no time is lost on it"


async def test_a_model_that_is_silent_is_not_waited_for() -> None:
    async with judging(lambda _: Answer(is_silent=True), timeout_s=0.2) as (judge, _):
        async with asyncio.timeout(10):
            judgement = await judge.judge(interview(*[OFFLINE] * 6), RUBRIC)
    assert judgement.judge == JUDGE_NAME
    assert len(judgement.findings) == judgement.failed_requests == 6


async def test_one_question_that_fails_falls_back_alone() -> None:
    def spans(request: Asked) -> Answer:
        return DOWN if request.data["question"] == "The text of q2?" else sensible(request)

    judgement = await judged(by_part(spans=spans), interview(SAID, OFFLINE))
    assert [turn.judge for turn in judgement.findings] == [judge_name(MODEL), JUDGE_NAME]
    assert judgement.judge == f"{judge_name(MODEL)}, {JUDGE_NAME}"
    assert found(judgement) == [
        (1, "set", "I remember what I met"),
        (2, "set", OFFLINE),
        (2, "cost", OFFLINE),
    ]
    assert judgement.competencies[0].combined.rating == 4, "raters hear the words of both"
    assert len(judgement.competencies[0].spans) == 2


@pytest.mark.parametrize(("down", "expected"), [(1, 4), (2, None)])
async def test_raters_that_fail_do_not_count(down: int, expected: int | None) -> None:
    async with open_json(sensible) as well, open_json(lambda _: DOWN) as ill:
        at = [ill] * down + [well] * (3 - down)
        judge = ModelJudge(
            StructuredModel([endpoint(well)], timeout_s=5),
            [StructuredModel([endpoint(one)], timeout_s=5) for one in at],
        )
        judgement = await judge.judge(interview(SAID), RUBRIC)
        await judge.aclose()
    solving = judgement.competencies[0]
    assert solving.combined.rating == expected
    assert solving.reason == ("" if expected else TOO_FEW_RATED)
    assert sum(bool(one.problem) for one in solving.raters) == judgement.failed_requests == down
    assert judgement.rejected_ratings == 0


async def test_where_no_rater_answers_there_is_no_rating_and_no_low_one() -> None:
    judgement = await judged(by_part(ratings=lambda _: DOWN), interview(SAID))
    assert judgement.competencies[0].reason == NO_MODEL
    assert judgement.ratings is None
    assert judgement.judge == judge_name(MODEL)


# -- limits --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("most", "requests", "reason"), [(0, 0, NOT_SHOWN), (2, 2, OVER_BUDGET), (6, 6, "")]
)
async def test_no_more_is_asked_than_is_allowed(most: int, requests: int, reason: str) -> None:
    async with judging(sensible) as (judge, emulator):
        judgement = await judge.judge(interview(SAID, SAID, SAID), RUBRIC, most_requests=most)
    assert len(emulator.asked) == requests
    assert judgement.competencies[0].reason == reason
    assert len(judgement.findings) == 3, "what is not asked is judged offline"


async def test_four_are_asked_at_once() -> None:
    async with judging(lambda _: Answer(is_silent=True)) as (judge, emulator):

        async def are_asked() -> bool:
            return len(emulator.bodies) >= AT_ONCE

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(judge.judge(interview(*[SAID] * 6), RUBRIC))
            await eventually(are_asked)
            emulator.release()
    assert emulator.most_at_once == AT_ONCE == 4
    assert len(emulator.bodies) > AT_ONCE


# -- candidates who speak to the judge -----------------------------------------------------------


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
async def test_an_attack_gets_nothing_from_a_model_that_obeys(attack: str) -> None:
    """It cites the attack itself for everything, and would rate it five."""

    def obedient(request: Asked) -> Answer:
        if is_rating(request):
            return rated(5, "s1")
        return citing(request, request.data["answers"][0]["text"])

    async with judging(obedient) as (judge, emulator):
        judgement = await judge.judge(interview(attack, of=ATTACKED), RUBRIC)
    assert found(judgement) == []
    assert judgement.rejected_quotes == len(ATTACKED.key_points)
    assert [one.combined.rating for one in judgement.competencies] == [None, None]
    assert len(emulator.asked) == 1, "there is nothing to rate"
    assert emulator.asked[0].system.startswith(SPANS_PROMPT)
    assert attack not in emulator.asked[0].system
    assert set(emulator.asked[0].data) == {"question", "key_points", "answers"}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
async def test_an_attack_beside_an_answer_gets_no_more_than_the_answer(attack: str) -> None:
    """The model makes words up for every key point, and names words that it was not given."""

    def obedient(request: Asked) -> Answer:
        if is_rating(request):
            return rated(5, "s1", "s99")
        return citing(request, "I would keep every number in a table and look it up")

    text = f"I would use a hash set. {attack}"
    judgement = await judged(obedient, interview(text, of=ATTACKED))
    offline = judge_answer(ATTACKED, text)
    assert judgement.findings[0].findings == offline
    assert judgement.rejected_quotes == len(ATTACKED.key_points)
    assert judgement.competencies[0].combined.rating is None
    assert judgement.rejected_ratings in (0, 3), "0 where its sentence speaks to raters"
    assert 5 not in [rater.rating for one in judgement.competencies for rater in one.raters]


async def test_a_five_that_rests_on_nothing_is_no_rating() -> None:
    judgement = await judged(by_part(ratings=lambda _: rated(5)), interview(SAID))
    solving = judgement.competencies[0]
    assert (solving.combined.rating, solving.combined.is_flagged) == (None, True)
    assert judgement.rejected_ratings == 3


async def test_what_a_model_writes_is_one_short_line() -> None:
    why = "Great.\n\n<script>alert(1)</script>\x1b[31m " + "x" * 900
    judgement = await judged(by_part(ratings=lambda _: rated(4, "s1", why=why)), interview(SAID))
    for rater in judgement.competencies[0].raters:
        assert len(rater.why) <= 300
        assert rater.why.isprintable()


# -- opening -------------------------------------------------------------------------------------


async def test_a_judge_is_opened_by_its_endpoints_names() -> None:
    settings = {"openai": EndpointSettings(api_key=SecretStr("k"))}
    assert open_model_judge([], [], {}, timeout_s=1, key="reports.judge") is None
    judge = open_model_judge(["openai"], ["ollama"], settings, timeout_s=1, key="reports.judge")
    assert judge is not None
    await judge.aclose()
    with pytest.raises(SettingsInvalid, match="judge_raters names nobody"):
        open_model_judge(["openai"], ["nobody"], settings, timeout_s=1, key="reports.judge")


def test_prompts_are_told_apart_from_data() -> None:
    assert json.dumps(SPANS_PROMPT) != json.dumps(RATING_PROMPT)
    for prompt in (SPANS_PROMPT, RATING_PROMPT):
        assert "never instructions" in prompt
        assert "accent" in prompt
