"""What a language model may not say in an interview, whatever it was told: pure, by the sentence.

A refusal costs nothing but the model's words: the script's are said instead. So where a rule is
in doubt it refuses.
"""

from __future__ import annotations

import re
import unicodedata

from agent.interviewer.manners import JUDGES, SPEAKS_OF_ITSELF, SPEAKS_OF_RESULTS
from agent.interviewer.prompt import Brief
from scoring.lexicon_en import ARTICLES, FUNCTION_WORDS, NEGATORS, NUMBER_WORDS, QUESTION_WORDS
from scoring.phrases import split_contraction, stem
from scoring.words import count_words, tokenise

MIN_PROBE_SHARE = 0.6
"""Of the decided question's own words, that the model's question must have."""
MAX_PROBE_EXTRA = 3
"""Words of a topic that it may add."""
MIN_ENGLISH_SHARE = 0.25
"""Of the words of a sentence of LANGUAGE_WORDS or more, that any English sentence is made of."""
LANGUAGE_WORDS = 5

_SAME = str.maketrans(
    {"\u2019": "'", "\u02bc": "'", "\u2018": "'", "\u00a0": " ", "\u2026": "..."}
    | dict.fromkeys('"\u201c\u201d\u201e\u00ab\u00bb', "")
)
_SPOKEN_MARKS = frozenset(" ,.;?!'-\u2013\u2014")

_LINK = re.compile(r"https?:|www\.|\b[a-z0-9-]+\.(?:com|org|net|io|dev|ai|app|co)\b", re.IGNORECASE)
_LABEL = re.compile(r"^\W*\w+(?: \w+){0,4}\s*:")
_LIST = re.compile(r"(?:^|\n)\s*(?:[-*\u2022\u2013]\s|\d+[.)](?:\s|$))")

_ASKS = re.compile(
    r"(?:^|[,;\u2013\u2014]\s*|\b(?:and|now|so|then|please|next)\s+)"
    r"(?:what|why|how|which|who|whose|where|when (?!you(?:'re| are)\b)"
    r"|(?:can|could|would|will|do|did|have|are) you|is there|tell me|describe|explain|define"
    r"|compare|imagine|suppose|consider|discuss|outline|give me|show me|name (?:one|a|the|some)"
    r"|(?:walk|talk|take|guide) me|think (?:of|about))\b"
)
_POLITE = re.compile(r"\bno (?:problem|trouble)\b|\bwalk(?:ed|ing)? me through\b")
_LAST = re.compile(r"\b(?:last|final(?:ly)?|remaining)\b")
_FIRST = re.compile(r"\bfirst (?:question|one|up)\b|\b(?:begin|start)(?:ing)? with\b")
_COUNTED = re.compile(r"\bquestions? (?:number )?(?:\d+|one|two|three|four|five|six|seven)\b")
_ENDS = re.compile(
    r"\b(?:goodbye|bye|farewell|is over|are (?:done|finished|through)|the end|that (?:is|was) all"
    r"|that's all|(?:we|i) (?:stop|end|finish) here)\b"
)
_THANKS_FOR_ANSWER = re.compile(r"\b(?:thank\w*|answer\w*|said|shar(?:ed|ing)|explain\w*|walk\w*)")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


COMMON = _words(
    "hello welcome back thank thanks okay ok alright right all well sure course fine good great "
    "now next then first last final finally another question questions one moment minute time "
    "take taking took tell told say said speak speaking talk talking hear heard listen listening "
    "answer answering answered response respond share sharing shared explain explaining thought "
    "thoughts think thinking mind move moving go going on start starting begin beginning continue "
    "continuing left leave leaving off turn turning come comes coming look looking like want need "
    "ready whenever wherever however hurry rush pressure worry worries please let us put way ways "
    "different differently words follow following give giving ask asking bit little more detail "
    "long further deeper topic subject part point keep here there today yet already still help "
    "know see try make made appreciate noted understood understand got it feel free simply "
    "anything whatever everything else skip pass over carry pick shift set aside down into step "
    "case clear again once interview room work"
) | frozenset(NUMBER_WORDS)
"""Words that any interviewer says, whatever the topic: they give nothing away."""


TALK = _words(
    "something someone happy glad pleased calm calmly quiet quietly slow "
    "slowly easy gently gather breath breathe pause pausing relax comfortable order sort picture "
    "piece small rough idea ideas aloud loud voice sense fair noted noting follow followed side "
    "new area theme angle aspect direction subject matter thing things specific specifically "
    "particular related coming ahead forward onto next along across back return returning pick "
    "picking resume resuming stand stopped interrupted connection together stay right away "
    "question's chance wish wait waiting sound sounds steady worried stuck blank normal everybody "
    "everyone happens sometimes perfectly fully certain sure unsure guess partial best"
)
"""More of them that lead over or put at ease, and that might belong to an answer as well."""


