"""What the interviewer says, one utterance after the other, and what of it was heard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from agent.interviewer.port import Interviewer, Scene
from agent.outlet import Outlet
from agent.pipeline.session import VoiceSession
from agent.pipeline.sink import SocketAudioOutput
from agent.pipeline.voice import Voice
from agent.utterance import Utterance
from sessions.facts import InterviewerSpoke
from sessions.interview import Say
from sessions.ports import Clock
from sessions.protocol import Say as SayMessage

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
        on_spoken: Callable[[InterviewerSpoke], None],
        on_change: Callable[[], None],
    ) -> None:
        self._clock = clock
        self._outlet = outlet
        self._interviewer = interviewer
        self._scene = scene
        self._on_spoken = on_spoken
        self._on_change = on_change
        self._waiting: asyncio.Queue[Say] = asyncio.Queue(maxsize=MAX_WAITING)
        self._idle = asyncio.Event()
        self._idle.set()
        self._number = 0
        self.current: Utterance | None = None

    @property
    def is_busy(self) -> bool:
        """Speaking, or about to."""
        return self.current is not None or not self._waiting.empty()

    def say(self, say: Say) -> None:
        self._waiting.put_nowait(say)

    def show_sentence(self, utterance: Utterance) -> None:
        """A sentence is about to be spoken: the page shows it as the voice begins."""
        self._outlet.send(
            SayMessage(utterance=utterance.number, move=utterance.say.move, text=utterance.text)
        )

    async def hush(self, session: VoiceSession) -> None:
        """Stop speaking and forget what waits; the fact of what was said is out on return."""
        while not self._waiting.empty():
            self._waiting.get_nowait()
        if self.current is None:
            return
        session.interrupt()
        async with asyncio.timeout(HUSH_LIMIT_S):
            await self._idle.wait()

    async def run(self, session: VoiceSession, voice: Voice, sink: SocketAudioOutput) -> None:
        while True:
            say = await self._waiting.get()
            self._number += 1
            utterance = Utterance(self._number, say, self._clock.now_ms())
            self.current = utterance
            self._idle.clear()
            self._on_change()
            words = self._interviewer.phrase(say, self._scene(utterance))
            sink.begin(utterance)
            try:
                was_interrupted = await session.say(voice.speak(words, utterance))
                # Said to nobody, it was not heard, and is said again to whoever comes back.
                was_cut = was_interrupted or sink.was_cut or not self._outlet.is_open
                spoken = self._spoken(utterance, sink, was_cut=was_cut)
            finally:
                self.current = None
                self._idle.set()
            self._on_spoken(spoken)
            self._on_change()

    def _spoken(
        self, utterance: Utterance, sink: SocketAudioOutput, *, was_cut: bool
    ) -> InterviewerSpoke:
        now_ms = self._clock.now_ms()
        heard = utterance.heard(sink.played_ms) if was_cut else utterance.text
        return InterviewerSpoke(
            at_ms=now_ms,
            utterance=utterance.number,
            move=utterance.say.move,
            question_id=utterance.say.question.id if utterance.say.question else None,
            text=utterance.text,
            heard=heard,
            started_ms=sink.started_ms or utterance.started_ms,
            ended_ms=now_ms,
            interrupted=was_cut,
        )
