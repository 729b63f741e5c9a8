"""How much of an utterance was heard when its playback stopped somewhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from agent.utterance import Utterance
from sessions.facts import Move
from sessions.interview import Say


def spoken(*sentences: tuple[str, float]) -> Utterance:
    """An utterance of whole sentences with the length of their audio in ms."""
    utterance = Utterance(1, Say(Move.ASK), 0)
    for text, audio_ms in sentences:
        utterance.begin_sentence(text)
        if audio_ms:
            utterance.extend_audio(audio_ms)
        utterance.end_sentence()
    return utterance


TWO = (("One two three four.", 1_900), ("Five six.", 900))


@pytest.mark.parametrize(
    ("played_ms", "heard"),
    [
        (0, ""),
        (100, ""),  # in the middle of the first word
        (400, "One"),
        (890, "One two"),
        (1_890, "One two three"),
        (1_899.5, "One two three four."),  # clients count in whole ms
        (1_900, "One two three four."),
        (2_000, "One two three four."),
        (2_500, "One two three four. Five"),
        (2_800, "One two three four. Five six."),
        (9_999, "One two three four. Five six."),
    ],
)
def test_what_is_heard_is_cut_at_a_word(played_ms: float, heard: str) -> None:
    assert spoken(*TWO).heard(played_ms) == heard


def test_the_text_and_the_audio_grow_with_the_sentences() -> None:
    utterance = spoken(*TWO)
    assert utterance.text == "One two three four. Five six."
    assert utterance.audio_ms == 2_800


def test_a_sentence_that_stayed_in_writing_counts_with_the_one_before_it() -> None:
    utterance = spoken(("Said aloud.", 1_000), ("Only written.", 0), ("Aloud again.", 1_000))
    assert utterance.heard(998) == "Said"
    assert utterance.heard(1_000) == "Said aloud. Only written."
    assert utterance.heard(2_000) == "Said aloud. Only written. Aloud again."


def test_all_in_writing_is_all_there() -> None:
    assert spoken(("One.", 0), ("Two.", 0)).heard(0) == "One. Two."


def test_a_sentence_whose_audio_has_not_come_was_not_heard() -> None:
    utterance = spoken(("Said aloud.", 1_000))
    utterance.begin_sentence("Not made yet.")
    assert utterance.heard(1_000) == "Said aloud."


def test_a_sentence_whose_audio_is_still_coming_was_heard_in_part() -> None:
    utterance = spoken()
    sentence = "This sentence takes far longer to say than the second of it that was made."
    utterance.begin_sentence(sentence)
    utterance.extend_audio(1_000)
    heard = utterance.heard(1_000)
    assert sentence.startswith(heard)
    assert 0 < len(heard) < len(sentence) / 2


@given(
    some.lists(some.tuples(some.text(min_size=1), some.floats(0, 10_000)), min_size=1, max_size=4),
    some.lists(some.floats(0, 50_000), min_size=2, max_size=5),
)
def test_what_is_heard_only_grows_and_begins_the_text(
    sentences: list[tuple[str, float]], positions: list[float]
) -> None:
    utterance = spoken(*sentences)
    lengths = [len(utterance.heard(played_ms)) for played_ms in sorted(positions)]
    assert lengths == sorted(lengths)
    assert utterance.heard(utterance.audio_ms) == " ".join(text for text, _ in sentences if text)
