"""What to name in a report: what was done well, what was missing, what to say next time.

Each stands on the candidate's own words. Where a point was asked for and not said, these are the
words that answered the question for it. Nothing is named that no words can be shown for, so that
there may be fewer than usual, and then the note says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from scoring.lexicon_en import ARTICLES, FUNCTION_WORDS
from scoring.model import (
    AnswerPart,
    Finding,
    Findings,
    KeyPointResult,
    QuestionReport,
    QuestionStatus,
    Quote,
)
from scoring.quotes import OPENING_WORDS, opening, widen
from scoring.words import count_words, tokenise
from sessions.facts import Coverage

LEAST_NAMED, MOST_NAMED = 3, 5
"""Strengths, and weaknesses."""
LEAST_IMPROVEMENTS, MOST_IMPROVEMENTS = 5, 7
WHOLE_LEAST = 4
"""All key points of a question, when it has so many or more, are worth a word by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gap:
    """A key point that was not covered, and the words nearest to it."""

    point: KeyPointResult
    rank: int
    """The lower, the plainer: asked for and not heard; asked for and partly; partly; not heard."""
    quotes: tuple[Quote, ...]
    asked: str


def find_strengths(questions: Sequence[QuestionReport]) -> Findings:
    """Points that were covered, those made without a follow-up first, spread over the questions.
    A question of which all was covered is a strength by itself.
    """
    per_question = [_strengths_of(question) for question in _answered(questions)]
    found = _spread(per_question, MOST_NAMED)
    if not found:
        return Findings(items=(), note="No key point was heard in full, so there is none to name.")
    is_few = len(found) < LEAST_NAMED
    note = "Fewer than three: no further key point was heard in full." if is_few else ""
    return Findings(items=found, note=note)


def find_weaknesses(questions: Sequence[QuestionReport]) -> Findings:
    """Points that were asked for by a follow-up and not heard, then those heard partly, then what
    was missing in an answer unasked, once per answer while there are enough others.
    """
    gaps = [(question, _gaps(question)) for question in _answered(questions)]
    plain = [
        [_weakness(question, gap) for gap in _once_unasked(of_one)] for question, of_one in gaps
    ]
    found = _spread(plain, MOST_NAMED)
    if len(found) < LEAST_NAMED:
        every = [
            list(dict.fromkeys(_weakness(question, gap) for gap in of_one))
            for question, of_one in gaps
        ]
        found = _spread(every, LEAST_NAMED)
    if len(found) >= LEAST_NAMED:
        return Findings(items=found, note="")
    if not found:
        return Findings(items=(), note="No key point was found missing in what was answered.")
    return Findings(items=found, note="Fewer than three: nothing else was found missing.")


def find_improvements(questions: Sequence[QuestionReport]) -> Findings:
    """What to say next time: the points that were missing or half said, spread over the answers,
    each with the sentence of the model answer that says it. Points that are missing in the same
    answer show different sentences of it, as long as it has any.
    """
    per_question = [
        [_improvement(question, gap) for gap in _gaps(question)]
        for question in _answered(questions)
    ]
    found = _apart(_spread(per_question, MOST_IMPROVEMENTS), questions)
    if not found:
        note = "Every key point of what was answered was heard."
    elif len(found) < LEAST_IMPROVEMENTS:
        note = "Fewer than five: there is no more to add to what was answered."
    else:
        note = ""
    return Findings(items=found, note=note)


def nothing_found(reason: str) -> Findings:
    return Findings(items=(), note=reason)


def _answered(questions: Iterable[QuestionReport]) -> list[QuestionReport]:
    return [question for question in questions if question.status is QuestionStatus.ANSWERED]


# -- strengths -------------------------------------------------------------------------------------


def _strengths_of(question: QuestionReport) -> list[Finding]:
    covered = [
        point
        for point in question.key_points
        if point.coverage is Coverage.COVERED and point.quotes
    ]
    covered.sort(key=lambda point: point.was_probed)  # stable: else in the question's order
    total = len(question.key_points)
    strengths = [_strength(question, point) for point in covered]
    if len(covered) < total or total < WHOLE_LEAST:
        return strengths
    whole = Finding(
        title="A whole answer",
        sentence=f"Covered all {total} key points of question {question.index + 1}.",
        question_index=question.index,
        key_point_id=None,
        quotes=tuple(point.quotes[0] for point in covered[:2]),
    )
    return [whole, *strengths[2:]]


def _strength(question: QuestionReport, point: KeyPointResult) -> Finding:
    return Finding(
        title="Said when asked for it" if point.was_probed else "Said without being asked",
        sentence=point.point,
        question_index=question.index,
        key_point_id=point.id,
        quotes=point.quotes[:1],
    )


# -- what was not covered --------------------------------------------------------------------------


def _gaps(question: QuestionReport) -> list[_Gap]:
    """The plainest first. What no words stand for is left out."""
    replies: dict[object, AnswerPart] = {}
    for part in question.answers:
        replies.setdefault(part.probed_id, part)
    gaps = [
        gap
        for point in question.key_points
        if point.coverage is not Coverage.COVERED
        and (gap := _gap(point, replies, question)) is not None
    ]
    return sorted(gaps, key=lambda gap: gap.rank)


