"""A voice without sound and a recogniser without ears, for rooms; and some that fail.

A room loads them by class path, as it loads anyone's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar, Never

from livekit import rtc
from livekit.agents import APIConnectOptions, APIError, APITimeoutError, stt, tts, utils
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, NotGivenOr

from agent.providers.stt.streaming import StreamingSTT
from sessions.settings import SpeechSettings

RATE_HZ = 24_000
MS_PER_CHARACTER = 20
"""How long the made-up voice takes to say a character; about three times as fast as a person."""

# -- a voice -------------------------------------------------------------------------------------


class SilentTTS(tts.TTS[Never]):
    """Says every sentence at once, in silence. `answers` are what the next attempts do instead:
    an exception is raised, a number of seconds is waited; when they are used up, all is well."""

    keeps_time = True
    """Whether it gives up by itself when its time is over."""

    def __init__(
        self, speech: SpeechSettings | None = None, *, answers: Sequence[Exception | float] = ()
    ) -> None:
        del speech  # how a class path is called
        super().__init__(
            capabilities=tts.TTSCapabilities(streaming=False),
            sample_rate=RATE_HZ,
            num_channels=1,
        )
        self.answers = list(answers)
        self.attempts: list[str] = []
        self.is_closed = False

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> SilentStream:
        return SilentStream(voice=self, text=text, conn_options=conn_options)

    async def aclose(self) -> None:
        self.is_closed = True


class SilentStream(tts.ChunkedStream):
    def __init__(self, *, voice: SilentTTS, text: str, conn_options: APIConnectOptions) -> None:
        super().__init__(tts=voice, input_text=text, conn_options=conn_options)
        self._voice = voice
        self._limit_s = conn_options.timeout if voice.keeps_time else None

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        self._voice.attempts.append(self.input_text)
        answer = self._voice.answers.pop(0) if self._voice.answers else 0.0
        if isinstance(answer, Exception):
            raise answer
        try:
            async with asyncio.timeout(self._limit_s):
                await asyncio.sleep(answer)
        except TimeoutError as exc:
            raise APITimeoutError from exc
        output_emitter.initialize(
            request_id=utils.shortuuid(),
            sample_rate=RATE_HZ,
            num_channels=1,
            mime_type="audio/pcm",
        )
        audio_ms = len(self.input_text) * MS_PER_CHARACTER
        output_emitter.push(bytes(RATE_HZ * audio_ms // 1000 * 2))


class DeadTTS(SilentTTS):
    """Never says anything."""

    def __init__(self, speech: SpeechSettings) -> None:
        super().__init__(speech, answers=[APIError("no voice", retryable=False)] * 100)


class BrokenTTS(SilentTTS):
    """Raises what no provider should."""

    def __init__(self, speech: SpeechSettings) -> None:
        super().__init__(speech, answers=[ValueError("a mistake of the provider's")] * 100)


class StalledTTS(SilentTTS):
    """Takes every sentence, is never done with it, and never gives it up."""

    keeps_time = False

    def __init__(self, speech: SpeechSettings) -> None:
        super().__init__(speech, answers=[60.0] * 100)


# -- a recogniser --------------------------------------------------------------------------------


class DeafSTT(StreamingSTT):
    """A recogniser of the server's that hears nothing, and fails with `failure` if it has one."""

    keeps_fillers = True
    failure: Exception | None = None
    heard_ms: ClassVar[float] = 0.0
    """How much audio all of its streams were given."""

    def __init__(self, speech: SpeechSettings) -> None:
        del speech
        super().__init__(capabilities=stt.STTCapabilities(streaming=True, interim_results=True))

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> DeafStream:
        del language
        return DeafStream(stt=self, conn_options=conn_options, failure=self.failure)


class DeafStream(stt.RecognizeStream):
    def __init__(
        self, *, stt: DeafSTT, conn_options: APIConnectOptions, failure: Exception | None
    ) -> None:
        super().__init__(stt=stt, conn_options=conn_options)
        self._failure = failure

    async def _run(self) -> None:
        if self._failure is not None:
            raise self._failure
        async for frame in self._input_ch:
            if isinstance(frame, rtc.AudioFrame):
                DeafSTT.heard_ms += frame.duration * 1000


class RefusedSTT(DeafSTT):
    failure = APIError("the key is not accepted", retryable=False)


class BrokenSTT(DeafSTT):
    """Raises what no provider should."""

    failure = ValueError("a mistake of the provider's")
