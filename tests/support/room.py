"""Rooms without sockets: what they need from the world, made up, and a client in the process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Never, TypeVar

from livekit.agents import APIConnectOptions, APIError, APITimeoutError, stt, tts, utils
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, NotGivenOr

from agent.interviewer.scripted import ScriptedInterviewer
from agent.playhead import Playhead
from agent.room import Room, RoomServices
from agent.rooms import Rooms
from sessions.facts import Fact, InterviewCompleted
from sessions.ids import InterviewId
from sessions.infra.bus_memory import MemoryBus
from sessions.infra.journal_memory import MemoryJournal
from sessions.plan import Question
from sessions.ports import Bus, Clock, Journal
from sessions.protocol import (
    VERSION,
    AudioFrame,
    Clear,
    ClientMessage,
    CloseCode,
    Consent,
    Hello,
    Hold,
    RoomState,
    SayEnd,
    ServerMessage,
    Speech,
    State,
    Typed,
)
from sessions.settings import AgentSettings, SecuritySettings, Settings, SpeechSettings
from tests.support.clock import FakeClock
from tests.support.interviews import INTERVIEW, made_question, planned
from tests.support.polling import eventually

LIMIT_S = 8.0
RATE_HZ = 24_000
MS_PER_CHARACTER = 20
"""How long the made-up voice takes to say a character; about three times as fast as a person."""

_Kind = TypeVar("_Kind", bound=Any)

# -- a voice -------------------------------------------------------------------------------------


class SilentTTS(tts.TTS[Never]):
    """Says every sentence at once, in silence. `answers` are what the next attempts do instead:
    an exception is raised, a number of seconds is waited; when they are used up, all is well."""

    keeps_time = True
    """Whether it gives up by itself when its time is over."""

    def __init__(
        self, speech: SpeechSettings | None = None, *, answers: Sequence[Exception | float] = ()
    ) -> None:
        del speech  # how a class path is called
        super().__init__(
            capabilities=tts.TTSCapabilities(streaming=False),
            sample_rate=RATE_HZ,
            num_channels=1,
        )
        self.answers = list(answers)
        self.attempts: list[str] = []
        self.is_closed = False

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> SilentStream:
        return SilentStream(voice=self, text=text, conn_options=conn_options)

    async def aclose(self) -> None:
        self.is_closed = True


class SilentStream(tts.ChunkedStream):
    def __init__(self, *, voice: SilentTTS, text: str, conn_options: APIConnectOptions) -> None:
        super().__init__(tts=voice, input_text=text, conn_options=conn_options)
        self._voice = voice
        self._limit_s = conn_options.timeout if voice.keeps_time else None

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        self._voice.attempts.append(self.input_text)
        answer = self._voice.answers.pop(0) if self._voice.answers else 0.0
        if isinstance(answer, Exception):
            raise answer
        try:
            async with asyncio.timeout(self._limit_s):
                await asyncio.sleep(answer)
        except TimeoutError as exc:
            raise APITimeoutError from exc
        output_emitter.initialize(
            request_id=utils.shortuuid(),
            sample_rate=RATE_HZ,
            num_channels=1,
            mime_type="audio/pcm",
        )
        audio_ms = len(self.input_text) * MS_PER_CHARACTER
        output_emitter.push(bytes(RATE_HZ * audio_ms // 1000 * 2))


class DeadTTS(SilentTTS):
    """Never says anything."""

    def __init__(self, speech: SpeechSettings) -> None:
        super().__init__(speech, answers=[APIError("no voice", retryable=False)] * 100)


class BrokenTTS(SilentTTS):
    """Raises what no provider should."""

    def __init__(self, speech: SpeechSettings) -> None:
        super().__init__(speech, answers=[ValueError("a mistake of the provider's")] * 100)


class StalledTTS(SilentTTS):
    """Takes every sentence, is never done with it, and never gives it up."""

    keeps_time = False

    def __init__(self, speech: SpeechSettings) -> None:
        super().__init__(speech, answers=[60.0] * 100)


# -- a recogniser --------------------------------------------------------------------------------


class DeafSTT(stt.STT[Never]):
    """A recogniser of the server's that hears nothing, and fails with `failure` if it has one."""

    keeps_fillers = True
    failure: Exception | None = None

    def __init__(self, speech: SpeechSettings) -> None:
        del speech
        super().__init__(capabilities=stt.STTCapabilities(streaming=True, interim_results=True))

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> DeafStream:
        del language
        return DeafStream(stt=self, conn_options=conn_options, failure=self.failure)

    async def _recognize_impl(
        self,
        buffer: utils.AudioBuffer,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions,
    ) -> stt.SpeechEvent:
        raise NotImplementedError


