"""Rooms without sockets: what they need from the world, made up, and clients in the process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from agent.interviewer.chain import InterviewerChain
from agent.interviewer.port import Interviewer
from agent.interviewer.scripted import ScriptedInterviewer
from agent.load import LoadWatch
from agent.providers.shared import Providers, open_providers
from agent.recorder.studio import Studio
from agent.room import RoomServices
from agent.rooms import Rooms
from sessions.facts import AnswerMeasured, Fact, UsageCounted
from sessions.ids import InterviewId
from sessions.infra.bus_memory import MemoryBus
from sessions.infra.journal_memory import MemoryJournal
from sessions.plan import Question
from sessions.ports import Bus, Clock, Journal
from sessions.settings import AgentSettings, InterviewSettings, Settings, SpeechSettings
from tests.support.clock import FakeClock
from tests.support.fake_speech import DeafSTT, SilentTTS
from tests.support.interviews import INTERVIEW, made_question, planned
from tests.support.polling import eventually
from tests.support.room_client import LIMIT_S, Client

_Kind = TypeVar("_Kind", bound=Any)


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncGenerator[asyncio.Task[None]]:
    """A task at work beside the block, waited for at its end.

    What the block raises comes out as it is: in a group, a failed assertion is hard to read.
    """
    failure: Exception | None = None
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(work)
        try:
            yield task
        except Exception as exc:
            failure = exc
    if failure is not None:
        raise failure


def made_settings(
    *,
    stt: type[DeafSTT] | None = None,
    tts: type[SilentTTS] = SilentTTS,
    tts_timeout_s: float = 2.0,
    max_rooms: int = 10,
) -> Settings:
    """The page recognises speech where no `stt` of the server's is given."""
    return Settings(
        interview=InterviewSettings(asks_to_add=False),
        agent=AgentSettings(port=0, max_rooms=max_rooms, reconnect_s=30, abandon_after_s=60),
        speech=SpeechSettings(
            stt=[class_path(stt) if stt else "browser"],
            tts=[class_path(tts)],
            end_of_turn="words",
            tts_timeout_s=tts_timeout_s,
        ),
    )


def class_path(provider: type) -> str:
    return f"{provider.__module__}:{provider.__name__}"


@dataclass
class World:
    """What outlives a process: its journal, bus, clock and folder."""

    spill_dir: Path
    settings: Settings = field(default_factory=made_settings)
    journal: Journal = field(default_factory=MemoryJournal)
    bus: Bus = field(default_factory=MemoryBus)
    clock: Clock = field(default_factory=FakeClock)
    load: LoadWatch = field(default_factory=LoadWatch)
    studio: Studio | None = None
    """Where recordings are made; nothing is recorded without."""
    interviewer: Interviewer | None = None
    """Instead of those that the settings name."""

    async def plan(
        self, *questions: Question, interview_id: InterviewId = INTERVIEW
    ) -> InterviewId:
        """An interview in the journal, of two questions when none are given."""
        chosen = questions or (made_question(1), made_question(2))
        fact = planned(chosen, at_ms=self.clock.now_ms())
        await self.journal.append(interview_id, [fact], after_seq=0)
        return interview_id

    def services(self, providers: Providers, gateway: str = "here:8081") -> RoomServices:
        if self.interviewer is not None:
            chain = InterviewerChain(
                {self.interviewer.name: self.interviewer},
                providers.health,
                first_word_timeout_s=self.settings.interview.model_timeout_s,
                script=ScriptedInterviewer(self.settings.interview),
            )
            providers = replace(providers, interviewer=chain)
        return RoomServices(
            settings=self.settings,
            clock=self.clock,
            journal=self.journal,
            bus=self.bus,
            providers=providers,
            gateway=gateway,
            spill_dir=self.spill_dir,
            load=self.load,
            studio=self.studio,
        )

    @asynccontextmanager
    async def open_rooms(self, gateway: str = "here:8081") -> AsyncGenerator[Rooms]:
        """The rooms of one process, closed in order at the end."""
        async with open_providers(self.settings, self.clock) as providers:
            rooms = Rooms(self.services(providers, gateway))
            async with beside(rooms.run()):
                try:
                    yield rooms
                finally:
                    rooms.close()

    async def append(self, fact: Fact, *, interview_id: InterviewId = INTERVIEW) -> None:
        """As another writer of the interview does."""
        held = await self.journal.read(interview_id)
        await self.journal.append(interview_id, [fact], after_seq=len(held))

    async def facts(self, interview_id: InterviewId = INTERVIEW) -> list[Fact]:
        return [numbered.fact for numbered in await self.journal.read(interview_id)]

    async def kinds(self, interview_id: InterviewId = INTERVIEW) -> list[str]:
        """What happened, but for what it cost."""
        facts = await self.facts(interview_id)
        return [
            type(fact).__name__
            for fact in facts
            if not isinstance(fact, UsageCounted | AnswerMeasured)
        ]

    async def all_facts(
        self, kind: type[_Kind], interview_id: InterviewId = INTERVIEW
    ) -> list[_Kind]:
        return [fact for fact in await self.facts(interview_id) if isinstance(fact, kind)]

    async def until_fact(
        self, kind: type[_Kind], interview_id: InterviewId = INTERVIEW, *, count: int = 1
    ) -> _Kind:
        """The `count`th fact of a kind in the journal, waited for."""
        found: list[_Kind] = []

        async def is_there() -> bool:
            found[:] = await self.all_facts(kind, interview_id)
            return len(found) >= count

        await eventually(is_there, limit_s=LIMIT_S)
        return found[count - 1]


@asynccontextmanager
async def visit(
    rooms: Rooms,
    interview_id: InterviewId = INTERVIEW,
    *,
    recognises: bool = False,
    plays: bool = True,
) -> AsyncGenerator[Client]:
    """A client in the room, for as long as the block runs; then its socket is closed."""
    client = Client(recognises=recognises, plays=plays)
    await client.enter(rooms, interview_id)
    async with beside(client.acknowledge()) as playing:
        try:
            yield client
        finally:
            playing.cancel()
            await client.room.leave(client, "the socket closed")


@asynccontextmanager
async def open_room(
    world: World, *, recognises: bool = False, plays: bool = True
) -> AsyncGenerator[Client]:
    """A client in the only room of a process."""
    async with (
        world.open_rooms() as rooms,
        visit(rooms, recognises=recognises, plays=plays) as client,
    ):
        yield client


def covering(question: int, *points: int) -> str:
    """An answer that says these key points of a made-up question."""
    return " and then ".join(f"we did phrase {question} {point}" for point in points) + " there"
