"""Who is in a room: a client comes, goes, comes back, or is replaced by a newer one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from agent.codec.agreement import agree
from agent.conduct import Conduct
from agent.mouth import Mouth
from agent.outlet import Connection, Outlet
from agent.pipeline.room_audio import RoomAudio
from agent.recording import RoomRecording
from agent.views import show_progress
from sessions import protocol
from sessions.errors import InterviewEnded, ProviderUnavailable
from sessions.facts import (
    OPENED_ELSEWHERE,
    ConnectionLost,
    ConnectionResumed,
    ParticipantJoined,
    Speaker,
)
from sessions.ids import InterviewId
from sessions.ports import Clock
from sessions.protocol import CloseCode, CodecName, Recogniser, RoomState
from sessions.transcript import fold_captions


class Doorway:
    """One per room. `left_at_ms` is since when nobody is inside, None while somebody is."""

    def __init__(
        self,
        interview_id: InterviewId,
        *,
        clock: Clock,
        outlet: Outlet,
        conduct: Conduct,
        audio: RoomAudio,
        mouth: Mouth,
        state: Callable[[], RoomState],
        show_state: Callable[[], None],
        is_over: Callable[[], bool],
        recording: RoomRecording,
    ) -> None:
        self._interview_id = interview_id
        self._clock = clock
        self._outlet = outlet
        self._conduct = conduct
        self._interview = conduct.interview
        self._audio = audio
        self._mouth = mouth
        self._state = state
        self._show_state = show_state
        self._is_over = is_over
        self._recording = recording
        self._passing = asyncio.Lock()
        self._page_recognises = False
        self.recogniser = Recogniser.NONE
        self.was_entered = False
        self.left_at_ms: int | None = clock.now_ms()

    async def enter(self, connection: Connection, hello: protocol.Hello) -> None:
        """A client said hello with a valid grant. An older connection is told and closed.

        Raises ProviderUnavailable when the client needs a recogniser and there is none,
        InterviewEnded when the older connection took the interview's last words with it.
        """
        recogniser = self._audio.recogniser_for(page_recognises=hello.recognises)
        if hello.needs_recogniser and recogniser is not Recogniser.SERVER:
            raise ProviderUnavailable(
                component="speech recognition",
                provider=self._audio.recogniser_name,
                reason="this server leaves recognition to the browser, "
                "so it cannot hear speech that a program sends",
            )
        async with self._passing:  # whoever is leaving just now must be out first
            if self._outlet.connection is not None:
                older = self._outlet.connection
                older.close(CloseCode.TAKEN_OVER)
                await self._let_out(older, OPENED_ELSEWHERE)
            if self._interview.status.is_over:
                raise InterviewEnded
            self._let_in(connection, hello)

    async def leave(self, connection: Connection, reason: str) -> None:
        """The client's socket closed."""
        async with self._passing:
            await self._let_out(connection, reason)

    def choose_recogniser(self) -> Recogniser:
        """Who recognises the client's speech, now that a provider has come or gone."""
        before = self.recogniser
        self._use_recogniser()
        if self.recogniser is not before:
            self._outlet.send(protocol.Recognition(by=self.recogniser))
        return self.recogniser

    def _use_recogniser(self) -> None:
        self.recogniser = self._audio.recogniser_for(page_recognises=self._page_recognises)
        self._interview.is_written = self.recogniser is Recogniser.NONE
        self._audio.use(self.recogniser)

    def _let_in(self, connection: Connection, hello: protocol.Hello) -> None:
        now_ms = self._clock.now_ms()
        self._page_recognises = hello.recognises
        self._use_recogniser()
        self._outlet.connection = connection
        uplink, downlink = agree(hello)
        self._recording.begin_if_agreed(self._conduct.facts)
        self._audio.client_began(hello, downlink)
        connection.send(self._welcome(now_ms, uplink, downlink))
        left_at_ms, self.left_at_ms = self.left_at_ms, None
        if self.was_entered and left_at_ms is not None:
            gap_ms = now_ms - left_at_ms
            self._conduct.feed(ConnectionResumed(at_ms=now_ms, gap_ms=gap_ms))
        else:
            self.was_entered = True
            self._conduct.feed(
                ParticipantJoined(at_ms=now_ms, speaker=Speaker.CANDIDATE, client=hello.client)
            )
        self._show_state()

    async def _let_out(self, connection: Connection, reason: str) -> None:
        if self._outlet.connection is not connection:
            return
        self._outlet.connection = None
        if self._is_over():
            return
        self.left_at_ms = now_ms = self._clock.now_ms()
        self._audio.speaker.abandon()
        await self._mouth.hush(self._audio.speaker)
        if not self._is_over():
            self._conduct.feed(ConnectionLost(at_ms=now_ms, reason=reason))

    def _welcome(self, now_ms: int, uplink: CodecName, downlink: CodecName) -> protocol.Welcome:
        return protocol.Welcome(
            v=protocol.VERSION,
            interview_id=self._interview_id,
            state=self._state(),
            recogniser=self.recogniser,
            keeps_fillers=self._audio.keeps_fillers,
            consented=self._interview.has_consent,
            playback_rate_hz=protocol.PLAYBACK_RATE_HZ,
            uplink=uplink,
            downlink=downlink,
            is_recorded=self._is_recorded(),
            progress=show_progress(self._interview, now_ms),
            question=self._conduct.shown_question,
            captions=fold_captions(self._conduct.facts),
            feedback=self._conduct.feedback(),
        )

    def _is_recorded(self) -> bool:
        if not self._interview.has_consent:
            return self._recording.is_offered
        return self._recording.is_running
