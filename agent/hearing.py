"""What was heard of one turn: words with times, and what a recogniser's results add up to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sessions.facts import Timing, Word


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
