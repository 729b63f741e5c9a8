"""The words around a place in a text, to be quoted: a sentence, a clause, or some words."""

from __future__ import annotations

import re

from scoring.words import count_words, tokenise

MAX_WORDS = 25
OPENING_WORDS = 4
"""An "Um, well." is not what an answer begins with."""

_SENTENCE_END = re.compile(r"[.?!\u2026\u0964]+[\"')\]\u201d\u2019]*(?=\s|$)|\n+")
_CLAUSE_END = re.compile(
    r"[.?!\u2026\u0964]+[\"')\]\u201d\u2019]*(?=\s|$)|[,;:](?=\s|$)|\s[-\u2013\u2014]\s|\n+"
)
_OPENERS = "([{\"'\u201c\u2018$#"
_CLOSERS = ")]}\"'\u201d\u2019%+.?!"


def widen(text: str, start: int, end: int) -> tuple[int, int]:
    """The bounds of the quote around `text[start:end]`: its sentence; or if that has more than
    MAX_WORDS words, its clause with as many of the next ones as fit; or if that clause has more
    by itself, the words around, evenly. A match that is longer than that is kept whole. Bounds
    never stand on white space.
    """
    lower, upper = _between(text, start, end, _SENTENCE_END, (0, len(text)))
    if count_words(text[lower:upper]) > MAX_WORDS:
        sentence = (lower, upper)
        lower, upper = _between(text, start, end, _CLAUSE_END, sentence)
        if count_words(text[lower:upper]) > MAX_WORDS:
            lower, upper = _some_words(text, lower, upper, start, end)
        else:
            lower, upper = _some_clauses(text, lower, upper, sentence)
    return _trimmed(text, lower, upper)


def sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    """The bounds of the sentence, or sentences, that `text[start:end]` stands in, however long."""
    while end > start + 1 and not text[end - 1].isalnum():
        end -= 1  # with its full stop it would touch the next sentence
    return _trimmed(text, *_between(text, start, end, _SENTENCE_END, (0, len(text))))


def opening(text: str) -> tuple[int, int]:
    """The bounds of what a text begins with: its first sentence of OPENING_WORDS words or more,
    or its very first one, cut as `widen` cuts. (0, 0) when there is no word in it.
    """
    every = [widen(text, token.start, token.end) for token in tokenise(text)[:MAX_WORDS]]
    long = (bounds for bounds in every if count_words(text[slice(*bounds)]) >= OPENING_WORDS)
    return next(long, every[0] if every else (0, 0))


def _between(
    text: str, start: int, end: int, ends: re.Pattern[str], within: tuple[int, int]
) -> tuple[int, int]:
    lower, upper = within
    for found in ends.finditer(text, *within):
        if found.end() <= start:
            lower = found.end()
        elif found.start() >= end:
            upper = found.end()
            break
    return lower, upper


def _some_clauses(text: str, lower: int, upper: int, sentence: tuple[int, int]) -> tuple[int, int]:
    """The clause with those after and before it in its sentence, while they fit."""
    grows = True
    while grows:
        grows = False
        for low, high in (
            (lower, _between(text, upper, upper + 1, _CLAUSE_END, sentence)[1]),
            (_between(text, max(0, lower - 1), lower, _CLAUSE_END, sentence)[0], upper),
        ):
            is_inside = sentence[0] <= low and high <= sentence[1] and (low, high) != (lower, upper)
            if is_inside and count_words(text[low:high]) <= MAX_WORDS:
                lower, upper, grows = low, high, True
                break
    return lower, upper


def _some_words(text: str, lower: int, upper: int, start: int, end: int) -> tuple[int, int]:
    tokens = [token for token in tokenise(text) if lower <= token.start and token.end <= upper]
    inside = [
        place for place, token in enumerate(tokens) if token.end > start and token.start < end
    ]
    if not inside:
        return start, end
    first, last = inside[0], inside[-1]
    room = MAX_WORDS - (last - first + 1)
    if room > 0:
        before = min(first, max(room // 2, room - (len(tokens) - 1 - last)))
        after = min(len(tokens) - 1 - last, room - before)
        first, last = first - before, last + after
    return min(start, tokens[first].start), max(end, tokens[last].end)


def _trimmed(text: str, lower: int, upper: int) -> tuple[int, int]:
    while lower > 0 and text[lower - 1] in _OPENERS and not text[lower].isspace():
        lower -= 1
    while upper < len(text) and text[upper] in _CLOSERS:
        upper += 1
    while lower < upper and (text[lower].isspace() or text[lower] in ",;:"):
        lower += 1
    while upper > lower and (text[upper - 1].isspace() or text[upper - 1] in ",;:-\u2013\u2014"):
        upper -= 1
    return lower, upper
