"""Listening to real speech with the real voice activity, and to a recogniser that a test scripts.

In virtual time: the audio comes in as it would from a microphone, and takes as long.
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import pytest
from livekit.agents import APIError

from agent.barge_in import Barge
from agent.pipeline.listener import GAP_MS, IDLE_MS, JUDGED_MS
from sessions.facts import Move
from sessions.plan import Patience
from tests.support.hall import ANSWER, LATEST_MS, Asked, Hall
from tests.support.recognised import ScriptedSTT, result, spoken_at
from tests.support.talker import FRAME_MS, RATE_HZ, Line, line, noise_line
from tests.support.virtual_time import in_virtual_time, pass_ms

# -- the end of a turn ---------------------------------------------------------------------------


@in_virtual_time
async def test_a_turn_is_over_once_when_speech_and_words_are() -> None:
    hall = Hall()
    async with hall.open():
        await pass_ms(400)
        ended_ms = await hall.say(line(ANSWER))
        hall.recognise("I rebuilt", is_final=False)
        await pass_ms(400)
        hall.recognise(ANSWER)
        assert hall.turns == [], "there may be more"
        await pass_ms(LATEST_MS)
        ((over_ms, heard),) = hall.turns
        assert heard.text == ANSWER
        assert 1_000 <= over_ms - ended_ms <= 3_000
        await pass_ms(LATEST_MS)
    assert hall.said == [ANSWER]
    assert hall.words == ["I rebuilt", ANSWER]
    assert hall.speech == [True, False]


@in_virtual_time
async def test_a_thinking_pause_ends_nothing() -> None:
    hall = Hall()
    async with hall.open():
        await hall.say(line("we moved the payments, and um"))
        hall.recognise("we moved the payments and um")
        await pass_ms(2_600)
        assert hall.turns == []
        await hall.say(line("then we turned the old system off"))
        hall.recognise("then we turned the old system off")
        await pass_ms(LATEST_MS)
    assert hall.said == ["we moved the payments and um then we turned the old system off"]


@in_virtual_time
async def test_who_says_that_this_was_all_is_answered_soon() -> None:
    hall = Hall(patience=Patience.VERY_PATIENT)
    async with hall.open():
        ended_ms = await hall.say(line("and that is my answer"))
        hall.recognise("I would use a heap and that is my answer")
        await pass_ms(LATEST_MS)
        ((over_ms, _),) = hall.turns
        assert over_ms - ended_ms <= 1_400


@in_virtual_time
async def test_speech_goes_on_with_the_turn_until_the_last_moment() -> None:
    hall = Hall()
    async with hall.open():
        await hall.say(line(ANSWER))
        hall.recognise(ANSWER)
        await pass_ms(900)
        await hall.say(line("and it was hard"))
        assert hall.turns == []
        hall.recognise("and it was hard")
        await pass_ms(LATEST_MS)
    assert hall.said == [f"{ANSWER} and it was hard"]


@in_virtual_time
async def test_late_words_are_waited_for() -> None:
    """A recogniser that takes a second is no reason to cut anybody off, or to lose the words."""
    hall = Hall()
    async with hall.open():
        await hall.say(line(ANSWER))
        hall.recognise("I rebuilt the search", is_final=False)
        await pass_ms(1_000)
        hall.recognise(ANSWER, is_final=False, lag_ms=1_000)
        await pass_ms(600)
        assert hall.turns == [], "their final form is waited for"
        hall.recognise(ANSWER, lag_ms=1_600)
        await pass_ms(LATEST_MS)
    assert hall.said == [ANSWER]


@in_virtual_time
async def test_words_whose_sound_nobody_noticed_make_a_turn() -> None:
    hall = Hall()
    async with hall.open():
        await pass_ms(500)
        hall.recognise("yes that is right, we did it twice")
        await pass_ms(LATEST_MS)
    assert hall.said == ["yes that is right, we did it twice"]


@pytest.mark.parametrize("noise", [noise_line(30), noise_line(400), noise_line(1_500)])
@in_virtual_time
async def test_sound_without_words_is_never_a_turn(noise: Line) -> None:
    hall = Hall()
    async with hall.open():
        await hall.say(noise)
        await pass_ms(LATEST_MS)
        assert hall.turns == []
        ended_ms = await hall.say(line(ANSWER))
        hall.recognise(ANSWER)
        await pass_ms(600)
        await hall.say(noise)  # nor does it keep a turn open for long
        await pass_ms(LATEST_MS)
        ((over_ms, heard),) = hall.turns
        assert heard.text == ANSWER
        assert over_ms - ended_ms <= 5_000


@in_virtual_time
async def test_a_voice_without_words_is_no_turn() -> None:
    hall = Hall()
    async with hall.open():
        await hall.say(line("somebody in another room"))
        await pass_ms(LATEST_MS)
    assert hall.speech == [True, False]
    assert (hall.turns, hall.words) == ([], [])


@in_virtual_time
async def test_words_that_are_taken_back_were_no_turn() -> None:
    hall = Hall()
    async with hall.open():
        await hall.say(line("hmm"))
        hall.recognise("him", is_final=False)
        await pass_ms(300)
        hall.recognise("", lag_ms=300)
        await pass_ms(LATEST_MS)
        assert hall.turns == []
        await hall.say(line("no"))
        hall.recognise("no we never did it that way")
        await pass_ms(LATEST_MS)
    assert hall.said == ["no we never did it that way"]


@in_virtual_time
async def test_what_is_ignored_keeps_no_turn_open_and_makes_none() -> None:
    hall = Hall(is_ignored="mm-hm".__eq__)
    async with hall.open():
        await hall.say(line("hmm"))
        hall.recognise("so", is_final=False)
        await pass_ms(200)
        hall.recognise("mm-hm")
        await pass_ms(LATEST_MS)
    assert hall.turns == []
    assert hall.words == ["so"]


# -- the recogniser ------------------------------------------------------------------------------


@pytest.fixture
def recogniser() -> Generator[ScriptedSTT]:
    yield ScriptedSTT()


@in_virtual_time
async def test_the_recogniser_is_opened_with_the_first_audio_and_let_go_without(
    recogniser: ScriptedSTT,
) -> None:
    hall = Hall(recogniser=recogniser)
    hall.is_on = False
    async with hall.open():
        await pass_ms(2_000)
        assert recogniser.streams == []
        hall.is_on = True
        await pass_ms(1_000)
        (first,) = recogniser.streams
        assert first.heard_ms == 1_000
        hall.is_on = False
        await pass_ms(IDLE_MS - 2 * FRAME_MS)
        assert not first.is_input_ended
        await pass_ms(3 * FRAME_MS)
        assert first.is_input_ended
        hall.is_on = True
        await pass_ms(1_000)
        _, second = recogniser.streams
        second.tell(result(words=spoken_at(0.2, "hello")))
        await pass_ms(100)
        assert hall.words == ["hello"]
    assert second.is_closed
    assert hall.failures == []


@in_virtual_time
async def test_a_second_streams_words_lie_where_they_were_said(recogniser: ScriptedSTT) -> None:
    hall = Hall(recogniser=recogniser)
    async with hall.open():
        await pass_ms(1_000)
        hall.is_on = False
        await pass_ms(IDLE_MS + 2_000)
        hall.is_on = True
        began_ms = hall.clock.now_ms()
        await pass_ms(1_000)
        recogniser.tell(result(words=spoken_at(0.2, "hello")))
        await pass_ms(LATEST_MS)
        ((_, heard),) = hall.turns
    assert abs(heard.words[0].start_ms - (began_ms + 200)) <= FRAME_MS


@in_virtual_time
async def test_a_recogniser_is_told_when_somebody_speaks(recogniser: ScriptedSTT) -> None:
    hall = Hall(recogniser=recogniser)
    async with hall.open():
        await hall.say(line(ANSWER))
        await pass_ms(1_000)
    assert recogniser.streams[0].speech == [True, False]


@pytest.mark.parametrize(
    "failure", [APIError("the key is not accepted", retryable=False), ValueError("a mistake")]
)
@in_virtual_time
async def test_a_recogniser_that_raises_is_told_and_the_listening_goes_on(
    recogniser: ScriptedSTT, failure: Exception
) -> None:
    hall = Hall(recogniser=recogniser)
    async with hall.open():
        await pass_ms(400)
        recogniser.fail(failure)
        await pass_ms(400)
        assert len(hall.failures) == 1
        assert str(failure.args[0]) in hall.failures[0]
        assert not hall.listener.is_recognising, "until another is chosen"
        await hall.say(line(ANSWER))
        hall.recognise(ANSWER)
        await pass_ms(LATEST_MS)
        hall.listener.is_recognising = True
        await pass_ms(400)
        assert len(recogniser.streams) == 2
    assert hall.said == [ANSWER]
    assert hall.speech == [True, False]


@in_virtual_time
async def test_audio_is_not_recognised_while_the_page_does_it(recogniser: ScriptedSTT) -> None:
    hall = Hall(recogniser=recogniser)
    hall.listener.is_recognising = False
    async with hall.open():
        await hall.say(line(ANSWER))
        hall.recognise(ANSWER)
        await pass_ms(LATEST_MS)
    assert recogniser.streams == []
    assert hall.said == [ANSWER]


@in_virtual_time
async def test_the_last_words_of_a_recogniser_that_is_let_go_are_heard(
    recogniser: ScriptedSTT,
) -> None:
    hall = Hall(recogniser=recogniser)
    async with hall.open():
        await hall.say(line(ANSWER))
        await pass_ms(400)
        hall.is_on = False
        recogniser.tell(result(words=spoken_at(0.2, ANSWER)))
        await pass_ms(IDLE_MS)
    assert hall.said == [ANSWER]


# -- what breaks ---------------------------------------------------------------------------------


@in_virtual_time
async def test_an_error_of_whoever_is_told_the_words_surfaces() -> None:
    hall = Hall()
    hall.refuses_words = RuntimeError("the disk is full")
    with pytest.raises(ExceptionGroup) as raised:
        async with hall.open():
            await pass_ms(200)
            hall.recognise(ANSWER)
            await pass_ms(200)
            raise AssertionError("the room goes on, deaf")
    assert raised.group_contains(RuntimeError, match="the disk is full")


# -- how it sounded ------------------------------------------------------------------------------


@in_virtual_time
async def test_each_pause_is_judged_once_by_its_last_second() -> None:
    asked = Asked()
    hall = Hall(end_of_turn=asked)
    async with hall.open():
        await pass_ms(2_000)
        for _ in range(2):
            await hall.say(line(ANSWER))
            hall.recognise(ANSWER)
            await pass_ms(700)
        await pass_ms(LATEST_MS)
    assert len(asked.questions) == 2
    for pcm in asked.questions:
        heard_ms = len(pcm) / 2 / RATE_HZ * 1000
        assert JUDGED_MS <= heard_ms <= JUDGED_MS + FRAME_MS
        samples = np.abs(np.frombuffer(pcm, np.int16).astype(np.int32))
        assert samples[: RATE_HZ // 2].max() > 3_000, "the last words are in it"
        assert samples[-RATE_HZ // 5 :].max() < 300, "and the pause's beginning"


async def delay_with(asked: Asked) -> int:
    """From the last sound to the end of the turn."""
    hall = Hall(end_of_turn=asked)
    async with hall.open():
        ended_ms = await hall.say(line(ANSWER))
        hall.recognise(ANSWER)
        await pass_ms(LATEST_MS)
        ((over_ms, _),) = hall.turns
    return over_ms - ended_ms


@in_virtual_time
async def test_what_the_model_says_makes_the_pause_longer_or_shorter() -> None:
    finished, unsure, unfinished = [
        await delay_with(Asked(answer=answer)) for answer in (0.95, None, 0.05)
    ]
    assert finished < unsure < unfinished


@in_virtual_time
async def test_a_judgement_that_comes_when_the_pause_is_over_counts_for_no_other() -> None:
    """Asked at the first pause, answered in the second: the words decide the second."""
    slow = Asked(answer=0.95, takes_ms=2_500)
    hall = Hall(end_of_turn=slow)
    async with hall.open():
        await hall.say(line(ANSWER))
        hall.recognise(ANSWER)
        await pass_ms(500)
        asked_ms = hall.clock.now_ms()
        ended_ms = await hall.say(line("for the shop"))
        assert hall.clock.now_ms() - asked_ms < 2_000
        hall.recognise("for the shop")
        await pass_ms(LATEST_MS)
        ((over_ms, heard),) = hall.turns
        delay_ms = over_ms - ended_ms
    assert heard.text == f"{ANSWER} for the shop"
    assert delay_ms >= await delay_with(Asked(answer=None)) - FRAME_MS


# -- over the interviewer's voice ----------------------------------------------------------------


@in_virtual_time
async def test_speech_over_the_interviewer_holds_it_and_its_words_stop_it() -> None:
    hall = Hall()
    async with hall.open():
        await pass_ms(400)
        hall.listener.utterance_begins()
        await pass_ms(400)
        began_ms = hall.begin(line(ANSWER))
        await pass_ms(700)
        ((held_ms, barge),) = hall.barges
        assert barge is Barge.HOLD
        assert held_ms - began_ms <= 200
        hall.recognise("I rebuilt", is_final=False)
        await pass_ms(10)
        assert [barge for _, barge in hall.barges] == [Barge.HOLD, Barge.INTERRUPT]
        hall.listener.utterance_is_over(Move.ASK)
        await pass_ms(3_000)
        hall.recognise(ANSWER)
        await pass_ms(LATEST_MS)
    assert hall.said == [ANSWER]


@in_virtual_time
async def test_a_voice_whose_audio_breaks_off_is_over() -> None:
    """The connection was lost in mid-word: whoever comes back is not taken to be speaking still."""
    hall = Hall()
    async with hall.open():
        hall.begin(line(ANSWER))
        await pass_ms(900)
        assert hall.speech == [True]
        hall.is_on = False
        await pass_ms(GAP_MS + FRAME_MS)
        assert hall.speech == [True, False]
        hall.listener.utterance_begins()
        assert hall.barges == []
        hall.is_on = True  # and if they are, it is noticed anew
        await pass_ms(500)
        assert hall.speech == [True, False, True]
        assert [barge for _, barge in hall.barges] == [Barge.HOLD]


@in_virtual_time
async def test_a_short_gap_in_the_audio_changes_nothing() -> None:
    hall = Hall()
    async with hall.open():
        hall.begin(line(ANSWER))
        await pass_ms(900)
        hall.is_on = False
        await pass_ms(GAP_MS - 2 * FRAME_MS)
        hall.is_on = True
        await pass_ms(200)
        assert hall.speech == [True]


# -- long turns ----------------------------------------------------------------------------------


@in_virtual_time
async def test_the_beginning_of_a_very_long_turn_is_kept_aside() -> None:
    hall = Hall()
    sentence = "and then we did the next thing on the list of things"
    async with hall.open():
        for _ in range(120):
            hall.recognise(sentence)
            await pass_ms(10)
        await pass_ms(LATEST_MS)
    kept = [heard.text for heard in hall.settled]
    assert kept, "an hour of talk is not worked through with each word"
    assert " ".join([*kept, *hall.said]) == " ".join([sentence] * 120)
    assert max(len(text) for text in hall.words) < 4_000
