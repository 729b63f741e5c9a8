"""Setting up interviews, listing them, and the pass for their room."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from server.questions.models import QuestionRow
from sessions.facts import (
    AnswerScored,
    CompletionReason,
    ConsentGiven,
    Fact,
    InterviewCompleted,
    InterviewPlanned,
    QuestionAsked,
    RoomClosed,
)
from sessions.grants import read_room_token
from sessions.ids import InterviewId, QuestionId
from sessions.plan import Difficulty, InterviewType, Patience
from tests.server.companion import GATEWAY_PORT, INTERVIEW, NOW_MS, SECRET, Browser, Companion

pytestmark = pytest.mark.sockets

OTHERS = "behavioral-1"


def consented(at_ms: int) -> Fact:
    return ConsentGiven(at_ms=at_ms, text_version="2026-11", transcript=True, recording=False)


def asked(at_ms: int, index: int, question: str) -> Fact:
    return QuestionAsked(at_ms=at_ms, index=index, question_id=QuestionId(question))


def scored(at_ms: int, turn: int, question: str) -> Fact:
    return AnswerScored(
        at_ms=at_ms, turn=turn, question_id=QuestionId(question), judge="test", findings=()
    )


async def append(companion: Companion, interview_id: str, *facts: Fact) -> None:
    id = InterviewId(interview_id)
    numbered = await companion.journal.read(id)
    await companion.journal.append(id, facts, after_seq=numbered[-1].seq)


async def test_an_interview_is_stored_together_with_its_plan(
    ada: Browser, companion: Companion
) -> None:
    answer = await ada.post(
        "/api/v1/interviews",
        {
            "type": "system_design",
            "difficulty": "medium",
            "question_count": 3,
            "role": " Backend   engineer ",
            "focus_areas": ["tag 5"],
            "language": "en",
            "patience": "patient",
        },
    )
    assert answer.status == 201
    view = answer.body
    id = InterviewId(view.pop("id"))
    assert view == {
        "type": "system_design",
        "type_label": "System design",
        "difficulty": "medium",
        "difficulty_label": "Medium",
        "role": "Backend engineer",
        "status": "ready",
        "status_label": "Ready to start",
        "question_count": 3,
        "answered_count": 0,
        "planned_minutes": 12,
        "created_ms": NOW_MS,
        "started_ms": None,
        "ended_ms": None,
        "room_path": f"/interviews/{id}/room",
        "report_path": f"/interviews/{id}/report",
        "setup_path": "/interviews/new?type=system_design&difficulty=medium&minutes=15"
        "&role=Backend+engineer",
    }
    [numbered] = await companion.journal.read(id)
    planned = numbered.fact
    assert isinstance(planned, InterviewPlanned)
    account = (await ada.get("/api/v1/session")).body["account"]
    assert (numbered.seq, planned.interview_id, planned.seed) == (1, id, id)
    assert planned.account_id == account["id"]
    assert planned.at_ms == NOW_MS
    assert planned.request.type is InterviewType.SYSTEM_DESIGN
    assert planned.request.difficulty is Difficulty.MEDIUM
    assert planned.request.patience is Patience.PATIENT
    assert planned.request.focus_areas == ("tag 5",)
    assert {question.id for question in planned.questions} >= {
        "system-design-4",
        "system-design-5",
    }


async def test_what_is_left_out_has_a_default(ada: Browser, companion: Companion) -> None:
    answer = await ada.post("/api/v1/interviews", {"type": "dsa", "difficulty": "easy"})
    assert answer.status == 201
    assert answer.body["question_count"] == 3
    assert answer.body["role"] == ""


async def test_questions_asked_lately_come_last(ada: Browser, companion: Companion) -> None:
    first = await ada.create_interview(type="dsa", question_count=2)
    [planned] = [entry.fact for entry in await companion.journal.read(InterviewId(first))]
    assert isinstance(planned, InterviewPlanned)
    ids = [question.id for question in planned.questions]
    await append(
        companion, first, consented(NOW_MS), *[asked(NOW_MS, i, q) for i, q in enumerate(ids)]
    )
    second = await ada.create_interview(type="dsa", question_count=2)
    [planned] = [entry.fact for entry in await companion.journal.read(InterviewId(second))]
    assert isinstance(planned, InterviewPlanned)
    # Three easy ones exist, two were asked: the third must be among the next two.
    fresh = {"dsa-1", "dsa-2", "dsa-3"} - set(ids)
    assert fresh <= {question.id for question in planned.questions}


async def test_the_list_has_the_newest_first_and_only_ones_own(
    ada: Browser, bo: Browser, companion: Companion
) -> None:
    ids: list[str] = []
    for _ in range(3):
        companion.clock.advance(1_000)
        ids.append(await ada.create_interview())
    await bo.create_interview()
    listed = (await ada.get("/api/v1/interviews")).body["interviews"]
    assert [view["id"] for view in listed] == ids[::-1]


async def test_the_list_follows_the_facts(ada: Browser, companion: Companion) -> None:
    id = await ada.create_interview()

    async def view() -> dict[str, object]:
        [listed] = (await ada.get("/api/v1/interviews")).body["interviews"]
        assert listed == (await ada.get(f"/api/v1/interviews/{id}")).body
        return listed

    await append(companion, id, consented(NOW_MS + 1_000), asked(NOW_MS + 2_000, 0, OTHERS))
    seen = await view()
    assert (seen["status"], seen["started_ms"], seen["answered_count"]) == (
        "in_progress",
        NOW_MS + 1_000,
        0,
    )
    # Two turns on one question are one answered question, also across two readings.
    await append(companion, id, scored(NOW_MS + 3_000, 1, OTHERS))
    assert (await view())["answered_count"] == 1
    await append(companion, id, scored(NOW_MS + 4_000, 2, OTHERS), scored(NOW_MS + 5_000, 3, "b"))
    assert (await view())["answered_count"] == 2
    await append(companion, id, RoomClosed(at_ms=NOW_MS + 6_000, reason="restart"))
    assert (await view())["status_label"] == "Interrupted, can be resumed"
    await append(
        companion,
        id,
        consented(NOW_MS + 7_000),
        InterviewCompleted(at_ms=NOW_MS + 9_000, reason=CompletionReason.FINISHED),
    )
    seen = await view()
    assert (seen["status"], seen["started_ms"], seen["ended_ms"]) == (
        "completed",
        NOW_MS + 1_000,
        NOW_MS + 9_000,
    )


async def test_a_room_pass_opens_this_room_for_this_account(
    ada: Browser, companion: Companion
) -> None:
    id = await ada.create_interview()
    answer = await ada.post(f"/api/v1/interviews/{id}/room")
    assert answer.status == 200
    assert answer.body["url"] == f"ws://127.0.0.1:{GATEWAY_PORT}/v1/rooms/{id}"
    assert answer.body["expires_at_ms"] == NOW_MS + 10 * 60_000
    grant = read_room_token(
        answer.body["token"], SECRET, interview_id=InterviewId(id), now_ms=NOW_MS
    )
    account = (await ada.get("/api/v1/session")).body["account"]
    assert grant.account_id == account["id"]
    assert grant.expires_ms == answer.body["expires_at_ms"]


async def test_there_is_no_pass_once_the_interview_is_over(
    ada: Browser, companion: Companion
) -> None:
    id = await ada.create_interview()
    await append(
        companion, id, InterviewCompleted(at_ms=NOW_MS, reason=CompletionReason.ENDED_BY_CANDIDATE)
    )
    answer = await ada.post(f"/api/v1/interviews/{id}/room")
    assert (answer.status, answer.body["code"]) == (409, "interview_ended")
    page = await ada.get(f"/interviews/{id}/room")
    assert (page.status, page.headers["Location"]) == (303, f"/interviews/{id}/report")


ROUTES_OF_ONE = [
    ("GET", "/api/v1/interviews/{id}"),
    ("POST", "/api/v1/interviews/{id}/room"),
    ("GET", "/api/v1/interviews/{id}/report"),
    ("GET", "/api/v1/interviews/{id}/report?download=1"),
    ("GET", "/api/v1/interviews/{id}/reports"),
    ("POST", "/api/v1/interviews/{id}/reports"),
    ("GET", "/api/v1/interviews/{id}/share"),
    ("POST", "/api/v1/interviews/{id}/share"),
    ("DELETE", "/api/v1/interviews/{id}/share/{share_id}"),
    ("GET", "/api/v1/interviews/{id}/recordings/{part}/link"),
    ("DELETE", "/api/v1/interviews/{id}/recording"),
    ("GET", "/interviews/{id}/room"),
    ("GET", "/interviews/{id}/report"),
    ("GET", "/api/v1/interviews/{id}/ratings"),
    ("POST", "/api/v1/interviews/{id}/ratings"),
    ("GET", "/interviews/{id}/rate"),
]


def test_every_route_of_one_interview_is_listed_here(companion: Companion) -> None:
    served = {
        (route.method, route.resource.canonical)
        for route in companion.app.router.routes()
        if route.resource and "{id}" in route.resource.canonical and route.method != "HEAD"
    }
    assert served == {(method, path.partition("?")[0]) for method, path in ROUTES_OF_ONE}


@pytest.mark.parametrize(("method", "path"), ROUTES_OF_ONE)
async def test_somebody_elses_interview_does_not_exist(
    ada: Browser, bo: Browser, method: str, path: str
) -> None:
    id = await ada.create_interview()
    answer = await bo.send(method, path.format(id=id, part=1, share_id=id))
    assert answer.status == 404
    if path.startswith("/api"):
        assert answer.body["code"] == "not_found"


@pytest.mark.parametrize(
    "id", ["x", "%00", "%ff", "..%2f..", "a" * 3000, "11111111-1111-4111-8111-11111111111A"]
)
async def test_an_id_of_no_interview_is_not_found(ada: Browser, id: str) -> None:
    answer = await ada.get(f"/api/v1/interviews/{id}")
    assert (answer.status, answer.body["code"]) == (404, "not_found")


async def test_without_questions_the_person_is_told(ada: Browser, companion: Companion) -> None:
    async with companion.database.write() as session:
        await session.execute(delete(QuestionRow).where(QuestionRow.type == "behavioral"))
    answer = await ada.post("/api/v1/interviews", INTERVIEW)
    assert (answer.status, answer.body["code"]) == (409, "no_questions")
    assert "vivavoce seed" in answer.body["hint"]
    assert (await ada.get("/api/v1/interviews")).body == {"interviews": []}
