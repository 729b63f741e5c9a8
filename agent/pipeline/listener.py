"""One room's listening: voice activity, recognition, the end of a turn, and barge-in.

Each frame is worked on where it arrives, without a queue or a task in between: that is what a room
costs most. What is decided is decided by `Turns` and `BargeIn`, which know no loop; here they get
the audio's events and their timers.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from livekit import rtc
from livekit.agents import stt, vad

from agent.barge_in import Barge, BargeIn
from agent.hearing import Heard
from agent.pipeline.ear import Ear, Hearing
from agent.providers.stt.page import PageSTT
from agent.providers.stt.segmented import SpeechBounded
from agent.turns.turns import Turns
from sessions.facts import Move
from sessions.ports import Clock

log = logging.getLogger(__name__)

JUDGED_MS = 1_200
"""How much of the audio before a pause the end-of-turn model listens to."""
GAP_MS = 1_000
"""A voice whose audio stays away for so long is over: the connection was lost, or it is a pause."""
PAGE_LIMIT_S = 0.2
"""A result of the page's that is not heard by then was dropped on its way."""
IDLE_MS = 15_000
"""Without audio, a recogniser that is paid by the minute is let go; the next frame opens it."""
LONG_TURN_CHARS = 2_500
"""About three minutes of speech. What is worked out with each word grows with the turn, and a crash
loses it: of a longer one the beginning is kept as an answer already."""


class PauseJudge(Protocol):
    """agent.pipeline.end_of_turn.EndOfTurnModel, mostly."""

    async def predict(self, pcm: bytes) -> float | None:
        """P(the turn ended) of up to 1.2 s of 16 kHz audio; None when it cannot say in time."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Whom the listener tells. `on_turn` is awaited when the candidate's turn is over."""

    is_ignored: Callable[[str], bool]
    on_words: Callable[[Heard], None]
    on_speech: Callable[[bool], None]
    on_barge: Callable[[Barge], None]
    on_turn: Callable[[], Awaitable[None]]
    on_settled: Callable[[Heard], None]
    """The beginning of a long turn, which is no part of it any more."""
    on_failure: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Stream:
    stream: stt.RecognizeStream
    base_ms: float
    """Where in the room's audio it began."""
    is_page: bool = False


