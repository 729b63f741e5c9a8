"""Speaking over the interviewer: real speech into a room, whose client plays as an ear hears.

In virtual time: what is said about milliseconds is exact, whatever the machine does.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.barge_in import FALSE_HOLDS, LONGEST_HOLD_MS, RESUME_AFTER_MS
from sessions.facts import AnswerHeard, InterviewerSpoke, Move
from sessions.protocol import (
    Ask,
    Caption,
    Clear,
    ClientMessage,
    End,
    Ended,
    Hold,
    Pause,
    RoomState,
    Say,
    State,
    Typed,
)
from sessions.settings import SpeechSettings
from tests.support.fake_speech import MS_PER_CHARACTER, SilentTTS
from tests.support.interviews import made_question
from tests.support.room import World, covering, made_settings
from tests.support.talker import FRAME_MS, Line, Talker, delayed, line, noise_line, talk, talk_in
from tests.support.virtual_time import VirtualClock, in_virtual_time, pass_ms

WITHIN_MS = 200
"""Of the first sound of a voice, the interviewer's must stop."""
IN_FLIGHT_CHARACTERS = 18
"""The client tells every 100 ms how far it is, and of a word that was cut nothing was heard."""


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def world(tmp_path: Path, clock: VirtualClock) -> World:
    return World(spill_dir=tmp_path, clock=clock)


async def until_said(world: World, count: int = 1) -> InterviewerSpoke:
    """The `count`th utterance is over."""
    return await world.until_fact(InterviewerSpoke, count=count)


@pytest.fixture(scope="module")
def excuse_me() -> Line:
    return line("Excuse me, which project do you mean?")


async def begin(talker: Talker, *, playing_ms: float = 600) -> Say:
    """To the middle of the interviewer's first sentences."""
    await talker.consent()
    return await talker.until_speaking(playing_ms=playing_ms)


def heard_after(talker: Talker, text: str, playing_ms: float) -> list[str]:
    """What can have been heard of a text in that time, give or take what is on its way."""
    characters = playing_ms / MS_PER_CHARACTER
    words = text.split()
    prefixes = [" ".join(words[:count]) for count in range(len(words) + 1)]
    return [
        prefix
        for prefix in prefixes
        if characters - IN_FLIGHT_CHARACTERS <= len(prefix) <= characters + 1
    ]


# -- real speech ---------------------------------------------------------------------------------


@pytest.mark.parametrize("offset_ms", [0, 17, 31])
@pytest.mark.parametrize(
    "text",
    [
        "Excuse me, which project do you mean?",
        "Wait, what do you mean by that?",
        "Actually I know this one.",
        "I think so.",
        "Yes, I have done that before.",
        "Hold on a moment, please.",
        "Can I ask something?",
    ],
)
@in_virtual_time
async def test_a_voice_holds_the_interviewer_at_once(
    world: World, clock: VirtualClock, text: str, offset_ms: int
) -> None:
    """Wherever its first sound lies in the microphone's frames."""
    await world.plan()
    async with talk(world, clock) as talker:
        await begin(talker)
        frames_fed = talker.frames_fed
        spoken = delayed(line(text), offset_ms)
        began_ms = talker.say(spoken)
        hold = await talker.until(Hold)
        assert hold.on
        assert talker.at_ms(hold) - began_ms <= WITHIN_MS
        assert (talker.frames_fed - frames_fed) * FRAME_MS <= spoken.begins_ms + WITHIN_MS


