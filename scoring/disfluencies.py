"""Words said twice, and corrections that are announced. English only.

Counted as in Bortfeld et al., "Disfluency rates in conversation" (Language and Speech 44, 2001):
a repetition each time a word or phrase is said again at once, fillers between them passed over.
Of self-repairs (Levelt, "Monitoring and self-repair in speech", Cognition 14, 1983) only those
with an editing phrase are found: "we used Redis, I mean Memcached", "no wait", "or rather".
"""

from __future__ import annotations

from collections.abc import Sequence

from scoring import lexicon_en as en
from scoring.pauses import is_sound
from scoring.words import Phrase, Token, tokenise

MAX_REPEATED = 4
"""Words of the longest phrase that is looked for twice in a row."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MEANT_TWICE = (
    _words(
        "very really much many so no yes yeah yep okay ok bye ha long far way big tiny super too "
        "more never again had that is do her bla blah dot hello right well like hear tut chop"
    )
    | en.NUMBER_WORDS.keys()
)
"""Said twice for weight, or by grammar: "very very", "had had", "what it is is"."""

_EDITS: tuple[tuple[str, ...], ...] = tuple(
    tuple(phrase.split())
    for phrase in (
        "no wait",
        "wait no",
        "no sorry",
        "sorry no",
        "actually no",
        "no actually",
        "or rather",
        "scratch that",
        "strike that",
        "let me rephrase",
        "let me correct",
        "i meant",
        "what i meant",
        "i take that back",
        "let me take that back",
        "correction",
        "sorry the",
        "sorry i mean",
        "sorry not",
    )
)
_EDITS_BY_FIRST: dict[str, list[tuple[str, ...]]] = {}
for _phrase in _EDITS:
    _EDITS_BY_FIRST.setdefault(_phrase[0], []).append(_phrase)
_NOT_EDIT_AFTER: dict[str, frozenset[str]] = {
    "sorry": _words("say said says am i'm was we're feel so very really felt be been"),
    "i": _words("what that which because"),
    "correction": _words("a the error auto of each bug every one this that with no"),
    "or": frozenset(),
}
_NOT_EDIT_BEFORE: dict[str, frozenset[str]] = {
    "correction": _words("of code codes is was to for in factor and"),
    "or": _words("than"),
    "i": _words("to by that it every what"),
}
_SUBJECTS = _words("i we you he she it they")
_CLASSES: tuple[frozenset[str], ...] = (
    _SUBJECTS,
    _words("my your his her its our their the a an this that these those"),
    _words("in on at to from by with for of after before into over under"),
    _words("monday tuesday wednesday thursday friday saturday sunday"),
    _words("left right up down top bottom first second last next upper lower"),
    frozenset(en.NUMBER_WORDS),
    _words("is are was were has have had do does did can could will would"),
)
"""One of a class said for another of it: "he, I mean she"; "on the left, I mean on the right"."""
_NO_OBJECT = (
    en.FUNCTION_WORDS
    | en.LIKE_STARTERS
    | _words("most obviously honestly usually often sometimes maybe come look yes yeah who nobody")
)
"""What follows an "I mean" that only goes on talking."""
_NEAR = 5
"""Words before an "I mean" among which the one it replaces is looked for."""


class _Said:
    """The words of a text without its filler sounds, and what is written between them."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.tokens: list[Token] = [token for token in tokenise(text) if not is_sound(token.plain)]
        self.plain = [token.plain for token in self.tokens]

    def word(self, at: int) -> str:
        return self.plain[at] if 0 <= at < len(self.plain) else ""

    def gap(self, at: int) -> str:
        return self._text[self.tokens[at - 1].end : self.tokens[at].start]

    def phrase(self, name: str, at: int, length: int) -> Phrase:
        return Phrase(name, self.tokens[at].start, self.tokens[at + length - 1].end)

    def is_ended(self, at: int) -> bool:
        """A sentence ends before the word at `at`."""
        return at >= len(self.tokens) or any(mark in ".?!;" for mark in self.gap(at))


