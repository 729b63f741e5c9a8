"""Filler words of a text: sounds, empty phrases, and "like", "so", "well" where they are fillers.

What counts follows Clark & Fox Tree, "Using uh and um in spontaneous speaking" (Cognition 84,
2002) for the sounds, and for the words the discourse markers that carry no meaning where they
stand. Hedges ("I think", "maybe") are not fillers: see `scoring.hedges`. "Basically" counts but
where it says "almost" ("basically the same"); "actually" and "you see" only where they open a
clause or a sound follows, as elsewhere they say something; a "so" that opens the turn counts, one
that draws a conclusion does not; "I was like" before reported speech does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from scoring import lexicon_en as en
from scoring.filler_context import DECISIONS, Turn
from scoring.lexicon_en import FillerRule, Standing
from scoring.model import FillerSpan
from sessions.facts import Word

_RULES: dict[str, list[FillerRule]] = {}
for _rule in sorted(en.RULES, key=lambda rule: -len(rule.words)):
    _RULES.setdefault(_rule.words[0], []).append(_rule)


def language_code(language: str) -> str:
    """Without its region: "en" of "en-IN"."""
    return language.partition("-")[0].lower()


def counts_fillers(language: str) -> bool:
    """Where not, nothing is found, which does not mean that nothing was said."""
    return language_code(language) in LEXICONS


def find_fillers(
    text: str, *, words: Sequence[Word] = (), language: str = "en"
) -> tuple[FillerSpan, ...]:
    """The fillers of one turn in order, as character spans of `text` that never overlap.

    `words` with the recogniser's times let a pause set a word off where no comma is written;
    give them only when each word's times are real (Timing.WORD).
    """
    find = LEXICONS.get(language_code(language))
    return tuple(find(Turn(text, words))) if find else ()


def _english(turn: Turn) -> Iterator[FillerSpan]:
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


def _is_lifted(turn: Turn, at: int, after: int) -> bool:
    """The word before does not bind the phrase: a mark or a filler stands between, or pauses on
    both sides of more than one word, or the sentence begins anew after it."""
    if not turn.is_parted(at):
        return False
    if not turn.is_only_paused(at):
        return True
    return (after - at > 1 and turn.is_parted(after)) or turn.restarts(at, after)


def _fits(turn: Turn, rule: FillerRule, at: int) -> bool:
    after = at + len(rule.words)
    following = turn.word(after)
    if turn.word(at - 1) in rule.not_after and not _is_lifted(turn, at, after):
        return False
    if turn.word(at - 1) in rule.bound_after and turn.is_only_paused(at):
        return turn.restarts(at, after)
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


LEXICONS: Mapping[str, Callable[[Turn], Iterator[FillerSpan]]] = {"en": _english}
"""What finds a language's fillers, by its code (ISO 639-1). English is the only one so far."""
