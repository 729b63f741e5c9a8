"""A person rates an interview of their own: blind, all of it, once; then sees the machine's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from scoring.rubric import rubric_for
from server.interviews.routes import INTERVIEWS
from server.kit.keys import SIGN_INS
from server.reports.parts import REPORTS
from sessions.ids import AccountId, InterviewId
from sessions.plan import Difficulty, InterviewType, PlanRequest, Purpose
from tests.server.calibrated import COMPETENCIES
from tests.server.companion import Browser, Companion, made_settings, open_companion
from tests.server.recorded import SAID, agreed, append, completed, conversation, facts_of

pytestmark = pytest.mark.sockets

RUBRIC = rubric_for(InterviewType.BEHAVIORAL, Difficulty.EASY)
RATINGS: dict[str, int | None] = {id: number for number, id in enumerate(COMPETENCIES[:5], 1)} | {
    COMPETENCIES[5]: None
}


@pytest.fixture
async def companion(tmp_path: Path) -> AsyncGenerator[Companion]:
    """Its writer looks for work only when it is told that there is some."""
    settings = made_settings(tmp_path)
    reports = settings.reports.model_copy(update={"sweep_s": 1000})
    async with open_companion(settings.model_copy(update={"reports": reports})) as companion:
        yield companion


async def end(companion: Companion, interview_id: str) -> None:
    facts = await facts_of(companion, interview_id)
    await append(
        companion, interview_id, [*agreed(recording=False), *conversation(facts[0]), completed()]
    )


async def ended(companion: Companion, owner: Browser) -> str:
    interview_id = await owner.create_interview()
    await end(companion, interview_id)
    return interview_id


async def write_report(companion: Companion, interview_id: str) -> None:
    """Without anybody reading it."""
    reports = companion.app[REPORTS].reports
    assert await reports.load(InterviewId(interview_id), wait_s=10) is not None


def api(interview_id: str) -> str:
    return f"/api/v1/interviews/{interview_id}/ratings"


def page(interview_id: str) -> str:
    return f"/interviews/{interview_id}/rate"


async def test_before_rating_nothing_of_the_machines_is_shown(
    companion: Companion, ada: Browser
) -> None:
    id = await ended(companion, ada)
    await write_report(companion, id)
    sheet = await ada.get(api(id))
    assert sheet.status == 200, sheet.text
    assert (sheet.body["sent"], sheet.body["has_seen_report"]) == (None, False)
    assert [one["id"] for one in sheet.body["competencies"]] == list(COMPETENCIES)
    assert set(sheet.body["competencies"][0]["anchors"]) == {"1", "2", "3", "4", "5"}
    shown = await ada.get(page(id))
    assert shown.status == 200
    assert SAID in shown.text
    assert RUBRIC.competencies[0].anchors[3] in shown.text
    assert RUBRIC.competencies[0].expected in shown.text
    for found in ("coverage", "filler", "Covered", "Insufficient", "quote--candidate", "of 100"):
        assert found not in shown.text, found


async def test_after_rating_the_machines_stand_beside(companion: Companion, ada: Browser) -> None:
    id = await ended(companion, ada)
    await write_report(companion, id)
    answer = await ada.post(api(id), {"ratings": RATINGS})
    assert answer.status == 201, answer.text
    sent = answer.body["sent"]
    assert (sent["sight"], sent["has_report"]) == ("blind", True)
    assert {pair["id"]: pair["person"] for pair in sent["pairs"]} == RATINGS
    # The short answer of these tests shows no competency, and the report says so of each.
    for pair in sent["pairs"]:
        assert (pair["machine"], pair["difference"]) == (None, None)
        assert "nsufficient evidence" in pair["reason"] or "not enough" in pair["reason"]
    assert (await ada.get(api(id))).body == answer.body
    shown = await ada.get(page(id))
    assert 'data-testid="rated"' in shown.text
    assert "before the report was opened" in shown.text


async def test_a_rating_waits_for_the_report(companion: Companion, ada: Browser) -> None:
    id = await ended(companion, ada)
    answer = await ada.post(api(id), {"ratings": RATINGS})
    assert answer.body["sent"]["has_report"] is False
    assert "has not rated this interview yet" in (await ada.get(page(id))).text


@pytest.mark.parametrize("path", ["/api/v1/interviews/{id}/report", "/interviews/{id}/report"])
async def test_who_has_opened_the_report_does_not_rate_blind(
    companion: Companion, ada: Browser, path: str
) -> None:
    id = await ended(companion, ada)
    await write_report(companion, id)
    for _ in range(2):
        assert (await ada.get(path.format(id=id))).status == 200
    assert 'data-testid="seen"' in (await ada.get(page(id))).text
    answer = await ada.post(api(id), {"ratings": RATINGS})
    assert answer.body["sent"]["sight"] == "seen"


async def test_other_pages_do_not_show_the_report(
    companion: Companion, ada: Browser, bo: Browser
) -> None:
    id = await ended(companion, ada)
    await write_report(companion, id)
    assert (await bo.get(f"/interviews/{id}/report")).status == 404
    assert (await ada.get(f"/api/v1/interviews/{id}/report?version=7")).status == 404
    for path in ("/dashboard", "/calibration", page(id), f"/api/v1/interviews/{id}/reports"):
        assert (await ada.get(path)).status == 200
    assert (await ada.get(api(id))).body["has_seen_report"] is False


async def test_a_rating_is_final(companion: Companion, ada: Browser) -> None:
    id = await ended(companion, ada)
    async with asyncio.TaskGroup() as tasks:
        sent = [tasks.create_task(ada.post(api(id), {"ratings": RATINGS})) for _ in "123"]
    answers = [task.result() for task in sent]
    assert sorted(answer.status for answer in answers) == [201, 409, 409]
    again = await ada.post(api(id), {"ratings": dict.fromkeys(RATINGS, 5)})
    assert (again.status, again.body["code"]) == (409, "already_rated")
    kept = (await ada.get(api(id))).body["sent"]["pairs"]
    assert {pair["id"]: pair["person"] for pair in kept} == RATINGS


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "ratings"),
        ({"ratings": {}}, "ratings.ownership"),
        ({"ratings": {**RATINGS, "mood": 3}}, "ratings.mood"),
        ({"ratings": {**RATINGS, "ownership": 6}}, "ratings.ownership"),
        ({"ratings": {**RATINGS, "ownership": 0}}, "ratings.ownership"),
        ({"ratings": {**RATINGS, "ownership": "4"}}, "ratings.ownership"),
        ({"ratings": {**RATINGS, "ownership": 3.5}}, "ratings.ownership"),
        ({"ratings": {str(n): 3 for n in range(99)}}, "ratings"),
        ({"ratings": RATINGS, "is_blind": True}, "is_blind"),
    ],
)
async def test_bad_ratings_are_refused(
    companion: Companion, ada: Browser, body: object, field: str
) -> None:
    id = await ended(companion, ada)
    answer = await ada.post(api(id), body)
    assert (answer.status, answer.body["code"]) == (422, "input_invalid")
    assert field in answer.body["fields"]
    assert (await ada.get(api(id))).body["sent"] is None


async def test_nobody_elses_and_none_that_goes_on(
    companion: Companion, ada: Browser, bo: Browser, browser: Browser
) -> None:
    id = await ada.create_interview()
    for answer in (await ada.get(api(id)), await ada.post(api(id), {"ratings": RATINGS})):
        assert (answer.status, answer.body["code"]) == (409, "interview_goes_on")
    await end(companion, id)
    for owner in (id, "0", "00000000-0000-4000-8000-000000000000"):
        assert (await bo.get(api(owner))).status == 404
        assert (await bo.get(page(owner))).status == 404
        assert (await bo.post(api(owner), {"ratings": RATINGS})).status == 404
    assert (await browser.get(api(id))).status == 401
    assert (await browser.get(page(id))).headers["Location"].startswith("/sign-in")


async def test_a_candidate_neither_rates_nor_sees_a_hiring_interview(
    companion: Companion, ada: Browser
) -> None:
    token = ada.cookie("vv_session")
    assert token is not None
    who = await companion.app[SIGN_INS](token)
    assert who is not None
    request = PlanRequest(
        type=InterviewType.BEHAVIORAL,
        difficulty=Difficulty.EASY,
        question_count=2,
        purpose=Purpose.HIRING,
    )
    interview = await companion.app[INTERVIEWS].create(AccountId(who.account_id), request)
    await end(companion, interview.id)
    await write_report(companion, interview.id)
    for answer in (
        await ada.get(api(interview.id)),
        await ada.post(api(interview.id), {"ratings": RATINGS}),
    ):
        assert (answer.status, answer.body["code"]) == (403, "not_for_candidates")
    assert (await ada.get(page(interview.id))).status == 403
    assert "Rate it yourself" not in (await ada.get(f"/interviews/{interview.id}/report")).text
    assert (await ada.get("/api/v1/calibration")).body["to_rate"] == []
