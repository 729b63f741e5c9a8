"""Phrasings found in an answer: stemmed, in order, forgiving fillers and recognisers' errors.

A text becomes units (one per word, contractions taken apart, articles and fillers left out);
a phrasing becomes parts. `PhraseFinder` looks for the parts among the units.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol, cast

import snowballstemmer
from rapidfuzz import fuzz, process

from scoring.fillers import find_fillers
from scoring.lexicon_en import (
    ARTICLES,
    CLAUSE_OPENERS,
    CONTRACTIONS,
    DENIALS,
    FUNCTION_WORDS,
    HARMLESS_NEGATIONS,
    NEGATORS,
    NUMBER_WORDS,
    SUPPOSING,
    Scope,
)
from scoring.words import tokenise

MAX_INTERVENING = 2
"""Words that may stand inside a phrasing; fillers, articles and its own small words are free."""
NEGATION_REACH = 3
"""A negation this many words before a phrasing, in the same clause, undoes it."""
DENIAL_REACH = {Scope.SENTENCE: 60, Scope.CLAUSE: 12, Scope.BEFORE: 12}
"""Words a denial reaches at most: a recogniser may write no marks, and a clause have no end."""
ECHO_WORDS = 6
"""So many words in a row that were asked are the question said back, and no answer."""
NEAR_RATIO = 88
"""Least similarity (0-100) at which two words of NEAR_LETTERS or more letters are taken as one."""
NEAR_LETTERS = 5

_NEGATION = "\u00acnot"  # one stem for every negator, so that "don't", "never", "without" agree
_BRITISH = re.compile(r"is(e|ed|es|er|ers|ing|ation|ations)$")
_SENTENCE_MARKS = re.compile(r"[.?!;:\n\u0964]")
_SENTENCE_ENDS = re.compile(r"[.?!\n\u0964]")
_CLAUSE_MARKS = re.compile(r"[.?!;:,\n\u0964\u2013\u2014()]")


class _Stemmer(Protocol):
    """The library has no types of its own."""

    def stemWord(self, word: str, /) -> str: ...  # noqa: N802 -- the library's name


@dataclass(frozen=True, slots=True)
class Unit:
    """One word as it is compared. `plain` keeps its letters, `stem` what they share."""

    plain: str
    stem: str
    start: int
    end: int
    clause: int
    sentence: int
    is_negator: bool


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrasing ready to be found."""

    parts: tuple[tuple[str, str], ...]
    """(plain, stem) of each part that must be there, in order."""
    spare: int
    """Small words of the phrasing that need not be there, and so may stand between parts."""
    content: tuple[str, ...]
    """Stems of its content words."""
    longest: int
    """Letters of its longest content word."""
    is_negative: bool

    @property
    def weight(self) -> int:
        """Content words, the negation counting as one: "not a copy" says more than "copy"."""
        return len(self.content) + self.is_negative


@dataclass(frozen=True, slots=True)
class Match:
    """`units[i] for i in places` carry the phrase; `start:end` are characters of the text."""

    phrase: Phrase
    places: tuple[int, ...]
    start: int
    end: int


@lru_cache(maxsize=20_000)
def stem(plain: str) -> str:
    """Snowball English (Porter 2), numbers and -ise/-ize spellings made one first."""
    plain = NUMBER_WORDS.get(plain, plain)
    if len(plain) >= 6:
        plain = _BRITISH.sub(r"iz\1", plain)
    # A stemmer keeps the word in itself while at work: one each, so that threads do not meet.
    return cast("_Stemmer", snowballstemmer.stemmer("english")).stemWord(plain)


def split_contraction(plain: str) -> tuple[str, ...]:
    """("do", "not") for "don't"; what is left of "it's", "we'll", "I'd" is the word before."""
    if plain in CONTRACTIONS:
        return CONTRACTIONS[plain]
    if plain.endswith("n't"):
        return (plain[:-3], "not")
    return (plain.partition("'")[0] or plain,)


