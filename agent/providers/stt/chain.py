"""Recognisers in order of fallback, as one whose stream never fails.

One member listens at a time. When it fails, the next is given the audio since the last final
result again, so nothing said is lost; when an earlier one is well again it is gone back to between
turns. With none left the stream stays open and deaf until one is well.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from livekit import rtc
from livekit.agents import APIConnectOptions, APIError, stt
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, NotGivenOr, TimedString

from agent.providers.health import Health, Probe
from agent.providers.stt.member import (
    COMPONENT,
    End,
    Member,
    Outcome,
    Run,
    close_stream,
    probe,
    reason_of,
)
from agent.providers.stt.reel import Reel, Unheard
from agent.providers.stt.segmented import shift_words, span_s
from agent.providers.stt.streaming import StreamingSTT
from agent.usage import Used
from sessions.ports import Clock

_log = logging.getLogger(__name__)

MARGIN_MS = 1_000
"""Beyond the time-out: the words of a sentence come after it began."""
WATCH_EVERY_S = 0.2
POLL_EVERY_S = 1.0

_RESULTS = (
    stt.SpeechEventType.INTERIM_TRANSCRIPT,
    stt.SpeechEventType.PREFLIGHT_TRANSCRIPT,
    stt.SpeechEventType.FINAL_TRANSCRIPT,
)


class FallbackSTT(StreamingSTT):
    """One of each room. Rooms may share members: whoever made those closes them, after all rooms.

    `on_switch(from, to, reason)` names members; "" stands for none.
    """

    def __init__(
        self,
        members: Sequence[Member],
        *,
        health: Health,
        clock: Clock,
        timeout_s: float,
        on_switch: Callable[[str, str, str], None],
        on_used: Callable[[Used], None],
    ) -> None:
        super().__init__(
            capabilities=stt.STTCapabilities(
                streaming=True,
                interim_results=True,
                aligned_transcript="word",
                offline_recognize=False,
            )
        )
        self.members = tuple(members)
        self.health = health
        self.clock = clock
        self.timeout_s = timeout_s
        self.on_used = on_used
        self.current = self.members[0].name
        """Who listens, or would if there were a stream; empty when none is left."""
        self._on_switch = on_switch
        self._open: list[FallbackStream] = []
        self._probes: list[tuple[str, Probe]] = [
            (member.name, partial(probe, member)) for member in self.members
        ]
        for name, one in self._probes:
            health.watch(COMPONENT, name, one)

    @property
    def keeps_fillers(self) -> bool:
        """Of the one that listens now."""
        return getattr(self._current_stt, "keeps_fillers", False) is True

    @property
    def model(self) -> str:
        return self._current_stt.model

    @property
    def provider(self) -> str:
        return self._current_stt.provider

    @property
    def _current_stt(self) -> stt.STT[Any]:
        named = (member.stt for member in self.members if member.name == self.current)
        return next(named, self.members[0].stt)

    def choose(self, tried: set[str]) -> Member | None:
        """The first well one, or else one that rests, which is better than none."""
        by_name = {member.name: member for member in self.members}
        names = self.health.in_order(COMPONENT, list(by_name))
        return next((by_name[name] for name in names if name not in tried), None)

    def find_well(self, *, before: Member | None = None) -> Member | None:
        """The first member that is well, of those before one or of all."""
        for member in self.members:
            if member is before:
                return None
            if self.health.is_well(COMPONENT, member.name):
                return member
        return None

    def switch(self, to: str, reason: str) -> None:
        if to != self.current:
            before, self.current = self.current, to
            _log.info("stt goes from %s to %s", before or "none", to or "none")
            self._on_switch(before, to, reason)

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> FallbackStream:
        del language, conn_options  # members have the chain's own time-out, and no retries
        self._open.append(stream := FallbackStream(chain=self))
        return stream

    def note_closed(self, stream: FallbackStream) -> None:
        if stream in self._open:
            self._open.remove(stream)

    def report(self) -> None:
        """Tells `on_used` what was used since then; it is told at a stream's end too."""
        for stream in self._open:
            stream.report()

    async def aclose(self) -> None:
        for name, one in self._probes:
            self.health.unwatch(COMPONENT, name, one)


