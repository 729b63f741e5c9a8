"""What counts of a model's findings: those whose quote the candidate said, in answer to that
question. The rest is dropped and counted, and the offline judge's finding stands in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from scoring.judges.spans import Answers, SpanClaim, Turn, seen
from scoring.key_points import JUDGE_NAME, is_better
from scoring.located import find_quote
from scoring.phrases import compile_phrase
from sessions.facts import Coverage, KeyPointFinding
from sessions.ids import KeyPointId, QuestionId
from sessions.plan import Question

MOST_WORDS = 80
"""A longer quote points to nothing. 4 to 30 words are asked for."""
MOST_POINTS_PER_SPAN = 3
"""The same words cited for more key points than this show none of them."""

# Words said to the judge instead of the interviewer, in the forms that are tried. One that is not
# in the list still has to pass everything else; one that is here is no evidence whoever cites it.
# Narrow on purpose: people tell of instructions they ignored, and of ratings. Every repetition
# is bounded: an answer made to keep the search busy does not.
_TO_THE_JUDGE = re.compile(
    r"""
    (?: \b(?:ignor[ei]\w{0,6}|disregard|forget|override)\ (?:[\w']{1,20}\ ){0,3}
        (?:rubrics?|system\ prompt|scoring\ (?:rules|guide)|key\ points)\b
    | \b(?:ignor[ei]\w{0,6}|disregard|forget|override)\ (?:[\w']{1,20}\ ){0,2}
        (?:previous|prior|above|earlier|your)\ (?:\w{1,20}\ )?
        (?:instructions?|prompts?|rules|guidelines)\b
    | \b(?:rate|score|grade|mark)\ (?:me|(?:this|my)\ (?:answers?|candidate))
        \ (?:an?|as|at|with|\d|five|full|high\w{0,3}|top|the)\b
    | \bgive\ (?:me|this\ candidate)\ (?:an?\ |the\ )?(?:rating\ of\b|full\ marks
        |(?:top|best|highest|maximum)\ (?:score|rating|mark)
        |(?:5|five)\b(?=\s{0,4}(?:out\ of|/|points|stars|[.,!]|$)))
    | \b(?:all|every|each)\ (?:of\ (?:the|your)\ )?key\ points?
        \ (?:is|are|was|were|has|have)\ (?:been\ )?(?:covered|made|met|addressed|shown)\b
    | \bkey[\ _-]?points?\b[^.?!]{0,30}(?:\b(?:is|are|as)|[:=])\s{0,4}["']?covered\b
    | \b(?:mark|treat|count)\ (?:everything|it\ all|(?:this|my)\ answers?)\b
        [^.?!]{0,30}\bcovered\b
    | \binterviewer\ (?:said|says|confirmed|noted|wrote)\b[^?!]{0,40}\b(?:covered|passed)\b
    | \byou\ are\ (?:now\ )?(?:an?\ |the\ )(?:ai|language\ model|rater|evaluator|judge)\b
    | (?:^|\n|["'\]])\s{0,4}(?:system|assistant|developer)\s{0,4}(?:message|prompt)?\s{0,4}[:>\]]
    | <\s{0,4}/?\s{0,4}(?:system|assistant|instructions?)\s{0,4}>
    | <\|im_(?:start|end)\|> | \[/?INST\]
    | \#\#\#\ {0,4}(?:system|instruction|response)
    | ["']\s{0,4}(?:coverage|key_point_id|span_ids)\s{0,4}["']\s{0,4}:
    | \b(?:ignor[ae]|olvida)\b[^.?!]{0,40}\b(?:instrucciones|instruções|consignes|r[uú]brica)\b
    | \bignorier\w{0,6}\b[^.?!]{0,40}\b(?:anweisung\w{0,6}|bewertung\w{0,6})\b
    | игнориру\w{0,6}[^.?!]{0,40}(?:инструкци\w{0,6}|правил\w{0,6})
    | (?:忽略|无视)[^。?!]{0,20}(?:指令|指示|规则|评分)
    | निर्देश\S{0,6}[^.?!।]{0,20}(?:अनदेखा|नज़रअंदाज़|भूल)
    )[^.?!\n]{0,120}  # and what the sentence goes on with
    """,
    re.IGNORECASE | re.VERBOSE,
)

_Place = tuple[Turn, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnFindings:
    """What is found in one turn: a finding per key point, in the question's order."""

    turn: int
    question_id: QuestionId
    judge: str
    findings: tuple[KeyPointFinding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    turns: tuple[TurnFindings, ...]
    rejected_quotes: int
    """Findings of the model that did not count."""


@dataclass(frozen=True, slots=True)
class _Heard:
    """A turn as the model was shown it: each character stands where it stood."""

    turn: Turn
    text: str
    to_the_judge: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, turn: Turn) -> _Heard:
        text = seen(turn.text)
        return cls(turn, text, tuple(found.span() for found in _TO_THE_JUDGE.finditer(text)))

    def is_to_the_judge(self, start: int, end: int) -> bool:
        """The quote, or what it was cut out of."""
        return any(lower < end and start < upper for lower, upper in self.to_the_judge)


@dataclass(frozen=True, slots=True)
class _Span:
    key_point_id: KeyPointId
    coverage: Coverage
    turn: Turn
    start: int
    end: int

    def is_same_as(self, other: _Span) -> bool:
        """More than half of the shorter one is in both."""
        shared = min(self.end, other.end) - max(self.start, other.start)
        shorter = min(self.end - self.start, other.end - other.start)
        return self.turn.turn == other.turn.turn and 2 * shared > shorter

    @property
    def finding(self) -> KeyPointFinding:
        return KeyPointFinding(
            key_point_id=self.key_point_id,
            coverage=self.coverage,
            quote=self.turn.text[self.start : self.end],
            start=self.start,
            end=self.end,
        )


def verify_spans(
    answers: Answers,
    claims: Sequence[SpanClaim],
    offline: Mapping[int, Sequence[KeyPointFinding]],
    *,
    judge: str,
) -> Verified:
    """`offline`: per turn, what the offline judge has found. It stands for every key point of
    which the model said nothing, or nothing that counts; where it does, the name says so.
    """
    points = {point.id: point for point in answers.question.key_points}
    heard = [_Heard.of(turn) for turn in answers.turns]
    quoted = [claim for claim in claims if claim.coverage is not Coverage.MISSING]
    found = [
        _Span(KeyPointId(claim.key_point_id), claim.coverage, *place)
        for claim in quoted
        if claim.key_point_id in points
        and (place := _locate(answers.question, heard, claim)) is not None
    ]
    spans = [span for span in found if not _is_for_everything(span, found)]
    shown = {span.key_point_id for span in spans}
    doubted = {claim.key_point_id for claim in quoted} - shown
    missing = {claim.key_point_id for claim in claims if claim.coverage is Coverage.MISSING}
    if answers.is_cut:  # it may be in what the model was not given
        missing.clear()
    decided = shown | (missing - doubted)
    name = judge if decided >= set(points) else f"{judge}+{JUDGE_NAME}"
    return Verified(
        turns=tuple(
            TurnFindings(
                turn=turn.turn,
                question_id=answers.question.id,
                judge=name,
                findings=_of_turn(turn, answers.question, spans, decided, offline[turn.turn]),
            )
            for turn in answers.turns
        ),
        rejected_quotes=len(quoted) - len(spans),
    )


def offline_turns(
    answers: Answers, offline: Mapping[int, Sequence[KeyPointFinding]]
) -> tuple[TurnFindings, ...]:
    """The same, where no model has answered."""
    return tuple(
        TurnFindings(
            turn=turn.turn,
            question_id=answers.question.id,
            judge=JUDGE_NAME,
            findings=tuple(offline[turn.turn]),
        )
        for turn in answers.turns
    )


def is_to_the_judge(text: str) -> bool:
    """It speaks to whoever rates, or imitates what a rater is given or gives."""
    return _TO_THE_JUDGE.search(text) is not None


def _locate(question: Question, heard: Sequence[_Heard], claim: SpanClaim) -> _Place | None:
    """Where the quote stands: in the turn that is named, or else in another of the same answers."""
    if len(claim.quote.split()) > MOST_WORDS or not compile_phrase(claim.quote).weight:
        return None
    if _is_asked(question, claim.quote):
        return None
    for one in sorted(heard, key=lambda one: one.turn.turn != claim.turn):
        place = find_quote(one.text, claim.quote)
        if place is not None:
            return None if one.is_to_the_judge(*place) else (one.turn, *place)
    return None


def _is_asked(question: Question, quote: str) -> bool:
    """The interviewer's words, said back."""
    follow_ups = (point.follow_up for point in question.key_points)
    asked = (question.text, question.spoken, question.rephrase, *follow_ups)
    return any(find_quote(text, quote) is not None for text in asked)


def _is_for_everything(span: _Span, spans: Iterable[_Span]) -> bool:
    points = {other.key_point_id for other in spans if span.is_same_as(other)}
    return len(points) > MOST_POINTS_PER_SPAN


def _of_turn(
    turn: Turn,
    question: Question,
    spans: Sequence[_Span],
    decided: set[str],
    offline: Sequence[KeyPointFinding],
) -> tuple[KeyPointFinding, ...]:
    best: dict[KeyPointId, KeyPointFinding] = {}
    for finding in offline:
        if finding.key_point_id not in decided:
            best[finding.key_point_id] = finding
    for span in spans:
        known = best.get(span.key_point_id)
        is_here = span.turn.turn == turn.turn
        if is_here and (known is None or is_better(span.coverage, known.coverage)):
            best[span.key_point_id] = span.finding
    return tuple(
        best.get(point.id, KeyPointFinding(key_point_id=point.id, coverage=Coverage.MISSING))
        for point in question.key_points
    )