class DeafStream(stt.RecognizeStream):
    def __init__(
        self, *, stt: DeafSTT, conn_options: APIConnectOptions, failure: Exception | None
    ) -> None:
        super().__init__(stt=stt, conn_options=conn_options)
        self._failure = failure

    async def _run(self) -> None:
        if self._failure is not None:
            raise self._failure
        async for _ in self._input_ch:
            pass


class RefusedSTT(DeafSTT):
    failure = APIError("the key is not accepted", retryable=False)


class BrokenSTT(DeafSTT):
    """Raises what no provider should."""

    failure = ValueError("a mistake of the provider's")


# -- the world -----------------------------------------------------------------------------------


def made_settings(
    *,
    stt: str = "browser",
    tts: type[SilentTTS] = SilentTTS,
    tts_timeout_s: float = 2.0,
    max_rooms: int = 10,
) -> Settings:
    return Settings(
        agent=AgentSettings(port=0, max_rooms=max_rooms, reconnect_s=30, abandon_after_s=60),
        speech=SpeechSettings(
            stt=stt, tts=f"{__name__}:{tts.__name__}", tts_timeout_s=tts_timeout_s
        ),
        security=SecuritySettings(),
    )


@dataclass
class World:
    """What outlives a process: its journal, bus, clock and folder."""

    spill_dir: Path
    settings: Settings = field(default_factory=made_settings)
    journal: Journal = field(default_factory=MemoryJournal)
    bus: Bus = field(default_factory=MemoryBus)
    clock: Clock = field(default_factory=FakeClock)

    async def plan(
        self, *questions: Question, interview_id: InterviewId = INTERVIEW
    ) -> InterviewId:
        """An interview in the journal, of two questions when none are given."""
        chosen = questions or (made_question(1), made_question(2))
        fact = planned(chosen, at_ms=self.clock.now_ms())
        await self.journal.append(interview_id, [fact], after_seq=0)
        return interview_id

    def services(self, gateway: str = "here:8081") -> RoomServices:
        return RoomServices(
            settings=self.settings,
            clock=self.clock,
            journal=self.journal,
            bus=self.bus,
            interviewer=ScriptedInterviewer(self.settings.interview),
            gateway=gateway,
            spill_dir=self.spill_dir,
        )

    @asynccontextmanager
    async def open_rooms(self, gateway: str = "here:8081") -> AsyncGenerator[Rooms]:
        """The rooms of one process, closed in order at the end."""
        rooms = Rooms(self.services(gateway))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(rooms.run())
            try:
                yield rooms
            finally:
                rooms.close()

    async def facts(self, interview_id: InterviewId = INTERVIEW) -> list[Fact]:
        return [numbered.fact for numbered in await self.journal.read(interview_id)]

    async def kinds(self, interview_id: InterviewId = INTERVIEW) -> list[str]:
        return [type(fact).__name__ for fact in await self.facts(interview_id)]

    async def until_fact(
        self, kind: type[_Kind], interview_id: InterviewId = INTERVIEW, *, count: int = 1
    ) -> _Kind:
        """The `count`th fact of a kind in the journal, waited for."""
        found: list[_Kind] = []

        async def is_there() -> bool:
            facts = await self.facts(interview_id)
            found[:] = [fact for fact in facts if isinstance(fact, kind)]
            return len(found) >= count

        await eventually(is_there, limit_s=LIMIT_S)
        return found[count - 1]


# -- a client ------------------------------------------------------------------------------------


