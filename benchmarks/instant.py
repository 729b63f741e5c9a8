"""A recogniser and a voice that cost nothing, so that what is measured is Vivavoce's own work.

The recogniser knows what is said beforehand: by the energy of the frames it finds where a stretch
of speech begins and ends, and spreads the known words over it, as interims and then as a final.
"""

from __future__ import annotations

from typing import Never

import numpy as np
from livekit import rtc
from livekit.agents import APIConnectOptions, LanguageCode, stt, tts, utils
from livekit.agents.types import (
    DEFAULT_API_CONNECT_OPTIONS,
    NOT_GIVEN,
    NotGivenOr,
    TimedString,
)

from agent.hearing import spread_words
from sessions.protocol import PLAYBACK_RATE_HZ
from sessions.settings import SpeechSettings

ANSWER = "We talked it over, um, and then we shipped the release in very small steps."
"""About 4 s of speech, with a filler; no request, no echo, and it does not sound unfinished."""

AUDIBLE = 300  # of 32,768: silence here is digital, so anything above it is a voice
HANGOVER_S = 0.35  # longer than espeak's comma (0.24 s), shorter than any end-of-turn wait
INTERIM_EVERY_S = 0.5
SENTENCE_S = 1.5
_TONE_HZ = 180


class InstantSTT(stt.STT[Never]):
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

    async def _recognize_impl(
        self,
        buffer: utils.AudioBuffer,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions,
    ) -> stt.SpeechEvent:
        raise NotImplementedError("use stream()")


class InstantStream(stt.RecognizeStream):
    def __init__(self, *, recogniser: InstantSTT, conn_options: APIConnectOptions) -> None:
        super().__init__(stt=recogniser, conn_options=conn_options)
        self._position_s = 0.0
        self._began_s: float | None = None
        self._voiced_until_s = 0.0
        self._told_at_s = 0.0
        self._segment = 0

    async def _run(self) -> None:
        async for frame in self._input_ch:
            if isinstance(frame, rtc.AudioFrame):
                self._hear(frame)
        if self._began_s is not None:
            self._tell(self._began_s, is_final=True)

    def _hear(self, frame: rtc.AudioFrame) -> None:
        samples = np.frombuffer(frame.data, dtype=np.int16)
        is_voiced = samples.size > 0 and int(samples.max()) > AUDIBLE
        before_s = self._position_s
        self._position_s += frame.duration
        if is_voiced:
            self._voiced_until_s = self._position_s
            if self._began_s is None:
                self._began_s = self._told_at_s = before_s
                self._segment += 1
        if self._began_s is None:
            return
        if self._position_s - self._voiced_until_s >= HANGOVER_S:
            self._tell(self._began_s, is_final=True)
            self._began_s = None
        elif self._position_s - self._told_at_s >= INTERIM_EVERY_S:
            self._told_at_s = self._position_s
            self._tell(self._began_s, is_final=False)

    def _tell(self, began_s: float, *, is_final: bool) -> None:
        until_s = self._voiced_until_s
        spoken = ANSWER
        if not is_final:  # about 15 characters are said in a second
            spoken = ANSWER[: int((until_s - began_s) * 15)].rsplit(" ", 1)[0]
        offset_s = self.start_time_offset
        words = spread_words(spoken, int(began_s * 1000), int(until_s * 1000))
        kind = stt.SpeechEventType
        self._event_ch.send_nowait(
            stt.SpeechEvent(
                type=kind.FINAL_TRANSCRIPT if is_final else kind.INTERIM_TRANSCRIPT,
                request_id=f"segment-{self._segment}",
                alternatives=[
                    stt.SpeechData(
                        language=LanguageCode("en"),
                        text=spoken,
                        start_time=began_s + offset_s,
                        end_time=until_s + offset_s,
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


def _tone() -> bytes:
    at_s = np.arange(round(PLAYBACK_RATE_HZ * SENTENCE_S)) / PLAYBACK_RATE_HZ
    return (np.sin(2 * np.pi * _TONE_HZ * at_s) * 3_000).astype("<i2").tobytes()


_SENTENCE_PCM = _tone()


class InstantTTS(tts.TTS[Never]):
    """Each sentence is `SENTENCE_S` of a hum, there at once."""

    def __init__(self, speech: SpeechSettings) -> None:
        del speech
        super().__init__(
            capabilities=tts.TTSCapabilities(streaming=False),
            sample_rate=PLAYBACK_RATE_HZ,
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
            sample_rate=PLAYBACK_RATE_HZ,
            num_channels=1,
            mime_type="audio/pcm",
        )
        output_emitter.push(_SENTENCE_PCM)
