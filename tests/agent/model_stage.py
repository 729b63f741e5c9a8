"""A chain of interviewers as one room has it, over models behind emulated services."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from agent.interviewer.chain import COMPONENT, InterviewerChain
from agent.interviewer.model import ModelInterviewer
from agent.interviewer.port import Interviewer, Scene
from agent.interviewer.scripted import ScriptedInterviewer, script
from agent.providers.health import Health
from agent.usage import Used
from sessions.facts import Move
from sessions.infra.endpoints import Endpoint
from sessions.interview import Say
from sessions.plan import Difficulty, InterviewType, PlanRequest
from sessions.settings import InterviewSettings
from tests.emulators.openai_chat import KEY, MODEL, ChatEmulator, Reply, open_chat
from tests.scoring.bank import bank_files, load_bank
from tests.support.clock import FakeClock

BANK = [question for path in bank_files() for question in load_bank(path)]
PROUD = next(question for question in BANK if question.id == "behavioral-work-you-are-proud-of")
POINT = PROUD.key_points[0]
ASK, PROBE = Say(Move.ASK, PROUD), Say(Move.PROBE, PROUD, POINT.id)
DEFAULTS = InterviewSettings()
SHORT_S = 0.5
LONG_S = 10.0
SCENE = Scene(
    request=PlanRequest(
        type=InterviewType.BEHAVIORAL, difficulty=Difficulty.EASY, question_count=3
    ),
    index=1,
    total=3,
    planned_minutes=10,
    skipped=None,
    utterance=1,
)
SCRIPTED = script(ASK, SCENE)
MADE = f"Thanks for that. Let us move on. {PROUD.spoken}"
GOOD = Reply(parts=["Thanks ", "for that. ", "Let us ", "move on."], usage=(120, 11))


def endpoint(url: str, *, name: str = "first", key: str = KEY) -> Endpoint:
    return Endpoint(name=name, base_url=url, api_key=key, llm_model=MODEL)


@dataclass
class Told:
    """What a room was told."""

    switches: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    used: list[Used] = field(default_factory=list[Used])

    def note_switch(self, before: str, now: str, reason: str) -> None:
        self.switches.append((before, now, reason))


@dataclass
class Stage:
    """A chain over members, as one room has it."""

    chain: InterviewerChain
    health: Health
    clock: FakeClock
    told: Told
    room: Interviewer

    async def say(self, say: Say = ASK, scene: Scene = SCENE) -> str:
        return " ".join("".join([part async for part in self.room.phrase(say, scene)]).split())

    def enter_room(self) -> Stage:
        told = Told()
        room = self.chain.for_room(told.note_switch, told.used.append)
        return Stage(self.chain, self.health, self.clock, told, room)


@asynccontextmanager
async def stage(
    members: Mapping[str, Interviewer],
    *,
    first_word_s: float = LONG_S,
    settings: InterviewSettings = DEFAULTS,
) -> AsyncGenerator[Stage]:
    clock = FakeClock()
    health = Health(clock)
    chain = InterviewerChain(
        members,
        health,
        first_word_timeout_s=first_word_s,
        script=ScriptedInterviewer(settings),
    )
    for name, member in members.items():
        if isinstance(member, ModelInterviewer):
            health.watch(COMPONENT, name, member.probe)
    told = Told()
    try:
        yield Stage(chain, health, clock, told, chain.for_room(told.note_switch, told.used.append))
    finally:
        await chain.aclose()


@asynccontextmanager
async def one_model(
    *replies: Reply,
    key: str = KEY,
    first_word_s: float = LONG_S,
    settings: InterviewSettings = DEFAULTS,
) -> AsyncGenerator[tuple[Stage, ChatEmulator]]:
    async with open_chat(*replies) as service:
        members = {"first": ModelInterviewer(endpoint(service.url, key=key))}
        async with stage(members, first_word_s=first_word_s, settings=settings) as made:
            yield made, service


@asynccontextmanager
async def two_models(
    first: list[Reply], second: list[Reply], *, first_word_s: float = LONG_S
) -> AsyncGenerator[tuple[Stage, ChatEmulator, ChatEmulator]]:
    async with AsyncExitStack() as open_ones:
        one = await open_ones.enter_async_context(open_chat(*first))
        two = await open_ones.enter_async_context(open_chat(*second))
        members = {
            "first": ModelInterviewer(endpoint(one.url)),
            "second": ModelInterviewer(endpoint(two.url, name="second")),
        }
        made = await open_ones.enter_async_context(stage(members, first_word_s=first_word_s))
        yield made, one, two
