"""One attempt of one voice at one text: its sound at the rate of the room, and what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import numpy as np
from livekit import rtc
from livekit.agents import APIConnectOptions, APIError, APIStatusError, APITimeoutError, tts

from agent.providers.tts.espeak import EspeakTTS
from sessions.errors import ProviderUnavailable
from sessions.protocol import PLAYBACK_RATE_HZ

RETRIES = 1
RETRY_AFTER_S = 0.05
GRACE_S = 0.5
"""Beyond the time that each try has: for a provider to give up by itself, and to begin again."""
SHORTEST_MS_PER_CHARACTER = 15
"""Of letters and digits. espeak-ng at its fastest, 450 words a minute, takes 24."""
LONGEST_MS_PER_CHARACTER = 300
"""espeak-ng at its slowest, 80 words a minute, takes 135."""
LONGEST_PAUSES_MS = 3_000
"""Beyond that, for the silence around a sentence and for short ones that are spelt: "SQL"."""
CHARACTERS_PER_DIGIT = 6
"""A digit is a word when it is said."""
CHARACTERS_PER_END = 11
"""What the slowing down at a sentence's end is worth: espeak-ng's sentences of 25 to 90 characters
last as long as their characters and these, to 5 %."""
MARGIN = 0.05
"""Of a sentence: so much less is taken as heard, as a word said twice is better than one lost.
Of 576 cuts of spoken sentences one lost a word so, a third repeated one and a ninth two."""
LONGEST_REASON = 160
GATE_MS = 200
"""Sound held back until there is so much of it: what is only a crackle is then never played."""
TRIAL_TEXT = "Ready."


@dataclass(frozen=True, slots=True)
class Member:
    """`name` is that of the settings."""

    name: str
    tts: tts.TTS[Any]


class VoiceFailed(Exception):
    """`was_waited_for`: it used up its time, for its beginning or in mid-sentence."""

    def __init__(self, reason: str, *, may_retry: bool, was_waited_for: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.may_retry = may_retry
        self.was_waited_for = was_waited_for


class Attempt:
    def __init__(self, member: Member, text: str, limit_s: float) -> None:
        """`limit_s` bounds the wait for each piece of sound, the first one too."""
        self._tts = member.tts
        # It goes on to the sample where it broke off, which nobody outside can tell as well.
        self._retries_itself = isinstance(member.tts, EspeakTTS)
        self._limit_s = limit_s
        self.text = text
        self.audio_ms = 0.0
        """Made by the voice, handed on or not."""
        self._delivered_ms = 0.0

    @property
    def weight(self) -> int:
        """How long the text sounds, in characters: with digits as words, and its end."""
        return _spelt_length(self.text) + CHARACTERS_PER_END

    async def frames(self) -> AsyncGenerator[rtc.AudioFrame]:
        """Mono frames at PLAYBACK_RATE_HZ. Raises VoiceFailed."""
        shortest_ms = SHORTEST_MS_PER_CHARACTER * sum(map(str.isalnum, self.text))
        longest_ms = LONGEST_MS_PER_CHARACTER * self.weight + LONGEST_PAUSES_MS
        held: list[rtc.AudioFrame] = []
        async with aclosing(self._sound()) as sound:
            async for frame in sound:
                self.audio_ms += frame.duration * 1000
                if self.audio_ms > longest_ms:
                    self._delivered_ms = 0.0  # whatever it was, it was not this text
                    raise VoiceFailed("it does not come to an end", may_retry=False)
                held.append(frame)
                if self.audio_ms >= min(shortest_ms, GATE_MS):
                    for one in held:
                        self._delivered_ms += one.duration * 1000
                        yield one
                    held.clear()
        if not self.audio_ms and self.text.strip():
            raise VoiceFailed("it made no sound", may_retry=True)
        if self.audio_ms < shortest_ms:
            self._delivered_ms = 0.0  # as above
            raise VoiceFailed("its sound is too short to be the text", may_retry=True)

    def rest(self, pace_ms: float) -> str:
        """What is left to say after a failure, from the first word not heard whole on.

        `pace_ms` is what the voice takes for a unit of `weight`. At least the last word is left.
        """
        share = self._delivered_ms / (pace_ms * self.weight) - MARGIN
        heard = share * _spelt_length(self.text)
        place = 0
        for start, end in _words(self.text):
            place = start
            if _spelt_length(self.text[:end]) >= heard:
                break
        return self.text[place:]

    async def _sound(self) -> AsyncGenerator[rtc.AudioFrame]:
        shape = _Shape()
        try:
            async with aclosing(self._chunks()) as chunks:
                async for chunk in chunks:
                    for frame in shape.push(chunk):
                        yield frame
            for frame in shape.flush():
                yield frame
        except TimeoutError as exc:
            begun = self.audio_ms > 0
            reason = "it stopped in mid-sentence" if begun else "it did not begin in time"
            raise VoiceFailed(reason, may_retry=True, was_waited_for=True) from exc
        # The edge to the provider's code, which may be anyone's.
        except Exception as exc:
            raise VoiceFailed(
                _reason(exc),
                may_retry=isinstance(exc, APIError) and exc.retryable,
                was_waited_for=isinstance(exc, APITimeoutError),
            ) from exc

    async def _chunks(self) -> AsyncGenerator[rtc.AudioFrame]:
        retries = RETRIES if self._retries_itself else 0
        options = APIConnectOptions(
            max_retry=retries, retry_interval=RETRY_AFTER_S, timeout=self._limit_s
        )
        limit_s = self._limit_s * (retries + 1) + (GRACE_S if retries else 0)
        async with self._tts.synthesize(self.text, conn_options=options) as stream:
            chunks = aiter(stream)
            while True:
                try:
                    async with asyncio.timeout(limit_s):
                        chunk = await anext(chunks)
                except StopAsyncIteration:
                    return
                yield chunk.frame


async def try_member(member: Member, *, timeout_s: float) -> float:
    """Say a word to nobody; its audio's length in ms. Raises ProviderUnavailable."""
    attempt = Attempt(member, TRIAL_TEXT, timeout_s)
    try:
        async with asyncio.timeout(timeout_s + GRACE_S), aclosing(attempt.frames()) as frames:
            async for _ in frames:
                pass
    except (VoiceFailed, TimeoutError) as exc:
        reason = exc.reason if isinstance(exc, VoiceFailed) else "it did not end in time"
        raise ProviderUnavailable(component="tts", provider=member.name, reason=reason) from exc
    return attempt.audio_ms


