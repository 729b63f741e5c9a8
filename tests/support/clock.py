"""A clock that moves when a test says so."""

from __future__ import annotations


class FakeClock:
    """Implements `sessions.ports.Clock`."""

    def __init__(self, now_ms: int = 1_800_000_000_000) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        return self._now_ms

    def advance(self, by_ms: int) -> None:
        assert by_ms >= 0, "time does not go back"
        self._now_ms += by_ms
