"""Voice activity by the Silero model that ships with livekit, run where the audio arrives.

A window of the native model costs about 20 microseconds. The stock stream spends far more on
hopping to a thread for it, on a task that makes metrics of each result, and keeps 60 s of speech.
This one computes in `push_frame`, owns no task, and keeps half a second.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from dataclasses import dataclass

import numpy as np
from livekit import local_inference, rtc
from livekit.agents import vad
from livekit.agents.utils import aio
from livekit.local_inference import VAD_WINDOW_SAMPLES

_log = logging.getLogger(__name__)

MODEL_RATE_HZ = 16_000
WINDOW_S = VAD_WINDOW_SAMPLES / MODEL_RATE_HZ
_WINDOW_BYTES = VAD_WINDOW_SAMPLES * 2
RESULTS_LIMIT = 512
"""Unread results kept, 16 s; further windows tell nothing. Starts and ends are always told."""


@dataclass(frozen=True, slots=True)
class SileroOptions:
    activation: float = 0.5
    """Speech begins at this probability or above ..."""
    deactivation: float = 0.35
    """... and goes on above this one."""
    min_speech_s: float = 0.05
    min_silence_s: float = 0.25
    prefix_padding_s: float = 0.5
    """Audio kept from before the start, for START_OF_SPEECH."""
    tells_windows: bool = True


class SileroVAD(vad.VAD):
    """Any number of rooms can share one: a stream's state is its own, and no metrics are made."""

    def __init__(
        self,
        *,
        activation: float = 0.5,
        deactivation: float = 0.35,
        min_speech_s: float = 0.05,
        min_silence_s: float = 0.25,
        prefix_padding_s: float = 0.5,
        tells_windows: bool = True,
    ) -> None:
        """Without `tells_windows` only starts and ends are told, which is all a room needs.

        Raises ValueError unless 0 < deactivation <= activation <= 1.
        """
        if not 0 < deactivation <= activation <= 1:
            raise ValueError("a VAD needs 0 < deactivation <= activation <= 1")
        super().__init__(capabilities=vad.VADCapabilities(update_interval=WINDOW_S))
        self._options = SileroOptions(
            activation, deactivation, min_speech_s, min_silence_s, prefix_padding_s, tells_windows
        )

    @property
    def model(self) -> str:
        return "silero"

    @property
    def provider(self) -> str:
        return "livekit-local-inference"

    @property
    def min_silence_duration(self) -> float:
        """Seconds; livekit compares it with what its end-of-turn model needs."""
        return self._options.min_silence_s

    def stream(self) -> SileroStream:
        return SileroStream(self._options)


