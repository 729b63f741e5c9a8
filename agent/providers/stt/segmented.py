"""A recogniser of whole segments as a stream: the room's own VAD says where speech begins and ends.

What goes on without a pause is cut at its quietest place, so no request is longer than 25 s.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Never, Protocol, runtime_checkable

import numpy as np
from livekit import rtc
from livekit.agents import APIConnectionError, APIConnectOptions, APITimeoutError, stt, utils
from livekit.agents.types import (
    DEFAULT_API_CONNECT_OPTIONS,
    NOT_GIVEN,
    NotGivenOr,
    TimedString,
)
from livekit.agents.utils import aio
from livekit.agents.utils.aio.channel import ChanFull

PREROLL_S = 0.5
"""Audio kept from before the VAD noted speech: it notes it late, and a first "I" is short."""
LIMIT_S = 25.0
CUT_WITHIN_S = 5.0
"""A cut falls into these last seconds before the limit."""
CUT_WINDOW_S = 0.1
UNDER_WAY = 2
"""Requests at once."""
WAITING = 8
"""Segments that may wait for their request; more, and the service does not keep up."""
LIMIT_PER_S = 0.5
"""A request's time-out grows by this with each second of speech: local models need it."""
VOICED = 0.05
"""Of the loudest windows: what is quieter, before and after, is not speech."""
WINDOW_S = 0.01


@runtime_checkable
class SpeechBounded(Protocol):
    """A stream that has to be told when the person speaks."""

    def note_speech(self, is_speaking: bool) -> None:
        """Speech began or ended about now: after the frames pushed so far."""
        ...


@dataclass(slots=True)
class Segment:
    """Seconds count from the start of the stream."""

    start_s: float
    frames: list[rtc.AudioFrame] = field(default_factory=list[rtc.AudioFrame])
    duration_s: float = 0.0

    def add(self, frame: rtc.AudioFrame) -> None:
        self.frames.append(frame)
        self.duration_s += frame.duration

    def cut(self) -> Segment:
        """Cut it at the quietest place of its last seconds; what comes after that is returned."""
        energies = [_energy(frame) for frame in self.frames]
        width = max(round(CUT_WINDOW_S / self.frames[0].duration), 1)
        ends = np.cumsum([frame.duration for frame in self.frames])
        first = int(np.searchsorted(ends, self.duration_s - CUT_WITHIN_S)) + 1
        sums = np.convolve(energies, np.ones(width), "valid")
        quietest = first + int(np.argmin(sums[first:])) if first < len(sums) else len(ends) - 1
        place = min(quietest + width // 2, len(self.frames) - 1)
        rest = Segment(self.start_s + float(ends[place - 1]))
        for frame in self.frames[place:]:
            rest.add(frame)
        self.frames = self.frames[:place]
        self.duration_s = float(ends[place - 1])
        return rest

    def voiced(self) -> tuple[float, float]:
        """Where sound begins and ends in it, for a service that does not say."""
        samples = np.concatenate([np.frombuffer(f.data, dtype=np.int16) for f in self.frames])
        width = int(self.frames[0].sample_rate * self.frames[0].num_channels * WINDOW_S)
        windows = samples[: len(samples) // width * width].reshape(-1, width).astype(np.float32)
        loudness = np.sqrt(np.mean(windows**2, axis=1)) if len(windows) else np.zeros(1)
        audible = np.flatnonzero(loudness > VOICED * float(np.quantile(loudness, 0.95)))
        if not audible.size:
            return self.start_s, self.start_s + self.duration_s
        first, last = int(audible[0]), int(audible[-1])
        return self.start_s + first * WINDOW_S, self.start_s + (last + 1) * WINDOW_S


def _energy(frame: rtc.AudioFrame) -> float:
    samples = np.frombuffer(frame.data, dtype=np.int16).astype(np.float32)
    return float(np.dot(samples, samples)) / max(samples.size, 1)


class SegmentedSTT(stt.STT[Never]):
    """Closing it closes the recogniser within."""

    def __init__(
        self, recogniser: stt.STT[Any], *, preroll_s: float = PREROLL_S, limit_s: float = LIMIT_S
    ) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=True, interim_results=False))
        self.recogniser = recogniser
        self.preroll_s = preroll_s
        self.limit_s = limit_s

    @property
    def keeps_fillers(self) -> bool:
        return getattr(self.recogniser, "keeps_fillers", False) is True

    @property
    def model(self) -> str:
        return self.recogniser.model

    @property
    def provider(self) -> str:
        return self.recogniser.provider

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> SegmentedStream:
        del language
        return SegmentedStream(segmented=self, conn_options=conn_options)

    async def _recognize_impl(
        self,
        buffer: utils.AudioBuffer,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions,
    ) -> stt.SpeechEvent:
        # Retried by the caller, which is livekit's `recognize` of this class.
        once = replace(conn_options, max_retry=0)
        return await self.recogniser.recognize(buffer, language=language, conn_options=once)

    async def aclose(self) -> None:
        await self.recogniser.aclose()


