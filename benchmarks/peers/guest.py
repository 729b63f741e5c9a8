"""A candidate at a peer's socket: the same voice, frames and manners, the peers' small protocol."""

from __future__ import annotations

import time

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from benchmarks.guest import Broken, Guest
from benchmarks.peers import wire


class PeerGuest(Guest):
    """What goes wrong at a peer is noted and counts as missed turns; it ends no bench."""

    async def take_part(self) -> None:
        try:
            await super().take_part()
        except Broken as exc:
            self.notices.append(str(exc))

    async def greet(self, socket: ClientConnection) -> None:
        del socket  # the peer speaks first
        self.entered_s = time.monotonic()

    async def listen(self, socket: ClientConnection) -> None:
        try:
            async for data in socket:
                if isinstance(data, str):
                    self._note_event(wire.event_in(data))
                elif self.turns and self.turns[-1].heard_s is not None:
                    self._note_audio(data)
        except ConnectionClosed as exc:
            raise Broken(f"the socket closed with {exc.rcvd.code if exc.rcvd else 1006}") from exc

    def _note_event(self, event: str) -> None:
        if event == wire.LISTENING:
            self._may_speak.set()
        else:
            self._may_speak.clear()
        if event == wire.HEARD and self.turns:
            self.turns[-1].note_heard()

    def _note_audio(self, pcm: bytes) -> None:
        if self.turns[-1].replied_s is None and pcm.strip(b"\0"):
            self.turns[-1].note_replied()

    async def acknowledge(self, socket: ClientConnection) -> None:
        del socket  # the peers' servers keep time themselves

    async def leave(self, socket: ClientConnection) -> None:
        await socket.close()

    def packed(self, pcm: bytes) -> bytes:
        return pcm
