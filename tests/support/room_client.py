"""A client of a room without a socket between them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Any, TypeVar

from agent.playhead import Playhead
from agent.room import Room
from agent.rooms import Rooms
from sessions.facts import Move
from sessions.ids import InterviewId
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
    Say,
    SayEnd,
    ServerMessage,
    Speech,
    State,
    Typed,
)
from tests.support.interviews import INTERVIEW
from tests.support.polling import eventually

LIMIT_S = 8.0

_NUMBERS = count(1)
"""For the ids of messages: no two of a run are the same."""

_Kind = TypeVar("_Kind", bound=Any)


class Client:
    """agent.outlet.Connection in the process. It plays everything at once and says so, or, while
    it does not `plays`, later."""

    def __init__(self, *, recognises: bool = False, plays: bool = True) -> None:
        self.hello = Hello(v=VERSION, token="-", client="test", recognises=recognises)
        self.sent: list[ServerMessage] = []
        self.audio: list[AudioFrame] = []
        self.close_code: CloseCode | None = None
        self._is_playing = asyncio.Event()
        self.plays = plays
        self._playhead = Playhead(is_real_time=False)
        self._changed = asyncio.Event()
        self._since = 0
        self._room: Room | None = None

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

    @property
    def plays(self) -> bool:
        return self._is_playing.is_set()

    @plays.setter
    def plays(self, plays: bool) -> None:
        if plays:
            self._is_playing.set()
        else:
            self._is_playing.clear()

    async def enter(self, rooms: Rooms, interview_id: InterviewId = INTERVIEW) -> None:
        self.rooms = rooms
        self._room = await rooms.enter(interview_id, self, self.hello)

    async def acknowledge(self) -> None:
        """Until cancelled."""
        async for played in self._playhead.reports():
            await self._is_playing.wait()
            if not self.room.is_over:
                await self.room.handle(played)

    async def do(self, message: ClientMessage) -> None:
        """Send a message; `until` then looks at what came after it."""
        self.look_from_here()
        await self.room.handle(message)

    async def consent(self) -> None:
        await self.do(Consent(text_version="test", transcript=True))

    def speak_into_the_microphone(self, duration_ms: int) -> None:
        """Something loud that is no speech."""
        for start_ms in range(0, duration_ms, 40):
            pcm = bytes((0, 64)) * (16_000 * 40 // 1000)
            self.room.hear_audio(AudioFrame(16_000, 0, start_ms // 40, start_ms, pcm))

    async def type(self, text: str, id: str = "") -> None:
        await self.do(Typed(id=id or f"line-{next(_NUMBERS)}", text=text))

    async def recognise(
        self, text: str, *, final: bool = True, start_ms: int = 0, end_ms: int = 0
    ) -> None:
        """A result of the page's recogniser."""
        await self.do(
            Speech(
                id=f"speech-{next(_NUMBERS)}",
                final=final,
                text=text,
                start_ms=start_ms,
                end_ms=end_ms,
            )
        )

    def look_from_here(self) -> None:
        """`until` looks at what comes from now on."""
        self._since = len(self.sent)

    @property
    def since(self) -> list[ServerMessage]:
        """What came since the last `do`."""
        return self.sent[self._since :]

    def all(self, kind: type[_Kind]) -> list[_Kind]:
        return [message for message in self.sent if isinstance(message, kind)]

    async def until(
        self, kind: type[_Kind], claim: Callable[[_Kind], bool] = lambda _: True
    ) -> _Kind:
        """The first message of a kind since the last `do` that the claim holds of."""
        while True:
            for message in self.since:
                if isinstance(message, kind) and claim(message):
                    return message
            self._changed.clear()
            try:
                async with asyncio.timeout(LIMIT_S):
                    await self._changed.wait()
            except TimeoutError:
                came = "\n".join(repr(message) for message in self.since)
                raise AssertionError(f"no such {kind.__name__} came, but:\n{came}") from None

    async def until_true(self, claim: Callable[[], bool]) -> None:
        async def is_true() -> bool:
            return claim()

        await eventually(is_true, limit_s=LIMIT_S)

    async def until_listening(self) -> None:
        """The interviewer has said what it wanted to say."""
        await self.until(State, lambda message: message.state is RoomState.LISTENING)

    async def until_closed(self) -> CloseCode:
        async with asyncio.timeout(LIMIT_S):
            while self.close_code is None:
                self._changed.clear()
                await self._changed.wait()
        return self.close_code

    @property
    def spoken_moves(self) -> list[Move]:
        """What was begun to be said since the last `do`, in order."""
        moves: dict[int, Move] = {}
        for message in self.since:
            if isinstance(message, Say):
                moves.setdefault(message.utterance, message.move)
        return list(moves.values())
