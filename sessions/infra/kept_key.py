"""A key that is made once and kept in a file only its owner can read."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path


def create_key_file(path: Path, text: str) -> None:
    """Put `text` there unless a file is there already: processes that start at once get the same.

    Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{text}\n")
            file.flush()
            os.fsync(file.fileno())
        # A link appears whole or not at all, and never over another's: if another process was
        # quicker, its key stands.
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()
