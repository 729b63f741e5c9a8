"""Filler words of a text: sounds, empty phrases, and "like", "so", "well" where they are fillers.

What counts follows Clark & Fox Tree, "Using uh and um in spontaneous speaking" (Cognition 84,
2002) for the sounds, and for the words the discourse markers that carry no meaning where they
stand. Hedges ("I think", "maybe") are not fillers. "Basically" and "literally" count wherever
they stand; "actually" and "you see" only where they open a clause or a sound follows, as
elsewhere they say something; a "so" that opens the turn counts, one that draws a conclusion
does not; "I was like" before reported speech does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scoring import lexicon_en as en
from scoring.filler_context import DECISIONS, Turn
from scoring.lexicon_en import FillerRule, Standing
from scoring.model import FillerSpan
from sessions.facts import Word

LANGUAGES = frozenset({"en"})
"""Languages with a lexicon. In others nothing is found, which does not mean nothing was said."""

_RULES: dict[str, list[FillerRule]] = {}
for _rule in sorted(en.RULES, key=lambda rule: -len(rule.words)):
    _RULES.setdefault(_rule.words[0], []).append(_rule)


def counts_fillers(language: str) -> bool:
    return language.partition("-")[0].lower() in LANGUAGES


def find_fillers(
    text: str, *, words: Sequence[Word] = (), language: str = "en"
) -> tuple[FillerSpan, ...]:
    """The fillers of one turn in order, as character spans of `text` that never overlap.

    `words` with the recogniser's times let a pause set a word off where no comma is written;
    give them only when each word's times are real (Timing.WORD).
    """
    if not counts_fillers(language):
        return ()
    return tuple(_spans(Turn(text, words)))


def _spans(turn: Turn) -> Iterator[FillerSpan]:
    at = 0
    while at < len(turn.tokens):
        name, length = _filler_at(turn, at)
        if name:
            turn.is_filler[at : at + length] = [True] * length
            end = turn.tokens[at + length - 1].end
            yield FillerSpan(filler=name, start=turn.tokens[at].start, end=end)
        at += length


def _filler_at(turn: Turn, at: int) -> tuple[str, int]:
    """(name, words) of the filler at a place; with no name, so many words that are none."""
    word = turn.plain[at]
    for backchannel in en.BACKCHANNELS.get(word, ()):
        if turn.reads(at, backchannel):
            return "", len(backchannel)
    sound = turn.sound(at)
    if sound:
        return sound, 1
    for rule in _RULES.get(word, ()):
        if turn.reads(at, rule.words) and _fits(turn, rule, at):
            return " ".join(rule.words), len(rule.words)
    decide = DECISIONS.get(word)
    if decide and decide(turn, at):
        return en.SAME_FILLER.get(word, word), 1
    return "", 1


def _fits(turn: Turn, rule: FillerRule, at: int) -> bool:
    after = at + len(rule.words)
    following = turn.word(after)
    if turn.word(at - 1) in rule.not_after and not turn.is_parted(at):
        return False
    if not turn.is_parted(after) and (
        following in rule.not_before or f"{following} {turn.word(after + 1)}" in rule.not_before
    ):
        return False
    match rule.standing:
        case Standing.ANYWHERE:
            return True
        case Standing.CLOSING:
            return turn.is_parted(after)
        case Standing.OPENING:
            return turn.is_parted(at) or turn.is_opening(at) or bool(turn.sound(after))
