"""The page as the interviewer's voice: it speaks the words itself and says how far it has come.

No audio passes through the server. As with audio, the client owns the playhead, and cannot hang
the room: each wait for it has a limit.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

from agent.outlet import Outlet
from agent.pipeline.voice import sentences_of
from agent.utterance import Utterance
from sessions.ports import Clock
from sessions.protocol import Clear, Hold, Played, Say, SayEnd


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLimits:
    begin_s: float = 5.0
    """Without a word from the page by then its voice does not work, whatever it claimed."""
    clear_s: float = 0.4
    """How long the page has to say where it stopped."""
    done_s: float = 5.0
    """After the words must have been spoken, the page is taken to have spoken them."""
    ms_per_character: float = 90.0
    """A slow voice: 120 words a minute."""
    words_s: float = 10.0
    """How long each further word of the interviewer is waited for when the page's voice failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSpoken:
    """How an utterance went.

    `was_cut`: it was stopped, or its page was lost. `failed`: the page's voice does not work,
    and the server's has to say the rest: `unsaid_begun`, the end of the utterance's text so far,
    and `unsaid_sentences`, which are not in it yet. `started_ms`: epoch ms of the first sound.
    """

    heard_text: str
    was_cut: bool = False
    failed: bool = False
    unsaid_begun: str = ""
    unsaid_sentences: tuple[str, ...] = ()
    started_ms: int | None = None

    async def unsaid(self) -> AsyncIterator[str]:
        """For `Voice.speak`, with `unsaid_begun` as its `unsaid`."""
        for sentence in self.unsaid_sentences:
            yield f"{sentence} "