class Listener:
    """`page` takes what the page recognises; `recogniser` listens to the audio while
    `is_recognising` says so."""

    def __init__(
        self,
        clock: Clock,
        *,
        detector: vad.VAD,
        page: PageSTT,
        recogniser: stt.STT[Any] | None,
        turns: Turns,
        end_of_turn: PauseJudge | None,
        tell: Listening,
    ) -> None:
        self.ear = Ear(clock, is_ignored=tell.is_ignored)
        self.is_recognising = recogniser is not None
        self._clock = clock
        self._detector = detector
        self._page = page
        self._recogniser = recogniser
        self._turns = turns
        self._end_of_turn = end_of_turn
        self._tell = tell
        self._barge_in = BargeIn()
        self._tasks: asyncio.TaskGroup | None = None
        self._server: _Stream | None = None
        self._recent: deque[tuple[rtc.AudioFrame, float]] = deque()
        self._recent_ms = 0.0
        self._pauses: asyncio.Queue[int] = asyncio.Queue(maxsize=1)
        self._pause = 0
        """Counts the pauses: a judgement that comes after its own is of no use."""
        self._turn_over = asyncio.Event()
        self._failure: Exception | None = None
        self._turn_timer = _Timer(clock, self._turn_over.set)
        self._barge_timer = _Timer(clock, self._barge_is_due)
        self._idle_timer = _Timer(clock, self._let_recogniser_go)
        self._gap_timer = _Timer(clock, self._voice_broke_off)
        self._activity: vad.VADStream | None = None
        self._is_speaking = False
        self._has_words = False
        self._page_results = 0
        self._page_heard = asyncio.Event()

    # -- life ------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until cancelled, or broken: `end_turns` raises what broke it, for the room to see."""
        self._activity = activity = self._detector.stream()
        page = _Stream(self._page.stream(), 0.0, is_page=True)
        try:
            async with asyncio.TaskGroup() as self._tasks:
                self._tasks.create_task(self._watch(activity))
                self._tasks.create_task(self._judge_pauses())
                self._tasks.create_task(self._hear(page))
        except Exception as exc:
            self._fail(exc)
        finally:
            self._tasks = self._activity = self._server = None
            for timer in (self._turn_timer, self._barge_timer, self._idle_timer, self._gap_timer):
                timer.set(None)
            await activity.aclose()
            await page.stream.aclose()

    def hear(self, frame: rtc.AudioFrame) -> None:
        """16 kHz, mono, as it comes. Before `run` and after it nobody listens."""
        activity = self._activity
        if activity is None:
            return
        try:
            self._take(frame)
            activity.push_frame(frame)
        # The edge to the VAD's code, which may be anyone's: a room that is deaf is closed, and not
        # only the socket that this frame came by.
        except Exception as exc:
            self._fail(exc)

    def _fail(self, exc: Exception) -> None:
        self._failure = exc
        self._activity = None
        self._turn_over.set()

    async def end_turns(self) -> None:
        """Tells of turns that are over, until cancelled. Raises what broke the listening."""
        while True:
            await self._turn_over.wait()
            self._turn_over.clear()
            if self._failure is not None:
                raise self._failure
            await self._tell.on_turn()

    def _take(self, frame: rtc.AudioFrame) -> None:
        duration_ms = frame.duration * 1000
        if self.is_recognising:
            self._feed(frame)
        self.ear.note_audio(duration_ms)
        if self._is_speaking:
            self._gap_timer.set(self._clock.now_ms() + GAP_MS)
        self._recent.append((frame, duration_ms))
        self._recent_ms += duration_ms
        while self._recent_ms - self._recent[0][1] >= JUDGED_MS:
            self._recent_ms -= self._recent.popleft()[1]

    # -- the recogniser --------------------------------------------------------------------------

    def _feed(self, frame: rtc.AudioFrame) -> None:
        if self._server is None:
            if self._recogniser is None or self._tasks is None:
                return
            self._server = _Stream(self._recogniser.stream(), self.ear.audio_ms)
            self._tasks.create_task(self._hear_and_close(self._server))
        try:
            self._server.stream.push_frame(frame)
        except RuntimeError:  # it ended; `_hear` has told of it
            self._server = None
        self._idle_timer.set(self._clock.now_ms() + IDLE_MS)

    def _let_recogniser_go(self) -> None:
        if self._server is not None:
            server, self._server = self._server, None
            try:
                server.stream.end_input()
            except RuntimeError:  # it ended by itself
                return

    async def _hear_and_close(self, server: _Stream) -> None:
        try:
            await self._hear(server)
        finally:
            if self._server is server:  # it ended by itself, and not because nobody speaks
                self._server = None
                self.is_recognising = False
            await server.stream.aclose()

    async def _hear(self, running: _Stream) -> None:
        events = aiter(running.stream)
        while True:
            try:
                event = await anext(events)
            except StopAsyncIteration:
                return
            # The edge to the provider's code, which may be anyone's: whatever it raises ends its
            # recognition, and not the room.
            except Exception as exc:
                log.warning("a recogniser stopped: %s", type(exc).__name__)
                self._tell.on_failure(str(exc) or type(exc).__name__)
                return
            self._note(self.ear.hear(event, running.base_ms))
            if running.is_page:
                self._page_results += 1
                self._page_heard.set()

    async def until_heard(self, results: int) -> None:
        """Until so many results of the page's were heard in all: what it sends next may be the end
        of the turn, or of the interview."""
        try:
            async with asyncio.timeout(PAGE_LIMIT_S):
                while self._page_results < results:
                    self._page_heard.clear()
                    await self._page_heard.wait()
        except TimeoutError:
            self._page_results = results

    # -- what is heard ---------------------------------------------------------------------------

    async def _watch(self, activity: vad.VADStream) -> None:
        async for event in activity:
            if event.type is vad.VADEventType.INFERENCE_DONE:
                continue
            is_speaking = event.type is vad.VADEventType.START_OF_SPEECH
            self._note_voice(is_speaking, silence_ms=int(event.silence_duration * 1000))

    def _voice_broke_off(self) -> None:
        if self._activity is not None:
            self._activity.flush()  # it would wait for the silence after the word
            self._note_voice(False, silence_ms=GAP_MS)

    def _note_voice(self, is_speaking: bool, *, silence_ms: int) -> None:
        """`silence_ms`: since the last sound, when it has ended."""
        self._is_speaking = is_speaking
        self._gap_timer.set(self._clock.now_ms() + GAP_MS if is_speaking else None)
        if self._server is not None and isinstance(self._server.stream, SpeechBounded):
            self._server.stream.note_speech(is_speaking)
        if is_speaking:
            self._speech_began()
        else:
            self._speech_ended(silence_ms)
        self._tell.on_speech(is_speaking)

    def _speech_began(self) -> None:
        now_ms = self._clock.now_ms()
        self._pause += 1
        self._turns.speech_began(now_ms)
        self._barge_in.voice_began(now_ms)
        self._set_timers()

    def _speech_ended(self, silence_ms: int) -> None:
        now_ms = self._clock.now_ms()
        self._turns.speech_ended(now_ms - silence_ms)
        self._barge_in.voice_ended(now_ms)
        self._ask_for_judgement()
        self._set_timers()

    def _note(self, hearing: Hearing) -> None:
        is_answer = hearing is Hearing.WORDS
        if not is_answer:
            self._note_what_is_left()
        if hearing is Hearing.NOTHING:
            return
        running = self.ear.running
        if is_answer and running is not None:
            now_ms = self._clock.now_ms()
            self._turns.heard(running.text, is_final=self.ear.is_final, at_ms=now_ms)
            if len(running.text) > LONG_TURN_CHARS and (settled := self.ear.take_settled()):
                self._tell.on_settled(settled)
                running = self.ear.running or running
                self._turns.heard(running.text, is_final=self.ear.is_final, at_ms=now_ms)
            self._has_words = True
            self._tell.on_words(running)
        self._act(self._barge_in.heard(is_answer=is_answer))
        self._set_timers()

    def _note_what_is_left(self) -> None:
        """Interim words may have been taken back, by a final result that has none of them."""
        running = self.ear.running
        if running is None and self._has_words:
            self._turns.reset()
        elif running is not None:
            now_ms = self._clock.now_ms()
            self._turns.heard(running.text, is_final=self.ear.is_final, at_ms=now_ms)
        self._has_words = running is not None
        self._set_timers()

    def _ask_for_judgement(self) -> None:
        if self._end_of_turn is None or not self._turns.wants_judgement or self._pauses.full():
            return
        self._pauses.put_nowait(self._pause)

    async def _judge_pauses(self) -> None:
        """Ask the model how the last words sounded."""
        while True:
            pause = await self._pauses.get()
            if self._end_of_turn is None or pause != self._pause or not self._turns.wants_judgement:
                continue
            pcm = b"".join(frame.data.tobytes() for frame, _ in self._recent)
            probability = await self._end_of_turn.predict(pcm)
            if probability is not None and pause == self._pause:
                self._turns.judged(probability)
                self._set_timers()

    # -- the interviewer's voice -----------------------------------------------------------------

    def utterance_begins(self) -> None:
        self._act(self._barge_in.utterance_began(self._clock.now_ms()))
        self._set_timers()

    def utterance_is_over(self, move: Move) -> None:
        self._act(self._barge_in.utterance_ended())
        self._turns.begin(move)
        self._set_timers()

    def _act(self, barge: Barge | None) -> None:
        if barge is not None:
            self._tell.on_barge(barge)

    def _barge_is_due(self) -> None:
        self._act(self._barge_in.due(self._clock.now_ms()))
        self._set_timers()

    # -- the end of a turn -----------------------------------------------------------------------

    def take(self) -> Heard | None:
        """The turn so far; the next begins."""
        self._turns.reset()
        self._has_words = False
        self._set_timers()
        return self.ear.take()

    def _set_timers(self) -> None:
        self._turn_timer.set(self._turns.due_ms)
        self._barge_timer.set(self._barge_in.due_ms)


