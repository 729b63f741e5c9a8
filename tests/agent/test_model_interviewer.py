"""Models that phrase: the real SDK against an emulator of the service, and the fallbacks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import pytest
from pydantic import SecretStr

from agent.interviewer.chain import COMPONENT, InterviewerChain
from agent.interviewer.model import ModelInterviewer
from agent.interviewer.port import Interviewer, Scene
from agent.interviewer.prompt import brief_for
from agent.interviewer.registry import load_interviewer
from agent.interviewer.scripted import ScriptedInterviewer, script
from agent.providers.health import Health
from agent.usage import Used
from sessions.errors import ProviderUnavailable, SettingsInvalid
from sessions.facts import Fact, InterviewCompleted, Move, Probed, QuestionAsked
from sessions.infra.endpoints import Endpoint
from sessions.interview import Interview, Judge, Output, Say
from sessions.plan import (
    Difficulty,
    InterviewType,
    PlanRequest,
    Question,
    choose_questions,
    planned_minutes,
)
from sessions.settings import EndpointSettings, InterviewSettings, Settings
from tests.emulators.openai_chat import KEY, MODEL, ChatEmulator, Reply, open_chat
from tests.scoring.bank import bank_files, load_bank
from tests.support.clock import FakeClock
from tests.support.interviews import answered, consented, joined, planned, room_opened, spoke
from tests.support.interviews import scored as judged

pytestmark = pytest.mark.sockets

BANK = [question for path in bank_files() for question in load_bank(path)]
PROUD = next(question for question in BANK if question.id == "behavioral-work-you-are-proud-of")
POINT = PROUD.key_points[0]
ASK, PROBE = Say(Move.ASK, PROUD), Say(Move.PROBE, PROUD, POINT.id)
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
    members: Mapping[str, Interviewer], *, first_word_s: float = LONG_S
) -> AsyncGenerator[Stage]:
    clock = FakeClock()
    health = Health(clock)
    chain = InterviewerChain(
        members,
        health,
        first_word_timeout_s=first_word_s,
        script=ScriptedInterviewer(InterviewSettings()),
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
    *replies: Reply, key: str = KEY, first_word_s: float = LONG_S
) -> AsyncGenerator[tuple[Stage, ChatEmulator]]:
    async with open_chat(*replies) as service:
        members = {"first": ModelInterviewer(endpoint(service.url, key=key))}
        async with stage(members, first_word_s=first_word_s) as made:
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


# -- when it works -------------------------------------------------------------------------------


async def test_the_model_leads_over_and_the_question_keeps_its_words() -> None:
    async with one_model(GOOD) as (room, service):
        assert await room.say() == MADE
    assert room.told.switches == []
    request = service.requests[0]
    brief = brief_for(ASK, SCENE)
    assert brief is not None
    assert [message["content"] for message in request["messages"]] == [brief.system, brief.data]
    assert request["stream_options"] == {"include_usage": True}


async def test_a_follow_up_is_asked_in_the_models_words() -> None:
    asked = "Thanks. And what need or trouble was there behind that work?"
    async with one_model(Reply(parts=list(asked))) as (room, _):
        assert await room.say(PROBE) == asked


async def test_a_follow_up_that_the_model_forgot_is_added() -> None:
    async with one_model(Reply(parts=["Thank you."])) as (room, _):
        assert await room.say(PROBE) == f"Thank you. {POINT.follow_up}"


@pytest.mark.parametrize("move", [Move.GREET, Move.CLOSE, Move.OFFER_TYPING])
async def test_what_stays_as_written_asks_no_model(move: Move) -> None:
    async with one_model(GOOD) as (room, service):
        assert await room.say(Say(move)) == script(Say(move), SCENE)
    assert service.requests == []
    assert room.told == Told()


async def test_tokens_are_counted_as_the_service_counts() -> None:
    async with one_model(GOOD) as (room, _):
        await room.say()
    assert room.told.used == [
        Used(
            component="interviewer",
            provider="first",
            model=MODEL,
            input_tokens=120,
            output_tokens=11,
        )
    ]


async def test_tokens_are_estimated_where_the_service_does_not_count() -> None:
    async with one_model(Reply(parts=GOOD.parts, usage=None)) as (room, _):
        assert await room.say() == MADE
    (used,) = room.told.used
    assert used.input_tokens > 200  # a prompt of more than a thousand letters
    assert used.output_tokens == 8  # 32 letters


async def test_nothing_is_taken_from_the_variables_of_other_tools(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID", "BASE_URL"):
        monkeypatch.setenv(f"OPENAI_{name}", "of-something-else")
    async with one_model(GOOD) as (room, service):
        assert await room.say() == MADE
    assert "of-something-else" not in str(service.headers)


async def test_rooms_are_told_of_their_own_use_alone() -> None:
    async with one_model(GOOD) as (room, _):
        other = room.enter_room()
        await other.say()
        assert (len(other.told.used), room.told.used) == (1, [])


async def test_tokens_are_told_of_an_utterance_that_was_broken_off() -> None:
    async with one_model(GOOD) as (room, _):
        words = room.room.phrase(ASK, SCENE)
        assert await anext(words) == "Thanks for that. "
        assert isinstance(words, AsyncGenerator)
        await words.aclose()
    (used,) = room.told.used
    assert used.output_tokens > 0


async def test_an_interviewer_of_its_own_says_the_same() -> None:
    async with open_chat(GOOD) as service:
        interviewer = ModelInterviewer(endpoint(service.url))
        words = "".join([part async for part in interviewer.phrase(ASK, SCENE)])
        await interviewer.aclose()
    assert words == MADE


# -- when it fails -------------------------------------------------------------------------------

FAILURES = [
    (Reply(status=401), "it answered with status 401"),
    (Reply(status=429), "it answered with status 429"),
    (Reply(status=500), "it answered with status 500"),
    (Reply(body="<html><body>Gateway</body></html>", content_type="text/html"), "it said nothing"),
    (Reply(body="data: {garbage\n\n", content_type="text/event-stream"), "no chat completion"),
    (Reply(body="data: [1, 2]\n\n", content_type="text/event-stream"), "no chat completion"),
    (
        Reply(body='data: {"choices": [{}]}\n\n', content_type="text/event-stream"),
        "no chat completion",
    ),
    (
        Reply(body='data: {"error": {"message": "x"}}\n\n', content_type="text/event-stream"),
        "it reported an error",
    ),
    (Reply(parts=[]), "it said nothing"),
    (Reply(parts=["Thanks for"], cut_after=0), "the connection broke"),
]


@pytest.mark.parametrize(("reply", "reason"), FAILURES, ids=[reason for _, reason in FAILURES])
async def test_a_failure_costs_nothing_but_the_models_words(reply: Reply, reason: str) -> None:
    async with one_model(reply) as (room, service):
        assert await room.say() == SCRIPTED
        (switch,) = room.told.switches
        assert switch[:2] == ("first", "scripted")
        assert reason in switch[2]
        assert not room.health.is_well(COMPONENT, "first")

        assert await room.say() == SCRIPTED  # it rests: nobody waits for it again
    assert len(service.requests) == 1
    assert len(room.told.switches) == 1


async def test_a_wrong_key_is_a_failure() -> None:
    async with one_model(GOOD, key="wrong") as (room, _):
        assert await room.say() == SCRIPTED
    assert room.told.switches == [("first", "scripted", "it answered with status 401")]
    assert room.told.used == []


async def test_nobody_at_the_address_is_a_failure() -> None:
    async with open_chat(GOOD) as service:
        url = service.url
    async with stage({"first": ModelInterviewer(endpoint(url))}) as room:
        assert await room.say() == SCRIPTED
    assert room.told.switches == [("first", "scripted", "it cannot be reached")]


async def test_the_next_model_is_asked_before_the_script() -> None:
    async with two_models([Reply(status=500)], [GOOD]) as (room, one, two):
        assert await room.say() == MADE
        assert await room.say() == MADE
    assert (len(one.requests), len(two.requests)) == (1, 2)
    assert room.told.switches == [("first", "second", "it answered with status 500")]
    assert [used.provider for used in room.told.used] == ["second", "second"]


async def test_another_room_does_not_wait_for_what_failed_in_the_first() -> None:
    async with two_models([Reply(status=500)], [GOOD]) as (room, one, _):
        await room.say()
        other = room.enter_room()
        assert await other.say() == MADE
    assert len(one.requests) == 1
    assert other.told.switches == [("first", "second", "it answered with status 500")]


async def test_what_is_well_again_goes_on() -> None:
    async with one_model(Reply(status=500), GOOD) as (room, _):
        assert await room.say() == SCRIPTED
        room.clock.advance(10_000)
        await room.health.probe_rested()
        assert await room.say() == MADE
    assert room.told.switches[1:] == [("scripted", "first", "it works again")]


async def test_a_service_that_asks_to_wait_is_left_alone() -> None:
    busy = Reply(status=429, headers={"Retry-After": "100"})
    async with one_model(busy, GOOD) as (room, service):
        await room.say()
        room.clock.advance(10_000)
        await room.health.probe_rested()
        assert not room.health.is_well(COMPONENT, "first")
        assert room.health.reason(COMPONENT, "first").endswith("it asked to wait.")
    assert len(service.requests) == 1


async def test_rooms_that_fail_together_are_one_failure() -> None:
    async with one_model(Reply(status=500), Reply(status=500), GOOD) as (room, _):
        other = room.enter_room()
        async with asyncio.TaskGroup() as rooms:
            rooms.create_task(room.say())
            rooms.create_task(other.say())
        room.clock.advance(7_000)  # longer than the first rest, shorter than the second
        await room.health.probe_rested()
        assert room.health.is_well(COMPONENT, "first")


# -- when it is slow -----------------------------------------------------------------------------

SILENT = Reply(parts=["Thanks."], silent_after=0)
STUCK = Reply(parts=["Thanks ", "for that. ", "Let us"], silent_after=1)
HALF = Reply(parts=["Thanks for that. ", "Let us", " move on."], silent_after=2)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [(SILENT, "it did not begin in time"), (STUCK, "it stopped in mid-sentence")],
    ids=["silent", "stuck"],
)
async def test_one_slow_answer_is_passed_over_and_the_next_may_be_quick(
    reply: Reply, reason: str
) -> None:
    async with one_model(reply, GOOD, first_word_s=1.0) as (room, _):
        assert await room.say() == SCRIPTED
        assert room.health.is_well(COMPONENT, "first")
        assert await room.say() == MADE
    assert room.told.switches == [
        ("first", "scripted", reason),
        ("scripted", "first", "it works again"),
    ]


async def test_two_slow_answers_in_a_row_are_a_failure() -> None:
    async with one_model(SILENT, first_word_s=SHORT_S) as (room, service):
        await room.say()
        assert room.health.is_well(COMPONENT, "first")
        await room.say()
        assert not room.health.is_well(COMPONENT, "first")
        await room.say()
    assert len(service.requests) == 2


async def test_a_slow_answer_between_good_ones_is_no_failure() -> None:
    async with one_model(SILENT, GOOD, SILENT, GOOD, first_word_s=1.0) as (room, _):
        for _ in range(4):
            await room.say()
        assert room.health.is_well(COMPONENT, "first")


async def test_nothing_is_heard_twice_when_a_model_stops_after_a_sentence() -> None:
    async with one_model(HALF, first_word_s=1.0) as (room, _):
        assert await room.say() == f"Thanks for that. {PROUD.spoken}"
        assert await room.say(PROBE) == f"Thanks for that. {POINT.follow_up}"
    assert room.told.switches == [
        ("first", "scripted", "it stopped in mid-sentence"),
        ("scripted", "first", "it works again"),
        ("first", "scripted", "it stopped in mid-sentence"),
    ]


async def test_nothing_is_heard_twice_when_the_connection_is_cut() -> None:
    cut = Reply(parts=["Thanks for that. ", "Let us", " move on."], cut_after=2)
    async with one_model(cut) as (room, _):
        assert await room.say() == f"Thanks for that. {PROUD.spoken}"


async def test_nobody_waits_longer_than_three_first_words() -> None:
    class Silent(Interviewer):
        name = "silent"

        async def phrase(self, say: Say, scene: Scene) -> AsyncIterator[str]:
            await asyncio.Event().wait()
            yield ""

    members = {f"silent {number}": Silent() for number in range(50)}
    async with stage(members, first_word_s=SHORT_S) as room:
        async with asyncio.timeout(SHORT_S * 10):
            assert await room.say() == SCRIPTED


async def test_a_client_that_is_passed_over_hangs_up() -> None:
    async with one_model(SILENT, first_word_s=SHORT_S) as (room, service):
        await room.say()
        async with asyncio.timeout(5):
            while not service.lost:  # noqa: ASYNC110 -- the emulator has no event for it
                await asyncio.sleep(0)
    assert room.told.used == []


# -- when it says what it must not ---------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Excellent answer! ",
        "Interviewer: thank you. ",
        "<think>hm</think> Thank you. ",
        "Now tell me about your team. ",
        "word " * 200,
    ],
)
async def test_unfit_words_are_replaced_by_the_script(text: str) -> None:
    async with one_model(Reply(parts=[text])) as (room, _):
        assert await room.say() == SCRIPTED
        assert room.told.switches[0][2].startswith("its words were refused: ")
        assert room.health.is_well(COMPONENT, "first")


async def test_unfit_words_are_replaced_by_the_next_model() -> None:
    async with two_models([Reply(parts=["Excellent answer!"])], [GOOD]) as (room, _, _two):
        assert await room.say() == MADE


async def test_what_follows_a_fit_sentence_is_checked_too() -> None:
    async with one_model(Reply(parts=["Thank you. ", "You passed. ", "On we go."])) as (room, _):
        assert await room.say() == f"Thank you. {PROUD.spoken}"


async def test_half_a_sentence_is_not_spoken() -> None:
    async with one_model(Reply(parts=["Thank you for", " the"], finish="length")) as (room, _):
        assert await room.say() == SCRIPTED


async def test_a_full_stop_may_be_missing() -> None:
    async with one_model(Reply(parts=["Thank you"])) as (room, _):
        assert await room.say() == f"Thank you. {PROUD.spoken}"


# -- anyone's interviewer ------------------------------------------------------------------------


class BreaksOff(Interviewer):
    name = "breaks off"

    async def phrase(self, say: Say, scene: Scene) -> AsyncIterator[str]:
        assert say.question is not None
        yield "My own words. "
        yield say.question.spoken[:20]
        raise ValueError("it broke")


async def test_an_interviewer_of_ones_own_may_break_off() -> None:
    async with stage({"own": BreaksOff()}) as room:
        assert await room.say() == f"My own words. {PROUD.spoken}"
    assert room.told.switches == [("own", "scripted", "it broke off: ValueError")]


async def test_the_script_alone_is_itself() -> None:
    async with stage({}) as room:
        assert isinstance(room.room, ScriptedInterviewer)
        assert await room.say() == SCRIPTED


async def test_what_stands_after_the_script_is_not_used() -> None:
    members = {"scripted": ScriptedInterviewer(InterviewSettings()), "own": BreaksOff()}
    async with stage(members) as room:
        assert room.chain.names == ["scripted"]


# -- settings ------------------------------------------------------------------------------------


def made_settings(*names: str, **endpoints: EndpointSettings) -> Settings:
    return Settings(interview=InterviewSettings(interviewer=list(names)), endpoints=endpoints)


def load(settings: Settings) -> InterviewerChain:
    return load_interviewer(settings, Health(FakeClock()))


def test_by_default_there_is_the_script_alone() -> None:
    chain = load(Settings())
    assert chain.names == ["scripted"]
    assert isinstance(chain.for_room(Told().note_switch, Told().used.append), ScriptedInterviewer)


async def test_endpoints_and_classes_are_used_in_their_order() -> None:
    keyed = EndpointSettings(api_key=SecretStr("made-up"))
    own = EndpointSettings(base_url="http://127.0.0.1:1/v1", llm_model="own-1")
    path = f"{__name__}:OwnInterviewer"
    chain = load(made_settings("openai", "mine", "ollama", path, openai=keyed, mine=own))
    try:
        assert chain.names == ["openai", "mine", "ollama", path, "scripted"]
        models = [m.endpoint for m in chain.members.values() if isinstance(m, ModelInterviewer)]
        assert [model.llm_model for model in models] == ["gpt-4.1-mini", "own-1", "llama3.2"]
    finally:
        await chain.aclose()


class OwnInterviewer(BreaksOff):
    def __init__(self, settings: InterviewSettings) -> None:
        self.settings = settings


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (made_settings("openia"), "Did you mean openai?"),
        (made_settings("scriptd"), "Did you mean scripted?"),
        (made_settings("openai"), "VIVAVOCE__ENDPOINTS__OPENAI__API_KEY"),
        (made_settings("deepgram"), "deepgram, which has no language model"),
        (made_settings("vllm"), "Set endpoints.vllm.llm_model"),
        (made_settings("mine", mine=EndpointSettings(llm_model="x")), "endpoints.mine.base_url"),
        (made_settings("no_such.module:Class"), "ModuleNotFoundError"),
        (made_settings(f"{__name__}:Told"), "which is no agent.interviewer.port.Interviewer"),
    ],
)
def test_a_wrong_name_is_told_with_what_would_be_right(settings: Settings, said: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load(settings)
    assert said in f"{caught.value.message} {caught.value.hint}"


# -- trying it -----------------------------------------------------------------------------------


async def test_trying_it_tells_how_long_it_takes() -> None:
    async with one_model(GOOD) as (room, _):
        member = room.chain.members["first"]
        assert isinstance(member, ModelInterviewer)
        assert 0 < await member.try_it() < 10_000
    assert room.told.used == []


@pytest.mark.parametrize("reply", [Reply(status=401), Reply(parts=[])], ids=["401", "nothing"])
async def test_trying_what_does_not_work_says_why(reply: Reply) -> None:
    async with one_model(reply) as (room, _):
        member = room.chain.members["first"]
        assert isinstance(member, ModelInterviewer)
        with pytest.raises(ProviderUnavailable) as caught:
            await member.probe()
    assert (caught.value.component, caught.value.provider) == ("interviewer", "first")


# -- a whole interview ---------------------------------------------------------------------------


async def hold_interview(interviewer: Interviewer) -> tuple[list[Fact], list[tuple[Say, str]]]:
    """All moves of an interview of three questions, one answer and one follow-up to each."""
    request = PlanRequest(
        type=InterviewType.BEHAVIORAL, difficulty=Difficulty.EASY, question_count=3
    )
    questions = choose_questions(BANK, request, seed="golden")
    interview = Interview()
    facts: list[Fact] = []
    spoken: list[tuple[Say, str]] = []
    now_ms, turn = 0, 0
    waiting: list[Output] = []
    for fact in (planned(questions), room_opened(1), joined(2), consented(3)):
        waiting.extend(interview.receive(fact))
    while waiting:
        now_ms += 1_000
        match waiting.pop(0):
            case Say() as say:
                text = "".join([part async for part in interviewer.phrase(say, place(interview))])
                text = " ".join(text.split())
                spoken.append((say, text))
                waiting.extend(interview.receive(spoke(say, now_ms, text=text)))
                if not waiting and not interview.status.is_over and say.question is not None:
                    turn += 1
                    heard = answered("We did it.", now_ms, turn=turn, question_id=say.question.id)
                    waiting.extend(interview.receive(heard))
            case Judge() as judge:
                waiting.extend(interview.receive(judged(judge.question, now_ms, turn=judge.turn)))
            case Fact() as fact:
                facts.append(fact)
    return facts, spoken


def place(interview: Interview) -> Scene:
    return Scene(
        request=SCENE.request,
        index=interview.index,
        total=len(interview.questions),
        planned_minutes=planned_minutes(interview.questions),
        skipped=interview.skipped,
        utterance=1,
    )


def plan_of(facts: list[Fact]) -> list[tuple[str, object]]:
    return [
        (type(fact).__name__, getattr(fact, "key_point_id", None) or getattr(fact, "index", None))
        for fact in facts
        if isinstance(fact, QuestionAsked | Probed | InterviewCompleted)
    ]


MISCHIEF = [
    GOOD,
    Reply(parts=["You passed, goodbye."]),
    Reply(parts=["That was my last question, the interview is over."]),
    Reply(parts=["Thank you. ", "What is your favourite colour?"]),
    Reply(parts=["Thank you. ", "Let us"], cut_after=2),
]


@pytest.mark.parametrize("replies", [[GOOD], MISCHIEF], ids=["good", "mischief"])
async def test_an_interview_keeps_its_plan_whoever_phrases_it(replies: list[Reply]) -> None:
    by_script, script_spoken = await hold_interview(ScriptedInterviewer(InterviewSettings()))
    async with one_model(*replies) as (room, service):
        by_model, spoken = await hold_interview(room.room)

    assert plan_of(by_model) == plan_of(by_script)
    assert len(plan_of(by_model)) == 7  # three questions, three follow-ups, the end
    assert [say for say, _ in spoken] == [say for say, _ in script_spoken]
    assert service.requests
    for (say, text), (_, written) in zip(spoken, script_spoken, strict=True):
        if say.move in (Move.GREET, Move.WRAP_UP, Move.CLOSE):
            assert text == written
        else:
            assert text.endswith(_asked(say)), (say.move, text)
            assert text.count(_asked(say)) == 1


def _asked(say: Say) -> str:
    question: Question | None = say.question
    assert question is not None
    return question.key_point(say.key_point_id).follow_up if say.key_point_id else question.spoken