class FallbackStream(stt.RecognizeStream):
    """Is told when the person speaks (`SpeechBounded`), after the frames pushed so far."""

    def __init__(self, *, chain: FallbackSTT) -> None:
        super().__init__(stt=chain, conn_options=APIConnectOptions(max_retry=0))
        self._chain = chain
        self._clock = chain.clock
        self._limit_ms = round(chain.timeout_s * 1000) + MARGIN_MS
        self._reel = Reel()
        self._unheard = Unheard(self._limit_ms)
        self._interim: stt.SpeechEvent | None = None
        self._tried: set[str] = set()
        """Those that failed since the last final result."""
        self._running: Run | None = None
        self._ended = asyncio.Event()
        self._ended_ms = 0

    # -- the caller's side: nothing waits here, and no queue is needed ---------------------------

    def push_frame(self, frame: rtc.AudioFrame) -> None:
        self._check_input_not_ended()
        self._check_not_closed()
        self._reel.add(frame)
        self._unheard.note_audio(frame.duration)
        if self._running is not None:
            self._running.push(frame)

    def note_speech(self, is_speaking: bool) -> None:
        self._reel.note_speech(is_speaking)
        self._unheard.note_speech(is_speaking, self._clock.now_ms())
        if self._running is not None:
            self._running.push(is_speaking)

    def flush(self) -> None:
        """Members find the ends of what they settle by themselves."""
        self._check_input_not_ended()
        self._check_not_closed()

    def end_input(self) -> None:
        self._check_input_not_ended()
        self._input_ch.close()
        self._ended_ms = self._clock.now_ms()
        self._ended.set()
        if self._running is not None:
            self._running.end_input()

    def report(self) -> None:
        if self._running is not None:
            self._report(self._running)

    # -- the members' side -----------------------------------------------------------------------

    async def _run(self) -> None:
        try:
            await self._listen()
        finally:
            self._chain.note_closed(self)

    async def _listen(self) -> None:
        async with asyncio.TaskGroup() as closing:
            member = await self._choose("")
            is_retry = False
            while member is not None:
                run, outcome = await self._listen_with(member, closing)
                if outcome.end is End.DONE:
                    return
                if outcome.end is End.DROPPED and self._may_retry(run, is_retry=is_retry):
                    _log.info("stt %s is connected to again: %s", member.name, outcome.reason)
                    is_retry = True
                    continue
                is_retry = False
                if outcome.end is End.LEFT:
                    self._tried.clear()
                else:
                    self._tried.add(member.name)
                    self._chain.health.note_failure(COMPONENT, member.name, outcome.reason)
                member = await self._choose(outcome.reason)

    async def _choose(self, reason: str) -> Member | None:
        """The next member, waited for when there is none; None when nothing is left to hear."""
        chain = self._chain
        first = chain.members[0].name
        if (member := chain.choose(self._tried)) is not None:
            chain.switch(member.name, reason or chain.health.reason(COMPONENT, first))
            return member
        chain.switch("", reason)
        while not self._ended.is_set():
            try:
                async with asyncio.timeout(POLL_EVERY_S):
                    await self._ended.wait()
            except TimeoutError:
                if (member := chain.find_well()) is not None:
                    self._tried.clear()
                    chain.switch(member.name, "works again")
                    return member
        return None

    def _may_retry(self, run: Run | None, *, is_retry: bool) -> bool:
        """Once at once, for a connection that had been working: it gave words, or had lasted.

        Again only after it came further: audio that breaks a service must not break it for ever.
        """
        if run is None:
            return False
        return run.has_settled or (not is_retry and (run.has_heard or self._has_lasted(run)))

    async def _listen_with(
        self, member: Member, closing: asyncio.TaskGroup
    ) -> tuple[Run | None, Outcome]:
        options = APIConnectOptions(max_retry=0, timeout=self._chain.timeout_s)
        try:
            stream = member.stt.stream(conn_options=options)
        # The edge to the provider's code, which may be anyone's.
        except Exception as exc:
            return None, Outcome(End.FAILED, reason_of(exc))
        self._settle_what_is_out_of_reach()
        run = self._started(member, stream)
        try:
            outcome = await _first_of(self._read(run), self._watch(run))
        except asyncio.CancelledError:
            self._running = None
            self._report(run)
            await close_stream(stream)
            raise
        self._running = None
        if run.has_heard or outcome.end in (End.DONE, End.LEFT) or self._has_lasted(run):
            self._report(run)  # who never answered was sent nothing
        closing.create_task(close_stream(stream))
        return run, outcome

    def _started(self, member: Member, stream: stt.RecognizeStream) -> Run:
        now_ms = self._clock.now_ms()
        run = Run(member, stream, self._reel.start_s, now_ms)
        for item in self._reel.items():
            run.push(item)
        self._unheard.listen_anew(now_ms)
        self._interim = None
        self._running = run
        if self._ended.is_set():
            self._ended_ms = now_ms
            run.end_input()
        return run

    def _settle_what_is_out_of_reach(self) -> None:
        """Words that were never final, and whose audio the reel has lost, are final now."""
        if self._interim is None or not self._reel.has_lost:
            return
        data = self._interim.alternatives[0]
        words = [w for w in data.words or () if sum(span_s([w])) / 2 <= self._reel.start_s]
        if words:
            start_s, end_s = span_s(words)
            text = " ".join(words)
            data = replace(data, text=text, words=words, start_time=start_s, end_time=end_s)
            self._reel.settle(end_s)
            kind = stt.SpeechEventType.FINAL_TRANSCRIPT
            self._event_ch.send_nowait(replace(self._interim, type=kind, alternatives=[data]))

    async def _read(self, run: Run) -> Outcome:
        try:
            async for event in run.stream:
                self._hear(run, event)
        # The edge to the provider's code, which may be anyone's: the chain goes on without it.
        except Exception as exc:
            may_work_again = isinstance(exc, APIError) and exc.retryable
            return Outcome(End.DROPPED if may_work_again else End.FAILED, reason_of(exc))
        if self._ended.is_set() and self._interim is None:
            return Outcome(End.DONE)
        return Outcome(End.DROPPED, "its stream ended")

    def _hear(self, run: Run, event: stt.SpeechEvent) -> None:
        if event.type is stt.SpeechEventType.RECOGNITION_USAGE:
            usage = event.recognition_usage
            if usage is not None and run.is_bounded:
                run.count(usage.audio_duration, usage.input_tokens, usage.output_tokens)
            return
        if event.type in _RESULTS:  # that somebody speaks is known without it
            self._unheard.note_event(self._clock.now_ms())
        if event.type in _RESULTS and event.alternatives:
            event = self._placed(run, event)
            run.has_heard = True
            self._chain.health.note_success(COMPONENT, run.member.name)
        self._event_ch.send_nowait(event)

    def _placed(self, run: Run, event: stt.SpeechEvent) -> stt.SpeechEvent:
        """The event with its times in the chain's stream; what it settles is settled."""
        data = _shifted(event.alternatives[0], run.base_s)
        placed = replace(event, alternatives=[data])
        if event.type is stt.SpeechEventType.FINAL_TRANSCRIPT:
            run.has_settled = True
            self._tried.clear()
            self._interim = None
            self._reel.settle(data.end_time or self._reel.end_s)
        else:
            self._interim = placed if data.text.strip() else None
        return placed

    async def _watch(self, run: Run) -> Outcome:
        while True:
            await asyncio.sleep(WATCH_EVERY_S)
            now_ms = self._clock.now_ms()
            if run.failure:
                return Outcome(End.FAILED, run.failure)
            if not run.is_bounded and self._unheard.is_too_much(now_ms):  # it has its own limits
                return Outcome(End.FAILED, "no words came of the speech")
            if run.is_late(self._ended_ms, now_ms, self._limit_ms):
                is_whole = self._interim is None
                return Outcome(End.DONE if is_whole else End.FAILED, "its last words are late")
            if self._is_between_turns(now_ms) and self._chain.find_well(before=run.member):
                return Outcome(End.LEFT, "works again")

    def _is_between_turns(self, now_ms: int) -> bool:
        return self._interim is None and self._unheard.is_quiet(now_ms) and not self._ended.is_set()

    def _has_lasted(self, run: Run) -> bool:
        return self._clock.now_ms() - run.started_ms >= self._chain.timeout_s * 1000

    def _report(self, run: Run) -> None:
        if (used := run.take_used()) is not None:
            self._chain.on_used(used)


def _shifted(data: stt.SpeechData, by_s: float) -> stt.SpeechData:
    """Times that were not given, which are zeros, stay so."""
    words: list[TimedString] = shift_words(data.words or (), by_s)
    if not data.end_time:
        return replace(data, words=words or None)
    return replace(
        data,
        start_time=data.start_time + by_s,
        end_time=data.end_time + by_s,
        words=words or None,
    )


async def _first_of(*works: Coroutine[Any, Any, Outcome]) -> Outcome:
    """The outcome of the first to end; the others are cancelled."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in works]
        done, left = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()
    return next(task.result() for task in tasks if task in done)
