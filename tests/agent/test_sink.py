"""The interviewer's audio on its way to a client that plays, stops, stalls, lies or goes away."""

from __future__ import annotations

import asyncio

import pytest

from agent.pipeline import sink as sink_module
from agent.pipeline.sink import AHEAD_MS
from sessions.protocol import (
    Clear,
    Hold,
    SayEnd,
)
from tests.support.playback import (
    FRAME_MS,
    SHORT_S,
    Line,
    Playback,
    frame,
    soon,
    turns_of_the_loop,
)

# -- played to its end ---------------------------------------------------------------------------


async def test_a_segment_starts_and_finishes_once_when_the_client_says_so() -> None:
    playback = Playback()
    await playback.say("Hello there.", 3)
    assert playback.started == []
    playback.clock.advance(500)
    playback.sink.note_played(1, 100, is_done=False)
    playback.sink.note_played(1, 200, is_done=False)
    playback.sink.flush()
    assert playback.line.sent == [SayEnd(utterance=1, audio_ms=300)]
    assert playback.finished == []
    playback.sink.note_played(1, 300, is_done=True)
    playback.sink.note_played(1, 300, is_done=True)
    (started,) = playback.started
    assert started.created_at == pytest.approx((playback.clock.now_ms() - 100) / 1000)
    assert playback.sink.started_ms == playback.clock.now_ms() - 100
    assert playback.only_end.interrupted is False
    assert playback.only_end.playback_position == pytest.approx(0.3)
    assert playback.only_end.synchronized_transcript == "Hello there."
    assert (await soon(playback.sink.wait_for_playout())) == playback.only_end


async def test_done_before_the_last_audio_was_sent_is_not_the_end() -> None:
    playback = Playback()
    await playback.say("Hello there.", 2)
    playback.sink.note_played(1, 200, is_done=True)  # its buffer ran dry
    assert playback.finished == []
    await playback.say("More.", 1)
    playback.sink.flush()
    playback.sink.note_played(1, 300, is_done=True)
    assert playback.only_end.synchronized_transcript == "Hello there. More."


async def test_each_utterance_is_a_segment_of_its_own() -> None:
    playback = Playback()
    for number in (1, 2, 3):
        playback.begin(number)
        await playback.say(f"Sentence {number}.", 2)
        playback.sink.flush()
        playback.sink.note_played(number, 200, is_done=True)
    assert len(playback.started) == 3
    assert [event.synchronized_transcript for event in playback.finished] == [
        "Sentence 1.",
        "Sentence 2.",
        "Sentence 3.",
    ]
    assert [frame.utterance for frame in playback.line.frames] == [1, 1, 2, 2, 3, 3]
    assert [frame.sequence for frame in playback.line.frames] == list(range(6))
    assert [frame.timestamp_ms for frame in playback.line.frames] == [0, 100] * 3


async def test_an_utterance_without_audio_is_no_segment() -> None:
    playback = Playback()
    playback.sink.flush()
    playback.sink.clear_buffer()
    assert playback.line.sent == []
    await soon(playback.sink.wait_for_playout())
    assert playback.finished == []


# -- pacing --------------------------------------------------------------------------------------


async def test_no_more_is_sent_than_the_client_can_soon_play() -> None:
    playback = Playback()
    async with asyncio.TaskGroup() as tasks:
        speaking = tasks.create_task(playback.say("A long sentence.", 60))
        await turns_of_the_loop(200)
        assert not speaking.done()
        played_ms = 0
        while not speaking.done():
            assert AHEAD_MS < playback.line.sent_ms - played_ms <= AHEAD_MS + FRAME_MS
            played_ms += 250
            playback.sink.note_played(1, played_ms, is_done=False)
            await turns_of_the_loop(200)
    assert playback.line.sent_ms == 60 * FRAME_MS
    assert played_ms == pytest.approx(60 * FRAME_MS - AHEAD_MS, abs=250)


async def test_a_client_cannot_have_played_more_than_it_was_sent() -> None:
    playback = Playback()
    async with asyncio.TaskGroup() as tasks:
        speaking = tasks.create_task(playback.say("A long sentence.", 40))
        await turns_of_the_loop(200)
        playback.sink.note_played(1, 1_000_000, is_done=False)
        assert playback.sink.played_ms <= AHEAD_MS + FRAME_MS
        await turns_of_the_loop(200)
        assert not speaking.done()
        playback.interrupt()
        await turns_of_the_loop()
        assert speaking.done()
    playback.sink.note_played(1, 0, is_done=True)


async def test_the_playhead_does_not_go_back() -> None:
    playback = Playback()
    await playback.say("Hello there.", 3)
    playback.sink.note_played(1, 200, is_done=False)
    playback.sink.note_played(1, 100, is_done=False)
    assert playback.sink.played_ms == 200
    assert len(playback.started) == 1
    playback.interrupt()
    playback.sink.note_played(1, 200, is_done=True)


# -- stopped -------------------------------------------------------------------------------------


