"""Hedges of a text: words by which a speaker holds back from what they say. English only.

The list follows the classes of Prince, Frader & Bosk, "On hedging in physician-physician
discourse" (1982), and Hyland, "Hedging in scientific research articles" (1998): plausibility
("I think", "probably") and approximation ("sort of"). Modal verbs ("might", "could") are left out:
in a technical answer they mostly say what is possible ("the write might fail"). "Sort of" and
"kind of" count here and among the fillers, for they are both.
"""

from __future__ import annotations

from collections.abc import Sequence

from scoring.filler_context import Turn
from scoring.fillers import find_fillers
from scoring.lexicon_en import FillerRule
from scoring.words import Phrase
from sessions.facts import Word

BOTH = frozenset({"sort of", "kind of"})
"""Fillers that are hedges too; where they are neither is decided once, for the fillers."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ASKED = _words("what do did does don't didn't how why which who when if as way the where whatever")

RULES: tuple[FillerRule, ...] = (
    FillerRule(
        ("i", "think"),
        not_after=_ASKED | _words("before whenever every than moment time"),
        not_before=_words("about of through ahead back hard on out twice differently aloud fast"),
    ),
    FillerRule(("i", "guess"), not_after=_ASKED, not_before=_words("the a an which wrong right")),
    FillerRule(("i", "suppose"), not_after=_ASKED),
    FillerRule(("i", "believe"), not_after=_ASKED, not_before=_words("in them him her you")),
    FillerRule(("i", "assume"), not_after=_ASKED, not_before=_words("the a nothing")),
    FillerRule(("i", "feel", "like")),
    FillerRule(("i'd", "say"), not_before=_words("no yes to hello sorry something nothing")),
    FillerRule(("i", "would", "say"), not_before=_words("no yes to hello sorry something nothing")),
    FillerRule(("i'm", "not", "sure"), not_after=_words("if when")),
    FillerRule(("i'm", "not", "really", "sure")),
    FillerRule(("i", "am", "not", "sure"), not_after=_words("if when")),
    FillerRule(("i'm", "not", "entirely", "sure")),
    FillerRule(("if", "i", "remember", "correctly")),
    FillerRule(("if", "i", "remember", "right")),
    FillerRule(("as", "far", "as", "i", "know")),
    FillerRule(("as", "far", "as", "i", "remember")),
    FillerRule(("it", "seems"), not_after=_words("what how as")),
    FillerRule(("in", "a", "way"), not_before=_words("that which where we i you they it the")),
    FillerRule(("more", "or", "less")),
    FillerRule(("to", "some", "extent")),
    FillerRule(
        ("or", "so"),
        not_before=_words("i we they he she it that much many"),
        not_after=_words("yes no okay"),
    ),
    FillerRule(
        ("maybe",), not_after=_words("a the of"), not_before=_words("monad type types value")
    ),
    FillerRule(("perhaps",)),
    FillerRule(("probably",), not_before=_words("approximately")),
    FillerRule(("possibly",), not_after=_words("can could can't couldn't cannot not")),
    FillerRule(("presumably",)),
    FillerRule(("apparently",)),
    FillerRule(("somewhat",)),
    FillerRule(("hopefully",), not_after=_words("looked waited")),
)
_BY_FIRST: dict[str, list[FillerRule]] = {}
for _rule in sorted(RULES, key=lambda rule: -len(rule.words)):
    _BY_FIRST.setdefault(_rule.words[0], []).append(_rule)


def find_hedges(text: str, *, words: Sequence[Word] = ()) -> tuple[Phrase, ...]:
    """In order, as character spans that never overlap; of an English text only. `words` as for
    `find_fillers`."""
    both = [
        Phrase(span.filler, span.start, span.end)
        for span in find_fillers(text, words=words)
        if span.filler in BOTH
    ]
    return tuple(sorted((*plain_hedges(text), *both), key=lambda phrase: phrase.start))


def plain_hedges(text: str) -> list[Phrase]:
    """But for those that are fillers too: cheaper where the fillers are known."""
    turn = Turn(text, ())
    found: list[Phrase] = []
    at = 0
    while at < len(turn.tokens):
        rule = _rule_at(turn, at)
        if rule is None:
            at += 1
            continue
        end = turn.tokens[at + len(rule.words) - 1].end
        found.append(Phrase(" ".join(rule.words), turn.tokens[at].start, end))
        at += len(rule.words)
    return found


def _rule_at(turn: Turn, at: int) -> FillerRule | None:
    for rule in _BY_FIRST.get(turn.word(at), ()):
        if not turn.reads(at, rule.words):
            continue
        after = at + len(rule.words)
        if turn.word(at - 1) in rule.not_after and not turn.is_marked(at):
            continue
        if turn.word(after) in rule.not_before and not turn.is_marked(after):
            continue
        return rule
    return None
