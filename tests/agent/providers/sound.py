"""Sound for the providers' tests: frames out of samples, numbers out of frames."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from livekit import rtc


def frames_of(pcm: bytes, rate_hz: int, *, frame_ms: int = 20) -> Iterator[rtc.AudioFrame]:
    size = rate_hz * frame_ms // 1000 * 2
    for start in range(0, len(pcm), size):
        piece = pcm[start : start + size]
        yield rtc.AudioFrame(piece, rate_hz, 1, len(piece) // 2)


def loudness(pcm: bytes) -> float:
    """Root mean square, 0-1."""
    samples = np.frombuffer(pcm, dtype=np.int16).astype(np.float64) / 32_768
    return float(np.sqrt(np.mean(samples**2))) if samples.size else 0.0
