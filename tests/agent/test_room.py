"""Interviews held in their rooms, in process: a client without a socket, a journal in memory.

The voice says everything at once in silence; the session and the voice activity are the real
ones. A turn that is spoken takes the session's real pause, about a second: there are few of them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from agent.interviewer.port import Interviewer, Scene
from sessions.errors import (
    MessageInvalid,
)
from sessions.facts import (
    AnswerHeard,
    AnswerScored,
    CompletionReason,
    Coverage,
    FillerHeard,
    Intent,
    IntentRecognised,
    InterviewerSpoke,
    Move,
    ProviderFailed,
    ProviderSwitched,
    QuestionSkipped,
    SkipReason,
    Speaker,
    Timing,
)
from sessions.interview import Say as SayMove
from sessions.plan import Purpose
from sessions.protocol import (
    Ask,
    Caption,
    CloseCode,
    End,
    Ended,
    Feedback,
    Hello,
    Notice,
    Pause,
    Ping,
    Pong,
    QuestionShown,
    Resume,
    RoomState,
    Say,
    Speech,
    State,
    Typed,
    Welcome,
)
from tests.support.clock import FakeClock
from tests.support.fake_speech import (
    BrokenSTT,
    BrokenTTS,
    DeadTTS,
    DeafSTT,
    RefusedSTT,
    SilentTTS,
)
from tests.support.interviews import INTERVIEW, made_question, planned
from tests.support.room import World, class_path, covering, made_settings, open_room, visit

# -- whole interviews ----------------------------------------------------------------------------


async def test_a_whole_interview_is_typed(world: World) -> None:
    await world.plan(made_question(1), made_question(2))
    async with open_room(world) as client:
        await client.consent()
        await client.until_listening()
        assert client.spoken_moves == [Move.GREET, Move.ASK]
        await client.type(covering(1, 0))
        await client.until_listening()
        assert client.spoken_moves == [Move.PROBE]
        assert client.all(QuestionShown)[-1].probe == "What about point 1 of question 1?"
        await client.type(covering(1, 1))
        await client.until_listening()
        assert client.spoken_moves == [Move.ASK]
        await client.type(covering(2, 0, 1))
        ended = await client.until(Ended)
        assert client.spoken_moves == [Move.CLOSE]
        assert ended.reason is CompletionReason.FINISHED
        assert ended.report_path == f"/interviews/{INTERVIEW}/report"
        assert await client.until_closed() is CloseCode.ENDED
        assert client.all(State)[-1].state is RoomState.ENDED
        captions = [caption for caption in client.all(Caption) if caption.final]
        assert [caption.speaker for caption in captions] == [
            Speaker.INTERVIEWER,
            Speaker.INTERVIEWER,
            Speaker.CANDIDATE,
            Speaker.INTERVIEWER,
            Speaker.CANDIDATE,
            Speaker.INTERVIEWER,
            Speaker.CANDIDATE,
            Speaker.INTERVIEWER,
        ]
        assert [caption.typed for caption in captions if caption.id and caption.typed] == [True] * 3
    assert await world.kinds() == [
        "InterviewPlanned",
        "RoomOpened",
        "ParticipantJoined",
        "ConsentGiven",
        "QuestionAsked",
        "InterviewerSpoke",
        "InterviewerSpoke",
        "AnswerHeard",
        "AnswerScored",
        "Probed",
        "InterviewerSpoke",
        "AnswerHeard",
        "AnswerScored",
        "QuestionAsked",
        "InterviewerSpoke",
        "AnswerHeard",
        "AnswerScored",
        "InterviewerSpoke",
        "InterviewCompleted",
    ]
    answers = await world.all_facts(AnswerHeard)
    assert [(answer.turn, answer.question_id) for answer in answers] == [
        (1, "q1"),
        (2, "q1"),
        (3, "q2"),
    ]
    assert {(answer.timing, answer.recogniser) for answer in answers} == {(Timing.NONE, "typed")}
    spoken = await world.all_facts(InterviewerSpoke)
    assert all(fact.heard == fact.text and not fact.interrupted for fact in spoken)
    assert [fact.utterance for fact in spoken] == [1, 2, 3, 4, 5]


async def test_a_whole_interview_through_the_pages_recogniser(world: World) -> None:
    await world.plan(made_question(1))
    async with open_room(world, recognises=True) as client:
        assert client.all(Welcome)[0].recogniser.value == "browser"
        await client.consent()
        await client.until_listening()
        await client.recognise("um we", final=False)
        interim = await client.until(Caption)
        assert (interim.text, interim.final, interim.id) == ("um we", False, 1)
        assert [(mark.filler, mark.start, mark.end) for mark in interim.fillers] == [("um", 0, 2)]
        assert (await client.until(Feedback)).fillers == {"um": 1}
        await client.recognise("um we did phrase 1 0, uh, there")
        final = await client.until(Caption, lambda caption: caption.final)
        assert final.text == "um we did phrase 1 0, uh, there"
        assert [mark.filler for mark in final.fillers] == ["um", "uh"]
        await client.until_listening()
        assert client.spoken_moves == [Move.PROBE]
        await client.recognise("oh we")  # two results of one turn
        await client.recognise("did phrase 1 1 there")
        ended = await client.until(Ended)
        assert ended.reason is CompletionReason.FINISHED
        assert client.all(Feedback)[-1].fillers == {"um": 1, "uh": 1}
    kinds = await world.kinds()
    assert kinds[4:] == [
        "QuestionAsked",
        "InterviewerSpoke",
        "InterviewerSpoke",
        "AnswerHeard",
        "FillerHeard",
        "FillerHeard",
        "AnswerScored",
        "Probed",
        "InterviewerSpoke",
        "AnswerHeard",
        "AnswerScored",
        "InterviewerSpoke",
        "InterviewCompleted",
    ]
    first, second = await world.all_facts(AnswerHeard)
    assert (first.recogniser, first.timing) == ("browser", Timing.UTTERANCE)
    assert second.text == "oh we did phrase 1 1 there"
    fillers = await world.all_facts(FillerHeard)
    assert [first.text[fact.start : fact.end] for fact in fillers] == ["um", "uh"]
    scored = await world.all_facts(AnswerScored)
    assert [
        {finding.key_point_id for finding in fact.findings if finding.coverage is Coverage.COVERED}
        for fact in scored
    ] == [{"k0"}, {"k1"}]


async def test_who_is_to_be_hired_is_told_nothing_of_how_they_speak(world: World) -> None:
    plan = planned((made_question(1),), at_ms=world.clock.now_ms())
    plan = replace(plan, request=replace(plan.request, purpose=Purpose.HIRING))
    await world.journal.append(INTERVIEW, [plan], after_seq=0)
    async with open_room(world, recognises=True) as client:
        await client.consent()
        await client.until_listening()
        await client.recognise("um we", final=False)
        await client.recognise("um we did phrase 1 0, uh, there")
        await client.until_listening()
        captions = [one for one in client.all(Caption) if one.speaker is Speaker.CANDIDATE]
        assert [one.fillers for one in captions] == [()] * len(captions)
        assert all(one.fillers == {} and one.pace_wpm is None for one in client.all(Feedback))
    assert len(await world.all_facts(FillerHeard)) == 2, "they are kept, and not told"


async def test_a_tick_asks_again_when_nobody_speaks_and_moves_on_at_last(
    world: World, clock: FakeClock, quick_ticks: None
) -> None:
    await world.plan(made_question(1), made_question(2))
    async with open_room(world) as client:
        await client.consent()
        await client.until_listening()
        for move in (Move.PROMPT, Move.REPHRASE, Move.OFFER_TYPING, Move.ASK):
            client.look_from_here()
            clock.advance(76_000)  # who types has two and a half times as long
            await client.until(Say, lambda say, move=move: say.move is move)
            await client.until_listening()
    (skipped,) = await world.all_facts(QuestionSkipped)
    assert skipped.reason is SkipReason.SILENCE


# -- consent -------------------------------------------------------------------------------------


async def test_nothing_is_recorded_or_listened_to_before_consent(world: World) -> None:
    DeafSTT.heard_ms = 0.0
    world.settings = made_settings(stt=DeafSTT)
    await world.plan()
    async with open_room(world) as client:
        assert client.all(Welcome)[0].state is RoomState.WAITING
        client.speak_into_the_microphone(1_000)
        for message in (
            Typed(id="1", text="my name is Ada"),
            Speech(id="1", final=True, text="my name is Ada", start_ms=0, end_ms=900),
            Ask(what="skip"),
            End(),
        ):
            with pytest.raises(MessageInvalid):
                await client.do(message)
        for harmless in (Pause(), Resume(), Ping(t=7)):
            await client.do(harmless)
        assert (await client.until(Pong)).t == 7
        assert client.all(Say) == []
        await client.consent()
        await client.until_listening()
        assert DeafSTT.heard_ms == 0.0
        client.speak_into_the_microphone(400)
        await client.until_true(lambda: DeafSTT.heard_ms >= 400)
    assert (await world.kinds())[:5] == [
        "InterviewPlanned",
        "RoomOpened",
        "ParticipantJoined",
        "ConsentGiven",
        "QuestionAsked",
    ]
    assert "my name is Ada" not in repr(await world.facts())


async def test_consent_given_twice_is_one(world: World) -> None:
    await world.plan()
    async with open_room(world) as client:
        await client.consent()
        await client.until_listening()
        await client.consent()
        await client.type("an answer")
        await client.until_listening()
    assert (await world.kinds()).count("ConsentGiven") == 1
    assert (await world.kinds()).count("QuestionAsked") == 1


async def test_a_hello_inside_the_room_is_refused(world: World) -> None:
    await world.plan()
    async with open_room(world) as client:
        with pytest.raises(MessageInvalid):
            await client.do(Hello(v=1, token="-"))


# -- what a candidate can ask for ----------------------------------------------------------------


async def test_a_question_is_repeated_clarified_and_skipped_by_button(world: World) -> None:
    await world.plan(made_question(1), made_question(2))
    async with open_room(world) as client:
        await client.consent()
        await client.until_listening()
        for request, move in (
            (Ask(what="repeat"), Move.REPEAT),
            (Ask(what="clarify"), Move.CLARIFY),
            (Ask(what="skip"), Move.ASK),
        ):
            await client.do(request)
            await client.until_listening()
            assert client.spoken_moves == [move]
        await client.do(Ask(what="wait"))
        await client.until(State, lambda state: state.state is RoomState.WAITING_FOR_YOU)
        await client.do(Ask(what="skip"))
        await client.until(Ended)
    intents = await world.all_facts(IntentRecognised)
    assert [fact.intent for fact in intents] == [
        Intent.REPEAT,
        Intent.CLARIFY,
        Intent.SKIP,
        Intent.WAIT,
        Intent.SKIP,
    ]
    skipped = await world.all_facts(QuestionSkipped)
    assert [(fact.question_id, fact.reason) for fact in skipped] == [
        ("q1", SkipReason.CANDIDATE),
        ("q2", SkipReason.CANDIDATE),
    ]
    assert await world.all_facts(AnswerHeard) == []


async def test_a_request_in_words_is_no_answer(world: World) -> None:
    await world.plan()
    async with open_room(world) as client:
        await client.consent()
        await client.until_listening()
        await client.type("Sorry, can you repeat the question?")
        await client.until_listening()
        assert client.spoken_moves == [Move.REPEAT]
    assert await world.all_facts(AnswerScored) == []
    assert len(await world.all_facts(AnswerHeard)) == 1


async def test_a_typed_message_that_is_sent_again_is_one_turn(world: World) -> None:
    await world.plan()
    async with world.open_rooms() as rooms:
        async with visit(rooms) as client:
            await client.consent()
            await client.until_listening()
            await client.type(covering(1, 0), id="a")
            await client.until_listening()
            await client.type(covering(1, 0), id="a")
        async with visit(rooms) as client:  # the socket broke, and the page sends it once more
            await client.type(covering(1, 0), id="a")
            await client.type(covering(1, 1), id="b")
            await client.until_listening()
    answers = await world.all_facts(AnswerHeard)
    assert [answer.text for answer in answers] == [covering(1, 0), covering(1, 1)]


@pytest.mark.parametrize("text", [" ", "\n\t"])
async def test_a_typed_message_with_nothing_in_it_is_refused(world: World, text: str) -> None:
    await world.plan()
    async with open_room(world) as client:
        await client.consent()
        await client.until_listening()
        with pytest.raises(MessageInvalid):
            await client.type(text)
    assert await world.all_facts(AnswerHeard) == []


async def test_speech_is_refused_where_the_page_does_not_recognise(world: World) -> None:
    await world.plan()
    async with open_room(world, recognises=False) as client:
        await client.consent()
        await client.until_listening()
        with pytest.raises(MessageInvalid):
            await client.recognise("words")


# -- providers that fail -------------------------------------------------------------------------


@pytest.mark.parametrize("tts", [DeadTTS, BrokenTTS])
async def test_without_a_voice_the_interview_goes_on_in_writing(
    world: World, tts: type[SilentTTS]
) -> None:
    world.settings = made_settings(tts=tts)
    await world.plan(made_question(1))
    async with open_room(world) as client:
        await client.consent()
        await client.until_listening()
        notice = await client.until(Notice)
        assert (notice.level, notice.code) == ("caution", "tts_failed")
        assert client.audio == []
        await client.type(covering(1, 0, 1))
        ended = await client.until(Ended)
        assert ended.reason is CompletionReason.FINISHED
    failures = await world.all_facts(ProviderFailed)
    assert {(fact.component, fact.provider) for fact in failures} == {("tts", class_path(tts))}
    said = await world.all_facts(InterviewerSpoke)
    assert all(fact.heard == fact.text for fact in said), "it was there to be read"


@pytest.mark.parametrize("stt", [RefusedSTT, BrokenSTT])
async def test_without_a_recogniser_the_candidate_types(world: World, stt: type[DeafSTT]) -> None:
    world.settings = made_settings(stt=stt)
    await world.plan(made_question(1))
    async with open_room(world) as client:
        client.look_from_here()
        await client.consent()
        await client.until_listening()
        client.speak_into_the_microphone(400)
        notice = await client.until(Notice)
        assert notice.code == "stt_failed"
        client.speak_into_the_microphone(400)
        await client.type(covering(1, 0, 1))
        await client.until(Ended)
    switch, *_ = await world.all_facts(ProviderSwitched)
    assert (switch.component, switch.from_provider, switch.to_provider) == (
        "stt",
        class_path(stt),
        "",
    )


class BreaksOff(Interviewer):
    """Fails in the middle of its first words, and before the first of its second."""

    name = "breaks-off"

    async def phrase(self, say: SayMove, scene: Scene) -> AsyncIterator[str]:
        if scene.utterance == 2:
            raise ValueError("the model is away")
        yield "Hello there. I am "
        if scene.utterance == 1:
            raise ValueError("the model hung up")
        yield f"here for the {say.move}."


async def test_where_the_interviewer_breaks_off_the_script_is_said(world: World) -> None:
    world.interviewer = BreaksOff()
    await world.plan(made_question(1))
    async with open_room(world) as client:
        await client.consent()
        await client.until_listening()
        await client.type(covering(1, 0, 1))
        await client.until(Ended)
    greeting, question, closing = await world.all_facts(InterviewerSpoke)
    assert " ".join(greeting.text.split()).startswith("Hello there. Hello, and welcome.")
    assert question.text == "Here is the first question. Question number 1, as it is spoken."
    assert closing.text.startswith("That was my last question."), "who fails rests for a while"
