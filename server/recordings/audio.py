"""The stored sound of a part, decrypted: only what is asked for, a piece at a time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncGenerator

from server.recordings.errors import RecordingGone
from sessions.errors import NotFound
from sessions.facts import RecordingStored
from sessions.ids import InterviewId
from sessions.infra.vault import Keyring, VaultReader, open_vault
from sessions.ports import Blobs

PIECE_BYTES = 256 * 1024
"""Decrypted at once: a multiple of the vault's chunk."""
MAX_READERS = 32
"""Opened parts that are remembered: each knows its header and its last chunk, so that the next
range of it costs one request to the store instead of four."""

_MISSING = "This recording is not in the store any more."


class Audio:
    """Parts by their facts. Raises RecordingGone for one that is not there, BlobsUnavailable,
    VaultDamaged and VaultKeyUnknown."""

    def __init__(self, blobs: Blobs, keyring: Keyring) -> None:
        self._blobs = blobs
        self._keyring = keyring
        self._readers: OrderedDict[tuple[str, str], VaultReader] = OrderedDict()

    async def size(self, part: RecordingStored) -> int:
        """Bytes of the Ogg file."""
        return (await self._open(part)).size

    async def read(self, part: RecordingStored, start: int, end: int) -> AsyncGenerator[bytes]:
        """Bytes `start` to before `end` of the Ogg file, in pieces."""
        reader = await self._open(part)
        while start < end:
            stop = min(end, (start // PIECE_BYTES + 1) * PIECE_BYTES)
            try:
                yield await reader.read(start, stop)
            except NotFound as exc:
                raise RecordingGone(_MISSING) from exc
            start = stop

    async def delete_all(self, interview_id: InterviewId, keys: tuple[str, ...]) -> tuple[str, ...]:
        """`keys`, and whatever else is in the interview's folder: a part whose fact was lost.

        Returns what was deleted. What is not there is deleted already.
        """
        stray = [key async for key in self._blobs.list(f"recordings/{interview_id}")]
        gone = tuple(dict.fromkeys((*keys, *sorted(stray))))
        for key in gone:
            await self._blobs.delete(key)
        return gone

    async def _open(self, part: RecordingStored) -> VaultReader:
        name = (part.key, part.sha256)
        reader = self._readers.get(name)
        if reader is None:
            try:
                reader = await open_vault(self._blobs, part.key, self._keyring)
            except NotFound as exc:
                raise RecordingGone(_MISSING) from exc
            self._readers[name] = reader
            if len(self._readers) > MAX_READERS:
                self._readers.popitem(last=False)
        self._readers.move_to_end(name)
        return reader
