import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.words import align, count_words, english_syllables, tokenise
from sessions.facts import Word

HINDI = ["\u092e\u0948\u0902\u0928\u0947", "\u0932\u0917\u093e\u092f\u093e"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("Don't stop", ["don't", "stop"]),
        ("I don\u2019t know", ["i", "don't", "know"]),
        ("it is O(n log n)", ["it", "is", "o", "n", "log", "n"]),
        ("for-each snake_case C++", ["for", "each", "snake", "case", "c"]),
        ("3.5 seconds, 9,000 rows", ["3.5", "seconds", "9,000", "rows"]),
        ("'quoted' rock 'n' roll", ["quoted", "rock", "n", "roll"]),
        ("Stra\u00dfe caf\u00e9 cafe\u0301", ["strasse", "caf\u00e9", "cafe\u0301"]),
        # Hindi: vowel signs belong to the word, the danda does not.
        ("\u092e\u0948\u0902\u0928\u0947 \u0932\u0917\u093e\u092f\u093e\u0964", HINDI),
        ("\u00bfQu\u00e9 pas\u00f3?", ["qu\u00e9", "pas\u00f3"]),
        ("\u2026 \u2014 !!", []),
    ],
)
def test_words_of_a_text(text: str, expected: list[str]) -> None:
    assert [token.plain for token in tokenise(text)] == expected
    assert count_words(text) == len(expected)


@settings(deadline=None)  # the machine may be busy
@given(st.text(max_size=200))
def test_tokens_lie_in_the_text_in_order_and_apart(text: str) -> None:
    end = 0
    for token in tokenise(text):
        assert end <= token.start < token.end <= len(text)
        assert not any(letter.isspace() for letter in text[token.start : token.end])
        end = token.end


def words(*texts: str) -> list[Word]:
    return [
        Word(text=text, start_ms=at * 100, end_ms=at * 100 + 90) for at, text in enumerate(texts)
    ]


def aligned(text: str, *texts: str) -> list[int | None]:
    return [word and word.start_ms for word in align(tokenise(text), text, words(*texts))]


def test_each_token_finds_its_recognised_word() -> None:
    assert aligned("Um, I mean it", "Um,", "I", "mean", "it") == [0, 100, 200, 300]


def test_one_recognised_word_may_hold_two_tokens() -> None:
    assert aligned("use for-each now", "use", "for-each", "now") == [0, 100, 100, 200]


def test_a_word_that_is_not_in_the_text_costs_no_other_its_place() -> None:
    assert aligned("a tree is sorted", "a", "three", "is", "sorted") == [0, None, 200, 300]


@settings(deadline=None)  # the machine may be busy
@given(st.text(max_size=80), st.lists(st.text(max_size=8), max_size=10))
def test_alignment_takes_any_words(text: str, texts: list[str]) -> None:
    tokens = tokenise(text)
    assert len(align(tokens, text, words(*texts))) == len(tokens)


COUNTED = (
    "the 1 table 2 database 3 service 2 application 4 because 2 interview 3 people 2 made 1 "
    "worked 1 needed 2 started 2 caches 2 queue 1 idea 3 million 2 every 2 reliability 6 create 2 "
    "value 2 requirements 3 something 2 different 3 being 2 various 3 evaluate 4 actual 3 used 1 "
    "uses 2 issue 2 users 2 codes 1 changes 2 we're 1 didn't 2 simple 2 whole 1 algorithm 4 "
    "client 2 react 2 audio 3 special 2 decision 3 social 2 experience 4 previous 3 language 2 "
    "usually 4 individual 5 nodes 1 messages 3 process 2 manager 3 going 2 goes 1 sql 3 i'd 1 a 1"
).split()


def test_syllables_of_english_words() -> None:
    counted = dict(zip(COUNTED[::2], map(int, COUNTED[1::2]), strict=True))
    right = [word for word, syllables in counted.items() if english_syllables(word) == syllables]
    assert len(right) / len(counted) >= 0.9
    assert abs(sum(map(english_syllables, counted)) / sum(counted.values()) - 1) < 0.03


@settings(deadline=None)  # the machine may be busy
@given(st.text(max_size=40))
def test_every_word_has_a_syllable(text: str) -> None:
    assert all(english_syllables(token.plain) >= 1 for token in tokenise(text))
