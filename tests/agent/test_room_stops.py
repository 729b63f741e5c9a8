"""An interviewer that is talked over, words that are cut short, pauses, and the end."""

from __future__ import annotations

import pytest

from sessions.errors import (
    MessageInvalid,
)
from sessions.facts import (
    AnswerHeard,
    CompletionReason,
    InterviewerSpoke,
    Move,
    RoomClosed,
)
from sessions.protocol import (
    Ask,
    Caption,
    CloseCode,
    End,
    Ended,
    Pause,
    Played,
    Progress,
    QuestionShown,
    Resume,
    RoomState,
    Say,
    State,
    Typed,
    Welcome,
)
from tests.support.clock import FakeClock
from tests.support.fake_speech import (
    DeafSTT,
    StalledTTS,
)
from tests.support.interviews import made_question
from tests.support.room import World, covering, made_settings, open_room
from tests.support.room_client import Client

# -- the interviewer is cut ----------------------------------------------------------------------


async def test_what_is_typed_into_the_greeting_stops_it_and_answers_nothing_yet(
    world: World,
) -> None:
    await world.plan()
    async with open_room(world, plays=False) as client:
        await client.consent()
        await client.until(Say, lambda say: "your interviewer" in say.text)
        await client.do(Played(utterance=1, ms=500))
        assert client.all(QuestionShown) == []
        await client.type("I am ready")
        await client.until(Say, lambda say: say.move is Move.ASK)
        shown = client.all(QuestionShown)[0]
        client.plays = True
        await client.until_listening()
        await client.type("an answer to the first question")
        await client.until(Say, lambda say: say.move is Move.PROBE)
    assert shown.text.startswith("Question number 1")
    answers = await world.all_facts(AnswerHeard)
    assert [answer.question_id for answer in answers] == [None, "q1"]
    greeting = (await world.all_facts(InterviewerSpoke))[0]
    assert greeting.interrupted
    assert greeting.heard == "Hello, and welcome."
    assert greeting.text.startswith(greeting.heard)


async def test_a_typed_answer_stops_the_question_being_asked_and_answers_it(world: World) -> None:
    await world.plan()
    async with open_room(world, plays=False) as client:
        await client.consent()
        await client.until(Say, lambda say: "your interviewer" in say.text)
        client.plays = True
        await client.until(Say, lambda say: say.move is Move.ASK)
        client.plays = False
        await client.type("I have read it")
        await client.until(Say, lambda say: say.move is Move.PROBE)
    answer = (await world.all_facts(AnswerHeard))[0]
    assert answer.question_id == "q1", "who types has the question before their eyes"


async def test_a_page_that_comes_back_into_the_greeting_is_not_shown_the_question(
    world: World,
) -> None:
    await world.plan()
    async with world.open_rooms() as rooms:
        first, second = Client(plays=False), Client(plays=False)
        for client in (first, second):
            await client.enter(rooms)
            if client is first:
                await client.consent()
                await client.until(Say)
    assert second.all(Welcome)[0].question is None


async def test_an_echo_and_a_listening_sound_do_not_stop_the_voice(world: World) -> None:
    await world.plan()
    async with open_room(world, recognises=True, plays=False) as client:
        await client.consent()
        await client.until(Say, lambda say: "your interviewer" in say.text)
        await client.recognise("mm-hm")
        await client.recognise("I am Vivavoce a computer program")
        client.plays = True
        await client.until_listening()
        await client.type("an answer")
        await client.until_listening()
    assert [answer.text for answer in await world.all_facts(AnswerHeard)] == ["an answer"]
    assert not any(fact.interrupted for fact in await world.all_facts(InterviewerSpoke))


async def test_words_stop_the_voice_and_become_a_turn(world: World) -> None:
    await world.plan(made_question(1))
    async with open_room(world, recognises=True, plays=False) as client:
        await client.consent()
        await client.until(Say, lambda say: say.move is Move.GREET)
        await client.recognise("good morning to you too")
        client.plays = True
        assert client.spoken_moves == [], "who talks is not talked over"
        await client.until(Say, lambda say: say.move is Move.ASK)
        await client.until(Caption, lambda caption: caption.final and caption.id == 2)
    greeting, question = await world.all_facts(InterviewerSpoke)
    assert greeting.interrupted
    assert not question.interrupted
    (answer,) = await world.all_facts(AnswerHeard)
    assert answer.text == "good morning to you too"
    assert answer.question_id is None, "nothing had been asked that it could answer"


async def test_a_voice_that_stalls_can_be_talked_over(world: World) -> None:
    world.settings = made_settings(tts=StalledTTS, tts_timeout_s=30)
    await world.plan()
    async with open_room(world) as client:
        await client.consent()
        await client.until(Say, lambda say: say.move is Move.GREET)
        await client.type("I would rather type")
        await client.until(Say, lambda say: say.move is Move.ASK)
    greeting = (await world.all_facts(InterviewerSpoke))[0]
    assert (greeting.heard, greeting.interrupted) == ("", True)


# -- pause and end -------------------------------------------------------------------------------


