"""Who says what the interviewer says: the page with its own voice, or the server's, in order.

In virtual time, in a room; the page's voice is made up, as a browser's would report itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agent.rooms import Rooms
from sessions.facts import InterviewerSpoke, ProviderFailed, ProviderSwitched
from sessions.protocol import (
    VERSION,
    Clear,
    Hello,
    Hold,
    Notice,
    Played,
    Say,
    SayEnd,
    ServerMessage,
)
from sessions.settings import SpeechSettings
from tests.support.fake_speech import DeadTTS, SilentTTS
from tests.support.room import World, class_path, covering, made_settings
from tests.support.talker import Talker, at_work, line
from tests.support.virtual_time import VirtualClock, in_virtual_time, pass_ms

PAGE = "browser"
VOICE = class_path(SilentTTS)
DEAD = class_path(DeadTTS)
MS_PER_CHARACTER = 50
REPORT_MS = 100


class SpeakingPage(Talker):
    """Speaks with its own voice until it has spoken `works_for` characters of an utterance."""

    def __init__(self, clock: VirtualClock, *, speaks: bool = True) -> None:
        super().__init__(clock, Hello(v=VERSION, token="-", recognises=True, speaks=speaks))
        self.works_for = 1_000_000
        self._text = ""
        self._number = 0
        self._spoken = 0.0
        self._is_paused = False
        self._is_whole = False
        self._is_stopped = False

    def send(self, message: ServerMessage) -> None:
        super().send(message)
        match message:
            case Say(by_page=True):
                if message.utterance != self._number:
                    self._number, self._spoken = message.utterance, 0.0
                    self._is_paused = self._is_whole = False
                self._text = message.text
            case SayEnd() if message.utterance == self._number:
                self._is_whole = True
            case Clear() if message.utterance == self._number:
                self._is_stopped = True
            case Hold() if message.utterance == self._number:
                self._is_paused = message.on
            case _:
                pass

    async def acknowledge(self) -> None:
        """Until cancelled: of the audio what a loudspeaker would, and of its own voice's words."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(super().acknowledge())
            tasks.create_task(self._use_voice())

    async def _use_voice(self) -> None:
        while True:
            await pass_ms(REPORT_MS)
            if self.room.is_over:
                return
            if self._is_stopped:
                await self._report(done=True)
                self._number, self._is_stopped = 0, False
            elif self._number and not self._is_paused:
                await self._speak_on()

    async def _speak_on(self) -> None:
        self._spoken = min(self._spoken + REPORT_MS / MS_PER_CHARACTER, len(self._text))
        if self._spoken >= self.works_for:
            await self._report(failed=True)
            self._number = 0
        else:
            is_done = self._is_whole and self._spoken >= len(self._text)
            await self._report(done=is_done)
            if is_done:
                self._number = 0

    async def _report(self, *, done: bool = False, failed: bool = False) -> None:
        characters = int(self._spoken)
        await self.room.handle(
            Played(
                utterance=self._number,
                ms=characters * MS_PER_CHARACTER,
                characters=characters,
                done=done,
                failed=failed,
            )
        )

    @property
    def said_by_page(self) -> list[bool]:
        """Of each utterance since the last `do`: who began to say it."""
        first: dict[int, bool] = {}
        for message in self.since:
            if isinstance(message, Say):
                first.setdefault(message.utterance, message.by_page)
        return list(first.values())


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def world(tmp_path: Path, clock: VirtualClock) -> World:
    return World(spill_dir=tmp_path, clock=clock)


@asynccontextmanager
async def rooms_with(world: World, *names: str) -> AsyncGenerator[Rooms]:
    speech = SpeechSettings(
        stt=[PAGE], tts=list(names), end_of_turn="words", tts_timeout_s=2.0, voice="en-us"
    )
    world.settings = made_settings().model_copy(update={"speech": speech})
    await world.plan()
    async with world.open_rooms() as rooms:
        yield rooms


async def said(world: World, count: int) -> InterviewerSpoke:
    """The `count`th utterance; some take longer than `until_fact` waits."""
    for _ in range(10):
        if len(found := await world.all_facts(InterviewerSpoke)) >= count:
            return found[count - 1]
        await pass_ms(4_000)
    raise AssertionError("nothing more was said")


# -- in order ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "speaks", "by_page"),
    [
        pytest.param([PAGE, VOICE], True, True, id="the page first, which can"),
        pytest.param([PAGE, VOICE], False, False, id="the page first, which cannot"),
        pytest.param([VOICE, PAGE], True, False, id="the server's first"),
        pytest.param([DEAD, VOICE, PAGE], True, False, id="the server's second"),
        pytest.param([VOICE], True, False, id="the page is not named"),
    ],
)
@in_virtual_time
async def test_the_first_that_can_says_it(
    world: World, clock: VirtualClock, names: list[str], speaks: bool, by_page: bool
) -> None:
    async with (
        rooms_with(world, *names) as rooms,
        at_work(SpeakingPage(clock, speaks=speaks), rooms) as page,
    ):
        await page.consent()
        first, second = await said(world, 1), await said(world, 2)
        assert page.said_by_page == [by_page, by_page]
        assert (page.audio == []) is by_page
    for spoken in (first, second):
        assert (spoken.heard, spoken.interrupted) == (spoken.text, False)
        assert spoken.started_ms < spoken.ended_ms
    if by_page:
        length_ms = len(first.text) * MS_PER_CHARACTER
        assert abs(first.ended_ms - first.started_ms - length_ms) <= 3 * REPORT_MS


