"""The offline judge: which key points of a question an answer covers, and the words that show it.

Deterministic and cheap: it looks for the ways people say each point (`KeyPoint.phrasings`). It
knows no meaning; what it calls missing may have been said in other words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from scoring.phrases import Match, Phrase, PhraseFinder, compile_phrase, word_runs
from scoring.quotes import widen
from sessions.facts import Coverage, KeyPointFinding
from sessions.ids import KeyPointId
from sessions.plan import KeyPoint, Question

JUDGE_NAME = "key-points-1"

SPECIFIC_LETTERS = 6
"""A single content word of at least this length is taken as a sign by itself."""
LOOSE_SHARE = 0.6
"""This part of a phrasing's content words, two at least, within LOOSE_WINDOW is a weak sign."""
LOOSE_WINDOW = 10

_RANK = {Coverage.MISSING: 0, Coverage.PARTLY: 1, Coverage.COVERED: 2}


def judge_answer(question: Question, text: str) -> tuple[KeyPointFinding, ...]:
    """One finding per key point, in the question's order. For each not MISSING,
    `text[start:end] == quote`, the clause or sentence that shows it.

    COVERED: a phrasing of two or more content words was said, or one whose only content word is
    specific, or two different phrasings. PARTLY: a weaker sign. What is negated or
    denied does not count, unless the phrasing itself is negative; nor does what was asked and
    is only said back.
    """
    phrases = {
        point.id: [compile_phrase(phrasing) for phrasing in point.phrasings]
        for point in question.key_points
    }
    listed = [phrase for one in phrases.values() for phrase in one]
    finder = PhraseFinder(text, listed, _asked_runs(question))
    return tuple(
        _judge_point(point, phrases[point.id], finder, text) for point in question.key_points
    )


@lru_cache(maxsize=128)
def _asked_runs(question: Question) -> frozenset[tuple[str, ...]]:
    """The runs of words the interviewer may have said: repeated, they show nothing."""
    phrases = [
        compile_phrase(phrasing) for point in question.key_points for phrasing in point.phrasings
    ]
    follow_ups = (point.follow_up for point in question.key_points)
    return frozenset(
        run
        for said in (question.text, question.spoken, question.rephrase, *follow_ups)
        for run in word_runs(said, phrases)
    )


def merge_findings(
    earlier: Iterable[KeyPointFinding], later: Iterable[KeyPointFinding]
) -> tuple[KeyPointFinding, ...]:
    """The better finding per key point, the earlier of equals; in the order they first came."""
    best: dict[KeyPointId, KeyPointFinding] = {}
    for finding in (*earlier, *later):
        known = best.get(finding.key_point_id)
        if known is None or is_better(finding.coverage, known.coverage):
            best[finding.key_point_id] = finding
    return tuple(best.values())


def is_better(one: Coverage, other: Coverage) -> bool:
    return _RANK[one] > _RANK[other]


def _judge_point(
    point: KeyPoint, phrases: Sequence[Phrase], finder: PhraseFinder, text: str
) -> KeyPointFinding:
    matches = [match for phrase in phrases if (match := finder.find(phrase)) is not None]
    strong = [match for match in matches if _is_strong(match)]
    if strong or _are_two_signs(matches):
        return _finding(point, Coverage.COVERED, _best(strong or matches), text)
    weak = [
        *matches,
        *(
            match
            for phrase in phrases
            if (match := finder.find_loosely(phrase, share=LOOSE_SHARE, window=LOOSE_WINDOW))
        ),
    ]
    if weak:
        return _finding(point, Coverage.PARTLY, _best(weak), text)
    return KeyPointFinding(key_point_id=point.id, coverage=Coverage.MISSING)


def _is_strong(match: Match) -> bool:
    phrase = match.phrase
    if phrase.weight != 1:
        return phrase.weight >= 2
    # "went live", "fell from": a short word is specific in company, if said just so.
    is_said_just_so = match.places[-1] - match.places[0] + 1 == len(phrase.parts) >= 2
    return phrase.longest >= SPECIFIC_LETTERS or is_said_just_so


def _are_two_signs(matches: Sequence[Match]) -> bool:
    """Two phrasings that share neither a word of the answer nor all their content."""
    return any(
        set(one.phrase.content) != set(other.phrase.content)
        and one.phrase.weight
        and other.phrase.weight
        and (one.end <= other.start or other.end <= one.start)
        for index, one in enumerate(matches)
        for other in matches[index + 1 :]
    )


def _best(matches: Sequence[Match]) -> Match:
    """The one that says most in fewest words, the earliest of equals."""
    return max(
        matches, key=lambda match: (match.phrase.weight, match.start - match.end, -match.start)
    )


def _finding(point: KeyPoint, coverage: Coverage, match: Match, text: str) -> KeyPointFinding:
    start, end = widen(text, match.start, match.end)
    return KeyPointFinding(
        key_point_id=point.id, coverage=coverage, quote=text[start:end], start=start, end=end
    )
