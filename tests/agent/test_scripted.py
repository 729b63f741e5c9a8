"""The words of every move, for every question of the bank, without a model."""

from __future__ import annotations

import pytest

from agent.interviewer.port import Scene
from agent.interviewer.scripted import ScriptedInterviewer, script
from sessions.facts import Move
from sessions.interview import Say
from sessions.plan import Difficulty, InterviewType, PlanRequest, Question, planned_minutes
from sessions.settings import InterviewSettings
from tests.scoring.bank import bank_files, load_bank

BANK = [question for path in bank_files() for question in load_bank(path)]
OF_A_QUESTION = [move for move in Move if move not in (Move.GREET, Move.RESUME, Move.CLOSE)]
IDS = [question.id for question in BANK]
UTTERANCES = range(1, 5)


def scene(
    questions: list[Question] | None = None,
    *,
    index: int = 0,
    utterance: int = 1,
    interview_type: InterviewType = InterviewType.DSA,
) -> Scene:
    asked = BANK[:3] if questions is None else questions
    return Scene(
        request=PlanRequest(
            type=interview_type, difficulty=Difficulty.EASY, question_count=len(asked)
        ),
        index=index,
        total=len(asked),
        planned_minutes=planned_minutes(asked),
        skipped=None,
        utterance=utterance,
    )


def without(text: str, *parts: str) -> str:
    for part in parts:
        text = text.replace(part, "", 1)
    return text


@pytest.mark.parametrize("question", BANK, ids=IDS)
def test_every_move_has_words_for_every_question(question: Question) -> None:
    for move in OF_A_QUESTION:
        for point in (None, *question.key_points):
            if move is Move.PROBE and point is None:
                continue
            for index in range(3):
                say = Say(move, question, point.id if point else None)
                words = script(say, scene(index=index))
                assert words.strip() == words
                assert words.endswith((".", "?"))
                assert "  " not in words


@pytest.mark.parametrize("move", [Move.GREET, Move.RESUME, Move.CLOSE])
@pytest.mark.parametrize("utterance", UTTERANCES)
def test_moves_without_a_question_have_words_too(move: Move, utterance: int) -> None:
    words = script(Say(move), scene(index=-1, utterance=utterance))
    assert words
    assert "?" not in words


@pytest.mark.parametrize("question", BANK, ids=IDS)
def test_one_thing_is_asked_at_a_time(question: Question) -> None:
    place = scene(index=1)
    point = question.key_points[0]
    about_the_question = {
        Move.ASK: question.spoken,
        Move.REPEAT: question.spoken,
        Move.CLARIFY: question.rephrase,
        Move.REPHRASE: question.rephrase,
    }
    for move, asked in about_the_question.items():
        words = script(Say(move, question), place)
        assert words.endswith(asked)
        assert "?" not in without(words, asked)
    for move in (Move.PROBE, Move.REPEAT):
        words = script(Say(move, question, point.id), place)
        assert words.endswith(point.follow_up)
        assert "?" not in without(words, point.follow_up)
        assert question.spoken not in words
    for move in (Move.CLARIFY, Move.REPHRASE):
        words = script(Say(move, question, point.id), place)
        assert words.endswith(point.follow_up)
        assert "?" not in without(words, point.follow_up, question.rephrase)
    for move in (Move.WAIT, Move.PROMPT, Move.OFFER_TYPING):
        assert "?" not in script(Say(move, question, point.id), place)


def test_the_greeting_says_that_it_is_a_computer_program() -> None:
    for interview_type in InterviewType:
        greeting = script(Say(Move.GREET), scene(index=-1, interview_type=interview_type))
        assert "computer program" in greeting
        assert "_" not in greeting


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, ": one question, about "),
        (2, ": two questions, about "),
        (7, ": seven questions, about "),
        (10, ": ten questions, about "),
        (11, ": 11 questions, about "),
        (40, ": 40 questions, about "),
    ],
)
def test_the_greeting_tells_how_many_questions_there_are(count: int, said: str) -> None:
    questions = BANK[:count]
    greeting = script(Say(Move.GREET), scene(questions, index=-1))
    assert said in greeting
    assert f"about {planned_minutes(questions)} minutes." in greeting


def test_the_place_in_the_interview_is_told() -> None:
    first, middle, last = (
        script(Say(Move.ASK, BANK[index]), scene(index=index)) for index in range(3)
    )
    assert first.startswith("Here is the first question.")
    assert "Next question." in middle
    assert "Now the last question." in last


def test_thanks_are_not_always_said_the_same_way() -> None:
    point = BANK[0].key_points[0]
    said = {
        script(Say(Move.PROBE, BANK[0], point.id), scene(index=1, utterance=utterance))
        for utterance in UTTERANCES
    }
    assert len(said) == len(UTTERANCES)


async def test_the_interviewer_says_the_script() -> None:
    interviewer = ScriptedInterviewer(InterviewSettings())
    say, place = Say(Move.ASK, BANK[0]), scene()
    words = "".join([part async for part in interviewer.phrase(say, place)])
    assert words == script(say, place)
