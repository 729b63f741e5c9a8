"""A slice of a recording as the body of an answer, written as it is decrypted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing

from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import Payload

from sessions.errors import VivavoceError

READ_LIMIT_S = 30.0
"""The store must give the next chunk within this time."""
WRITE_LIMIT_S = 300.0
"""A player that is paused takes nothing; it asks again, for the rest, when it needs more."""

_log = logging.getLogger(__name__)


class SoundBody(Payload):
    """`length` bytes: `first`, then `rest`. When that fails, the connection is cut: the length
    that was promised is not reached, and the client knows."""

    def __init__(
        self, first: bytes, rest: AsyncGenerator[bytes], *, length: int, content_type: str
    ) -> None:
        super().__init__(rest, content_type=content_type)
        self._size = length
        self._first = first
        self._rest = rest

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        raise TypeError("a recording is no text")

    async def write(self, writer: AbstractStreamWriter) -> None:
        # Closed at once when the client goes away, so that nothing of the store stays open.
        async with aclosing(self._rest):
            chunk: bytes | None = self._first
            while chunk is not None:
                try:
                    async with asyncio.timeout(WRITE_LIMIT_S):
                        await writer.write(chunk)
                except TimeoutError as exc:
                    raise ConnectionResetError("the player takes no more") from exc
                chunk = await self._read_on()

    async def _read_on(self) -> bytes | None:
        try:
            async with asyncio.timeout(READ_LIMIT_S):
                return await anext(self._rest, None)
        except (VivavoceError, TimeoutError) as exc:
            # The answer has begun: all that is left to say is that its end does not come.
            _log.error("a recording could not be read on: %s", exc, exc_info=exc)
            raise ConnectionResetError("the recording could not be read on") from exc


async def open_body(chunks: AsyncGenerator[bytes], *, length: int, content_type: str) -> SoundBody:
    """With its first chunk in hand: what fails at once can still be answered with a sentence."""
    async with asyncio.timeout(READ_LIMIT_S):
        first = await anext(chunks, b"")
    return SoundBody(first, chunks, length=length, content_type=content_type)