class Client:
    """agent.outlet.Connection in the process. It plays everything at once, and says so, unless
    it does not `play`; then `played` says it for the test."""

    def __init__(self, *, recognises: bool = False, plays: bool = True) -> None:
        self.hello = Hello(v=VERSION, token="-", client="test", recognises=recognises)
        self.sent: list[ServerMessage] = []
        self.audio: list[AudioFrame] = []
        self.close_code: CloseCode | None = None
        self._plays = plays
        self._playhead = Playhead(is_real_time=False)
        self._changed = asyncio.Event()
        self._since = 0
        self._room: Room | None = None
        self._spoken = 0

    # -- as the room sees it

    def send(self, message: ServerMessage) -> None:
        assert self.close_code is None, "nothing is sent to a client that was closed"
        self.sent.append(message)
        match message:
            case SayEnd():
                self._playhead.end(message.utterance, message.audio_ms)
            case Clear():
                self._playhead.clear(message.utterance)
            case Hold():
                self._playhead.hold(message.utterance, is_held=message.on)
            case _:
                pass
        self._changed.set()

    def send_audio(self, data: bytes) -> None:
        frame = AudioFrame.from_bytes(data)
        self.audio.append(frame)
        self._playhead.receive(frame)
        self._changed.set()

    def close(self, code: CloseCode) -> None:
        self.close_code = code
        self._changed.set()

    # -- as a test drives it

    @property
    def room(self) -> Room:
        assert self._room is not None
        return self._room

    async def enter(self, rooms: Rooms, interview_id: InterviewId = INTERVIEW) -> None:
        self._room = await rooms.enter(interview_id, self, self.hello)

    async def acknowledge(self) -> None:
        """Until cancelled."""
        async for played in self._playhead.reports():
            if self._plays and not self.room.is_over:
                await self.room.handle(played)

    async def do(self, message: ClientMessage) -> None:
        """Send a message; `until` then looks at what came after it."""
        self._since = len(self.sent)
        await self.room.handle(message)

    async def consent(self) -> None:
        await self.do(Consent(text_version="test", transcript=True))

    async def type(self, text: str, id: str = "") -> None:
        self._spoken += 1
        await self.do(Typed(id=id or f"line-{self._spoken}", text=text))

    async def recognise(
        self, text: str, *, final: bool = True, start_ms: int = 0, end_ms: int = 0
    ) -> None:
        """A result of the page's recogniser."""
        if final:
            self._spoken += 1
        await self.do(
            Speech(
                id=f"speech-{self._spoken}",
                final=final,
                text=text,
                start_ms=start_ms,
                end_ms=end_ms,
            )
        )

    def all(self, kind: type[_Kind]) -> list[_Kind]:
        return [message for message in self.sent if isinstance(message, kind)]

    async def until(
        self, kind: type[_Kind], claim: Callable[[_Kind], bool] = lambda _: True
    ) -> _Kind:
        """The first message of a kind since the last `do` that the claim holds of."""
        while True:
            for message in self.sent[self._since :]:
                if isinstance(message, kind) and claim(message):
                    return message
            self._changed.clear()
            try:
                async with asyncio.timeout(LIMIT_S):
                    await self._changed.wait()
            except TimeoutError:
                came = "\n".join(repr(message) for message in self.sent[self._since :])
                raise AssertionError(f"no such {kind.__name__} came, but:\n{came}") from None

    async def until_listening(self) -> None:
        """The interviewer has said what it wanted to say."""
        await self.until(State, lambda message: message.state is RoomState.LISTENING)

    async def until_closed(self) -> CloseCode:
        async with asyncio.timeout(LIMIT_S):
            while self.close_code is None:
                self._changed.clear()
                await self._changed.wait()
        return self.close_code


@asynccontextmanager
async def visit(
    rooms: Rooms,
    interview_id: InterviewId = INTERVIEW,
    *,
    recognises: bool = False,
    plays: bool = True,
) -> AsyncGenerator[Client]:
    """A client in the room, for as long as the block runs; then its socket is closed."""
    client = Client(recognises=recognises, plays=plays)
    await client.enter(rooms, interview_id)
    async with asyncio.TaskGroup() as tasks:
        playing = tasks.create_task(client.acknowledge())
        try:
            yield client
        finally:
            playing.cancel()
            await client.room.leave(client, "the socket closed")


def is_completed(facts: Sequence[Fact]) -> bool:
    return any(isinstance(fact, InterviewCompleted) for fact in facts)
