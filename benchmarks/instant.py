"""A recogniser and a voice that cost nothing, so that what is measured is Vivavoce's own work.

The recogniser knows what is said beforehand (`benchmarks.peers.script`). The stumbling ones fail
on a schedule, for the soak.
"""

from __future__ import annotations

import asyncio
import itertools
from typing import Never

import numpy as np
from livekit import rtc
from livekit.agents import (
    APIConnectionError,
    APIConnectOptions,
    LanguageCode,
    stt,
    tts,
    utils,
)
from livekit.agents.types import (
    DEFAULT_API_CONNECT_OPTIONS,
    NOT_GIVEN,
    NotGivenOr,
    TimedString,
)

from agent.hearing import spread_words
from agent.providers.stt.streaming import StreamingSTT
from benchmarks.peers.script import PLAYBACK_HZ, KnownWords, Told, hum
from sessions.settings import SpeechSettings

_SENTENCE_PCM = hum()


class InstantSTT(StreamingSTT):
    """Final `HANGOVER_S` after the last sound, word times included; interims twice a second."""

    keeps_fillers = True

    def __init__(self, speech: SpeechSettings) -> None:
        del speech  # the signature every provider has
        super().__init__(
            capabilities=stt.STTCapabilities(
                streaming=True,
                interim_results=True,
                aligned_transcript="word",
                offline_recognize=False,
            )
        )

    @property
    def model(self) -> str:
        return "instant"

    @property
    def provider(self) -> str:
        return "benchmarks"

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> InstantStream:
        return InstantStream(recogniser=self, conn_options=conn_options)


class InstantStream(stt.RecognizeStream):
    def __init__(self, *, recogniser: InstantSTT, conn_options: APIConnectOptions) -> None:
        super().__init__(stt=recogniser, conn_options=conn_options)
        self._words = KnownWords()

    async def _run(self) -> None:
        async for frame in self._input_ch:
            if isinstance(frame, rtc.AudioFrame):
                samples = np.frombuffer(frame.data, dtype=np.int16)
                loudest = int(samples.max()) if samples.size else 0
                if (told := self._words.hear(loudest, frame.duration)) is not None:
                    self._tell(told)
        if (told := self._words.finish()) is not None:
            self._tell(told)

    def _tell(self, told: Told) -> None:
        offset_s = self.start_time_offset
        words = spread_words(told.text, int(told.began_s * 1000), int(told.until_s * 1000))
        kind = stt.SpeechEventType
        self._event_ch.send_nowait(
            stt.SpeechEvent(
                type=kind.FINAL_TRANSCRIPT if told.is_final else kind.INTERIM_TRANSCRIPT,
                request_id=f"segment-{told.segment}",
                alternatives=[
                    stt.SpeechData(
                        language=LanguageCode("en"),
                        text=told.text,
                        start_time=told.began_s + offset_s,
                        end_time=told.until_s + offset_s,
                        confidence=1.0,
                        words=[
                            TimedString(
                                word.text,
                                start_time=word.start_ms / 1000 + offset_s,
                                end_time=word.end_ms / 1000 + offset_s,
                                confidence=1.0,
                                start_time_offset=offset_s,
                            )
                            for word in words
                        ],
                    )
                ],
            )
        )


class InstantTTS(tts.TTS[Never]):
    """Each sentence is `SENTENCE_S` of a hum, there at once."""

    def __init__(self, speech: SpeechSettings) -> None:
        del speech
        super().__init__(
            capabilities=tts.TTSCapabilities(streaming=False),
            sample_rate=PLAYBACK_HZ,
            num_channels=1,
        )

    @property
    def model(self) -> str:
        return "hum"

    @property
    def provider(self) -> str:
        return "benchmarks"

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> InstantSpeech:
        return InstantSpeech(tts=self, input_text=text, conn_options=conn_options)


class InstantSpeech(tts.ChunkedStream):
    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        output_emitter.initialize(
            request_id=utils.shortuuid(),
            sample_rate=PLAYBACK_HZ,
            num_channels=1,
            mime_type="audio/pcm",
        )
        output_emitter.push(_SENTENCE_PCM)


# -- for the soak ------------------------------------------------------------------------------

STT_FAILS_EVERY, STT_HANGS_EVERY = 7, 11
TTS_FAILS_EVERY, TTS_HANGS_EVERY = 23, 37
FAILS_AFTER_FRAMES = 300
"""Of 40 ms: in the middle of an answer, as a rule."""

_stt_streams = itertools.count(1)
_tts_sentences = itertools.count(1)


class StumblingSTT(InstantSTT):
    """Of the process's streams each seventh fails in mid-speech, each eleventh says no word."""

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> InstantStream:
        number = next(_stt_streams)
        if number % STT_HANGS_EVERY == 0:
            return _SilentStream(recogniser=self, conn_options=conn_options)
        if number % STT_FAILS_EVERY == 0:
            return _FailingStream(recogniser=self, conn_options=conn_options)
        return super().stream(language=language, conn_options=conn_options)


class _FailingStream(InstantStream):
    async def _run(self) -> None:
        frames = 0
        async for frame in self._input_ch:
            frames += isinstance(frame, rtc.AudioFrame)
            if frames >= FAILS_AFTER_FRAMES:
                raise APIConnectionError("the recogniser went away", retryable=False)


class _SilentStream(InstantStream):
    async def _run(self) -> None:
        async for _ in self._input_ch:
            pass


class StumblingTTS(InstantTTS):
    """Of the process's sentences each 23rd fails, each 37th never begins."""

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> InstantSpeech:
        number = next(_tts_sentences)
        if number % TTS_HANGS_EVERY == 0:
            return _HangingSpeech(tts=self, input_text=text, conn_options=conn_options)
        if number % TTS_FAILS_EVERY == 0:
            return _FailingSpeech(tts=self, input_text=text, conn_options=conn_options)
        return super().synthesize(text, conn_options=conn_options)


class _FailingSpeech(InstantSpeech):
    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        raise APIConnectionError("the voice went away", retryable=False)


class _HangingSpeech(InstantSpeech):
    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        await asyncio.Event().wait()  # the caller's own limit ends it
