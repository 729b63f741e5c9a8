"""What the candidate's voice does to the interviewer's, told by times alone."""

from __future__ import annotations

import pytest

from agent.barge_in import (
    FALSE_HOLDS,
    HOLD_AFTER_MS,
    LONGEST_HOLD_MS,
    RESUME_AFTER_MS,
    Barge,
    BargeIn,
)

DETECTION_MS = 100
"""What a voice lasts before the detector says so; with the hold it must stay under 200 ms."""


@pytest.fixture
def speaking() -> BargeIn:
    barge_in = BargeIn()
    assert barge_in.utterance_began(0) is None
    return barge_in


def hold(barge_in: BargeIn, at_ms: int) -> None:
    barge_in.voice_began(at_ms)
    assert barge_in.due_ms == at_ms + HOLD_AFTER_MS
    assert barge_in.due(at_ms + HOLD_AFTER_MS) is Barge.HOLD


def test_a_voice_holds_the_interviewer_within_200_ms(speaking: BargeIn) -> None:
    speaking.voice_began(1_000)

    assert speaking.due_ms is not None
    assert DETECTION_MS + speaking.due_ms - 1_000 <= 200
    assert speaking.due(speaking.due_ms) is Barge.HOLD


def test_a_click_does_nothing(speaking: BargeIn) -> None:
    speaking.voice_began(1_000)
    speaking.voice_ended(1_000 + HOLD_AFTER_MS - 10)

    assert speaking.due_ms is None


def test_words_interrupt(speaking: BargeIn) -> None:
    hold(speaking, 1_000)

    assert speaking.heard(is_answer=True) is Barge.INTERRUPT
    assert speaking.due_ms is None


def test_words_without_a_detected_voice_interrupt_too(speaking: BargeIn) -> None:
    assert speaking.heard(is_answer=True) is Barge.INTERRUPT


def test_a_cough_is_resumed_after_a_silence(speaking: BargeIn) -> None:
    hold(speaking, 1_000)
    speaking.voice_ended(1_400)

    assert speaking.due_ms == 1_400 + RESUME_AFTER_MS
    assert speaking.due(1_400 + RESUME_AFTER_MS) is Barge.RESUME


def test_a_backchannel_is_resumed_as_soon_as_it_is_known_for_one(speaking: BargeIn) -> None:
    hold(speaking, 1_000)
    speaking.voice_ended(1_300)

    assert speaking.heard(is_answer=False) is Barge.RESUME
    assert speaking.due_ms is None


def test_a_backchannel_that_goes_on_is_waited_for(speaking: BargeIn) -> None:
    hold(speaking, 1_000)

    assert speaking.heard(is_answer=False) is None, "there is more to come"
    speaking.voice_ended(1_600)
    assert speaking.due(speaking.due_ms or 0) is Barge.RESUME


def test_a_voice_that_starts_again_goes_on_holding(speaking: BargeIn) -> None:
    hold(speaking, 1_000)
    speaking.voice_ended(1_300)
    speaking.voice_began(1_600)

    assert speaking.due_ms == 1_600 + LONGEST_HOLD_MS


def test_noise_without_words_does_not_hold_for_ever(speaking: BargeIn) -> None:
    hold(speaking, 1_000)

    assert speaking.due(1_000 + LONGEST_HOLD_MS) is Barge.RESUME
    speaking.voice_ended(20_000)
    speaking.voice_began(21_000)
    assert speaking.due_ms is None, "for the rest of this utterance only words count"
    assert speaking.heard(is_answer=True) is Barge.INTERRUPT


def test_an_echo_does_not_make_it_stutter(speaking: BargeIn) -> None:
    at_ms = 1_000
    for _ in range(FALSE_HOLDS):
        hold(speaking, at_ms)
        speaking.voice_ended(at_ms + 300)
        assert speaking.due(at_ms + 300 + RESUME_AFTER_MS) is Barge.RESUME
        at_ms += 5_000
    speaking.voice_began(at_ms)

    assert speaking.due_ms is None
    speaking.utterance_ended()
    assert speaking.utterance_began(at_ms + 1_000) is Barge.HOLD, "each utterance is judged anew"


def test_who_is_still_speaking_is_not_spoken_over() -> None:
    barge_in = BargeIn()
    barge_in.voice_began(1_000)

    assert barge_in.due_ms is None, "nobody else speaks"
    assert barge_in.utterance_began(1_500) is Barge.HOLD


def test_an_utterance_that_ends_held_is_let_go(speaking: BargeIn) -> None:
    hold(speaking, 1_000)

    assert speaking.utterance_ended() is Barge.RESUME
    assert speaking.due_ms is None


def test_words_while_nobody_speaks_are_an_answer_like_any(speaking: BargeIn) -> None:
    speaking.utterance_ended()

    assert speaking.heard(is_answer=True) is None
    speaking.voice_began(5_000)
    assert speaking.due_ms is None