async def test_an_interruption_keeps_what_the_client_had_played() -> None:
    playback = Playback()
    await playback.say("One two three four.", 10)
    playback.sink.note_played(1, 300, is_done=False)
    playback.interrupt()
    assert Clear(utterance=1) in playback.line.sent
    playback.sink.note_played(1, 560, is_done=True)  # it had gone on until the message came
    assert playback.only_end.interrupted is True
    assert playback.only_end.playback_position == pytest.approx(0.56)
    assert playback.only_end.synchronized_transcript == "One two"
    assert playback.sink.played_ms == 560


async def test_nothing_is_sent_of_what_was_stopped() -> None:
    playback = Playback()
    await playback.say("One two three four.", 2)
    playback.interrupt()
    sent = list(playback.line.sent)
    await playback.sink.capture_frame(frame())
    playback.sink.flush()
    assert playback.line.sent_ms == 200
    assert playback.line.sent == sent
    playback.sink.note_played(1, 200, is_done=True)
    assert len(playback.finished) == 1


async def test_a_frame_that_comes_late_ends_nothing_of_the_next_utterance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sink_module, "DONE_LIMIT_S", SHORT_S)
    playback = Playback()
    await playback.say("One two three four.", 2)
    playback.interrupt()
    playback.sink.note_played(1, 100, is_done=True)
    await playback.sink.capture_frame(frame())
    playback.sink.flush()
    playback.begin(2)
    await playback.say("Five six.", 2)
    await asyncio.sleep(3 * SHORT_S)
    assert len(playback.finished) == 1
    playback.sink.flush()
    playback.sink.note_played(2, 200, is_done=True)
    assert playback.finished[1].synchronized_transcript == "Five six."


async def test_an_utterance_that_was_left_open_ends_when_the_next_begins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sink_module, "DONE_LIMIT_S", SHORT_S)
    playback = Playback()
    await playback.say("It broke off", 2)
    playback.sink.flush()
    playback.begin(2)
    assert playback.only_end.interrupted is True
    await playback.say("Five six.", 2)
    await asyncio.sleep(3 * SHORT_S)  # what was waited for with the first is not waited for now
    assert len(playback.finished) == 1
    playback.interrupt()
    playback.sink.note_played(2, 0, is_done=True)
    assert len(playback.finished) == 2


# -- a client that does not answer ---------------------------------------------------------------


async def test_a_client_that_never_says_done_is_taken_to_have_played_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sink_module, "DONE_LIMIT_S", SHORT_S)
    playback = Playback()
    playback.utterance.begin_sentence("Hi.")
    playback.utterance.extend_audio(20)
    await playback.sink.capture_frame(frame(20))
    playback.utterance.end_sentence()
    playback.sink.flush()
    await playback.until_finished()
    assert playback.only_end.interrupted is False


async def test_a_client_that_does_not_say_where_it_stopped_was_where_it_last_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sink_module, "CLEAR_LIMIT_S", SHORT_S)
    playback = Playback()
    await playback.say("One two three four.", 10)
    playback.sink.note_played(1, 560, is_done=False)
    playback.interrupt()
    await playback.until_finished()
    assert playback.only_end.synchronized_transcript == "One two"
    playback.sink.note_played(1, 900, is_done=True)
    assert playback.sink.played_ms == 560
    assert len(playback.finished) == 1


async def test_a_client_that_stalls_cannot_hold_the_voice_up_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sink_module, "STALL_LIMIT_S", 0.001)
    playback = Playback()
    await soon(playback.say("A long sentence.", 25))
    assert playback.line.sent_ms == 2_500
    playback.interrupt()
    playback.sink.note_played(1, 0, is_done=True)
    assert playback.only_end.synchronized_transcript == ""


async def test_words_on_other_utterances_are_ignored() -> None:
    playback = Playback()
    playback.sink.note_played(1, 100, is_done=True)  # nothing was sent yet
    playback.begin(2)
    await playback.say("Hello there.", 2)
    playback.sink.flush()
    for number in (1, 3):
        playback.sink.note_played(number, 200, is_done=True)
    assert (playback.started, playback.finished) == ([], [])
    assert playback.sink.played_ms == 0
    playback.sink.note_played(2, 200, is_done=True)
    assert len(playback.finished) == 1


# -- held ----------------------------------------------------------------------------------------


async def test_holding_and_going_on_are_told_to_the_client_while_it_plays() -> None:
    playback = Playback()
    playback.sink.hold(True)
    playback.sink.hold(False)
    assert playback.line.sent == []
    await playback.say("Hello there.", 2)
    playback.sink.hold(True)
    playback.sink.hold(False)
    assert playback.line.sent == [Hold(utterance=1, on=True), Hold(utterance=1, on=False)]
    playback.sink.flush()
    playback.sink.note_played(1, 200, is_done=True)
    playback.sink.hold(True)
    playback.sink.hold(False)
    assert len(playback.line.sent) == 3
    assert len(playback.finished) == 1


