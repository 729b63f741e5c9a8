"""The report of an interview, as a fold over its facts. It works on any part of a log from its
start: what was not reached is said to be so. What each reader sees of it: `scoring.editions`.
"""

from __future__ import annotations

from collections.abc import Sequence

from scoring.asked import report_questions
from scoring.delivery import measure_delivery
from scoring.evidence import gather_evidence
from scoring.findings import find_improvements, find_strengths, find_weaknesses, nothing_found
from scoring.key_points import JUDGE_NAME
from scoring.model import (
    CoverageSummary,
    Edition,
    FillerSpan,
    Provenance,
    Purpose,
    QuestionReport,
    QuestionStatus,
    QuestionUsed,
    Report,
    RubricUsed,
    Scorecard,
    Technical,
    TranscriptLine,
)
from scoring.ratings import CompetencyRatings
from scoring.rubric import Rubrics
from scoring.scorecards import as_scorecard, count_answers, score_report
from scoring.scores import Scores
from scoring.technical import gather_technical
from scoring.timeline import duration_ms, start_ms, tell_interruptions
from sessions.errors import NotFound
from sessions.facts import (
    AnswerHeard,
    Coverage,
    Fact,
    FillerHeard,
    InterviewerSpoke,
    InterviewPlanned,
    Speaker,
    Timing,
)
from sessions.lifecycle import fold_status
from sessions.plan import Question

MIN_WORDS = 20
"""Fewer words in all answers together are not enough to judge anything by."""
MODEL_JUDGE = "model:"
"""A judge named `model:MODEL@HASH` asked a language model; HASH is of the prompts it was given."""


def write_report(
    facts: Sequence[Fact],
    *,
    purpose: Purpose | None = None,
    rubrics: Rubrics | None = None,
    ratings: CompetencyRatings | None = None,
    software: str = "",
) -> Report:
    """The whole report, from which `scoring.editions.edition` makes what is shown. `rubrics` are
    those of `scoring.rubric.load_rubrics`; without one for the interview there are no scores.
    `ratings` are a model judge's of the competencies; None when only the offline judge ran.
    `software` names the version that writes. `purpose` None: the plan's.

    Raises NotFound when `facts` holds no InterviewPlanned: there is no interview.
    """
    planned = next((fact for fact in facts if isinstance(fact, InterviewPlanned)), None)
    if planned is None:
        raise NotFound("interview")
    evidence = gather_evidence(facts)
    request = planned.request
    purpose = purpose or request.purpose
    asked = report_questions(planned.questions, facts, evidence, language=request.language)
    questions = tuple(one.report for one in asked)
    reason = _why_not_enough(questions)
    delivery = measure_delivery(facts)
    technical = gather_technical(facts)
    rubric = (rubrics or {}).get((request.type, request.difficulty))

    def scores(by: Purpose) -> Scores | None:
        if rubric is None or reason:
            return None
        return score_report(
            by,
            rubric,
            planned.questions,
            asked,
            ratings,
            delivery=delivery,
            technical=technical,
            language=request.language,
        )

    parts = [part for question in questions for part in question.answers]
    is_typed = bool(parts) and all(part.is_typed for part in parts)
    rests_on = {} if rubric is None else count_answers(rubric, planned.questions, asked)

    def card(found: Scores | None) -> Scorecard | None:
        return None if found is None else as_scorecard(found, rests_on, is_typed=is_typed)

    own, content = scores(purpose), scores(Purpose.HIRING)
    return Report(
        interview_id=planned.interview_id,
        type=request.type,
        difficulty=request.difficulty,
        role=request.role,
        purpose=purpose,
        edition=Edition.WHOLE,
        status=fold_status(facts),
        started_ms=start_ms(facts),
        duration_ms=duration_ms(facts),
        has_enough=not reason,
        not_enough_reason=reason,
        coverage=_sum_up(questions),
        scores=card(own),
        content_scores=card(content),
        strengths=nothing_found(reason) if reason else find_strengths(questions),
        weaknesses=nothing_found(reason) if reason else find_weaknesses(questions),
        improvements=nothing_found(reason) if reason else find_improvements(questions),
        questions=questions,
        delivery=delivery if purpose is Purpose.PRACTICE else None,
        transcript=_transcribe(facts, planned.questions, evidence.start_ms),
        interruptions=tell_interruptions(facts),
        technical=Technical(
            low_confidence_share=technical.low_confidence_share,
            held_reasons=() if own is None else own.held_reasons,
        ),
        judge=", ".join(evidence.judges) or JUDGE_NAME,
        made_with=_made_with(evidence.judges or (JUDGE_NAME,), questions, own, software),
    )