@lru_cache(maxsize=20_000)
def compile_phrase(phrasing: str) -> Phrase:
    words = [
        word
        for token in tokenise(phrasing)
        for word in split_contraction(token.plain)
        if word not in ARTICLES
    ]
    content = [word for word in words if word not in FUNCTION_WORDS and word not in NEGATORS]
    is_negative = any(word in NEGATORS for word in words)
    # With two content words the small ones may be missing; with fewer, they make the meaning.
    needed = [
        index
        for index, word in enumerate(words)
        if len(content) < 2 or word not in FUNCTION_WORDS or word in NEGATORS
    ]
    spare = needed[-1] - needed[0] + 1 - len(needed) if needed else 0
    return Phrase(
        parts=tuple((words[index], _stem_of(words[index])) for index in needed),
        spare=spare,
        content=tuple(dict.fromkeys(stem(word) for word in content)),
        longest=max((len(word) for word in content), default=0),
        is_negative=is_negative,
    )


def _stem_of(plain: str) -> str:
    return _NEGATION if plain in NEGATORS else stem(plain)


def read_units(text: str, phrases: Sequence[Phrase] = ()) -> tuple[Unit, ...]:
    """The units of `text`; words are joined or parted where a phrasing writes them otherwise."""
    fillers = find_fillers(text)
    units: list[Unit] = []
    clause = sentence = 0
    previous_end = 0
    filler_at = 0
    passed_filler = False
    for token in tokenise(text):
        while filler_at < len(fillers) and fillers[filler_at].end <= token.start:
            filler_at += 1
        if filler_at < len(fillers) and fillers[filler_at].start <= token.start:
            passed_filler = True
            continue
        # The commas around a filler are its own: "not, um, a copy" is one clause.
        marks = _SENTENCE_MARKS if passed_filler else _CLAUSE_MARKS
        if marks.search(text, previous_end, token.start) or _opens_clause(token.plain, units):
            clause += 1
        if _SENTENCE_ENDS.search(text, previous_end, token.start):
            sentence += 1
        previous_end, passed_filler = token.end, False
        for word in split_contraction(token.plain):
            if word not in ARTICLES:
                is_negator = word in NEGATORS
                units.append(
                    Unit(
                        word,
                        _stem_of(word),
                        token.start,
                        token.end,
                        clause,
                        sentence,
                        is_negator,
                    )
                )
    return tuple(_respelled(units, phrases))


def _opens_clause(plain: str, before: Sequence[Unit]) -> bool:
    return plain in CLAUSE_OPENERS and not (before and before[-1].is_negator)


def _respelled(units: Sequence[Unit], phrases: Sequence[Phrase]) -> Iterator[Unit]:
    """ "back pressure" as "backpressure" and "hashmap" as "hash map", as the phrasings have it."""
    solids = {stem for phrase in phrases for plain, stem in phrase.parts if len(plain) >= 6}
    pairs = {
        stem(left + right): (left, right)
        for phrase in phrases
        for (left, _), (right, _) in zip(phrase.parts, phrase.parts[1:], strict=False)
        if len(left) + len(right) >= 6
    }
    at = 0
    while at < len(units):
        unit = units[at]
        following = units[at + 1] if at + 1 < len(units) else None
        if following and following.clause == unit.clause and len(following.plain) >= 2:
            joined = stem(unit.plain + following.plain)
            if joined in solids and unit.stem not in solids:
                plain = unit.plain + following.plain
                yield replace(unit, plain=plain, stem=joined, end=following.end, is_negator=False)
                at += 2
                continue
        if unit.stem in pairs and unit.stem not in solids:
            for part in pairs[unit.stem]:
                yield replace(unit, plain=part, stem=stem(part), is_negator=False)
        else:
            yield unit
        at += 1


