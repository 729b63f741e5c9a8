"""Which questions a few words are about: stemmed, forgiving slips of the keyboard. Pure.

Words are looked for in a question's tags, competencies and text; a rare word says more than one
that half the bank has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log
from typing import Protocol

from rapidfuzz import fuzz, process

from scoring.lexicon_en import ARTICLES, FUNCTION_WORDS
from scoring.phrases import stem
from scoring.words import tokenise
from sessions.ids import QuestionId

TAG_WEIGHT, COMPETENCY_WEIGHT, TEXT_WEIGHT = 1.0, 0.7, 0.6
NEAR = 85
"""Similarity (0-100) from which a word is another one, misspelt; for words of NEAR_LETTERS."""
NEAR_LETTERS = 5
ASKING = frozenset(
    "ask asked asks asking question questions interview interviews interviewer focus focused "
    "please want wants need needs like prefer practise practice topic topics mainly mostly "
    "especially about know learn thank thanks candidate role job position good great".split()
)
"""What wishes are worded with, and says nothing of their subject."""
_SMALL = FUNCTION_WORDS | ARTICLES


class Described(Protocol):
    @property
    def id(self) -> QuestionId: ...
    @property
    def text(self) -> str: ...
    @property
    def tags(self) -> tuple[str, ...]: ...
    @property
    def competencies(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Match:
    """`relevance` is 0-1, 1 for the best of all; `is_whole`: every word was found in it."""

    relevance: float
    is_whole: bool


def match_questions(words: str, questions: Sequence[Described]) -> dict[QuestionId, Match]:
    """Those in which at least one of the words was found. None, when they say nothing."""
    wanted = _stems(words) - _stems(" ".join(ASKING))
    described = {question.id: _described(question) for question in questions}
    frequency = Counter(found for weights in described.values() for found in weights)
    meant = {word: _nearest(word, frequency) for word in wanted}
    rarity = {
        found: log((len(described) + 1) / frequency[found])
        for found in meant.values()
        if found is not None
    }
    scores = {
        id: sum(weights.get(found, 0.0) * rarity[found] for found in rarity)
        for id, weights in described.items()
    }
    best = max(scores.values(), default=0.0)
    return {
        id: Match(
            relevance=score / best,
            is_whole=all(found in described[id] for found in meant.values()),
        )
        for id, score in scores.items()
        if score > 0
    }


def _described(question: Described) -> dict[str, float]:
    return _weights(question.text, question.tags, question.competencies)


@lru_cache(maxsize=2_000)
def _weights(text: str, tags: tuple[str, ...], competencies: tuple[str, ...]) -> dict[str, float]:
    weights = dict.fromkeys(_stems(text), TEXT_WEIGHT)
    weights |= dict.fromkeys(_stems(" ".join(competencies)), COMPETENCY_WEIGHT)
    return weights | dict.fromkeys(_stems(" ".join(tags)), TAG_WEIGHT)


def _stems(text: str) -> frozenset[str]:
    tokens = tokenise(text.replace("-", " "))
    return frozenset(stem(token.plain) for token in tokens if token.plain not in _SMALL)


def _nearest(word: str, known: Counter[str]) -> str | None:
    if word in known:
        return word
    if len(word) < NEAR_LETTERS:
        return None
    near = process.extractOne(word, list(known), scorer=fuzz.ratio, score_cutoff=NEAR)
    return None if near is None else near[0]
