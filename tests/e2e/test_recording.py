"""An interview that was recorded: played on its report, heard again, deleted; and one that was not.

The candidate's words are spoken into Chromium's fake microphone, and are looked for in the stored
recording by the recogniser that heard them in the room.
"""

from __future__ import annotations

import io
import itertools
import re
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TypedDict, TypeVar

import aiohttp
import av
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.async_api import Locator

from server.reports.playback import LEAD_IN_MS, TAIL_MS
from sessions.facts import (
    AnswerHeard,
    Fact,
    InterviewerSpoke,
    RecordingDeleted,
    RecordingStarted,
    RecordingStored,
)
from sessions.ids import InterviewId
from tests.e2e.conftest import OpenBrowser
from tests.e2e.person import Person, read_facts, read_plan
from tests.e2e.spoken import (
    END_OF_TURN_S,
    REACTION_S,
    expect_lines,
    speakable,
    speaking_time,
)
from tests.e2e.test_pages import examine
from tests.emulators.pocketsphinx_stt import Ears, Word, parse_lines
from tests.support.polling import eventually
from tests.support.process import Running
from tests.support.speech import speak_wav

pytestmark = [pytest.mark.sockets, pytest.mark.browser]

RATE_HZ = 16_000  # of the recogniser
WITHIN_S = 0.5
"""How far a word's place in the recording may be from where the report says it is."""
RANGE_BYTES = 20_000
AUDIBLE_RMS = 300
INAUDIBLE_RMS = 30


async def test_a_recorded_interview_is_played_heard_and_deleted(
    listening: Running, open_browser: OpenBrowser, lines: Path, tmp_path: Path
) -> None:
    microphone = tmp_path / "answer.wav"
    async with open_browser(microphone) as context:
        person = Person(await context.new_page(), listening.url)
        await person.sign_up()
        interview_id, line = await interview_by_voice(person, listening, lines, microphone)
        facts = await read_facts(listening.data_dir, interview_id)
        played = await play_a_quote(person)
        assert_played(played, one(facts, AnswerHeard).text)
        await person.photograph("report-recorded")
        await person.page.locator("[data-recording]").scroll_into_view_if_needed()
        await person.photograph("report-player", full_page=False)
        await examine(person.page)

        link = await person.page.locator("[data-player-audio]").evaluate("it => it.currentSrc")
        heard = Heard(await fetched_in_ranges(link), one(facts, RecordingStored).started_ms)
        assert_heard_at_its_place(heard.words(line), played.quote)
        assert_each_side_has_its_channel(heard, facts)

        await delete_on_the_report(person)
        await assert_gone(link)
        await examine(person.page)
        await person.photograph("report-recording-deleted")
        await person.page.reload()
        await person.page.get_by_text("You deleted the recording on").wait_for()
        assert await person.page.locator("[data-play]").count() == 0
        assert person.errors == []
    assert one(await read_facts(listening.data_dir, interview_id), RecordingDeleted).keys
    assert sound_files(listening.data_dir) == []


async def test_without_the_box_nothing_is_recorded(
    listening: Running, open_browser: OpenBrowser, tmp_path: Path
) -> None:
    """The microphone is on, and what it hears is sent; nobody agreed to more than a transcript."""
    microphone = tmp_path / "answer.wav"
    speak_wav(microphone, ["nothing of this is kept.", 0.6])
    async with open_browser(microphone) as context:
        person = Person(await context.new_page(), listening.url)
        await person.sign_up()
        interview_id = await person.set_up()
        await person.see("start-mic").click()
        await person.agree()
        await person.wait_for_state("speaking")
        await eventually(lambda: is_sending(person), limit_s=20, every_s=0.05)
        assert await person.see("recording").is_hidden()
        await person.end()
        await person.page.get_by_text("There was no agreement to a recording").wait_for()
        assert await person.page.locator("[data-play], [data-player]").count() == 0
    facts = await read_facts(listening.data_dir, interview_id)
    assert not [fact for fact in facts if isinstance(fact, RecordingStarted | RecordingStored)]
    assert sound_files(listening.data_dir) == []


# -- in the room -----------------------------------------------------------------------------------


async def is_sending(person: Person) -> bool:
    return "uplink" in await person.sound()