class PageVoice:
    """One per room, for one utterance at a time."""

    def __init__(self, outlet: Outlet, clock: Clock, *, limits: PageLimits | None = None) -> None:
        self._outlet = outlet
        self._clock = clock
        self._limits = limits or PageLimits()
        self._moved = asyncio.Event()
        self._is_held = False
        self._utterance: Utterance | None = None
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._sentences: list[str] = []
        self._begun = 0
        """Sentences that the page has begun to speak; the utterance's text ends with them."""
        self._characters = 0
        self._started_ms: int | None = None
        self._is_ended = self._is_cut = self._is_over = self._has_failed = False

    @property
    def is_speaking(self) -> bool:
        return self._utterance is not None

    @property
    def text(self) -> str:
        """All that the page was given to say."""
        return " ".join(self._sentences)

    async def speak(self, words: AsyncIterator[str], utterance: Utterance) -> PageSpoken:
        """Let the page say the words; return when it has, was stopped, is gone, or cannot.

        `utterance` grows by the sentences as the page begins them.
        """
        self._begin_anew()
        self._utterance = utterance
        try:
            async with asyncio.TaskGroup() as tasks:
                reading = tasks.create_task(self._read(words, utterance))
                await self._until_over()
                reading.cancel()
            return self._spoken(utterance)
        finally:
            self._utterance = None

    def note_played(self, message: Played) -> None:
        """The page's word on how far it is. Words on other utterances are old, and ignored."""
        if self._utterance is None or message.utterance != self._utterance.number:
            return
        if self._is_over or self._has_failed:
            return
        self._advance(message)
        if message.failed:
            self._fail()
        elif message.done and (self._is_ended or self._is_cut):
            if not self._is_cut:
                self._characters = len(self.text)
            self._is_over = True
        self._begin_sentences()
        self._moved.set()

    def stop(self) -> None:
        """Barge-in, or whatever else ends it: the page falls silent and says where it was.

        A hold is settled by it.
        """
        self._is_held = False
        if self._utterance is None or self._is_over or self._is_cut:
            return
        self._is_cut = True
        if self._sentences and self._outlet.is_open and not self._has_failed:
            self._outlet.send(Clear(utterance=self._utterance.number))
        else:
            self._is_over = True
        self._moved.set()

    def abandon(self) -> None:
        """The client is gone: it says nothing more, and tells nothing."""
        self._is_held = False
        if self._utterance is not None and not self._is_over:
            self._is_cut = self._is_over = True
            self._moved.set()

    def hold(self, on: bool) -> None:
        """Hold where it is, or go on. Also before the page has begun."""
        if on == self._is_held:
            return
        self._is_held = on
        if self._utterance is not None and self._sentences and not self._has_failed:
            self._outlet.send(Hold(utterance=self._utterance.number, on=on))
        self._moved.set()

    async def _read(self, words: AsyncIterator[str], utterance: Utterance) -> None:
        async with aclosing(sentences_of(words)) as sentences:
            async for sentence in sentences:
                self._sentences.append(sentence)
                if not self._has_failed and not self._is_cut:
                    self._show(utterance)
                    self._moved.set()
        self._is_ended = True
        if self._has_failed or not self._sentences:
            self._is_over = True
        elif not self._is_cut:
            self._outlet.send(SayEnd(utterance=utterance.number, audio_ms=0))
        self._moved.set()

    def _show(self, utterance: Utterance) -> None:
        if not self._outlet.is_open:
            self.abandon()
            return
        number, move = utterance.number, utterance.say.move
        self._outlet.send(Say(utterance=number, move=move, text=self.text, by_page=True))
        if len(self._sentences) == 1 and self._is_held:  # the candidate began to speak just before
            self._outlet.send(Hold(utterance=number, on=True))
        self._begin_sentences()

    async def _until_over(self) -> None:
        while not self._is_over:
            self._moved.clear()
            try:
                async with asyncio.timeout(self._limit_s()):
                    await self._moved.wait()
            except TimeoutError:
                self._give_up()

    def _limit_s(self) -> float | None:
        """None: it is not the page that is waited for, and who is has a limit of their own."""
        if self._is_cut:
            return self._limits.clear_s
        if self._has_failed:
            return self._limits.words_s
        if self._is_held or not self._sentences:
            return None
        if self._started_ms is None:
            return self._limits.begin_s
        left = len(self.text) - self._characters
        if not left and not self._is_ended:
            return None
        return left * self._limits.ms_per_character / 1000 + self._limits.done_s

    def _give_up(self) -> None:
        if self._is_cut or self._has_failed:
            self._is_over = True
        elif self._started_ms is None:
            self._fail()
        else:  # it spoke, and lost count
            self._characters = len(self.text)
            self._is_over = self._is_ended
            self._begin_sentences()

    def _fail(self) -> None:
        """What is left of the words is waited for all the same: the next voice needs them."""
        self._has_failed = True
        self._is_over = self._is_ended

    def _advance(self, message: Played) -> None:
        characters = min(message.characters or 0, len(self.text))
        self._characters = max(self._characters, characters)
        if self._started_ms is None and (message.ms or characters or message.done):
            began_ms = self._clock.now_ms() - message.ms  # whatever the page's clock says
            self._started_ms = max(began_ms, self._utterance.started_ms if self._utterance else 0)

    def _begin_sentences(self) -> None:
        """The utterance's text is what was begun, so that its echo is known as one."""
        if self._utterance is None:
            return
        while self._begun < len(self._sentences):
            before = len(" ".join(self._sentences[: self._begun]))
            if self._begun and self._characters <= before:
                return
            self._utterance.end_sentence()
            self._utterance.begin_sentence(self._sentences[self._begun])
            self._begun += 1

    def _spoken(self, utterance: Utterance) -> PageSpoken:
        if self._has_failed and not self._is_cut:
            return self._spoken_in_part()
        utterance.end_sentence()
        heard = whole_words(self.text, self._characters) if self._is_cut else utterance.text
        return PageSpoken(heard_text=heard, was_cut=self._is_cut, started_ms=self._started_ms)

    def _spoken_in_part(self) -> PageSpoken:
        begun = " ".join(self._sentences[: self._begun])
        heard = whole_words(begun, self._characters)
        if self._characters < len(begun):  # the last word had begun, and may have broken off
            heard = heard.rpartition(" ")[0].rstrip()
        return PageSpoken(
            heard_text=heard,
            failed=True,
            unsaid_begun=begun[len(heard) :].strip(),
            unsaid_sentences=tuple(self._sentences[self._begun :]),
            started_ms=self._started_ms,
        )


def whole_words(text: str, characters: int) -> str:
    """The words of which not a character is missing."""
    if characters >= len(text) or text[characters].isspace():
        return text[:characters].rstrip()
    return text[:characters].rpartition(" ")[0].rstrip()
