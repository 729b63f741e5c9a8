"""What the sink tells of what the client has played, and when: for the recording."""

from __future__ import annotations

import pytest
from livekit import rtc

from agent.pipeline import sink as sink_module
from agent.pipeline.sink import SocketAudioOutput
from sessions.protocol import (
    PLAYBACK_RATE_HZ,
)
from tests.support.playback import FRAME_MS, SHORT_S, Playback


class Tape:
    """What the sink says was played, and when, in ms since the beginning."""

    def __init__(self, playback: Playback) -> None:
        self.zero_ms = playback.clock.now_ms()
        self.pieces: list[tuple[int, bytes]] = []

    def put(self, pcm: bytes, starts_at_ms: int) -> None:
        self.pieces.append((starts_at_ms - self.zero_ms, pcm))

    @property
    def times(self) -> list[tuple[int, int]]:
        """Where each piece begins, and how long it is."""
        return [(at_ms, len(pcm) * 1000 // PLAYBACK_RATE_HZ // 2) for at_ms, pcm in self.pieces]


def taped() -> tuple[Playback, Tape]:
    playback = Playback()
    tape = Tape(playback)
    playback.sink = SocketAudioOutput(playback.outlet, playback.clock, on_played=tape.put)
    playback.sink.on("playback_finished", playback.finished.append)
    playback.begin(1)
    return playback, tape


def loud(level: int, duration_ms: int = FRAME_MS) -> rtc.AudioFrame:
    samples = PLAYBACK_RATE_HZ * duration_ms // 1000
    pcm = level.to_bytes(2, "little") * samples
    return rtc.AudioFrame(pcm, PLAYBACK_RATE_HZ, 1, samples)


async def test_what_was_played_is_told_once_with_its_time() -> None:
    playback, tape = taped()
    for level in (1, 2, 3):
        await playback.sink.capture_frame(loud(level))
    playback.clock.advance(500)
    playback.sink.note_played(1, 100, is_done=False)
    playback.clock.advance(120)  # the news of it was late by 20 ms
    playback.sink.note_played(1, 200, is_done=False)
    playback.sink.flush()
    playback.clock.advance(80)
    playback.sink.note_played(1, 300, is_done=True)
    assert tape.times == [(400, 100), (500, 100), (600, 100)]
    assert b"".join(pcm for _, pcm in tape.pieces) == b"".join(
        bytes(loud(level).data) for level in (1, 2, 3)
    )


async def test_what_a_hold_delayed_is_told_at_the_time_it_was_played() -> None:
    playback, tape = taped()
    for level in (1, 2, 3):
        await playback.sink.capture_frame(loud(level))
    playback.clock.advance(100)
    playback.sink.note_played(1, 100, is_done=False)
    playback.sink.hold(True)
    playback.clock.advance(700)
    playback.sink.hold(False)
    playback.clock.advance(100)
    playback.sink.note_played(1, 200, is_done=False)
    playback.clock.advance(100)
    playback.sink.note_played(1, 300, is_done=False)
    assert tape.times == [(0, 100), (800, 100), (900, 100)]
    playback.interrupt()
    playback.sink.note_played(1, 300, is_done=True)


async def test_a_short_hold_delays_what_comes_after_it_too() -> None:
    playback, tape = taped()
    for level in (1, 2, 3):
        await playback.sink.capture_frame(loud(level))
    playback.clock.advance(100)
    playback.sink.note_played(1, 100, is_done=False)
    playback.sink.hold(True)
    playback.clock.advance(150)  # less than news may be late
    playback.sink.hold(False)
    playback.clock.advance(100)
    playback.sink.note_played(1, 200, is_done=False)
    assert tape.times == [(0, 100), (250, 100)]
    playback.interrupt()
    playback.sink.note_played(1, 200, is_done=True)


async def test_what_was_stopped_was_not_played() -> None:
    playback, tape = taped()
    for level in (1, 2, 3):
        await playback.sink.capture_frame(loud(level))
    playback.clock.advance(100)
    playback.sink.note_played(1, 100, is_done=False)
    playback.interrupt()
    playback.clock.advance(30)
    playback.sink.note_played(1, 130, is_done=True)
    playback.begin(2)
    await playback.sink.capture_frame(loud(9))
    playback.clock.advance(1_000)
    playback.sink.flush()
    playback.sink.note_played(2, 100, is_done=True)
    assert tape.times == [(0, 100), (100, 30), (1_030, 100)]
    assert tape.pieces[-1][1] == bytes(loud(9).data)


async def test_what_a_client_claims_beyond_what_it_was_sent_was_not_played() -> None:
    playback, tape = taped()
    await playback.sink.capture_frame(loud(1))
    playback.clock.advance(50)
    playback.sink.note_played(1, 5_000, is_done=False)
    playback.sink.flush()
    playback.sink.note_played(1, 5_000, is_done=True)
    assert sum(length_ms for _, length_ms in tape.times) == 100


async def test_the_end_that_nobody_acknowledged_was_played(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sink_module, "DONE_LIMIT_S", SHORT_S)
    playback, tape = taped()
    await playback.sink.capture_frame(loud(1, 20))
    await playback.sink.capture_frame(loud(2, 20))
    playback.clock.advance(20)
    playback.sink.note_played(1, 20, is_done=False)
    playback.sink.flush()
    await playback.until_finished()
    assert playback.only_end.interrupted is False
    assert playback.sink.played_ms == 40
    assert sum(length_ms for _, length_ms in tape.times) == 40
