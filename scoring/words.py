"""Words of a text with their places in it. Every other module of scoring counts these."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sessions.facts import Word

# Combining marks are no `\w`, yet part of a word: accents written apart, and the vowel signs of
# Arabic, Hebrew, Thai and the Indic scripts (without the Indic full stops U+0964 and U+0965).
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u0900-\u0963\u0966-\u0dff\u0e31-\u0e4e\u200c\u200d"
)
_LETTERS = rf"(?:[^\W_][{_MARKS}]*)+"
_WORD = re.compile(rf"\d+(?:[.,]\d+)+|{_LETTERS}(?:['\u2019\u02bc]{_LETTERS})*")
_APOSTROPHES = str.maketrans("\u2019\u02bc", "''")


@dataclass(frozen=True, slots=True)
class Token:
    """`text[start:end]`; `plain` is it in lower case with a straight apostrophe."""

    plain: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """`text[start:end]` is what `name` says it is, in its dictionary form."""

    name: str
    start: int
    end: int


@lru_cache(maxsize=8)  # one turn is read for several things in a row
def tokenise(text: str) -> tuple[Token, ...]:
    """The words of `text` in order. Apostrophes stay inside a word ("don't"), a number is one
    word ("3.5"), and symbols part words: `O(n)` gives "o" and "n", `for-each` "for" and "each".
    """
    return tuple(
        Token(found[0].translate(_APOSTROPHES).casefold(), *found.span())
        for found in _WORD.finditer(text)
    )


def count_words(text: str) -> int:
    return sum(1 for _ in _WORD.finditer(text))


def align(tokens: Sequence[Token], text: str, words: Sequence[Word]) -> list[Word | None]:
    """The recogniser's word behind each token; None where its words do not fit the text.

    A recogniser's word may hold more than one token ("for-each") and its punctuation.
    """
    aligned: list[Word | None] = [None] * len(tokens)
    lowered = text.casefold()
    if len(lowered) != len(text):  # case folding moved the places: without it, then
        lowered = text
    at = 0
    for start, end, word in _places(lowered, words):
        while at < len(tokens) and tokens[at].end <= start:
            at += 1
        while at < len(tokens) and tokens[at].start < end:
            aligned[at] = word
            at += 1
    return aligned


def _places(text: str, words: Sequence[Word]) -> Iterator[tuple[int, int, Word]]:
    cursor = 0
    for word in words:
        needle = word.text.strip().casefold()
        # Looked for nearby only: a word that is missing must not drag the rest to the end.
        start = text.find(needle, cursor, cursor + len(needle) + 40) if needle else -1
        if start >= 0:
            cursor = start + len(needle)
            yield start, cursor, word


_VOWELS = re.compile(r"[aeiouy]+")
_APART = re.compile(
    r"(?<![tcsxgl])io|(?<![tc])ia|crea|idea|area|^rea[cl]|[dng]eo|[aeiouy]ing|[cl]ient|sci|quie|"
    r"rien|[tsdl]ua|[lr]uen|dn't|thm|ism"
)
"""Vowels that are two syllables though written together, and syllables without a vowel."""
_SILENT = re.compile(
    r"[aeiou][^aeiou](?:ement|ely|eful|eless)|^some.|"
    r"(?:[^aeioul]e|[aeiou]le|[^aeioutd]ed|(?<!ch|sh)(?<=[^aeiousxzcg])es)(?:'.*)?$"
)
_UNLIKE = {"every": 2, "everything": 3, "maybe": 2, "people": 2, "people's": 2, "the": 1}


@lru_cache(maxsize=4096)
def english_syllables(word: str) -> int:
    """How many syllables an English word has by its spelling: a good guess, right for nine words
    in ten. A digit counts as one; a word without a vowel is spelled out ("sql" has three).
    """
    if word in _UNLIKE:
        return _UNLIKE[word]
    digits = sum(letter.isdigit() for letter in word)
    if digits:
        return digits
    groups = len(_VOWELS.findall(word))
    if not groups:
        return len(word)
    return max(1, groups + len(_APART.findall(word)) - len(_SILENT.findall(word)))
