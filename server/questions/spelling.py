"""The word that was probably meant, when a finger slipped. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz.distance import OSA

ONE_SLIP_LETTERS, TWO_SLIPS_LETTERS = 5, 9
"""From so many letters on, one or two slips are forgiven; in shorter words any slip makes another
word, but for two letters that changed places in words of SWAP_LETTERS."""
SWAP_LETTERS = 4


def nearest_word(word: str, known: Iterable[str]) -> str | None:
    """The known word with the fewest slips: a letter too many, too few, another one, or two
    neighbours that changed places. The first letter is taken to be right."""
    slips = 2 if len(word) >= TWO_SLIPS_LETTERS else 1
    if len(word) < SWAP_LETTERS:
        return None
    found = [
        (distance, one)
        for one in known
        if one[0] == word[0] and abs(len(one) - len(word)) <= slips
        if (distance := OSA.distance(word, one, score_cutoff=slips)) <= slips
        if len(word) >= ONE_SLIP_LETTERS or sorted(one) == sorted(word)
    ]
    return min(found)[1] if found else None
