"""Interviews held in their rooms, in process: a client without a socket, a journal in memory.

The voice says everything at once in silence; the session and the voice activity are the real
ones. A turn that is spoken takes the session's real pause, about a second: there are few of them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from agent import room as room_module
from sessions.errors import MessageInvalid
from sessions.facts import (
    AnswerHeard,
    AnswerScored,
    CompletionReason,
    ConnectionLost,
    ConnectionResumed,
    Coverage,
    FillerHeard,
    Intent,
    IntentRecognised,
    InterviewCompleted,
    InterviewerSpoke,
    InterviewPaused,
    InterviewResumed,
    Move,
    Probed,
    ProviderFailed,
    QuestionAsked,
    QuestionSkipped,
    RoomClosed,
    SkipReason,
    Speaker,
    Timing,
)
from sessions.plan import Question
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
    Played,
    Pong,
    Progress,
    QuestionShown,
    Resume,
    RoomState,
    Say,
    SayEnd,
    Speech,
    State,
    Typed,
    Welcome,
)
from tests.support.clock import FakeClock
from tests.support.interviews import INTERVIEW, made_question
from tests.support.room import (
    BrokenSTT,
    BrokenTTS,
    Client,
    DeadTTS,
    DeafSTT,
    RefusedSTT,
    SilentTTS,
    StalledTTS,
    World,
    made_settings,
    open_room,
    visit,
)

SUPPORT = "tests.support.room"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def world(tmp_path: Path, clock: FakeClock) -> World:
    return World(spill_dir=tmp_path, clock=clock)


@pytest.fixture
def quick_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_module, "TICK_S", 0.01)


def with_tts(world: World, tts: type[SilentTTS], *, tts_timeout_s: float = 2.0) -> World:
    world.settings = made_settings(tts=tts, tts_timeout_s=tts_timeout_s)
    return world


def with_stt(world: World, stt: type[DeafSTT]) -> World:
    world.settings = made_settings(stt=f"{SUPPORT}:{stt.__name__}")
    return world


def covering(question: int, *points: int) -> str:
    """An answer that says these key points of a made-up question."""
    return " and then ".join(f"we did phrase {question} {point}" for point in points) + " there"


def spoken_moves(client: Client) -> list[Move]:
    """What was begun to be said since the last `do`, in order."""
    moves: dict[int, Move] = {}
    for message in client.since:
        if isinstance(message, Say):
            moves.setdefault(message.utterance, message.move)
    return list(moves.values())


# -- whole interviews ----------------------------------------------------------------------------


async def test_a_whole_interview_is_typed(world: World) -> None:
    await world.plan(made_question(1), made_question(2))
    async with open_room(world) as client:
        await client.consent()
        await client.until_listening()
        assert spoken_moves(client) == [Move.GREET, Move.ASK]
        await client.type(covering(1, 0))
        await client.until_listening()
        assert spoken_moves(client) == [Move.PROBE]
        assert client.all(QuestionShown)[-1].probe == "What about point 1 of question 1?"
        await client.type(covering(1, 1))
        await client.until_listening()
        assert spoken_moves(client) == [Move.ASK]
        await client.type(covering(2, 0, 1))
        ended = await client.until(Ended)
        assert spoken_moves(client) == [Move.CLOSE]
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
        assert spoken_moves(client) == [Move.PROBE]
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


async def test_a_tick_asks_again_when_nobody_speaks_and_moves_on_at_last(
    world: World, clock: FakeClock, quick_ticks: None
) -> None:
    await world.plan(made_question(1), made_question(2))
    async with open_room(world) as client:
        await client.consent()
        await client.until_listening()
        for move in (Move.PROMPT, Move.REPHRASE, Move.OFFER_TYPING, Move.ASK):
            client.look_from_here()
            clock.advance(31_000)
            await client.until(Say, lambda say, move=move: say.move is move)
            await client.until_listening()
    (skipped,) = await world.all_facts(QuestionSkipped)
    assert skipped.reason is SkipReason.SILENCE


# -- consent -------------------------------------------------------------------------------------


async def test_nothing_is_recorded_or_listened_to_before_consent(world: World) -> None:
    DeafSTT.heard_ms = 0.0
    await with_stt(world, DeafSTT).plan()
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
        for what, move in (("repeat", Move.REPEAT), ("clarify", Move.CLARIFY), ("skip", Move.ASK)):
            await client.ask(what)
            await client.until_listening()
            assert spoken_moves(client) == [move]
        await client.ask("wait")
        await client.until(State, lambda state: state.state is RoomState.WAITING_FOR_YOU)
        await client.ask("skip")
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
        assert spoken_moves(client) == [Move.REPEAT]
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


# -- the interviewer is cut ----------------------------------------------------------------------


async def test_a_typed_answer_stops_the_voice_and_the_rest_was_not_heard(world: World) -> None:
    await world.plan()
    async with open_room(world, plays=False) as client:
        await client.consent()
        await client.until(Say, lambda say: "your interviewer" in say.text)
        await client.do(Played(utterance=1, ms=500))
        await client.type("I am ready")
        await client.until(Say, lambda say: say.move is Move.PROBE)
    greeting = (await world.all_facts(InterviewerSpoke))[0]
    assert greeting.interrupted
    assert greeting.heard == "Hello, and welcome."
    assert greeting.text.startswith(greeting.heard)
    answer = (await world.all_facts(AnswerHeard))[0]
    assert answer.question_id == "q1", "who types has the question before their eyes"


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
        client.plays = True
        await client.until(SayEnd, lambda end: end.utterance == 1)
        await client.until(Say, lambda say: say.move is Move.ASK and "spoken" in say.text)
        client.plays = False
        await client.recognise(f"wait, {covering(1, 0, 1)}")
        client.plays = True
        await client.until(Caption, lambda caption: caption.final and caption.id == 1)
    assert covering(1, 0, 1) in (await world.all_facts(AnswerHeard))[0].text


async def test_a_voice_that_stalls_can_be_talked_over(world: World) -> None:
    await with_tts(world, StalledTTS, tts_timeout_s=30).plan()
    async with open_room(world) as client:
        await client.consent()
        await client.until(Say, lambda say: say.move is Move.GREET)
        await client.type("I would rather type")
        await client.until(Say, lambda say: say.move is Move.PROBE)
    greeting = (await world.all_facts(InterviewerSpoke))[0]
    assert (greeting.heard, greeting.interrupted) == ("", True)


# -- pause and end -------------------------------------------------------------------------------


async def test_a_pause_stops_everything_until_it_is_over(world: World, clock: FakeClock) -> None:
    DeafSTT.heard_ms = 0.0
    await with_stt(world, DeafSTT).plan()
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
        assert spoken_moves(client) == [Move.RESUME, Move.REPEAT]
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
        assert Move.ASK in spoken_moves(client) or Move.REPEAT in spoken_moves(client)
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


# -- providers that fail -------------------------------------------------------------------------


@pytest.mark.parametrize("tts", [DeadTTS, BrokenTTS])
async def test_without_a_voice_the_interview_goes_on_in_writing(
    world: World, tts: type[SilentTTS]
) -> None:
    await with_tts(world, tts).plan(made_question(1))
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
    assert {(fact.component, fact.provider) for fact in failures} == {
        ("tts", f"{SUPPORT}:{tts.__name__}")
    }
    said = await world.all_facts(InterviewerSpoke)
    assert all(fact.heard == fact.text for fact in said), "it was there to be read"


@pytest.mark.parametrize("stt", [RefusedSTT, BrokenSTT])
async def test_without_a_recogniser_the_candidate_types(world: World, stt: type[DeafSTT]) -> None:
    await with_stt(world, stt).plan(made_question(1))
    async with open_room(world) as client:
        client.look_from_here()
        notice = await client.until(Notice)
        assert notice.code == "stt_failed"
        await client.consent()
        await client.until_listening()
        client.speak_into_the_microphone(400)
        await client.type(covering(1, 0, 1))
        await client.until(Ended)
    (failure,) = await world.all_facts(ProviderFailed)
    assert (failure.component, failure.provider) == ("stt", f"{SUPPORT}:{stt.__name__}")


# -- connections ---------------------------------------------------------------------------------


async def test_a_lost_connection_comes_back_without_repetition(
    world: World, clock: FakeClock
) -> None:
    await world.plan()
    async with world.open_rooms() as rooms:
        async with visit(rooms) as first:
            await first.consent()
            await first.until_listening()
            await first.type("um, an answer")
            await first.until_listening()
            heard = [caption for caption in first.all(Caption) if caption.final]
        clock.advance(5_000)
        async with visit(rooms) as second:
            welcome = second.all(Welcome)[0]
            assert welcome.consented
            assert welcome.state is RoomState.LISTENING
            assert welcome.question == first.all(QuestionShown)[-1]
            assert sorted(welcome.captions, key=caption_key) == sorted(heard, key=caption_key)
            await second.type(covering(1, 0, 1))
            await second.until_listening()
            assert Move.RESUME not in spoken_moves(second)
    (resumed,) = await world.all_facts(ConnectionResumed)
    assert resumed.gap_ms == 5_000
    moves = [fact.move for fact in await world.all_facts(InterviewerSpoke)]
    assert Move.REPEAT not in moves
    assert Move.RESUME not in moves


def caption_key(caption: Caption) -> tuple[str, int]:
    return (caption.speaker.value, caption.id)


async def test_what_was_cut_by_a_lost_connection_is_said_again(world: World) -> None:
    await world.plan()
    async with world.open_rooms() as rooms:
        async with visit(rooms) as first:
            await first.consent()
            await first.until_listening()
            first.plays = False
            await first.type(covering(1, 0))
            await first.until(Say, lambda say: say.move is Move.PROBE)
        async with visit(rooms) as second:
            await second.until_listening()
            assert spoken_moves(second) == [Move.RESUME, Move.REPEAT]
    assert (await world.kinds()).count("ConnectionLost") == 2
    cut = [fact for fact in await world.all_facts(InterviewerSpoke) if fact.interrupted]
    assert [fact.move for fact in cut] == [Move.PROBE]
    assert cut[0].heard != cut[0].text


async def test_what_was_said_to_nobody_is_said_again(world: World) -> None:
    """The connection is lost with the last word of an answer: what follows has no listener."""
    await world.plan()
    async with world.open_rooms() as rooms:
        async with visit(rooms, recognises=True) as first:
            await first.consent()
            await first.until_listening()
            await first.recognise(covering(1, 0))
            await first.until(Caption, lambda caption: caption.id == 1)
        await world.until_fact(Probed)
        await world.until_fact(InterviewerSpoke, count=3)
        async with visit(rooms, recognises=True) as second:
            await second.until_listening()
            assert spoken_moves(second) == [Move.RESUME, Move.REPEAT]
    probe = (await world.all_facts(InterviewerSpoke))[2]
    assert (probe.move, probe.heard) == (Move.PROBE, "")


async def test_a_second_tab_takes_the_room_over(world: World) -> None:
    await world.plan()
    async with world.open_rooms() as rooms, visit(rooms) as first:
        await first.consent()
        await first.until_listening()
        async with visit(rooms) as second:
            assert first.close_code is CloseCode.TAKEN_OVER
            await second.type(covering(1, 0, 1))
            await second.until_listening()
            await first.room.leave(first, "its socket closed, late")
            await second.type(covering(2, 0))
            await second.until_listening()
    lost = await world.all_facts(ConnectionLost)
    assert [fact.reason for fact in lost] == ["opened elsewhere", "the socket closed"]


async def test_nobody_comes_back(world: World, clock: FakeClock, quick_ticks: None) -> None:
    await world.plan()
    async with world.open_rooms() as rooms:
        async with visit(rooms) as client:
            await client.consent()
            await client.until_listening()
        clock.advance(31_000)
        closed = await world.until_fact(RoomClosed)
        assert closed.reason == "nobody came back"
        await client.until_true(lambda: rooms.count == 0)


async def test_nobody_is_waited_for_while_somebody_is_there(
    world: World, clock: FakeClock, quick_ticks: None
) -> None:
    await world.plan()
    async with open_room(world) as client:
        clock.advance(10_000_000)
        await client.consent()
        await client.until_listening()
        assert not client.room.is_over


# -- a new room for an old interview -------------------------------------------------------------


async def test_a_room_closed_at_shutdown_goes_on_in_the_next_process(world: World) -> None:
    questions: tuple[Question, ...] = (made_question(1), made_question(2), made_question(3))
    await world.plan(*questions)
    async with world.open_rooms() as rooms, visit(rooms) as first:
        await first.consent()
        await first.until_listening()
        await first.type(covering(1, 0, 1))
        await first.until_listening()
        rooms.close()
        assert await first.until_closed() is CloseCode.SHUTTING_DOWN
    assert (await world.kinds())[-1] == "RoomClosed"
    async with world.open_rooms() as rooms, visit(rooms) as second:
        welcome = second.all(Welcome)[0]
        assert welcome.consented
        assert welcome.question is not None
        assert (welcome.question.index, welcome.question.text) == (1, questions[1].text)
        await second.until_listening()
        assert spoken_moves(second) == [Move.RESUME, Move.REPEAT]
        before = {caption.id for caption in welcome.captions}
        assert before.isdisjoint(say.utterance for say in second.all(Say))
        await second.type(covering(2, 0, 1))
        await second.until_listening()
        await second.type(covering(3, 0, 1))
        await second.until(Ended)
    asked = await world.all_facts(QuestionAsked)
    assert [fact.index for fact in asked] == [0, 1, 2]
    utterances = [fact.utterance for fact in await world.all_facts(InterviewerSpoke)]
    assert utterances == sorted(set(utterances))


async def test_a_paused_interview_keeps_its_place(world: World) -> None:
    await world.plan(made_question(1), made_question(2))
    async with open_room(world) as client:
        await client.consent()
        await client.until_listening()
        await client.do(Pause())
    kinds = await world.kinds()
    assert kinds[-2:] == ["ConnectionLost", "RoomClosed"] or kinds[-1] == "RoomClosed"
    async with open_room(world) as client:
        await client.until_listening()
        assert client.all(Welcome)[0].question is not None
        assert await world.all_facts(InterviewResumed) == []
    assert len(await world.all_facts(InterviewPaused)) == 1
    assert await world.all_facts(InterviewCompleted) == []
