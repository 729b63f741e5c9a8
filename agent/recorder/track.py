"""One side of the conversation on the recording's time: where each piece of its sound belongs.

Pure. Places and lengths are counted in samples since the recording's start.
"""

from __future__ import annotations

import numpy as np

SAMPLE_BYTES = 2
GAP_MS = 200
"""Audio that comes so much later than the audio before it ended has silence in between."""
DRIFT_MS = 100
"""Clocks may differ by so much before a silence is made shorter or longer."""
EARLY_MS = 10
SNAP_MS = 20
WINDOW_MS = 2_000
QUIET_PEAK = 655  # -34 dB of full scale
MAX_AHEAD_MS = 10_000
"""Further after what was taken nothing is put: a wrong time must not fill the memory."""


class Track:
    """Signed 16-bit mono samples; silence where nothing was put."""

    def __init__(self, rate_hz: int) -> None:
        self.rate_hz = rate_hz
        self.taken = 0
        """Everything before this sample was taken, and cannot be changed any more."""
        self.lost = 0
        """Samples that came too late, or too far ahead."""
        self._pcm = bytearray()

    def samples(self, ms: int) -> int:
        return ms * self.rate_hz // 1000

    def put(self, start: int, pcm: bytes) -> None:
        """Over what was there."""
        count = len(pcm) // SAMPLE_BYTES
        skipped = min(max(self.taken - start, 0), count)
        room = self.taken + self.samples(MAX_AHEAD_MS) - start
        kept = max(min(count, room), skipped)
        self.lost += skipped + count - kept
        if kept == skipped:
            return
        begin = (start + skipped - self.taken) * SAMPLE_BYTES
        if begin > len(self._pcm):
            self._pcm += bytes(begin - len(self._pcm))
        piece = pcm[skipped * SAMPLE_BYTES : kept * SAMPLE_BYTES]
        self._pcm[begin : begin + len(piece)] = piece

    def pull(self, start: int, by: int) -> None:
        """Move everything from `start` on earlier; `start - by` must not be taken yet."""
        begin = (start - self.taken) * SAMPLE_BYTES
        del self._pcm[begin - by * SAMPLE_BYTES : begin]

    def take(self, until: int) -> bytes:
        """The samples up to `until`; silence at the end may be left out."""
        size = max(until - self.taken, 0) * SAMPLE_BYTES
        pcm = bytes(self._pcm[:size])
        del self._pcm[:size]
        self.taken = max(self.taken, until)
        return pcm


class ArrivingSide:
    """Puts the candidate's audio, of which only its arrival is known, on a track.

    The first piece, and the first after a gap, is placed by its arrival; those after it follow
    without a seam. No sample arrives before it was said: when a run turns out to be ahead of its
    arrivals, as after a stall of the network, its beginning was late, and the run is moved back
    as far as it is not taken yet. What remains of drift is mended in silence, unheard.
    """

    def __init__(self, track: Track) -> None:
        self._track = track
        self._gap = track.samples(GAP_MS)
        self._drift = track.samples(DRIFT_MS)
        self._early = track.samples(EARLY_MS)
        self._window = track.samples(WINDOW_MS)
        self._run = 0  # where the run of pieces without a seam begins
        self._floor = 0  # where the run before it ends
        self._next: int | None = None  # where the next piece belongs; None before the first
        self._arrived = 0
        self._least_lag: int | None = None  # the least that a piece of the window came late
        self._window_end = 0

    def hear(self, pcm: bytes, arrived: int) -> None:
        """`arrived`: the sample of the recording's time at which the piece's last one came."""
        start = arrived - len(pcm) // SAMPLE_BYTES
        if arrived < self._arrived - self._gap:  # its time says that it is an older piece
            self._track.put(start, pcm)
            return
        self._arrived = max(self._arrived, arrived)
        belongs = self._next
        if belongs is None or start - belongs > self._gap:
            self._floor = max(belongs or 0, 0)
            self._run = belongs = start
            self._least_lag = None
        elif belongs - start > self._early:
            belongs -= self._move_back(belongs - start)
        is_left_out, silence = self._mend_drift(start - belongs, pcm)
        if not is_left_out:
            belongs += silence
            self._track.put(belongs, pcm)
            belongs += len(pcm) // SAMPLE_BYTES
        self._next = belongs

    def _move_back(self, ahead: int) -> int:
        """How far the run was moved."""
        by = min(ahead, self._run - max(self._floor, self._track.taken))
        if by <= 0:
            return 0
        self._track.pull(self._run, by)
        self._run -= by
        return by

    def _mend_drift(self, lag: int, pcm: bytes) -> tuple[bool, int]:
        """Whether the piece is silence to be left out, and how much silence goes before it.

        `lag`: how much later the piece came than it belongs.
        """
        if lag < -self._drift:
            return _is_quiet(pcm), 0
        if self._least_lag is None:
            self._least_lag = lag
            self._window_end = self._arrived + self._window
        self._least_lag = min(self._least_lag, lag)
        if self._arrived < self._window_end:
            return False, 0
        # Jitter only ever delays: what even the quickest piece was late by is drift.
        if self._least_lag <= self._drift:
            self._least_lag = None
        elif _is_quiet(pcm):
            silence, self._least_lag = self._least_lag, None
            return False, silence
        return False, 0


class TimedSide:
    """Puts the interviewer's audio, whose time is known to the millisecond, on a track."""

    def __init__(self, track: Track) -> None:
        self._track = track
        self._snap = track.samples(SNAP_MS)
        self._next = 0

    def speak(self, pcm: bytes, start: int) -> None:
        """Pieces that follow each other are joined without a seam, whatever was rounded."""
        if abs(start - self._next) <= self._snap:
            start = self._next
        self._track.put(start, pcm)
        self._next = start + len(pcm) // SAMPLE_BYTES


def _is_quiet(pcm: bytes) -> bool:
    samples = np.frombuffer(pcm, dtype=np.int16)
    return not samples.size or int(np.abs(samples.astype(np.int32)).max()) <= QUIET_PEAK
