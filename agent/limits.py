"""What one client may ask of the gateway: how much, how fast, and how long it may be silent.

Only the server's own clock counts here; no time that a client tells limits anything.
"""

from __future__ import annotations

HELLO_LIMIT_S = 5.0
MAX_WAITING = 1_000
"""Messages that may wait for a slow client: 40 s of 40 ms audio frames."""
MAX_PER_SECOND = 250
"""Text messages from a client, in a burst and on the average: a page needs a handful."""
AUDIO_PACE = 2.0
"""Seconds of audio taken in each second, on the average. A microphone makes one."""
AUDIO_BURST_MS = 20_000
"""Audio that may come at once after a stall of the network. A page that hears nothing for 12 s
gives its socket up, so it never has more to catch up with."""
LEAST_FRAME_MS = 10.0
"""What a shorter frame, or an empty one, counts as."""
MAX_REFUSED = 50
PING_INTERVAL_S = 8.0
PING_TIMEOUT_S = 12.0
CLOSE_LIMIT_S = 3.0
"""A socket that is half open, its peer gone without a word, is closed after at most the three
above together."""


class TooMuch(Exception):
    """The client is flooding."""


class TokenBucket:
    """`capacity` at once, `per_s` on the average."""

    def __init__(self, *, capacity: float, per_s: float) -> None:
        self._capacity = capacity
        self._per_s = per_s
        self._tokens = capacity
        self._filled_ms: int | None = None

    def take(self, cost: float, now_ms: int) -> bool:
        """False, and nothing taken, when there is not so much left."""
        # A clock that was set back fills nothing.
        passed_ms = 0 if self._filled_ms is None else max(now_ms - self._filled_ms, 0)
        self._filled_ms = now_ms
        self._tokens = min(self._tokens + passed_ms * self._per_s / 1000, self._capacity)
        if cost > self._tokens:
            return False
        self._tokens -= cost
        return True


class Allowance:
    """What one socket has left. Raises TooMuch when it is used up."""

    def __init__(
        self, *, texts_per_s: int = MAX_PER_SECOND, most_refused: int = MAX_REFUSED
    ) -> None:
        self._texts = TokenBucket(capacity=texts_per_s, per_s=texts_per_s)
        self._audio_ms = TokenBucket(capacity=AUDIO_BURST_MS, per_s=AUDIO_PACE * 1000)
        self._refusals_left = most_refused + 1  # the last of them is still answered

    def count_text(self, now_ms: int) -> None:
        if not self._texts.take(1, now_ms):
            raise TooMuch

    def count_audio(self, duration_ms: float, now_ms: int) -> None:
        if not self._audio_ms.take(max(duration_ms, LEAST_FRAME_MS), now_ms):
            raise TooMuch

    def count_refused(self) -> None:
        if self._refusals_left == 0:
            raise TooMuch
        self._refusals_left -= 1