@in_virtual_time
async def test_words_stop_the_interviewer_and_only_what_was_played_was_heard(
    world: World, clock: VirtualClock, excuse_me: Line
) -> None:
    await world.plan()
    async with talk(world, clock) as talker:
        first = await begin(talker)
        playing_ms = talker.say(excuse_me) - talker.at_ms(first)
        hold = await talker.until(Hold)
        held_ms = talker.at_ms(hold) - talker.at_ms(first)
        await pass_ms(400)
        await talker.recognised("excuse me", began_ms=talker.at_ms(hold) - 100, is_final=False)
        clear = await talker.until(Clear)
        assert talker.at_ms(clear) == clock.now_ms()
        cut = await until_said(world)
        assert cut.interrupted
        assert cut.heard != cut.text
        assert cut.heard in heard_after(talker, cut.text, held_ms)
        assert held_ms - playing_ms <= WITHIN_MS
        caption = await talker.until(Caption, lambda caption: caption.final)
        assert caption.text == cut.heard, "the page keeps what was heard, and nothing more"

        await talker.until_quiet()
        talker.look_from_here()
        await talker.recognised("excuse me, which project do you mean?", began_ms=clock.now_ms())
        await talker.until(Caption, lambda caption: caption.final)
        reply = await talker.until_speaking()
        assert reply.utterance == cut.utterance + 1
        await talker.until_listening()
        assert talker.holds == [], "the hold ended with what was held"
    (answer,) = await world.all_facts(AnswerHeard)
    assert answer.text == "excuse me, which project do you mean?"
    assert (await until_said(world, 2)).heard == (await until_said(world, 2)).text


@in_virtual_time
async def test_words_that_come_when_the_interviewer_goes_on_again_stop_it_still(
    world: World, clock: VirtualClock
) -> None:
    await world.plan()
    async with talk(world, clock) as talker:
        await begin(talker)
        began_ms = await talker.say_all(line("Sorry?"))
        await talker.until(Hold, lambda hold: not hold.on)
        await pass_ms(300)
        await talker.recognised("sorry", began_ms=began_ms)
        cut = await until_said(world)
        assert cut.interrupted
        assert talker.all(Clear)


@in_virtual_time
async def test_a_typed_answer_stops_it_too(world: World, clock: VirtualClock) -> None:
    await world.plan()
    async with talk(world, clock) as talker:
        first = await begin(talker)
        await talker.type(covering(1, 0))
        cut = await until_said(world)
        assert cut.interrupted
        assert cut.heard in heard_after(talker, cut.text, 600)
        assert talker.at_ms(first) + 600 == talker.at_ms(talker.all(Clear)[0])


# -- what is no answer ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sound", "recognised"),
    [("mm-hm", "mm-hm"), ("mm-hm", "mhm"), ("right", "right"), ("okay", "Okay."), ("um", "um")],
)
@in_virtual_time
async def test_a_sign_of_listening_costs_a_breath_and_no_word(
    world: World, clock: VirtualClock, sound: str, recognised: str
) -> None:
    await world.plan()
    async with talk(world, clock) as talker:
        await begin(talker)
        began_ms = await talker.say_all(line(sound))
        await pass_ms(150)
        await talker.recognised(recognised, began_ms=began_ms, is_final=False)
        await pass_ms(250)
        await talker.recognised(recognised, began_ms=began_ms)
        spoken = await until_said(world)
        assert talker.holds in ([], [True, False])
        await until_said(world, 2)
    assert (spoken.heard, spoken.interrupted) == (spoken.text, False)
    assert talker.all(Clear) == []
    assert await world.all_facts(AnswerHeard) == []


@in_virtual_time
async def test_a_held_interviewer_goes_on_where_it_stopped(
    world: World, clock: VirtualClock
) -> None:
    await world.plan()
    async with talk(world, clock) as talker:
        await begin(talker)
        began_ms = await talker.say_all(line("okay"))
        on = await talker.until(Hold)
        await pass_ms(500)
        await talker.recognised("okay", began_ms=began_ms)
        off = await talker.until(Hold, lambda hold: not hold.on)
        held_ms = talker.at_ms(off) - talker.at_ms(on)
        assert held_ms <= 1_100, "not longer than it took to know what it was"
        spoken = await until_said(world)
    took_ms = spoken.ended_ms - spoken.started_ms
    audio_ms = len(spoken.text) * MS_PER_CHARACTER
    assert audio_ms + held_ms - 100 <= took_ms <= audio_ms + held_ms + 300