class _Timer:
    """Calls once when a moment has come; another moment replaces it. One that is put off with each
    frame of audio costs next to nothing: the loop's timer is left to find that out."""

    def __init__(self, clock: Clock, call: Callable[[], None]) -> None:
        self._clock = clock
        self._call = call
        self._due_ms: int | None = None
        self._armed_ms = 0
        self._handle: asyncio.TimerHandle | None = None

    def set(self, due_ms: int | None) -> None:
        if due_ms == self._due_ms:
            return
        self._due_ms = due_ms
        if self._handle is not None:
            if due_ms is not None and due_ms >= self._armed_ms:
                return
            self._handle.cancel()
            self._handle = None
        if due_ms is not None:
            self._arm(due_ms, after_ms=due_ms - self._clock.now_ms())

    def _arm(self, due_ms: int, *, after_ms: int) -> None:
        self._armed_ms = due_ms
        delay_s = max(after_ms, 0) / 1000
        self._handle = asyncio.get_running_loop().call_later(delay_s, self._run)

    def _run(self) -> None:
        self._handle = None
        due_ms, self._due_ms = self._due_ms, None
        if due_ms is not None and due_ms > self._armed_ms:
            self._due_ms = due_ms
            self._arm(due_ms, after_ms=due_ms - self._armed_ms)
        else:
            self._call()