def _gap(
    point: KeyPointResult, replies: Mapping[object, AnswerPart], question: QuestionReport
) -> _Gap | None:
    reply = replies.get(point.id)
    if point.coverage is Coverage.PARTLY:
        return _Gap(point=point, rank=1 if reply else 2, quotes=point.quotes[:1], asked="")
    answered = reply or replies.get(None) or next(iter(question.answers), None)
    quote = None if answered is None else _begin(answered)
    if answered is None or quote is None:
        return None
    return _Gap(point=point, rank=0 if reply else 3, quotes=(quote,), asked=answered.asked)


def _begin(part: AnswerPart) -> Quote | None:
    start, end = opening(part.text)
    return None if start == end else _quote_of(part, start, end)


def _quote_of(part: AnswerPart, start: int, end: int) -> Quote:
    return Quote(
        turn=part.turn,
        text=part.text[start:end],
        start=start,
        end=end,
        offset_ms=part.offset_ms,
    )


def _once_unasked(gaps: Sequence[_Gap]) -> list[_Gap]:
    """Only the first of what nobody asked for: they all show the same words."""
    unasked = [gap for gap in gaps if gap.rank == 3]
    return [gap for gap in gaps if gap.rank < 3] + unasked[:1]


_WEAKNESS = (
    "Asked for, and not heard",
    "Asked for, and only partly heard",
    "Only partly heard",
    "Not heard in this answer",
)


def _weakness(question: QuestionReport, gap: _Gap) -> Finding:
    found = Finding(
        title=_WEAKNESS[gap.rank],
        sentence=gap.point.point,
        question_index=question.index,
        key_point_id=gap.point.id,
        quotes=gap.quotes,
        asked=gap.asked,
    )
    shows_nothing = all(point.coverage is Coverage.MISSING for point in question.key_points)
    if not shows_nothing or gap.rank != 3:
        return found
    return replace(
        found,
        title="No key point heard",
        sentence=f"None of the {len(question.key_points)} key points of question "
        f"{question.index + 1} was heard in the answer.",
        key_point_id=None,
    )


def _improvement(question: QuestionReport, gap: _Gap) -> Finding:
    return Finding(
        title="Say it in full" if gap.point.coverage is Coverage.PARTLY else "Add this",
        sentence=gap.point.point,
        question_index=question.index,
        key_point_id=gap.point.id,
        quotes=gap.quotes,
        example=gap.point.example,
    )


def _apart(
    improvements: Sequence[Finding], questions: Sequence[QuestionReport]
) -> tuple[Finding, ...]:
    """Where two would show the same words, the second shows the sentence of the answer nearest to
    its point that none has shown. What was half said keeps the words that say it.
    """
    by_index = {question.index: question for question in questions}
    missing = {
        (question.index, point.id)
        for question in questions
        for point in question.key_points
        if point.coverage is Coverage.MISSING
    }
    is_free = [(one.question_index, one.key_point_id) in missing for one in improvements]
    shown = [
        quote
        for one, free in zip(improvements, is_free, strict=True)
        if not free
        for quote in one.quotes
    ]
    apart: list[Finding] = []
    for one, free in zip(improvements, is_free, strict=True):
        if free and any(_overlap(quote, other) for quote in one.quotes for other in shown):
            other = _nearest(one, by_index[one.question_index], shown)
            apart.append(one if other is None else replace(one, quotes=(other,)))
        else:
            apart.append(one)
        if free:
            shown.extend(apart[-1].quotes)
    return tuple(apart)


def _nearest(finding: Finding, question: QuestionReport, shown: Sequence[Quote]) -> Quote | None:
    """None when every sentence of the answer was shown."""
    wanted = _content(f"{finding.sentence} {finding.example}")
    free = [
        sentence
        for part in question.answers
        for sentence in _sentences(part)
        if not any(_overlap(sentence, other) for other in shown)
    ]
    return max(free, key=lambda sentence: len(wanted & _content(sentence.text)), default=None)


def _sentences(part: AnswerPart) -> Iterable[Quote]:
    """Those of OPENING_WORDS words or more: an "Um, well." shows nothing."""
    place = 0
    for token in tokenise(part.text):
        if token.start < place:
            continue
        start, end = widen(part.text, token.start, token.end)
        place = max(end, token.end)
        if start < end and count_words(part.text[start:end]) >= OPENING_WORDS:
            yield _quote_of(part, start, end)


def _overlap(one: Quote, other: Quote) -> bool:
    return one.turn == other.turn and one.start < other.end and other.start < one.end


def _content(text: str) -> set[str]:
    return {token.plain for token in tokenise(text)} - FUNCTION_WORDS - ARTICLES


# -- choosing --------------------------------------------------------------------------------------


def _spread(per_question: Sequence[Sequence[Finding]], most: int) -> tuple[Finding, ...]:
    """The first of each question, then the second of each, and so on; in the questions' order."""
    placed = [
        (place, finding) for findings in per_question for place, finding in enumerate(findings)
    ]
    chosen = sorted(placed, key=lambda one: one[0])[:most]
    return tuple(finding for _, finding in sorted(chosen, key=lambda one: one[1].question_index))