@dataclass(frozen=True, slots=True)
class DeniedRange:
    """What begins in `units[first:end]` is denied by `units[denial_first:denial_end]`."""

    first: int
    end: int
    denial_first: int
    denial_end: int
    is_for_all: bool
    """Whether it denies a negative phrasing too."""


def find_denied(units: Sequence[Unit]) -> tuple[DeniedRange, ...]:
    text, starts = "", list[int]()
    for place, unit in enumerate(units):
        if place == 0 or units[place - 1].clause != unit.clause:
            text += "| "
        starts.append(len(text))
        text += unit.plain + " "
    denied: list[DeniedRange] = []
    for denial in DENIALS:
        for found in denial.pattern.finditer(text):
            # The pattern may begin on the mark of a clause, or end on the space after a word.
            first = bisect_left(starts, found.start())
            end = bisect_left(starts, found.end())
            if denial.scope is Scope.BEFORE:
                lower, upper = _before(units, first), first
            else:
                lower, upper = end, _after(units, end, denial.scope, denial.until)
            if lower < upper:
                is_for_all = denial.scope is Scope.SENTENCE
                denied.append(DeniedRange(lower, upper, first, end, is_for_all))
    return tuple(denied)


def _before(units: Sequence[Unit], first: int) -> int:
    lower = first
    while lower > 0 and units[lower - 1].clause == units[first].clause:
        lower -= 1
    if any(unit.plain in SUPPOSING for unit in units[lower:first]):
        return first
    return max(lower, first - DENIAL_REACH[Scope.BEFORE])


def _after(units: Sequence[Unit], end: int, scope: Scope, until: frozenset[str]) -> int:
    last = units[end - 1]
    upper = end
    for unit in units[end : end + DENIAL_REACH[scope]]:
        is_within = (
            unit.sentence == last.sentence
            if scope is Scope.SENTENCE
            else unit.clause == last.clause
        )
        if not is_within or (unit.plain in until and upper > end):
            break
        upper += 1
    return upper


def word_runs(text: str, phrases: Sequence[Phrase]) -> frozenset[tuple[str, ...]]:
    """Every ECHO_WORDS stems of `text` in a row; all of a shorter text."""
    stems = [unit.stem for unit in read_units(text, phrases)]
    length = min(ECHO_WORDS, len(stems))
    return frozenset(
        tuple(stems[first : first + length]) for first in range(len(stems) - length + 1) if length
    )


def _echoed(units: Sequence[Unit], asked: frozenset[tuple[str, ...]]) -> frozenset[int]:
    stems = tuple(unit.stem for unit in units)
    return frozenset(
        place
        for length in {len(run) for run in asked}
        for first in range(len(stems) - length + 1)
        if stems[first : first + length] in asked
        for place in range(first, first + length)
    )


