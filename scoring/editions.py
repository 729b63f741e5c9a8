"""A report made up for its reader. One report is kept; what each may see of it is decided here.

| | candidate, practice | candidate, hiring | recruiter |
|---|---|---|---|
| scores | by practice weights | only if shared | by hiring weights: content alone |
| strengths, weaknesses, key points | yes | only if shared | yes |
| what to say next time, advice | yes | only if shared | no |
| model answers, common mistakes | yes | only if shared | yes |
| delivery, fillers in the transcript | yes | no | no |
"""

from __future__ import annotations

from dataclasses import replace

from scoring.findings import nothing_found
from scoring.model import (
    CoverageSummary,
    Edition,
    Purpose,
    QuestionReport,
    QuestionStatus,
    Report,
    StarPart,
    TranscriptLine,
)

NOT_SHARED = "The organisation has not shared its assessment."
NO_COACHING = "Coaching is for the candidate's edition."


def edition(report: Report, whom: Edition, *, shares_scores: bool = False) -> Report:
    """`report` as `whom` may see it; the whole report for Edition.WHOLE. `shares_scores`: the
    organisation lets candidates of a hiring interview see how they were assessed.

    Raises ValueError when `report` is an edition already: what was left out cannot be had back.
    """
    if report.edition is not Edition.WHOLE:
        raise ValueError(f"This report is made up for the {report.edition} already.")
    match whom:
        case Edition.WHOLE:
            return report
        case Edition.RECRUITER:
            return _for_recruiter(report)
        case Edition.CANDIDATE:
            return _for_candidate(report, shares_scores=shares_scores)


def _for_recruiter(report: Report) -> Report:
    return replace(
        _without_delivery(report),
        edition=Edition.RECRUITER,
        scores=report.content_scores,
        content_scores=None,
        improvements=nothing_found(NO_COACHING),
        questions=tuple(
            replace(question, star=tuple(_without_advice(part) for part in question.star))
            for question in report.questions
        ),
    )


def _for_candidate(report: Report, *, shares_scores: bool) -> Report:
    found = replace(report, edition=Edition.CANDIDATE, content_scores=None)
    if report.purpose is Purpose.PRACTICE:
        return found
    found = _without_delivery(found)
    return found if shares_scores else _without_assessment(found)


def _without_delivery(report: Report) -> Report:
    return replace(
        report,
        delivery=None,
        transcript=tuple(_without_fillers(line) for line in report.transcript),
    )


def _without_fillers(line: TranscriptLine) -> TranscriptLine:
    return replace(line, fillers=())


def _without_advice(part: StarPart) -> StarPart:
    return replace(part, advice="")


def _without_assessment(report: Report) -> Report:
    """What was asked and said is left. The key points are what the answers were held against,
    and the same for every candidate: they go too.
    """
    return replace(
        report,
        coverage=CoverageSummary(
            questions_planned=report.coverage.questions_planned,
            questions_answered=report.coverage.questions_answered
            + sum(bool(question.refused) for question in report.questions),
            key_points_total=0,
            key_points_covered=0,
            key_points_partly=0,
        ),
        scores=None,
        strengths=nothing_found(NOT_SHARED),
        weaknesses=nothing_found(NOT_SHARED),
        improvements=nothing_found(NOT_SHARED),
        questions=tuple(_without_key_points(question) for question in report.questions),
        technical=replace(report.technical, held_reasons=()),
    )


def _without_key_points(question: QuestionReport) -> QuestionReport:
    answers = tuple(replace(part, probed_id=None) for part in question.answers)
    return replace(
        question,
        # That what was said is no answer is an assessment too.
        status=QuestionStatus.ANSWERED if question.refused else question.status,
        refused="",
        key_points=(),
        answers=answers,
        star=(),
        star_note="",
        star_note_quotes=(),
        common_mistakes=(),
        model_answer="",
    )
