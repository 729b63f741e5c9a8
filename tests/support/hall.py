"""A listener with a microphone before it, in virtual time: what it hears, and what it tells."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from livekit import rtc

from agent.barge_in import Barge
from agent.hearing import Heard
from agent.pipeline.listener import Listener, Listening, PauseJudge
from agent.providers.registry import load_vad
from agent.providers.stt.page import PageSTT
from agent.turns.turns import Turns
from sessions.facts import Move
from sessions.plan import InterviewType, Patience
from sessions.protocol import Speech
from sessions.settings import SpeechSettings
from tests.support.recognised import ScriptedSTT
from tests.support.room import beside
from tests.support.talker import FRAME_BYTES, FRAME_MS, RATE_HZ, Line
from tests.support.virtual_time import VirtualClock, pass_ms

LATEST_MS = 7_000
"""Silence after which any answer is over at normal patience, and more."""
ANSWER = "I rebuilt the search service last year"


def nothing_is_ignored(text: str) -> bool:
    return False


@dataclass
class Asked:
    """A PauseJudge: what it was asked, and what it answers, when a test lets it."""

    answer: float | None = 0.9
    takes_ms: int = 40
    questions: list[bytes] = field(default_factory=list[bytes])

    async def predict(self, pcm: bytes) -> float | None:
        self.questions.append(pcm)
        await pass_ms(self.takes_ms)
        return self.answer


class Hall:
    """A listener with a microphone before it, and what it told."""

    def __init__(
        self,
        *,
        recogniser: ScriptedSTT | None = None,
        end_of_turn: PauseJudge | None = None,
        is_ignored: Callable[[str], bool] = nothing_is_ignored,
        patience: Patience = Patience.NORMAL,
    ) -> None:
        self.clock = VirtualClock()
        self.page = PageSTT()
        self.recogniser = recogniser
        self.words: list[str] = []
        self.speech: list[bool] = []
        self.barges: list[tuple[int, Barge]] = []
        self.turns: list[tuple[int, Heard]] = []
        self.settled: list[Heard] = []
        self.failures: list[str] = []
        self.refuses_words: Exception | None = None
        self.listener = Listener(
            self.clock,
            detector=load_vad(SpeechSettings()),
            page=self.page,
            recogniser=recogniser,
            turns=Turns(patience, InterviewType.BEHAVIORAL),
            end_of_turn=end_of_turn,
            tell=Listening(
                is_ignored=is_ignored,
                on_words=self._note_words,
                on_speech=self.speech.append,
                on_barge=lambda barge: self.barges.append((self.clock.now_ms(), barge)),
                on_turn=self._end_turn,
                on_settled=self.settled.append,
                on_failure=self.failures.append,
            ),
        )
        self.listener.utterance_is_over(Move.ASK)
        self.is_on = True
        """Whether the microphone sends anything."""
        self._to_say = bytearray()
        self._frames = 0

    def _note_words(self, heard: Heard) -> None:
        if self.refuses_words is not None:
            raise self.refuses_words
        self.words.append(heard.text)

    async def _end_turn(self) -> None:
        heard = self.listener.take()
        assert heard is not None, "a turn without words is none"
        self.turns.append((self.clock.now_ms(), heard))

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[None]:
        async with (
            beside(self.listener.end_turns()) as ending,
            beside(self.listener.run()) as listening,
            beside(self._use_microphone()) as working,
        ):
            try:
                yield
            finally:
                ending.cancel()
                working.cancel()
                listening.cancel()
                async with asyncio.timeout(5):
                    await asyncio.wait([listening])
                await self.page.aclose()

    async def _use_microphone(self) -> None:
        while True:
            await pass_ms(FRAME_MS)
            pcm = bytes(self._to_say[:FRAME_BYTES]).ljust(FRAME_BYTES, b"\0")
            if self.is_on:
                del self._to_say[:FRAME_BYTES]
                self._frames += 1
                frame = rtc.AudioFrame(pcm, RATE_HZ, 1, FRAME_BYTES // 2)
                self.listener.hear(frame)

    async def say(self, said: Line) -> int:
        """To its last sound; the epoch ms of that."""
        began_ms = self.begin(said)
        ends_ms = round(began_ms - said.begins_ms + said.ends_ms)
        await pass_ms(ends_ms - self.clock.now_ms())
        return ends_ms

    def begin(self, said: Line) -> int:
        """The epoch ms of its first sound."""
        self._to_say += said.pcm
        return round(self.clock.now_ms() + said.begins_ms)

    def recognise(self, text: str, *, is_final: bool = True, lag_ms: int = 0) -> None:
        """The page's recogniser heard it, up to so long ago."""
        end_s = self._frames * FRAME_MS / 1000 - lag_ms / 1000
        start_s = max(end_s - 0.3 * len(text.split()), 0.0)
        speech = Speech(id="1", final=is_final, text=text, start_ms=0, end_ms=0)
        self.page.push(speech, start_s, end_s)

    @property
    def said(self) -> list[str]:
        return [heard.text for _, heard in self.turns]
