"""Where a room sends to: the one connection it has now, or nowhere."""

from __future__ import annotations

from typing import Protocol

from sessions.protocol import AudioFrame, CloseCode, ServerMessage


class Connection(Protocol):
    """One client's socket. Sending never waits: a client too slow to keep up is closed."""

    def send(self, message: ServerMessage) -> None: ...

    def send_audio(self, data: bytes) -> None: ...

    def close(self, code: CloseCode) -> None: ...


class Outlet:
    """The swappable end of a room: messages to nobody are dropped."""

    def __init__(self) -> None:
        self.connection: Connection | None = None

    @property
    def is_open(self) -> bool:
        return self.connection is not None

    def send(self, message: ServerMessage) -> None:
        if self.connection is not None:
            self.connection.send(message)

    def send_audio(self, frame: AudioFrame) -> None:
        if self.connection is not None:
            self.connection.send_audio(frame.to_bytes())
