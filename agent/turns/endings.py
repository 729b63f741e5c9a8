"""What the words of an answer so far say about whether it goes on. Pure.

Nothing here relies on punctuation, as many recognisers give none; a comma or dots at the end are
taken as what they are. English only: in another language every ending is PLAIN, or SHORT.
"""

from __future__ import annotations

import re
from enum import StrEnum

from agent.turns import lexicon_en as en
from sessions.facts import Intent
from sessions.intents import recognise_intent

RECENT_WORDS = 70
"""What was said longer ago does not bear on how the answer ends."""

_UNFINISHED_MARKS = (",", "-", "\u2013", "\u2014", "\u2026", ":", "...")


class Ending(StrEnum):
    """From "certainly goes on" to "certainly over"."""

    ASKED_TIME = "asked_time"  # "let me think", "give me a second"
    ACKNOWLEDGED = "acknowledged"  # nothing yet but "okay", "right", "yes"
    BROKEN_OFF = "broken_off"  # on a filler, a conjunction, an article, an open phrase
    PROMISED = "promised"  # a list, a pair or an if-clause of which the rest is missing
    HANGING = "hanging"  # on a word that seldom ends a sentence
    SHORT = "short"  # a few words, which could be a beginning
    PLAIN = "plain"  # says neither
    CONCLUDED = "concluded"  # "so that's how we ...", "so, yeah"
    CLOSED = "closed"  # "that's my answer", "skip", a question back


UNFINISHED = frozenset({Ending.ASKED_TIME, Ending.BROKEN_OFF, Ending.PROMISED, Ending.HANGING})


def ending_of(text: str, language: str = en.LANGUAGE) -> Ending:
    """Of all words of the running turn. Without any it is BROKEN_OFF."""
    words = words_of(text)
    if not words:
        return Ending.BROKEN_OFF
    if language.partition("-")[0].lower() != en.LANGUAGE:
        return Ending.SHORT if len(words) <= en.SHORT_WORDS else Ending.PLAIN
    is_asking = text.rstrip().endswith("?")
    recent = " ".join(words[-RECENT_WORDS:])
    if (whole := _whole_turn(text, words, recent)) is not None:
        return whole
    if text.rstrip().endswith(_UNFINISHED_MARKS):
        return Ending.BROKEN_OFF
    if is_asking or en.CLOSES.search(recent):
        return Ending.CLOSED
    if (last := _last_words(words, recent)) is not None:
        return last
    if _owes_more(recent):
        return Ending.PROMISED
    if len(words) <= en.SHORT_WORDS:
        return Ending.SHORT
    return Ending.CONCLUDED if _concludes(words, recent) else Ending.PLAIN


def words_of(text: str) -> list[str]:
    """Lower case, without punctuation; apostrophes stay."""
    return re.findall(r"[\w']+", text.lower().replace("\u2019", "'"))


def is_only_acknowledging(words: list[str]) -> bool:
    return len(words) <= en.MAX_ACKNOWLEDGING_WORDS and all(
        word in en.ACKNOWLEDGING for word in words
    )


def _whole_turn(text: str, words: list[str], recent: str) -> Ending | None:
    """What the turn is as a whole, when it is a request or an acknowledgement."""
    if words[-1] in en.FILLERS or words[-1] in en.OPENERS:
        return None  # something is about to follow, whatever came before
    if en.ASKS_TIME.search(recent):
        return Ending.ASKED_TIME
    if en.GIVES_UP.search(recent):
        return Ending.PLAIN
    intent = recognise_intent(text)
    if intent is not None:
        return Ending.ASKED_TIME if intent is Intent.WAIT else Ending.CLOSED
    if is_only_acknowledging(words) and not en.CLOSES.search(recent):
        return Ending.ACKNOWLEDGED
    return None


def _last_words(words: list[str], recent: str) -> Ending | None:
    last = words[-1]
    if last in en.FILLERS:
        return Ending.BROKEN_OFF
    if en.LAST_AFTER_ALL.search(recent):
        return None
    if last in en.NEVER_LAST or en.SUBJECT_IT.search(recent) or _ends_on(recent, en.OPEN_PHRASES):
        return Ending.BROKEN_OFF
    if _ends_on(recent, en.TAGS):
        return Ending.HANGING
    return Ending.HANGING if last in en.SELDOM_LAST else None


def _ends_on(recent: str, phrases: tuple[str, ...]) -> bool:
    return f" {recent}".endswith(tuple(f" {phrase}" for phrase in phrases))


def _owes_more(recent: str) -> bool:
    return _owes_list(recent) or _owes_pair(recent) or _owes_main_clause(recent)


def _owes_list(recent: str) -> bool:
    """Whether a number of things was announced, and not all of them have been told."""
    announced = _last_match(en.LIST_ANNOUNCED, recent)
    if announced is None:
        return False
    told = recent[announced.end() :]
    count = len(told.split())
    if count > en.LIST_WITHIN_WORDS:
        return False
    items = list(en.LIST_ITEM.finditer(told))
    if not items:
        return count <= en.LIST_UNBEGUN_WORDS
    if len(items) < en.LIST_SIZES.get(announced.group(1), 2):
        return True
    return len(told[items[-1].end() :].split()) < en.ITEM_WORDS


def _owes_pair(recent: str) -> bool:
    for pair in en.PAIRS:
        opened = _last_match(pair.opens, recent)
        if opened is None:
            continue
        rest = recent[opened.end() :]
        if len(rest.split()) <= pair.within and not pair.closes.search(rest):
            return True
    return False


def _last_match(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next(reversed(list(pattern.finditer(text))), None)


def _owes_main_clause(recent: str) -> bool:
    subordinate = en.SUBORDINATE.search(recent)
    return subordinate is not None and not en.MAIN_CLAUSE.search(subordinate.group(1))


def _concludes(words: list[str], recent: str) -> bool:
    tail = " ".join(words[-en.CONCLUSION_WORDS :])
    return bool(en.YIELDS.search(recent) or en.CONCLUDES.search(tail))
