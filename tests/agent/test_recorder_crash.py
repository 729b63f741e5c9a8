"""A process that records is killed; its successor finds what there was, and stores it once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agent.recorder.recorder import Recorder
from agent.recorder.recovery import Recovered, recover_recordings
from agent.recorder.studio import Studio
from sessions.facts import RecordingFailed, RecordingStored
from sessions.ids import InterviewId
from sessions.infra.vault import Keyring, VaultKey, open_vault
from tests.support import recording_room
from tests.support.clock import FakeClock
from tests.support.process import ROOT, environment
from tests.support.recording import HEARD_HZ, play_out, run_studio
from tests.support.speech import speak_samples

KILLED = InterviewId("killed")
START_MS = 1_800_000_000_000
MOST_LOST_MS = 3_500
"""2 s of horizon, half a second between batches, two pages of Ogg, a chunk of the vault."""


@pytest.fixture
def studio(tmp_path: Path, clock: FakeClock) -> Generator[Studio]:
    with run_studio(tmp_path, clock) as studio:
        yield studio


async def recovered(studio: Studio) -> list[Recovered]:
    return [found async for found in recover_recordings(studio)]


async def record(studio: Studio, *, for_ms: int) -> Recorder:
    """A noisy room."""
    recorder = Recorder(KILLED, 1, studio)
    recorder.start(START_MS)
    noise = np.random.default_rng(5).integers(-9_000, 9_000, for_ms * 16, np.int16)
    for at_ms in range(0, for_ms, 500):
        recorder.hear(noise[at_ms * 16 : (at_ms + 500) * 16].tobytes(), START_MS + at_ms + 500)
        recorder.advance(START_MS + at_ms + 500)
    return recorder


async def test_a_killed_process_loses_only_the_last_seconds(studio: Studio, tmp_path: Path) -> None:
    said, _ = speak_samples(
        ["We had to keep it running, um, all the time, and nobody knew."], 16_000
    )
    (tmp_path / "said.pcm").write_bytes(said)
    command = [sys.executable, recording_room.__file__, str(tmp_path), str(tmp_path / "said.pcm")]
    with subprocess.Popen(  # noqa: ASYNC220 -- the test waits for its lines, and for nothing else
        command, env=environment(tmp_path, {}), stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        started_ms = heard_ms = 0
        for line in process.stdout:
            started_ms, heard_ms = map(int, line.split())
            if heard_ms >= 8_000:
                break
        assert await recovered(studio) == []  # it lives: its file is its own
        process.kill()

    (found,) = await recovered(studio)

    assert found.interview_id == KILLED
    stored = found.fact
    assert isinstance(stored, RecordingStored)
    assert (stored.part, stored.started_ms, stored.is_whole) == (2, started_ms, False)
    assert stored.duration_ms >= heard_ms - MOST_LOST_MS
    left, _ = await play_out(studio, stored)
    assert abs(len(left) * 1000 / HEARD_HZ - stored.duration_ms) <= 500
    wanted = np.frombuffer(said, np.int16)[: 4 * 16_000].astype(np.float64)
    heard = left[: 4 * HEARD_HZ : 3].astype(np.float64)
    assert np.corrcoef(_envelope(heard), _envelope(wanted))[0, 1] > 0.9
    assert list(studio.spool_dir.iterdir()) == []
    assert await recovered(studio) == []


def _envelope(samples: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[float]:
    """Its loudness, every 20 ms."""
    return [float(np.abs(part).mean()) for part in np.array_split(samples, len(samples) // 320)]


async def test_what_was_recovered_can_be_read_in_ranges(studio: Studio) -> None:
    recorder = await record(studio, for_ms=8_000)
    recorder.abandon()
    (found,) = await recovered_once_free(studio)
    assert isinstance(found.fact, RecordingStored)
    vault = await open_vault(studio.blobs, found.fact.key, studio.keyring)
    whole = await vault.read(0, vault.size)

    assert vault.is_cut
    assert whole.startswith(b"OggS")
    assert await vault.read(5_000, 9_000) == whole[5_000:9_000]
    assert await studio.blobs.size(found.fact.key) == found.fact.size_bytes


async def recovered_once_free(studio: Studio) -> list[Recovered]:
    """An abandoned file is let go of by a thread, after what it still has to write."""
    for _ in range(100_000):
        if found := await recovered(studio):
            return found
    return []


async def test_a_process_that_dies_again_before_the_fact_stores_nothing_twice(
    studio: Studio,
) -> None:
    recorder = await record(studio, for_ms=6_000)
    recorder.abandon()
    while True:
        recovery = recover_recordings(studio)
        first = await anext(recovery, None)
        await recovery.aclose()  # as if it died there: the fact is not durable
        if first is not None:
            break

    (second,) = await recovered(studio)

    assert first == second
    assert len([key async for key in studio.blobs.list()]) == 1


async def test_rooms_that_record_are_left_alone(studio: Studio) -> None:
    recorder = await record(studio, for_ms=6_000)
    stored = await recorder.finish(START_MS + 6_000)
    other = Recorder(InterviewId("other"), 1, studio)
    other.start(START_MS)
    other.advance(START_MS + 6_000)
    finished = await other.finish(START_MS + 6_000)
    other.release()
    recorder.release()

    assert isinstance(stored, RecordingStored)
    assert isinstance(finished, RecordingStored)
    assert stored.key != finished.key


async def test_an_old_keys_recording_is_recovered_after_a_rotation(studio: Studio) -> None:
    old = studio.keyring.newest
    (await record(studio, for_ms=6_000)).abandon()
    rotated = replace(studio, keyring=Keyring([VaultKey(bytes(range(32))), old]))

    (found,) = await recovered_once_free(rotated)

    assert isinstance(found.fact, RecordingStored)
    assert found.fact.key_id == old.id
    assert (await play_out(rotated, found.fact)).size


async def test_without_its_key_a_recording_waits_in_the_spool(studio: Studio) -> None:
    recorder = await record(studio, for_ms=6_000)
    await recorder.finish(START_MS + 6_000)
    without = replace(studio, keyring=Keyring([VaultKey(bytes(32))]))

    assert await recovered(without) == []
    assert len(list(studio.spool_dir.iterdir())) == 1


@pytest.mark.parametrize("size", [0, 20, 500])
async def test_a_room_that_died_in_its_first_moment_is_told_as_failed(
    studio: Studio, size: int
) -> None:
    spool_file = await spooled(studio)
    spool_file.write_bytes(spool_file.read_bytes()[:size])

    (found,) = await recovered(studio)

    assert isinstance(found.fact, RecordingFailed)
    assert "before anything of it reached the disk" in found.fact.reason
    assert list(studio.spool_dir.iterdir()) == []


async def test_a_spool_file_that_is_damaged_is_kept_for_a_person(studio: Studio) -> None:
    spool_file = await spooled(studio)
    spool_file.write_bytes(bytes(5_000))

    (found,) = await recovered(studio)

    assert isinstance(found.fact, RecordingFailed)
    assert "damaged" in found.fact.reason
    assert [path.suffix for path in studio.spool_dir.iterdir()] == [".damaged"]
    assert await recovered(studio) == []


async def test_other_files_in_the_spool_are_nobodys_recording(studio: Studio) -> None:
    studio.spool_dir.mkdir(parents=True)
    (studio.spool_dir / "notes.ogg.enc").write_bytes(b"mine")

    assert await recovered(studio) == []
    assert (studio.spool_dir / "notes.ogg.enc").exists()


async def spooled(studio: Studio) -> Path:
    """A finished part's file that was not released."""
    recorder = await record(studio, for_ms=6_000)
    await recorder.finish(START_MS + 6_000)
    (path,) = studio.spool_dir.iterdir()
    return path
