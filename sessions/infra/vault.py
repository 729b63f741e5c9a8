"""Encryption at rest: AES-256-GCM in chunks, so that any range is read without reading the whole.

A file is a header of 32 bytes (magic with the version, key id, chunk size, random file id) and
chunks, each its ciphertext with a tag of 16 bytes. All chunks but the last have the chunk size;
the last is shorter, perhaps empty. As in the STREAM construction (Hoang, Reyhanitabar, Rogaway
and Vizár 2015), the nonce is a prefix, the chunk's index and the mark of the end; the header is
authenticated with every chunk. So no chunk can be changed, moved, or left out at the end unseen.
The AES key and the prefix are made by HKDF-SHA256 from the key and the file id: no nonce is ever
used twice. A file without its end (a crash) is ended by an empty chunk marked CUT.
"""

from __future__ import annotations

import hashlib
import secrets
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sessions.errors import VivavoceError
from sessions.ports import Blobs

KEY_BYTES = 32
TAG_BYTES = 16
CHUNK_BYTES = 64 * 1024
MAX_CHUNK_BYTES = 16 * 1024 * 1024
_MAGIC = b"VIVAULT\x01"
_HEADER = struct.Struct(">8s4sI16s")
HEADER_BYTES = _HEADER.size
_PREFIX_BYTES = 7
_NONCE_END = struct.Struct(">IB")


class VaultKeyUnknown(VivavoceError):
    code = "vault_key_unknown"

    def __init__(self, *, key_id: str) -> None:
        super().__init__(
            f"The file is encrypted with the key {key_id}, which is not among recording.keys.",
            hint="Put that key back, behind the newest, in VIVAVOCE__RECORDING__KEYS.",
        )
        self.key_id = key_id


class VaultDamaged(VivavoceError):
    """Not what was written: changed, cut short, or no encrypted file at all."""

    code = "vault_damaged"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The encrypted file is damaged: {reason}.", hint="Restore it from a backup."
        )


class Mark(IntEnum):
    """What follows a chunk."""

    MORE = 0
    LAST = 1
    CUT = 2  # nothing, because the writer died; written by whoever found the file


@dataclass(frozen=True, slots=True)
class VaultKey:
    """32 random bytes; `id` is the first 8 hexadecimal digits of their SHA-256."""

    material: bytes = field(repr=False)
    id: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", hashlib.sha256(self.material).hexdigest()[:8])


class Keyring:
    """`keys`, at least one: the newest encrypts, all decrypt."""

    def __init__(self, keys: Sequence[VaultKey]) -> None:
        self.newest = keys[0]
        self._by_id = {key.id: key for key in keys}

    def find(self, key_id: str) -> VaultKey:
        """Raises VaultKeyUnknown."""
        try:
            return self._by_id[key_id]
        except KeyError:
            raise VaultKeyUnknown(key_id=key_id) from None


class VaultCipher:
    """One file's header and its chunks, sealed and opened. `file_id`: 16 random bytes."""

    def __init__(self, key: VaultKey, chunk_bytes: int, file_id: bytes) -> None:
        self.chunk_bytes = chunk_bytes
        self.sealed_bytes = chunk_bytes + TAG_BYTES
        self.file_id = file_id
        self.key_id = key.id
        self.header = _HEADER.pack(_MAGIC, bytes.fromhex(key.id), chunk_bytes, file_id)
        derive = HKDF(hashes.SHA256(), KEY_BYTES + _PREFIX_BYTES, file_id, b"vivavoce vault 1")
        derived = derive.derive(key.material)
        self._aes = AESGCM(derived[:KEY_BYTES])
        self._prefix = derived[KEY_BYTES:]

    @classmethod
    def of_header(cls, header: bytes, keyring: Keyring) -> Self:
        """Raises VaultDamaged, VaultKeyUnknown."""
        if len(header) < HEADER_BYTES:
            raise VaultDamaged("it is shorter than its header")
        magic, key_id, chunk_bytes, file_id = _HEADER.unpack(header)
        if magic != _MAGIC or not 0 < chunk_bytes <= MAX_CHUNK_BYTES:
            raise VaultDamaged("it does not begin as an encrypted file of this version does")
        return cls(keyring.find(key_id.hex()), chunk_bytes, file_id)

    def seal(self, index: int, plaintext: bytes, mark: Mark) -> bytes:
        return self._aes.encrypt(self._nonce(index, mark), plaintext, self._bound(mark))

    def open(self, index: int, sealed: bytes, mark: Mark) -> bytes:
        """Raises VaultDamaged."""
        try:
            return self._aes.decrypt(self._nonce(index, mark), sealed, self._bound(mark))
        except InvalidTag:
            raise VaultDamaged(f"its chunk {index} is not what was written") from None

    def start_of(self, index: int) -> int:
        """Where the sealed chunk begins in the file."""
        return HEADER_BYTES + index * self.sealed_bytes

    def open_range(self, first: int, sealed: bytes) -> bytes:
        """Chunks from `first` on, none of them the last. Raises VaultDamaged."""
        step = self.sealed_bytes
        parts = (sealed[at : at + step] for at in range(0, len(sealed), step))
        return b"".join(self.open(first + n, part, Mark.MORE) for n, part in enumerate(parts))

    def _nonce(self, index: int, mark: Mark) -> bytes:
        return self._prefix + _NONCE_END.pack(index, mark)

    def _bound(self, mark: Mark) -> bytes:
        return self.header + bytes([mark])


