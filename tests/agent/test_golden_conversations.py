"""Kept conversations: the same moves whoever phrases them, and fewer needless ones with a judge.

What is expected is in `tests/golden/conversations`; the table of docs/interviewer.md is made of it.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agent.interviewer.prompt import brief_for
from agent.interviewer.scripted import ScriptedInterviewer
from agent.judging import AnswerJudge
from scoring.words import count_words
from sessions.facts import Move
from sessions.interview import Say
from sessions.settings import InterviewSettings
from tests.agent.conversations import (
    KEPT,
    Conversation,
    EmulatedJudge,
    Held,
    hold,
    load_conversation,
)
from tests.agent.model_stage import SCENE, one_model
from tests.emulators.openai_chat import Reply

DOCS = Path(__file__).parents[2] / "docs" / "interviewer.md"
NAMES = sorted(path.stem for path in KEPT.glob("*.yaml"))
IN_OTHER_WORDS = {
    Move.ASK: "Okay, let us turn to something different.",
    Move.WAIT: "Sure, there is no hurry at all.",
    Move.PROMPT: "Start wherever you want to.",
    Move.CLARIFY: "Sure, let me say that in another way.",
    Move.REPHRASE: "Okay, here it is in other words.",
    Move.RESUME: "Hello again, let us continue.",
    Move.ENCOURAGE: "That happens. Say whatever comes to your mind.",
}

by_name = pytest.mark.parametrize("name", NAMES)


def kept(name: str) -> Conversation:
    return load_conversation(KEPT / f"{name}.yaml")


def script(persona: str = "calm") -> ScriptedInterviewer:
    return ScriptedInterviewer(InterviewSettings(persona=persona))


def judge_of(conversation: Conversation) -> AnswerJudge:
    return AnswerJudge(EmulatedJudge(conversation.made))


def in_other_words(say: Say) -> Reply | None:
    """How the emulated model phrases the move; None where it is not asked."""
    brief = brief_for(say, SCENE)
    if brief is None:
        return None
    asked = f"Okay, and {brief.probe[:1].lower()}{brief.probe[1:]}" if brief.probe else "Okay."
    return Reply(parts=[IN_OTHER_WORDS.get(say.move, asked)])


def test_there_are_conversations_of_four_types() -> None:
    assert {"javascript", "system_design", "behavioral", "machine_coding"} <= {
        kept(name).type for name in NAMES
    }


@by_name
def test_what_is_made_in_other_words_was_said(name: str) -> None:
    conversation = kept(name)
    said = [" ".join(turn.says.split()) for asked in conversation.questions for turn in asked.turns]
    for (question_id, point_id), words in conversation.made.items():
        question = next(one for one in conversation.plan if one.id == question_id)
        assert point_id in {point.id for point in question.key_points}
        assert any(words in one for one in said), words


@by_name
async def test_the_script_makes_the_moves_that_are_kept(name: str) -> None:
    conversation = kept(name)
    held = await hold(conversation, script())
    assert held.moves == conversation.moves
    assert_manners(held)


@by_name
@pytest.mark.parametrize("persona", ["mentor", "engineer"])
async def test_a_persona_changes_words_and_no_move(name: str, persona: str) -> None:
    calm, other = await hold(kept(name), script()), await hold(kept(name), script(persona))
    assert other.moves == calm.moves
    assert [text for _, text in other.spoken] != [text for _, text in calm.spoken]
    assert_manners(other)


@pytest.mark.sockets
@by_name
async def test_with_a_model_the_same_moves_are_made_in_other_words(name: str) -> None:
    conversation = kept(name)
    by_script = await hold(conversation, script())
    replies = [reply for say, _ in by_script.spoken if (reply := in_other_words(say))]
    async with one_model(*replies) as (room, service):
        held = await hold(conversation, room.room)

    assert held.moves == conversation.moves
    assert len(service.requests) == len(replies)
    assert room.told.switches == [], "nothing that it said was refused"
    for (say, text), (_, written) in zip(held.spoken, by_script.spoken, strict=True):
        assert (text == written) == (in_other_words(say) is None), (say.move, text)
    assert_manners(held)


@by_name
async def test_with_a_judge_fewer_needless_follow_ups_are_asked(name: str) -> None:
    conversation = kept(name)
    alone = await hold(conversation, script())
    judged = await hold(conversation, script(), judge_of(conversation))
    assert judged.moves == conversation.moves_with_judge
    assert judged.needless(conversation.made) < alone.needless(conversation.made)
    assert_manners(judged)


async def test_the_table_of_the_documentation_is_true() -> None:
    rows = [await row_of(name) for name in NAMES]
    for row in rows:
        assert row in DOCS.read_text(encoding="utf-8"), f"docs/interviewer.md lacks: {row}"


async def row_of(name: str) -> str:
    conversation = kept(name)
    alone = await hold(conversation, script())
    judged = await hold(conversation, script(), judge_of(conversation))
    made = conversation.made
    return (
        f"| `{name}` | {len(made)} | {len(alone.probes)} | {alone.needless(made)} "
        f"| {len(judged.probes)} | {judged.needless(made)} |"
    )


def assert_manners(held: Held) -> None:
    """One question a turn, and under forty words besides those of the bank."""
    for say, text in held.spoken:
        own = text.lower()
        if (question := say.question) is not None:
            bank = [question.spoken, question.rephrase]
            bank += [point.follow_up for point in question.key_points]
            for line in sorted(bank, key=len, reverse=True):
                own = own.replace(line.lower(), "")
        assert count_words(own) < 40, text
        asks_in_own_words = say.move in (Move.WRAP_UP, Move.PROBE)
        assert own.count("?") <= int(asks_in_own_words), text
        assert not re.search(r"\b(?:great|excellent|passed|score|correct|wrong)\b", own)