def _made_with(
    judges: tuple[str, ...],
    questions: Sequence[QuestionReport],
    scores: Scores | None,
    software: str,
) -> Provenance:
    asked_model = next((judge for judge in judges if judge.startswith(MODEL_JUDGE)), "")
    model, _, prompts_sha256 = asked_model.removeprefix(MODEL_JUDGE).rpartition("@")
    return Provenance(
        judges=judges,
        model=model,
        prompts_sha256=prompts_sha256,
        rubric=None
        if scores is None
        else RubricUsed(
            id=scores.rubric_id, version=scores.rubric_version, sha256=scores.rubric_sha256
        ),
        questions=tuple(
            QuestionUsed(id=question.id, version=question.version) for question in questions
        ),
        software=software,
    )


def _sum_up(questions: Sequence[QuestionReport]) -> CoverageSummary:
    answered = [question for question in questions if question.status is QuestionStatus.ANSWERED]
    found = [point.coverage for question in answered for point in question.key_points]
    return CoverageSummary(
        questions_planned=len(questions),
        questions_answered=len(answered),
        key_points_total=len(found),
        key_points_covered=found.count(Coverage.COVERED),
        key_points_partly=found.count(Coverage.PARTLY),
    )


def _why_not_enough(questions: Sequence[QuestionReport]) -> str:
    words = sum(question.words for question in questions)
    if words == 0:
        return "Nothing was said or typed in answer to a question, so there is nothing to judge."
    if words < MIN_WORDS:
        said = "1 word was" if words == 1 else f"{words} words were"
        return (
            f"Only {said} said or typed in all answers together; "
            f"a judgement needs at least {MIN_WORDS}."
        )
    if all(question.status is not QuestionStatus.ANSWERED for question in questions):
        return "No question was answered, so there is nothing to judge."
    return ""


def _transcribe(
    facts: Sequence[Fact], questions: Sequence[Question], began_ms: int
) -> tuple[TranscriptLine, ...]:
    index_of = {question.id: index for index, question in enumerate(questions)}
    fillers: dict[int, list[FillerSpan]] = {}
    for fact in facts:
        if isinstance(fact, FillerHeard):
            span = FillerSpan(filler=fact.filler, start=fact.start, end=fact.end)
            fillers.setdefault(fact.turn, []).append(span)
    lines: list[tuple[int, TranscriptLine]] = []
    for fact in facts:
        if isinstance(fact, AnswerHeard) or (isinstance(fact, InterviewerSpoke) and fact.heard):
            question_index = None if fact.question_id is None else index_of.get(fact.question_id)
            offset_ms = max(0, fact.started_ms - began_ms)
            line = _line(fact, offset_ms, question_index, fillers)
            lines.append((fact.started_ms, line))
    return tuple(line for _, line in sorted(lines, key=lambda timed: timed[0]))


def _line(
    fact: AnswerHeard | InterviewerSpoke,
    offset_ms: int,
    question_index: int | None,
    fillers: dict[int, list[FillerSpan]],
) -> TranscriptLine:
    if isinstance(fact, InterviewerSpoke):
        return TranscriptLine(
            speaker=Speaker.INTERVIEWER,
            turn=fact.utterance,
            offset_ms=offset_ms,
            text=fact.heard,
            fillers=(),
            question_index=question_index,
            is_typed=False,
            is_cut=fact.interrupted,
        )
    found = sorted(fillers.get(fact.turn, []), key=lambda span: span.start)
    return TranscriptLine(
        speaker=Speaker.CANDIDATE,
        turn=fact.turn,
        offset_ms=offset_ms,
        text=fact.text,
        fillers=tuple(span for span in found if span.end <= len(fact.text)),
        question_index=question_index,
        is_typed=fact.timing is Timing.NONE,
        is_cut=False,
    )
