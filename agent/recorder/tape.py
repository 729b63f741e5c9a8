"""The thread's half of a recorder: mixes, encodes, encrypts and writes what it is given."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from agent.recorder.encoder import OggOpusEncoder
from agent.recorder.mixer import CANDIDATE_HZ, INTERVIEWER_HZ, Mixer
from agent.recorder.spool import lock
from sessions.infra.vault import VaultKey
from sessions.infra.vault_files import VaultWriter

log = logging.getLogger(__name__)

CHUNK_BYTES = 1024
"""A fifth of a second of speech. Only whole chunks reach the disk: a crash loses the rest."""
SLICE_MS = 1_000
NEW = ".new"
SYNC_EVERY_MS = 10_000
"""A power cut loses at most so much; the death of the process alone loses none of it."""
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True, slots=True)
class Batch:
    """`duration_ms` of both sides, at their own rates; what is missing at the end is silence."""

    candidate: bytes
    interviewer: bytes
    duration_ms: int


class Tape:
    """Methods are called by one thread at a time and raise nothing; `failure` says what was."""

    def __init__(self, path: Path, key: VaultKey, open_file: Callable[[Path], FileIO]) -> None:
        self._path = path
        self._key = key
        self._open_file = open_file
        self._mixer = Mixer()
        self._encoder: OggOpusEncoder | None = None
        self._writer: VaultWriter | None = None
        self._unsynced_ms = 0
        self.failure = ""

    def fail(self, reason: str) -> None:
        """From now on nothing more is written. The first reason counts."""
        if not self.failure:
            self.failure = reason

    def write(self, batch: Batch) -> None:
        self._carefully(lambda: self._write(batch))

    def finish(self) -> None:
        self._carefully(self._finish)

    def close(self) -> None:
        if self._writer is not None:
            self._carefully(self._writer.close, is_even_failed=True)

    def _write(self, batch: Batch) -> None:
        encoder, writer = self._open()
        for start_ms in range(0, batch.duration_ms, SLICE_MS):
            end_ms = min(start_ms + SLICE_MS, batch.duration_ms)
            stereo = self._mixer.mix(
                _cut(batch.candidate, CANDIDATE_HZ, start_ms, end_ms),
                _cut(batch.interviewer, INTERVIEWER_HZ, start_ms, end_ms),
                end_ms - start_ms,
            )
            writer.append(encoder.encode(stereo))
        self._unsynced_ms += batch.duration_ms
        if self._unsynced_ms >= SYNC_EVERY_MS:
            self._unsynced_ms = 0
            writer.sync()

    def _finish(self) -> None:
        encoder, writer = self._open()
        writer.append(encoder.finish())
        writer.finish()

    def _open(self) -> tuple[OggOpusEncoder, VaultWriter]:
        if self._encoder is None or self._writer is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # It has its name only when it is locked: until then it would look like a dead room's.
            new = self._path.with_name(self._path.name + NEW)
            self._writer = VaultWriter(
                new, self._key, chunk_bytes=CHUNK_BYTES, open_file=self._open_file
            )
            lock(self._writer.file)
            new.rename(self._path)
            self._encoder = OggOpusEncoder()
        return self._encoder, self._writer

    def _carefully(self, act: Callable[[], None], *, is_even_failed: bool = False) -> None:
        if self.failure and not is_even_failed:
            return
        try:
            act()
        except OSError as exc:
            reason = (
                "the disk is full" if exc.errno in _FULL else f"the disk failed: {exc.strerror}"
            )
            self.fail(reason)
            log.warning("%s, so this part is not recorded further: %s", reason, self._path.name)
        # The edge of a thread: whatever the encoder raises ends the recording, not the interview.
        except Exception:
            self.fail("the encoder failed")
            log.exception("a recording failed: %s", self._path.name)


def _cut(pcm: bytes, rate_hz: int, start_ms: int, end_ms: int) -> bytes:
    return pcm[start_ms * rate_hz // 1000 * 2 : end_ms * rate_hz // 1000 * 2]
