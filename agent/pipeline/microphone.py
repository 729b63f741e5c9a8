"""What the client's microphone sent, as every part of the room takes it: 16 kHz, mono, 16 bit."""

from __future__ import annotations

from livekit import rtc

from agent.codec.opus import OpusDecoder
from sessions.opus_packet import CLOCK_HZ
from sessions.protocol import AudioFrame

RATE_HZ = 16_000


class Microphone:
    """One per room. `client_began` with each socket; `close` once."""

    def __init__(self) -> None:
        self._decoder = OpusDecoder()
        self._resampler: rtc.AudioResampler | None = None
        self._resampler_rate_hz = 0

    def client_began(self) -> None:
        """Another encoder speaks from here on."""
        self._decoder.close()

    def close(self) -> None:
        self._decoder.close()

    def take(self, sent: AudioFrame) -> list[rtc.AudioFrame]:
        """The frames that are whole with it, often one. Raises MessageInvalid for a packet that is
        no Opus."""
        pcm, rate_hz = sent.pcm, sent.rate_hz
        if sent.packet:
            pcm, rate_hz = self._decoder.decode(sent.packet), CLOCK_HZ
        if not pcm:
            return []
        frame = rtc.AudioFrame(pcm, rate_hz, 1, len(pcm) // 2)
        return [frame] if rate_hz == RATE_HZ else self._resample(frame)

    def _resample(self, frame: rtc.AudioFrame) -> list[rtc.AudioFrame]:
        if self._resampler is None or self._resampler_rate_hz != frame.sample_rate:
            self._resampler_rate_hz = frame.sample_rate
            self._resampler = rtc.AudioResampler(frame.sample_rate, RATE_HZ)
        return self._resampler.push(frame)