@pytest.mark.parametrize("duration_ms", [15, 60, 300])
@in_virtual_time
async def test_a_cough_or_a_click_is_no_answer(
    world: World, clock: VirtualClock, duration_ms: int
) -> None:
    await world.plan()
    async with talk(world, clock) as talker:
        await begin(talker)
        await talker.say_all(noise_line(duration_ms))
        spoken = await until_said(world)
        assert talker.holds in ([], [True, False])
    assert (spoken.heard, spoken.interrupted) == (spoken.text, False)
    assert await world.all_facts(AnswerHeard) == []


@in_virtual_time
async def test_a_voice_without_words_is_waited_for_and_then_not_any_more(
    world: World, clock: VirtualClock
) -> None:
    """Somebody talks in another room: the recogniser makes nothing of it."""
    await world.plan()
    somebody = line(*["and then they went on and on about the weather of the week"] * 5)
    async with talk(world, clock) as talker:
        await begin(talker)
        talker.say(somebody)
        on = await talker.until(Hold)
        await pass_ms(LONGEST_HOLD_MS)
        off = await talker.until(Hold, lambda hold: not hold.on)
        assert talker.at_ms(off) - talker.at_ms(on) <= LONGEST_HOLD_MS + RESUME_AFTER_MS
        spoken = await until_said(world)
        await until_said(world, 2)
        assert talker.holds == [True, False], "nor does it hold the next"
    assert (spoken.heard, spoken.interrupted) == (spoken.text, False)
    assert spoken.ended_ms > talker.at_ms(off), "while it was held, nothing of it was played"


@in_virtual_time
async def test_a_voice_that_pauses_now_and_then_does_not_hold_for_ever(
    world: World, clock: VirtualClock
) -> None:
    await world.plan()
    somebody = line(*["and then they went on and on", 0.6] * 15)
    async with talk(world, clock) as talker:
        await begin(talker)
        talker.say(somebody)
        on = await talker.until(Hold)
        await pass_ms(2 * LONGEST_HOLD_MS)
        off = await talker.until(Hold, lambda hold: not hold.on)
        assert talker.at_ms(off) - talker.at_ms(on) <= 2 * LONGEST_HOLD_MS
        spoken = await until_said(world)
        assert (spoken.heard, spoken.interrupted) == (spoken.text, False)


@in_virtual_time
async def test_the_interviewers_own_echo_is_no_answer(world: World, clock: VirtualClock) -> None:
    await world.plan()
    async with talk(world, clock) as talker:
        said = await begin(talker, playing_ms=100)
        for echo in ("hello and welcome", "I am Vivavoce a computer program", "I will be your"):
            began_ms = await talker.say_all(line(echo))
            await pass_ms(200)
            await talker.recognised(echo, began_ms=began_ms, is_final=False)
            await pass_ms(300)
            await talker.recognised(echo, began_ms=began_ms)
            await talker.until_quiet()
        spoken = await until_said(world)
        holds = [hold for hold in talker.all(Hold) if hold.utterance == said.utterance and hold.on]
        assert len(holds) <= FALSE_HOLDS
        await pass_ms(5_000)
    assert (spoken.heard, spoken.interrupted) == (spoken.text, False)
    assert await world.all_facts(AnswerHeard) == []
    assert talker.all(Clear) == []


# -- when nothing may be held, or all must be ----------------------------------------------------


class SlowTTS(SilentTTS):
    """Takes its time before each sentence."""

    def __init__(self, speech: SpeechSettings) -> None:
        super().__init__(speech, answers=[0.8] * 100)


