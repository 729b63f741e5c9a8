"""The audio that a chain of recognisers may have to hear again, and speech without words."""

from __future__ import annotations

from collections import deque

from livekit import rtc

REEL_S = 30.0
"""Audio kept to be heard again."""
ENOUGH_SPEECH_S = 2.0
"""Speech that must have words; less may have been coughs, which add up only when close together."""
COUGH_GAP_MS = 3_000
VAD_TAIL_S = 0.8
SAMPLE_S = 1 / 48_000
"""No place in the audio is known better; sums of durations are off by far less."""


class Reel:
    """The audio since the last final result, 30 s at most, and where in it speech was noted."""

    def __init__(self, limit_s: float = REEL_S) -> None:
        self._limit_s = limit_s
        self._items: deque[tuple[float, rtc.AudioFrame | bool]] = deque()
        self._is_speaking_at_start = False
        self._settled_s = 0.0
        self.end_s = 0.0

    @property
    def start_s(self) -> float:
        if not self._items:
            return self.end_s
        return max(self._items[0][0], self._settled_s)

    @property
    def has_lost(self) -> bool:
        """Whether audio that is not settled was too old to keep."""
        return bool(self._items) and self._items[0][0] > self._settled_s + SAMPLE_S

    def add(self, frame: rtc.AudioFrame) -> None:
        self._items.append((self.end_s, frame))
        self.end_s += frame.duration
        while self._items and self._items[0][0] < self.end_s - self._limit_s:
            self._drop_first()

    def note_speech(self, is_speaking: bool) -> None:
        self._items.append((self.end_s, is_speaking))

    def settle(self, until_s: float) -> None:
        """All before is told as final, and need not be heard again."""
        self._settled_s = max(self._settled_s, min(until_s, self.end_s))
        while self._items and _end_s(*self._items[0]) <= self._settled_s + SAMPLE_S:
            self._drop_first()

    def _drop_first(self) -> None:
        _, item = self._items.popleft()
        if isinstance(item, bool):
            self._is_speaking_at_start = item

    def items(self) -> list[rtc.AudioFrame | bool]:
        """From `start_s` on: frames, and between them whether speech goes on from there."""
        items: list[rtc.AudioFrame | bool] = [self._begins_in_speech()]
        for start_s, item in self._items:
            if isinstance(item, rtc.AudioFrame) and start_s < self._settled_s:
                items.append(_without_start(item, self._settled_s - start_s))
            else:
                items.append(item)
        return items

    def _begins_in_speech(self) -> bool:
        """Speech whose end is noted soon is over already: the VAD notes it after some silence."""
        marks = ((at_s, item) for at_s, item in self._items if isinstance(item, bool))
        at_s, goes_on = next(marks, (self.end_s, True))
        is_tail = not goes_on and at_s - self.start_s < VAD_TAIL_S
        return self._is_speaking_at_start and not is_tail


def _end_s(start_s: float, item: rtc.AudioFrame | bool) -> float:
    return start_s + item.duration if isinstance(item, rtc.AudioFrame) else start_s


def _without_start(frame: rtc.AudioFrame, seconds: float) -> rtc.AudioFrame:
    skipped = min(round(seconds * frame.sample_rate), frame.samples_per_channel)
    return rtc.AudioFrame(
        frame.data[skipped * frame.num_channels :].tobytes(),
        frame.sample_rate,
        frame.num_channels,
        frame.samples_per_channel - skipped,
    )


class Unheard:
    """Speech that no result has followed yet, by what the VAD says."""

    def __init__(self, limit_ms: int) -> None:
        self._limit_ms = limit_ms
        self._speech_s = 0.0
        self._since_ms = 0
        self._quiet_since_ms = 0
        self._is_speaking = False

    def note_speech(self, is_speaking: bool, now_ms: int) -> None:
        if is_speaking and not self._is_speaking:
            was_cough = self._speech_s < ENOUGH_SPEECH_S
            if was_cough and now_ms - self._quiet_since_ms >= COUGH_GAP_MS:
                self._speech_s = 0.0
            if not self._speech_s:
                self._since_ms = now_ms
        elif self._is_speaking and not is_speaking:
            self._quiet_since_ms = now_ms
        self._is_speaking = is_speaking

    def note_audio(self, duration_s: float) -> None:
        if self._is_speaking:
            self._speech_s += duration_s

    def note_event(self, now_ms: int) -> None:
        self._speech_s = 0.0
        self._since_ms = now_ms

    def listen_anew(self, now_ms: int) -> None:
        """Another member has only now been given the speech."""
        self._since_ms = now_ms

    def is_too_much(self, now_ms: int) -> bool:
        return self._speech_s >= ENOUGH_SPEECH_S and now_ms - self._since_ms >= self._limit_ms

    def is_quiet(self, now_ms: int) -> bool:
        """Nobody speaks, and no words are to be expected any more."""
        if self._is_speaking:
            return False
        return not self._speech_s or now_ms - self._quiet_since_ms >= self._limit_ms
