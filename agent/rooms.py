"""The rooms of one process: opened on the first hello, gone when they are over."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from agent.garbage import Sweeper
from agent.outlet import Connection
from agent.room import Room, RoomServices
from agent.scribe import recover_spilled
from sessions.errors import (
    InterviewEnded,
    JournalConflict,
    NotFound,
    Overloaded,
    ProviderUnavailable,
    RoomsFull,
    ShuttingDown,
    VivavoceError,
)
from sessions.facts import InterviewPlanned, RoomLost
from sessions.ids import InterviewId
from sessions.lifecycle import fold_status
from sessions.protocol import Hello

log = logging.getLogger(__name__)

START_LIMIT_S = 10.0
"""How long a client that comes while the process starts waits for its rooms."""
LET_GO_LIMIT_S = 5.0
"""How long a client that comes while its room is let go waits for the last facts to be written."""


class Rooms:
    """Owns every room's task. `run()` until `close()`; `enter` in between."""

    def __init__(self, services: RoomServices) -> None:
        self._services = services
        self._rooms: dict[InterviewId, Room] = {}
        self._opening = asyncio.Lock()
        self._tasks: asyncio.TaskGroup | None = None
        self._is_open = asyncio.Event()
        self._is_draining = False
        self._sweeper = Sweeper()
        self.refused = 0
        """Interviews for which there was no room."""
        self._empty = asyncio.Event()
        self._closing = asyncio.Event()

    async def run(self) -> None:
        """Mends what a process that died has left, then holds the rooms until `close`."""
        await recover_spilled(self._services.journal, self._services.spill_dir)
        await self._note_lost_rooms()
        async with asyncio.TaskGroup() as self._tasks:
            self._is_open.set()
            await self._closing.wait()
            for room in list(self._rooms.values()):
                room.close("the server is shutting down")

    async def wait_until_open(self) -> None:
        """Until what a dead process has left is mended; no longer than `START_LIMIT_S`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(START_LIMIT_S):
                await self._is_open.wait()

    def close(self) -> None:
        self._closing.set()

    async def drain(self) -> None:
        """Take no more interviews; return when the last room is over."""
        self._is_draining = True
        while self._rooms:
            self._empty.clear()
            await self._empty.wait()

    def is_held(self, interview_id: InterviewId) -> bool:
        return interview_id in self._rooms

    @property
    def count(self) -> int:
        return len(self._rooms)

    async def enter(self, interview_id: InterviewId, connection: Connection, hello: Hello) -> Room:
        """The interview's room, opened if need be, with this connection in it.

        Raises NotFound, InterviewEnded, RoomsFull, Overloaded, ShuttingDown, ProviderUnavailable.
        """
        await self.wait_until_open()  # in vain: it is refused, as when all rooms are taken
        former = self._rooms.get(interview_id)
        if former is not None and former.is_over:
            await former.wait_until_gone(LET_GO_LIMIT_S)
        async with self._opening:
            room = self._rooms.get(interview_id)
            if room is None:
                tasks = self._check_admission()
                room = await self._open(interview_id, tasks)
            elif room.is_over:  # its facts are not written: a second room could not know them
                raise RoomsFull(limit=self._services.settings.agent.max_rooms)
            try:
                await room.enter(connection, hello)
            except ProviderUnavailable:
                if not room.was_entered:  # opened for a client that cannot be served
                    room.close("nobody could come in")
                raise
            return room

    async def _open(self, interview_id: InterviewId, tasks: asyncio.TaskGroup) -> Room:
        journal = await self._services.journal.read(interview_id)
        if not any(isinstance(numbered.fact, InterviewPlanned) for numbered in journal):
            raise NotFound("interview")
        if fold_status(numbered.fact for numbered in journal).is_over:
            raise InterviewEnded
        room = Room(interview_id, journal, self._services)
        self._rooms[interview_id] = room
        tasks.create_task(self._hold(room), name=f"room {interview_id}")
        return room

    def _check_admission(self) -> asyncio.TaskGroup:
        try:
            return self._admitted()
        except VivavoceError:
            self.refused += 1
            raise

    def _admitted(self) -> asyncio.TaskGroup:
        limits = self._services.settings.agent
        if self._is_draining or self._closing.is_set():
            raise ShuttingDown
        if self._tasks is None or len(self._rooms) >= limits.max_rooms:
            raise RoomsFull(limit=limits.max_rooms)
        if self._services.load.lag_ms > limits.max_lag_ms:
            raise Overloaded
        return self._tasks

    async def _hold(self, room: Room) -> None:
        try:
            await room.run()
        except* JournalConflict:
            log.warning("another process holds interview %s now", room.interview_id)
        # The edge of a room: whatever broke it is logged, its socket is closed with FAILED, and
        # the other rooms go on.
        except* Exception:
            log.exception("the room of interview %s failed", room.interview_id)
        finally:
            if self._rooms.get(room.interview_id) is room:
                del self._rooms[room.interview_id]
            self._sweeper.note_closed(left=len(self._rooms))
            if not self._rooms:
                self._empty.set()

    async def _note_lost_rooms(self) -> None:
        """Rooms that a process of our name held when it died: their interviews are interrupted."""
        gateway = self._services.gateway
        journal = self._services.journal
        for interview_id in await journal.fetch_open_rooms(gateway):
            facts = await journal.read(interview_id)
            lost = RoomLost(at_ms=self._services.clock.now_ms(), gateway=gateway)
            await journal.append(interview_id, [lost], after_seq=facts[-1].seq)
            log.warning("interview %s was interrupted when the process ended", interview_id)
