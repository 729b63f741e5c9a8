"""Encrypted files on the local disk: written as the plaintext comes, mended after a crash.

They have the format of `sessions.infra.vault`. Everything here blocks.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from sessions.infra.vault import (
    CHUNK_BYTES,
    HEADER_BYTES,
    TAG_BYTES,
    Keyring,
    Mark,
    Sealer,
    VaultCipher,
    VaultDamaged,
    VaultKey,
    open_end,
)


def open_new_file(path: Path) -> FileIO:
    """Unbuffered, for its owner alone. Raises OSError, also when there is such a file."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    return FileIO(descriptor, "r+")


class VaultWriter:
    """Appends to a new file; blocks. After an OSError, whole chunks are what is left of it."""

    def __init__(
        self,
        path: Path,
        key: VaultKey,
        *,
        chunk_bytes: int = CHUNK_BYTES,
        open_file: Callable[[Path], FileIO] = open_new_file,
    ) -> None:
        self._sealer = Sealer(key, chunk_bytes=chunk_bytes)
        self._sealed_bytes = chunk_bytes + TAG_BYTES
        self._size = 0
        self.file = open_file(path)
        try:
            self._write(self._sealer.header)
        except OSError:
            self.file.close()
            raise

    def append(self, plaintext: bytes) -> None:
        """Raises OSError."""
        self._write(self._sealer.seal(plaintext))

    def sync(self) -> None:
        """What was written outlives a power cut. Raises OSError."""
        os.fsync(self.file.fileno())

    def finish(self) -> None:
        """Write the end; the file stays open. Raises OSError."""
        self._write(self._sealer.finish())
        self.sync()

    def close(self) -> None:
        self.file.close()

    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        try:
            while left:
                written = self.file.write(left)
                self._size += written
                left = left[written:]
        except OSError:
            chunks = max(self._size - HEADER_BYTES, 0) // self._sealed_bytes
            self._size = HEADER_BYTES + chunks * self._sealed_bytes
            with suppress(OSError):  # readers find the whole chunks without it as well
                self.file.truncate(self._size)
            raise


@dataclass(frozen=True, slots=True, kw_only=True)
class Spooled:
    """A local file as a writer left it: its first `kept_bytes`, then `end`, are a whole file."""

    path: Path
    key_id: str
    file_id: str
    kept_bytes: int
    end: bytes
    """Empty when the writer finished the file; the CUT mark when it did not."""
    head: bytes
    """The first chunk's plaintext."""
    tail: bytes
    """The plaintext's last 64 KiB or so."""

    @property
    def is_whole(self) -> bool:
        return not self.end


TAIL_BYTES = 64 * 1024


def examine_file(path: Path, keyring: Keyring) -> Spooled:
    """Find out how much of a file is there, from its end backwards; blocks.

    Chunks before the last good one are taken for good: readers verify them anyway.
    Raises VaultDamaged when not even one chunk is there, VaultKeyUnknown, OSError.
    """
    with path.open("rb") as file:
        cipher = VaultCipher.of_header(file.read(HEADER_BYTES), keyring)
        size = file.seek(0, os.SEEK_END)
        count = (size - HEADER_BYTES) // cipher.sealed_bytes

        def chunk(index: int) -> bytes:
            file.seek(cipher.start_of(index))
            return file.read(cipher.sealed_bytes)

        end, last, kept = b"", b"", size
        try:
            last, _ = open_end(cipher, count, chunk(count))
        except VaultDamaged:
            count = _last_good(cipher, chunk, count)
            kept = cipher.start_of(count)
            end = cipher.seal(count, b"", Mark.CUT)
        first_of_tail = max(0, count - max(1, TAIL_BYTES // cipher.chunk_bytes))
        file.seek(cipher.start_of(first_of_tail))
        sealed = file.read(cipher.start_of(count) - cipher.start_of(first_of_tail))
        tail = cipher.open_range(first_of_tail, sealed) + last
        head = cipher.open(0, chunk(0), Mark.MORE) if count else last
    return Spooled(
        path=path,
        key_id=cipher.key_id,
        file_id=cipher.file_id.hex(),
        kept_bytes=kept,
        end=end,
        head=head,
        tail=tail,
    )


def _last_good(cipher: VaultCipher, chunk: Callable[[int], bytes], count: int) -> int:
    """How many chunks there are up to the last good one. Raises VaultDamaged for none."""
    while count:
        try:
            cipher.open(count - 1, chunk(count - 1), Mark.MORE)
        except VaultDamaged:
            count -= 1  # a power cut can leave the last blocks unwritten
        else:
            return count
    raise VaultDamaged("not one whole chunk is there")
