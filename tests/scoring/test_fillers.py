import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.fillers import LEXICONS, counts_fillers, find_fillers
from sessions.facts import Word
from tests.scoring.labelled_fillers import compare, held_out, read_line, tuned

HELD_OUT_PRECISION, HELD_OUT_RECALL = 0.90, 0.90
"""What the rules reach on sentences they were not tuned on, rounded down to 0.05."""


def test_the_labelled_sentences_are_of_every_kind() -> None:
    halves = tuned(), held_out()
    for half in halves:
        assert len(half) >= 200
        assert sum(not sentence.fillers for sentence in half) >= 100
        assert sum(bool(sentence.words) for sentence in half) >= 20
        assert sum("." in sentence.text or "," in sentence.text for sentence in half) >= 40
    texts = [sentence.line for half in halves for sentence in half]
    assert len(set(texts)) == len(texts)


def test_fillers_in_sentences_that_were_held_out() -> None:
    half = compare(held_out())
    precision, recall = half.overall.precision, half.overall.recall
    assert precision is not None and recall is not None
    assert precision >= HELD_OUT_PRECISION
    assert recall >= HELD_OUT_RECALL


def test_fillers_in_the_sentences_the_rules_were_tuned_on() -> None:
    half = compare(tuned())
    precision, recall = half.overall.precision, half.overall.recall
    assert precision is not None and recall is not None
    assert min(precision, recall) >= 0.95, half.mistakes


def test_labels_and_pauses_are_read() -> None:
    sentence = read_line("it was |[like] |a [um] mess")
    assert sentence.text == "it was like a um mess"
    assert {sentence.text[start:end] for start, end in sentence.fillers} == {"like", "um"}
    gaps = [
        after.start_ms - before.end_ms
        for before, after in zip(sentence.words, sentence.words[1:], strict=False)
    ]
    assert gaps == [40, 450, 450, 40, 40]
    assert read_line("no pause is marked").words == ()


def test_a_filler_is_named_by_its_dictionary_form() -> None:
    text = "Ummm, OK, we had a queue or something like that, You know?"
    assert [span.filler for span in find_fillers(text)] == [
        "um",
        "okay",
        "or something like that",
        "you know",
    ]


def spoken(text: str, pauses_ms: dict[int, int]) -> list[Word]:
    """Words of 200 ms, 50 ms apart but for the pause given before a word."""
    at, words = 0, list[Word]()
    for place, word in enumerate(text.split()):
        at += pauses_ms.get(place, 50)
        words.append(Word(text=word, start_ms=at, end_ms=at + 200))
        at += 200
    return words


@pytest.mark.parametrize(
    ("text", "pauses_ms", "expected"),
    [
        ("it was like a mess", {}, []),
        ("it was like a mess", {2: 300, 3: 300}, ["like"]),
        ("then you know the disk was full", {}, []),
        ("then you know the disk was full", {3: 400}, ["you know"]),
        ("the result is right we return it", {}, []),
        ("we split it so we scale", {3: 350, 4: 350}, []),
        ("the plan was so the plan was to wait", {3: 350, 4: 350}, ["so"]),
        ("the demo went well and they signed", {3: 350, 4: 350}, []),
        ("it was well I would call it a draft", {2: 350, 3: 350}, ["well"]),
        ("you turn right after the second one", {2: 350, 3: 350}, []),
        ("I would actually write a test", {2: 350, 3: 350}, []),
        ("he actually he wrote most of it", {1: 350, 2: 350}, ["actually"]),
        ("we split it so we scale", {3: 350}, []),
    ],
)
def test_pauses_set_a_word_off(text: str, pauses_ms: dict[int, int], expected: list[str]) -> None:
    found = find_fillers(text, words=spoken(text, pauses_ms))
    assert [span.filler for span in found] == expected


@pytest.mark.parametrize("language", ["hi", "es", "es-MX", "xx"])
def test_a_language_without_a_lexicon_has_none_found(language: str) -> None:
    assert find_fillers("um, so, you know", language=language) == ()


def test_a_language_is_found_by_its_code() -> None:
    assert list(LEXICONS) == ["en"]
    assert counts_fillers("en") and counts_fillers("EN-gb")
    assert not counts_fillers("de") and not counts_fillers("")


def test_a_regional_english_is_english() -> None:
    assert len(find_fillers("um yes", language="en-IN")) == 1


PIECES = st.sampled_from(
    "um uh like so well right okay ok you know i mean kind of sort or something and stuff , . ? - "
    "actually basically a the is er 5 mm uh-huh n't don't \u2014 \n".split(" ")
)


@settings(deadline=None)  # the machine may be busy
@given(st.one_of(st.text(max_size=120), st.lists(PIECES, max_size=30).map(" ".join)))
def test_spans_lie_in_the_text_in_order_and_apart(text: str) -> None:
    end = 0
    for span in find_fillers(text):
        assert end <= span.start < span.end <= len(text)
        end = span.end
