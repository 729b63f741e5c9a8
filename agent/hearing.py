"""What was heard of one turn: words with times, and what a recogniser's results add up to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from sessions.facts import Timing, Word

ALIKE = 70
"""How alike (0-100) words and their corrected form are at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Times are epoch ms. `words` are those of `text`, in order."""

    text: str
    words: tuple[Word, ...]
    timing: Timing
    started_ms: int
    ended_ms: int

    @classmethod
    def typed(cls, text: str, *, now_ms: int) -> Heard:
        return cls(text=text, words=(), timing=Timing.NONE, started_ms=now_ms, ended_ms=now_ms)

    @classmethod
    def joined(cls, parts: Sequence[Heard]) -> Heard:
        """One turn out of the recogniser's successive results. `parts` is not empty."""
        timing = Timing.WORD
        if any(part.timing is not Timing.WORD for part in parts):
            timing = Timing.UTTERANCE
        return cls(
            text=" ".join(part.text for part in parts),
            words=tuple(word for part in parts for word in part.words),
            timing=timing,
            started_ms=parts[0].started_ms,
            ended_ms=max(part.ended_ms for part in parts),
        )


def spread_words(text: str, start_ms: int, end_ms: int) -> tuple[Word, ...]:
    """Words of a text whose own times are unknown, spread by their length between two times."""
    tokens = text.split()
    characters = sum(len(token) for token in tokens) or 1
    words: list[Word] = []
    position = 0
    for token in tokens:
        begin = start_ms + (end_ms - start_ms) * position // characters
        position += len(token)
        finish = start_ms + (end_ms - start_ms) * position // characters
        words.append(Word(text=token, start_ms=begin, end_ms=finish))
    return tuple(words)


def later_than(heard: Heard, until_ms: int) -> Heard | None:
    """What of it was said after that moment; None when nothing was. All of it, mostly."""
    if heard.started_ms >= until_ms:
        return heard
    words = tuple(word for word in heard.words if (word.start_ms + word.end_ms) // 2 >= until_ms)
    if not words:
        return None
    text = heard.text
    tokens = text.split()
    if len(tokens) == len(heard.words):  # the recogniser's own writing, with its marks
        text = " ".join(tokens[-len(words) :])
    else:
        text = " ".join(word.text for word in words)
    return Heard(
        text=text,
        words=words,
        timing=heard.timing,
        started_ms=words[0].start_ms,
        ended_ms=max(heard.ended_ms, words[-1].end_ms),
    )


def beyond(heard: Heard, known: str) -> Heard | None:
    """What of it follows words that are known already and may come corrected; None when nothing
    does. All of it when it begins with nothing like them. For results without words' times."""
    tokens, before = heard.text.split(), known.split()
    if not before or not tokens:
        return heard
    if len(tokens) < len(before) - 1:
        likeness, count = fuzz.ratio(_plain(tokens), _plain(before[: len(tokens)])), len(tokens)
    else:  # a correction may have joined two words to one, or parted them
        counts = range(max(len(before) - 1, 1), min(len(before) + 1, len(tokens)) + 1)
        likeness, count = max((fuzz.ratio(_plain(tokens[:n]), _plain(before)), n) for n in counts)
    if likeness < ALIKE:
        return heard
    words = heard.words[count:]
    if not words:
        return None
    return replace(heard, text=" ".join(tokens[count:]), words=words, started_ms=words[0].start_ms)


def _plain(tokens: Sequence[str]) -> str:
    return "".join(
        character
        for character in " ".join(tokens).lower()
        if character.isalnum() or character == " "
    )


def word_at(heard: Heard, character: int) -> Word | None:
    """The word that covers a character of the text; by its share where tokens do not match."""
    if not heard.words:
        return None
    before = len(heard.text[:character].split())
    if character > 0 and not heard.text[character - 1].isspace():
        before -= 1  # inside a token
    tokens = len(heard.text.split())
    index = before if tokens == len(heard.words) else before * len(heard.words) // max(tokens, 1)
    return heard.words[max(0, min(index, len(heard.words) - 1))]