class PhraseFinder:
    """Finds phrases in one text. Made once per answer, as it remembers what sounds alike.

    What lies wholly within one of the `asked` runs of words is taken as not said.
    """

    def __init__(
        self,
        text: str,
        phrases: Sequence[Phrase] = (),
        asked: frozenset[tuple[str, ...]] = frozenset(),
    ) -> None:
        self.units = read_units(text, phrases)
        self._denied = find_denied(self.units)
        self._echoed = _echoed(self.units, asked)
        self._by_stem: dict[str, list[int]] = {}
        self._by_plain: dict[str, list[int]] = {}
        for place, unit in enumerate(self.units):
            self._by_stem.setdefault(unit.stem, []).append(place)
            if len(unit.plain) >= NEAR_LETTERS and not unit.is_negator:
                self._by_plain.setdefault(unit.plain, []).append(place)
        self._known_plains = list(self._by_plain)
        self._places: dict[tuple[str, str], list[int]] = {}

    def find(self, phrase: Phrase) -> Match | None:
        """The first place where all parts stand in order and are not negated."""
        if not phrase.parts:
            return None
        steps = [self._places_of(part) for part in phrase.parts]
        budget = (MAX_INTERVENING if phrase.weight else 0) + phrase.spare
        for first in steps[0]:
            places = _follow(steps, (first,), budget)
            if places and self._is_claimed(phrase, places):
                return self._match(phrase, places)
        return None

    def find_loosely(self, phrase: Phrase, *, share: float, window: int) -> Match | None:
        """`share` of the content words, two at least, in any order within `window` units."""
        needed = max(2, -int(-len(phrase.content) * share // 1))
        if len(phrase.content) < needed:
            return None
        wanted = {
            place: content
            for plain, content in phrase.parts
            if content in phrase.content
            for place in self._places_of((plain, content))
            if self._is_claimed(phrase, (place,))
        }
        order = sorted(wanted)
        for index, first in enumerate(order):
            inside = order[index : bisect_left(order, first + window)]
            if len({wanted[place] for place in inside}) < needed:
                continue
            if phrase.is_negative and not any(
                unit.is_negator for unit in self.units[max(0, first - 2) : inside[-1]]
            ):
                continue
            return self._match(phrase, tuple(inside))
        return None

    def _match(self, phrase: Phrase, places: tuple[int, ...]) -> Match:
        return Match(phrase, places, self.units[places[0]].start, self.units[places[-1]].end)

    def _places_of(self, part: tuple[str, str]) -> list[int]:
        if part not in self._places:
            plain, stemmed = part
            places = set(self._by_stem.get(stemmed, ()))
            if len(plain) >= NEAR_LETTERS:
                for near, _, _ in process.extract(
                    plain,
                    self._known_plains,
                    scorer=fuzz.ratio,
                    score_cutoff=NEAR_RATIO,
                    limit=None,
                ):
                    if not _differs_by_prefix(plain, near):
                        places.update(self._by_plain[near])
            self._places[part] = sorted(places)
        return self._places[part]

    def _is_claimed(self, phrase: Phrase, places: tuple[int, ...]) -> bool:
        return not (
            self._echoed.issuperset(places)
            or self._is_negated(phrase, places)
            or any(self._is_denied_by(denied, phrase, places) for denied in self._denied)
        )

    def _is_denied_by(self, denied: DeniedRange, phrase: Phrase, places: tuple[int, ...]) -> bool:
        # A phrasing that holds the denying words themselves ("avoid a copy") is meant so.
        return (
            denied.first <= places[0] < denied.end
            and (denied.is_for_all or not phrase.is_negative)
            and not any(denied.denial_first <= place < denied.denial_end for place in places)
        )

    def _is_negated(self, phrase: Phrase, places: tuple[int, ...]) -> bool:
        if phrase.is_negative:
            return False
        first, last = places[0], places[-1]
        clause = self.units[first].clause
        return any(
            self.units[place].is_negator
            and self.units[place].clause == clause
            and not self._is_harmless(place)
            for place in range(max(0, first - NEGATION_REACH), last)
        )

    def _is_harmless(self, place: int) -> bool:
        """ "not only", "no doubt": a negation that denies nothing."""
        following = self.units[place + 1].plain if place + 1 < len(self.units) else ""
        return following in HARMLESS_NEGATIONS


def _follow(
    steps: Sequence[Sequence[int]], so_far: tuple[int, ...], budget: int
) -> tuple[int, ...]:
    """Places for the remaining steps, at most `budget` units between them all; () if none."""
    if len(so_far) == len(steps):
        return so_far
    last, step = so_far[-1], steps[len(so_far)]
    for place in step[bisect_right(step, last) : bisect_right(step, last + 1 + budget)]:
        found = _follow(steps, (*so_far, place), budget - (place - last - 1))
        if found:
            return found
    return ()


def _differs_by_prefix(one: str, other: str) -> bool:
    """ "immutable" and "mutable", "asynchronous" and "synchronous": alike, and opposites."""
    return one != other and (one.endswith(other) or other.endswith(one))
