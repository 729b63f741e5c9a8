"""The agent as a process has it: rooms behind a gateway, for as long as the block runs."""

from __future__ import annotations

import asyncio
import platform
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from agent.gateway import Gateway, open_gateway
from agent.interviewer.registry import load_interviewer
from agent.providers.registry import load_stt, load_tts, load_vad
from agent.providers.trial import warm_voice
from agent.room import RoomServices
from agent.rooms import Rooms
from sessions.ports import Bus, Clock, Journal
from sessions.settings import Settings

CLOSE_LIMIT_S = 15.0


@asynccontextmanager
async def open_agent(
    settings: Settings, *, journal: Journal, bus: Bus, clock: Clock, secret: str
) -> AsyncGenerator[int]:
    """Yields the gateway's port. On leaving, rooms are closed in order and may be resumed.

    Raises SettingsInvalid for a provider that does not exist, StartupFailed for a taken port.
    """
    # Loaded once here, so that a wrong name is said at the start and not in a room; the voice is
    # kept, so that its helper process is warm and stays between rooms.
    load_stt(settings.speech)
    load_vad(settings.speech)
    voice = load_tts(settings.speech)
    await warm_voice(voice)
    services = RoomServices(
        settings=settings,
        clock=clock,
        journal=journal,
        bus=bus,
        interviewer=load_interviewer(settings.interview),
        gateway=gateway_name(settings),
        spill_dir=settings.data_dir / "spill",
    )
    rooms = Rooms(services)
    gateway = Gateway(rooms, settings.agent, clock, secret)
    try:
        async with open_gateway(gateway, settings.agent) as port, asyncio.TaskGroup() as tasks:
            holding = tasks.create_task(rooms.run())
            try:
                yield port
            finally:
                rooms.close()
                await asyncio.wait([holding], timeout=CLOSE_LIMIT_S)
                holding.cancel()
    finally:
        await voice.aclose()


def gateway_name(settings: Settings) -> str:
    """The same for a process and its successor, different from every other agent's."""
    return settings.agent.public_url or f"{platform.node()}:{settings.agent.port}"
