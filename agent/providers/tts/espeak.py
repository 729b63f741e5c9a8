"""espeak-ng as the interviewer's voice: no key, no download, one small helper process.

The library itself runs in `espeak_worker.py`, a program of its own (see there why).
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Never

from livekit import rtc
from livekit.agents import (
    APIConnectionError,
    APIConnectOptions,
    APIError,
    APITimeoutError,
    tts,
    utils,
)
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS

from agent.providers.tts.espeak_pool import (
    EspeakPool,
    QueueFull,
    SentenceRefused,
    WorkerCrashed,
    hold_shared_pool,
    release_shared_pool,
)
from agent.providers.tts.espeak_worker import Sentence
from sessions.protocol import PLAYBACK_RATE_HZ
from sessions.settings import SpeechSettings

MAX_RETRIES = 1
_SILENT_MS = 50


class EspeakTTS(tts.TTS[Never]):
    """24,000 Hz mono. One per room, as its errors are the room's; the helpers are shared.

    Without `pool`, the running loop's shared one is used. A sentence is tried twice at most,
    however many retries the caller allows: what crashes espeak-ng twice will do so again.
    """

    def __init__(self, speech: SpeechSettings, *, pool: EspeakPool | None = None) -> None:
        super().__init__(
            capabilities=tts.TTSCapabilities(streaming=False),
            sample_rate=PLAYBACK_RATE_HZ,
            num_channels=1,
        )
        self._speech = speech
        self._own_pool = pool
        self._held_pool: EspeakPool | None = None

    @property
    def model(self) -> str:
        return self._speech.voice

    @property
    def provider(self) -> str:
        return "espeak-ng"

    @property
    def timeout_s(self) -> float:
        return self._speech.tts_timeout_s

    @property
    def pool(self) -> EspeakPool:
        """Needs a running loop at its first use."""
        if self._own_pool is not None:
            return self._own_pool
        if self._held_pool is None:
            self._held_pool = hold_shared_pool()
        return self._held_pool

    async def warm(self) -> None:
        """Start a helper now, so that the first sentence does not wait for it.

        Raises APIConnectionError.
        """
        try:
            await self.pool.warm(self.timeout_s)
        except (WorkerCrashed, QueueFull, TimeoutError) as exc:
            raise APIConnectionError(f"espeak-ng did not start: {exc}") from exc

    def sentence(self, text: str) -> Sentence:
        return Sentence(text, self._speech.voice, self._speech.words_per_minute)

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> EspeakStream:
        return EspeakStream(voice=self, text=text, conn_options=conn_options)

    async def aclose(self) -> None:
        if self._held_pool is not None:
            self._held_pool = None
            await release_shared_pool()


class EspeakStream(tts.ChunkedStream):
    """One sentence.

    The second try goes on where the first one broke off: espeak-ng says a sentence each time with
    the same timing, to a few samples, so what was delivered is skipped and not heard twice.
    """

    def __init__(self, *, voice: EspeakTTS, text: str, conn_options: APIConnectOptions) -> None:
        super().__init__(
            tts=voice,
            input_text=text,
            conn_options=APIConnectOptions(
                max_retry=min(conn_options.max_retry, MAX_RETRIES),
                retry_interval=conn_options.retry_interval,
                timeout=conn_options.timeout,
            ),
        )
        self._voice = voice
        self._attempts: list[tts.AudioEmitter] = []

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        rate_hz = self._voice.sample_rate
        delivered_s = sum(attempt.pushed_duration() for attempt in self._attempts)
        self._attempts.append(output_emitter)
        output_emitter.initialize(
            request_id=utils.shortuuid(),
            sample_rate=rate_hz,
            num_channels=1,
            mime_type="audio/pcm",
        )
        if not self._input_text.strip():
            return
        try:
            is_silent = await self._speak(
                output_emitter, skip_bytes=round(delivered_s * rate_hz) * 2
            )
        except WorkerCrashed as exc:
            raise APIConnectionError(str(exc)) from exc
        except QueueFull as exc:
            raise APIConnectionError(f"espeak-ng is busy: {exc}") from exc
        except TimeoutError as exc:
            raise APITimeoutError("espeak-ng did not speak in time") from exc
        except SentenceRefused as exc:
            raise APIError(str(exc), retryable=False) from exc
        if is_silent:
            # Dots and brackets have no sound, and a stream without any counts as broken.
            output_emitter.push(bytes(rate_hz * _SILENT_MS // 1000 * 2))

    async def _speak(self, output_emitter: tts.AudioEmitter, *, skip_bytes: int) -> bool:
        """Whether nothing was pushed."""
        resampler: rtc.AudioResampler | None = None
        is_silent = True

        def push(frames: list[rtc.AudioFrame]) -> None:
            nonlocal skip_bytes, is_silent
            for frame in frames:
                samples = frame.data.tobytes()
                if skip_bytes < len(samples):
                    output_emitter.push(samples[skip_bytes:])
                    is_silent = False
                skip_bytes = max(0, skip_bytes - len(samples))

        sentence = self._voice.sentence(self._input_text)
        speaking = self._voice.pool.speak(sentence, timeout_s=self._voice.timeout_s)
        async with aclosing(speaking) as pieces:
            async for pcm in pieces:
                resampler = resampler or rtc.AudioResampler(pcm.rate_hz, self._voice.sample_rate)
                push(resampler.push(bytearray(pcm.samples)))
                # The helper is hundreds of times faster than speech: let the others run.
                await asyncio.sleep(0)
        if resampler is not None:
            push(resampler.flush())
        return is_silent
