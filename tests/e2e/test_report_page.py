"""A report's page: waiting for it, reading it without a reload, copying, sharing, writing anew."""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page
from sqlalchemy import Update, update

from server.reports.models import ReportRow
from sessions.ids import InterviewId
from sessions.infra.db import open_database
from tests.e2e.conftest import OpenBrowser
from tests.e2e.person import Person, read_plan
from tests.e2e.test_pages import examine
from tests.support.polling import eventually
from tests.support.process import Running, vivavoce

pytestmark = [pytest.mark.sockets, pytest.mark.browser]


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    """Looks often for what is due: a test puts a report back into the queue behind its back."""
    folder = tmp_path_factory.mktemp("reports") / "var"
    settings = {"SPEECH__WORDS_PER_MINUTE": "450", "REPORTS__SWEEP_S": "0.2"}
    with vivavoce("run", folder, settings) as running:
        yield running


FAR_OFF_MS = 9_000_000_000_000
"""As if the writer were slow: nothing is due for a long time."""


NOW_DUE = update(ReportRow).where(ReportRow.state == "queued").values(due_at_ms=0)


async def take_interview(context: BrowserContext, embedded: Running) -> tuple[Person, InterviewId]:
    """Signed up, one answer typed, and on the report's page."""
    person = Person(await context.new_page(), embedded.url)
    await person.sign_up()
    interview_id = await person.set_up()
    first, _ = (await read_plan(embedded.data_dir, interview_id)).questions
    await person.begin_typing()
    await person.wait_for_question(first.text)
    await person.type(first.model_answer)
    await person.wait_until_kept()
    await person.end()
    return person, interview_id


async def change(data_dir: Path, statement: Update) -> None:
    async with (
        open_database(f"sqlite+aiosqlite:///{data_dir}/vivavoce.db") as database,
        database.write() as session,
    ):
        await session.execute(statement)


async def put_back(context: BrowserContext, embedded: Running, **values: str | int) -> Person:
    """On the page of a report that was there; in the database it is none any more."""
    person, interview_id = await take_interview(context, embedded)
    await person.see("report-keep").wait_for()
    is_its = ReportRow.interview_id == interview_id
    await change(embedded.data_dir, update(ReportRow).where(is_its).values(body=None, **values))
    return person


async def reads(page: Page, said: str) -> None:
    async def claim() -> bool:
        return said in await page.locator("main").inner_text()

    await eventually(claim, limit_s=20, every_s=0.05)


async def test_a_report_appears_where_it_was_waited_for(
    embedded: Running, open_browser: OpenBrowser
) -> None:
    async with open_browser() as context:
        person = await put_back(context, embedded, state="queued", due_at_ms=FAR_OFF_MS)
        await person.page.reload()
        await person.see("report-writing").wait_for()
        await examine(person.page)
        await person.page.evaluate("window.isSamePage = true")
        await change(embedded.data_dir, NOW_DUE)
        await person.see("report-keep").wait_for()
        await reads(person.page, "Coverage")
        assert await person.page.evaluate("window.isSamePage") is True
        assert await person.page.evaluate("document.activeElement.tagName") == "H1"
        assert await person.page.title() != ""
        # The page's own scripts came with it.
        await person.page.locator("#main:not([aria-busy])").wait_for()
        await person.page.get_by_text("Share a link").click()
        await person.page.get_by_role("button", name="Make a link").click()
        await person.see("share-url").wait_for()
        assert person.errors == []


async def test_a_report_that_failed_is_written_when_it_is_asked_for_again(
    embedded: Running, open_browser: OpenBrowser
) -> None:
    async with open_browser() as context:
        person = await put_back(context, embedded, state="failed", reason="The judge is out.")
        await person.page.reload()
        await person.see("report-failed").wait_for()
        await reads(person.page, "The judge is out.")
        await examine(person.page)
        await person.page.get_by_role("button", name="Write it again").click()
        await person.see("report-keep").wait_for()
        await reads(person.page, "Version 2")


async def test_without_scripts_the_page_asks_again_by_itself(
    embedded: Running, open_browser: OpenBrowser
) -> None:
    async with open_browser() as context:
        person = await put_back(context, embedded, state="queued", due_at_ms=FAR_OFF_MS)
        assert context.browser is not None
        plain = await context.browser.new_context(
            java_script_enabled=False, storage_state=await context.storage_state()
        )
        page = await plain.new_page()
        await page.goto(person.page.url)
        await page.get_by_test_id("report-writing").wait_for()
        await change(embedded.data_dir, NOW_DUE)
        await page.get_by_test_id("report-keep").wait_for()
        await plain.close()


async def share_and_take_back(page: Page, context: BrowserContext, embedded: Running) -> None:
    """Its link opens until it is taken back, which is asked once more before."""
    await page.get_by_text("Share a link").click()
    await page.locator("#edition").select_option("recruiter")
    await page.get_by_role("button", name="Make a link").click()
    link = await page.get_by_test_id("share-url").input_value()
    assert re.fullmatch(re.escape(embedded.url) + r"/shared/[\w-]{43}", link)
    await examine(page)
    assert context.browser is not None
    stranger = await context.browser.new_context()
    reader = await stranger.new_page()
    answer = await reader.goto(link)
    assert answer is not None
    assert answer.status == 200
    await reader.get_by_test_id("shared-report").wait_for()
    await examine(reader)
    assert "Delivery" not in await reader.locator("main").inner_text()
    assert await stranger.cookies() == []

    await page.get_by_role("button", name=re.compile("^Take back")).click()
    await page.get_by_role("button", name="Keep it").click()
    assert (await reader.goto(link) or answer).status == 200
    await page.get_by_role("button", name=re.compile("^Take back")).click()
    await examine(page)
    await page.get_by_role("button", name="Take it back").click()
    await page.get_by_text("The link is taken back").wait_for()
    gone = await reader.goto(link)
    assert gone is not None
    assert gone.status == 410
    await reads(reader, "This link has ended")
    await examine(reader)
    await stranger.close()


async def test_a_report_is_copied_shared_taken_back_and_written_anew(
    embedded: Running, open_browser: OpenBrowser
) -> None:
    async with open_browser() as context:
        await context.grant_permissions(["clipboard-read", "clipboard-write"])
        person, _ = await take_interview(context, embedded)
        page = person.page
        await page.get_by_role("button", name="Copy as text").click()
        await page.get_by_text("The report is copied").wait_for()
        await page.bring_to_front()  # the clipboard is for who has the focus
        copied = str(await page.evaluate("navigator.clipboard.readText()"))
        assert copied.startswith("BEHAVIOURAL INTERVIEW")
        assert await page.locator("[data-transcript]").get_attribute("open") is None
        await page.locator(".finding .quote__time").first.click()
        await page.locator("[data-transcript][open]").wait_for()  # unfolded where a quote leads
        assert "TRANSCRIPT" in copied

        await share_and_take_back(page, context, embedded)

        await page.get_by_role("button", name="Write a new version").click()
        await page.wait_for_url("**version=2")
        await page.get_by_role("link", name="Version 1").wait_for()
        assert person.errors == []
