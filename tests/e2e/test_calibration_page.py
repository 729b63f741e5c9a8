"""Rating an interview in the page, with mouse and keyboard, and what is shown afterwards."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import OpenBrowser
from tests.e2e.person import Person, read_plan
from tests.e2e.test_pages import examine
from tests.support.polling import eventually
from tests.support.process import Running

pytestmark = [pytest.mark.sockets, pytest.mark.browser]


async def test_a_person_rates_and_sees_the_machines_beside(
    embedded: Running, open_browser: OpenBrowser
) -> None:
    async with open_browser() as context:
        person = Person(await context.new_page(), embedded.url)
        page = person.page
        await person.sign_up()
        await page.goto(f"{embedded.url}/calibration")
        await person.see("empty").wait_for()
        await examine(page)
        interview_id = await person.set_up()
        first, _ = (await read_plan(embedded.data_dir, interview_id)).questions
        await person.begin_typing()
        await person.wait_for_question(first.text)
        await person.type(first.model_answer)
        await person.wait_until_kept()
        await person.end()
        await person.see("report-keep").wait_for()
        await page.get_by_role("link", name="Rate it yourself").click()
        await page.wait_for_url("**/rate")
        await person.see("seen").wait_for()
        assert first.model_answer[:40] in (await page.locator("main").text_content() or "")
        await examine(page)

        send = page.get_by_role("button", name="Send and compare")
        await send.click()
        groups = page.locator("[data-competency]")
        assert await page.locator("[data-error]:not(:empty)").count() == await groups.count()
        # It moved to the first that lacks; the keyboard goes on from there.
        await page.keyboard.press("Space")
        assert await groups.first.locator("input:checked").get_attribute("value") == "1"
        for place in range(1, await groups.count() - 1):
            await groups.nth(place).locator("input[value='4']").check()
        await groups.last.locator("input[value='none']").check()
        await send.click()
        await person.see("rated").wait_for()

        async def are_beside() -> bool:
            return "What the ratings stand for" in await page.locator("main").inner_text()

        await eventually(are_beside, limit_s=10, every_s=0.05)
        await examine(page)
        await page.get_by_role("link", name="How far you agree so far").click()
        await person.see("others").wait_for()
        await examine(page)
        assert person.errors == []
