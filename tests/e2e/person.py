"""What a person does in the pages, and what they see there."""

from __future__ import annotations

import secrets
from pathlib import Path

from playwright.async_api import Locator, Page

from sessions.facts import Fact, InterviewPlanned
from sessions.ids import InterviewId
from sessions.infra.db import open_database
from sessions.infra.journal import SqlJournal
from tests.e2e.conftest import SCREENSHOTS
from tests.support.polling import eventually

PASSWORD = "a long enough password"


class Person:
    """One candidate in one tab of a browser."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on(
            "console",
            lambda message: self.errors.append(message.text) if message.type == "error" else None,
        )

    def see(self, testid: str) -> Locator:
        return self.page.get_by_test_id(testid)

    async def sign_up(self, name: str = "Ada Example") -> None:
        await self.page.goto(f"{self.url}/sign-up")
        await self.page.get_by_label("Name", exact=True).fill(name)
        await self.page.locator("#email").fill(f"{secrets.token_hex(6)}@example.org")
        await self.page.locator("#password").fill(PASSWORD)
        await self.page.get_by_role("button", name="Create the account").click()
        await self.page.wait_for_url("**/dashboard")

    async def set_up(self, *, kind: str = "behavioral", questions: int = 2) -> InterviewId:
        """Through the set-up page, into the room's page."""
        await self.page.goto(f"{self.url}/interviews/new?question_count={questions}")
        await self.page.locator(f"input[name=type][value={kind}]").check()
        await self.page.locator("input[name=difficulty][value=easy]").check()
        await self.page.get_by_role("button", name="Open the room").click()
        await self.page.wait_for_url("**/interviews/*/room")
        return InterviewId(self.page.url.split("/")[-2])

    async def agree(self, *, to_recording: bool = False) -> None:
        await self.see("consent-box").check()
        if to_recording:
            await self.see("recording-box").check()
        await self.see("consent-continue").click()

    async def begin_typing(self) -> None:
        await self.see("continue-without-mic").click()
        await self.agree()

    async def wait_for_state(self, state: str, *, limit_s: float = 40) -> None:
        async def claim() -> bool:
            return await self.see("state").get_attribute("data-state") == state

        await eventually(claim, limit_s=limit_s, every_s=0.05)

    async def wait_for_question(self, text: str, *, limit_s: float = 40) -> None:
        await self.wait_for_text("question", text, limit_s=limit_s)

    async def wait_for_text(self, testid: str, text: str, *, limit_s: float = 40) -> None:
        async def claim() -> bool:
            return text in await self.see(testid).inner_text()

        await eventually(claim, limit_s=limit_s, every_s=0.05)

    async def type(self, text: str) -> None:
        await self.see("text-box").fill(text)
        await self.see("send").click()

    async def wait_until_kept(self) -> None:
        """Until what was typed is shown as said, which it is once the server has it for good."""

        async def claim() -> bool:
            captions = await self.captions("candidate")
            return bool(captions) and all(caption.endswith("typed") for caption in captions)

        await eventually(claim, limit_s=20, every_s=0.05)

    async def end(self) -> None:
        """By the button, and on to the report."""
        await self.see("end").click()
        await self.see("end-confirm").click()
        await self.page.wait_for_url("**/report", timeout=30_000)

    async def sound(self) -> dict[str, str]:
        """What the room's page notes of its audio: codecs both ways, how playback went."""
        return await self.page.locator("[data-part=stage]").evaluate(
            "stage => ({...stage.dataset})"
        )

    async def captions(self, speaker: str) -> list[str]:
        found = self.page.locator(f'[data-testid=caption][data-speaker="{speaker}"]')
        return [await caption.inner_text() for caption in await found.all()]

    async def settle(self) -> None:
        """Until no colour is on its way from one scheme to the other; what moves for ever may."""
        await self.page.evaluate(
            """() => Promise.allSettled(document.getAnimations()
                 .filter((one) => one instanceof CSSTransition).map((one) => one.finished))"""
        )

    async def photograph(self, name: str, *, full_page: bool = True) -> None:
        """Desktop and phone, light and dark, kept as artefacts under var/screenshots."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        await self.page.mouse.move(0, 0)  # nothing is shown as under the pointer
        for scheme in ("light", "dark"):
            for width, height in ((1280, 900), (360, 780)):
                await self.page.emulate_media(color_scheme=scheme)
                await self.page.set_viewport_size({"width": width, "height": height})
                await self.settle()
                path = SCREENSHOTS / f"{name}-{width}-{scheme}.png"
                await self.page.screenshot(path=path, full_page=full_page)
        await self.page.emulate_media(color_scheme="light")
        await self.page.set_viewport_size({"width": 1280, "height": 900})


async def read_facts(data_dir: Path, interview_id: InterviewId) -> list[Fact]:
    """All of the interview so far, as the server's database has it."""
    async with open_database(f"sqlite+aiosqlite:///{data_dir}/vivavoce.db") as database:
        return [numbered.fact for numbered in await SqlJournal(database).read(interview_id)]


async def read_plan(data_dir: Path, interview_id: InterviewId) -> InterviewPlanned:
    planned = (await read_facts(data_dir, interview_id))[0]
    assert isinstance(planned, InterviewPlanned)
    return planned
