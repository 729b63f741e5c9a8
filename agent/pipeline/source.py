"""The candidate's audio, from the socket into the session: 16 kHz mono, newest first to stay."""

from __future__ import annotations

import asyncio
import logging

from livekit import rtc
from livekit.agents.voice import io

log = logging.getLogger(__name__)

RATE_HZ = 16_000
MAX_FRAMES = 2_000
"""20 s of 10 ms frames: what a client may send at once after a stall. Of more, the oldest goes."""


class SocketAudioInput(io.AudioInput):
    def __init__(self) -> None:
        super().__init__(label="socket")
        self._frames: asyncio.Queue[rtc.AudioFrame | None] = asyncio.Queue(maxsize=MAX_FRAMES)
        self._resampler: rtc.AudioResampler | None = None
        self._resampler_rate_hz = 0
        self.dropped = 0

    def push(self, pcm: bytes, rate_hz: int) -> list[rtc.AudioFrame]:
        """`pcm` is 16-bit mono. Other rates than 16 kHz are resampled; returned as it goes in."""
        frame = rtc.AudioFrame(pcm, rate_hz, 1, len(pcm) // 2)
        frames = [frame] if rate_hz == RATE_HZ else self._resample(frame)
        for one in frames:
            if self._frames.full():
                self._frames.get_nowait()
                self.dropped += 1
                if self.dropped == 1:
                    log.warning("audio is dropped: the session does not keep up with it")
            self._frames.put_nowait(one)
        return frames

    def close(self) -> None:
        if self._frames.full():
            self._frames.get_nowait()
        self._frames.put_nowait(None)

    async def __anext__(self) -> rtc.AudioFrame:
        frame = await self._frames.get()
        if frame is None:
            raise StopAsyncIteration
        return frame

    def _resample(self, frame: rtc.AudioFrame) -> list[rtc.AudioFrame]:
        if self._resampler is None or self._resampler_rate_hz != frame.sample_rate:
            self._resampler_rate_hz = frame.sample_rate
            self._resampler = rtc.AudioResampler(frame.sample_rate, RATE_HZ)
        return self._resampler.push(frame)