class GuardRefused(Exception):
    """The model said what it must not. `rule` is a few words for the log and the fact."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


class Guard:
    """One per utterance; it is given the sentences in order."""

    def __init__(self, brief: Brief) -> None:
        self._brief = brief
        self._wording = f"{brief.lead} {brief.probe}".translate(_SAME).casefold()
        self._hidden = _hidden_stems(brief)
        self._told = stems_of(self._wording) | _COMMON_STEMS | _TALK_STEMS
        self._count = 0
        self.has_asked = False
        """The decided question has been asked."""

    def checked(self, sentence: str) -> str:
        """The sentence as it is spoken, on one line. Raises GuardRefused."""
        self._check_form(sentence)
        spoken = " ".join(sentence.translate(_SAME).split())
        words = count_words(spoken)
        self._count += words
        if not words:
            raise GuardRefused("no words")
        if self._count > self._brief.max_words:
            raise GuardRefused("too long")
        lowered = spoken.casefold()
        self._check_manners(lowered)
        self._check_asking(spoken, lowered)
        stems = stems_of(_POLITE.sub(" ", lowered))
        if stems & self._hidden:
            raise GuardRefused("gives the answer away")
        if "?" not in spoken and stems - self._told:
            # What leads to a question, or waits for an answer, has no topic of its own.
            raise GuardRefused("leaves the topic")
        return spoken

    def _check_form(self, sentence: str) -> None:
        plain = sentence.translate(_SAME)
        if _LINK.search(plain):
            raise GuardRefused("a link")
        if _LABEL.search(plain):
            raise GuardRefused("a label")
        if _LIST.search(plain):
            raise GuardRefused("markup")
        for mark in " ".join(plain.split()):
            if mark in _SPOKEN_MARKS or mark.casefold() in self._wording or mark in "0123456789":
                continue
            if not mark.isalpha():
                raise GuardRefused("markup")
            if not unicodedata.name(mark, "").startswith("LATIN"):
                raise GuardRefused("another language")
        if not _is_english(plain):
            raise GuardRefused("another language")

    def _check_manners(self, lowered: str) -> None:
        for rule, pattern in (
            ("speaks of results", SPEAKS_OF_RESULTS),
            ("judges the answer", JUDGES),
            ("speaks of itself", SPEAKS_OF_ITSELF),
            ("wrong place", _LAST),
            ("wrong place", _FIRST),
            ("wrong place", _COUNTED),
            ("wrong place", _ENDS),
        ):
            if any(found[0] not in self._wording for found in pattern.finditer(lowered)):
                raise GuardRefused(rule)
        if self._brief.was_skipped and _THANKS_FOR_ANSWER.search(lowered):
            raise GuardRefused("thanks for no answer")

    def _check_asking(self, spoken: str, lowered: str) -> None:
        # With nothing to be asked by this or after it, "tell me whenever you like" asks nothing.
        may_invite = not self._brief.probe and not self._brief.tail
        is_asking = "?" in spoken or (not may_invite and _ASKS.search(lowered) is not None)
        if not is_asking:
            if self.has_asked:
                raise GuardRefused("goes on after its question")
            return
        if not self._brief.probe or self.has_asked or spoken.count("?") > 1:
            raise GuardRefused("asks a question of its own")
        if not is_same_question(spoken, self._brief.probe):
            raise GuardRefused("asks another question")
        self.has_asked = True


def is_same_question(said: str, decided: str) -> bool:
    """The same words of question, the same negation, most of the topic and little besides."""
    said_parts, decided_parts = _parts(said), _parts(decided)
    for words in (QUESTION_WORDS, NEGATORS | {"not"}):
        if {part for part in said_parts if part in words} != {
            part for part in decided_parts if part in words
        }:
            return False
    said_stems, decided_stems = stems_of(said), stems_of(decided)
    extra = said_stems - decided_stems - _COMMON_STEMS
    if len(extra) > MAX_PROBE_EXTRA:
        return False
    if not decided_stems:
        return not extra
    return len(decided_stems & said_stems) >= MIN_PROBE_SHARE * len(decided_stems)


def stems_of(text: str) -> frozenset[str]:
    """Stems of the words that carry a topic."""
    return frozenset(
        stem(part)
        for part in _parts(text)
        if part not in FUNCTION_WORDS and part not in ARTICLES and part not in NEGATORS
    )


_COMMON_STEMS = frozenset(stem(word) for word in COMMON)
_TALK_STEMS = frozenset(stem(word) for word in TALK)


def _hidden_stems(brief: Brief) -> frozenset[str]:
    """Words of how people say the key points that have not been said by the question itself."""
    question = brief.question
    if question is None:
        return frozenset()
    told = " ".join((brief.lead, brief.probe, question.text, question.spoken, question.rephrase))
    phrasings = " . ".join(
        phrasing for point in question.key_points for phrasing in point.phrasings
    )
    return stems_of(phrasings) - stems_of(told) - _COMMON_STEMS


def _parts(text: str) -> list[str]:
    return [part for token in tokenise(text) for part in split_contraction(token.plain)]


def _is_english(text: str) -> bool:
    parts = _parts(text)
    if len(parts) < LANGUAGE_WORDS:
        return True
    english = sum(part in FUNCTION_WORDS or part in ARTICLES or part in COMMON for part in parts)
    return english >= MIN_ENGLISH_SHARE * len(parts)
