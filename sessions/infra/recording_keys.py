"""The keys of the recordings: from the environment, or made once and kept in `data_dir`."""

from __future__ import annotations

import base64
import binascii
import secrets
from pathlib import Path

from sessions.errors import SettingsInvalid, StartupFailed
from sessions.infra.kept_key import create_key_file
from sessions.infra.vault import KEY_BYTES, Keyring, VaultKey
from sessions.settings import PREFIX, Settings

FILE_NAME = "recording.key"

_VARIABLE = f"{PREFIX}RECORDING__KEYS"


def load_or_create_keyring(settings: Settings) -> Keyring:
    """The newest key first. Processes that start at once and share `data_dir` get the same.

    A key in `data_dir` still decrypts when the environment has others: setting the variable for
    the first time is a rotation like any. Raises SettingsInvalid for a key in the environment
    that is none, StartupFailed when the file is damaged, or can be neither read nor made.
    """
    texts = [text.strip() for text in settings.recording.keys.get_secret_value().split(",")]
    keys = [_key_given(text, place) for place, text in enumerate(filter(None, texts), start=1)]
    path = settings.data_dir / FILE_NAME
    try:
        if not keys and not path.exists():
            create_key_file(path, base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode())
        if path.exists():
            keys.append(_key_kept(path))
    except (OSError, UnicodeDecodeError) as exc:
        raise StartupFailed(
            f"The recordings' key {path} can be neither read nor made: {exc}.",
            hint=f"Make the folder writable (data_dir), or set {_VARIABLE}.",
        ) from exc
    return Keyring(keys)


def _key_given(text: str, place: int) -> VaultKey:
    key = _decoded(text)
    if key is None:
        raise SettingsInvalid(
            f"Key {place} of {_VARIABLE} is not {KEY_BYTES} bytes in base64.",
            hint=f"Make one with: openssl rand -base64 {KEY_BYTES}",
        )
    return key


def _key_kept(path: Path) -> VaultKey:
    key = _decoded(path.read_text(encoding="ascii").strip())
    if key is None:
        raise StartupFailed(
            f"The recordings' key {path} is damaged: it is not {KEY_BYTES} bytes in base64.",
            hint="Restore it from a backup: recordings made with it cannot be played without. "
            "Without one, delete the file, and a new key is made.",
        )
    return key


def _decoded(text: str) -> VaultKey | None:
    try:
        # Both alphabets of base64, with or without padding.
        standard = text.replace("-", "+").replace("_", "/").rstrip("=")
        material = base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return VaultKey(material) if len(material) == KEY_BYTES else None
