"""When the candidate's silence counts, and when it does not: they speak, or they write."""

from __future__ import annotations

from sessions.facts import ConnectionLost, ConnectionResumed, Move, QuestionSkipped
from sessions.lifecycle import Status
from sessions.plan import Patience
from sessions.silence import LADDER_MS, MOMENT_MS, WRITING_FACTOR, WRITING_IDLE_MS, Silence
from tests.sessions.test_interview import Stage

KEY_MS = 10_000
"""A page says so often that keys are pressed."""


def write(stage: Stage, ms: int) -> None:
    for _ in range(ms // KEY_MS):
        stage.interview.notice_writing(is_writing=True, now_ms=stage.now_ms)
        stage.wait(KEY_MS)


def test_the_silence_ladder_prompts_rephrases_offers_typing_and_moves_on() -> None:
    stage = Stage().start()
    for step in LADDER_MS:
        stage.wait(step)
    assert stage.moves == [
        Move.GREET,
        Move.ASK,
        Move.PROMPT,
        Move.REPHRASE,
        Move.OFFER_TYPING,
        Move.ASK,
    ]
    for step in LADDER_MS:
        stage.wait(step)
    assert stage.interview.status is Status.COMPLETED
    assert len(stage.recorded(QuestionSkipped)) == 2


def test_one_moment_is_a_whole_minute() -> None:
    stage = Stage().start()
    stage.answer("give me a minute")
    stage.wait(MOMENT_MS - 1)
    assert stage.moves[-1] is Move.WAIT
    stage.wait(1)
    assert stage.moves[-1] is Move.PROMPT


def test_silence_is_not_counted_while_the_candidate_makes_sound() -> None:
    stage = Stage().start()
    stage.interview.notice_speech(is_speaking=True, now_ms=stage.now_ms)
    stage.wait(10 * LADDER_MS[0])
    assert stage.moves[-1] is Move.ASK
    stage.interview.notice_speech(is_speaking=False, now_ms=stage.now_ms)
    stage.wait(LADDER_MS[0])
    assert stage.moves[-1] is Move.PROMPT


def test_writing_is_not_silence_and_who_writes_gets_longer() -> None:
    stage = Stage().start()
    stage.interview.is_written = True
    stage.wait(2 * LADDER_MS[0])
    assert stage.moves[-1] is Move.ASK
    for _ in range(36):
        stage.interview.notice_writing(is_writing=True, now_ms=stage.now_ms)
        stage.wait(10_000)
    assert stage.moves[-1] is Move.ASK


def test_who_writes_slowly_with_a_microphone_on_is_not_prompted() -> None:
    stage = Stage().start()
    for _ in range(6):
        write(stage, 30_000)
        # The keyboard is heard: a sound begins and ends while the answer is being written.
        stage.interview.notice_speech(is_speaking=True, now_ms=stage.now_ms)
        stage.interview.notice_speech(is_speaking=False, now_ms=stage.now_ms)
    assert stage.moves[-1] is Move.ASK


def test_who_begins_to_write_over_a_prompt_is_not_given_the_next() -> None:
    stage = Stage().start()
    stage.interview.notice_writing(is_writing=True, now_ms=stage.now_ms - 500)
    stage.wait(LADDER_MS[0])
    assert stage.moves[-1] is Move.ASK


def test_silence_counts_from_where_the_writing_stopped() -> None:
    stage = Stage().start()
    write(stage, 40_000)
    stage.interview.notice_writing(is_writing=False, now_ms=stage.now_ms)
    stage.wait(LADDER_MS[0] - 1)
    assert stage.moves[-1] is Move.ASK
    stage.wait(1)
    assert stage.moves[-1] is Move.PROMPT


def test_half_a_sentence_that_was_left_in_the_box_does_not_hold_the_interview() -> None:
    stage = Stage().start()
    stage.interview.notice_writing(is_writing=True, now_ms=stage.now_ms)
    stage.wait(WRITING_IDLE_MS + LADDER_MS[0] - 1)
    assert stage.moves[-1] is Move.ASK
    stage.wait(1)
    assert stage.moves[-1] is Move.PROMPT
    for step in LADDER_MS[1:]:
        stage.wait(step)
    assert stage.moves[-1] is Move.ASK
    assert stage.interview.index == 1


def test_a_page_that_is_gone_writes_nothing() -> None:
    stage = Stage().start()
    stage.interview.notice_writing(is_writing=True, now_ms=stage.now_ms)
    stage.feed(ConnectionLost(at_ms=stage.now_ms, reason="test"))
    stage.feed(ConnectionResumed(at_ms=stage.now_ms, gap_ms=0))
    stage.wait(LADDER_MS[0])
    assert stage.moves[-1] is Move.PROMPT


def test_the_ladder_is_slower_for_the_patient_and_for_those_who_only_write() -> None:
    silence = Silence()
    normal = silence.limit_ms(Patience.NORMAL, is_written=False)
    assert silence.limit_ms(Patience.VERY_PATIENT, is_written=False) > normal
    assert silence.limit_ms(Patience.NORMAL, is_written=True) == normal * WRITING_FACTOR


def test_the_end_of_the_time_waits_for_who_writes_but_not_for_ever() -> None:
    stage = Stage().start()
    write(stage, stage.interview.remaining_ms(stage.now_ms) // KEY_MS * KEY_MS + 20_000)
    assert stage.moves[-1] is Move.ASK
    write(stage, 40_000)
    assert stage.moves[-1] is Move.CLOSE
