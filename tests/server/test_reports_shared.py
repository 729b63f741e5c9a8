"""Links to reports: for whoever has one, until it ends, and nothing of the account in it."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from server.reports.models import ReportShare
from server.reports.shares import DAY_MS, MAX_OPEN
from tests.server.companion import Answer, Browser, Companion
from tests.server.recorded import SAID, agreed, append, completed, conversation, facts_of

pytestmark = pytest.mark.sockets


async def ended_interview(companion: Companion, owner: Browser) -> str:
    interview_id = await owner.create_interview(role="<b>Cook & baker</b>")
    facts = [
        *agreed(recording=False),
        *conversation((await facts_of(companion, interview_id))[0]),
        completed(),
    ]
    await append(companion, interview_id, facts)
    return interview_id


async def share(owner: Browser, interview_id: str, **body: object) -> Answer:
    return await owner.post(f"/api/v1/interviews/{interview_id}/share", {"days": 7, **body})


async def open_link(visitor: Browser, url: str) -> Answer:
    return await visitor.get(url.removeprefix(visitor.base))


async def test_whoever_has_the_link_reads_the_report(
    companion: Companion, ada: Browser, browser: Browser
) -> None:
    id = await ended_interview(companion, ada)
    made = await share(ada, id)
    assert made.status == 201, made.text
    assert made.body["expires_at_ms"] - made.body["created_at_ms"] == 7 * DAY_MS
    assert re.fullmatch(re.escape(ada.base) + r"/shared/[\w-]{43}", made.body["url"])
    page = await open_link(browser, made.body["url"])
    assert page.status == 200
    assert SAID in page.text
    assert "&lt;b&gt;Cook &amp; baker&lt;/b&gt;" in page.text
    assert "Delivery" in page.text
    for private in ("Ada", "ada@example.org", id, "/api/", "Sign in", "Recording"):
        assert private not in page.text.replace("/static/js/api", ""), private
    assert 'name="csrf-token" content=""' in page.text


async def test_a_shared_page_is_found_by_nobody_and_tells_nobody(
    companion: Companion, ada: Browser, browser: Browser
) -> None:
    id = await ended_interview(companion, ada)
    url = (await share(ada, id)).body["url"]
    for address in (url, url[:-1] + ("A" if url[-1] != "A" else "B")):
        answer = await open_link(browser, address)
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
    page = await open_link(browser, url)
    assert '<meta name="referrer" content="no-referrer">' in page.text
    assert not re.search(r"\son[a-z]+=|\sstyle=|<script>", page.text), "inline code"
    other = await browser.get("/sign-in")
    assert other.headers["Referrer-Policy"] == "same-origin"


async def test_the_recruiters_edition_says_nothing_about_delivery(
    companion: Companion, ada: Browser, browser: Browser
) -> None:
    id = await ended_interview(companion, ada)
    made = await share(ada, id, edition="recruiter")
    page = (await open_link(browser, made.body["url"])).text
    assert SAID in page
    for coaching in ("Delivery", "Filler", "words/min", "next time", ">You<"):
        assert coaching not in page, coaching


async def test_only_a_hash_of_the_token_is_kept(companion: Companion, ada: Browser) -> None:
    id = await ended_interview(companion, ada)
    made = await share(ada, id)
    token = made.body["url"].rpartition("/")[2]
    async with companion.database.read() as session:
        row = await session.scalar(select(ReportShare))
    assert row is not None
    assert token not in str(vars(row))
    listed = await ada.get(f"/api/v1/interviews/{id}/share")
    assert token not in listed.text
    assert [one["id"] for one in listed.body["shares"]] == [made.body["id"]]


async def test_a_link_ends_with_its_days(
    companion: Companion, ada: Browser, browser: Browser
) -> None:
    id = await ended_interview(companion, ada)
    made = await share(ada, id, days=1)
    companion.clock.advance(DAY_MS - 1)
    assert (await open_link(browser, made.body["url"])).status == 200
    companion.clock.advance(1)
    over = await open_link(browser, made.body["url"])
    assert over.status == 410
    assert "This link has ended" in over.text
    assert SAID not in over.text
    [listed] = (await ada.get(f"/api/v1/interviews/{id}/share")).body["shares"]
    assert not listed["is_open"]


async def test_a_link_can_be_taken_back(
    companion: Companion, ada: Browser, browser: Browser
) -> None:
    id = await ended_interview(companion, ada)
    first, second = await share(ada, id), await share(ada, id)
    path = f"/api/v1/interviews/{id}/share/{first.body['id']}"
    assert (await ada.send("DELETE", path)).status == 204
    assert (await ada.send("DELETE", path)).status == 204
    assert (await open_link(browser, first.body["url"])).status == 410
    assert (await open_link(browser, second.body["url"])).status == 200


@pytest.mark.parametrize("token", ["x", "A" * 43, "é" * 43, "..%2F..%2Fdashboard"])
async def test_a_token_that_never_was_shows_nothing(browser: Browser, token: str) -> None:
    answer = await browser.get(f"/shared/{token}")
    assert answer.status == 404
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"days"}),
        ({"days": 0}, {"days"}),
        ({"days": 31}, {"days"}),
        ({"days": "7"}, {"days"}),
        ({"days": 7, "edition": "whole"}, {"edition"}),
        ({"days": 7, "with_recording": True}, {"with_recording"}),
    ],
)
async def test_what_is_shared_must_make_sense(
    companion: Companion, ada: Browser, body: object, fields: set[str]
) -> None:
    id = await ended_interview(companion, ada)
    answer = await ada.post(f"/api/v1/interviews/{id}/share", body)
    assert (answer.status, set(answer.body["fields"])) == (422, fields), answer.text


async def test_an_interview_that_goes_on_is_not_shared(ada: Browser) -> None:
    id = await ada.create_interview()
    answer = await share(ada, id)
    assert (answer.status, answer.body["code"]) == (409, "interview_goes_on")


async def test_there_is_a_most_of_open_links(companion: Companion, ada: Browser) -> None:
    id = await ended_interview(companion, ada)
    made = [await share(ada, id) for _ in range(MAX_OPEN)]
    refused = await share(ada, id)
    assert (refused.status, refused.body["code"]) == (409, "too_many_shares")
    await ada.send("DELETE", f"/api/v1/interviews/{id}/share/{made[0].body['id']}")
    assert (await share(ada, id)).status == 201


async def test_a_link_of_another_interview_is_not_taken_back(
    companion: Companion, ada: Browser
) -> None:
    id, other = [await ended_interview(companion, ada) for _ in "12"]
    made = await share(ada, id)
    path = f"/api/v1/interviews/{other}/share/{made.body['id']}"
    assert (await ada.send("DELETE", path)).status == 404


async def test_a_server_with_a_name_says_it_in_its_links(
    companion: Companion, ada: Browser
) -> None:
    id = await ended_interview(companion, ada)
    assert (await share(ada, id)).body["url"].startswith(ada.base)
