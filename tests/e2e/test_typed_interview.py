"""A candidate without a microphone types a whole interview, and reads the report."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import OpenBrowser
from tests.e2e.person import Person, read_plan
from tests.support.process import Running

pytestmark = [pytest.mark.sockets, pytest.mark.browser]


async def test_a_typed_interview_from_the_front_page_to_the_report(
    embedded: Running, open_browser: OpenBrowser
) -> None:
    async with open_browser() as context:
        person = Person(await context.new_page(), embedded.url)
        await person.page.goto(embedded.url)
        await person.photograph("landing")
        await person.sign_up()
        await person.photograph("dashboard-empty")
        interview_id = await person.set_up()
        await person.photograph("room-check")
        first, second = (await read_plan(embedded.data_dir, interview_id)).questions
        await person.begin_typing()
        await person.wait_for_question(first.text)
        await person.photograph("room-speaking", full_page=False)

        one, two = first.key_points[0].phrasings[:2]
        await person.type(f"To begin with, {one}. And then {two}, which was hard for all of us.")
        await person.wait_for_text("probe", first.key_points[1].follow_up)
        await person.type("Can you repeat that?")
        await person.type(f"Well, {first.key_points[1].phrasings[0]}, and it went better then.")
        await person.wait_for_question(second.text)
        await person.see("skip").click()
        await person.page.wait_for_url("**/report", timeout=40_000)

        report = await person.page.locator("main").inner_text()
        assert first.text in report
        assert one in report  # the candidate's own words, quoted
        assert "1 of 2" in report
        await person.photograph("report-typed")
        await person.page.goto(f"{embedded.url}/dashboard")
        await person.photograph("dashboard")
        assert "Read" in await person.page.locator("main").inner_text()
        assert person.errors == []


async def test_pausing_reloading_and_ending_keep_what_was_said(
    embedded: Running, open_browser: OpenBrowser
) -> None:
    async with open_browser() as context:
        person = Person(await context.new_page(), embedded.url)
        await person.sign_up()
        interview_id = await person.set_up()
        first, _ = (await read_plan(embedded.data_dir, interview_id)).questions
        await person.begin_typing()
        await person.wait_for_question(first.text)
        answer = f"What I remember is that {first.key_points[0].phrasings[0]} for a long while."
        await person.type(answer)
        await person.wait_for_text("probe", first.key_points[1].follow_up)

        await person.see("pause").click()
        await person.wait_for_state("paused")
        await person.photograph("room-paused", full_page=False)
        await person.page.reload()
        await person.see("continue-without-mic").click()
        await person.see("consent-continue").click()  # the consent was given before
        await person.wait_for_state("paused")
        assert any(answer in caption for caption in await person.captions("candidate"))
        await person.see("pause").click()
        await person.wait_for_text("probe", first.key_points[1].follow_up)

        await person.see("end").click()
        await person.see("end-confirm").click()
        await person.page.wait_for_url("**/report", timeout=20_000)
        assert answer.split(",")[0] in await person.page.locator("main").inner_text()


async def test_an_interview_with_hardly_a_word_is_not_judged(
    embedded: Running, open_browser: OpenBrowser
) -> None:
    async with open_browser() as context:
        person = Person(await context.new_page(), embedded.url)
        await person.sign_up()
        await person.set_up()
        await person.begin_typing()
        await person.wait_for_state("speaking")
        await person.see("end").click()
        await person.see("end-confirm").click()
        await person.page.wait_for_url("**/report", timeout=20_000)
        report = await person.page.locator("main").inner_text()
        assert "not enough to judge" in report.lower()
        assert "%" not in report
        await person.photograph("report-not-enough")