class SegmentedStream(stt.RecognizeStream):
    """Silence costs nothing: only what `note_speech` bounds is sent, and answered in order.

    Fails with an APIError when a segment is not answered; retries are of one request.
    """

    def __init__(self, *, segmented: SegmentedSTT, conn_options: APIConnectOptions) -> None:
        super().__init__(stt=segmented, conn_options=replace(conn_options, max_retry=0))
        self._segmented = segmented
        self._request_options = conn_options
        self._segments = aio.Chan[Segment](WAITING)
        self._recent: deque[rtc.AudioFrame] = deque()
        self._recent_s = 0.0
        self._position_s = 0.0
        self._open: Segment | None = None
        self._is_overrun = False

    def push_frame(self, frame: rtc.AudioFrame) -> None:
        self._check_input_not_ended()
        self._check_not_closed()
        self._position_s += frame.duration
        if self._open is None:
            self._remember(frame)
            return
        self._open.add(frame)
        if self._open.duration_s >= self._segmented.limit_s:
            rest = self._open.cut()
            self._send(self._open)
            self._open = rest

    def note_speech(self, is_speaking: bool) -> None:
        if is_speaking and self._open is None:
            self._open = Segment(self._position_s - self._recent_s)
            for frame in self._recent:
                self._open.add(frame)
            self._recent.clear()
            self._recent_s = 0.0
        elif not is_speaking:
            self._close_segment()

    def flush(self) -> None:
        """What is open is sent; speech that goes on is a new segment."""
        self._check_input_not_ended()
        self._check_not_closed()
        if self._open is not None:
            self._close_segment()
            self.note_speech(True)

    def end_input(self) -> None:
        self._check_input_not_ended()
        self._close_segment()
        self._segments.close()
        self._input_ch.close()

    def _remember(self, frame: rtc.AudioFrame) -> None:
        self._recent.append(frame)
        self._recent_s += frame.duration
        while self._recent_s - self._recent[0].duration >= self._segmented.preroll_s:
            self._recent_s -= self._recent.popleft().duration

    def _close_segment(self) -> None:
        segment, self._open = self._open, None
        if segment is not None and segment.frames:
            self._send(segment)

    def _send(self, segment: Segment) -> None:
        if self._segments.closed:
            return
        try:
            self._segments.send_nowait(segment)
        except ChanFull:
            self._is_overrun = True
            self._segments.close()

    async def _run(self) -> None:
        answers: asyncio.Queue[asyncio.Task[stt.SpeechEvent | Exception] | None]
        answers = asyncio.Queue(maxsize=UNDER_WAY)
        free = asyncio.Semaphore(UNDER_WAY)
        segments: deque[Segment] = deque()
        async with asyncio.TaskGroup() as tasks:

            async def ask() -> None:
                async for segment in self._segments:
                    await free.acquire()
                    segments.append(segment)
                    await answers.put(tasks.create_task(self._recognise(segment)))
                await answers.put(None)

            asking = tasks.create_task(ask())
            failure: Exception | None = None
            while failure is None and (task := await answers.get()) is not None:
                answer = await task
                free.release()
                segment = segments.popleft()
                if isinstance(answer, Exception):
                    failure = answer
                else:
                    self._tell(segment, answer)
            asking.cancel()
            while not answers.empty():
                if (task := answers.get_nowait()) is not None:
                    task.cancel()
        if failure is not None:
            raise failure
        if self._is_overrun:
            raise APIConnectionError("it does not keep up with the speech", retryable=False)

    async def _recognise(self, segment: Segment) -> stt.SpeechEvent | Exception:
        options = self._request_options
        limit_s = (options.timeout + LIMIT_PER_S * segment.duration_s) * (options.max_retry + 1)
        try:
            async with asyncio.timeout(limit_s):
                return await self._segmented.recognize(segment.frames, conn_options=options)
        except TimeoutError:
            return APITimeoutError(f"no answer in {limit_s:.0f} s", retryable=False)
        # The edge to the provider's code: raised where the answers are put in order.
        except Exception as exc:
            return exc

    def _tell(self, segment: Segment, answer: stt.SpeechEvent) -> None:
        self._event_ch.send_nowait(
            stt.SpeechEvent(
                type=stt.SpeechEventType.RECOGNITION_USAGE,
                recognition_usage=stt.RecognitionUsage(audio_duration=segment.duration_s),
            )
        )
        data = answer.alternatives[0] if answer.alternatives else None
        if data is None or not data.text.strip():
            return
        start_s, end_s = segment.voiced()
        words = shift_words(data.words or (), segment.start_s)
        if words:
            start_s, end_s = span_s(words)
        placed = replace(
            data, text=data.text.strip(), start_time=start_s, end_time=end_s, words=words or None
        )
        self._event_ch.send_nowait(
            stt.SpeechEvent(
                type=stt.SpeechEventType.FINAL_TRANSCRIPT,
                request_id=answer.request_id,
                alternatives=[placed],
            )
        )


def shift_words(words: Sequence[TimedString], by_s: float) -> list[TimedString]:
    """Words with their times `by_s` later. Without times, or with times that stand still as some
    services give them, there are none: the times of the utterance then say more."""
    timed = [
        (word, float(word.start_time), float(word.end_time))
        for word in words
        if isinstance(word.start_time, int | float) and isinstance(word.end_time, int | float)
    ]
    if not timed or timed[-1][2] <= timed[0][1]:
        return []
    return [
        TimedString(
            str(word).strip(),
            start_time=start_s + by_s,
            end_time=end_s + by_s,
            confidence=word.confidence,
            start_time_offset=by_s,
            speaker_id=word.speaker_id,
        )
        for word, start_s, end_s in timed
    ]


def span_s(words: Sequence[TimedString]) -> tuple[float, float]:
    """Where words of `shift_words`, which all have times, begin and end."""
    return float(words[0].start_time or 0.0), float(words[-1].end_time or 0.0)