async def test_a_pause_stops_everything_until_it_is_over(world: World, clock: FakeClock) -> None:
    DeafSTT.heard_ms = 0.0
    world.settings = made_settings(stt=DeafSTT)
    await world.plan()
    async with open_room(world) as client:
        await client.consent()
        await client.until_listening()
        await client.do(Pause())
        await client.until(State, lambda state: state.state is RoomState.PAUSED)
        client.speak_into_the_microphone(1_000)
        with pytest.raises(MessageInvalid):
            await client.type("too early")
        await client.do(Pause())
        clock.advance(50_000)
        await client.do(Resume())
        await client.until_listening()
        assert client.spoken_moves == [Move.RESUME, Move.REPEAT]
        await client.do(Resume())
        assert DeafSTT.heard_ms == 0.0
        progress = client.all(Progress)[-1]
        assert progress.is_running
        assert progress.elapsed_ms < 50_000
    kinds = await world.kinds()
    assert kinds.count("InterviewPaused") == kinds.count("InterviewResumed") == 1


async def test_a_pause_while_the_interviewer_speaks_cuts_it(world: World) -> None:
    await world.plan()
    async with open_room(world, plays=False) as client:
        await client.consent()
        await client.until(Say)
        await client.do(Pause())
        await client.until(State, lambda state: state.state is RoomState.PAUSED)
        client.plays = True
        await client.do(Resume())
        await client.until_listening()
        assert Move.ASK in client.spoken_moves or Move.REPEAT in client.spoken_moves
    kinds = await world.kinds()
    assert kinds.index("InterviewerSpoke") < kinds.index("InterviewPaused")


async def test_a_pause_that_lasts_too_long_lets_the_room_go(
    world: World, clock: FakeClock, quick_ticks: None
) -> None:
    await world.plan()
    async with open_room(world) as client:
        await client.consent()
        await client.until_listening()
        await client.do(Pause())
        clock.advance(59_000)
        assert not client.room.is_over
        clock.advance(2_000)
        await client.until_closed()
    assert (await world.all_facts(RoomClosed))[0].reason == "paused for too long"


async def test_the_candidate_ends_the_interview(world: World) -> None:
    await world.plan()
    async with open_room(world) as client:
        await client.consent()
        await client.until_listening()
        await client.do(End())
        ended = await client.until(Ended)
        assert ended.reason is CompletionReason.ENDED_BY_CANDIDATE
        assert await client.until_closed() is CloseCode.ENDED
    assert (await world.kinds())[-1] == "InterviewCompleted"


@pytest.mark.parametrize("ending", [End(), Pause(), Ask(what="skip")], ids=lambda m: m.type)
async def test_words_that_are_cut_short_are_kept(world: World, ending: End | Pause | Ask) -> None:
    await world.plan()
    async with open_room(world, recognises=True) as client:
        await client.consent()
        await client.until_listening()
        await client.recognise("we did phrase 1 0")
        await client.recognise("and after that", final=False)
        await client.until(Caption, lambda caption: "after" in caption.text)
        await client.do(ending)
        await client.until(Caption, lambda caption: caption.final and caption.id == 1)
    answer = (await world.all_facts(AnswerHeard))[0]
    assert answer.text == "we did phrase 1 0 and after that"
    assert answer.question_id == "q1"
    kinds = await world.kinds()
    after = {"end": "InterviewCompleted", "pause": "InterviewPaused", "ask": "QuestionSkipped"}
    assert (
        kinds.index("AnswerHeard") < kinds.index("AnswerScored") < kinds.index(after[ending.type])
    )


@pytest.mark.parametrize(
    "meanwhile",
    [End(), Pause(), Ask(what="repeat"), Typed(id="x", text="oh, and we did phrase 1 1 too")],
    ids=lambda message: message.type,
)
async def test_whatever_is_sent_during_the_last_words_the_interview_ends_once(
    world: World, meanwhile: End | Pause | Ask | Typed
) -> None:
    await world.plan(made_question(1))
    async with open_room(world) as client:
        await client.consent()
        await client.until_listening()
        client.plays = False
        await client.type(covering(1, 0, 1))
        await client.until(Say, lambda say: say.move is Move.CLOSE)
        await client.do(meanwhile)
        client.plays = True
        await client.until(Ended)
        assert await client.until_closed() is CloseCode.ENDED
    kinds = await world.kinds()
    assert kinds.count("InterviewCompleted") == 1
    assert kinds[-1] == "InterviewCompleted"
    if isinstance(meanwhile, Typed):
        assert meanwhile.text in [answer.text for answer in await world.all_facts(AnswerHeard)]


async def test_what_is_sent_on_the_heels_of_the_last_answer_does_not_swallow_the_end(
    world: World,
) -> None:
    await world.plan(made_question(1))
    async with open_room(world) as client:
        await client.consent()
        await client.until_listening()
        await client.type(covering(1, 0, 1))
        await client.type("and one more thing")  # before the last words were begun
        await client.until(Ended)
    answers = await world.all_facts(AnswerHeard)
    assert [answer.text for answer in answers] == [covering(1, 0, 1), "and one more thing"]
    assert (await world.kinds())[-1] == "InterviewCompleted"


async def test_what_is_spoken_into_the_last_words_is_kept(world: World) -> None:
    await world.plan(made_question(1))
    async with open_room(world, recognises=True) as client:
        await client.consent()
        await client.until_listening()
        client.plays = False
        await client.type(covering(1, 0))
        await client.until(Say, lambda say: say.move is Move.PROBE)
        await client.type("I have no more to say of that")
        await client.until(Say, lambda say: say.move is Move.CLOSE)
        await client.recognise("except that we did phrase 1 1")
        await client.until(Ended)
    assert "except that we did phrase 1 1" in [
        answer.text for answer in await world.all_facts(AnswerHeard)
    ]
    assert (await world.kinds())[-1] == "InterviewCompleted"
