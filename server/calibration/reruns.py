"""The same labelled answers to the same model, again and again: how far it agrees with itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scoring.agreement import Stability, rerun_stability
from scoring.calibration import RANKED, CalibrationInvalid, Label, LabelledSet
from scoring.calibration_ratings import whole_rating
from scoring.judges.judgement import Judgement
from scoring.ratings import score_of
from scoring.rubric import Rubric, rubric_for
from server.reports.judging import ModelJudge
from sessions.facts import AnswerHeard, Fact, InterviewPlanned, QuestionAsked, Timing
from sessions.ids import AccountId, InterviewId, QuestionId
from sessions.plan import LEVELS, PlanRequest, Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Reruns:
    stability: Stability
    answers: int
    """Judged in every run without a failed request; only these count."""
    left_out: int
    """A request failed in some run: that says nothing of the model's judgement."""
    models: tuple[str, ...]
    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    facts: tuple[Fact, ...]
    rubric: Rubric


async def rerun(
    judge: ModelJudge, labelled: LabelledSet, bank: Sequence[Question], *, runs: int
) -> Reruns:
    """Strong, middling and weak answers; what is no answer has nothing to rate. Raises
    CalibrationInvalid when the bank lacks a question.
    """
    known = {question.id: question for question in bank}
    cases = [
        _case(_find(known, QuestionId(one.id), one.version), label, one.answers[label])
        for one in labelled.questions
        for label in RANKED
    ]
    # Run by run: within one, the judge itself asks several at once.
    judged = [[await judge.judge(one.facts, one.rubric) for one in cases] for _ in range(runs)]
    whole = [
        place
        for place in range(len(cases))
        if not any(run[place].failed_requests for run in judged)
    ]
    ratings = [[rating for place in whole for rating in _ratings(run[place])] for run in judged]
    used = [usage for run in judged for judgement in run for usage in judgement.usage]
    return Reruns(
        stability=rerun_stability(ratings),
        answers=len(whole),
        left_out=len(cases) - len(whole),
        models=tuple(dict.fromkeys(one.model for one in used)),
        requests=sum(one.requests for one in used),
    )


def _find(known: Mapping[QuestionId, Question], id: QuestionId, version: int) -> Question:
    question = known.get(id)
    if question is None or question.version != version:
        raise CalibrationInvalid(f"the bank has no {id} of version {version}")
    return question


def _ratings(judgement: Judgement) -> list[int | None]:
    """Per competency of the rubric; a median between two anchors as its score is rounded."""
    found = [one.combined.rating for one in judgement.competencies]
    return [None if rating is None else whole_rating(score_of(rating)) for rating in found]


def _case(question: Question, label: Label, text: str) -> _Case:
    """The answer as an interview of one question. Its times mean nothing, and nobody reads them."""
    level = next(level for level, numbers in LEVELS.items() if question.difficulty in numbers)
    planned = InterviewPlanned(
        at_ms=0,
        interview_id=InterviewId(f"labelled {question.id} {label.value}"),
        account_id=AccountId("labelled"),
        request=PlanRequest(type=question.type, difficulty=level, question_count=1),
        questions=(question,),
        seed="labelled",
    )
    heard = AnswerHeard(
        at_ms=1,
        turn=1,
        question_id=question.id,
        text=text,
        words=(),
        timing=Timing.NONE,
        recogniser="",
        started_ms=1,
        ended_ms=1,
    )
    asked = QuestionAsked(at_ms=0, index=0, question_id=question.id)
    return _Case(facts=(planned, asked, heard), rubric=rubric_for(question.type, level))
