"""Both sides as one stereo sound: candidate left, interviewer right. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CANDIDATE_HZ = 16_000
INTERVIEWER_HZ = 24_000
RATE_HZ = INTERVIEWER_HZ
"""Of the mix. Ogg/Opus counts in 48 kHz and is decoded to that, whatever the encoder was given."""

_UP, _DOWN = 3, 2  # 16 kHz to 24 kHz
_TAPS = 24
"""Input samples that make an output sample; the filter's delay is half of that, 0.75 ms."""
_PASS = 0.9  # of the input's band, so that what is folded back is inaudible

Samples = NDArray[np.int16]


class Mixer:
    """Keeps a filter's memory: give it each batch once, in order."""

    def __init__(self) -> None:
        self._filters = _polyphase()
        self._before = np.zeros(_TAPS, dtype=np.float32)

    def mix(self, candidate: bytes, interviewer: bytes, duration_ms: int) -> Samples:
        """Each side is filled up with silence. Shape (samples, 2), at 24 kHz.

        `duration_ms` must be even, so that there are as many samples as there should be.
        """
        stereo = np.zeros((duration_ms * RATE_HZ // 1000, 2), dtype=np.int16)
        stereo[:, 0] = self._resampled(candidate, duration_ms * CANDIDATE_HZ // 1000)
        right = np.frombuffer(interviewer, dtype=np.int16)
        stereo[: len(right), 1] = right
        return stereo

    def _resampled(self, pcm: bytes, count: int) -> Samples:
        heard = np.frombuffer(pcm, dtype=np.int16)
        if not heard.any() and not self._before.any():
            return np.zeros(count * _UP // _DOWN, dtype=np.int16)
        padded = np.zeros(_TAPS + count, dtype=np.float32)
        padded[:_TAPS] = self._before
        padded[_TAPS : _TAPS + len(heard)] = heard
        self._before = padded[-_TAPS:].copy()
        # Every second input sample begins three output samples, one of each phase.
        windows = np.lib.stride_tricks.sliding_window_view(padded, _TAPS + _DOWN)[::_DOWN]
        made = (windows @ self._filters).ravel()
        return np.clip(np.rint(made), -32_768, 32_767).astype(np.int16)


def _polyphase() -> NDArray[np.float32]:
    """A windowed-sinc low-pass at three times the input's rate, as one column per phase.

    Output sample m lies at 2m of the filled-up rate, 3k being input sample k: its taps are
    h[2m - 3k]. Shape (_TAPS + 2, 3); a row for each sample of a window.
    """
    length = _TAPS * _UP
    x = np.arange(length) - (length - 1) / 2
    kernel = np.sinc(x * _PASS / _UP) * np.kaiser(length, 8.0)
    kernel *= _UP / kernel.sum()
    filters = np.zeros((_TAPS + _DOWN, _UP), dtype=np.float32)
    for phase in range(_UP):
        offset, first = divmod(_DOWN * phase, _UP)
        taps = kernel[first::_UP]  # the newest sample's first
        filters[1 + offset : 1 + offset + _TAPS, phase] = taps[::-1]
    return filters