async def interview_by_voice(
    person: Person, running: Running, lines: Path, microphone: Path
) -> tuple[InterviewId, str]:
    """One question, answered by voice; then it is ended. Returns what was said, too."""
    interview_id = await person.set_up()
    plan = await read_plan(running.data_dir, interview_id)
    first = plan.questions[0]
    once, again = speakable(first.key_points[0].phrasings)[:2]
    greeting_s, _ = await speaking_time(plan, first)
    line = f"when i was new on the team {once} and a week later {again}"
    rest = "and that was a hard time for all of us in the end"
    expect_lines(lines, f"um {line} | {rest}")
    silence_s = greeting_s + REACTION_S
    speak_wav(microphone, [silence_s, f"um, {line}, {rest}.", END_OF_TURN_S])

    await person.see("start-mic").click()
    await person.agree(to_recording=True)
    await person.wait_for_question(first.text)
    assert await person.see("recording").inner_text() == "Recording"
    await person.wait_for_text("probe", first.key_points[1].follow_up)
    await person.end()
    return interview_id, f"um {line} {rest}"


# -- on the report ---------------------------------------------------------------------------------


class Moment(TypedDict):
    """What the player was doing, seen from the page."""

    s: float
    isPaused: bool
    who: str
    caption: str
    isMarked: bool


