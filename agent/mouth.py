"""What the interviewer says, one utterance after the other, and what of it was heard."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from agent.interviewer.port import Interviewer, Scene
from agent.outlet import Outlet
from agent.pipeline.speaker import Speaker, Spoken
from agent.utterance import Utterance
from sessions.facts import InterviewerSpoke, Move
from sessions.interview import Say
from sessions.ports import Clock
from sessions.protocol import Say as SayMessage

log = logging.getLogger(__name__)

MAX_WAITING = 16
HUSH_LIMIT_S = 2.0


class Mouth:
    """`say` queues a move; `run` speaks them; `on_spoken` gets the fact when one is over."""

    def __init__(
        self,
        *,
        clock: Clock,
        outlet: Outlet,
        interviewer: Interviewer,
        scene: Callable[[Utterance], Scene],
        on_begin: Callable[[Say], None],
        on_spoken: Callable[[InterviewerSpoke], None],
        on_change: Callable[[], None],
        spoken_before: int = 0,
    ) -> None:
        """`spoken_before`: the utterances that earlier rooms of the interview have numbered."""
        self._clock = clock
        self._outlet = outlet
        self._interviewer = interviewer
        self._scene = scene
        self._on_begin = on_begin
        self._on_spoken = on_spoken
        self._on_change = on_change
        self._waiting: asyncio.Queue[Say] = asyncio.Queue(maxsize=MAX_WAITING)
        self._idle = asyncio.Event()
        self._idle.set()
        self._number = spoken_before
        self.current: Utterance | None = None
        self.is_closing = False
        """The interview's last words are being said, or are about to be."""

    @property
    def is_busy(self) -> bool:
        """Speaking, or about to."""
        return self.current is not None or not self._waiting.empty()

    def say(self, say: Say) -> None:
        self.is_closing = self.is_closing or say.move is Move.CLOSE
        self._waiting.put_nowait(say)

    def show_sentence(self, utterance: Utterance) -> None:
        """A sentence is about to be spoken: the page shows it as the voice begins."""
        self._outlet.send(
            SayMessage(utterance=utterance.number, move=utterance.say.move, text=utterance.text)
        )

    async def hush(self, speaker: Speaker) -> None:
        """Stop speaking and forget what waits; the fact of what was said is out on return.

        The last words are not forgotten: without them the interview would not end.
        """
        self._forget_waiting()
        if self.current is None:
            return
        speaker.stop()
        try:
            async with asyncio.timeout(HUSH_LIMIT_S):
                await self._idle.wait()
        except TimeoutError:
            log.warning("the voice did not stop in time; the conversation goes on without waiting")

    def _forget_waiting(self) -> None:
        waiting = [self._waiting.get_nowait() for _ in range(self._waiting.qsize())]
        for say in waiting:
            if say.move is Move.CLOSE:
                self._waiting.put_nowait(say)

    async def run(self, speaker: Speaker) -> None:
        while True:
            say = await self._waiting.get()
            self._number += 1
            utterance = Utterance(self._number, say, self._clock.now_ms())
            self.current = utterance
            self._idle.clear()
            self._on_begin(say)
            self._on_change()
            try:
                words = self._interviewer.phrase(say, self._scene(utterance))
                spoken = await speaker.speak(words, utterance)
                if spoken.was_cut:  # who talks over this is not to be talked over by the next
                    self._forget_waiting()
                fact = self._fact(utterance, spoken)
            finally:
                self.current = None
                self._idle.set()
            self._on_spoken(fact)
            self._on_change()

    def _fact(self, utterance: Utterance, spoken: Spoken) -> InterviewerSpoke:
        question = utterance.say.question
        return InterviewerSpoke(
            at_ms=(now_ms := self._clock.now_ms()),
            utterance=utterance.number,
            move=utterance.say.move,
            question_id=question.id if question else None,
            text=utterance.text,
            heard=spoken.heard,
            started_ms=spoken.started_ms or utterance.started_ms,
            ended_ms=now_ms,
            interrupted=spoken.was_cut,
        )
