"""The page's own voice, alone: `page-voice.js` over a stand-in for the browser's speechSynthesis.

Headless Chromium has no voices; the stand-in speaks as each test says, also as badly as some
browsers do. What the server makes of its words is in `agent/test_page_voice.py`.
"""

from __future__ import annotations

import mimetypes
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Page, Route

from tests.e2e.conftest import OpenBrowser
from tests.support.polling import eventually
from tests.support.process import ROOT

pytestmark = [pytest.mark.sockets, pytest.mark.browser]

ORIGIN = "http://127.0.0.1:9"  # nothing listens there: all is answered by the test
SCRIPTS = ROOT / "web" / "static" / "js" / "room"
ONE, TWO = "Well done.", "Tell me about your last project."

STAND_IN = """
window.voices = [{ name: "A", lang: "en-US", localService: true, default: true }];
window.spoken = [];
window.played = [];
window.habit = { boundaries: true, begins: true, ends: true, error: "", losesAfterCancel: false };
let current = null, cancelledAt = -Infinity, timers = [];
const later = (ms, act) => timers.push(setTimeout(act, ms));
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
const emit = (speech, name, detail = {}) => speech["on" + name]?.(Object.assign({}, detail));
const synthesis = {
  getVoices: () => window.voices,
  resume() {},
  speak(speech) {
    if (!speech.text) return;
    const isLost = window.habit.losesAfterCancel && performance.now() - cancelledAt < 60;
    if (isLost || !window.habit.begins) return;
    window.spoken.push(speech.text);
    current = speech;
    const { error, boundaries } = window.habit;
    if (error) return later(5, () => emit(speech, "error", { error }));
    later(5, () => emit(speech, "start"));
    const words = [...speech.text.matchAll(/\\S+/g)];
    words.forEach((word, index) => later(10 + index * 20, () => {
      if (boundaries) emit(speech, "boundary", { name: "word", charIndex: word.index });
    }));
    later(10 + words.length * 20, () => {
      if (window.habit.ends && current === speech) emit(speech, "end");
    });
  },
  cancel() {
    cancelledAt = performance.now();
    timers.forEach(clearTimeout);
    timers = [];
    if (current) emit(current, "error", { error: "canceled" });
    current = null;
  },
};
Object.defineProperty(window, "speechSynthesis", { value: synthesis });
"""
BEGIN = """async () => {
  const { PageVoice } = await import("/js/page-voice.js");
  window.voice = new PageVoice({ onPlayed: (played) => window.played.push(played) });
}"""


@dataclass
class Speaking:
    page: Page

    async def run(self, script: str) -> Any:  # noqa: ANN401 -- whatever the script gives
        return await self.page.evaluate(script)

    async def played(self) -> list[dict[str, Any]]:
        return await self.run("window.played")

    async def spoken(self) -> list[str]:
        return await self.run("window.spoken")

    async def until(self, key: str) -> dict[str, Any]:
        """The first acknowledgement that has it: `done` or `failed`."""

        async def is_there() -> bool:
            return any(one[key] for one in await self.played())

        await eventually(is_there, limit_s=15)
        return next(one for one in await self.played() if one[key])

    async def until_spoken(self, count: int) -> None:
        async def is_there() -> bool:
            return len(await self.spoken()) >= count

        await eventually(is_there, limit_s=15)


async def answer(route: Route) -> None:
    path = route.request.url.removeprefix(ORIGIN)
    if path == "/":
        await route.fulfill(body="<!doctype html><html lang=en>", content_type="text/html")
        return
    file = SCRIPTS / path.removeprefix("/js/")
    kind = mimetypes.guess_type(file.name)[0] or "text/javascript"
    await route.fulfill(body=file.read_text(encoding="utf-8"), content_type=kind)


@pytest.fixture
async def speaking(open_browser: OpenBrowser) -> AsyncGenerator[Speaking]:
    async with open_browser() as context:
        await context.add_init_script(STAND_IN)
        page = await context.new_page()
        await page.route(f"{ORIGIN}/**", answer)
        await page.goto(f"{ORIGIN}/")
        await page.evaluate(BEGIN)
        yield Speaking(page)


def say(*sentences: str) -> str:
    """As the server sends it: growing by sentences, then its end."""
    says = [
        f'voice.say(7, "{" ".join(sentences[: count + 1])}");' for count in range(len(sentences))
    ]
    return f"() => {{ {' '.join(says)} voice.sayEnd(7); }}"


async def test_each_sentence_is_spoken_and_each_word_told(speaking: Speaking) -> None:
    await speaking.run(say(ONE, TWO))
    done = await speaking.until("done")
    assert await speaking.spoken() == [ONE, TWO]
    played = await speaking.played()
    characters = [one["characters"] for one in played]
    assert characters == sorted(characters)
    assert {len("Well"), len(ONE), len(f"{ONE} Tell"), len(f"{ONE} {TWO}")} <= set(characters)
    assert [one["done"] for one in played].count(True) == 1
    assert (done["utterance"], done["characters"]) == (7, len(f"{ONE} {TWO}"))
    assert 0 < done["ms"] < 10_000
    assert not any(one["failed"] for one in played)


