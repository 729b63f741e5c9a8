"""A stored recording, listened to again by its sides; and stores that are slow, or away."""

from __future__ import annotations

from collections.abc import AsyncIterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.recorder.studio import Studio
from sessions.errors import BlobsUnavailable
from sessions.facts import (
    RecordingStored,
)
from sessions.ports import Blobs
from tests.support.recording import HEARD_HZ, play_out
from tests.support.virtual_time import Awaited, pass_ms


@dataclass(frozen=True)
class Track:
    """One side of a stored part; times are epoch ms."""

    samples: NDArray[np.int16]
    started_ms: int

    def place_ms(self, said: bytes, rate_hz: int) -> float:
        """Where a piece of speech begins, by cross-correlation."""
        wanted = np.frombuffer(said, np.int16).astype(np.float64)
        places = np.arange(len(wanted) * HEARD_HZ // rate_hz) * rate_hz / HEARD_HZ
        wanted = np.interp(places, np.arange(len(wanted)), wanted)
        size = 1 << (len(self.samples) + len(wanted)).bit_length()  # of others it is slow
        spectrum = np.fft.rfft(self.samples, size) * np.conj(np.fft.rfft(wanted, size))
        return self.started_ms + int(np.fft.irfft(spectrum, size).argmax()) / HEARD_HZ * 1000

    def peak(self, from_ms: float, to_ms: float) -> int:
        begin, end = (
            round(max(at_ms - self.started_ms, 0) * HEARD_HZ / 1000) for at_ms in (from_ms, to_ms)
        )
        return int(np.abs(self.samples[begin:end].astype(np.int32)).max(initial=0))


@dataclass(frozen=True)
class Heard:
    candidate: Track
    interviewer: Track


async def listen_to(studio: Studio, stored: RecordingStored) -> Heard:
    left, right = await play_out(studio, stored)
    return Heard(Track(left, stored.started_ms), Track(right, stored.started_ms))


class TroubledBlobs(Awaited):
    """A store that is slow, or away."""

    def __init__(self, store: Blobs, *, takes_ms: int = 0, is_away: bool = False) -> None:
        super().__init__(store)
        self.takes_ms = takes_ms
        self.is_away = is_away

    async def put(self, key: str, content: bytes | Path | AsyncIterable[bytes]) -> None:
        await pass_ms(self.takes_ms)
        if self.is_away:
            raise BlobsUnavailable(reason="nobody answers")
        await super().put(key, content)