@in_virtual_time
async def test_where_the_servers_voice_fails_the_page_speaks_from_then_on(
    world: World, clock: VirtualClock
) -> None:
    async with rooms_with(world, DEAD, PAGE) as rooms, at_work(SpeakingPage(clock), rooms) as page:
        await page.consent()
        await said(world, 2)
        assert page.said_by_page == [False, True]
    (failed, *_) = await world.all_facts(ProviderFailed)
    assert failed.component == "tts"


# -- a page's voice that breaks off --------------------------------------------------------------


@pytest.mark.parametrize("works_for", [1, 30, 100])
@in_virtual_time
async def test_the_server_goes_on_in_the_middle_of_what_the_page_could_not_say(
    world: World, clock: VirtualClock, works_for: int
) -> None:
    async with rooms_with(world, PAGE, VOICE) as rooms:
        page = SpeakingPage(clock)
        page.works_for = works_for
        async with at_work(page, rooms):
            await page.consent()
            first, second = await said(world, 1), await said(world, 2)
            assert page.said_by_page == [True, False], "it is not asked again"
            notice = await page.until(Notice)
            assert notice.code == "tts_switched"
            audio_ms = sum(f.duration_ms for f in page.audio if f.utterance == first.utterance)
            rest = len(first.text) - works_for
            assert (rest - 5) * 20 <= audio_ms <= (rest + 15) * 20, "and the broken word again"
    assert (first.heard, first.interrupted) == (first.text, False)
    assert first.text.startswith("Hello, and welcome. I am Vivavoce,")
    assert second.heard == second.text
    (switch,) = await world.all_facts(ProviderSwitched)
    assert (switch.component, switch.from_provider, switch.to_provider) == ("tts", PAGE, VOICE)


@in_virtual_time
async def test_a_page_without_any_voice_behind_it_leaves_the_rest_in_writing(
    world: World, clock: VirtualClock
) -> None:
    async with rooms_with(world, PAGE) as rooms:
        page = SpeakingPage(clock)
        page.works_for = 30
        async with at_work(page, rooms):
            await page.consent()
            first = await said(world, 2)
            await page.type(covering(1, 0))
            await said(world, 3)
    assert first.text == first.heard, "it was there to be read"
    (switch,) = await world.all_facts(ProviderSwitched)
    assert (switch.from_provider, switch.to_provider) == (PAGE, "")


@in_virtual_time
async def test_another_page_is_asked_again(world: World, clock: VirtualClock) -> None:
    async with rooms_with(world, PAGE, VOICE) as rooms:
        broken = SpeakingPage(clock)
        broken.works_for = 10
        async with at_work(broken, rooms):
            await broken.consent()
            await said(world, 2)
        async with at_work(SpeakingPage(clock), rooms) as page:
            await page.type(covering(1, 0))
            await said(world, 3)
            assert page.said_by_page == [True]


# -- over the page's voice -----------------------------------------------------------------------


@in_virtual_time
async def test_a_page_that_speaks_is_held_and_stopped_like_any_voice(
    world: World, clock: VirtualClock
) -> None:
    async with rooms_with(world, PAGE, VOICE) as rooms, at_work(SpeakingPage(clock), rooms) as page:
        await page.consent()
        await page.until_speaking(playing_ms=2_500)
        began_ms = page.say(line("Excuse me, which project do you mean?"))
        hold = await page.until(Hold)
        assert hold.on
        assert page.at_ms(hold) - began_ms <= 200
        await pass_ms(700)
        await page.recognised("excuse me", began_ms=began_ms, is_final=False)
        await page.until(Clear)
        first = await said(world, 1)
        assert first.interrupted
        held_ms = page.at_ms(hold) - first.started_ms
        assert abs(len(first.heard) - held_ms / MS_PER_CHARACTER) <= 12
        assert first.text.startswith(first.heard)
        await page.until_quiet()
        await page.recognised("excuse me which project do you mean", began_ms=began_ms)
        await said(world, 2)
        assert [hold.on for hold in page.all(Hold)] == [True], "the next is not held"


@in_virtual_time
async def test_a_page_that_speaks_goes_on_after_a_sign_of_listening(
    world: World, clock: VirtualClock
) -> None:
    async with rooms_with(world, PAGE, VOICE) as rooms, at_work(SpeakingPage(clock), rooms) as page:
        await page.consent()
        await page.until_speaking(playing_ms=2_500)
        began_ms = await page.say_all(line("okay"))
        await pass_ms(400)
        await page.recognised("okay", began_ms=began_ms)
        first = await said(world, 1)
        assert page.holds == [True, False]
    assert (first.heard, first.interrupted) == (first.text, False)
