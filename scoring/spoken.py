"""When the characters of an answer were said, by the times of its words; and its captions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scoring.words import align, tokenise
from sessions.facts import AnswerHeard, Timing, Word

MAX_CUE_CHARS = 90
_WHOLE_SENTENCE_CHARS = 40
"""A caption of at least so many characters ends with its sentence."""


@dataclass(frozen=True, slots=True)
class Cue:
    """`text[start:end]` as a caption from `at_ms` (epoch) on, until the next one."""

    start: int
    end: int
    at_ms: int


class SpokenAnswer:
    """The words of one answer with their times. Words that do not fit its text count by their
    share of it."""

    def __init__(self, answer: AnswerHeard) -> None:
        self._answer = answer
        self._tokens = tokenise(answer.text)
        words = () if answer.timing is Timing.NONE else answer.words
        self._words: list[Word] = []
        if words:
            aligned = align(self._tokens, answer.text, words)
            self._words = [
                word or words[place * len(words) // len(aligned)]
                for place, word in enumerate(aligned)
            ]

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """The epoch ms from the first to the last word of `text[start:end]`; None where nothing
        was spoken, or the characters hold no word."""
        inside = [
            word
            for token, word in zip(self._tokens, self._words, strict=False)
            if token.end > start and token.start < end
        ]
        if not inside:
            return None
        return inside[0].start_ms, max(inside[0].start_ms, inside[-1].end_ms)

    def cues(self) -> tuple[Cue, ...]:
        """The answer in captions; none of a typed one."""
        answer = self._answer
        if answer.timing is Timing.NONE:
            return ()
        if not self._words:
            return cue_spread(answer.text, answer.started_ms, answer.ended_ms)
        cues: list[Cue] = []
        place = 0
        for start, end in _pieces(answer.text):
            while place < len(self._tokens) and self._tokens[place].end <= start:
                place += 1
            if place < len(self._tokens):
                cues.append(Cue(start, end, self._words[place].start_ms))
        return tuple(cues)


def cue_spread(text: str, start_ms: int, end_ms: int) -> tuple[Cue, ...]:
    """A text whose words' times are unknown in captions, spread by their length."""
    length = max(len(text), 1)
    return tuple(
        Cue(start, end, start_ms + (end_ms - start_ms) * start // length)
        for start, end in _pieces(text)
    )


def _pieces(text: str) -> list[tuple[int, int]]:
    pieces: list[tuple[int, int]] = []
    start = end = 0
    for found in re.finditer(r"\S+", text):
        is_over = end - start >= _WHOLE_SENTENCE_CHARS and text[end - 1] in ".?!\u2026\u0964"
        if end > start and (is_over or found.end() - start > MAX_CUE_CHARS):
            pieces.append((start, end))
            start = found.start()
        elif end == start:
            start = found.start()
        end = found.end()
    if end > start:
        pieces.append((start, end))
    return pieces
