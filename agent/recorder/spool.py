"""Recordings on the local disk, from their first second until they are in the store of files."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import IO, Self, TypeVar
from urllib.parse import quote, unquote

from agent.recorder.encoder import duration_of
from agent.recorder.studio import Studio
from sessions.facts import RecordingStored
from sessions.ids import InterviewId
from sessions.infra.vault_files import Spooled, examine_file

if sys.platform != "win32":  # there, whoever has a file open keeps others from deleting it
    import fcntl

SUFFIX = ".ogg.enc"
UPLOAD_LIMIT_S = 300.0
_PIECE_BYTES = 1024 * 1024

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of an interview's recording. The spool file's name says all of it."""

    interview_id: InterviewId
    number: int
    started_ms: int

    @property
    def file_name(self) -> str:
        name = quote(self.interview_id, safe="")
        return f"{name}.{self.number}.{self.started_ms}{SUFFIX}"

    @classmethod
    def of_file(cls, path: Path) -> Self | None:
        """None for a file that is not of the spool."""
        match path.name.removesuffix(SUFFIX).rsplit(".", 2):
            case [name, number, started_ms] if number.isdecimal() and started_ms.isdecimal():
                pass
            case _:
                return None
        return cls(
            interview_id=InterviewId(unquote(name)),
            number=int(number),
            started_ms=int(started_ms),
        )


def lock(file: IO[bytes] | FileIO) -> bool:
    """Whether the file is ours now: until it is closed, or this process dies."""
    if sys.platform != "win32":
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


async def store(part: Part, path: Path, studio: Studio) -> RecordingStored:
    """Copy what a spool file has to the store of files. The spool file stays.

    Storing it again writes over the same key: nothing is there twice after a crash. Raises
    VaultDamaged for a file with nothing in it, VaultKeyUnknown, BlobsUnavailable, TimeoutError,
    OSError.
    """
    spooled = await in_pool(studio, lambda: examine_file(path, studio.keyring))
    digest = await in_pool(studio, lambda: _sha256(spooled))
    interview = quote(part.interview_id, safe="")
    key = f"recordings/{interview}/{part.number}-{spooled.file_id[:16]}{SUFFIX}"
    content = path if spooled.is_whole else _pieces(spooled, studio)
    async with asyncio.timeout(UPLOAD_LIMIT_S):
        await studio.blobs.put(key, content)
    return RecordingStored(
        at_ms=studio.clock.now_ms(),
        part=part.number,
        key=key,
        started_ms=part.started_ms,
        duration_ms=duration_of(spooled.head, spooled.tail),
        size_bytes=spooled.kept_bytes + len(spooled.end),
        sha256=digest,
        key_id=spooled.key_id,
        is_whole=spooled.is_whole,
    )


async def in_pool(studio: Studio, work: Callable[[], _Result]) -> _Result:
    return await asyncio.get_running_loop().run_in_executor(studio.pool, work)


async def _pieces(spooled: Spooled, studio: Studio) -> AsyncIterator[bytes]:
    for start in range(0, spooled.kept_bytes, _PIECE_BYTES):
        size = min(_PIECE_BYTES, spooled.kept_bytes - start)
        yield await in_pool(studio, lambda at=start, size=size: _read(spooled.path, at, size))
    yield spooled.end


def _read(path: Path, start: int, size: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(size)


def _sha256(spooled: Spooled) -> str:
    digest = hashlib.sha256()
    for start in range(0, spooled.kept_bytes, _PIECE_BYTES):
        size = min(_PIECE_BYTES, spooled.kept_bytes - start)
        digest.update(_read(spooled.path, start, size))
    digest.update(spooled.end)
    return digest.hexdigest()
