"""What a recogniser's results add up to, and which word a character belongs to."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from agent.hearing import Heard, beyond, later_than, spread_words, word_at
from sessions.facts import Timing, Word


def heard(text: str, start_ms: int, end_ms: int, *, timing: Timing = Timing.WORD) -> Heard:
    return Heard(
        text=text,
        words=spread_words(text, start_ms, end_ms),
        timing=timing,
        started_ms=start_ms,
        ended_ms=end_ms,
    )


def test_results_become_one_turn() -> None:
    turn = Heard.joined([heard("I was on call,", 1_000, 2_000), heard("um, alone.", 2_500, 3_000)])
    assert turn.text == "I was on call, um, alone."
    assert [word.text for word in turn.words] == turn.text.split()
    assert (turn.started_ms, turn.ended_ms) == (1_000, 3_000)
    assert turn.timing is Timing.WORD


def test_a_turn_is_timed_no_better_than_its_worst_part() -> None:
    parts = [heard("one", 0, 500), heard("two", 500, 900, timing=Timing.UTTERANCE)]
    assert Heard.joined(parts).timing is Timing.UTTERANCE
    assert Heard.joined(list(reversed(parts))).timing is Timing.UTTERANCE


def test_a_turn_ends_when_its_last_word_does_even_if_that_came_first() -> None:
    assert Heard.joined([heard("late", 0, 5_000), heard("early", 100, 900)]).ended_ms == 5_000


def test_what_is_typed_has_no_words_with_times() -> None:
    typed = Heard.typed("I would use a heap.", now_ms=7)
    assert (typed.words, typed.timing) == ((), Timing.NONE)
    assert (typed.started_ms, typed.ended_ms) == (7, 7)


def test_words_are_spread_by_their_length() -> None:
    words = spread_words("a four letters9x", 1_000, 2_400)
    assert [(word.text, word.start_ms, word.end_ms) for word in words] == [
        ("a", 1_000, 1_100),
        ("four", 1_100, 1_500),
        ("letters9x", 1_500, 2_400),
    ]


@given(some.text(), some.integers(0, 10_000), some.integers(0, 10_000))
def test_spread_words_are_those_of_the_text_in_order_and_without_gaps(
    text: str, start_ms: int, length_ms: int
) -> None:
    words = spread_words(text, start_ms, start_ms + length_ms)
    assert [word.text for word in words] == text.split()
    for first, second in pairwise(words):
        assert first.start_ms <= first.end_ms == second.start_ms
    if words:
        assert (words[0].start_ms, words[-1].end_ms) == (start_ms, start_ms + length_ms)


@pytest.mark.parametrize(
    ("character", "word"),
    [(0, "well,"), (4, "well,"), (6, "um,"), (8, "um,"), (10, "I"), (12, "tried")],
)
def test_a_character_belongs_to_the_word_that_covers_it(character: int, word: str) -> None:
    turn = heard("well, um, I tried", 0, 1_000)
    found = word_at(turn, character)
    assert found is not None
    assert found.text == word


def test_where_the_words_do_not_match_the_text_their_share_decides() -> None:
    words = tuple(
        Word(text=text, start_ms=at, end_ms=at + 100) for at, text in ((0, "ten"), (100, "o'clock"))
    )
    turn = Heard(
        text="10 : 00 o'clock", words=words, timing=Timing.WORD, started_ms=0, ended_ms=200
    )
    assert word_at(turn, 0) == words[0]
    assert word_at(turn, turn.text.index("o'clock")) == words[1]


def test_without_words_there_is_none_at_any_place() -> None:
    assert word_at(Heard.typed("typed", now_ms=0), 2) is None


@given(some.text(min_size=1), some.data())
def test_every_place_of_a_text_with_words_has_one(text: str, data: some.DataObject) -> None:
    turn = heard(text, 0, 1_000)
    character = data.draw(some.integers(0, len(text) - 1))
    found = word_at(turn, character)
    if not turn.words:
        assert found is None
    elif not text[character].isspace():
        assert found is not None
        assert text[character] in found.text


# -- what was heard before -----------------------------------------------------------------------

TIMED = heard("I would use a heap", 1_000, 2_500)


@pytest.mark.parametrize(
    ("until_ms", "text"),
    [
        pytest.param(0, "I would use a heap", id="nothing was"),
        pytest.param(1_000, "I would use a heap", id="up to its beginning"),
        pytest.param(1_040, "I would use a heap", id="not even half of its first word"),
        pytest.param(1_100, "would use a heap", id="half of its first word"),
        pytest.param(1_900, "a heap", id="between two words"),
        pytest.param(2_500, None, id="all of it"),
        pytest.param(9_000, None, id="and more"),
    ],
)
def test_what_was_said_after_a_moment(until_ms: int, text: str | None) -> None:
    left = later_than(TIMED, until_ms)
    assert (left.text if left else None) == text
    if left is not None:
        assert [word.text for word in left.words] == left.text.split()
        assert left.started_ms == left.words[0].start_ms
        assert left.ended_ms == TIMED.ended_ms


def test_the_recognisers_own_writing_is_kept_where_it_can_be() -> None:
    words = spread_words("well then yes", 0, 900)
    marked = Heard(
        text="Well, then: yes.", words=words, timing=Timing.WORD, started_ms=0, ended_ms=900
    )
    left = later_than(marked, 400)
    assert left is not None
    assert left.text == "then: yes."

    merged = Heard(
        text="Wellthen yes.", words=words, timing=Timing.WORD, started_ms=0, ended_ms=900
    )
    left = later_than(merged, 400)
    assert left is not None
    assert left.text == "then yes", "by its words, when its writing has others"


def test_what_has_no_words_with_times_is_either_before_or_after() -> None:
    typed = Heard.typed("I would use a heap", now_ms=1_000)
    assert later_than(typed, 1_000) == typed
    assert later_than(typed, 1_001) is None


@given(some.text(), some.text())
def test_what_follows_known_words_is_the_end_of_the_text(text: str, known: str) -> None:
    whole = heard(text, 0, 1_000, timing=Timing.UTTERANCE)
    left = beyond(whole, known)
    if left is not None and left is not whole:
        assert whole.text.split()[-len(left.words) :] == left.text.split()
        assert whole.words[-len(left.words) :] == left.words


@given(some.text(alphabet="abc ", min_size=1), some.text(alphabet="xyz ", min_size=1))
def test_known_words_are_not_heard_again(known: str, more: str) -> None:
    whole = heard(f"{known} {more}", 0, 1_000, timing=Timing.UTTERANCE)
    left = beyond(whole, known)
    assert (left.text.split() if left else []) == more.split() or not known.split()
