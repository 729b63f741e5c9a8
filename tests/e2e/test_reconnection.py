"""The room's page stays open while the server dies and comes back: it goes on by itself."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.e2e.conftest import OpenBrowser
from tests.e2e.person import Person, read_plan
from tests.support.process import vivavoce

pytestmark = [pytest.mark.sockets, pytest.mark.browser]


async def test_the_page_reconnects_by_itself_and_the_interview_goes_on(
    open_browser: OpenBrowser, tmp_path: Path
) -> None:
    settings = {
        "SERVER__PORT": str(free_port()),
        "AGENT__PORT": str(free_port()),
        "SPEECH__WORDS_PER_MINUTE": "450",
    }
    data_dir = tmp_path / "var"
    async with open_browser() as context:
        with vivavoce("run", data_dir, settings) as running:
            person = Person(await context.new_page(), running.url)
            await person.sign_up()
            interview_id = await person.set_up()
            first, second = (await read_plan(data_dir, interview_id)).questions
            await person.begin_typing()
            await person.wait_for_question(first.text)
            await person.type(first.model_answer)
            await person.wait_for_question(second.text)
            await person.wait_until_kept()
            running.kill()
            await person.wait_for_state("reconnecting")
            await person.photograph("room-reconnecting", full_page=False)
            # What is written meanwhile stays in the box until it can be sent.
            await person.see("text-box").fill("In the end I learned to ask earlier than before.")

        with vivavoce("run", data_dir, settings):
            await person.wait_for_state("listening", limit_s=60)

            await person.see("send").click()
            await person.wait_for_state("speaking")
            await person.see("end").click()
            await person.see("end-confirm").click()
            await person.page.wait_for_url("**/report", timeout=30_000)
            report = await person.page.locator("main").inner_text()
            assert first.model_answer[:40] in report
            assert "ask earlier" in report
            assert "The interview was cut off for" in report


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


async def test_what_is_typed_as_the_server_dies_is_heard_when_it_is_back(
    open_browser: OpenBrowser, tmp_path: Path
) -> None:
    settings = {
        "SERVER__PORT": str(free_port()),
        "AGENT__PORT": str(free_port()),
        "SPEECH__WORDS_PER_MINUTE": "450",
    }
    async with open_browser() as context:
        with vivavoce("run", tmp_path / "var", settings) as running:
            person = Person(await context.new_page(), running.url)
            await person.sign_up()
            interview_id = await person.set_up()
            first, second = (await read_plan(running.data_dir, interview_id)).questions
            await person.begin_typing()
            await person.wait_for_question(first.text)
            await person.type(first.model_answer)  # while the first utterance is being played
            running.kill()
            await person.wait_for_state("reconnecting")
            await person.type("In the end I learned to ask earlier than I had before.")
        with vivavoce("run", tmp_path / "var", settings):
            await person.wait_for_question(second.text, limit_s=60)
            await person.wait_for_state("listening")
            captions = " ".join(await person.captions("candidate"))
            assert first.model_answer[-40:] in captions
            assert "ask earlier" in captions