async def test_without_word_boundaries_the_sentences_are_told(speaking: Speaking) -> None:
    await speaking.run("() => { habit.boundaries = false; }")
    await speaking.run(say(ONE, TWO))
    await speaking.until("done")
    characters = {one["characters"] for one in await speaking.played()}
    assert {len(ONE), len(f"{ONE} {TWO}")} <= characters


async def test_characters_are_counted_as_the_server_counts_them(speaking: Speaking) -> None:
    await speaking.run(say("🎉 Done 🎉."))
    assert (await speaking.until("done"))["characters"] == len("🎉 Done 🎉.")


async def test_a_stop_falls_silent_and_says_where_it_was(speaking: Speaking) -> None:
    await speaking.run("() => { habit.ends = false; }")
    await speaking.run(say(ONE, TWO))
    await speaking.until_spoken(1)

    async def has_said_both_words() -> bool:
        return any(one["characters"] == len(ONE) for one in await speaking.played())

    await eventually(has_said_both_words)
    assert await speaking.run("() => voice.clear(7)")
    done = await speaking.until("done")
    assert done["characters"] == len(ONE)
    assert await speaking.spoken() == [ONE]
    assert not await speaking.run("() => voice.clear(8)")


async def test_a_held_voice_goes_on_with_the_word_that_broke_off(speaking: Speaking) -> None:
    await speaking.run("() => { habit.ends = false; habit.losesAfterCancel = true; }")
    await speaking.run(say(TWO))

    async def has_come_to_about() -> bool:
        return any(one["characters"] >= len("Tell me about") for one in await speaking.played())

    await eventually(has_come_to_about)
    await speaking.run("() => { voice.hold(7, true); habit.ends = true; }")
    reached = (await speaking.played())[-1]["characters"]
    assert len(await speaking.spoken()) == 1
    await speaking.run("() => voice.hold(7, false)")
    assert (await speaking.until("done"))["characters"] == len(TWO)
    rest = (await speaking.spoken())[1]
    assert TWO.endswith(rest)
    assert len(TWO) - len(rest) == TWO.rindex(" ", 0, reached) + 1


async def test_the_next_utterance_is_not_lost_after_a_stop(speaking: Speaking) -> None:
    await speaking.run("() => { habit.losesAfterCancel = true; }")
    await speaking.run(say(TWO))
    await speaking.until_spoken(1)
    await speaking.run("() => { voice.clear(7); voice.say(8, 'Well done.'); voice.sayEnd(8); }")

    async def is_done() -> bool:
        return any(one["done"] and one["utterance"] == 8 for one in await speaking.played())

    await eventually(is_done)
    assert (await speaking.spoken())[-1] == ONE


async def test_a_voice_that_never_says_that_it_has_ended_is_gone_on_from(
    speaking: Speaking,
) -> None:
    await speaking.run("() => { habit.ends = false; }")
    await speaking.run(say("Ready.", "Go."))
    done = await speaking.until("done")
    assert done["characters"] == len("Ready. Go.")
    assert await speaking.spoken() == ["Ready.", "Go."]


async def test_a_voice_that_does_not_begin_has_failed(speaking: Speaking) -> None:
    assert await speaking.run("() => voice.canSpeak()")
    await speaking.run("() => { habit.begins = false; }")
    await speaking.run(say(ONE))
    failed = await speaking.until("failed")
    assert (failed["characters"], failed["done"], failed["ms"]) == (0, False, 0)
    assert not await speaking.run("() => voice.canSpeak()")


async def test_a_voice_that_is_not_allowed_has_failed_at_once(speaking: Speaking) -> None:
    await speaking.run("() => { habit.error = 'not-allowed'; }")
    await speaking.run(say(ONE))
    await speaking.until("failed")
    assert await speaking.spoken() == [ONE]


async def test_long_sentences_are_spoken_in_pieces_at_their_commas(speaking: Speaking) -> None:
    sentence = ", ".join(f"this is the part with the number {number}" for number in range(12))
    await speaking.run(say(sentence))
    await speaking.until("done")
    spoken = await speaking.spoken()
    assert len(spoken) > 2
    assert max(map(len, spoken)) <= 160
    assert all(piece.endswith(",") for piece in spoken[:-1])
    assert " ".join(spoken) == sentence


async def test_the_voice_is_of_the_pages_language_or_there_is_none(speaking: Speaking) -> None:
    script = """async (voices) => {
      const { pickVoice } = await import("/js/page-voice.js");
      return pickVoice(voices, "en-GB")?.name ?? null;
    }"""

    def made(name: str, lang: str, *, is_local: bool = True) -> dict[str, object]:
        return {"name": name, "lang": lang, "localService": is_local, "default": False}

    french, far = made("F", "fr-FR"), made("R", "en-US", is_local=False)
    near, exact = made("L", "en_US"), made("E", "en_GB", is_local=False)
    for voices, name in [
        ([french, far, near, exact], "E"),
        ([french, far, near], "L"),
        ([french, far], "R"),
        ([french], None),
        ([], None),
    ]:
        assert await speaking.page.evaluate(script, voices) == name
    await speaking.run("() => { window.voices = []; }")
    assert not await speaking.run("() => voice.canSpeak()")
    # They come late in Chromium, and the next socket's hello says so.
    await speaking.run("() => { window.voices = [{ name: 'A', lang: 'en' }]; }")
    assert await speaking.run("() => voice.canSpeak()")
