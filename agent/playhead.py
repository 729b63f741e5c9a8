"""A client's playhead without a loudspeaker: it plays to nobody, and says how far it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from sessions.protocol import AudioFrame, Played

REPORT_S = 0.1
REPORT_MS = 500
"""When not in real time, audio comes all at once: a report for each half second of it is enough."""


class Playhead:
    """`is_real_time` plays as an ear would hear; otherwise all audio counts as played at once."""

    def __init__(self, *, is_real_time: bool) -> None:
        self._is_real_time = is_real_time
        self._utterance = 0
        self._buffered_ms = 0.0
        self._played_ms = 0.0
        self._ends_at_ms: int | None = None
        self._is_held = False
        self._reports: asyncio.Queue[Played] = asyncio.Queue(maxsize=1_000)

    def receive(self, frame: AudioFrame) -> None:
        if frame.utterance != self._utterance:
            self._utterance = frame.utterance
            self._buffered_ms = self._played_ms = 0.0
            self._ends_at_ms = None
            self._is_held = False
        self._buffered_ms += frame.duration_ms
        if not self._is_real_time and self._buffered_ms - self._played_ms >= REPORT_MS:
            self._advance(self._buffered_ms)

    def end(self, utterance: int, audio_ms: int) -> None:
        if utterance == self._utterance:
            self._ends_at_ms = audio_ms
            if not self._is_real_time:
                self._advance(self._buffered_ms)
            self._finish_if_played()

    def clear(self, utterance: int) -> None:
        if utterance == self._utterance:
            self._report(is_done=True)
            self._utterance = 0

    def hold(self, utterance: int, *, is_held: bool) -> None:
        if utterance == self._utterance:
            self._is_held = is_held

    async def reports(self) -> AsyncGenerator[Played]:
        """What to send to the server, until cancelled."""
        loop = asyncio.get_running_loop()
        then_s = loop.time()
        while True:
            if not self._is_real_time:
                yield await self._reports.get()
                continue
            await asyncio.sleep(REPORT_S)
            now_s = loop.time()
            if self._utterance and not self._is_held:
                self._advance(min(self._played_ms + (now_s - then_s) * 1000, self._buffered_ms))
            then_s = now_s
            for report in self.taken():
                yield report

    def taken(self) -> list[Played]:
        """What there is to send now, for a client with a loop of its own."""
        reports: list[Played] = []
        while not self._reports.empty():
            reports.append(self._reports.get_nowait())
        return reports

    def _advance(self, played_ms: float) -> None:
        if played_ms > self._played_ms:
            self._played_ms = played_ms
            self._report(is_done=False)
            self._finish_if_played()

    def _finish_if_played(self) -> None:
        # The server's audio_ms is rounded down to whole ms.
        if self._ends_at_ms is not None and self._played_ms >= self._ends_at_ms:
            self._report(is_done=True)
            self._utterance = 0

    def _report(self, *, is_done: bool) -> None:
        played = Played(utterance=self._utterance, ms=int(self._played_ms), done=is_done)
        if not self._reports.full():
            self._reports.put_nowait(played)
