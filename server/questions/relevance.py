"""Which questions a few words are about: stemmed, forgiving slips of the keyboard. Pure.

Words are looked for in a question's tags, competencies, roles and text; a rare word says more than
one that half the bank has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log
from typing import Protocol

from server.questions.spelling import nearest_word
from server.questions.wishes import ASKING_STEMS, KIN, Wish, read_wishes, stems_of
from sessions.ids import QuestionId

TAG_WEIGHT, COMPETENCY_WEIGHT, ROLE_WEIGHT, TEXT_WEIGHT = 1.0, 0.7, 0.7, 0.6
KIN_WEIGHT = 0.8
"""Of a tag that is meant, when the word itself stands nowhere in the question."""
COMMON_SHARE = 0.3
"""A word that this share of the questions has tells none of them from the others by itself."""
ALL_FIT = 0.95
"""From this on a question has every word of a topic: others with some of them are not it."""
UNWANTED_FROM = 0.5
"""A question that is so much about what somebody wants none of is not asked for."""

Weights = Mapping[str, float]


class Described(Protocol):
    @property
    def id(self) -> QuestionId: ...
    @property
    def text(self) -> str: ...
    @property
    def tags(self) -> tuple[str, ...]: ...
    @property
    def competencies(self) -> tuple[str, ...]: ...
    @property
    def roles(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Match:
    """`relevance` is 0-1, 1 for the best of all; -1 for what somebody wants none of."""

    relevance: float


def match_questions(words: str, questions: Sequence[Described]) -> dict[QuestionId, Match]:
    """How much each is about one of the topics that are wished for, or about one that is not
    wanted. Those that the words say nothing of are left out."""
    wishes = read_wishes(words)
    if not wishes:
        return {}
    bank = _Bank(questions)
    scores: dict[QuestionId, float] = {}
    unwanted = set[QuestionId]()
    for wish in wishes:
        for id, score in bank.score(wish).items():
            if wish.is_wanted:
                scores[id] = max(scores.get(id, 0.0), score)
            elif score >= UNWANTED_FROM:
                unwanted.add(id)
    wanted = {id: score for id, score in scores.items() if id not in unwanted}
    best = max(wanted.values(), default=1.0)
    matches = {id: Match(score / best) for id, score in wanted.items()}
    return matches | dict.fromkeys(unwanted, Match(-1.0))


def find_questions(words: str, questions: Sequence[Described]) -> dict[QuestionId, float]:
    """Those in which every one of the words was found, with how well they fit (more is better).
    None, when the words say nothing."""
    stems = stems_of(words)
    bank = _Bank(questions)
    meant = {bank.known_as(word) for word in stems - ASKING_STEMS or stems}
    if not meant or None in meant:
        return {}
    found = [word for word in meant if word is not None]
    return {
        id: sum(weights[word] * bank.rarity(bank.frequency[word]) for word in found)
        for id, weights in bank.described.items()
        if all(word in weights for word in found)
    }


class _Bank:
    """The questions' words, weighed by where they stand."""

    def __init__(self, questions: Sequence[Described]) -> None:
        self.described: dict[QuestionId, Weights] = {
            question.id: _weights(
                question.text, question.tags, question.competencies, question.roles
            )
            for question in questions
        }
        self.frequency = Counter(word for weights in self.described.values() for word in weights)

    def rarity(self, count: int) -> float:
        return log((len(self.described) + 1) / count)

    def known_as(self, word: str) -> str | None:
        """The stem itself, or that of the word that was probably meant."""
        return word if word in self.frequency else nearest_word(word, self.frequency)

    def score(self, wish: Wish) -> dict[QuestionId, float]:
        """0-1: how many of the words fit, and how well. Where no question has them all, the one
        word that fits best counts for half."""
        held = [found for word in wish.stems if (found := self._holding(word))]
        rarities = [self.rarity(len(found)) for found in held]
        whole = sum(rarities)
        if not whole:
            return {}
        covered = {
            id: sum(
                found.get(id, 0.0) * rarity for found, rarity in zip(held, rarities, strict=True)
            )
            / whole
            for id in self.described
        }
        if len(held) > 1 and max(covered.values()) < ALL_FIT:
            telling = [found for found in held if len(found) <= len(covered) * COMMON_SHARE]
            covered = {
                id: (max((found.get(id, 0.0) for found in telling), default=0.0) + fit) / 2
                for id, fit in covered.items()
            }
        return {id: score for id, score in covered.items() if score}

    def _holding(self, word: str) -> dict[QuestionId, float]:
        """The questions that have the word or a tag that is meant with it, and how much so."""
        meant = [(tag, KIN_WEIGHT) for tag in KIN.get(word, ())]
        known = self.known_as(word) if word not in KIN or word in self.frequency else None
        if known is not None:
            meant.append((frozenset({known}), 1.0))
        return {
            id: fit
            for id, weights in self.described.items()
            if (fit := max((_fit(weights, stems) * share for stems, share in meant), default=0.0))
        }


def _fit(weights: Weights, stems: frozenset[str]) -> float:
    return min(weights.get(stem, 0.0) for stem in stems)


@lru_cache(maxsize=2_000)
def _weights(
    text: str, tags: tuple[str, ...], competencies: tuple[str, ...], roles: tuple[str, ...]
) -> Weights:
    weights = dict.fromkeys(stems_of(text), TEXT_WEIGHT)
    weights |= dict.fromkeys(stems_of(" ".join(roles)), ROLE_WEIGHT)
    weights |= dict.fromkeys(stems_of(" ".join(competencies)), COMPETENCY_WEIGHT)
    return weights | dict.fromkeys(stems_of(" ".join(tags)), TAG_WEIGHT)
