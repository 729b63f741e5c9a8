"""Transcription by OpenAI's API: OpenAI, Groq, and servers of one's own (speaches, vLLM).

It hears whole segments, so it is made a stream by `SegmentedSTT`. Whisper models are asked for the
times of words, which livekit's plugin does not; a server that refuses is asked without them.
"""

from __future__ import annotations

import logging

import openai
from livekit import rtc
from livekit.agents import (
    APIConnectionError,
    APIConnectOptions,
    APIStatusError,
    APITimeoutError,
    LanguageCode,
    stt,
    utils,
)
from livekit.agents.types import NOT_GIVEN, NotGivenOr, TimedString
from livekit.plugins import openai as plugin
from openai.types.audio import TranscriptionVerbose

from agent.providers.stt.segmented import SegmentedSTT
from sessions.infra.endpoints import Endpoint

_log = logging.getLogger(__name__)

NO_KEY = "none"
LANGUAGE = "en"
ANSWER_LIMIT_S = 30.0
"""The longest a request may take at all; `SegmentedSTT` has a shorter limit of its own."""


class Transcriber(plugin.STT):
    """`keeps_fillers` is false: a prompt with fillers makes Whisper keep some, and not others."""

    keeps_fillers = False

    def __init__(self, *, model: str, base_url: str, api_key: str) -> None:
        client = openai.AsyncClient(base_url=base_url, api_key=api_key, max_retries=0)
        client.organization = client.project = None  # not from the process environment either
        super().__init__(model=model, language=LANGUAGE, client=client, use_realtime=False)
        self._http = client
        self._asks_for_words = "whisper" in model.lower()

    async def _recognize_impl(
        self,
        buffer: utils.AudioBuffer,
        *,
        language: NotGivenOr[str | list[str]] = NOT_GIVEN,
        conn_options: APIConnectOptions,
    ) -> stt.SpeechEvent:
        if self._asks_for_words:
            try:
                return await self._transcribe_words(buffer, conn_options)
            except APIStatusError as exc:
                if exc.status_code not in (400, 422):
                    raise
                _log.info("%s gives no times of words: %s", self.model, exc.message)
                self._asks_for_words = False
        return await super()._recognize_impl(buffer, language=language, conn_options=conn_options)

    async def _transcribe_words(
        self, buffer: utils.AudioBuffer, conn_options: APIConnectOptions
    ) -> stt.SpeechEvent:
        """Raises APIError, as the plugin does."""
        try:
            answer = await self._http.audio.transcriptions.create(
                file=("speech.wav", rtc.combine_audio_frames(buffer).to_wav_bytes(), "audio/wav"),
                model=self.model,
                language=LANGUAGE,
                response_format="verbose_json",
                timestamp_granularities=["word"],
                timeout=openai.Timeout(ANSWER_LIMIT_S, connect=conn_options.timeout),
            )
            return _event_of(answer)
        except openai.APITimeoutError:
            raise APITimeoutError from None
        except openai.APIStatusError as exc:
            # Not chained: the request within carries the key.
            raise APIStatusError(
                exc.message, status_code=exc.status_code, request_id=exc.request_id, body=exc.body
            ) from None
        # The edge to the service: an answer of another form is its failure.
        except Exception as exc:
            raise APIConnectionError(f"no transcription came back ({type(exc).__name__})") from None

    async def aclose(self) -> None:
        await super().aclose()
        await self._http.close()


def _event_of(answer: TranscriptionVerbose) -> stt.SpeechEvent:
    words = [
        TimedString(word.word.strip(), start_time=float(word.start), end_time=float(word.end))
        for word in answer.words or ()
    ]
    data = stt.SpeechData(
        language=LanguageCode(LANGUAGE),
        text=answer.text,
        words=words or None,
    )
    return stt.SpeechEvent(type=stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=[data])


def make_openai(endpoint: Endpoint) -> SegmentedSTT:
    """For any endpoint that speaks OpenAI's API. Closing it closes its connections."""
    transcriber = Transcriber(
        model=endpoint.stt_model,
        base_url=endpoint.base_url,
        api_key=endpoint.api_key or NO_KEY,
    )
    return SegmentedSTT(transcriber)
