"""The recording of a room, spoken by espeak-ng on both sides and listened to again."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Callable, Generator
from concurrent.futures import Executor, Future
from dataclasses import replace
from io import FileIO
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.recorder.recorder import Recorder
from agent.recorder.recovery import Recovered, recover_recordings
from agent.recorder.studio import Studio, open_studio
from sessions.errors import BlobsUnavailable
from sessions.facts import RecordingFailed, RecordingStored
from sessions.ids import InterviewId
from sessions.infra.blobs import ObstoreBlobs, open_blobs
from sessions.settings import Settings
from tests.support.clock import FakeClock
from tests.support.recording import HEARD_HZ, play_out, run_studio, send
from tests.support.speech import speak_samples

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")

INTERVIEW = InterviewId("interview/1.2")
START_MS = 1_800_000_000_000


@pytest.fixture
def studio(tmp_path: Path, clock: FakeClock) -> Generator[Studio]:
    with run_studio(tmp_path, clock) as studio:
        yield studio


@pytest.fixture(scope="module")
def answer() -> bytes:
    """At 16 kHz."""
    return speak_samples(["I moved a payment system, um, without stopping it."], 16_000)[0]


@pytest.fixture(scope="module")
def question() -> bytes:
    """At 24 kHz."""
    return speak_samples(["Tell me about a difficult project."], 24_000)[0]


def recorder_in(studio: Studio, *, part: int = 1) -> Recorder:
    return Recorder(INTERVIEW, part, studio)


def spooled(studio: Studio) -> list[str]:
    return [path.name for path in studio.spool_dir.glob("*")]


async def recovered(studio: Studio) -> list[Recovered]:
    return [found async for found in recover_recordings(studio)]


def begins_at_ms(heard: NDArray[np.int16], said: bytes, rate_hz: int) -> float:
    """Where in a recorded side a piece of speech lies, by cross-correlation."""
    samples = np.frombuffer(said, np.int16).astype(np.float64)
    places = np.arange(len(samples) * HEARD_HZ // rate_hz) * rate_hz / HEARD_HZ
    wanted = np.interp(places, np.arange(len(samples)), samples)
    size = 1 << (len(heard) + len(wanted)).bit_length()  # of others, the transform is slow
    spectrum = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(wanted, size))
    return int(np.fft.irfft(spectrum, size).argmax()) / HEARD_HZ * 1000


def loudest(samples: NDArray[np.int16]) -> int:
    return int(np.abs(samples.astype(np.int32)).max())


# -- what is heard again -------------------------------------------------------------------------


async def test_both_sides_lie_where_they_were_said(
    studio: Studio, answer: bytes, question: bytes
) -> None:
    recorder = recorder_in(studio)
    started = recorder.start(START_MS)
    until_ms = 12_000
    said = {"candidate": {5_300: answer}, "interviewer": {1_700: question, 9_000: question}}
    send(recorder, started_ms=START_MS, until_ms=until_ms, **said)
    stored = await recorder.finish(START_MS + until_ms)
    left, right = await play_out(studio, stored)

    assert (started.part, started.started_ms) == (1, START_MS)
    assert abs(len(left) * 1000 / HEARD_HZ - until_ms) <= 20
    assert abs(begins_at_ms(left, answer, 16_000) - 5_300) <= 20
    assert abs(begins_at_ms(right[: 6 * HEARD_HZ], question, 24_000) - 1_700) <= 20
    assert abs(begins_at_ms(right[6 * HEARD_HZ :], question, 24_000) - 3_000) <= 20
    assert loudest(left[: 5 * HEARD_HZ]) < 300  # each side has its own channel
    assert loudest(right[6 * HEARD_HZ : 8 * HEARD_HZ]) < 300
    assert loudest(left) > 3_000 < loudest(right)


async def test_the_fact_says_what_is_stored(studio: Studio, answer: bytes) -> None:
    recorder = recorder_in(studio, part=3)
    recorder.start(START_MS)
    send(recorder, started_ms=START_MS, until_ms=4_000, candidate={100: answer}, interviewer={})
    stored = await recorder.finish(START_MS + 4_000)

    assert isinstance(stored, RecordingStored)
    content = await studio.blobs.read(stored.key, 0, 10**9)
    assert stored.key.startswith("recordings/interview%2F1.2/3-")
    assert (stored.part, stored.started_ms, stored.is_whole) == (3, START_MS, True)
    assert abs(stored.duration_ms - 4_000) <= 20
    assert stored.size_bytes == len(content)
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert stored.key_id == studio.keyring.newest.id
    assert b"OggS" not in content
    assert b"Opus" not in content


async def test_the_spool_file_goes_when_its_fact_is_durable(studio: Studio) -> None:
    recorder = recorder_in(studio)
    recorder.start(START_MS)
    recorder.advance(START_MS + 5_000)
    await recorder.finish(START_MS + 5_000)
    assert len(spooled(studio)) == 1

    recorder.release()
    studio.pool.shutdown(wait=True)
    assert spooled(studio) == []


async def test_what_comes_late_is_still_put_in_its_place(
    studio: Studio, answer: bytes, question: bytes
) -> None:
    recorder = recorder_in(studio)
    recorder.start(START_MS)
    recorder.speak(question, START_MS + 3_000)
    recorder.advance(START_MS + 4_900)
    frames = [answer[at : at + 1_280] for at in range(0, len(answer), 1_280)]
    for number, frame in enumerate(frames[10:], start=10):
        recorder.hear(frame, START_MS + 3_000 + number * 40 + len(frame) // 32)
    for number, frame in enumerate(frames[:10]):
        recorder.hear(frame, START_MS + 3_000 + number * 40 + len(frame) // 32)
    recorder.speak(question, START_MS + 500)  # 4.4 s late: lost
    left, right = await play_out(studio, await recorder.finish(START_MS + 9_000))

    assert abs(begins_at_ms(left, answer, 16_000) - 3_000) <= 20
    assert abs(begins_at_ms(right, question, 24_000) - 3_000) <= 20
    assert loudest(right[: HEARD_HZ * 5 // 2]) < 300


async def test_nothing_before_the_start_or_after_the_end_is_recorded(
    studio: Studio, answer: bytes
) -> None:
    recorder = recorder_in(studio)
    recorder.hear(answer, START_MS)
    recorder.advance(START_MS)
    recorder.start(START_MS)
    recorder.hear(answer, START_MS)  # said before, came at the start
    stored = await recorder.finish(START_MS + 3_000)
    recorder.hear(answer, START_MS + 4_000)
    recorder.advance(START_MS + 10_000)

    assert loudest(await play_out(studio, stored)) < 300
    assert not recorder.is_recording


async def test_half_an_hour_of_silence_is_small_by_a_sixth_of_it(studio: Studio) -> None:
    recorder = recorder_in(studio)
    recorder.start(START_MS)
    five_minutes_ms = 5 * 60 * 1000
    recorder.advance(START_MS + five_minutes_ms)
    stored = await recorder.finish(START_MS + five_minutes_ms)

    assert isinstance(stored, RecordingStored)
    assert stored.duration_ms == five_minutes_ms
    assert stored.size_bytes * 6 < 600_000


async def test_a_room_of_one_moment_is_a_recording(studio: Studio) -> None:
    recorder = recorder_in(studio)
    recorder.start(START_MS)
    stored = await recorder.finish(START_MS)

    assert isinstance(stored, RecordingStored)
    assert stored.duration_ms == 0


# -- what goes wrong -----------------------------------------------------------------------------


def disk_of(size: int) -> Callable[[Path], FileIO]:
    class Disk(FileIO):
        def write(self, data: Any, /) -> int:  # noqa: ANN401 -- a buffer; 3.11 has no name for it
            if self.tell() + len(data) > size:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(data)

    return lambda path: Disk(path, "w+")


async def test_a_full_disk_ends_the_recording_and_keeps_what_there_was(
    studio: Studio, answer: bytes
) -> None:
    studio = replace(studio, open_file=disk_of(8_000))
    recorder = recorder_in(studio)
    recorder.start(START_MS)
    said = {100: answer, 6_000: answer}
    send(recorder, started_ms=START_MS, until_ms=10_000, candidate=said, interviewer={})
    stored = await recorder.finish(START_MS + 10_000)

    assert recorder.failure == "the disk is full"
    assert isinstance(stored, RecordingStored)
    assert not stored.is_whole
    assert stored.size_bytes <= 8_000 + 16
    left, _ = await play_out(studio, stored)
    assert 1_000 < stored.duration_ms < 9_000
    assert abs(len(left) * 1000 / HEARD_HZ - stored.duration_ms) <= 500
    assert abs(begins_at_ms(left[:HEARD_HZ], answer[:16_000], 16_000) - 100) <= 20


@pytest.mark.parametrize("size", [0, 100])
async def test_a_disk_that_was_full_from_the_start_leaves_a_reason(
    studio: Studio, size: int
) -> None:
    recorder = recorder_in(replace(studio, open_file=disk_of(size)))
    recorder.start(START_MS)
    recorder.advance(START_MS + 60_000)
    failed = await recorder.finish(START_MS + 60_000)

    assert isinstance(failed, RecordingFailed)
    assert failed.reason == "the disk is full"
    recorder.release()


async def test_a_folder_that_cannot_be_made_leaves_a_reason(studio: Studio) -> None:
    studio.spool_dir.parent.mkdir(parents=True)
    studio.spool_dir.write_text("in the way")
    recorder = recorder_in(studio)
    recorder.start(START_MS)
    failed = await recorder.finish(START_MS + 5_000)

    assert isinstance(failed, RecordingFailed)
    assert failed.reason.startswith("the disk failed: ")


class IdleThreads(Executor):
    """Threads that never come to work."""

    def submit(
        self, fn: Callable[_Given, _Result], /, *args: _Given.args, **kwargs: _Given.kwargs
    ) -> Future[_Result]:
        return Future()


def test_work_that_piles_up_ends_the_recording_not_the_memory(
    tmp_path: Path, clock: FakeClock, answer: bytes
) -> None:
    with run_studio(tmp_path, clock, pool=IdleThreads()) as studio:
        recorder = recorder_in(studio)
        recorder.start(START_MS)
        for at_ms in range(0, 60_000, 500):
            recorder.hear(answer[:16_000], START_MS + at_ms)
            recorder.advance(START_MS + at_ms)

        assert "keep up" in recorder.failure
        assert not recorder.is_recording


class AwayBlobs(ObstoreBlobs):
    async def put(self, key: str, content: object) -> None:
        raise BlobsUnavailable(reason="it is away")


async def test_a_store_that_is_away_gets_the_recording_later(
    studio: Studio, tmp_path: Path, answer: bytes
) -> None:
    settings = Settings(data_dir=tmp_path)
    with open_studio(settings, blobs=open_blobs(settings), clock=studio.clock) as later:
        away = AwayBlobs.__new__(AwayBlobs)
        recorder = recorder_in(replace(studio, blobs=away))
        recorder.start(START_MS)
        send(recorder, started_ms=START_MS, until_ms=3_000, candidate={0: answer}, interviewer={})
        failed = await recorder.finish(START_MS + 3_000)
        assert isinstance(failed, RecordingFailed)
        assert "kept aside: it is away" in failed.reason
        assert await recovered(replace(later, blobs=away)) == []

        (found,) = await recovered(later)

        assert found.interview_id == INTERVIEW
        assert isinstance(found.fact, RecordingStored)
        assert found.fact.is_whole
        assert spooled(later) == []
        left, _ = await play_out(later, found.fact)
        assert abs(begins_at_ms(left, answer[:64_000], 16_000)) <= 20
