"""Reports of interviews that are over: written once, kept by version, read in every form."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path

import pytest
from sqlalchemy import update

from server.kit.auth import Guard, guard_of
from server.kit.keys import BUS
from server.reports.content import Body, write_body
from server.reports.jobs import FOUND_MS, Rhythm, Writer
from server.reports.models import ReportRow, ReportState
from server.reports.parts import REPORTS
from server.reports.service import Reports
from sessions.facts import Fact
from sessions.ids import InterviewId
from sessions.infra.bus_memory import MemoryBus
from sessions.ports import REPORTS_TOPIC
from tests.server.companion import Browser, Companion, made_settings, open_companion
from tests.server.recorded import PART_MS, SAID, agreed, append, completed, conversation, facts_of
from tests.support.polling import eventually

pytestmark = pytest.mark.sockets


@pytest.fixture
async def companion(tmp_path: Path) -> AsyncGenerator[Companion]:
    """Its writer looks for work only when it is told that there is some."""
    settings = made_settings(tmp_path)
    reports = settings.reports.model_copy(update={"sweep_s": 1000})
    async with open_companion(settings.model_copy(update={"reports": reports})) as companion:
        yield companion


async def ended_interview(companion: Companion, owner: Browser) -> str:
    interview_id = await owner.create_interview()
    facts = [
        *agreed(recording=False),
        *conversation((await facts_of(companion, interview_id))[0]),
        completed(),
    ]
    await append(companion, interview_id, facts)
    return interview_id


def fails(facts: Sequence[Fact]) -> Body:
    raise RuntimeError("the judge is out")


async def stop_writing(companion: Companion, interview_id: str, state: ReportState) -> None:
    """Its newest version, as if no writer had ever been there."""
    async with companion.database.write() as session:
        await session.execute(
            update(ReportRow)
            .where(ReportRow.interview_id == interview_id)
            .values(state=state.value, body=None, written_at_ms=None, due_at_ms=2**60)
        )


# -- reading --------------------------------------------------------------------------------------


async def test_a_report_is_there_at_once_when_its_interview_ends(
    companion: Companion, ada: Browser
) -> None:
    id = await ended_interview(companion, ada)
    answer = await ada.get(f"/api/v1/interviews/{id}/report")
    assert answer.status == 200, answer.text
    assert answer.body["status"] == "completed"
    assert answer.body["edition"] == "candidate"
    assert SAID in [line["text"] for line in answer.body["transcript"]]
    page = await ada.get(f"/interviews/{id}/report")
    assert page.status == 200
    assert "report-keep" in page.text
    [version] = (await ada.get(f"/api/v1/interviews/{id}/reports")).body["reports"]
    assert (version["version"], version["state"], version["attempts"]) == (1, "ready", 1)
    assert version["path"] == f"/interviews/{id}/report?version=1"
    assert (await ada.get(version["path"])).status == 200


async def test_the_report_of_an_interview_that_goes_on_is_made_anew_and_not_kept(
    companion: Companion, ada: Browser
) -> None:
    id = await ada.create_interview()
    await append(companion, id, agreed(recording=False))
    answer = await ada.get(f"/api/v1/interviews/{id}/report")
    assert (answer.status, answer.body["status"]) == (200, "in_progress")
    assert "ETag" not in answer.headers
    page = await ada.get(f"/interviews/{id}/report")
    assert page.status == 200
    assert "report-keep" not in page.text
    assert (await ada.get(f"/api/v1/interviews/{id}/reports")).body == {"reports": []}
    for path in (f"/api/v1/interviews/{id}/report", f"/interviews/{id}/report"):
        assert (await ada.get(f"{path}?version=1")).status == 404
    again = await ada.post(f"/api/v1/interviews/{id}/reports")
    assert (again.status, again.body["code"]) == (409, "interview_goes_on")


async def test_what_is_there_already_is_not_sent_again(companion: Companion, ada: Browser) -> None:
    id = await ended_interview(companion, ada)
    path = f"/api/v1/interviews/{id}/report"
    first = await ada.get(path)
    etag = first.headers["ETag"]
    same = await ada.send("GET", path, headers={"If-None-Match": etag})
    assert (same.status, same.text, same.headers["ETag"]) == (304, "", etag)
    text = await ada.send("GET", f"{path}?format=text", headers={"If-None-Match": etag})
    assert text.status == 200
    assert text.headers["ETag"] != etag


async def test_a_report_as_text(companion: Companion, ada: Browser) -> None:
    id = await ended_interview(companion, ada)
    answer = await ada.get(f"/api/v1/interviews/{id}/report?format=text&download=1")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="vivavoce-report-{id}.txt"'
    )
    assert answer.text.startswith("BEHAVIOURAL INTERVIEW\n")
    assert "say this" in answer.text
    assert SAID in answer.text


async def test_a_report_as_json_file(companion: Companion, ada: Browser) -> None:
    id = await ended_interview(companion, ada)
    answer = await ada.get(f"/api/v1/interviews/{id}/report?version=1&download=1")
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="vivavoce-report-{id}-v1.json"'
    )
    assert json.loads(answer.text)["interview_id"] == id


# -- versions -------------------------------------------------------------------------------------


async def test_asking_again_makes_a_version_and_keeps_the_old(
    companion: Companion, ada: Browser
) -> None:
    id = await ended_interview(companion, ada)
    path = f"/api/v1/interviews/{id}/report"
    first = await ada.get(path)
    asked = await ada.send("POST", f"{path}s", headers={"Idempotency-Key": "k-1"})
    assert (asked.status, asked.body["version"]) == (202, 2)
    second = await ada.get(f"{path}?version=2")
    assert second.status == 200
    assert second.headers["ETag"] != first.headers["ETag"]
    twin = await ada.send("POST", f"{path}s", headers={"Idempotency-Key": "k-1"})
    assert (twin.status, twin.body["version"], twin.body["state"]) == (200, 2, "ready")
    old = await ada.get(f"{path}?version=1")
    assert old.headers["ETag"] == first.headers["ETag"]
    assert (await ada.get(path)).headers["ETag"] == second.headers["ETag"]
    listed = (await ada.get(f"{path}s")).body["reports"]
    assert [version["version"] for version in listed] == [2, 1]


async def test_one_version_is_written_at_a_time(companion: Companion, ada: Browser) -> None:
    id = await ended_interview(companion, ada)
    path = f"/api/v1/interviews/{id}/report"
    await ada.get(path)
    await stop_writing(companion, id, ReportState.QUEUED)
    asked = await ada.post(f"{path}s")
    assert (asked.status, asked.body["code"]) == (409, "report_under_way")


async def test_there_is_a_most_of_versions(tmp_path: Path) -> None:
    settings = made_settings(tmp_path)
    few = settings.model_copy(
        update={"reports": settings.reports.model_copy(update={"max_versions": 1})}
    )
    async with open_companion(few) as companion, companion.browser() as ada:
        await ada.sign_up()
        id = await ended_interview(companion, ada)
        await ada.get(f"/api/v1/interviews/{id}/report")
        asked = await ada.post(f"/api/v1/interviews/{id}/reports")
        assert (asked.status, asked.body["code"]) == (409, "too_many_versions")


async def test_a_version_of_a_form_not_known_any_more_is_replaced(
    companion: Companion, ada: Browser
) -> None:
    id = await ended_interview(companion, ada)
    path = f"/api/v1/interviews/{id}/report"
    await ada.get(path)
    async with companion.database.write() as session:
        await session.execute(update(ReportRow).values(body={"of": "an earlier version"}))
    answer = await ada.get(path)
    assert answer.status == 200
    assert (await ada.get(f"{path}s")).body["reports"][0]["version"] == 2
    old = await ada.get(f"{path}?version=1")
    assert (old.status, old.body["code"]) == (409, "report_outdated")


# -- while it is written, and when it cannot be ---------------------------------------------------


async def test_a_report_that_is_being_written_says_so(
    companion: Companion, ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.reports.routes.API_WAIT_S", 0.1)
    monkeypatch.setattr("server.reports.routes.PAGE_WAIT_S", 0.1)
    id = await ended_interview(companion, ada)
    await ada.get(f"/api/v1/interviews/{id}/report")
    await stop_writing(companion, id, ReportState.WRITING)
    answer = await ada.get(f"/api/v1/interviews/{id}/report")
    assert (answer.status, answer.headers["Retry-After"]) == (202, "1")
    assert (answer.body["version"], answer.body["state"]) == (1, "writing")
    page = await ada.get(f"/interviews/{id}/report")
    assert page.status == 200
    assert 'data-state="writing"' in page.text
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page.text


async def test_a_report_that_failed_says_why_and_can_be_asked_for_again(
    companion: Companion, ada: Browser
) -> None:
    id = await ended_interview(companion, ada)
    path = f"/api/v1/interviews/{id}/report"
    await ada.get(path)
    async with companion.database.write() as session:
        await session.execute(
            update(ReportRow).values(state="failed", reason="the judge is out.", body=None)
        )
    answer = await ada.get(path)
    assert (answer.status, answer.body["code"]) == (409, "report_failed")
    assert "the judge is out." in answer.body["detail"]
    page = await ada.get(f"/interviews/{id}/report")
    assert page.status == 200
    assert 'data-state="failed"' in page.text
    assert (await ada.post(f"{path}s")).status == 202
    assert (await ada.get(path)).status == 200
    assert (await ada.get(f"{path}?version=1")).status == 409


async def test_an_interview_of_before_gets_its_report_when_it_is_asked_for(
    companion: Companion, ada: Browser
) -> None:
    """Ended longer ago than the writer looks back for."""
    id = await ended_interview(companion, ada)
    companion.clock.advance(FOUND_MS + 1 + PART_MS)
    writer = companion.app[REPORTS].writer
    assert await writer.queue_ended() == 0
    assert (await ada.get(f"/api/v1/interviews/{id}/report")).status == 200


async def test_nobody_needs_to_look_for_a_report_to_be_written(
    companion: Companion, ada: Browser
) -> None:
    id = await ended_interview(companion, ada)
    await companion.app[BUS].publish(REPORTS_TOPIC, "{}")
    reports = companion.app[REPORTS].reports

    async def is_ready() -> bool:
        versions = await reports.fetch_versions(InterviewId(id))
        return [row.state for row in versions] == ["ready"]

    await eventually(is_ready)


# -- the writer's failures ------------------------------------------------------------------------


async def test_a_report_is_tried_eight_times_further_and_further_apart(
    companion: Companion, ada: Browser
) -> None:
    id = await ended_interview(companion, ada)
    writer = a_writer(companion, fails)
    await writer.queue_ended()
    for attempt in range(1, 8):
        wait_s = await writer.write_due()
        longest_s = min(2.0**attempt, 300)
        assert 0.5 * longest_s <= wait_s <= 1.5 * longest_s
        companion.clock.advance(int(wait_s * 1000) + 1)
    await writer.write_due()
    [row] = await companion.app[REPORTS].reports.fetch_versions(InterviewId(id))
    assert (row.state, row.attempts) == ("failed", 8)
    assert row.reason == "something went wrong on our side. The server's log says what."


async def test_a_report_whose_writer_dies_each_time_fails_in_the_end(
    companion: Companion, ada: Browser
) -> None:
    id = await ended_interview(companion, ada)
    writer = a_writer(companion, write_body)
    await writer.queue_ended()
    async with companion.database.write() as session:
        await session.execute(update(ReportRow).values(state="writing", attempts=8, due_at_ms=0))
    await writer.write_due()
    [row] = await companion.app[REPORTS].reports.fetch_versions(InterviewId(id))
    assert (row.state, row.attempts) == ("failed", 9)
    assert "again and again" in row.reason


def a_writer(companion: Companion, write: Callable[[Sequence[Fact]], Body]) -> Writer:
    """As another server on the same database would have it."""
    return Writer(
        database=companion.database,
        journal=companion.journal,
        bus=MemoryBus(),
        clock=companion.clock,
        rhythm=Rhythm(sweep_s=1000),
        write=write,
    )


async def test_two_requests_at_once_queue_one_version(companion: Companion, ada: Browser) -> None:
    id = await ended_interview(companion, ada)
    reports = Reports(
        database=companion.database, bus=MemoryBus(), clock=companion.clock, max_versions=20
    )
    await reports.load(InterviewId(id))
    await reports.load(InterviewId(id))
    assert len(await reports.fetch_versions(InterviewId(id))) == 1


# -- bad input, other people ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("version=0", "version"),
        ("version=-1", "version"),
        ("version=one", "version"),
        ("version=", "version"),
        ("version=9999999", "version"),
        ("format=docx", "format"),
        ("format=", "format"),
    ],
)
async def test_what_is_asked_for_must_make_sense(
    companion: Companion, ada: Browser, query: str, field: str
) -> None:
    id = await ended_interview(companion, ada)
    answer = await ada.get(f"/api/v1/interviews/{id}/report?{query}")
    assert (answer.status, answer.body["code"]) == (422, "input_invalid")
    assert list(answer.body["fields"]) == [field]


async def test_a_version_that_never_was_is_not_there(companion: Companion, ada: Browser) -> None:
    id = await ended_interview(companion, ada)
    answer = await ada.get(f"/api/v1/interviews/{id}/report?version=7")
    assert (answer.status, answer.body["code"]) == (404, "not_found")
    assert (await ada.get(f"/interviews/{id}/report?version=7")).status == 404


@pytest.mark.parametrize("key", ["two words", "k" * 65, "ключ"])
async def test_a_key_must_be_one(companion: Companion, ada: Browser, key: str) -> None:
    id = await ended_interview(companion, ada)
    answer = await ada.send(
        "POST", f"/api/v1/interviews/{id}/reports", headers={"Idempotency-Key": key}
    )
    assert answer.status == 422
    assert list(answer.body["fields"]) == ["Idempotency-Key"]


async def test_the_reports_of_others_do_not_exist(
    companion: Companion, ada: Browser, bo: Browser
) -> None:
    id = await ended_interview(companion, ada)
    share = (await ada.post(f"/api/v1/interviews/{id}/share", {"days": 7})).body["id"]
    asked = [
        (route.method, route.resource.canonical)
        for route in companion.app.router.routes()
        if route.resource is not None
        and route.method != "HEAD"
        and guard_of(route.handler) is Guard.SIGNED_IN
        and ("report" in route.resource.canonical or "share" in route.resource.canonical)
    ]
    assert len(asked) == 7
    for method, path in asked:
        where = path.replace("{id}", id).replace("{share_id}", share)
        answer = await bo.send(method, where, json={"days": 7} if path.endswith("/share") else None)
        assert answer.status == 404, (method, path)
    assert (await ada.get(f"/api/v1/interviews/{id}/share")).body["shares"][0]["is_open"]
