"""What a report says, in words: the one source of the page, the text, the PDF and a shared page.

Pure. The templates call these functions too, so that no form can say something else than another.
`tests/server/test_reports_parity.py` holds them together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scoring.model import (
    CompetencyScore,
    Edition,
    Finding,
    Provenance,
    Purpose,
    QuestionReport,
    QuestionStatus,
    Quote,
    Report,
    Score,
    Scorecard,
    ScorePart,
)
from server.kit.filters import clock, datetime_ms
from sessions.facts import Coverage

COVERAGE = {
    Coverage.COVERED: "Covered",
    Coverage.PARTLY: "Partly",
    Coverage.MISSING: "Not heard",
}
STATUS = {
    QuestionStatus.ANSWERED: "Answered",
    QuestionStatus.SKIPPED: "Skipped",
    QuestionStatus.UNANSWERED: "No answer, or too little to judge",
    QuestionStatus.NOT_REACHED: "Not reached",
}
NO_ANSWER = "What was said is not an answer"
TOO_LITTLE = "Too little was said to judge"
JUDGED_BY_MODEL = (
    "Found in the answers by a language model; each point stands on words that were checked to be "
    "in the transcript."
)
JUDGED_BY_WORDING = (
    "Counted by the words people use for each point. Said in other words, a point may not have "
    "been recognised: hold the answer beside the model answer."
)
QUOTED = (
    "Each quote is exactly those words, at their place in the transcript. "
    "How somebody speaks is no part of what is covered."
)
NOT_MEASURED = "Not measured"
PROVISIONAL = "Provisional: one answer is too few to rest a rating on."
FLAGGED = "For a person to look at: the ratings differ, or there are too few."
HELD = "Somebody has to look at this interview before its scores are used. Why is said above."
STORIES_LEAD = "A story is easy to follow when it has a situation, a task, an action and a result."
MAX_STORY_QUOTES = 2


def is_own(report: Report) -> bool:
    """Whoever reads it is whom it is about."""
    return report.edition is not Edition.RECRUITER


def counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def moment(at_ms: int) -> str:
    """ "12 Nov 2026, 14:02 UTC"."""
    return f"{datetime_ms(at_ms).striptags()} UTC"


# -- what comes first ------------------------------------------------------------------------------


def banner_title(report: Report) -> str:
    """Empty when there was no technical trouble."""
    if report.technical.held_reasons:
        if report.purpose is Purpose.HIRING:
            return "A person has to look at this interview before its scores are used."
        return "The technique may have got in the way: take the scores with care."
    if report.interruptions:
        whom = "you" if is_own(report) else "the candidate"
        return f"There was technical trouble. It does not count against {whom}."
    return ""


def banner_items(report: Report) -> tuple[str, ...]:
    return (*report.technical.held_reasons, *report.interruptions)


def not_enough(report: Report) -> tuple[str, ...]:
    """Why this report judges nothing; empty when it does."""
    if report.has_enough:
        return ()
    whom = "you" if is_own(report) else "the candidate"
    said = (
        f"{report.not_enough_reason} So this page says nothing about how {whom} did: "
        "too few words are not a bad answer."
    )
    if not is_own(report):
        return (said,)
    return (
        said,
        "If the room did not hear you, check that the right microphone is chosen and not muted. "
        "You can type any answer instead. Short answers grow if you say one example.",
    )


def coverage(report: Report) -> str:
    found = report.coverage
    said = f"{found.questions_answered} of {counted(found.questions_planned, 'question')} answered."
    if not found.key_points_total:
        return said
    those = "that one" if found.questions_answered == 1 else "those"
    whom = "you" if is_own(report) else "the candidate"
    partly = f", and {found.key_points_partly} partly" if found.key_points_partly else ""
    return (
        f"{said} In {those} {whom} covered {found.key_points_covered} of "
        f"{counted(found.key_points_total, 'key point')}{partly}."
    )


def no_answers(report: Report) -> tuple[str, ...]:
    """What was said to a question and does not count as an answer, and why."""
    return tuple(
        f"Question {question.index + 1} does not count as answered. {refusal(question)}"
        for question in report.questions
        if question.refused
    )


def refusal(question: QuestionReport) -> str:
    return f"{NO_ANSWER}: {question.refused}."


def judged(made_with: Provenance) -> str:
    return JUDGED_BY_MODEL if made_with.model else JUDGED_BY_WORDING


def is_unshared(report: Report) -> bool:
    """A hiring interview's candidate, whom the organisation lets see no assessment."""
    is_candidate = report.edition is Edition.CANDIDATE and report.purpose is Purpose.HIRING
    return is_candidate and report.scores is None and not report.strengths.items


