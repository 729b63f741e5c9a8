"""A voice that can be found again in a recording: espeak-ng, made at once and known to the test."""

from __future__ import annotations

from functools import lru_cache
from typing import Never

from livekit.agents import APIConnectOptions, tts, utils
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS

from sessions.settings import SpeechSettings
from tests.support.speech import speak_samples

RATE_HZ = 24_000


@lru_cache
def voiced(text: str) -> bytes:
    """What the voice says, at 24 kHz."""
    return speak_samples([text], RATE_HZ, words_per_minute=180)[0]


class AudibleTTS(tts.TTS[Never]):
    def __init__(self, speech: SpeechSettings) -> None:
        del speech  # how a class path is called
        super().__init__(
            capabilities=tts.TTSCapabilities(streaming=False), sample_rate=RATE_HZ, num_channels=1
        )

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> AudibleStream:
        return AudibleStream(tts=self, input_text=text, conn_options=conn_options)


class AudibleStream(tts.ChunkedStream):
    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        output_emitter.initialize(
            request_id=utils.shortuuid(),
            sample_rate=RATE_HZ,
            num_channels=1,
            mime_type="audio/pcm",
        )
        output_emitter.push(voiced(self.input_text))
