"""The key that signs room passes: from the environment, or made once and kept in `data_dir`."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from sessions.errors import SettingsInvalid, StartupFailed
from sessions.settings import PREFIX, Settings

MIN_CHARS = 32
FILE_NAME = "secret.key"

_VARIABLE = f"{PREFIX}SECURITY__SECRET_KEY"


def load_or_create_secret(settings: Settings) -> str:
    """At least 32 characters. Processes that start at once and share `data_dir` get the same.

    Raises SettingsInvalid for a key too short in the environment, StartupFailed when the file
    is damaged, or can be neither read nor made.
    """
    given = settings.security.secret_key.get_secret_value()
    if given:
        if len(given) < MIN_CHARS:
            raise SettingsInvalid(
                f"{_VARIABLE} has {len(given)} characters; at least {MIN_CHARS} are needed.",
                hint="Make one with: openssl rand -hex 32",
            )
        return given
    path = settings.data_dir / FILE_NAME
    try:
        if not path.exists():
            _create(path)
        secret = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as exc:
        raise StartupFailed(
            f"The secret key {path} can be neither read nor made: {exc}.",
            hint=f"Make the folder writable (data_dir), or set {_VARIABLE}.",
        ) from exc
    if len(secret) < MIN_CHARS:
        raise StartupFailed(
            f"The secret key {path} is damaged: it has fewer than {MIN_CHARS} characters.",
            hint="Delete the file; a new key is made. Room passes given out before stop working.",
        )
    return secret


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
            file.flush()
            os.fsync(file.fileno())
        # A link appears whole or not at all, and never over another's: if another process was
        # quicker, its key stands.
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()
