"""What the facts hold on each question: words said, key points found, and the quotes for them.

Only answers count: a turn that turned out to be a request ("can you repeat that") is none. A
finding counts only if its quote stands in the turn at the place it names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from scoring.key_points import is_better
from scoring.model import Quote
from scoring.timeline import start_ms
from scoring.words import count_words
from sessions.facts import (
    AnswerHeard,
    AnswerScored,
    Coverage,
    Fact,
    FillerHeard,
    IntentRecognised,
    KeyPointFinding,
    Probed,
    QuestionAsked,
    QuestionSkipped,
    SkipReason,
)
from sessions.ids import KeyPointId, QuestionId


@dataclass(kw_only=True)
class Evidence:
    start_ms: int
    """What offsets count from; 0 before the interview started."""
    asked_ms: dict[QuestionId, int] = field(default_factory=dict[QuestionId, int])
    words: dict[QuestionId, int] = field(default_factory=dict[QuestionId, int])
    """Words said or typed in answer to a question, fillers left out."""
    skipped: set[QuestionId] = field(default_factory=set[QuestionId])
    probed: list[tuple[QuestionId, KeyPointId]] = field(
        default_factory=list[tuple[QuestionId, KeyPointId]]
    )
    judges: tuple[str, ...] = ()
    found: dict[tuple[QuestionId, KeyPointId], tuple[Coverage, tuple[Quote, ...]]] = field(
        default_factory=dict[tuple[QuestionId, KeyPointId], tuple[Coverage, tuple[Quote, ...]]]
    )

    def coverage(self, question_id: QuestionId, key_point_id: KeyPointId) -> Coverage:
        return self.found.get((question_id, key_point_id), (Coverage.MISSING, ()))[0]

    def quotes(self, question_id: QuestionId, key_point_id: KeyPointId) -> tuple[Quote, ...]:
        """The quotes for the best coverage that was reached, in the order they were said."""
        return self.found.get((question_id, key_point_id), (Coverage.MISSING, ()))[1]


def gather_evidence(facts: Sequence[Fact]) -> Evidence:
    began_ms = start_ms(facts)
    evidence = Evidence(start_ms=began_ms or 0)
    for fact in facts:
        _add_course(evidence, fact)
    requests = {fact.turn for fact in facts if isinstance(fact, IntentRecognised)}
    answers = {
        fact.turn: fact
        for fact in facts
        if isinstance(fact, AnswerHeard) and fact.turn not in requests
    }
    _add_words(evidence, answers.values(), facts)
    # A turn that was judged again, by another judge say, is as it was judged last.
    judged = {
        (fact.turn, fact.question_id): fact
        for fact in facts
        if isinstance(fact, AnswerScored) and fact.turn in answers
    }
    for scored in judged.values():
        _add_findings(evidence, answers[scored.turn], scored)
    evidence.judges = tuple(dict.fromkeys(scored.judge for scored in judged.values()))
    return evidence


def _add_course(evidence: Evidence, fact: Fact) -> None:
    match fact:
        case QuestionAsked():
            evidence.asked_ms.setdefault(fact.question_id, fact.at_ms)
        case QuestionSkipped(reason=SkipReason.CANDIDATE):
            evidence.skipped.add(fact.question_id)
        case Probed():
            evidence.probed.append((fact.question_id, fact.key_point_id))
        case _:
            pass


def _add_words(evidence: Evidence, answers: Iterable[AnswerHeard], facts: Sequence[Fact]) -> None:
    filler_words: Counter[int] = Counter()
    for fact in facts:
        if isinstance(fact, FillerHeard):
            filler_words[fact.turn] += count_words(fact.filler)
    for answer in answers:
        if answer.question_id is not None:
            words = max(0, count_words(answer.text) - filler_words[answer.turn])
            evidence.words[answer.question_id] = evidence.words.get(answer.question_id, 0) + words


def _add_findings(evidence: Evidence, answer: AnswerHeard, scored: AnswerScored) -> None:
    for finding in scored.findings:
        if finding.coverage is Coverage.MISSING or not _is_quoted(finding, answer.text):
            continue
        key = (scored.question_id, finding.key_point_id)
        known, quotes = evidence.found.get(key, (Coverage.MISSING, ()))
        if is_better(known, finding.coverage):
            continue
        quote = Quote(
            turn=answer.turn,
            text=finding.quote,
            start=finding.start,
            end=finding.end,
            offset_ms=max(0, answer.started_ms - evidence.start_ms),
        )
        kept = () if is_better(finding.coverage, known) else quotes
        evidence.found[key] = (finding.coverage, (*kept, quote))


def _is_quoted(finding: KeyPointFinding, text: str) -> bool:
    return bool(finding.quote) and text[finding.start : finding.end] == finding.quote
