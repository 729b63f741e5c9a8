"""The key that signs room passes: from the environment, or made once and kept in `data_dir`."""

from __future__ import annotations

import secrets

from sessions.errors import SettingsInvalid, StartupFailed
from sessions.infra.kept_key import create_key_file
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
            create_key_file(path, secrets.token_urlsafe(48))
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
