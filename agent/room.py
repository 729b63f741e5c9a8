"""One interview's room: its connections come and go, it stays until the interview is over."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from agent.barge_in import Barge
from agent.conduct import Conduct, rules_of
from agent.doorway import Doorway
from agent.failovers import Failovers
from agent.hearing import Heard
from agent.interviewer.port import Scene
from agent.judging import RoomJudge
from agent.load import LoadWatch
from agent.mouth import Mouth
from agent.outlet import Connection, Outlet
from agent.pipeline.listener import Listening
from agent.pipeline.room_audio import RoomAudio, Watching
from agent.providers.shared import Providers
from agent.recorder.studio import Studio
from agent.recording import RoomRecording
from agent.scribe import Scribe
from agent.sign import Sign
from agent.turns.overlap import is_backchannel, is_echo
from agent.turns.turns import Turns
from agent.usage import UsageMeter
from agent.utterance import Utterance, numbers_before
from agent.views import show_failure, show_saving
from sessions import protocol
from sessions.errors import MessageInvalid
from sessions.facts import (
    CompletionReason,
    ConsentGiven,
    Intent,
    IntentRecognised,
    InterviewCompleted,
    InterviewerSpoke,
    InterviewPaused,
    InterviewResumed,
    KeyPointFinding,
    Move,
    Numbered,
    RecordingStored,
    RoomClosed,
    RoomOpened,
    UsageCounted,
)
from sessions.ids import InterviewId
from sessions.interview import Judge, Say
from sessions.lifecycle import Status
from sessions.plan import Patience, PlanRequest, planned_minutes
from sessions.ports import Bus, Clock, Journal
from sessions.protocol import CloseCode, Recogniser
from sessions.settings import Settings

TICK_S = 0.5
LAST_WRITE_S = 10.0
USAGE_EVERY_MS = 60_000
KEPT_IDS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomServices:
    """What the rooms of a process share. `gateway` names the process that holds them."""

    settings: Settings
    clock: Clock
    journal: Journal
    bus: Bus
    providers: Providers
    gateway: str
    spill_dir: Path
    load: LoadWatch
    studio: Studio | None = None
    """Where recordings are made; None when none are."""


class Room:
    """`run()` lives as long as the room; `enter`, `leave`, `handle`, `hear_audio` are the
    gateway's. Raises InterviewEnded when the journal says that the interview is over."""

    def __init__(
        self, interview_id: InterviewId, journal: Sequence[Numbered], services: RoomServices
    ) -> None:
        settings = services.settings
        self.interview_id = interview_id
        self._settings = settings
        self._clock = services.clock
        self._outlet = Outlet()
        self._over = asyncio.Event()
        self._gone = asyncio.Event()
        self._close_code = CloseCode.ENDED
        self._scribe = Scribe(
            services.journal,
            services.bus,
            interview_id,
            after_seq=journal[-1].seq if journal else 0,
            spill_dir=services.spill_dir,
            on_away=lambda is_away: self._outlet.send(show_saving(is_away=is_away)),
        )
        self._usage = UsageMeter(settings.costs)
        self._judge = RoomJudge(
            services.providers.judge,
            on_used=self._usage.add,
            on_judged=self._take_judgement,
        )
        self._conduct = Conduct(
            [numbered.fact for numbered in journal],
            clock=self._clock,
            outlet=self._outlet,
            scribe=self._scribe,
            rules=rules_of(settings.interview),
            say=self._say,
            judge=self._judge.ask,
            on_over=self._over.set,
            last_facts=self._take_usage,
        )
        self._interview = self._conduct.interview
        self._failovers = Failovers(
            clock=self._clock,
            outlet=self._outlet,
            conduct=self._conduct,
            choose_recogniser=lambda: self._doorway.choose_recogniser(),
        )
        self._mouth = Mouth(
            clock=self._clock,
            outlet=self._outlet,
            interviewer=services.providers.interviewer.for_room(
                partial(self._failovers.note_switch, "interviewer"), self._usage.add
            ),
            scene=self._scene,
            on_begin=self._begin_utterance,
            on_spoken=self._note_spoken,
            on_change=lambda: self._sign.show(),
            spoken_before=numbers_before(self._conduct.facts),
        )
        self._sign = Sign(self._outlet, self._conduct, self._mouth)
        self._recording = RoomRecording(
            interview_id,
            services.studio,
            self._clock,
            record=self._conduct.record,
            on_failure=lambda: self._outlet.send(show_failure("recording")),
        )
        self._audio = RoomAudio(
            settings.speech,
            services.providers,
            self._outlet,
            self._clock,
            turns=_turns(self._interview.patience, self._conduct.request),
            listening=Listening(
                is_ignored=self._is_ignored,
                on_words=self._show_words,
                on_speech=self._notice_speech,
                on_barge=self._barge,
                on_turn=self._end_turn,
                on_settled=self._keep_settled,
                on_failure=lambda reason: self._failovers.note_failure(
                    "stt", self._audio.recogniser_name, reason
                ),
            ),
            watching=Watching(
                on_switch=self._failovers.note_switch,
                on_failure=self._failovers.note_failure,
                on_used=self._usage.add,
            ),
            show_sentence=self._mouth.show_sentence,
            on_heard=self._recording.hear,
            on_played=self._recording.speak,
        )
        self._doorway = Doorway(
            interview_id,
            clock=self._clock,
            outlet=self._outlet,
            conduct=self._conduct,
            audio=self._audio,
            mouth=self._mouth,
            state=lambda: self._sign.state,
            show_state=self._sign.show_anew,
            is_over=self._over.is_set,
            recording=self._recording,
        )
        self._typed_ids: deque[str] = deque(maxlen=KEPT_IDS)
        self._is_goodbye_said = False
        self._paused_at_ms: int | None = None
        if self._interview.status is Status.PAUSED:
            self._paused_at_ms = self._clock.now_ms()
        self._conduct.feed(
            RoomOpened(
                at_ms=self._clock.now_ms(),
                gateway=services.gateway,
                recogniser=self._audio.recogniser_name,
                keeps_fillers=self._audio.keeps_fillers,
                voice=f"{settings.speech.tts[0]}:{settings.speech.voice}",
                interviewer=settings.interview.interviewer[0],
            )
        )

    # -- life ------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until the interview is over, nobody comes back, or `close` is called.

        Raises an ExceptionGroup with JournalConflict when another room took the interview over.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                writing = tasks.create_task(self._scribe.run())
                listening = tasks.create_task(self._audio.listener.run())
                await self._audio.start()
                speaking = tasks.create_task(self._mouth.run(self._audio.speaker))
                working = [
                    tasks.create_task(self._tick()),
                    tasks.create_task(self._audio.listener.end_turns()),
                    tasks.create_task(self._judge.run()),
                ]
                await self._over.wait()
                for task in (*working, listening, speaking):
                    task.cancel()
                # The report is whole when the page asks for it; the recording may take longer.
                self._scribe.once_written(self._say_goodbye)
                if (stored := await self._recording.finish()) is not None:
                    self._conduct.record(stored)
                    if isinstance(stored, RecordingStored):
                        self._scribe.once_written(self._recording.release)
                self._scribe.close()
                await asyncio.wait([writing], timeout=LAST_WRITE_S)
                writing.cancel()  # with the journal away still: the spill file has the facts
                self._say_goodbye()
        except BaseException:
            self._close_code = CloseCode.FAILED
            self._recording.abandon()
            raise
        finally:
            self._over.set()
            if self._outlet.connection is not None:
                self._outlet.connection.close(self._close_code)
                self._outlet.connection = None  # what stops speaking now has nobody to tell
            try:
                await self._audio.close()
            finally:
                self._gone.set()

    async def wait_until_gone(self, limit_s: float) -> None:
        """Until `run` is over, but no longer than the limit."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._gone.wait()

    def close(self, reason: str) -> None:
        """Let the room go in order; the interview can be resumed in another."""
        if not self._over.is_set():
            self._keep_running_turn()
            self._close_code = CloseCode.SHUTTING_DOWN
            self._conduct.feed(RoomClosed(at_ms=self._clock.now_ms(), reason=reason))
            self._over.set()

    @property
    def was_entered(self) -> bool:
        return self._doorway.was_entered

    @property
    def is_over(self) -> bool:
        return self._over.is_set()

    async def _tick(self) -> None:
        limits = self._settings.agent
        counted_ms = self._clock.now_ms()
        while True:
            await asyncio.sleep(TICK_S)
            now_ms = self._clock.now_ms()
            self._audio.look_for_recogniser()
            self._recording.tick(now_ms)
            if now_ms - counted_ms >= USAGE_EVERY_MS:
                counted_ms = now_ms
                for used in self._take_usage():
                    self._conduct.record(used)
            if _is_past(self._doorway.left_at_ms, limits.reconnect_s, now_ms):
                self.close("nobody came back")
            elif _is_past(self._paused_at_ms, limits.abandon_after_s, now_ms):
                self.close("paused for too long")
            elif not self._mouth.is_busy:
                self._conduct.carry_out(self._interview.tick(now_ms))

    def _say_goodbye(self) -> None:
        if self._is_goodbye_said:
            return
        self._is_goodbye_said = True
        for fact in reversed(self._conduct.facts):
            if isinstance(fact, InterviewCompleted):
                path = f"/interviews/{self.interview_id}/report"
                self._outlet.send(protocol.Ended(reason=fact.reason, report_path=path))
                return

    # -- who is in the room ----------------------------------------------------------------------

    async def enter(self, connection: Connection, hello: protocol.Hello) -> None:
        """See Doorway.enter."""
        await self._doorway.enter(connection, hello)

    async def leave(self, connection: Connection, reason: str) -> None:
        """The client's socket closed. The room stays for `agent.reconnect_s`."""
        await self._doorway.leave(connection, reason)

    def _say(self, say: Say) -> None:
        self._mouth.say(say)

    def _begin_utterance(self, say: Say) -> None:
        self._audio.listener.utterance_begins()
        self._conduct.show_asked(say)

    # -- what the client sends -------------------------------------------------------------------

    def hear_audio(self, frame: protocol.AudioFrame) -> None:
        """Nothing is listened to before consent, or in a pause."""
        self._audio.note_frame()
        if self._interview.status is Status.IN_PROGRESS:
            self._audio.push(frame)

    async def handle(self, message: protocol.ClientMessage) -> None:
        """Raises MessageInvalid for a message that does not fit the room's state."""
        match message:
            case protocol.Played():
                self._audio.speaker.note_played(message)
            case protocol.Consent():
                self._consent(message)
            case protocol.Pause() | protocol.Resume():
                await self._pause(is_paused=isinstance(message, protocol.Pause))
            case protocol.End():
                await self._end()
            case protocol.Ping():
                self._outlet.send(protocol.Pong(t=message.t, server_ms=self._clock.now_ms()))
            case protocol.Hello():
                raise MessageInvalid("hello: it was said already on this socket.")
            case protocol.Composing():
                self._interview.notice_writing(is_writing=message.on, now_ms=self._clock.now_ms())
            case protocol.Muted():
                pass  # silence comes over the wire; there is nothing to do
            case protocol.Typed() | protocol.Speech() | protocol.Ask():
                await self._handle_words(message)

    async def _handle_words(self, message: protocol.Typed | protocol.Speech | protocol.Ask) -> None:
        if self._interview.status is not Status.IN_PROGRESS:
            status = self._interview.status.value.replace("_", " ")
            raise MessageInvalid(
                f"{message.type}: the interview is {status}; begin or resume it first."
            )
        match message:
            case protocol.Typed() if not message.text.strip():
                raise MessageInvalid("typed: there is nothing in it.")
            case protocol.Typed():
                if message.id not in self._typed_ids:
                    self._typed_ids.append(message.id)
                    self._keep_running_turn()
                    await self._hush_for_turn()
                    heard = Heard.typed(message.text.strip(), now_ms=self._clock.now_ms())
                    self._take_turn(heard, "typed")
            case protocol.Speech() if self._doorway.recogniser is Recogniser.BROWSER:
                await self._audio.hear_page(message)
            case protocol.Speech():
                raise MessageInvalid("speech: this room does not take the page's recognition.")
            case protocol.Ask():
                await self._oblige(Intent(message.what))

    def _consent(self, message: protocol.Consent) -> None:
        if self._interview.has_consent:
            return
        self._conduct.feed(
            ConsentGiven(
                at_ms=self._clock.now_ms(),
                text_version=message.text_version,
                transcript=message.transcript,
                recording=message.recording,
            )
        )
        self._recording.begin_if_agreed(self._conduct.facts)
        self._sign.show()

    async def _pause(self, *, is_paused: bool) -> None:
        now_ms = self._clock.now_ms()
        if is_paused and self._interview.status is Status.IN_PROGRESS:
            self._keep_running_turn()
            await self._mouth.hush(self._audio.speaker)
            if not self._interview.status.is_over:
                self._paused_at_ms = now_ms
                self._conduct.feed(InterviewPaused(at_ms=now_ms))
        elif not is_paused and self._interview.status is Status.PAUSED:
            self._paused_at_ms = None
            self._conduct.feed(InterviewResumed(at_ms=now_ms))
        self._sign.show()

    async def _end(self) -> None:
        if not self._interview.has_consent:
            raise MessageInvalid("end: the interview has not begun; just close the page.")
        self._keep_running_turn()
        await self._mouth.hush(self._audio.speaker)
        if not self._interview.status.is_over:
            reason = CompletionReason.ENDED_BY_CANDIDATE
            self._conduct.feed(InterviewCompleted(at_ms=self._clock.now_ms(), reason=reason))

    async def _oblige(self, intent: Intent) -> None:
        if intent is Intent.SKIP:
            self._keep_running_turn()
        await self._mouth.hush(self._audio.speaker)
        if not self._interview.status.is_over:
            self._conduct.feed(IntentRecognised(at_ms=self._clock.now_ms(), turn=0, intent=intent))
        self._sign.show()

    # -- what is heard ---------------------------------------------------------------------------

    async def _end_turn(self) -> None:
        """The session found the candidate's turn to be over."""
        if not self._audio.has_turn:
            return
        self._sign.show_thinking()
        await self._hush_for_turn()  # a pause or an end that comes meanwhile keeps the words
        heard = self._audio.take_turn()
        if heard is not None:
            self._take_turn(heard, self._audio.recogniser_name)

    async def _hush_for_turn(self) -> None:
        if not self._mouth.is_closing:  # cut off, the last words would end the interview
            await self._mouth.hush(self._audio.speaker)

    def _take_turn(self, heard: Heard, recogniser: str) -> None:
        if self._interview.status is not Status.IN_PROGRESS or self._mouth.is_closing:
            if not self._over.is_set():
                self._conduct.keep_answer(heard, recogniser)
            return
        self._conduct.take_answer(heard, recogniser)
        self._sign.show()

    def _take_judgement(
        self, judge: Judge, name: str, findings: tuple[KeyPointFinding, ...]
    ) -> None:
        self._conduct.take_judgement(judge, name, findings)
        self._sign.show()

    def _barge(self, barge: Barge) -> None:
        """The candidate's voice, or words, over the interviewer's."""
        is_unheard = self._doorway.recogniser is Recogniser.NONE  # then no words will ever follow
        if barge is Barge.RESUME or not (self._mouth.is_closing or is_unheard):
            self._audio.speaker.act(barge)

    def _note_spoken(self, spoken: InterviewerSpoke) -> None:
        self._audio.listener.utterance_is_over(spoken.move)
        if spoken.move is Move.CLOSE:
            self._keep_running_turn()  # what is being said into the last words
        self._conduct.feed(spoken)

    def _keep_running_turn(self) -> None:
        heard = self._audio.take_turn()
        if heard is not None:
            self._conduct.keep_answer(heard, self._audio.recogniser_name)

    def _keep_settled(self, heard: Heard) -> None:
        self._conduct.keep_answer(heard, self._audio.recogniser_name)

    def _is_ignored(self, text: str) -> bool:
        if self._interview.status is not Status.IN_PROGRESS:
            return True
        spoken = self._mouth.current
        return spoken is not None and (is_backchannel(text) or is_echo(text, spoken.text))

    def _show_words(self, heard: Heard) -> None:
        self._conduct.show_words(heard, self._audio.recogniser_name)

    def _notice_speech(self, is_speaking: bool) -> None:
        self._interview.notice_speech(is_speaking=is_speaking, now_ms=self._clock.now_ms())
        self._outlet.send(protocol.Level(rms=self._audio.level, is_speech=is_speaking))

    def _take_usage(self) -> list[UsageCounted]:
        self._audio.report_usage()
        return self._usage.taken(self._clock.now_ms())

    # -- what is shown ---------------------------------------------------------------------------

    def _scene(self, utterance: Utterance) -> Scene:
        return Scene(
            request=self._conduct.request,
            index=self._interview.index,
            total=len(self._interview.questions),
            planned_minutes=planned_minutes(self._interview.questions),
            skipped=self._interview.skipped,
            utterance=utterance.number,
        )


def _is_past(since_ms: int | None, limit_s: float, now_ms: int) -> bool:
    return since_ms is not None and now_ms - since_ms > limit_s * 1000


def _turns(patience: Patience, request: PlanRequest) -> Turns:
    return Turns(patience, request.type, language=request.language)