class SileroStream(vad.VADStream):
    """The stock stream's events with the same numbers, at the same windows.

    `frames`: START_OF_SPEECH has the speech so far and the padding before it, in whole input
    frames; the other two have none, as nothing in a session reads them (livekit's StreamAdapter
    does: an STT without streaming needs a VAD of its own).
    """

    def __init__(self, options: SileroOptions) -> None:
        # Deliberately without super().__init__(), which starts the two tasks this class is there
        # to avoid. Every public method is defined here, so nothing of the base's state is missed.
        self._options = options
        self._model = local_inference.VAD()
        self._events = aio.Chan[vad.VADEvent]()
        self._is_input_ended = False
        self._rate_hz = 0
        self._resampler: rtc.AudioResampler | None = None
        self._samples = bytearray()
        self._recent: deque[rtc.AudioFrame] = deque()
        self._recent_s = 0.0
        self._reset()

    def push_frame(self, frame: rtc.AudioFrame) -> None:
        """Mono, any rate, always the same. Raises RuntimeError after the end of the input."""
        self._check_open()
        if not self._rate_hz:
            self._rate_hz = frame.sample_rate
            self._resampler = self._fresh_resampler()
        elif frame.sample_rate != self._rate_hz:
            _log.error(
                "a frame of %d Hz was dropped: before, %d Hz came in",
                frame.sample_rate,
                self._rate_hz,
            )
            return
        self._remember(frame)
        if self._resampler is None:
            self._samples += frame.data
        else:
            for resampled in self._resampler.push(frame):
                self._samples += resampled.data
        while len(self._samples) >= _WINDOW_BYTES:
            window = np.frombuffer(self._samples[:_WINDOW_BYTES], dtype=np.int16)
            del self._samples[:_WINDOW_BYTES]
            self._hear(window)

    def flush(self) -> None:
        """A hard boundary: what was heard so far is forgotten, an open speech is not ended."""
        self._check_open()
        self._reset()

    def end_input(self) -> None:
        self.flush()
        self._is_input_ended = True
        self._events.close()

    async def aclose(self) -> None:
        self._is_input_ended = True
        self._events.close()
        self._recent.clear()

    async def __anext__(self) -> vad.VADEvent:
        try:
            return await self._events.recv()
        except aio.ChanClosed:
            raise StopAsyncIteration from None

    async def _main_task(self) -> None:
        """The base class asks for it; there is no task."""

    def _check_open(self) -> None:
        if self._is_input_ended:
            raise RuntimeError("the VAD stream's input has ended")

    def _fresh_resampler(self) -> rtc.AudioResampler | None:
        if self._rate_hz in (0, MODEL_RATE_HZ):
            return None
        return rtc.AudioResampler(
            self._rate_hz, MODEL_RATE_HZ, quality=rtc.AudioResamplerQuality.QUICK
        )

    def _reset(self) -> None:
        self._model.reset()
        self._resampler = self._fresh_resampler()
        self._samples.clear()
        self._recent.clear()
        self._recent_s = 0.0
        self._is_speaking = False
        self._heard_samples = 0
        self._speech_s = 0.0
        self._silence_s = 0.0
        self._raw_speech_s = 0.0
        """Unbroken speech up to now; decides when speech begins."""
        self._raw_silence_s = 0.0
        """Unbroken silence up to now; decides when speech ends."""

    def _remember(self, frame: rtc.AudioFrame) -> None:
        if self._is_speaking:
            return  # the start was told already, with its audio
        self._recent.append(frame)
        self._recent_s += frame.duration
        keep_s = self._options.prefix_padding_s + self._raw_speech_s
        while self._recent_s - self._recent[0].duration >= keep_s and len(self._recent) > 1:
            self._recent_s -= self._recent.popleft().duration

    def _hear(self, window: np.ndarray[tuple[int], np.dtype[np.int16]]) -> None:
        started = time.perf_counter()
        probability = self._model.predict(window)
        took_s = time.perf_counter() - started
        self._heard_samples += VAD_WINDOW_SAMPLES
        if self._is_speaking:
            self._speech_s += WINDOW_S
        else:
            self._silence_s += WINDOW_S
        if self._options.tells_windows and self._events.qsize() < RESULTS_LIMIT:
            self._tell_result(probability, took_s)
        is_speech = probability >= self._options.activation or (
            self._is_speaking and probability > self._options.deactivation
        )
        if is_speech:
            self._count_speech()
        else:
            self._count_silence()

    def _count_speech(self) -> None:
        self._raw_speech_s += WINDOW_S
        self._raw_silence_s = 0.0
        if self._is_speaking or self._raw_speech_s < self._options.min_speech_s:
            return
        self._is_speaking = True
        self._silence_s = 0.0
        self._speech_s = self._raw_speech_s
        frames = [rtc.combine_audio_frames(list(self._recent))] if self._recent else []
        self._recent.clear()
        self._recent_s = 0.0
        self._tell(vad.VADEventType.START_OF_SPEECH, self._speech_s, frames)

    def _count_silence(self) -> None:
        self._raw_silence_s += WINDOW_S
        self._raw_speech_s = 0.0
        if not self._is_speaking or self._raw_silence_s < self._options.min_silence_s:
            return
        self._is_speaking = False
        self._silence_s = self._raw_silence_s
        self._tell(
            vad.VADEventType.END_OF_SPEECH, max(0.0, self._speech_s - self._raw_silence_s), []
        )
        self._speech_s = 0.0

    def _tell(self, kind: vad.VADEventType, speech_s: float, frames: list[rtc.AudioFrame]) -> None:
        self._events.send_nowait(
            vad.VADEvent(
                type=kind,
                samples_index=self._heard_samples,
                timestamp=self._heard_samples / MODEL_RATE_HZ,
                speech_duration=speech_s,
                silence_duration=self._silence_s,
                frames=frames,
                speaking=self._is_speaking,
            )
        )

    def _tell_result(self, probability: float, took_s: float) -> None:
        self._events.send_nowait(
            vad.VADEvent(
                type=vad.VADEventType.INFERENCE_DONE,
                samples_index=self._heard_samples,
                timestamp=self._heard_samples / MODEL_RATE_HZ,
                speech_duration=self._speech_s,
                silence_duration=self._silence_s,
                probability=probability,
                inference_duration=took_s,
                speaking=self._is_speaking,
                raw_accumulated_silence=self._raw_silence_s,
                raw_accumulated_speech=self._raw_speech_s,
            )
        )
