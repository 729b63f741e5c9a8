"""The page as the interviewer's voice in a real room, over a stand-in for the browser's
speechSynthesis; and the server's espeak taking over from it in mid-sentence.

What the page does with each of the browser's habits is in `test_browser_voice.py`.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from sessions.facts import InterviewerSpoke, Move, ProviderSwitched
from tests.e2e.conftest import OpenBrowser
from tests.e2e.person import Person, read_facts, read_plan
from tests.e2e.test_browser_voice import STAND_IN
from tests.support.process import Running, vivavoce

pytestmark = [pytest.mark.sockets, pytest.mark.browser]

FAIL_AFTER_ONE = """() => {
  const speak = speechSynthesis.speak;
  let count = 0;
  speechSynthesis.speak = (speech) => {
    count += 1;
    if (count === 1) return speak(speech);
    setTimeout(() => speech.onerror({ error: "synthesis-failed" }), 5);
  };
}"""
"""The next sentence is spoken, the one after it is not."""


@pytest.fixture
def speaking_pages(tmp_path: Path) -> Generator[Running]:
    settings = {"SPEECH__TTS": "browser,espeak", "SPEECH__WORDS_PER_MINUTE": "450"}
    with vivavoce("run", tmp_path / "var", settings) as running:
        yield running


async def test_the_page_speaks_and_the_server_goes_on_when_it_cannot(
    speaking_pages: Running, open_browser: OpenBrowser
) -> None:
    async with open_browser() as context:
        await context.add_init_script(STAND_IN)
        person = Person(await context.new_page(), speaking_pages.url)
        await person.sign_up()
        interview_id = await person.set_up()
        first, _ = (await read_plan(speaking_pages.data_dir, interview_id)).questions
        await person.begin_typing()
        await person.wait_for_state("speaking")
        await person.wait_for_question(first.text)
        await person.wait_for_state("listening")
        greeting = " ".join(await spoken(person))
        assert greeting.endswith(first.spoken)
        assert greeting in await shown(person)
        assert not await has_sounded(person), "the server spoke too"

        await person.page.evaluate(FAIL_AFTER_ONE)
        follow_up = first.key_points[1].follow_up
        await person.type(f"To begin with, {first.key_points[0].phrasings[0]}, and that was hard.")
        await person.wait_for_state("speaking")
        await person.wait_for_text("probe", follow_up)
        await person.wait_for_state("listening")
        acknowledged = " ".join(await spoken(person)).removeprefix(greeting).strip()
        assert acknowledged
        assert follow_up not in acknowledged, "the page did not fail"
        assert f"{acknowledged} {follow_up}" in await shown(person)
        assert await has_sounded(person)

        count = len(await spoken(person))
        await person.see("repeat").click()
        await person.wait_for_state("speaking")
        await person.wait_for_state("listening")
        assert len(await spoken(person)) == count, "a voice that failed is asked again"
        await person.end()
        assert person.errors == []

    facts = await read_facts(speaking_pages.data_dir, interview_id)
    (switched,) = [fact for fact in facts if isinstance(fact, ProviderSwitched)]
    assert (switched.from_provider, switched.to_provider) == ("browser", "espeak")
    said = [fact for fact in facts if isinstance(fact, InterviewerSpoke)]
    assert [fact.move for fact in said] == [Move.GREET, Move.ASK, Move.PROBE, Move.REPEAT]
    assert all(fact.heard == fact.text and not fact.interrupted for fact in said)
    assert [each.ended_ms > each.started_ms for each in said] == [True] * len(said)


async def spoken(person: Person) -> list[str]:
    """The sentences that the page was heard to speak: each was begun, and none failed."""
    return await person.page.evaluate("() => window.spoken")


async def shown(person: Person) -> str:
    """All that the interviewer's captions say."""
    captions = await person.captions("interviewer")
    return " ".join(" ".join(one.removeprefix("Interviewer").split()) for one in captions)


async def has_sounded(person: Person) -> bool:
    """Whether the page was sent the server's sound, and played it."""
    return "playbackUnderruns" in await person.sound()
