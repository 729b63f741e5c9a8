"""The labelled sentences read, and how well the rules agree with their labels, word by word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from scoring import lexicon_en as en
from scoring.fillers import find_fillers
from scoring.words import tokenise
from sessions.facts import Word
from tests.scoring.filler_sentences import TUNED
from tests.scoring.filler_sentences_held_out import HELD_OUT

WORD_MS, GAP_MS, PAUSE_MS = 200, 40, 450
_MARK = re.compile(r"[\[\]|]")


@dataclass(frozen=True, slots=True)
class Labelled:
    """`fillers` are character spans of `text`; `words` are empty where no times are known."""

    line: str
    text: str
    fillers: frozenset[tuple[int, int]]
    words: tuple[Word, ...]


@dataclass(slots=True)
class Agreement:
    """Fillers of one word, or of all."""

    hits: int = 0
    extra: int = 0
    missed: int = 0

    @property
    def precision(self) -> float | None:
        """None where nothing was found."""
        found = self.hits + self.extra
        return self.hits / found if found else None

    @property
    def recall(self) -> float | None:
        """None where there was nothing to find."""
        labelled = self.hits + self.missed
        return self.hits / labelled if labelled else None


@dataclass(slots=True)
class Half:
    sentences: int
    overall: Agreement = field(default_factory=Agreement)
    by_word: dict[str, Agreement] = field(default_factory=dict[str, Agreement])
    mistakes: list[str] = field(default_factory=list[str])


def read_line(line: str) -> Labelled:
    text, start, fillers, pauses = "", 0, set[tuple[int, int]](), set[int]()
    at = 0
    for mark in _MARK.finditer(line):
        text += line[at : mark.start()]
        at = mark.end()
        if mark[0] == "[":
            start = len(text)
        elif mark[0] == "]":
            fillers.add((start, len(text)))
        else:
            pauses.add(len(text))
    text += line[at:]
    return Labelled(line, text, frozenset(fillers), _timed(text, pauses) if pauses else ())


def tuned() -> list[Labelled]:
    return [read_line(line) for line in TUNED.strip().splitlines()]


def held_out() -> list[Labelled]:
    return [read_line(line) for line in HELD_OUT.strip().splitlines()]


def compare(sentences: Sequence[Labelled]) -> Half:
    half = Half(len(sentences))
    words: dict[str, Agreement] = {}
    for sentence in sentences:
        found = {
            (span.start, span.end): span.filler
            for span in find_fillers(sentence.text, words=sentence.words)
        }
        for span, name in found.items():
            agreement = words.setdefault(name, Agreement())
            if span in sentence.fillers:
                agreement.hits += 1
            else:
                agreement.extra += 1
        for span in sentence.fillers - found.keys():
            words.setdefault(_name(sentence.text[slice(*span)]), Agreement()).missed += 1
        if found.keys() != sentence.fillers:
            wrongly = [sentence.text[slice(*span)] for span in sorted(found)]
            half.mistakes.append(f"{sentence.line} -> {wrongly}")
    total = Counter[str]()
    for agreement in words.values():
        total.update(hits=agreement.hits, extra=agreement.extra, missed=agreement.missed)
    half.overall = Agreement(**total)
    half.by_word = dict(
        sorted(words.items(), key=lambda item: (-item[1].hits - item[1].missed, item[0]))
    )
    return half


def _name(text: str) -> str:
    """The dictionary form of a labelled filler."""
    plain = " ".join(token.plain for token in tokenise(text))
    sound = next((name for name, pattern in en.SOUNDS if pattern.fullmatch(plain)), "")
    return sound or en.SAME_FILLER.get(plain, plain)


def _timed(text: str, pauses: set[int]) -> tuple[Word, ...]:
    words: list[Word] = []
    at_ms = 0
    for found in re.finditer(r"\S+", text):
        at_ms += PAUSE_MS if found.start() in pauses else GAP_MS
        words.append(Word(text=found[0], start_ms=at_ms, end_ms=at_ms + WORD_MS))
        at_ms += WORD_MS
    return tuple(words)
