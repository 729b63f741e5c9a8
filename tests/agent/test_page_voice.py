"""The page as a voice: what it is told, what it tells, and what becomes of a page that does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field

import pytest

from agent.outlet import Outlet
from agent.pipeline.page_voice import PageLimits, PageSpoken, PageVoice, whole_words
from agent.utterance import Utterance
from sessions.facts import Move
from sessions.interview import Say
from sessions.protocol import Clear, CloseCode, Hold, Played, SayEnd, ServerMessage
from sessions.protocol import Say as SayMessage
from tests.support.clock import FakeClock

NUMBER = 7
ONE, TWO, THREE = "Well done.", "Tell me about your last project.", "Take your time."
TEXT = f"{ONE} {TWO} {THREE}"
QUICK = PageLimits(begin_s=0.05, clear_s=0.05, done_s=0.05, ms_per_character=0.1, words_s=0.05)
PATIENT = PageLimits(begin_s=5, clear_s=5, done_s=5, words_s=5)
LIMIT_S = 5.0


@dataclass
class FakePage:
    """agent.outlet.Connection. `react` is called with each message, once it has arrived."""

    react: Callable[[FakePage, ServerMessage], None] = lambda page, message: None
    limits: PageLimits = PATIENT
    got: list[ServerMessage] = field(default_factory=list[ServerMessage])
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.outlet = Outlet()
        self.outlet.connection = self
        self.voice = PageVoice(self.outlet, self.clock, limits=self.limits)
        self.utterance = Utterance(NUMBER, Say(Move.ASK), 0)
        self.text = ""

    # -- as the server sees it

    def send(self, message: ServerMessage) -> None:
        self.got.append(message)
        if isinstance(message, SayMessage):
            self.text = message.text
        asyncio.get_running_loop().call_soon(self.react, self, message)

    def send_audio(self, data: bytes) -> None:
        raise AssertionError("no audio goes to a page that speaks itself")

    def close(self, code: CloseCode) -> None:
        raise AssertionError(code)

    # -- as a test drives it

    async def speak(self, *parts: str) -> PageSpoken:
        async with asyncio.timeout(LIMIT_S):
            return await self.voice.speak(pieces(*parts), self.utterance)

    def played(
        self, characters: int, *, done: bool = False, failed: bool = False, ms: int = 100
    ) -> None:
        self.voice.note_played(
            Played(utterance=NUMBER, ms=ms, characters=characters, done=done, failed=failed)
        )

    def all_of(self, kind: type[ServerMessage]) -> list[ServerMessage]:
        return [message for message in self.got if isinstance(message, kind)]


async def pieces(*parts: str) -> AsyncGenerator[str]:
    for part in parts:
        yield part


def speak_all(page: FakePage, message: ServerMessage) -> None:
    """What a page does whose voice works."""
    match message:
        case SayMessage():
            page.played(len(message.text))
        case SayEnd():
            page.played(len(page.text), done=True)
        case _:
            pass


def up_to(characters: int) -> Callable[[FakePage, ServerMessage], None]:
    """Speaks so far, and acknowledges a stop."""

    def react(page: FakePage, message: ServerMessage) -> None:
        match message:
            case SayEnd():
                page.played(characters)
            case Clear():
                page.played(characters, done=True)
            case _:
                pass

    return react


# -- what it is told -----------------------------------------------------------------------------


async def test_the_text_grows_by_sentences_and_its_end_is_told() -> None:
    page = FakePage(speak_all)
    spoken = await page.speak("Well done. Tell me about ", "your last project. Take your time.")
    says = page.all_of(SayMessage)
    assert [message.text for message in says if isinstance(message, SayMessage)] == [
        ONE,
        f"{ONE} {TWO}",
        TEXT,
    ]
    assert all(message.by_page for message in says if isinstance(message, SayMessage))
    assert page.got[-1] == SayEnd(utterance=NUMBER, audio_ms=0)
    assert (spoken.heard_text, spoken.was_cut, spoken.failed) == (TEXT, False, False)
    assert spoken.started_ms == page.clock.now_ms() - 100
    assert page.utterance.text == TEXT
    assert not page.voice.is_speaking


async def test_the_utterance_holds_what_the_page_has_begun_to_say() -> None:
    held: list[str] = []

    def react(page: FakePage, message: ServerMessage) -> None:
        if isinstance(message, SayEnd):
            held.append(page.utterance.text)
            page.played(len(ONE) + 3)
            held.append(page.utterance.text)
            page.played(len(TEXT), done=True)

    await FakePage(react).speak(TEXT)
    assert held == [ONE, f"{ONE} {TWO}"]


async def test_nothing_is_said_of_nothing() -> None:
    page = FakePage()
    spoken = await page.speak("", " \n")
    assert (page.got, spoken.heard_text, spoken.failed) == ([], "", False)


async def test_a_second_utterance_begins_anew() -> None:
    page = FakePage(speak_all)
    await page.speak(ONE)
    page.utterance = Utterance(NUMBER, Say(Move.ASK), 0)
    assert (await page.speak(TWO)).heard_text == TWO
    assert page.utterance.text == TWO


async def test_words_on_other_utterances_are_ignored() -> None:
    def react(page: FakePage, message: ServerMessage) -> None:
        if isinstance(message, SayEnd):
            page.voice.note_played(Played(utterance=NUMBER - 1, ms=0, failed=True))
            page.voice.note_played(Played(utterance=NUMBER + 1, ms=9, characters=9, done=True))
            page.played(len(TEXT), done=True)

    assert (await FakePage(react).speak(TEXT)).heard_text == TEXT


# -- stopping and holding ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("characters", "heard"),
    [
        (0, ""),
        (4, "Well"),
        (6, "Well"),
        (len(ONE), ONE),
        (len(ONE) + 5, f"{ONE} Tell"),
        (len(ONE) + 6, f"{ONE} Tell"),
        (len(TEXT), TEXT),
        (9_999, TEXT),
    ],
)
async def test_what_was_heard_of_a_stopped_one_are_its_acknowledged_words(
    characters: int, heard: str
) -> None:
    def react(page: FakePage, message: ServerMessage) -> None:
        up_to(characters)(page, message)
        if isinstance(message, SayEnd):
            page.voice.stop()
            page.voice.stop()

    page = FakePage(react)
    spoken = await page.speak(TEXT)
    assert (spoken.heard_text, spoken.was_cut, spoken.failed) == (heard, True, False)
    assert page.all_of(Clear) == [Clear(utterance=NUMBER)]


async def test_a_page_that_does_not_acknowledge_a_stop_is_not_waited_for() -> None:
    def react(page: FakePage, message: ServerMessage) -> None:
        if isinstance(message, SayEnd):
            page.played(len(ONE) + 5)
            page.voice.stop()

    spoken = await FakePage(react, QUICK).speak(TEXT)
    assert (spoken.heard_text, spoken.was_cut) == (f"{ONE} Tell", True)


async def test_a_stop_before_the_first_words_says_nothing() -> None:
    page = FakePage()

    async def words() -> AsyncGenerator[str]:
        page.voice.stop()
        yield TEXT

    async with asyncio.timeout(LIMIT_S):
        spoken = await page.voice.speak(words(), page.utterance)
    assert (page.got, spoken.was_cut, spoken.heard_text) == ([], True, "")


async def test_a_stop_does_not_wait_for_words_that_do_not_come() -> None:
    page = FakePage()
    closed: list[bool] = []

    async def words() -> AsyncGenerator[str]:
        try:
            yield f"{ONE} {TWO[:10]}"
            page.voice.stop()
            await asyncio.Event().wait()
        finally:
            closed.append(True)

    page.react = up_to(4)
    async with asyncio.timeout(LIMIT_S):
        spoken = await page.voice.speak(words(), page.utterance)
    assert spoken.heard_text == "Well"
    assert closed == [True]


async def test_a_held_page_is_waited_for_without_limit_and_goes_on() -> None:
    def react(page: FakePage, message: ServerMessage) -> None:
        loop = asyncio.get_running_loop()
        match message:
            case SayEnd():
                page.played(len(ONE))
                page.voice.hold(True)
                page.voice.hold(True)
            case Hold(on=True):  # longer than every limit
                loop.call_later(0.3, page.voice.hold, False)
            case Hold():
                page.played(len(TEXT), done=True)
            case _:
                pass

    page = FakePage(react, QUICK)
    spoken = await page.speak(TEXT)
    assert (spoken.heard_text, spoken.was_cut) == (TEXT, False)
    assert page.all_of(Hold) == [Hold(utterance=NUMBER, on=on) for on in (True, False)]


async def test_a_hold_from_before_holds_the_utterance_from_its_start() -> None:
    page = FakePage(speak_all)
    page.voice.hold(True)
    assert page.got == []
    await page.speak(ONE)
    assert page.got[:2] == [
        SayMessage(utterance=NUMBER, move=Move.ASK, text=ONE, by_page=True),
        Hold(utterance=NUMBER, on=True),
    ]


async def test_a_stop_settles_a_hold() -> None:
    def react(page: FakePage, message: ServerMessage) -> None:
        up_to(4)(page, message)
        if isinstance(message, SayEnd):
            page.voice.hold(True)
            page.voice.stop()

    page = FakePage(react)
    assert (await page.speak(TEXT)).was_cut
    page.react, page.got = speak_all, []
    page.utterance = Utterance(NUMBER, Say(Move.ASK), 0)
    assert (await page.speak(ONE)).heard_text == ONE
    assert page.all_of(Hold) == []


# -- pages that do not do what they should -------------------------------------------------------


@pytest.mark.parametrize("characters", [1, len(ONE), len(TEXT)])
async def test_a_page_that_forgets_to_say_that_it_is_done_counts_as_done(characters: int) -> None:
    spoken = await FakePage(up_to(characters), QUICK).speak(TEXT)
    assert (spoken.heard_text, spoken.was_cut, spoken.failed) == (TEXT, False, False)


async def test_a_page_that_never_begins_has_failed_and_all_is_left() -> None:
    page = FakePage(limits=QUICK)
    spoken = await page.speak(TEXT)
    assert (spoken.failed, spoken.was_cut, spoken.heard_text) == (True, False, "")
    assert await rest_of(spoken) == TEXT
    assert page.utterance.text == ONE  # shown and begun; what is not in it yet comes with the rest
    assert spoken.unsaid_begun == ONE


@pytest.mark.parametrize(
    ("characters", "heard", "rest"),
    [
        (0, "", TEXT),
        (len(ONE), ONE, f"{TWO} {THREE}"),
        (len(ONE) + 6, ONE, f"{TWO} {THREE}"),
        (len(ONE) + 14, f"{ONE} Tell me", f"about your last project. {THREE}"),
        (len(TEXT), TEXT, ""),
    ],
)
async def test_a_page_that_fails_leaves_the_rest_from_the_word_it_broke_off_in(
    characters: int, heard: str, rest: str
) -> None:
    def react(page: FakePage, message: ServerMessage) -> None:
        if isinstance(message, SayEnd):
            page.played(characters, failed=True)
            page.played(len(TEXT), done=True)  # too late

    page = FakePage(react)
    spoken = await page.speak(TEXT)
    assert (spoken.failed, spoken.heard_text) == (True, heard)
    assert await rest_of(spoken) == rest
    assert " ".join([page.utterance.text, *spoken.unsaid_sentences]) == TEXT
    assert page.utterance.text.endswith(spoken.unsaid_begun)


async def test_words_that_come_after_the_failure_are_not_lost() -> None:
    page = FakePage()

    async def words() -> AsyncGenerator[str]:
        yield f"{ONE} {TWO[:10]}"
        page.played(0, failed=True)
        await asyncio.sleep(0)
        yield f"{TWO[10:]} {THREE}"

    async with asyncio.timeout(LIMIT_S):
        spoken = await page.voice.speak(words(), page.utterance)
    assert spoken.failed
    assert await rest_of(spoken) == TEXT
    assert len(page.got) == 1  # nothing more is sent to a voice that does not work


async def test_a_page_that_is_gone_was_cut_off_where_it_was() -> None:
    def react(page: FakePage, message: ServerMessage) -> None:
        if isinstance(message, SayEnd):
            page.played(len(ONE) + 5)
            page.outlet.connection = None
            page.voice.abandon()

    spoken = await FakePage(react).speak(TEXT)
    assert (spoken.was_cut, spoken.failed, spoken.heard_text) == (True, False, f"{ONE} Tell")


async def test_without_a_page_nothing_is_waited_for() -> None:
    page = FakePage()
    page.outlet.connection = None
    spoken = await page.speak(TEXT)
    assert (spoken.was_cut, spoken.heard_text) == (True, "")


async def rest_of(spoken: PageSpoken) -> str:
    sentences = [part async for part in spoken.unsaid()]
    return f"{spoken.unsaid_begun} {''.join(sentences)}".strip()


@pytest.mark.parametrize(
    ("characters", "words"),
    [(0, ""), (2, ""), (3, "One"), (4, "One"), (6, "One"), (7, "One two"), (99, "One two")],
)
def test_whole_words(characters: int, words: str) -> None:
    assert whole_words("One two", characters) == words
