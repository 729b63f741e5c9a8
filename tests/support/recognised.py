"""Results as a recogniser gives them, and a recogniser that gives what a test tells it to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from livekit import rtc
from livekit.agents import APIConnectOptions, LanguageCode, stt
from livekit.agents.types import (
    DEFAULT_API_CONNECT_OPTIONS,
    NOT_GIVEN,
    NotGivenOr,
    TimedString,
)

from agent.providers.stt.streaming import StreamingSTT

WORD_S = 0.2

Timed = tuple[str, float, float]
"""A word, and where it begins and ends, in seconds of the stream."""


def spoken_at(start_s: float, text: str, *, word_s: float = WORD_S) -> list[Timed]:
    """The words of a text, one after the other without pauses."""
    return [
        (word, start_s + index * word_s, start_s + (index + 1) * word_s)
        for index, word in enumerate(text.split())
    ]


def result(
    text: str = "",
    *,
    words: Sequence[Timed] = (),
    start_s: float = 0.0,
    end_s: float = 0.0,
    is_final: bool = True,
    id: str = "",
    confidence: float = 0.9,
) -> stt.SpeechEvent:
    """`words` with their times, or a text with its own at most."""
    kind = stt.SpeechEventType
    timed = [
        TimedString(word, start_time=start, end_time=end, confidence=confidence)
        for word, start, end in words
    ]
    data = stt.SpeechData(
        language=LanguageCode("en"),
        text=text or " ".join(word for word, *_ in words),
        start_time=words[0][1] if words else start_s,
        end_time=words[-1][2] if words else end_s,
        words=timed or None,
    )
    return stt.SpeechEvent(
        type=kind.FINAL_TRANSCRIPT if is_final else kind.INTERIM_TRANSCRIPT,
        request_id=id,
        alternatives=[data],
    )


class ScriptedSTT(StreamingSTT):
    """Its newest stream gives what `tell` is given, and raises what `fail` is."""

    keeps_fillers = True

    def __init__(self) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=True, interim_results=True))
        self.streams: list[ScriptedStream] = []

    def tell(self, event: stt.SpeechEvent) -> None:
        self.streams[-1].tell(event)

    def fail(self, failure: Exception) -> None:
        self.streams[-1].told.put_nowait(failure)

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> ScriptedStream:
        del language
        self.streams.append(ScriptedStream(stt=self, conn_options=conn_options))
        return self.streams[-1]


class ScriptedStream(stt.RecognizeStream):
    """`agent.providers.stt.segmented.SpeechBounded`. Ends when its input has ended."""

    def __init__(self, *, stt: ScriptedSTT, conn_options: APIConnectOptions) -> None:
        self.told: asyncio.Queue[stt.SpeechEvent | Exception | None] = asyncio.Queue(maxsize=100)
        self.heard_ms = 0.0
        self.speech: list[bool] = []
        self.is_input_ended = False
        self.is_closed = False
        super().__init__(stt=stt, conn_options=conn_options)

    def tell(self, event: stt.SpeechEvent) -> None:
        self.told.put_nowait(event)

    def push_frame(self, frame: rtc.AudioFrame) -> None:
        super().push_frame(frame)
        self.heard_ms += frame.duration * 1000

    def note_speech(self, is_speaking: bool) -> None:
        self.speech.append(is_speaking)

    def end_input(self) -> None:
        super().end_input()
        self.is_input_ended = True
        self.told.put_nowait(None)

    async def aclose(self) -> None:
        self.is_closed = True
        await super().aclose()

    async def _run(self) -> None:
        while (event := await self.told.get()) is not None:
            if isinstance(event, Exception):
                raise event
            self._event_ch.send_nowait(event)
