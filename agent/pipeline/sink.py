"""The interviewer's audio, from the session to the client's socket. The client owns the playhead.

The sink sends at most `AHEAD_MS` more than the client says it has played, starts and ends a
segment when the client says so, and tells the session which words were heard. A client that
stops answering cannot hang the session: each wait for it has a limit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from livekit import rtc
from livekit.agents.voice import io

from agent.codec.opus import OpusEncoder
from agent.outlet import Outlet
from agent.utterance import Utterance
from sessions.opus_packet import CLOCK_HZ
from sessions.ports import Clock
from sessions.protocol import PLAYBACK_RATE_HZ, AudioFrame, Clear, CodecName, Hold, SayEnd

AHEAD_MS = 1_500
CLEAR_LIMIT_S = 0.4  # how long the client has to say where it stopped
DONE_LIMIT_S = 5.0  # after the audio must have been played, the client is taken to have played it
HELD_MS = 250  # news of the playhead may be so late without the playback having stopped
STALL_LIMIT_S = 6.0  # without any word from the client while its buffer is full


class SocketAudioOutput(io.AudioOutput):
    def __init__(
        self, outlet: Outlet, clock: Clock, *, on_played: Callable[[bytes, int], None] | None = None
    ) -> None:
        """`on_played(pcm, starts_at_ms)` gets what the client has played, and when it began to."""
        super().__init__(
            label="socket",
            # The session calls `resume` as each utterance begins: `hold` is not to be undone by it.
            capabilities=io.AudioOutputCapabilities(pause=True),
            sample_rate=PLAYBACK_RATE_HZ,
        )
        self._outlet = outlet
        self._on_played = on_played
        self._unplayed = bytearray()
        self._played_until_ms = 0
        """Epoch ms when what was played so far came to its end."""
        self._clock = clock
        self._utterance: Utterance | None = None
        self._sequence = 0
        self._sent_ms = 0.0
        self._framed_ms = 0.0
        """Where the next frame begins: Opus packets are whole a little later."""
        self._is_pending = False  # a segment was begun and has not been reported finished
        self._is_cleared = False
        self._is_flushed = False
        self._is_stalled = False
        self._is_held = False
        self._was_held = False  # since the client last said how far it is
        self._moved = asyncio.Event()
        self._limit: asyncio.TimerHandle | None = None
        self._encoder = OpusEncoder()
        self.codec: CodecName = "pcm16"
        """What the client wants; a change counts from the next utterance."""
        self._sends_opus = False
        self.played_ms = 0
        self.started_ms: int | None = None
        """Epoch ms when the client began to play the utterance; None before."""

    def begin(self, utterance: Utterance) -> None:
        """The next frames belong to this utterance."""
        if self._is_pending:  # it broke off: its end must not be taken for this one's
            self._is_cleared = True
            self._finish()
        self._utterance = utterance
        self._encoder.reset()
        self._unplayed.clear()
        self._sends_opus = self.codec == "opus"
        self._sent_ms = self._framed_ms = 0.0
        self._is_cleared = self._is_flushed = self._is_stalled = False
        self.played_ms = 0
        self.started_ms = None

    @property
    def was_cut(self) -> bool:
        """The utterance was stopped, or its client was lost, before its end was played."""
        return self._is_cleared

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        if self._is_cleared:
            return  # what is left of an utterance that was stopped
        await super().capture_frame(frame)
        is_first, self._is_pending = not self._is_pending, True
        if self._utterance is None or not self._outlet.is_open:
            return
        self._send(frame)
        if is_first and self._is_held:  # the candidate began to speak just before
            self._tell_hold()
        await self._until_room()

    def _send(self, frame: rtc.AudioFrame) -> None:
        """Its samples, or the packets that have become whole with them."""
        pcm = frame.data.tobytes()
        if self._on_played is not None:
            self._unplayed += pcm
        if self._sends_opus:
            self._send_packets(self._encoder.encode(pcm))
        else:
            self._send_one(rate_hz=frame.sample_rate, pcm=pcm)
            self._framed_ms += frame.duration * 1000
        self._sent_ms += frame.duration * 1000

    def _send_packets(self, packets: list[bytes]) -> None:
        for packet in packets:
            self._send_one(rate_hz=CLOCK_HZ, packet=packet)
            self._framed_ms += self._encoder.frame_ms

    def _send_one(self, *, rate_hz: int, pcm: bytes = b"", packet: bytes = b"") -> None:
        if self._utterance is None:
            return
        self._outlet.send_audio(
            AudioFrame(
                rate_hz=rate_hz,
                utterance=self._utterance.number,
                sequence=self._sequence,
                timestamp_ms=int(self._framed_ms),
                pcm=pcm,
                packet=packet,
            )
        )
        self._sequence += 1

    async def _until_room(self) -> None:
        while self._sent_ms - self.played_ms > AHEAD_MS:
            if self._is_cleared or self._is_stalled or not self._outlet.is_open:
                return
            self._moved.clear()
            try:
                async with asyncio.timeout(STALL_LIMIT_S):
                    await self._moved.wait()
            except TimeoutError:
                # It plays but says nothing, or plays nothing: send the rest, `flush` has a limit.
                self._is_stalled = not self._is_held

    def flush(self) -> None:
        super().flush()
        if not self._is_pending or self._is_flushed or self._utterance is None:
            return
        self._is_flushed = True
        if not self._outlet.is_open:  # it is played to nobody
            self._is_cleared = True
            self._finish()
            return
        if self._sends_opus:
            self._send_packets(self._encoder.flush())
        self._outlet.send(SayEnd(utterance=self._utterance.number, audio_ms=int(self._sent_ms)))
        self._await_end()

    def _await_end(self) -> None:
        if not self._is_held:
            left_s = max(self._sent_ms - self.played_ms, 0) / 1000
            self._finish_within(left_s + DONE_LIMIT_S)

    def clear_buffer(self) -> None:
        if not self._is_pending or self._utterance is None:
            return
        self._is_cleared = True
        self._moved.set()
        if not self._outlet.is_open:
            self._finish()
            return
        self._outlet.send(Clear(utterance=self._utterance.number))
        self._finish_within(CLEAR_LIMIT_S)

    def hold(self, on: bool) -> None:
        """Hold the playback where it is, for as long as it takes, or let it go on. Also before the
        first audio of an utterance."""
        if on == self._is_held:
            return
        self._is_held = on
        self._was_held = not on
        self._tell_hold()
        self._moved.set()
        if self._is_flushed and self._is_pending and not self._is_cleared:
            self._stop_waiting()
            self._await_end()

    def forget_hold(self) -> None:
        """What was held is stopped instead."""
        self._is_held = False

    def note_played(self, utterance: int, ms: int, *, is_done: bool) -> None:
        """The client's word on its playhead. Words on other utterances are old, and ignored."""
        if self._utterance is None or utterance != self._utterance.number or not self._is_pending:
            return
        ms = min(ms, int(self._sent_ms))  # whatever the client's clock says
        if self.started_ms is None and ms > 0:
            began_ms = max(self._clock.now_ms() - ms, self._utterance.started_ms)
            self._played_until_ms = self.started_ms = began_ms
            self.on_playback_started(created_at=self.started_ms / 1000)
        self._advance(ms)
        self._moved.set()
        if is_done and (self._is_flushed or self._is_cleared):
            if not self._is_cleared:
                self._advance(int(self._sent_ms))
            self._finish()

    def _advance(self, played_ms: int) -> None:
        more_ms = played_ms - self.played_ms
        if more_ms <= 0:
            return
        late_ms = self._clock.now_ms() - more_ms - self._played_until_ms
        if late_ms > (0 if self._was_held else HELD_MS):  # or it ran dry in between
            self._played_until_ms += late_ms
        self._was_held = False
        self._note_played(more_ms)

    def _note_played(self, more_ms: int) -> None:
        self.played_ms += more_ms
        if self._on_played is not None:
            size = more_ms * PLAYBACK_RATE_HZ // 1000 * 2
            self._on_played(bytes(self._unplayed[:size]), self._played_until_ms)
            del self._unplayed[:size]
        self._played_until_ms += more_ms

    def abandon(self) -> None:
        """The client is gone: nothing more of this utterance will be played."""
        self._moved.set()
        if self._is_pending and (self._is_flushed or self._is_cleared):
            self._is_cleared = True
            self._finish()

    def _tell_hold(self) -> None:
        if self._is_pending and self._utterance is not None:
            self._outlet.send(Hold(utterance=self._utterance.number, on=self._is_held))

    def _finish_within(self, limit_s: float) -> None:
        self._stop_waiting()
        self._limit = asyncio.get_running_loop().call_later(limit_s, self._give_up)

    def _give_up(self) -> None:
        """The client did not say in time where it is: it stopped where it last was, or else it has
        played the rest by now, if it ever began."""
        if not self._is_cleared and self.started_ms is not None:
            self._note_played(max(int(self._sent_ms) - self.played_ms, 0))
        self._finish()

    def _stop_waiting(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None

    def _finish(self) -> None:
        self._stop_waiting()
        if not self._is_pending or self._utterance is None:
            return
        self._is_pending = False
        self.on_playback_finished(
            playback_position=self.played_ms / 1000,
            interrupted=self._is_cleared,
            synchronized_transcript=self._utterance.heard(self.played_ms),
        )
