"""A whole interview through the browser's own speech recognition.

Headless Chromium has no recognition service, so a small script stands in for the browser's
`SpeechRecognition`; everything behind it is the product's: the page, the socket, the room.
"""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

from tests.e2e.conftest import OpenBrowser
from tests.e2e.person import Person, read_plan
from tests.support.process import Running

pytestmark = [pytest.mark.sockets, pytest.mark.browser]

STAND_IN = """
window.SpeechRecognition = class extends EventTarget {
  start() {
    window.testRecogniser = this;
    this.emit("start", {});
    this.emit("audiostart", {});
  }
  stop() { this.emit("end", {}); }
  abort() { this.emit("end", {}); }
  emit(name, detail) {
    const event = Object.assign(new Event(name), detail);
    this.dispatchEvent(event);
    const handler = this["on" + name];
    if (handler) handler.call(this, event);
  }
  say(text, isFinal) {
    const alternative = { transcript: text, confidence: 0.9 };
    const result = Object.assign([alternative], { isFinal });
    this.emit("speechstart", {});
    this.emit("result", { resultIndex: 0, results: [result] });
  }
};
window.webkitSpeechRecognition = window.SpeechRecognition;
"""


async def test_a_whole_interview_through_the_browsers_recogniser(
    embedded: Running, open_browser: OpenBrowser, tmp_path: Path
) -> None:
    microphone = tmp_path / "silence.wav"
    with wave.open(str(microphone), "wb") as silence:
        silence.setparams((1, 2, 48_000, 0, "NONE", ""))
        silence.writeframes(bytes(48_000 * 2))
    async with open_browser(microphone) as context:
        await context.add_init_script(STAND_IN)
        person = Person(await context.new_page(), embedded.url)
        await person.sign_up()
        interview_id = await person.set_up()
        first, second = (await read_plan(embedded.data_dir, interview_id)).questions
        await person.see("start-mic").click()
        await person.agree()
        await person.wait_for_state("listening")

        one, two = first.key_points[0].phrasings[:2]
        said = f"you know we had a plan and {one} and then {two} it was like a long week"
        await say(person, said[: len(said) // 2], is_final=False)
        await person.wait_for_text("captions", said[:20])
        await say(person, said, is_final=True)
        await person.wait_for_text("probe", first.key_points[1].follow_up)
        captions = " ".join(await person.captions("candidate"))
        assert said in captions
        assert await person.page.locator("mark").first.inner_text() == "you know"
        # This recogniser leaves out "um": what it shows is a lower bound, and the page says so.
        notes = await person.page.locator(".room-delivery").inner_text()
        assert "browser" in notes.lower()

        await person.wait_for_state("listening")
        await say(person, f"well {first.key_points[1].phrasings[0]} in the end", is_final=True)
        await person.wait_for_question(second.text)
        await person.wait_for_state("listening")
        await say(person, "can we skip this one please", is_final=True)
        await person.page.wait_for_url("**/report", timeout=60_000)
        report = await person.page.locator("main").inner_text()
        assert one in report
        assert "not measured" in report.lower()
        assert person.errors == []


async def say(person: Person, text: str, *, is_final: bool) -> None:
    await person.page.evaluate(
        "([text, isFinal]) => window.testRecogniser.say(text, isFinal)", [text, is_final]
    )
