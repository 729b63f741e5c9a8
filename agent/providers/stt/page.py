"""The recogniser of the candidate's page as an STT: the words come by message, not from audio."""

from __future__ import annotations

import logging
from collections import deque

from livekit import rtc
from livekit.agents import APIConnectOptions, LanguageCode, stt
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, NotGivenOr

from agent.providers.stt.streaming import StreamingSTT
from sessions.protocol import Speech

_log = logging.getLogger(__name__)

EARLY_LIMIT = 64
INTERIM_LIMIT = 64
FINAL_LIMIT = 1_024


class PageSTT(StreamingSTT):
    """One per room. What `push` is given comes out of the running stream as events.

    Before a stream runs, the last 64 results wait for it; after `aclose` they are dropped.
    """

    keeps_fillers = False

    def __init__(self, *, language: str = "en") -> None:
        super().__init__(
            capabilities=stt.STTCapabilities(
                streaming=True, interim_results=True, offline_recognize=False
            )
        )
        self._language = LanguageCode(language)
        self._stream: PageStream | None = None
        self._early: deque[stt.SpeechEvent] = deque(maxlen=EARLY_LIMIT)
        self._is_closed = False

    @property
    def model(self) -> str:
        return "browser"

    @property
    def provider(self) -> str:
        return "page"

    def push(self, speech: Speech, start_s: float, end_s: float) -> None:
        """One result. Seconds since the start of the room's audio input; never raises, never waits.

        A result without a confidence has 0.0, which is livekit's "not given".
        """
        if self._is_closed:
            return
        kind = stt.SpeechEventType
        event = stt.SpeechEvent(
            type=kind.FINAL_TRANSCRIPT if speech.final else kind.INTERIM_TRANSCRIPT,
            request_id=speech.id,
            alternatives=[
                stt.SpeechData(
                    language=self._language,
                    text=speech.text,
                    start_time=start_s,
                    end_time=max(start_s, end_s),
                    confidence=speech.confidence or 0.0,
                )
            ],
        )
        if self._stream is None or not self._stream.deliver(event):
            self._early.append(event)

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> PageStream:
        """The newest stream takes what is pushed from now on."""
        self._stream = PageStream(page=self, conn_options=conn_options)
        while self._early:
            self._stream.deliver(self._early.popleft())
        return self._stream

    async def aclose(self) -> None:
        self._is_closed = True
        self._early.clear()
        if self._stream is not None:
            await self._stream.aclose()
            self._stream = None


class PageStream(stt.RecognizeStream):
    def __init__(self, *, page: PageSTT, conn_options: APIConnectOptions) -> None:
        super().__init__(stt=page, conn_options=conn_options)

    def deliver(self, event: stt.SpeechEvent) -> bool:
        """False when this stream has ended. What its reader is too slow for is dropped."""
        if self._input_ch.closed or self._event_ch.closed:
            return False
        is_final = event.type is stt.SpeechEventType.FINAL_TRANSCRIPT
        if self._event_ch.qsize() < (FINAL_LIMIT if is_final else INTERIM_LIMIT):
            self._event_ch.send_nowait(event)
        elif is_final:
            _log.warning("a recognised sentence was dropped: its reader does not keep up")
        return True

    def push_frame(self, frame: rtc.AudioFrame) -> None:
        """Audio means nothing here, so it is neither queued nor resampled."""
        self._check_input_not_ended()
        self._check_not_closed()

    def flush(self) -> None:
        self._check_input_not_ended()
        self._check_not_closed()

    async def _run(self) -> None:
        async for _ in self._input_ch:  # nothing is ever put there: this waits for its end
            pass
