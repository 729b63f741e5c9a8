"""Argon2id, off the event loop, a few at a time."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

CONCURRENT = 2
"""Each hash takes 64 MiB and some 50 ms of every core it gets (RFC 9106, second profile)."""

# A hash of nothing anyone knows, with today's parameters: what an unknown e-mail is checked
# against, so that it takes as long as a known one.
_hasher = PasswordHasher()
_NOBODY = _hasher.hash("no account has this password")


class Passwords:
    """Hashes and checks. Callers must not hold a transaction: this takes its time."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(CONCURRENT)

    async def hash(self, password: str) -> str:
        async with self._slots:
            return await asyncio.to_thread(_hasher.hash, password)

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """False for None (no such account), after the same amount of work."""
        async with self._slots:
            is_match = await asyncio.to_thread(_verify, password_hash or _NOBODY, password)
        return is_match and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Made with weaker parameters than today's: hash the password again."""
        return _hasher.check_needs_rehash(password_hash)


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
