"""How an answer is built: the elements of a story with the words that show them, the phases of a
long answer, the length of its sentences. Words alone decide; nothing of how they were spoken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from scoring.model import KeyPointResult, Measure, Quote, StarElement
from scoring.quotes import widen
from scoring.words import count_words
from sessions.facts import AnswerHeard, Coverage
from sessions.ids import KeyPointId
from sessions.plan import Question

MOST_QUOTES = 3
"""Per element: more would be the answer again."""
MIN_WE_ACTIONS = 2
"""One "we built" is a way to speak; two, and no "I", and nobody knows what the person did."""
COVERAGE_VALUE = {Coverage.COVERED: 1.0, Coverage.PARTLY: 0.5, Coverage.MISSING: 0.0}
"""What a key point is worth. Every score that counts key points counts them so."""

# -- the lexicon -----------------------------------------------------------------------------------

_ACTION_VERBS = (
    "added adopted agreed aligned analysed analyzed apologised apologized approached argued "
    "arranged asked assigned automated benchmarked booked bought broke brought built called "
    "cancelled changed chased checked chose cleaned coached collected compared contacted "
    "convinced coordinated copied corrected created cut debugged decided defined delegated "
    "deleted delivered deployed described designed developed discussed documented drafted drew "
    "escalated estimated examined explained extracted facilitated filed fixed followed gathered "
    "gave handed helped hired implemented improved insisted inspected installed interviewed "
    "introduced invested investigated invited isolated joined kept launched led limited listed "
    "logged looked made managed mapped measured mentored merged met migrated moderated moved "
    "negotiated offered opened ordered organised organized owned paired paused persuaded phoned "
    "picked piloted planned postponed prepared presented prioritised prioritized produced "
    "profiled promised proposed prototyped pulled pushed put raised ran reached read rebuilt "
    "recommended recorded redesigned reduced refactored refused rejected released removed renamed "
    "reorganised reorganized replaced replied reported reproduced requested researched resolved "
    "restarted restored reverted reviewed revised rewrote rolled said sat scheduled scoped sent "
    "separated set shadowed shared shipped showed simplified sketched sorted spent split spoke "
    "started stepped stood stopped studied suggested summarised summarized supported switched "
    "talked taught tested thanked told took traced tracked trained translated tried turned "
    "updated upgraded used validated verified visited volunteered walked warned went worked "
    "wrote"
)
_ADVERBS = (
    r"(?:(?:also|then|first|next|just|quickly|simply|personally|actually|finally|immediately|"
    r"even|really|always|still|slowly|carefully|deliberately|mostly|therefore|now|later|usually|"
    r"openly|quietly|again)\s+){0,2}"
)
_VERB = rf"(?:{'|'.join(_ACTION_VERBS.split())})\b"
_I = r"\bi(?:['\u2019]ve| have)?\s+"
_WE = r"\bwe(?:['\u2019]ve| have)?\s+"
_NUMBER = (
    r"(?:\d[\d.,]*|a|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|"
    r"eleven|thirty|forty|fifty|sixty|seventy|eighty|ninety|a hundred|half|several|a few|"
    r"a couple of)"
)
_SPAN = r"(?:second|minute|hour|day|week|month|quarter|year)s?"
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_AMOUNT = rf"{_NUMBER}(?:\s+(?:per cent|percent|{_SPAN})|\s*%|\s+times)?"

_PATTERNS: Mapping[StarElement, re.Pattern[str]] = {
    element: re.compile(pattern, re.IGNORECASE)
    for element, pattern in {
        StarElement.SITUATION: (
            r"\b(?:when|while) (?:i|we) (?:was|were|worked|joined|started)\b|"
            r"\b(?:at|in) my (?:\w+ )?(?:last|previous|first|current|former|old|second) \w+|"
            r"\blast (?:year|month|week|spring|summer|autumn|fall|winter|quarter|christmas)\b|"
            rf"\b{_NUMBER} (?:weeks|months|years|year|month) ago\b|"
            r"\bback in (?:19|20)\d\d\b|\bin (?:19|20)\d\d\b|\bat (?:the|that) time\b|"
            r"\bthere was (?:a|this|one) (?:time|moment|project|situation|case|customer|client)\b|"
            r"\b(?:i|we) (?:was|were) (?:working|building|running|responsible for a)\b|"
            r"\b(?:my|our) (?:\w+ )?(?:team|company|department|employer) (?:was|were|had|ran|of)\b|"
            r"\bwe were (?:a|an|about|only|\w+ing)\b|\bwe had (?:a|an|this|one|just) \w+|"
            r"\b(?:i|we) worked (?:for|at|on|in|from)\b|\bin my (?:\w+ )?(?:job|year|team|role)\b|"
            rf"\b(?:on )?(?:one|a) {_DAY}\b|\b{_NUMBER} {_SPAN} before\b|"
            r"\bhad just (?:left|joined)\b|"
            # How things were, at the very beginning.
            r"\A(?:(?:so|well|okay|ok|yes|yeah|sure|um|uh),?\s+)*(?:our|my|we|a|an|two|three|one|"
            r"in|at|on|for|there|after|before)\b[^.?!]{0,160}?\b(?:had|was|were)\b"
        ),
        StarElement.TASK: (
            r"\bmy (?:\w+ )?(?:task|job|role|part|responsibility|goal|assignment|duty) (?:was|were)"
            r"|\bi was (?:asked|told|tasked|assigned|expected|supposed|responsible|accountable|"
            r"the one who|in charge|made responsible|given)\b|"
            r"\b(?:had|needed|was|were|was going|committed) to (?!be honest\b)\w+|"
            r"\bi volunteered\b|"
            r"\b(?:asked|wanted|told) me (?:to|for)\b|\bi (?:took over|was looking after)\b|"
            rf"\b(?:was|were|is) due\b|\bneeded (?:\w+ ){{1,6}}by {_DAY}\b|"
            r"\bthe (?:goal|aim|challenge|objective|target|deadline|task|question) was\b|"
            r"\b(?:it was|that was) (?:up to me|my (?:job|call|responsibility|decision|turn))\b|"
            r"\bfell to me\b|\blanded on (?:me|my desk)\b|\bi (?:owned|was owning) the\b"
        ),
        StarElement.ACTION: (
            rf"{_I}{_ADVERBS}{_VERB}|\bwhat i (?:did|ended up doing) (?:was|is|then)\b|"
            r"\bi began (?:to|by)\b|\bi decided\b|\bmy first step was\b"
        ),
        StarElement.RESULT: (
            r"\bin the end\b|\bas a (?:result|consequence)\b|"
            r"\bat the end of (?:it|the day) (?:we|it)|\beventually\b|"
            r"\bthe (?:result|outcome|effect|upshot|impact) (?:was|is|were)\b|"
            r"\b(?:i|we|they|he|she|it) ended up\b|\bsince then\b|\bever since\b|"
            r"\bi(?:['\u2019]ve| have)? (?:learned|learnt)\b|\bwhat i (?:learned|learnt|took)\b|"
            r"\b(?:dropped|fell|rose|grew|went (?:up|down)|came down|increased|decreased|improved|"
            r"shrank|was (?:cut|reduced)|were (?:cut|reduced)|went) (?:from|by|to) "
            rf"(?:about |around |nearly |almost |over |under )?{_AMOUNT}|"
            rf"\b(?:saved|cut|reduced|halved|doubled|tripled)\b[^.?!]{{0,40}}?\b(?:{_AMOUNT})|"
            r"\b(?:it|we|they|that|the \w+) (?:went live|shipped|launched|paid off|held|"
            r"never happened again)\b|\b(?:we|they|it) (?:met|made|hit|missed) the "
            rf"(?:deadline|date)|\bwithin {_NUMBER} {_SPAN}\b|\b{_NUMBER} {_SPAN} later\b|"
            r"\b(?:they|he|she|it|that) still (?:use|uses|do|does|run|runs|works|holds)\b|"
            rf"\bfrom {_AMOUNT} (?:\w+ ){{0,4}}to {_NUMBER}\b|\bin hindsight\b|\blooking back\b|"
            r"\bi should have\b|\bi would (?:do|decide) (?:it|the same)\b|\bnext time i\b|"
            rf"\b(?:takes?|took) {_AMOUNT}(?: {_SPAN})?\b[^.?!]{{0,20}}?\b(?:now|today|instead)\b|"
            rf"\b{_NUMBER} (?:percent|per cent|times|{_SPAN}) (?:faster|earlier|fewer|cheaper)\b|"
            r"\b(?:they|he|she|the \w+) (?:stayed|renewed|approved|agreed|signed|thanked)\b"
        ),
    }.items()
}
"""What shows an element in English. An action is one in the first person singular and the past:
what a team did, and what somebody would do, is none.
"""
_WE_ACTION = re.compile(rf"{_WE}{_ADVERBS}{_VERB}", re.IGNORECASE)

# -- the flags -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StarFlag:
    """One element, and the words that show it: it is there when there are any."""

    element: StarElement
    quotes: tuple[Quote, ...]

    @property
    def is_there(self) -> bool:
        return bool(self.quotes)


@dataclass(frozen=True, slots=True, kw_only=True)
class StarFlags:
    flags: tuple[StarFlag, ...]
    """All four, in the order a story has them."""
    is_only_we: bool
    """The team acted throughout, and nothing says what the person did."""
    we_quotes: tuple[Quote, ...]
    """Where it did; empty unless `is_only_we`."""

    def is_there(self, element: StarElement) -> bool:
        return any(flag.is_there for flag in self.flags if flag.element is element)

    @property
    def completeness(self) -> float:
        """The share of the four elements that are there, 0-1."""
        return sum(flag.is_there for flag in self.flags) / len(self.flags)


def find_star(
    points: Sequence[KeyPointResult],
    answers: Sequence[AnswerHeard],
    *,
    began_ms: int,
    language: str = "en",
) -> StarFlags:
    """The elements in the answers to one question: `points` are that question's, `answers` its
    turns without requests, `began_ms` what offsets count from (`Evidence.start_ms`).

    The quotes of its key points come first, then what the lexicon finds; every quote is
    `text[start:end]` of its turn. In languages other than English the key points alone decide.
    """
    reads = language.split("-")[0].lower() == "en"
    flags = tuple(
        StarFlag(
            element=element,
            quotes=_distinct(
                [
                    *(quote for point in points if point.star == element for quote in point.quotes),
                    *(_search(_PATTERNS[element], answers, began_ms) if reads else ()),
                ]
            ),
        )
        for element in StarElement
    )
    we_quotes = list(_search(_WE_ACTION, answers, began_ms)) if reads else []
    has_own = any(_PATTERNS[StarElement.ACTION].search(answer.text) for answer in answers)
    is_only_we = len(we_quotes) >= MIN_WE_ACTIONS and not has_own
    return StarFlags(
        flags=flags,
        is_only_we=is_only_we,
        we_quotes=_distinct(we_quotes) if is_only_we else (),
    )


def _search(
    pattern: re.Pattern[str], answers: Sequence[AnswerHeard], began_ms: int
) -> Iterable[Quote]:
    for answer in answers:
        for found in pattern.finditer(answer.text):
            start, end = widen(answer.text, *found.span())
            yield Quote(
                turn=answer.turn,
                text=answer.text[start:end],
                start=start,
                end=end,
                offset_ms=max(0, answer.started_ms - began_ms),
            )


def _distinct(quotes: Iterable[Quote]) -> tuple[Quote, ...]:
    """The first few that do not share words with an earlier one."""
    kept: list[Quote] = []
    for quote in quotes:
        is_new = all(
            quote.turn != other.turn or quote.end <= other.start or other.end <= quote.start
            for other in kept
        )
        if is_new and len(kept) < MOST_QUOTES:
            kept.append(quote)
    return tuple(kept)


# -- structure -------------------------------------------------------------------------------------

MIN_PARTS = 2
"""An answer of one part has no structure to speak of."""


def structure_share(
    question: Question, points: Sequence[KeyPointResult], star: StarFlags | None = None
) -> float | None:
    """Which part of a whole answer was there, 0-1: of the question's phases or, where it asks for
    a story, of its elements. Each counts as its best key point; an element that `star` shows
    counts in full. None when the question has no such parts.
    """
    phases = {point.id: point.phase.value for point in question.key_points if point.phase}
    if len(set(phases.values())) >= MIN_PARTS:
        best = _best(phases, points)
    else:
        elements = {point.id: point.star for point in question.key_points if point.star}
        if len(set(elements.values())) < MIN_PARTS:
            return None
        best = _best(elements, points)
        if star is not None:
            shown = {element: float(star.is_there(element)) for element in StarElement}
            best = {name: max(best.get(name, 0.0), value) for name, value in shown.items()}
    return sum(best.values()) / len(best)


def _best(part_of: Mapping[KeyPointId, str], points: Sequence[KeyPointResult]) -> dict[str, float]:
    best = dict.fromkeys(part_of.values(), 0.0)
    for point in points:
        part = part_of.get(point.id)
        if part is not None:
            best[part] = max(best[part], COVERAGE_VALUE[point.coverage])
    return best


_SENTENCES = re.compile(r"[.?!\u2026\u0964]+(?=\s|$)|\n+")


def words_per_sentence(answers: Sequence[AnswerHeard]) -> Measure:
    """The mean over all sentences of the answers. Not measured where the recogniser wrote no
    full stops: a text of 40 words or more without any.
    """
    texts = [answer.text for answer in answers if answer.text.strip()]
    if not texts:
        return _not_measured("nothing was answered")
    if any(count_words(text) >= 40 and not _SENTENCES.search(text) for text in texts):
        return _not_measured("this recogniser writes no full stops")
    lengths = [
        words for text in texts for part in _SENTENCES.split(text) if (words := count_words(part))
    ]
    if not lengths:
        return _not_measured("nothing was answered")
    value = round(sum(lengths) / len(lengths), 1)
    return Measure(value=value, unit="words per sentence", is_measured=True)


def _not_measured(note: str) -> Measure:
    return Measure(value=None, unit="words per sentence", is_measured=False, note=note)