class _Shape:
    """Any rate and number of channels to PLAYBACK_RATE_HZ mono. The first frame decides."""

    def __init__(self) -> None:
        self._resampler: rtc.AudioResampler | None = None

    def push(self, frame: rtc.AudioFrame) -> list[rtc.AudioFrame]:
        mono = _mono(frame)
        if mono.sample_rate == PLAYBACK_RATE_HZ:
            return [mono]
        if self._resampler is None:
            self._resampler = rtc.AudioResampler(mono.sample_rate, PLAYBACK_RATE_HZ)
        return self._resampler.push(mono)

    def flush(self) -> list[rtc.AudioFrame]:
        return self._resampler.flush() if self._resampler is not None else []


def _mono(frame: rtc.AudioFrame) -> rtc.AudioFrame:
    if frame.num_channels == 1:
        return frame
    samples = np.frombuffer(frame.data, dtype=np.int16).reshape(-1, frame.num_channels)
    mixed = samples.mean(axis=1).astype(np.int16)
    return rtc.AudioFrame(mixed.tobytes(), frame.sample_rate, 1, len(mixed))


def _spelt_length(text: str) -> int:
    return len(text) + (CHARACTERS_PER_DIGIT - 1) * sum(map(str.isdigit, text))


def _words(text: str) -> list[tuple[int, int]]:
    """Where each word begins and ends."""
    places: list[tuple[int, int]] = []
    end = 0
    for word in text.split():
        start = text.index(word, end)
        end = start + len(word)
        places.append((start, end))
    return places


def _reason(exc: Exception) -> str:
    """Short, and without what a service may quote: the text, a part of the key."""
    if isinstance(exc, APIStatusError):
        return f"it answered with the status {exc.status_code}"
    message = " ".join(str(exc).split())[:LONGEST_REASON]
    if message.startswith("no audio frames were pushed"):
        return "it made no sound"
    return message or type(exc).__name__
