"""What the recogniser says, gathered into turns, with its times put on the server's clock.

A recogniser counts time in the audio it was given. `Ear` knows how much audio that was and when
the last of it came, so a gap in the stream (a lost connection) shifts nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterable, Callable
from typing import Any

from livekit import rtc
from livekit.agents import stt

from agent.hearing import Heard, spread_words
from sessions.facts import Timing, Word
from sessions.ports import Clock

log = logging.getLogger(__name__)

ASSUMED_SPEECH_MS_PER_CHAR = 65
"""About 150 words a minute: the length of a result whose recogniser gives no times at all."""


class Ear:
    """`on_words(heard)` is called with all of the running turn at each result, interim or final.

    `is_ignored(text)` says which results are no answer: the interviewer's echo, or a "mm-hm"
    while it speaks. Those never reach the session, so they cannot interrupt.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        on_words: Callable[[Heard], None],
        is_ignored: Callable[[str], bool],
        on_failure: Callable[[str], None],
    ) -> None:
        self._clock = clock
        self._on_words = on_words
        self._is_ignored = is_ignored
        self._on_failure = on_failure
        self._finals: list[Heard] = []
        self._interim: Heard | None = None
        self._audio_ms = 0.0
        self._stream_base_ms = 0.0
        self._audio_until_ms = clock.now_ms()

    async def recognise(
        self, recogniser: stt.STT[Any], audio: AsyncIterable[rtc.AudioFrame]
    ) -> AsyncGenerator[stt.SpeechEvent]:
        """The recogniser's events on the audio, but for the ignored ones.

        When the recogniser fails for good, `on_failure(reason)` is told and the audio is read on
        in silence: the session lives, and the candidate types.
        """
        self._stream_base_ms = self._audio_ms
        async with recogniser.stream() as stream:
            # Owned here, by hand: a TaskGroup cannot span the yields of a generator.
            feeding = asyncio.get_running_loop().create_task(self._feed(stream, audio))
            try:
                async for event in stream:
                    if self._hear(event):
                        yield event
            # The edge to the provider's code, which may be anyone's: whatever it raises ends the
            # recognition, and not the room.
            except Exception as exc:
                log.warning("the recogniser stopped: %s", type(exc).__name__)
                self._on_failure(str(exc) or type(exc).__name__)
                await feeding
            finally:
                feeding.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await feeding

    async def _feed(
        self, stream: stt.RecognizeStream, audio: AsyncIterable[rtc.AudioFrame]
    ) -> None:
        async for frame in audio:
            self._audio_ms += frame.duration * 1000
            self._audio_until_ms = self._clock.now_ms()
            with contextlib.suppress(RuntimeError):  # a stream that failed takes no more
                stream.push_frame(frame)
        with contextlib.suppress(RuntimeError):
            stream.end_input()

    def _hear(self, event: stt.SpeechEvent) -> bool:
        """Note the event; False when the session must not see it."""
        is_final = event.type is stt.SpeechEventType.FINAL_TRANSCRIPT
        if not (is_final or event.type is stt.SpeechEventType.INTERIM_TRANSCRIPT):
            return True
        data = event.alternatives[0] if event.alternatives else None
        if data is None or not data.text.strip() or self._is_ignored(data.text):
            self._interim = None
            return False
        heard = self._placed(data)
        self._interim = None if is_final else heard
        if is_final:
            self._finals.append(heard)
        if (running := self.running) is not None:
            self._on_words(running)
        return True

    @property
    def running(self) -> Heard | None:
        """The turn so far, interim words included."""
        parts = [*self._finals, self._interim] if self._interim else self._finals
        return Heard.joined(parts) if parts else None

    def take(self, *, with_interim: bool = False) -> Heard | None:
        """The finished turn; the next begins. `with_interim` when there is no time to wait."""
        parts = list(self._finals)
        if with_interim and self._interim:
            parts.append(self._interim)
        self._finals.clear()
        self._interim = None
        return Heard.joined(parts) if parts else None

    def audio_position_s(self, at_ms: int) -> float:
        """Where the epoch moment lies in the audio the recogniser was given, in seconds."""
        position_ms = self._audio_ms - (self._audio_until_ms - at_ms) - self._stream_base_ms
        return max(position_ms / 1000, 0.0)

    def _placed(self, data: stt.SpeechData) -> Heard:
        text = data.text.strip()
        words = tuple(
            Word(
                text=str(word).strip(),
                start_ms=self._epoch_ms(word.start_time),
                end_ms=self._epoch_ms(word.end_time),
                confidence=word.confidence if isinstance(word.confidence, float) else None,
            )
            for word in data.words or ()
            if isinstance(word.start_time, float) and isinstance(word.end_time, float)
        )
        if words:
            return Heard(
                text=text,
                words=words,
                timing=Timing.WORD,
                started_ms=words[0].start_ms,
                ended_ms=words[-1].end_ms,
            )
        end_ms = self._epoch_ms(data.end_time) if data.end_time else self._clock.now_ms()
        start_ms = end_ms - len(text) * ASSUMED_SPEECH_MS_PER_CHAR
        if data.end_time:
            start_ms = self._epoch_ms(data.start_time)
        return Heard(
            text=text,
            words=spread_words(text, start_ms, end_ms),
            timing=Timing.UTTERANCE,
            started_ms=start_ms,
            ended_ms=end_ms,
        )

    def _epoch_ms(self, position_s: float) -> int:
        position_ms = self._stream_base_ms + position_s * 1000
        return int(self._audio_until_ms - (self._audio_ms - position_ms))
