"""Recordings for tests: a studio on the local disk, sound sent as a room would, and heard again."""

from __future__ import annotations

import io
from collections.abc import Generator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from agent.recorder.recorder import Recorder
from agent.recorder.studio import Studio
from sessions.facts import RecordingFailed, RecordingStored
from sessions.infra.blobs import open_blobs
from sessions.infra.recording_keys import load_or_create_keyring
from sessions.infra.vault import open_vault
from sessions.ports import Clock
from sessions.settings import Settings

HEARD_HZ = 48_000
FRAME_MS = 40


@contextmanager
def run_studio(data_dir: Path, clock: Clock, *, pool: Executor | None = None) -> Generator[Studio]:
    settings = Settings(data_dir=data_dir)
    with ThreadPoolExecutor(2) as own:
        yield Studio(
            blobs=open_blobs(settings),
            keyring=load_or_create_keyring(settings),
            clock=clock,
            pool=pool or own,
            spool_dir=data_dir / "spool" / "recordings",
        )


def in_other_hands(studio: Studio, data_dir: Path) -> Studio:
    """The same folder with another store."""
    return replace(studio, blobs=open_blobs(Settings(data_dir=data_dir)))


async def play_out(studio: Studio, stored: RecordingStored | RecordingFailed) -> NDArray[np.int16]:
    """What is heard of a stored part: shape (2, samples), at 48 kHz."""
    assert isinstance(stored, RecordingStored), stored
    vault = await open_vault(studio.blobs, stored.key, studio.keyring)
    return decoded(await vault.read(0, vault.size))


def decoded(stream: bytes) -> NDArray[np.int16]:
    with av.open(io.BytesIO(stream), "r") as container:
        resampler = av.AudioResampler(format="s16p", layout="stereo", rate=HEARD_HZ)
        pieces: list[NDArray[np.int16]] = []
        for frame in container.decode(audio=0):
            assert frame.sample_rate == HEARD_HZ
            pieces.extend(
                one.to_ndarray().astype(np.int16, copy=False) for one in resampler.resample(frame)
            )
    return np.concatenate(pieces, axis=1) if pieces else np.zeros((2, 0), np.int16)


def send(
    recorder: Recorder,
    *,
    started_ms: int,
    until_ms: int,
    candidate: dict[int, bytes],
    interviewer: dict[int, bytes],
) -> None:
    """Both sides by when they begin (ms since the start), as a room sends them: the microphone in
    frames of 40 ms and silence between, the interviewer as its client reports it played."""
    microphone = _laid_out(candidate, until_ms, 16)
    for end_ms in range(FRAME_MS, until_ms + 1, FRAME_MS):
        frame = microphone[(end_ms - FRAME_MS) * 16 : end_ms * 16]
        recorder.hear(frame.tobytes(), started_ms + end_ms)
        if end_ms % 200 == 0:
            _report_played(recorder, started_ms, interviewer, end_ms)
        if end_ms % 500 < FRAME_MS:
            recorder.advance(started_ms + end_ms)


def _report_played(
    recorder: Recorder, started_ms: int, interviewer: dict[int, bytes], now_ms: int
) -> None:
    for begin_ms, pcm in interviewer.items():
        from_ms, to_ms = max(now_ms - 200 - begin_ms, 0), now_ms - begin_ms
        piece = pcm[from_ms * 48 : max(to_ms, 0) * 48]
        if piece:
            recorder.speak(piece, started_ms + begin_ms + from_ms)


def _laid_out(parts: dict[int, bytes], until_ms: int, samples_per_ms: int) -> NDArray[np.int16]:
    track = np.zeros(until_ms * samples_per_ms, np.int16)
    for begin_ms, pcm in parts.items():
        samples = np.frombuffer(pcm, np.int16)
        begin = begin_ms * samples_per_ms
        track[begin : begin + len(samples)] = samples[: len(track) - begin]
    return track
