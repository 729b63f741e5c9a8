"""The pages as a browser gets them. What their scripts do is tested in a browser elsewhere."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from sessions.facts import (
    AnswerHeard,
    AnswerScored,
    CompletionReason,
    ConsentGiven,
    Coverage,
    Fact,
    FillerHeard,
    InterviewCompleted,
    InterviewPaused,
    InterviewPlanned,
    KeyPointFinding,
    QuestionAsked,
    QuestionSkipped,
    RoomOpened,
    SkipReason,
    Timing,
    Word,
)
from sessions.ids import InterviewId
from sessions.protocol import CONSENT_VERSION
from tests.server.companion import NOW_MS, Browser, Companion

pytestmark = pytest.mark.sockets

LINK = re.compile(r'(?:href|src)="(/[^"#]*)')


async def finish(companion: Companion, interview_id: str) -> None:
    facts = [
        ConsentGiven(at_ms=NOW_MS, text_version="x", transcript=True, recording=False),
        InterviewCompleted(at_ms=NOW_MS + 60_000, reason=CompletionReason.ENDED_BY_CANDIDATE),
    ]
    await companion.journal.append(InterviewId(interview_id), facts, after_seq=1)


async def pause(companion: Companion, interview_id: str) -> None:
    await companion.journal.append(
        InterviewId(interview_id), [InterviewPaused(at_ms=NOW_MS)], after_seq=1
    )


async def check_page(browser: Browser, path: str, *, status: int = 200) -> str:
    """The page, whole, in English, and with no link that leads nowhere."""
    answer = await browser.get(path)
    assert answer.status == status, answer.text
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert '<html lang="en"' in answer.text
    assert not re.search(r"\son[a-z]+=|\sstyle=|<script>", answer.text), "inline code"
    for link in sorted(set(LINK.findall(answer.text))):
        target = await browser.get(link.replace("&amp;", "&"))
        assert target.status < 400, f"{path} leads to {link}: {target.status}"
        if link.startswith("/static/") and "?v=" in link:
            assert "immutable" in target.headers["Cache-Control"], link
    return answer.text


@pytest.mark.parametrize("path", ["/", "/sign-up", "/sign-in"])
async def test_pages_for_anyone(browser: Browser, path: str) -> None:
    html = await check_page(browser, path)
    session = await browser.get("/api/v1/session")
    assert session.body["csrf"] in html


async def test_the_token_in_a_page_is_the_one_that_counts(browser: Browser) -> None:
    html = (await browser.get("/sign-up")).text
    match = re.search(r'<meta name="csrf-token" content="([0-9a-f]{64})">', html)
    assert match is not None
    browser.csrf = match[1]
    form = {"name": "Ada", "email": "ada@example.org", "password": "correct horse battery"}
    assert (await browser.post("/api/v1/accounts", form)).status == 201


async def test_an_empty_dashboard_and_one_with_every_status(
    ada: Browser, companion: Companion
) -> None:
    await check_page(ada, "/dashboard")
    ids = [await ada.create_interview(role="<b>Engineer</b>") for _ in range(3)]
    await finish(companion, ids[0])
    await pause(companion, ids[1])
    html = await check_page(ada, "/dashboard")
    assert "<b>Engineer" not in html
    assert "&lt;b&gt;Engineer" in html
    assert f"/interviews/{ids[0]}/report" in html
    assert f"/interviews/{ids[1]}/room" in html
    assert f"/interviews/{ids[2]}/room" in html
    assert '<time datetime="2026-11-20T14:02:00Z">20 Nov 2026, 14:02</time>' in html


async def test_the_setup_page_offers_the_banks_tags(ada: Browser) -> None:
    html = await check_page(ada, "/interviews/new")
    for value in ("javascript", "machine_coding", "dsa", "system_design", "behavioral"):
        assert f'value="{value}"' in html
    assert "Behavioural" in html
    assert 'value="conflict"' in html
    assert 'value="tag 1"' in html
    assert 'value="very_patient"' in html


async def test_the_room_page_knows_its_interview(ada: Browser) -> None:
    id = await ada.create_interview()
    html = await check_page(ada, f"/interviews/{id}/room")
    assert id in html
    assert CONSENT_VERSION in html


async def test_the_room_of_an_interview_that_is_over_leads_to_its_report(
    ada: Browser, companion: Companion
) -> None:
    id = await ada.create_interview()
    await finish(companion, id)
    answer = await ada.get(f"/interviews/{id}/room")
    assert (answer.status, answer.headers["Location"]) == (303, f"/interviews/{id}/report")
    await check_page(ada, f"/interviews/{id}/report")


async def test_the_report_is_json_too_and_can_be_downloaded(
    ada: Browser, companion: Companion
) -> None:
    id = await ada.create_interview()
    await finish(companion, id)
    answer = await ada.get(f"/api/v1/interviews/{id}/report")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("application/json")
    assert "Content-Disposition" not in answer.headers
    assert answer.body["interview_id"] == id
    assert answer.body["type"] == "behavioral"
    assert isinstance(answer.body["delivery"]["pace_wpm"]["is_measured"], bool)
    saved = await ada.get(f"/api/v1/interviews/{id}/report?download=1")
    assert saved.body == answer.body
    assert saved.headers["Content-Disposition"] == (
        f'attachment; filename="vivavoce-report-{id}.json"'
    )


async def test_an_error_page_says_what_and_what_next(browser: Browser, ada: Browser) -> None:
    html = await check_page(browser, "/nowhere", status=404)
    assert "There is nothing at this address." in html
    html = await check_page(ada, f"/interviews/{'1' * 8}/room", status=404)
    assert "There is no such interview." in html


async def test_after_signing_in_one_is_where_one_wanted_to_be(
    ada: Browser, browser: Browser
) -> None:
    answer = await browser.get("/interviews/new?type=dsa&x=1")
    assert answer.status == 303
    assert answer.headers["Location"] == "/sign-in?next=/interviews/new%3Ftype%3Ddsa%26x%3D1"
    answer = await ada.get(answer.headers["Location"])
    assert (answer.status, answer.headers["Location"]) == (303, "/interviews/new?type=dsa&x=1")


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\/evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "dashboard",
        "",
        "/" + "x" * 3000,
    ],
)
async def test_signing_in_leads_to_this_site_only(ada: Browser, wanted: str) -> None:
    answer = await ada.get(f"/sign-in?next={quote(wanted, safe='')}")
    assert (answer.status, answer.headers["Location"]) == (303, "/dashboard")


async def test_the_report_of_a_spoken_interview(ada: Browser, companion: Companion) -> None:
    id = InterviewId(await ada.create_interview())
    [entry] = await companion.journal.read(id)
    assert isinstance(entry.fact, InterviewPlanned)
    await companion.journal.append(id, spoken_interview(entry.fact), after_seq=1)
    html = await check_page(ada, f"/interviews/{id}/report")
    assert '<mark class="filler">Um</mark>' in html
    assert "say &lt;this&gt;" in html
    assert "say <this>" not in html
    assert entry.fact.questions[0].text in html
    report = (await ada.get(f"/api/v1/interviews/{id}/report")).body
    assert report["coverage"]["questions_answered"] == 1
    [quote] = report["questions"][0]["key_points"][0]["quotes"]
    assert quote["text"] == SAID[slice(quote["start"], quote["end"])] == "say <this>"


SAID = (
    "Um so what I did with my team back then was to say <this> to everybody who would listen to me."
)


def spoken_interview(planned: InterviewPlanned) -> list[Fact]:
    """The first question answered with a filler and a key point, the second skipped."""
    first, second = planned.questions
    words = tuple(
        Word(text=text, start_ms=NOW_MS + place * 400, end_ms=NOW_MS + place * 400 + 300)
        for place, text in enumerate(SAID.split(), start=10)
    )
    start = SAID.index("say <this>")
    end = start + len("say <this>")
    answer = AnswerHeard(
        at_ms=NOW_MS + 20_000,
        turn=1,
        question_id=first.id,
        text=SAID,
        words=words,
        timing=Timing.WORD,
        recogniser="test",
        started_ms=words[0].start_ms,
        ended_ms=words[-1].end_ms,
        response_ms=1_500,
    )
    finding = KeyPointFinding(
        key_point_id=first.key_points[0].id,
        coverage=Coverage.COVERED,
        quote=SAID[start:end],
        start=start,
        end=end,
    )
    return [
        RoomOpened(
            at_ms=NOW_MS,
            gateway="test",
            recogniser="test",
            keeps_fillers=True,
            voice="test",
            interviewer="scripted",
        ),
        ConsentGiven(at_ms=NOW_MS, text_version="x", transcript=True, recording=False),
        QuestionAsked(at_ms=NOW_MS + 1_000, index=0, question_id=first.id),
        answer,
        FillerHeard(
            at_ms=NOW_MS + 20_000,
            turn=1,
            filler="um",
            start=0,
            end=2,
            start_ms=words[0].start_ms,
            end_ms=words[0].end_ms,
        ),
        AnswerScored(
            at_ms=NOW_MS + 20_100, turn=1, question_id=first.id, judge="test", findings=(finding,)
        ),
        QuestionAsked(at_ms=NOW_MS + 21_000, index=1, question_id=second.id),
        QuestionSkipped(at_ms=NOW_MS + 25_000, question_id=second.id, reason=SkipReason.CANDIDATE),
        InterviewCompleted(at_ms=NOW_MS + 30_000, reason=CompletionReason.FINISHED),
    ]