def find_repetitions(text: str) -> tuple[Phrase, ...]:
    """What was said again, in order, apart; "I I I" holds two. "Th- the" counts as well."""
    said = _Said(text)
    found: list[Phrase] = []
    at = 1
    while at < len(said.plain):
        length = _repeated(said, at)
        if length:
            name = " ".join(said.plain[at : at + length])
            found.append(said.phrase(name, at, length))
        at += length or 1
    return tuple(found)


def _repeated(said: _Said, at: int) -> int:
    """How many words from `at` on are said again; 0 where none are."""
    for length in range(min(MAX_REPEATED, at, len(said.plain) - at), 1, -1):
        if said.plain[at - length : at] == said.plain[at : at + length] and not _is_ended_within(
            said, at - length + 1, at
        ):
            return 0 if _goes_on_and_on(said, at, length) else length
    before, word = said.word(at - 1), said.word(at)
    gap = said.gap(at)
    if gap.startswith("-") and gap != "-" and before != word and word.startswith(before):
        return 1
    if before != word or word in _MEANT_TWICE or word.isdigit() or "-" in gap.strip():
        return 0
    return 0 if said.is_ended(at) or _spells(said, at) else 1


def _goes_on_and_on(said: _Said, at: int, length: int) -> bool:
    """ "Again and again and ...", or one word said over and over."""
    is_linked = length == 2 and said.word(at + 1) in _words("and by or after to")
    return said.word(at) == said.word(at + 1) or (
        is_linked and said.word(at) not in en.FUNCTION_WORDS - _MEANT_TWICE
    )


def _is_ended_within(said: _Said, start: int, at: int) -> bool:
    return any(said.is_ended(place) for place in range(start, at + 1))


def _spells(said: _Said, at: int) -> bool:
    """Letters one by one, "a a b", and "I" aside."""
    word = said.word(at)
    if len(word) > 1 or word == "i":
        return False
    after, before = said.word(at + 1), said.word(at - 2)
    return word != "a" or len(after) == 1 or len(before) == 1


def find_repairs(text: str) -> tuple[Phrase, ...]:
    """The editing phrases that announce a correction, in order."""
    said = _Said(text)
    found: list[Phrase] = []
    at = 1  # what begins the answer corrects nothing
    while at < len(said.plain):
        length = _edit(said, at)
        if length:
            name = " ".join(said.plain[at : at + length])
            found.append(said.phrase(name, at, length))
        at += length or 1
    return tuple(found)


def _edit(said: _Said, at: int) -> int:
    word = said.word(at)
    if word == "i" and said.word(at + 1) == "mean":
        return 2 if _corrects(said, at) else 0
    before = said.word(at - 1)
    for edit in _EDITS_BY_FIRST.get(word, ()):
        after = at + len(edit)
        if said.plain[at:after] != list(edit) or before in _NOT_EDIT_AFTER.get(word, ()):
            continue
        if said.word(after) in _NOT_EDIT_BEFORE.get(word, ()) or _is_apology(said, edit, at):
            continue
        return len(edit)
    return 0


def _is_apology(said: _Said, edit: Sequence[str], at: int) -> bool:
    """ "Sorry" after a full stop begins an apology, not a correction."""
    return edit[0] == "sorry" and said.is_ended(at)


def _corrects(said: _Said, at: int) -> bool:
    """ "We used Redis, I mean Memcached", and not "it worked, I mean, it was slow"."""
    if said.word(at - 1) in _words("what that do did by if which whatever"):
        return False
    word = said.word(at + 2)
    if not word or said.is_ended(at) or said.is_ended(at + 2):
        return False
    near = said.plain[max(0, at - _NEAR) : at]
    before = said.word(at - 1)
    if any(word in group and before in group for group in _CLASSES):
        return word != before
    if word in _SUBJECTS or word in _CLASSES[-1]:
        return False
    if word in near:  # "on Monday, I mean on Tuesday"
        return said.word(at + 3) not in near
    return word not in _NO_OBJECT and before not in en.FUNCTION_WORDS