@pytest.mark.parametrize("ahead_ms", [-300, 300])
@in_virtual_time
async def test_who_is_speaking_already_is_not_spoken_over(
    world: World, clock: VirtualClock, ahead_ms: int
) -> None:
    """The voice begins before, or after, the interviewer has begun to think of its words."""
    world.settings = made_settings(tts=SlowTTS)
    await world.plan()
    async with talk(world, clock) as talker:
        await talker.consent()
        await talker.until_listening()
        talker.look_from_here()
        if ahead_ms > 0:
            await talker.do(Ask(what="repeat"))
        began_ms = talker.say(line("That is what I wanted to hear from you once more."))
        await talker.until_ms(began_ms + 300)
        if ahead_ms < 0:
            await talker.do(Ask(what="repeat"))
        hold = await talker.until(Hold)
        assert hold.on
        assert talker.at_ms(hold) == talker.first_audio_ms[hold.utterance], "with its first frame"
        off = await talker.until(Hold, lambda hold: not hold.on)
        assert talker.at_ms(off) >= began_ms + 2_000
        spoken = await world.until_fact(InterviewerSpoke, count=3)
        assert (spoken.move, spoken.heard) == (Move.REPEAT, spoken.text)
        assert spoken.started_ms >= talker.at_ms(off) - 100, "none of it was played before"


@in_virtual_time
async def test_nothing_interrupts_the_closing_words(
    world: World, clock: VirtualClock, excuse_me: Line
) -> None:
    await world.plan(made_question(1))
    async with talk(world, clock) as talker:
        await talker.consent()
        await talker.until_listening()
        await talker.type(covering(1, 0, 1))
        closing = await talker.until(Say, lambda say: say.move is Move.CLOSE)
        await pass_ms(500)
        began_ms = talker.say(excuse_me)
        await pass_ms(700)
        await talker.recognised("excuse me which project", began_ms=began_ms)
        await talker.until(Ended)
        assert not [hold for hold in talker.all(Hold) if hold.utterance == closing.utterance]
        assert not [clear for clear in talker.all(Clear) if clear.utterance == closing.utterance]
    *_, spoken = await world.all_facts(InterviewerSpoke)
    assert (spoken.move, spoken.heard) == (Move.CLOSE, spoken.text)
    answers = await world.all_facts(AnswerHeard)
    assert answers[-1].text == "excuse me which project", "kept, though nothing follows from it"


@in_virtual_time
async def test_who_types_holds_nothing(world: World, clock: VirtualClock, excuse_me: Line) -> None:
    await world.plan()
    async with talk(world, clock, recognises=False) as talker:
        await begin(talker)
        await talker.say_all(excuse_me)
        spoken = await until_said(world)
        assert (spoken.heard, spoken.interrupted) == (spoken.text, False)
    assert talker.all(Hold) == []


@in_virtual_time
async def test_a_client_that_is_lost_while_it_is_held_takes_the_hold_with_it(
    world: World, clock: VirtualClock, excuse_me: Line
) -> None:
    await world.plan()
    async with world.open_rooms() as rooms:
        async with talk_in(rooms, clock) as talker:
            await begin(talker)
            talker.say(excuse_me)
            await talker.until(Hold)
        cut = await until_said(world)
        assert cut.interrupted
        await pass_ms(3_000)
        async with talk_in(rooms, clock) as again:
            await again.until(State, lambda state: state.state is RoomState.SPEAKING)
            await again.until_listening()
            assert again.all(Hold) == []
    resumed = await world.all_facts(InterviewerSpoke)
    assert all(fact.heard == fact.text for fact in resumed[1:])


# -- in the same breath --------------------------------------------------------------------------


@pytest.mark.parametrize("message", [End(), Pause(), Ask(what="skip"), Typed(id="1", text="so")])
@in_virtual_time
async def test_words_are_heard_before_what_the_page_sends_with_them(
    world: World, clock: VirtualClock, message: ClientMessage
) -> None:
    """Who ends the interview in mid-word has said that word."""
    await world.plan()
    async with talk(world, clock) as talker:
        await talker.consent()
        await talker.until_listening()
        await world.until_fact(InterviewerSpoke, count=2)
        began_ms = clock.now_ms()
        await pass_ms(500)
        await talker.recognised("we did it in two steps", began_ms=began_ms, is_final=False)
        await talker.room.handle(message)
        await pass_ms(2_000)
    first, *_ = await world.all_facts(AnswerHeard)
    assert first.text == "we did it in two steps"
