"""The set-up page: what its link chooses beforehand, how many questions it promises, and a question
that is answered again."""

from __future__ import annotations

import html
import re

import pytest

from server.interviews.routes import INTERVIEWS
from server.interviews.schemas import OFFERED_MINUTES
from sessions.errors import InputInvalid
from sessions.facts import InterviewPlanned
from sessions.ids import AccountId, InterviewId, QuestionId
from sessions.plan import (
    Difficulty,
    InterviewType,
    PlanRequest,
    Purpose,
    choose_questions,
    count_questions,
)
from tests.scoring.bank import bank_files, load_bank
from tests.server.companion import INTERVIEW, Browser, Companion

pytestmark = pytest.mark.sockets

ESTIMATE = "/api/v1/interviews/estimate"


async def planned_ids(companion: Companion, id: str) -> list[str]:
    fact = (await companion.journal.read(InterviewId(id)))[0].fact
    assert isinstance(fact, InterviewPlanned)
    return [question.id for question in fact.questions]


async def test_an_interview_s_set_up_page_keeps_what_was_chosen(ada: Browser) -> None:
    answer = await ada.post(
        "/api/v1/interviews",
        {"type": "dsa", "difficulty": "hard", "duration_minutes": 20, "role": 'Dev <b>&"x"'},
    )
    page = html.unescape((await ada.get(answer.body["setup_path"])).text)
    for chosen in ("dsa", "hard", "20"):
        assert re.search(rf'value="{chosen}"[^>]* checked', page), chosen
    assert 'value="Dev <b>&"x""' in page
    assert "<b>&" not in (await ada.get(answer.body["setup_path"])).text


async def test_a_short_interview_is_set_up_as_short_again(ada: Browser) -> None:
    path = (await ada.post("/api/v1/interviews", INTERVIEW)).body["setup_path"]
    assert path == "/interviews/new?type=behavioral&difficulty=easy&question_count=2"


async def test_a_role_of_the_technical_kind_is_chosen_again(ada: Browser) -> None:
    page = (await ada.get("/interviews/new?type=technical&role=DevOps+engineer")).text
    assert re.search(r'value="DevOps engineer" selected', page)


# -- how many questions ----------------------------------------------------------------------------


async def test_the_page_promises_as_many_questions_as_the_plan_has(ada: Browser) -> None:
    for level, minutes, role in (("easy", 15, ""), ("medium", 30, "SRE"), ("expert", 60, "")):
        chosen = f"type=dsa&difficulty={level}&role={role}"
        wishes = {"type": "dsa", "difficulty": level, "role": role, "duration_minutes": minutes}
        made = (await ada.post("/api/v1/interviews", wishes)).body["question_count"]
        told = (await ada.get(f"{ESTIMATE}?{chosen}&duration_minutes={minutes}")).body
        page = (await ada.get(f"/interviews/new?{chosen}&minutes={minutes}")).text
        assert told == {"question_count": made}
        assert f"Up to {minutes} minutes, about {made} question" in page


@pytest.mark.parametrize("type", [InterviewType.TECHNICAL, InterviewType.HR])
def test_the_count_is_that_of_every_plan_of_the_real_bank(type: InterviewType) -> None:
    paths = [path for path in bank_files() if path.parent.name == type.value]
    bank = [question for path in paths for question in load_bank(path)]
    for level in Difficulty:
        for minutes in OFFERED_MINUTES:
            for role in ("", "SRE", "data scientist"):
                request = PlanRequest(
                    type=type,
                    difficulty=level,
                    question_count=0,
                    duration_minutes=minutes,
                    role=role,
                    focus_areas=("conflict",),
                )
                plan = choose_questions(bank, request, seed=f"{minutes}", recent=[bank[0].id])
                assert len(plan) == count_questions(bank, request)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?type=dsa&difficulty=easy", "duration_minutes"),
        ("?type=dsa&difficulty=easy&duration_minutes=14", "duration_minutes"),
        ("?type=x&difficulty=easy&duration_minutes=15", "type"),
        ("?type=dsa&difficulty=easy&duration_minutes=15&count=2", "count"),
    ],
)
async def test_an_estimate_of_nonsense_names_the_field(
    ada: Browser, query: str, field: str
) -> None:
    answer = await ada.get(ESTIMATE + query)
    assert (answer.status, list(answer.body["fields"])) == (422, [field])


# -- a question again ------------------------------------------------------------------------------


async def test_a_question_can_be_answered_again_first_in_a_short_interview(
    companion: Companion, ada: Browser
) -> None:
    page = (await ada.get("/interviews/new?question=dsa-5")).text
    assert 'name="first_question" value="dsa-5"' in page
    assert 'name="question_count" value="2"' in page
    assert re.search(r'value="dsa"[^>]* checked', page)
    id = await ada.create_interview(type="dsa", difficulty="easy", first_question="dsa-5")
    ids = await planned_ids(companion, id)
    assert (ids[0], len(set(ids))) == ("dsa-5", 2)


async def test_it_takes_its_part_of_the_time(companion: Companion, ada: Browser) -> None:
    answer = await ada.post(
        "/api/v1/interviews",
        {
            "type": "dsa",
            "difficulty": "easy",
            "duration_minutes": 15,
            "first_question": "dsa-5",
        },
    )
    assert answer.body["planned_minutes"] <= 15
    assert (await planned_ids(companion, answer.body["id"]))[0] == "dsa-5"
    only = await ada.create_interview(type="hr", first_question="hr-1", question_count=2)
    assert (await planned_ids(companion, only))[0] == "hr-1"


@pytest.mark.parametrize("id", ["dsa-1", "own-0", "nothing", "' OR 1=1"])
async def test_a_first_question_that_does_not_fit_is_named(ada: Browser, id: str) -> None:
    answer = await ada.post("/api/v1/interviews", {**INTERVIEW, "first_question": id})
    assert (answer.status, list(answer.body["fields"])) == (422, ["first_question"])
    assert (await ada.get(f"/interviews/new?question={id}")).status == 200


async def test_nobody_who_is_to_be_hired_is_given_a_chosen_question(
    companion: Companion, ada: Browser
) -> None:
    account = AccountId((await ada.get("/api/v1/session")).body["account"]["id"])
    request = PlanRequest(
        type=InterviewType.HR,
        difficulty=Difficulty.EASY,
        question_count=2,
        purpose=Purpose.HIRING,
    )
    with pytest.raises(InputInvalid):
        await companion.app[INTERVIEWS].create(account, request, first_question=QuestionId("hr-1"))
