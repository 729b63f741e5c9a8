import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.fillers import find_fillers
from sessions.facts import Word
from tests.scoring.filler_sentences import SENTENCES

LABELLED = SENTENCES.strip().splitlines()


def unmark(line: str) -> tuple[str, set[tuple[int, int]]]:
    """The text without its brackets, and the spans they held."""
    text, spans = "", set[tuple[int, int]]()
    for part in re.split(r"(\[[^\]]*\])", line):
        if part.startswith("["):
            spans.add((len(text), len(text) + len(part) - 2))
            part = part[1:-1]
        text += part
    return text, spans


def test_the_labelled_sentences() -> None:
    hits = extra = missed = 0
    mistakes: list[str] = []
    for line in LABELLED:
        text, expected = unmark(line)
        found = {(span.start, span.end) for span in find_fillers(text)}
        hits += len(found & expected)
        extra += len(found - expected)
        missed += len(expected - found)
        if found != expected:
            mistakes.append(f"{line} -> {sorted(text[start:end] for start, end in found)}")
    precision, recall = hits / (hits + extra), hits / (hits + missed)
    print(f"{len(LABELLED)} sentences: precision {precision:.3f}, recall {recall:.3f}", *mistakes)
    assert len(LABELLED) >= 120
    assert sum("[" not in line for line in LABELLED) >= 60
    assert min(precision, recall) >= 0.95, mistakes


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
        ("we split it so we scale", {3: 350, 4: 350}, ["so"]),
        ("we split it so we scale", {3: 350}, []),
    ],
)
def test_pauses_set_a_word_off(text: str, pauses_ms: dict[int, int], expected: list[str]) -> None:
    found = find_fillers(text, words=spoken(text, pauses_ms))
    assert [span.filler for span in found] == expected


@pytest.mark.parametrize("language", ["hi", "es", "es-MX", "xx"])
def test_a_language_without_a_lexicon_has_none_found(language: str) -> None:
    assert find_fillers("um, so, you know", language=language) == ()


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