class Sealer:
    """Encrypts a stream as it comes. `header` goes first, what `finish` returns goes last."""

    def __init__(self, key: VaultKey, *, chunk_bytes: int = CHUNK_BYTES) -> None:
        self._cipher = VaultCipher(key, chunk_bytes, secrets.token_bytes(16))
        self.header = self._cipher.header
        self._index = 0
        self._plaintext = bytearray()

    def seal(self, plaintext: bytes) -> bytes:
        """The chunks that became whole, encrypted; the rest waits for more."""
        self._plaintext += plaintext
        size = self._cipher.chunk_bytes
        sealed: list[bytes] = []
        while len(self._plaintext) >= size:
            chunk = bytes(self._plaintext[:size])
            del self._plaintext[:size]
            sealed.append(self._cipher.seal(self._index, chunk, Mark.MORE))
            self._index += 1
        return b"".join(sealed)

    def finish(self) -> bytes:
        return self._cipher.seal(self._index, bytes(self._plaintext), Mark.LAST)


class VaultReader:
    """Any range of an encrypted blob, without the rest."""

    def __init__(
        self, blobs: Blobs, key: str, cipher: VaultCipher, last: tuple[int, bytes], mark: Mark
    ) -> None:
        self._blobs = blobs
        self._key = key
        self._cipher = cipher
        self._last_index, self._last = last
        self.key_id = cipher.key_id
        self.is_cut = mark is Mark.CUT
        """Its writer died before its end."""
        self.size = self._last_index * cipher.chunk_bytes + len(self._last)
        """Bytes of plaintext."""

    async def read(self, start: int, end: int) -> bytes:
        """Bytes `start` to before `end`, as many as there are.

        Raises VaultDamaged, NotFound, BlobsUnavailable.
        """
        start, end = max(start, 0), min(end, self.size)
        if start >= end:
            return b""
        size = self._cipher.chunk_bytes
        first = start // size
        behind = min(-(-end // size), self._last_index)
        plaintext = b""
        if first < behind:
            bounds = self._cipher.start_of(first), self._cipher.start_of(behind)
            sealed = await self._blobs.read(self._key, *bounds)
            plaintext = self._cipher.open_range(first, sealed)
        if end > self._last_index * size:
            plaintext += self._last
        return plaintext[start - first * size : end - first * size]


async def open_vault(blobs: Blobs, key: str, keyring: Keyring) -> VaultReader:
    """Reads the header and the end: a blob that was cut short is found at once.

    Raises VaultDamaged, VaultKeyUnknown, NotFound, BlobsUnavailable.
    """
    size = await blobs.size(key)
    cipher = VaultCipher.of_header(await blobs.read(key, 0, HEADER_BYTES), keyring)
    index = (size - HEADER_BYTES) // cipher.sealed_bytes
    sealed = await blobs.read(key, cipher.start_of(index), size)
    last, mark = open_end(cipher, index, sealed)
    return VaultReader(blobs, key, cipher, (index, last), mark)


def open_end(cipher: VaultCipher, index: int, sealed: bytes) -> tuple[bytes, Mark]:
    """The last chunk's plaintext, and how the file ended. Raises VaultDamaged."""
    if len(sealed) < TAG_BYTES:
        raise VaultDamaged("its end is missing")
    if len(sealed) == TAG_BYTES:
        try:
            return cipher.open(index, sealed, Mark.CUT), Mark.CUT
        except VaultDamaged:
            pass
    return cipher.open(index, sealed, Mark.LAST), Mark.LAST
