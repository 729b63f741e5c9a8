"""Where a piece of sound lies on the recording: by its arrival, without seams, in spite of the
network and of clocks that differ."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.recorder.track import DRIFT_MS, ArrivingSide, TimedSide, Track

RATE_HZ = 16_000
MS = RATE_HZ // 1000
FRAME_MS = 40


class Arriving:
    """A candidate whose samples count upwards from 1, so that each can be found again."""

    def __init__(self) -> None:
        self.track = Track(RATE_HZ)
        self.side = ArrivingSide(self.track)
        self.said = 0

    def hear(self, arrives_ms: float, *, is_quiet: bool = False) -> None:
        """The next 40 ms."""
        count = FRAME_MS * MS
        self.side.hear(self.frame(is_quiet=is_quiet).tobytes(), round(arrives_ms * MS))
        self.said += count

    def frame(self, *, is_quiet: bool = False) -> NDArray[np.int16]:
        count = FRAME_MS * MS
        if is_quiet:
            return np.zeros(count, np.int16)
        return (np.arange(self.said, self.said + count) % 20_000 + 1_000).astype(np.int16)

    def recorded(self, until_ms: int = 60_000) -> NDArray[np.int16]:
        return np.frombuffer(self.track.take(until_ms * MS), np.int16)


def runs(samples: NDArray[np.int16]) -> list[tuple[int, int]]:
    """The stretches that are no silence, as (start, end) in ms."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], samples != 0, [0]])))
    return [(int(a) // MS, int(b) // MS) for a, b in edges.reshape(-1, 2)]


def has_no_seam(samples: NDArray[np.int16]) -> bool:
    """Every sample follows the one before it."""
    steps = np.diff(samples[samples != 0].astype(np.int32))
    return bool(np.all((steps == 1) | (steps == -19_999)))


def has_no_seam_within(samples: NDArray[np.int16], found: list[tuple[int, int]]) -> bool:
    return all(has_no_seam(samples[start * MS : end * MS]) for start, end in found)


def test_what_arrives_in_time_lies_where_it_was_said() -> None:
    candidate = Arriving()
    for end_ms in range(1_040, 2_001, FRAME_MS):
        candidate.hear(end_ms)

    assert runs(candidate.recorded()) == [(1_000, 2_000)]


def test_jitter_makes_no_seam_and_the_quickest_piece_says_where() -> None:
    candidate = Arriving()
    for number, end_ms in enumerate(range(1_040, 3_001, FRAME_MS)):
        candidate.hear(end_ms + (60, 15, 90, 5, 30, 0)[number % 6])
    recorded = candidate.recorded()

    assert has_no_seam(recorded)
    ((start_ms, end_ms),) = runs(recorded)
    assert abs(start_ms - 1_000) <= 15
    assert end_ms - start_ms == 2_000


def test_a_gap_is_silence() -> None:
    candidate = Arriving()
    for end_ms in (*range(1_040, 2_001, FRAME_MS), *range(5_040, 6_001, FRAME_MS)):
        candidate.hear(end_ms)

    assert runs(candidate.recorded()) == [(1_000, 2_000), (5_000, 6_000)]


def test_audio_held_up_by_the_network_and_come_at_once_is_put_where_it_was_said() -> None:
    candidate = Arriving()
    for end_ms in range(1_040, 5_001, FRAME_MS):
        held_until_ms = 3_400 if 2_000 < end_ms <= 3_400 else 0
        candidate.hear(max(end_ms, held_until_ms))
    recorded = candidate.recorded()

    assert has_no_seam(recorded)
    assert runs(recorded) == [(1_000, 5_000)]


def test_what_begins_with_a_burst_is_put_where_it_was_said() -> None:
    candidate = Arriving()
    for end_ms in range(5_040, 9_001, FRAME_MS):
        candidate.hear(max(end_ms, 6_500))
    recorded = candidate.recorded()

    assert has_no_seam(recorded)
    assert runs(recorded) == [(5_000, 9_000)]


def test_a_burst_is_not_put_over_what_is_recorded_already() -> None:
    candidate = Arriving()
    candidate.track.take(6_000 * MS)
    for end_ms in range(5_040, 9_001, FRAME_MS):
        candidate.hear(max(end_ms, 6_500))

    assert candidate.track.lost == 0
    ((start_ms, end_ms),) = runs(candidate.recorded())
    assert start_ms == 0  # of what is left: at 6 s
    assert end_ms == 4_000


def test_a_piece_with_an_older_time_goes_to_its_own_place() -> None:
    candidate = Arriving()
    ends = list(range(1_040, 3_001, FRAME_MS))
    late = ends.pop(20)
    frames = {end_ms: Arriving().frame() for end_ms in ends}
    for end_ms in ends[:40]:
        candidate.side.hear(frames[end_ms].tobytes(), end_ms * MS)
    before = candidate.recorded(0)
    candidate.side.hear(np.full(FRAME_MS * MS, 77, np.int16).tobytes(), late * MS)
    recorded = candidate.recorded()

    assert not before.size
    assert np.all(recorded[(late - FRAME_MS) * MS : late * MS] == 77)


def test_too_late_is_lost_and_counted() -> None:
    track = Track(RATE_HZ)
    track.take(3_000 * MS)
    track.put(2_990 * MS, bytes(2 * 40 * MS))
    track.put(1_000 * MS, bytes(2 * 40 * MS))

    assert track.lost == 50 * MS


def test_a_wrong_time_does_not_fill_the_memory() -> None:
    track = Track(RATE_HZ)
    track.put(10**12, bytes(2 * 40 * MS))

    assert track.lost == 40 * MS
    assert track.take(10_000) == b""


@pytest.mark.parametrize("ppm", [-3_000, -50, 50, 3_000])
def test_a_clock_that_drifts_is_followed_in_silence_alone(ppm: int) -> None:
    candidate = Arriving()
    taken: list[NDArray[np.int16]] = []
    spoken_ends_ms: list[float] = []
    for number in range(4_000):  # 160 s: at 3,000 ppm, half a second of drift
        end_ms = 1_000 + (number + 1) * FRAME_MS * (1 + ppm / 1_000_000)
        is_pause = number % 50 >= 40
        if number % 50 == 39:
            spoken_ends_ms.append(end_ms)
        candidate.hear(end_ms, is_quiet=is_pause)
        if number % 25 == 0 and end_ms > 3_000:
            until = round(end_ms - 2_000) * MS
            size = until - candidate.track.taken
            piece = np.frombuffer(candidate.track.take(until), np.int16)
            taken.append(np.pad(piece, (0, size - len(piece))))
    recorded = np.concatenate([*taken, candidate.recorded(200_000)])

    found = runs(recorded)
    assert len(found) == 80
    assert {end - start for start, end in found} == {40 * FRAME_MS}
    assert has_no_seam_within(recorded, found)
    off_ms = [end - said for (_, end), said in zip(found, spoken_ends_ms, strict=True)]
    assert max(map(abs, off_ms)) <= DRIFT_MS + FRAME_MS


def test_the_interviewers_pieces_are_joined_whatever_was_rounded() -> None:
    track = Track(24_000)
    side = TimedSide(track)
    sound = np.arange(1, 24_001, dtype=np.int16)
    place = 0
    for size in (777, 5_003, 12_000, 6_220):
        # Its time is known to the millisecond only.
        side.speak(sound[place : place + size].tobytes(), track.samples(500 + place // 24))
        place += size

    recorded = np.frombuffer(track.take(48_000), np.int16)
    assert np.array_equal(recorded[12_000:36_000], sound)


def test_the_interviewers_next_utterance_lies_at_its_own_time() -> None:
    track = Track(24_000)
    side = TimedSide(track)
    side.speak(np.full(2_400, 5, np.int16).tobytes(), 0)
    side.speak(np.full(2_400, 6, np.int16).tobytes(), 2_400 + 24 * 300)

    recorded = np.frombuffer(track.take(24_000), np.int16)
    assert np.flatnonzero(recorded == 6)[0] == 2_400 + 24 * 300
    assert not recorded[2_400 : 2_400 + 24 * 300].any()
