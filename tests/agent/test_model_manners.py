"""Models that say what they must not, interviewers of one's own, and whole interviews of both."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from agent.interviewer.chain import COMPONENT
from agent.interviewer.port import Interviewer, Scene
from agent.interviewer.scripted import ScriptedInterviewer
from sessions.facts import Fact, InterviewCompleted, Move, Probed, QuestionAsked
from sessions.interview import Interview, Judge, Output, Say
from sessions.plan import (
    Difficulty,
    InterviewType,
    PlanRequest,
    Question,
    choose_questions,
    planned_minutes,
)
from sessions.settings import InterviewSettings
from tests.agent.model_stage import (
    BANK,
    GOOD,
    MADE,
    PROUD,
    SCENE,
    SCRIPTED,
    one_model,
    stage,
    two_models,
)
from tests.emulators.openai_chat import Reply
from tests.support.interviews import answered, consented, joined, planned, room_opened, spoke
from tests.support.interviews import scored as judged

pytestmark = pytest.mark.sockets


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
