"""What the recorders of a process share."""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from sessions.infra.recording_keys import load_or_create_keyring
from sessions.infra.vault import Keyring
from sessions.infra.vault_files import open_new_file
from sessions.ports import Blobs, Clock
from sessions.settings import Settings

THREADS = 2
"""Encoding takes about 0.4 % of a core per room, and a disk may be slow: one waits, one works."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Studio:
    """`pool` does the encoding and the disk's work; `spool_dir` has what is not stored yet."""

    blobs: Blobs
    keyring: Keyring
    clock: Clock
    pool: Executor
    spool_dir: Path
    open_file: Callable[[Path], FileIO] = open_new_file


@contextmanager
def open_studio(settings: Settings, *, blobs: Blobs, clock: Clock) -> Generator[Studio]:
    """Leave it when all recorders are done: it waits for their last work.

    Raises SettingsInvalid, StartupFailed for keys that cannot be used.
    """
    keyring = load_or_create_keyring(settings)
    with ThreadPoolExecutor(THREADS, thread_name_prefix="recorder") as pool:
        yield Studio(
            blobs=blobs,
            keyring=keyring,
            clock=clock,
            pool=pool,
            spool_dir=settings.data_dir / "spool" / "recordings",
        )
