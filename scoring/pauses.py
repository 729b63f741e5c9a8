"""The silences inside a spoken answer, and whether they stand where a listener expects one.

A pause at the end of a clause is planning and breath, and is heard as fluent; one inside a clause
is a search for words: De Jong, "Predicting pauses in L1 and L2 speech" (IRAL 54, 2016).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from scoring import lexicon_en as en
from scoring.words import Token, align, tokenise
from sessions.facts import AnswerHeard, Word

PAUSE_MS = 250
"""A shorter silence is part of articulation. The usual threshold: Goldman-Eisler,
"Psycholinguistics" (1968); De Jong & Bosker, "Choosing a threshold for silent pauses" (DiSS 2013).
"""
LONG_PAUSE_MS = 2_000
"""A silence that a listener notices. Our convention, in words a listener would use: two seconds."""

_SENTENCE_MARKS = frozenset(".?!;:\n\u2013\u2014\u2026")
_COMMAS = frozenset(",")
_CLAUSE_OPENERS = en.CLAUSE_OPENERS | frozenset(
    "if when where who how why what since after".split()
)
_SUBJECTS = frozenset("i we he she they i'm we're i'd we'd i've we've they're".split())
_NO_CLAUSE_BEFORE = (
    _CLAUSE_OPENERS
    | en.SO_OPENERS
    | frozenset(
        "do does did am is are was were have has had can could will would shall should may might "
        "must that than as like mean".split()
    )
)
"""A subject after these belongs to a clause that had begun before, or to a question."""


@dataclass(frozen=True, slots=True)
class Pause:
    duration_ms: int
    is_at_boundary: bool
    """Between two clauses or phrases: at a mark, or before a word that opens one."""

    @property
    def is_long(self) -> bool:
        return self.duration_ms >= LONG_PAUSE_MS


def find_pauses(answer: AnswerHeard) -> tuple[Pause, ...]:
    """The silences of PAUSE_MS or more between consecutive words, in order.

    Only of an answer whose words' times are real (Timing.WORD). Where clauses end is told by the
    marks and words of English; in another language `is_at_boundary` says nothing.
    """
    gaps = [
        (after, after.start_ms - before.end_ms)
        for before, after in zip(answer.words, answer.words[1:], strict=False)
        if after.start_ms - before.end_ms >= PAUSE_MS
    ]
    if not gaps:
        return ()
    tokens = tokenise(answer.text)
    place_of = _places(answer, tokens)
    return tuple(
        Pause(duration_ms, _is_boundary(answer.text, tokens, place_of.get(id(after), -1)))
        for after, duration_ms in gaps
    )


def _places(answer: AnswerHeard, tokens: Sequence[Token]) -> dict[int, int]:
    """The first token of each recognised word, by the identity of the word."""
    aligned = align(tokens, answer.text, answer.words)
    places: dict[int, int] = {}
    for place, word in enumerate(aligned):
        if isinstance(word, Word):
            places.setdefault(id(word), place)
    return places


def _is_boundary(text: str, tokens: Sequence[Token], at: int) -> bool:
    """Before the word at `at`, its fillers passed over: "and, um | we" is inside a clause."""
    left, right = at - 1, at
    while left >= 0 and is_sound(tokens[left].plain):
        left -= 1
    while right < len(tokens) and is_sound(tokens[right].plain):
        right += 1
    if left < 0 or right >= len(tokens):
        return False
    between = frozenset(text[tokens[left].end : tokens[right].start])
    if between & _SENTENCE_MARKS:
        return True
    if between & _COMMAS and right - left == 1:  # commas beside "um" set off only that
        return True
    before, after = tokens[left].plain, tokens[right].plain
    if after in _SUBJECTS:
        return before not in _NO_CLAUSE_BEFORE and before != after  # "we ... we tried" restarts
    return after in _CLAUSE_OPENERS and before not in _CLAUSE_OPENERS


@lru_cache(maxsize=4096)
def is_sound(plain: str) -> bool:
    """A filler sound: "um", "er"."""
    return plain[:1] in "aehmu" and any(pattern.fullmatch(plain) for _, pattern in en.SOUNDS)
