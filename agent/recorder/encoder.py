"""Stereo sound as an Ogg/Opus stream that can be cut anywhere and played up to there."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from fractions import Fraction

import av
import numpy as np

from agent.recorder.mixer import RATE_HZ, Samples

BIT_RATE = 40_000
PAGE_MS = 240
"""An Ogg page is what a cut loses at most; the muxer keeps one more back."""
_OPUS = {
    "application": "audio",  # a third of the CPU that "voip" takes for two voices
    "compression_level": "3",
    "frame_duration": "60",
}


class OggOpusEncoder:
    """Not for two threads at once; blocks for about 0.3 % of the sound's duration."""

    def __init__(self) -> None:
        self._pages = _Pages()
        self._container = av.open(
            self._pages,
            "w",
            format="ogg",
            options={"page_duration": str(PAGE_MS * 1000), "flush_packets": "1"},
        )
        self._stream = self._container.add_stream(
            "libopus", RATE_HZ, options=_OPUS, layout="stereo"
        )
        self._stream.codec_context.bit_rate = BIT_RATE
        self._encoded = 0

    def encode(self, stereo: Samples) -> bytes:
        """Samples of shape (n, 2) at 24 kHz. Returns what the stream grew by."""
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(stereo).reshape(1, -1), format="s16", layout="stereo"
        )
        frame.sample_rate = RATE_HZ
        frame.time_base = Fraction(1, RATE_HZ)
        frame.pts = self._encoded
        with _on_one_cpu() if self._encoded == 0 else nullcontext():
            self._container.mux(self._stream.encode(frame))
        self._encoded += len(stereo)
        return self._pages.taken()

    def finish(self) -> bytes:
        self._container.mux(self._stream.encode(None))
        self._container.close()
        return self._pages.taken()


class _Pages:
    """The file that the muxer writes to."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes) -> int:
        self._written += data
        return len(data)

    def taken(self) -> bytes:
        written = bytes(self._written)
        self._written.clear()
        return written


@contextmanager
def _on_one_cpu() -> Generator[None]:
    """The library cuts sound into the codec's frames by a filter graph, which it makes with the
    first frame, with a thread for every CPU that its maker may use: as many for every room."""
    if sys.platform != "linux":
        yield
        return
    allowed = os.sched_getaffinity(0)  # of this thread alone
    try:
        os.sched_setaffinity(0, {min(allowed)})
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def duration_of(head: bytes, tail: bytes) -> int:
    """Milliseconds of a stream of ours, by its first bytes and its last whole page (RFC 7845)."""
    found = head.find(b"OpusHead")
    if found < 0:
        return 0
    pre_skip = int.from_bytes(head[found + 10 : found + 12], "little")
    at = len(tail)
    while (at := tail.rfind(b"OggS", 0, at)) >= 0:
        granule = int.from_bytes(tail[at + 6 : at + 14], "little", signed=True)
        if _is_whole_page(tail, at) and granule > 0:
            return max(granule - pre_skip, 0) // 48
    return 0


def _is_whole_page(data: bytes, at: int) -> bool:
    """By its header (RFC 3533): 27 bytes, the segments' sizes, the segments."""
    if len(data) < at + 27:
        return False
    count = data[at + 26]
    sizes = data[at + 27 : at + 27 + count]
    return len(sizes) == count and len(data) >= at + 27 + count + sum(sizes)
