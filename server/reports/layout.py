"""Lays a report out as a document. What it is given is one edition already, and all of it is said.

Pure. The sentences are `server.reports.wording`'s; this module puts them in their order, which is
the page's order too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scoring.model import (
    Findings,
    KeyPointResult,
    QuestionReport,
    QuestionStatus,
    Quote,
    Report,
    Scorecard,
    ScorePart,
)
from server.interviews.labels import DIFFICULTY_LABELS, TYPE_LABELS
from server.kit.filters import clock
from server.reports import wording
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


def lay_out(
    report: Report, *, version: int | None = None, written_at_ms: int | None = None
) -> Document:
    """`version` and `written_at_ms` are those of the stored report, if it is one."""
    sections = [_banner(report), *_judgement(report), _questions(report)]
    if report.has_enough and report.delivery is not None:
        sections.append(lay_out_delivery(report.delivery))
    sections.append(_transcript(report))
    shown = tuple(section for section in sections if section.blocks)
    about = [DIFFICULTY_LABELS[report.difficulty], report.role]
    if report.duration_ms:
        about.append(f"{clock(report.duration_ms)} long without pauses")
    return Document(
        title=f"{TYPE_LABELS[report.type]} interview",
        subtitle=" · ".join(part for part in about if part),
        dated=_dated(report, version, written_at_ms),
        sections=shown,
        made=(
            f"{wording.judged(report.made_with)} {wording.QUOTED}",
            *(f"{label}: {said}." for label, said in wording.made_rows(report)),
        ),
        is_long=_count_chars(shown) > LONG_CHARS,
    )


def _judgement(report: Report) -> Iterable[Section]:
    if not report.has_enough:
        blocks = tuple(Paragraph(text=text) for text in wording.not_enough(report))
        yield Section(title="There was not enough to judge", blocks=blocks)
        return
    yield _coverage(report)
    if report.scores is not None:
        yield _overall(report, report.scores)
    if wording.is_unshared(report):
        yield Section(title="Assessment", blocks=(Paragraph(text=wording.unshared(report)),))
        return
    is_own = wording.is_own(report)
    yield _findings("What worked", report.strengths, is_own=is_own)
    yield _findings("What was missing", report.weaknesses, is_own=is_own)
    # A recruiter's edition coaches nobody: there is nothing to say, and no word about it.
    if is_own:
        yield _findings("What to say next time", report.improvements, is_own=True)
    if report.scores is not None:
        yield _breakdown(report.scores)
    yield _stories(report)


# -- what comes first ------------------------------------------------------------------------------


def _dated(report: Report, version: int | None, written_at_ms: int | None) -> str:
    said: list[str] = []
    if report.started_ms is not None:
        said.append(f"Interview of {wording.moment(report.started_ms)}.")
    if version is not None and written_at_ms is not None:
        said.append(f"Version {version} of the report, written {wording.moment(written_at_ms)}.")
    return " ".join(said)


def _banner(report: Report) -> Section:
    items = wording.banner_items(report)
    blocks = (Bullets(items=items),) if items else ()
    return Section(title=wording.banner_title(report), blocks=blocks, is_banner=True)


def _coverage(report: Report) -> Section:
    blocks: list[Block] = [Paragraph(text=wording.coverage(report))]
    blocks.extend(Paragraph(text=text) for text in wording.no_answers(report))
    bars = tuple(_question_bar(question) for question in report.questions if question.key_points)
    if bars:
        blocks.append(Bars(bars=bars, legend=("covered", "partly")))
    if report.coverage.key_points_total:
        blocks.append(Paragraph(text=wording.judged(report.made_with), is_aside=True))
    return Section(title="Coverage", blocks=tuple(blocks))


def _question_bar(question: QuestionReport) -> Bar:
    total = float(len(question.key_points))
    partly = sum(point.coverage is Coverage.PARTLY for point in question.key_points)
    is_answered = question.status is QuestionStatus.ANSWERED
    return Bar(
        label=f"Question {question.index + 1}",
        parts=(float(question.covered), float(partly)) if is_answered else (0.0, 0.0),
        total=total,
        said=wording.marks(question, is_judged=True),
    )


def _overall(report: Report, card: Scorecard) -> Section:
    blocks: list[Block] = [Heading(text=wording.overall(card))]
    if made_of := wording.made_of(card):
        blocks.append(Paragraph(text=made_of))
    if wording.is_held(report):
        blocks.append(Paragraph(text=wording.HELD))
    return Section(title="Overall", blocks=tuple(blocks))


def _findings(title: str, findings: Findings, *, is_own: bool) -> Section:
    blocks: list[Block] = []
    for told in wording.tell(findings.items, is_own=is_own):
        one = told.finding
        badge = f"{one.title} · question {one.question_index + 1}"
        blocks.append(Heading(text=one.sentence, badge=badge))
        if one.example:
            blocks.append(Paragraph(text=f"The model answer says: {one.example}"))
        if one.asked:
            blocks.append(Paragraph(text=f"Asked: {one.asked}", is_aside=True))
        if told.label:
            blocks.append(Paragraph(text=f"{told.label}:", is_aside=True))
        blocks.extend(map(_quote, told.quotes))
        blocks.extend(Paragraph(text=f"{said}.", is_aside=True) for _, said in told.again)
    if findings.note:
        blocks.append(Paragraph(text=findings.note, is_aside=True))
    return Section(title=title, blocks=tuple(blocks))


def _breakdown(card: Scorecard) -> Section:
    blocks: list[Block] = []
    for title, parts, whole in (
        ("Content, by key points", card.content_parts, "it"),
        ("Delivery", card.delivery_parts, "it"),
        ("By dimension", card.breakdown, ""),
    ):
        if parts:
            bars = tuple(_score_bar(part, whole) for part in parts)
            blocks += [Heading(text=title), Bars(bars=bars)]
    for one in card.competencies:
        blocks.append(Heading(text=one.label, badge=wording.rating(one)))
        reason = "" if one.score.value is not None else one.score.reason
        said = (wording.rests_on(one), wording.anchor(one), reason)
        blocks.extend(Paragraph(text=text) for text in said if text)
        if one.is_flagged:
            blocks.append(Paragraph(text=wording.FLAGGED))
        blocks.append(Paragraph(text=one.definition, is_aside=True))
    return Section(title="Breakdown", blocks=tuple(blocks))


def _score_bar(part: ScorePart, whole: str) -> Bar:
    weight = wording.weight(part, whole) if whole else ""
    value = part.score.value
    return Bar(
        label=f"{part.label}, {weight}" if weight else part.label,
        parts=() if value is None else (value,),
        total=100.0,
        said=wording.part_said(part),
    )


def _stories(report: Report) -> Section:
    is_own = wording.is_own(report)
    told = wording.told_stories(report.questions)
    blocks: list[Block] = [Paragraph(text=wording.STORIES_LEAD, is_aside=True)] if told else []
    for question in told:
        blocks.append(Heading(text=question.text, badge=f"question {question.index + 1}"))
        if question.star_note:
            blocks.append(Paragraph(text=question.star_note))
            blocks.extend(map(_quote, question.star_note_quotes[: wording.MAX_STORY_QUOTES]))
        for part in question.star:
            there = "There" if part.is_there else "Not heard"
            blocks.append(Bullets(items=(f"{part.element.value.capitalize()}: {there}",)))
            blocks.extend(map(_quote, part.quotes[: wording.MAX_STORY_QUOTES]))
            if part.advice:
                blocks.append(Paragraph(text=part.advice))
    title = "How you told your stories" if is_own else "How the stories were told"
    return Section(title=title, blocks=tuple(blocks))


# -- question by question --------------------------------------------------------------------------


def _questions(report: Report) -> Section:
    blocks: list[Block] = []
    for question in report.questions:
        blocks.extend(_question(report, question))
    return Section(title="Question by question", blocks=tuple(blocks))


def _question(report: Report, question: QuestionReport) -> Iterable[Block]:
    is_judged = report.has_enough
    text = f"{question.index + 1}. {question.text}"
    yield Heading(text=text, badge=wording.marks(question, is_judged=is_judged))
    for said in (
        wording.question_facts(question, wording.question_score(report, question)),
        wording.calm(question, is_own=wording.is_own(report)),
    ):
        if said:
            yield Paragraph(text=said, is_aside=True)
    is_shown = wording.is_shown(question, is_judged=is_judged)
    if is_shown:
        for point in question.key_points:
            yield from _key_point(point)
    if question.probes:
        yield Paragraph(text=f"{wording.probes_title(question)}:")
        yield Bullets(items=question.probes)
    if question.key_points and not is_shown:
        yield Paragraph(text="What a good answer says:")
        yield Bullets(items=tuple(point.point for point in question.key_points))
    if question.model_answer:
        yield Paragraph(text=f"A model answer: {question.model_answer}")
    if question.common_mistakes:
        yield Paragraph(text="Common mistakes:")
        yield Bullets(items=question.common_mistakes)


def _key_point(point: KeyPointResult) -> Iterable[Block]:
    said = [wording.COVERAGE[point.coverage]]
    if point.star:
        said.append(point.star.capitalize())
    if point.was_probed:
        said.append("after a follow-up")
    yield Bullets(items=(f"{point.point} ({', '.join(said)})",))
    yield from map(_quote, point.quotes)


def _quote(quote: Quote) -> QuoteBlock:
    return QuoteBlock(text=quote.text, turn=quote.turn, offset_ms=quote.offset_ms)


def _transcript(report: Report) -> Section:
    if not report.transcript:
        return Section(title="Transcript", blocks=())
    candidate = "You" if wording.is_own(report) else "Candidate"
    lines: list[Block] = [Paragraph(text="Times count from the start.", is_aside=True)]
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
                text=f"{line.text} … interrupted here" if line.is_cut else line.text,
            )
        )
        if is_candidate:
            turns.add(line.turn)
    return Section(title="Transcript", blocks=tuple(lines))


def _count_chars(sections: Sequence[Section]) -> int:
    texts = (getattr(block, "text", "") for section in sections for block in section.blocks)
    return sum(len(text) for text in texts)