def unshared(report: Report) -> str:
    return f"{report.strengths.note} What was asked and what you said is below."


# -- scores ----------------------------------------------------------------------------------------


def overall(card: Scorecard) -> str:
    value = card.overall.value
    return "No overall score" if value is None else of_100(card.overall)


def of_100(score: Score) -> str:
    """With a value only."""
    return f"{_whole(score.value or 0.0)} of 100"


def made_of(card: Scorecard) -> str:
    """What the overall is made of, by the weights it really has; or why there is none."""
    if card.overall.value is None:
        return card.overall.reason
    known = [part for part in card.parts if part.score.value is not None]
    if len(known) == 1:
        said = [f"It is the score of the {known[0].label.lower()} alone."]
    else:
        shares = (
            f"{part.label.lower()} {_whole(part.score.value or 0.0)} counts {_percent(part.weight)}"
            for part in known
        )
        said = [f"In it {', '.join(shares)}."] if known else []
    said += [_left_out(part) for part in card.parts if part.score.value is None]
    return " ".join(said)


def _left_out(part: ScorePart) -> str:
    reason = part.score.reason
    if reason.startswith(NOT_MEASURED):
        return f"{part.label} is not measured{reason.removeprefix(NOT_MEASURED)}"
    return f"{part.label} is left out. {reason}".strip()


def weight(part: ScorePart, whole: str) -> str:
    return f"{_percent(part.weight)} of {whole}" if part.weight else ""


def part_said(part: ScorePart) -> str:
    if part.score.value is not None:
        return of_100(part.score)
    return part.score.reason or "Not measured"


def rating(one: CompetencyScore) -> str:
    if one.rating is not None:
        return f"{round(one.rating, 1):g} of 5"
    return of_100(one.score) if one.score.value is not None else "Insufficient evidence"


def rests_on(one: CompetencyScore) -> str:
    """On how many answers; empty without a rating, or where that is not known."""
    if one.rating is None or not one.answers:
        return ""
    said = f"From {counted(one.answers, 'answer')}."
    return f"{said} {PROVISIONAL}" if one.is_provisional else said


def anchor(one: CompetencyScore) -> str:
    return f"What such a rating stands for: {one.anchor}" if one.anchor else ""


def is_held(report: Report) -> bool:
    """There is a score, and nobody may use it yet."""
    is_scored = report.scores is not None and report.scores.overall.value is not None
    is_hiring = report.purpose is Purpose.HIRING
    return is_scored and is_hiring and bool(report.technical.held_reasons)


def _whole(value: float) -> int:
    return int(value + 0.5)


def _percent(share: float) -> str:
    return f"{_whole(share * 100)} %"


