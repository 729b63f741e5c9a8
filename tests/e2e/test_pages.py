"""Every page as its readers need it: accessible, no wider than a phone, light to load."""

from __future__ import annotations

from typing import Any, cast

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, Response

from tests.e2e.conftest import OpenBrowser
from tests.e2e.person import Person, read_plan
from tests.support.process import Running

pytestmark = [pytest.mark.sockets, pytest.mark.browser]

FIRST_PAGE_SCRIPT_BYTES = 60_000
LAYOUT_SHIFT_LIMIT = 0.01


async def test_every_page_is_accessible_and_fits_a_phone(
    embedded: Running, open_browser: OpenBrowser
) -> None:
    async with open_browser() as context:
        person = Person(await context.new_page(), embedded.url)
        for path in ("/", "/sign-up", "/sign-in", "/nowhere"):
            await person.page.goto(f"{embedded.url}{path}")
            await examine(person.page)
        await person.sign_up()
        await examine(person.page)
        await person.page.goto(f"{embedded.url}/interviews/new")
        await examine(person.page)
        interview_id = await person.set_up()
        await examine(person.page)
        first, _ = (await read_plan(embedded.data_dir, interview_id)).questions
        await person.begin_typing()
        await person.wait_for_question(first.text)
        await person.type(first.model_answer)
        await person.wait_for_text("captions", first.model_answer[:40])
        await examine(person.page)
        await person.see("end").click()
        await person.see("end-confirm").click()
        await person.page.wait_for_url("**/report", timeout=30_000)
        await examine(person.page)
        await person.page.goto(f"{embedded.url}/dashboard")
        await examine(person.page)


async def examine(page: Page) -> None:
    for scheme in ("light", "dark"):
        for width in (1280, 360):
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            await page.set_viewport_size({"width": width, "height": 800})
            # Colours that are still on their way from one scheme to the other are no one's.
            await page.evaluate(
                "Promise.all(document.getAnimations().map((animation) => animation.finished))"
            )
            results = await Axe().run(page)
            found = cast("list[dict[str, Any]]", results.response["violations"])
            where = f"{page.url} at {width} px, {scheme}"
            rules = [(rule["id"], rule["nodes"][0]["html"]) for rule in found]
            assert rules == [], where
            overflow = await page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert overflow <= 0, where


async def test_the_first_page_is_light_and_does_not_shift(
    embedded: Running, open_browser: OpenBrowser
) -> None:
    async with open_browser() as context:
        await context.add_init_script(
            "window.layoutShift = 0; new PerformanceObserver((list) => {"
            "  for (const entry of list.getEntries()) window.layoutShift += entry.value;"
            "}).observe({ type: 'layout-shift', buffered: true });"
        )
        page = await context.new_page()
        answers: list[Response] = []
        page.on("response", lambda answer: answers.append(answer))
        await page.goto(embedded.url, wait_until="networkidle")
        scripts = [answer for answer in answers if answer.url.split("?")[0].endswith(".js")]
        script_bytes = sum([len(await answer.body()) for answer in scripts])
        fonts = [answer for answer in answers if ".woff" in answer.url]
        assert script_bytes < FIRST_PAGE_SCRIPT_BYTES
        assert len(fonts) == 1
        assert all(answer.url.startswith(embedded.url) for answer in answers)
        assert await page.evaluate("window.layoutShift") < LAYOUT_SHIFT_LIMIT
