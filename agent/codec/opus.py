"""Opus for one room, packet by packet, by libopus in PyAV: no container, no threads, no loop.

One `OpusDecoder` for what the candidate's page sends, one `OpusEncoder` for what the interviewer
says. Each holds native memory until `close`, or until it is forgotten.
"""

from __future__ import annotations

from typing import Literal, cast

import av
from av import AudioCodecContext, AudioFrame, Packet
from av.buffer import Buffer
from av.error import FFmpegError

from sessions.errors import MessageInvalid
from sessions.opus_packet import CLOCK_HZ, packet_ms
from sessions.protocol import PLAYBACK_RATE_HZ

CODEC = "libopus"
FRAME_MS = 40
BIT_RATE = 28_000
COMPLEXITY = 3
"""Of 10. More costs up to twice the time a frame, and is not heard in speech at this bit rate."""
LOOKAHEAD_MS = 6.5
"""What comes out lags what went in by so much: the first of each utterance's audio to be dropped
by who plays it (RFC 7845's pre-skip, 312 samples at 48 kHz)."""

_LOOKAHEAD_BYTES = round(LOOKAHEAD_MS * PLAYBACK_RATE_HZ / 1000) * 2


def is_available() -> bool:
    """PyAV can be built without libopus; then PCM16 alone is spoken."""
    return CODEC in av.codecs_available


class OpusDecoder:
    """Mono packets in, PCM16 of 48 kHz out: FFmpeg's libopus always decodes to its clock."""

    def __init__(self) -> None:
        self._context: AudioCodecContext | None = None

    def decode(self, packet: bytes) -> bytes:
        """Each packet's samples at once, about as many as it lasts. Raises MessageInvalid.

        A packet that is refused leaves the decoder fit for the next.
        """
        packet_ms(packet)  # an empty one would end the stream, a stereo or long one is not spoken
        if self._context is None:
            self._context = _open_context("r", CLOCK_HZ)
        try:
            return b"".join(_samples_of(frame) for frame in self._context.decode(Packet(packet)))
        except FFmpegError as exc:
            raise MessageInvalid("audio: the Opus packet cannot be decoded.") from exc

    def close(self) -> None:
        self._context = None


class OpusEncoder:
    """PCM16 of 24 kHz mono in, packets of `frame_ms` (20, 40 or 60) out, a stream an utterance."""

    def __init__(self, *, frame_ms: int = FRAME_MS, bit_rate: int = BIT_RATE) -> None:
        self.frame_ms = frame_ms
        self._bit_rate = bit_rate
        self._frame_bytes = frame_ms * PLAYBACK_RATE_HZ // 1000 * 2
        self._context: AudioCodecContext | None = None
        self._waiting = bytearray()

    def encode(self, pcm: bytes) -> list[bytes]:
        """The packets that are whole with it; what is left waits for more, or for `flush`."""
        self._waiting += pcm
        size = self._frame_bytes
        whole = len(self._waiting) // size
        packets = [
            self._encode_frame(self._waiting[at * size : (at + 1) * size]) for at in range(whole)
        ]
        del self._waiting[: whole * size]
        return packets

    def flush(self) -> list[bytes]:
        """The end of an utterance, filled up with silence. The next `encode` begins another."""
        if self._context is None and not self._waiting:
            return []
        size = self._frame_bytes
        needed = len(self._waiting) + _LOOKAHEAD_BYTES
        packets = self.encode(bytes(-(-needed // size) * size - len(self._waiting)))
        self.reset()
        return packets

    def reset(self) -> None:
        """Forget an utterance that was stopped."""
        self._waiting.clear()
        self._context = None

    close = reset

    def _encode_frame(self, pcm: bytearray) -> bytes:
        if self._context is None:
            self._context = _open_context(
                "w", PLAYBACK_RATE_HZ, frame_ms=self.frame_ms, bit_rate=self._bit_rate
            )
        frame = AudioFrame("s16", "mono", len(pcm) // 2)
        frame.sample_rate = PLAYBACK_RATE_HZ
        frame.planes[0].update(bytes(pcm))
        packets = cast("list[Buffer]", self._context.encode(frame))
        return b"".join(bytes(packet) for packet in packets)


def _open_context(
    mode: Literal["r", "w"], rate_hz: int, *, frame_ms: int = FRAME_MS, bit_rate: int = BIT_RATE
) -> AudioCodecContext:
    context = AudioCodecContext.create(CODEC, mode)
    context.sample_rate = rate_hz
    context.layout = "mono"
    context.thread_count = 1  # of its own native threads: one would be made for each room
    if mode == "w":
        context.format = "s16"
        context.bit_rate = bit_rate
        context.options = {
            "application": "voip",
            "frame_duration": str(frame_ms),
            "compression_level": str(COMPLEXITY),
        }
    context.open()
    return context


def _samples_of(frame: AudioFrame) -> bytes:
    # A plane may be longer than its samples: FFmpeg aligns its buffers.
    return bytes(memoryview(frame.planes[0])[: frame.samples * 2])