async def test_a_hold_from_before_the_first_audio_is_told_with_it() -> None:
    playback = Playback()
    playback.sink.hold(True)
    await playback.say("Hello there.", 2)
    assert playback.line.sent == [Hold(utterance=1, on=True)]
    playback.sink.hold(False)
    assert playback.line.sent == [Hold(utterance=1, on=True), Hold(utterance=1, on=False)]
    playback.sink.flush()
    playback.sink.note_played(1, 200, is_done=True)


async def test_a_held_client_is_not_taken_to_have_played_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sink_module, "DONE_LIMIT_S", SHORT_S)
    playback = Playback()
    await playback.say("Hi.", 1)
    playback.sink.hold(True)
    playback.sink.flush()
    await asyncio.sleep(0.1 + 3 * SHORT_S)
    assert playback.finished == []
    playback.sink.hold(False)
    await playback.until_finished()
    assert playback.only_end.interrupted is False


async def test_a_hold_after_the_last_audio_was_sent_stops_the_wait_for_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sink_module, "DONE_LIMIT_S", SHORT_S)
    playback = Playback()
    await playback.say("Hi.", 1)
    playback.sink.flush()
    playback.sink.hold(True)
    await asyncio.sleep(0.1 + 3 * SHORT_S)
    assert playback.finished == []
    playback.interrupt()
    playback.sink.note_played(1, 0, is_done=True)
    assert playback.only_end.interrupted is True


async def test_a_held_client_has_not_stalled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sink_module, "STALL_LIMIT_S", 0.001)
    playback = Playback()
    async with asyncio.TaskGroup() as tasks:
        playback.sink.hold(True)
        speaking = tasks.create_task(playback.say("A long sentence.", 25))
        await asyncio.sleep(SHORT_S)
        assert not speaking.done()
        assert playback.line.sent_ms <= AHEAD_MS + FRAME_MS
        playback.sink.hold(False)
        await soon(asyncio.wait([speaking]))
    assert playback.line.sent_ms == 2_500
    playback.interrupt()
    playback.sink.note_played(1, 0, is_done=True)


async def test_a_hold_is_forgotten_with_what_was_stopped() -> None:
    playback = Playback()
    await playback.say("Hello there.", 2)
    playback.sink.hold(True)
    playback.sink.forget_hold()
    playback.interrupt()
    playback.sink.note_played(1, 100, is_done=True)
    playback.begin(2)
    await playback.say("Five six.", 2)
    assert [message for message in playback.line.sent if isinstance(message, Hold)] == [
        Hold(utterance=1, on=True)
    ]
    playback.sink.flush()
    playback.sink.note_played(2, 200, is_done=True)


async def test_the_sessions_own_pauses_change_no_hold() -> None:
    """It resumes whatever plays as an utterance begins."""
    playback = Playback()
    playback.sink.hold(True)
    playback.sink.resume()
    await playback.say("Hello there.", 2)
    playback.sink.pause()
    playback.sink.resume()
    assert playback.line.sent == [Hold(utterance=1, on=True)]
    playback.interrupt()
    playback.sink.note_played(1, 0, is_done=True)


# -- the connection is gone ----------------------------------------------------------------------


async def test_a_lost_connection_frees_the_voice_and_cuts_the_utterance() -> None:
    playback = Playback()
    async with asyncio.TaskGroup() as tasks:
        speaking = tasks.create_task(playback.say("One two three four.", 40))
        await turns_of_the_loop(200)
        assert not speaking.done()
        playback.sink.note_played(1, 1_000, is_done=False)
        playback.hang_up()
        await soon(asyncio.wait([speaking]))
    playback.interrupt()
    assert playback.only_end.interrupted is True
    assert playback.only_end.playback_position == pytest.approx(1.0)
    assert playback.only_end.synchronized_transcript == "One"


async def test_a_connection_lost_after_the_last_audio_was_sent_ends_it_at_once() -> None:
    playback = Playback()
    await playback.say("One two three four.", 10)
    playback.sink.flush()
    playback.sink.note_played(1, 560, is_done=False)
    playback.hang_up()
    assert playback.only_end.interrupted is True
    assert playback.only_end.synchronized_transcript == "One two"
    playback.interrupt()
    assert len(playback.finished) == 1


async def test_what_is_said_to_nobody_was_not_heard() -> None:
    playback = Playback()
    playback.hang_up()
    await playback.say("One two three four.", 40)
    playback.sink.flush()
    assert playback.only_end.interrupted is True
    assert playback.only_end.synchronized_transcript == ""
    assert playback.sink.was_cut
    assert playback.line.frames == []


async def test_a_new_connection_gets_the_next_utterance() -> None:
    playback = Playback()
    await playback.say("One two three four.", 2)
    playback.hang_up()
    playback.interrupt()
    playback.outlet.connection = playback.line = Line()
    playback.begin(2)
    assert not playback.sink.was_cut
    await playback.say("Five six.", 2)
    playback.sink.flush()
    playback.sink.note_played(2, 200, is_done=True)
    assert [frame.utterance for frame in playback.line.frames] == [2, 2]
    assert playback.finished[1].synchronized_transcript == "Five six."
    assert not playback.sink.was_cut
