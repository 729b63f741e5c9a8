"""Whether "like", "so", "well", "right" or "okay" stands for nothing where it stands.

Each is first of all a word. What decides is the place in the turn, the words beside it, and
whether a mark or a pause parts it from them. In doubt it is a word: a filler that is missed
costs less trust than a word that is called one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from scoring import lexicon_en as en
from scoring.words import align, tokenise
from sessions.facts import Word

PAUSE_MS = 200
"""A silence this long beside a word sets it off, as a comma does in writing."""

_BREAK = re.compile(r"[,.;:?!\n\u2013\u2014\u2026]|\s-\s|--")
_SENTENCE_END = re.compile(r"[.?!\n\u2026]")


class Turn:
    """One turn's words, what stands between them, and which were found to be fillers so far."""

    def __init__(self, text: str, words: Sequence[Word]) -> None:
        self.text = text
        self.tokens = tokenise(text)
        self.plain = [token.plain for token in self.tokens]
        self.is_filler = [False] * len(self.tokens)
        self._opening = 0  # how far the turn's opening goes, as far as is known
        self._aligned = align(self.tokens, text, words) if words else []

    def word(self, at: int) -> str:
        """The word at a place, empty outside the turn."""
        return self.plain[at] if 0 <= at < len(self.plain) else ""

    def gap(self, at: int) -> str:
        """What is written between the words at `at - 1` and `at`."""
        start = self.tokens[at - 1].end if at > 0 else 0
        end = self.tokens[at].start if at < len(self.tokens) else len(self.text)
        return self.text[start:end]

    def is_marked(self, at: int) -> bool:
        """A comma, full stop, dash or the like is written before the word at `at`."""
        gap = self.gap(at)
        return gap != " " and bool(_BREAK.search(gap))

    def is_parted(self, at: int) -> bool:
        """A break stands before the word at `at`: the turn's edge, a mark, a pause or a filler."""
        if at <= 0 or at >= len(self.tokens):
            return True
        return (
            self.is_filler[at - 1]
            or self.is_marked(at)
            or self._is_paused(at)
            or bool(self.sound(at))
        )

    def is_set_off(self, at: int) -> bool:
        return self.is_parted(at) and self.is_parted(at + 1)

    def is_only_paused(self, at: int) -> bool:
        """The word stands apart, from the word before it only by a pause."""
        return (
            0 < at < len(self.tokens) and not self.is_filler[at - 1] and not self.is_marked(at)
        ) and self._is_paused(at)

    def restarts(self, at: int, after: int) -> bool:
        """What is said from `after` on was begun right before `at`: "we, well, we tried"."""
        begun = self.plain[after : after + 2]
        if not begun:
            return False
        if at > 0 and begun[0] == self.plain[at - 1]:
            return True
        return len(begun) == 2 and any(
            self.plain[place : place + 2] == begun for place in range(max(0, at - 5), at - 1)
        )

    def is_opening(self, at: int) -> bool:
        """Nothing of the turn was said before, but fillers and "yeah", "okay" and the like."""
        while self._opening < at and (
            self.is_filler[self._opening] or self.plain[self._opening] in en.SO_OPENERS
        ):
            self._opening += 1
        return self._opening >= at

    def begins_sentence(self, at: int) -> bool:
        return at == 0 or bool(_SENTENCE_END.search(self.gap(at)))

    def is_alone(self) -> bool:
        return len(self.tokens) == 1

    def reads(self, at: int, words: Sequence[str]) -> bool:
        """These words stand at `at`, with no mark between them."""
        return self.plain[at : at + len(words)] == list(words) and not any(
            self.is_marked(place) for place in range(at + 1, at + len(words))
        )

    def sound(self, at: int) -> str:
        """The name of the filler sound at a place, empty if there is none."""
        word = self.word(at)
        if not word or word[0] not in "aehmu":
            return ""
        name = next((name for name, pattern in en.SOUNDS if pattern.fullmatch(word)), "")
        if not name:
            return ""
        before, after = self.word(at - 1), self.word(at + 1)
        if after in en.NOT_SOUND_BEFORE.get(name, ()):
            return ""
        if before in en.NOT_SOUND_AFTER.get(name, ()) and not self.is_marked(at):
            return ""
        if after and self.gap(at + 1) == "-" and not after.startswith(word):
            return ""  # "an ah-ha effect"
        is_measure = before[-1:].isdigit() or before in en.NUMBER_WORDS
        return "" if name == "mm" and is_measure else name

    def _is_paused(self, at: int) -> bool:
        if not self._aligned:
            return False
        before, after = self._aligned[at - 1], self._aligned[at]
        return bool(before and after and after.start_ms - before.end_ms >= PAUSE_MS)


def _is_filler_like(turn: Turn, at: int) -> bool:
    before, after = turn.word(at - 1), turn.word(at + 1)
    if not after:
        return False  # "what was it like"
    if turn.is_set_off(at):
        return not (turn.is_only_paused(at) and _is_like_bound(before, after))
    if turn.is_parted(at + 1):
        return bool(turn.sound(at + 1)) or before not in en.LIKE_AFTER_VERB | en.LIKE_SUBJECTS
    if turn.reads(at + 1, ("you", "know")) and turn.word(at + 3) not in en.QUESTION_WORDS:
        return before in en.LIKE_BE or before not in en.LIKE_AFTER_VERB
    if after in {"a", "an"} and turn.word(at + 2) in en.LIKE_MEASURES:
        return before not in en.LIKE_AFTER_VERB - en.LIKE_BE
    if _compares_clause(turn, at):
        return False
    if _compares_nothing(turn, at):
        return True
    if turn.is_parted(at):
        return after not in en.LIKE_AS_COMPARED and (
            after in en.LIKE_STARTERS or turn.begins_sentence(at)
        )
    return _is_filler_like_inside(before, after)


