"""Lays a report out as a document. What it is given is one edition already, and all of it is said.

Pure. The words of both editions differ only in whom they speak to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scoring.model import (
    Edition,
    Finding,
    Findings,
    KeyPointResult,
    Provenance,
    QuestionReport,
    QuestionStatus,
    Quote,
    Report,
    Scorecard,
    ScorePart,
)
from server.interviews.labels import DIFFICULTY_LABELS, TYPE_LABELS
from server.kit.filters import clock
from server.reports.delivery import lay_out_delivery
from server.reports.document import (
    Bar,
    Bars,
    Block,
    Bullets,
    Document,
    Heading,
    Line,
    Paragraph,
    QuoteBlock,
    Section,
)
from sessions.facts import Coverage, Speaker

LONG_CHARS = 6_000
"""A document with more text than this has a table of contents."""

_COVERAGE = {
    Coverage.COVERED: "covered",
    Coverage.PARTLY: "partly",
    Coverage.MISSING: "not heard",
}
_STATUS = {
    QuestionStatus.ANSWERED: "answered",
    QuestionStatus.SKIPPED: "skipped",
    QuestionStatus.UNANSWERED: "no answer, or too little to judge",
    QuestionStatus.NOT_REACHED: "not reached",
}


def lay_out(report: Report) -> Document:
    sections = [
        _banner(report),
        _coverage(report),
        *_scores(report.scores),
        _findings("What worked", report.strengths),
        _findings("What was missing", report.weaknesses),
        # A recruiter's edition coaches nobody: there is nothing to say, and no word about it.
        None
        if report.edition is Edition.RECRUITER
        else _findings("What to say next time", report.improvements),
        _questions(report),
        None if report.delivery is None else lay_out_delivery(report.delivery),
        _transcript(report),
    ]
    shown = tuple(section for section in sections if section is not None and section.blocks)
    title = f"{TYPE_LABELS[report.type]} interview"
    about = [DIFFICULTY_LABELS[report.difficulty], report.role]
    if report.duration_ms:
        about.append(f"{clock(report.duration_ms)} long without pauses")
    return Document(
        title=title,
        subtitle=" · ".join(part for part in about if part),
        sections=shown,
        made=tuple(_made(report.made_with)),
        is_long=_count_chars(shown) > LONG_CHARS,
    )


# -- what comes first ------------------------------------------------------------------------------


def _banner(report: Report) -> Section | None:
    blocks: list[Block] = []
    if report.technical.held_reasons:
        blocks.append(Paragraph(text="A person has to look before this is used:"))
        blocks.append(Bullets(items=report.technical.held_reasons))
    if report.interruptions:
        blocks.append(
            Paragraph(text="There was technical trouble. It does not count against anybody.")
        )
        blocks.append(Bullets(items=report.interruptions))
    return Section(title="Before you read on", blocks=tuple(blocks), is_banner=True)


def _coverage(report: Report) -> Section:
    if not report.has_enough:
        return Section(
            title="There was not enough to judge",
            blocks=(
                Paragraph(text=report.not_enough_reason),
                Paragraph(text="Too few words are not a bad answer.", is_aside=True),
            ),
        )
    found = report.coverage
    said = (
        f"{found.questions_answered} of {_count(found.questions_planned, 'question')} answered. "
        f"In those, {found.key_points_covered} of {_count(found.key_points_total, 'key point')} "
        f"covered, {found.key_points_partly} partly."
    )
    bars = tuple(_question_bar(question) for question in report.questions if question.key_points)
    return Section(
        title="Coverage",
        blocks=(Paragraph(text=said), Bars(bars=bars, legend=("covered", "partly"))),
    )


def _question_bar(question: QuestionReport) -> Bar:
    total = len(question.key_points)
    partly = sum(point.coverage is Coverage.PARTLY for point in question.key_points)
    if question.status is not QuestionStatus.ANSWERED:
        parts, said = (0.0, 0.0), _STATUS[question.status]
    else:
        parts = (float(question.covered), float(partly))
        said = f"{question.covered} of {total}" + (f", {partly} partly" if partly else "")
    return Bar(label=f"Question {question.index + 1}", parts=parts, total=float(total), said=said)


def _scores(scores: Scorecard | None) -> Iterable[Section]:
    if scores is None:
        return
    overall: list[Block]
    if scores.overall.value is None:
        overall = [Paragraph(text=f"There is no overall score. {scores.overall.reason}".strip())]
    else:
        overall = [Heading(text=f"{scores.overall.value:.0f} of 100")]
    if scores.parts:
        overall.append(Bars(bars=tuple(_score_bar(part, has_weight=True) for part in scores.parts)))
    yield Section(title="Overall", blocks=tuple(overall))
    parts: list[Block] = []
    if scores.breakdown:
        bars = tuple(_score_bar(part, has_weight=False) for part in scores.breakdown)
        parts.append(Bars(bars=bars))
    for competency in scores.competencies:
        rating = "no rating" if competency.rating is None else f"{competency.rating:g} of 5"
        parts.append(Heading(text=competency.label, badge=rating))
        anchor = competency.anchor and f"What such a rating stands for: {competency.anchor}"
        said = (competency.definition, anchor or competency.score.reason)
        parts.extend(Paragraph(text=text) for text in said if text)
        if competency.is_flagged:
            parts.append(Paragraph(text="Raters differ: a person has to look.", is_aside=True))
    yield Section(title="Breakdown", blocks=tuple(parts))


def _score_bar(part: ScorePart, *, has_weight: bool) -> Bar:
    label = f"{part.label} ({part.weight:.0%})" if has_weight else part.label
    value = part.score.value
    if value is None:
        return Bar(label=label, parts=(), total=100.0, said=part.score.reason or "no score")
    return Bar(label=label, parts=(value,), total=100.0, said=f"{value:.0f} of 100")


def _findings(title: str, findings: Findings) -> Section:
    blocks: list[Block] = []
    for finding in findings.items:
        blocks.extend(_finding(finding))
    if findings.note:
        blocks.append(Paragraph(text=findings.note, is_aside=True))
    return Section(title=title, blocks=tuple(blocks))


def _finding(finding: Finding) -> Iterable[Block]:
    yield Heading(text=finding.sentence, badge=f"question {finding.question_index + 1}")
    if finding.asked:
        yield Paragraph(text=f"Asked: {finding.asked}", is_aside=True)
    yield from map(_quote, finding.quotes)
    if finding.example:
        yield Paragraph(text=f"For example: {finding.example}")


# -- question by question --------------------------------------------------------------------------


def _questions(report: Report) -> Section:
    blocks: list[Block] = []
    for question in report.questions:
        blocks.append(
            Heading(
                text=f"{question.index + 1}. {question.text}",
                badge=_STATUS[question.status],
            )
        )
        if question.status is QuestionStatus.ANSWERED:
            for point in question.key_points:
                blocks.extend(_key_point(point))
            blocks.extend(_story(question))
        if question.model_answer:
            blocks.append(Paragraph(text=f"A model answer: {question.model_answer}"))
    return Section(title="Question by question", blocks=tuple(blocks))


def _key_point(point: KeyPointResult) -> Iterable[Block]:
    badge = _COVERAGE[point.coverage] + (", after a follow-up" if point.was_probed else "")
    yield Bullets(items=(f"{point.point} ({badge})",))
    yield from map(_quote, point.quotes)


def _story(question: QuestionReport) -> Iterable[Block]:
    if question.star:
        there = [part.element.value for part in question.star if part.is_there]
        yield Paragraph(text=f"Of a whole story, heard: {', '.join(there) or 'nothing yet'}.")
        advice = tuple(part.advice for part in question.star if not part.is_there and part.advice)
        if advice:
            yield Bullets(items=advice)
    if question.star_note:
        yield Paragraph(text=question.star_note)


def _quote(quote: Quote) -> QuoteBlock:
    return QuoteBlock(text=quote.text, turn=quote.turn, offset_ms=quote.offset_ms)


def _transcript(report: Report) -> Section:
    candidate = "Candidate" if report.edition is Edition.RECRUITER else "You"
    lines: list[Block] = []
    turns: set[int] = set()  # that a line stands for already: a place to lead to is one place
    for line in report.transcript:
        is_candidate = line.speaker is Speaker.CANDIDATE
        who = candidate if is_candidate else "Interviewer"
        lines.append(
            Line(
                speaker=f"{who}, typed" if line.is_typed else who,
                is_candidate=is_candidate,
                turn=line.turn if is_candidate and line.turn not in turns else None,
                offset_ms=line.offset_ms,
                text=f"{line.text} …" if line.is_cut else line.text,
            )
        )
        if is_candidate:
            turns.add(line.turn)
    return Section(title="Transcript", blocks=tuple(lines))


# -- what comes last -------------------------------------------------------------------------------


def _made(made: Provenance) -> Iterable[str]:
    yield f"Judge: {', '.join(made.judges)}."
    if made.model:
        yield f"Model: {made.model}, prompts {made.prompts_sha256}."
    if made.rubric is not None:
        rubric = made.rubric
        yield f"Rubric: {rubric.id} version {rubric.version}, sha256 {rubric.sha256}."
    if made.questions:
        asked = ", ".join(
            f"{question.id} version {question.version}" for question in made.questions
        )
        yield f"Questions: {asked}."
    if made.software:
        yield f"Vivavoce {made.software}."


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _count_chars(sections: Sequence[Section]) -> int:
    texts = (getattr(block, "text", "") for section in sections for block in section.blocks)
    return sum(len(text) for text in texts)