@dataclass(frozen=True, slots=True)
class Quote:
    """Seconds of the recording from the quote's first word to its last."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Played:
    quote: Quote
    moments: list[Moment]


LOOK = """() => {
  const audio = document.querySelector("[data-player-audio]");
  const read = (name) => document.querySelector(`[data-player-${name}]`).textContent;
  return {
    s: audio.currentTime,
    isPaused: audio.paused,
    who: read("who"),
    caption: read("words"),
    isMarked: document.querySelector("[data-heard][aria-current]") !== null,
  };
}"""


async def play_a_quote(person: Person) -> Played:
    """By its button, from its first word to where it stops by itself."""
    block = person.page.locator(".asked[open] blockquote", has=person.page.locator("[data-play]"))
    quote = await read_quote(block.first)
    button = block.first.locator("[data-play]")
    assert await button.inner_text() == "Play"
    await button.click()
    moments: list[Moment] = []

    async def is_over() -> bool:
        moments.append(await person.page.evaluate(LOOK))
        was_playing = any(not moment["isPaused"] for moment in moments)
        return was_playing and moments[-1]["isPaused"]

    await eventually(is_over, limit_s=quote.end_s - quote.start_s + 15, every_s=0.05)
    assert await person.page.locator("[data-player-continue]").is_visible()
    assert await button.inner_text() == "Play"
    return Played(quote, moments)


async def read_quote(block: Locator) -> Quote:
    text = await block.locator(".quote__text").evaluate("it => it.firstChild.textContent.trim()")
    button = block.locator("[data-play]")
    from_ms, to_ms = [int(await button.get_attribute(f"data-{n}-ms") or "") for n in ("from", "to")]
    return Quote(text, (from_ms + LEAD_IN_MS) / 1000, (to_ms - TAIL_MS) / 1000)


def assert_played(played: Played, answer: str) -> None:
    start_s = played.quote.start_s - LEAD_IN_MS / 1000
    end_s = played.quote.end_s + TAIL_MS / 1000
    playing = [moment for moment in played.moments if not moment["isPaused"]]
    places = [moment["s"] for moment in playing]
    assert len(set(places)) > 5, "the place did not move"
    assert all(before <= after for before, after in itertools.pairwise(places))
    assert start_s - 0.1 <= places[0] <= start_s + 1
    assert end_s - 0.1 <= played.moments[-1]["s"] <= end_s + 0.3
    shown = [moment for moment in playing if moment["caption"]]
    assert len(shown) > len(playing) / 2
    assert all(moment["caption"] in answer and moment["who"] == "You" for moment in shown)
    assert all(moment["isMarked"] for moment in shown)
    assert any(played.quote.text.split()[0] in moment["caption"] for moment in shown)


async def delete_on_the_report(person: Person) -> None:
    await person.page.locator("[data-delete-recording]").click()
    await person.page.locator("[data-delete-confirm]").click()
    await person.page.get_by_text("You deleted the recording.").wait_for()
    assert await person.page.locator("[data-play]").count() == 0
    assert await person.page.locator("[data-player]").count() == 0


# -- the sound itself ------------------------------------------------------------------------------


async def fetched_in_ranges(link: str) -> bytes:
    """By the signed link alone, without a cookie, a piece at a time as a player does."""
    sound = bytearray()
    async with aiohttp.ClientSession() as http:
        while True:
            asked = f"bytes={len(sound)}-{len(sound) + RANGE_BYTES - 1}"
            async with http.get(link, headers={"Range": asked}) as answer:
                assert (answer.status, answer.content_type) == (206, "audio/ogg")
                where = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", answer.headers["Content-Range"])
                assert where
                assert int(where[1]) == len(sound)
                sound += await answer.read()
            if len(sound) == int(where[2]):
                return bytes(sound)


async def assert_gone(link: str) -> None:
    async with aiohttp.ClientSession() as http, http.get(link) as answer:
        assert answer.status == 410
        assert "deleted" in await answer.text()


class Side(IntEnum):
    """The channel of a stereo recording."""

    CANDIDATE = 0
    INTERVIEWER = 1


class Heard:
    """A recording as it is heard; the moments of facts as seconds of it."""

    def __init__(self, ogg: bytes, started_ms: int) -> None:
        self._started_ms = started_ms
        with av.open(io.BytesIO(ogg), "r") as container:
            resampler = av.AudioResampler(format="s16p", layout="stereo", rate=RATE_HZ)
            frames = [
                one for frame in container.decode(audio=0) for one in resampler.resample(frame)
            ]
        self._samples: NDArray[np.int16] = np.concatenate(
            [frame.to_ndarray().astype(np.int16, copy=False) for frame in frames], axis=1
        )

    def words(self, line: str) -> list[Word]:
        """Of the candidate's channel."""
        ears = Ears(parse_lines(line))
        heard = [*ears.hear(self._samples[0].tobytes()), ears.finish()]
        return [word for one in heard if one and one.is_final for word in one.words]

    def loudness(self, side: Side, from_ms: int, to_ms: int) -> list[float]:
        """Root mean square of each 100 ms between two moments."""
        begin, end = ((at_ms - self._started_ms) * RATE_HZ // 1000 for at_ms in (from_ms, to_ms))
        step = RATE_HZ // 10
        samples = self._samples[side, max(begin, 0) : end].astype(np.float64)
        pieces = samples[: len(samples) // step * step].reshape(-1, step)
        return [float(rms) for rms in np.sqrt((pieces**2).mean(axis=1))]


def assert_heard_at_its_place(words: list[Word], quote: Quote) -> None:
    wanted = re.findall(r"[a-z']+", quote.text.lower())
    texts = [word.text for word in words]
    places = [place for place in range(len(texts)) if texts[place : place + len(wanted)] == wanted]
    assert places, f"{wanted} is not in {texts}"
    first, last = words[places[0]], words[places[0] + len(wanted) - 1]
    assert first.start_s == pytest.approx(quote.start_s, abs=WITHIN_S)
    assert last.end_s == pytest.approx(quote.end_s, abs=WITHIN_S)


def assert_each_side_has_its_channel(heard: Heard, facts: list[Fact]) -> None:
    answer = one(facts, AnswerHeard)
    spoken = [f for f in facts if isinstance(f, InterviewerSpoke) and not f.interrupted]
    assert len(spoken) >= 2  # the greeting, the question
    for utterance in spoken:
        span = utterance.started_ms, utterance.ended_ms
        loud = [rms > AUDIBLE_RMS for rms in heard.loudness(Side.INTERVIEWER, *span)]
        assert sum(loud) > 0.6 * len(loud), utterance
        assert max(heard.loudness(Side.CANDIDATE, *span), default=0) < INAUDIBLE_RMS, utterance
    span = answer.started_ms, answer.ended_ms
    assert max(heard.loudness(Side.INTERVIEWER, *span)) < INAUDIBLE_RMS
    loud = [rms > AUDIBLE_RMS for rms in heard.loudness(Side.CANDIDATE, *span)]
    assert sum(loud) > 0.6 * len(loud)


# -- what the server keeps -------------------------------------------------------------------------

FactKind = TypeVar("FactKind", bound=Fact)


def one(facts: list[Fact], kind: type[FactKind]) -> FactKind:
    found = [fact for fact in facts if isinstance(fact, kind)]
    assert len(found) == 1, f"{kind.__name__}: {found}"
    return found[0]


def sound_files(data_dir: Path) -> list[Path]:
    """Whatever is not the database, the keys and the logs."""
    known = re.compile(r"vivavoce\.db.*|run-.*\.log|.*key.*|.*secret.*")
    files = [path for path in data_dir.rglob("*") if path.is_file()]
    return [path for path in files if not known.fullmatch(path.name)]