def _is_like_bound(before: str, after: str) -> bool:
    """Liking or comparing, though pauses stand around it."""
    if before in en.LIKE_SUBJECTS:
        return after not in en.LIKE_ADVERBS | en.LIKE_SUBJECTS
    return before in en.LIKE_TIGHT


def _compares_nothing(turn: Turn, at: int) -> bool:
    """The words around show it, whatever "like" stands before."""
    before, after = turn.word(at - 1), turn.word(at + 1)
    if before == "like" or before in en.LIKE_HAVING or _follows_hesitation(turn, at):
        return True
    if before in en.LIKE_BE:
        is_superlative = after == "the" and _is_superlative(turn.word(at + 2))
        return is_superlative or turn.word(at - 2) == "there"
    if before == "to":
        return after in en.NUMBER_WORDS or after.isdigit()
    if before in en.LIKE_SUBJECTS:
        return after in en.LIKE_PAST
    return before in en.LIKE_MODALS and after in en.LIKE_BARE


def _follows_hesitation(turn: Turn, at: int) -> bool:
    """After "um" and the like, where no verb before it asks for a comparison."""
    place = at
    while place > 0 and turn.is_filler[place - 1]:
        place -= 1
    said = turn.word(place - 1)
    return place < at and said not in en.LIKE_AFTER_VERB | en.LIKE_SUBJECTS


def _is_superlative(word: str) -> bool:
    return word in en.LIKE_SUPERLATIVES or (len(word) > 5 and word.endswith("est"))


def _is_filler_like_inside(before: str, after: str) -> bool:
    """Nothing but words on both sides."""
    if before in en.LIKE_PLAIN_MODALS:
        return after not in en.LIKE_AS_COMPARED
    if before in en.LIKE_SUBJECTS or before in en.LIKE_MODALS:
        return after in en.LIKE_ADVERBS  # "I like two things about it" likes them
    if before in {"but", "because", "cause"} and after in {"the", "it", "my", "our"}:
        return True
    if before in en.LIKE_AFTER_CONJUNCTION:
        return after not in en.LIKE_AS_COMPARED
    if before in en.LIKE_BE:
        return after in en.LIKE_STARTERS - en.LIKE_SPOKEN  # "I was like what" reports speech
    return before not in en.LIKE_AFTER_VERB and after in en.LIKE_STARTERS


def _compares_clause(turn: Turn, at: int) -> bool:
    """ "like I said", "like we always do"."""
    return turn.word(at + 1) in en.LIKE_SUBJECTS and turn.word(at + 2) in en.LIKE_SAID


def _is_filler_so(turn: Turn, at: int) -> bool:
    after = turn.word(at + 1)
    if turn.is_alone() or (after in en.SO_BOUND and not turn.is_parted(at + 1)):
        return False
    if not after or turn.begins_sentence(at + 1):
        return turn.word(at - 1) not in en.SO_CLOSED_AFTER
    if turn.is_opening(at) or after == "yeah":
        return True
    if turn.is_set_off(at) and turn.is_only_paused(at):
        return turn.word(at - 1) in en.SO_LEFT_OPEN or turn.restarts(at, at + 1)
    return turn.is_set_off(at)


def _is_filler_well(turn: Turn, at: int) -> bool:
    before, after = turn.word(at - 1), turn.word(at + 1)
    if not after or turn.gap(at + 1).startswith("-"):
        return False
    if after in en.WELL_BOUND and not turn.is_parted(at + 1):
        return False
    if turn.is_opening(at) or turn.begins_sentence(at):
        return True
    if turn.is_set_off(at):
        if turn.is_only_paused(at):
            return before not in en.WELL_TIGHT and after not in en.WELL_BOUND
        return before != "as"
    return (turn.is_parted(at) or before in en.WELL_AFTER) and after in en.WELL_STARTERS


def _is_filler_right(turn: Turn, at: int) -> bool:
    before, after = turn.word(at - 1), turn.word(at + 1)
    if turn.is_alone():
        return False
    if turn.is_opening(at):
        return after in en.RIGHT_STARTERS or turn.is_parted(at + 1)
    if turn.is_only_paused(at) and before in en.RIGHT_TIGHT:
        return False
    goes_on = after in en.RIGHT_STARTERS - {"the", "first"}
    if turn.is_parted(at):
        return goes_on or turn.is_parted(at + 1)
    if before in en.RIGHT_AFTER:
        return False
    if turn.is_parted(at + 1):
        return "?" in turn.gap(at + 1) or bool(after)
    if after == "and":
        return turn.word(at + 2) in en.RIGHT_AND_THEN
    return goes_on


def _is_filler_okay(turn: Turn, at: int) -> bool:
    before, after = turn.word(at - 1), turn.word(at + 1)
    if turn.is_alone() or (after in en.OKAY_BOUND and not turn.is_parted(at + 1)):
        return False
    if turn.is_opening(at):
        return True
    is_loose = turn.is_parted(at) and not turn.is_only_paused(at)
    if before in en.OKAY_AFTER and not is_loose:
        return False
    if turn.begins_sentence(at) or turn.is_set_off(at) or "?" in turn.gap(at + 1):
        return True
    return before in {"so", "and", "but"} or after in {"so", "um", "uh", "then"}


DECISIONS: dict[str, Callable[[Turn, int], bool]] = {
    "like": _is_filler_like,
    "so": _is_filler_so,
    "well": _is_filler_well,
    "right": _is_filler_right,
    "okay": _is_filler_okay,
    "ok": _is_filler_okay,
}
"""Word -> whether it is a filler at a place of a turn whose earlier fillers are known."""