# -- findings --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A finding, with what stands above its quotes; `again` says where words are quoted already
    that need not be quoted a second time."""

    finding: Finding
    label: str
    quotes: tuple[Quote, ...]
    again: tuple[tuple[Quote, str], ...]


def tell(findings: Iterable[Finding], *, is_own: bool) -> tuple[Told, ...]:
    """In their order. Words that one of them quotes are not quoted again by the next."""
    shown: set[tuple[int, int, int]] = set()
    told: list[Told] = []
    for finding in findings:
        places = {(quote.turn, quote.start, quote.end): quote for quote in finding.quotes}
        told.append(
            Told(
                finding=finding,
                label=_label(finding, is_own=is_own),
                quotes=tuple(quote for place, quote in places.items() if place not in shown),
                again=tuple(
                    (quote, f"The words quoted above, at {clock(quote.offset_ms)}")
                    for place, quote in places.items()
                    if place in shown
                ),
            )
        )
        shown.update(places)
    return tuple(told)


def _label(finding: Finding, *, is_own: bool) -> str:
    if finding.asked:
        return "Your answer began" if is_own else "The answer began"
    return "You said" if finding.example else ""


# -- questions -------------------------------------------------------------------------------------


def marks(question: QuestionReport, *, is_judged: bool) -> str:
    """What became of it, in a few words."""
    if question.refused:
        return NO_ANSWER
    if question.status is not QuestionStatus.ANSWERED:
        return STATUS[question.status]
    if not is_judged:
        return TOO_LITTLE
    if not question.key_points:
        return STATUS[question.status]
    partly = sum(point.coverage is Coverage.PARTLY for point in question.key_points)
    said = f"{question.covered} of {counted(len(question.key_points), 'key point')} covered"
    return f"{said}, {partly} partly" if partly else said


def question_facts(question: QuestionReport, score: Score | None) -> str:
    """When it was asked, how long the answer is, its score; empty when it was not asked."""
    if question.offset_ms is None:
        return ""
    said = [f"Asked at {clock(question.offset_ms)}"]
    if question.status is QuestionStatus.ANSWERED or question.refused:
        said.append(f"{counted(question.words, 'word')} in answer")
    if score is not None and score.value is not None:
        said.append(f"score {of_100(score)}")
    elif score is not None and score.reason and not question.refused:
        said.append(f"no score: {score.reason}")
    return " · ".join(said)


def question_score(report: Report, question: QuestionReport) -> Score | None:
    return None if report.scores is None else report.scores.questions[question.index]


def calm(question: QuestionReport, *, is_own: bool) -> str:
    """Said of a question without an answer: it counts against nobody."""
    if question.refused:
        return f"{refusal(question)} It is not counted."
    match question.status:
        case QuestionStatus.ANSWERED:
            return ""
        case QuestionStatus.UNANSWERED:
            return "No answer came in time, or too little was said to judge. It is not counted."
        case QuestionStatus.SKIPPED:
            return (
                f"{'You' if is_own else 'The candidate'} moved on from this one. It is not counted."
            )
        case QuestionStatus.NOT_REACHED:
            return "The interview ended before this one."


def is_shown(question: QuestionReport, *, is_judged: bool) -> bool:
    """Its key points are shown as found or not; else only as what a good answer says."""
    return question.status is QuestionStatus.ANSWERED and is_judged


def probes_title(question: QuestionReport) -> str:
    return "Follow-up asked" if len(question.probes) == 1 else "Follow-ups asked"


def told_stories(questions: Sequence[QuestionReport]) -> list[QuestionReport]:
    return [question for question in questions if question.star]


# -- what comes last -------------------------------------------------------------------------------


def made_rows(report: Report, *, software: str = "") -> list[tuple[str, str]]:
    """With what it was made, so that it can be made again: a label, and what."""
    made = report.made_with
    rows = [
        ("Judge", ", ".join(made.judges)),
        ("Model", made.model or "None: no language model judged this interview"),
        ("Prompts, SHA-256", made.prompts_sha256),
    ]
    if made.rubric is None:
        rows.append(("Rubric", "None"))
    else:
        rubric = made.rubric
        rows.append(("Rubric", f"{rubric.id} version {rubric.version}, SHA-256 {rubric.sha256}"))
    asked = (f"{question.id} version {question.version}" for question in made.questions)
    rows.append(("Questions", ", ".join(asked)))
    rows.append(("Software", f"Vivavoce {made.software or software}"))
    return [(label, said) for label, said in rows if said]
