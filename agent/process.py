"""The agent as a process has it: rooms behind a gateway, for as long as the block runs."""

from __future__ import annotations

import asyncio
import platform
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from agent.gateway import Gateway, open_gateway
from agent.load import LoadWatch
from agent.metrics import Metrics
from agent.providers.shared import open_providers
from agent.recorder.studio import Studio, open_studio
from agent.recording import recover_left_recordings
from agent.room import RoomServices
from agent.rooms import Rooms
from sessions.infra.blobs import open_blobs
from sessions.ports import Bus, Clock, Journal
from sessions.settings import Settings

CLOSE_LIMIT_S = 15.0


@dataclass(frozen=True, slots=True)
class Agent:
    """A running agent: the gateway's port, and how to let its rooms go gently."""

    port: int
    rooms: Rooms

    async def drain(self, limit_s: float) -> None:
        """No new interviews; until the running ones are over, but no longer than the limit."""
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self.rooms.drain()


@asynccontextmanager
async def open_agent(
    settings: Settings, *, journal: Journal, bus: Bus, clock: Clock, secret: str
) -> AsyncGenerator[Agent]:
    """On leaving, rooms are closed in order and may be resumed.

    Raises SettingsInvalid for a provider that does not exist, StartupFailed for a taken port.
    """
    load = LoadWatch()
    async with AsyncExitStack() as stack:
        studio: Studio | None = None
        if settings.recording.enabled:
            studio = stack.enter_context(
                open_studio(settings, blobs=open_blobs(settings), clock=clock)
            )
        providers = await stack.enter_async_context(open_providers(settings, clock))
        services = RoomServices(
            settings=settings,
            clock=clock,
            journal=journal,
            bus=bus,
            providers=providers,
            gateway=gateway_name(settings),
            spill_dir=settings.data_dir / "spill",
            load=load,
            studio=studio,
        )
        rooms = Rooms(services)
        metrics = Metrics(rooms, load) if settings.agent.metrics else None
        gateway = Gateway(rooms, settings.agent, clock, secret, metrics=metrics)
        async with open_gateway(gateway, settings.agent) as port, asyncio.TaskGroup() as tasks:
            holding = tasks.create_task(rooms.run())
            beside = [
                tasks.create_task(load.run()),
                tasks.create_task(providers.health.run()),
                tasks.create_task(recover_left_recordings(studio, journal, is_held=rooms.is_held)),
            ]
            try:
                # Whoever is told that we are ready finds no interview "in progress" that is not.
                await rooms.wait_until_open()
                yield Agent(port, rooms)
            finally:
                for task in beside:
                    task.cancel()
                rooms.close()
                await asyncio.wait([holding], timeout=CLOSE_LIMIT_S)
                holding.cancel()


def gateway_name(settings: Settings) -> str:
    """The same for a process and its successor, different from every other agent's."""
    return settings.agent.public_url or f"{platform.node()}:{settings.agent.port}"
