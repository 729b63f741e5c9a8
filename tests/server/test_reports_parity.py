"""The page, the text and what is typeset say the same: no form of a report knows more or less."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest

from scoring.editions import edition
from scoring.model import Edition, Purpose, Report
from scoring.report import write_report
from scoring.rubric import shipped_rubrics
from server.kit.templates import WEB, Pages
from server.reports import delivery, wording
from server.reports.content import SOFTWARE
from server.reports.document import (
    Bars,
    Block,
    Bullets,
    Document,
    Heading,
    Line,
    Paragraph,
    QuoteBlock,
    Rows,
)
from server.reports.layout import lay_out
from server.reports.playback import Playback
from server.reports.text import as_text
from sessions.facts import Fact, InterviewCompleted, InterviewPlanned
from tests.scoring.golden import load_log
from tests.scoring.test_scorecards import ordered, typed

PAGE_ONLY = {
    "report",
    "aswellasyouranswer",
    "readthetranscript",
    "fillerwords",
    "areunderlined",
    "question",
    "howthisreportwasmade",
    "interview",
    "thisreport",
    "anothermodelanswer",
    "youranswerbesideamodelanswer",
    "theanswerbesideamodelanswer",
    "youranswer",
    "theanswer",
    "competencies",
    "asatable",
    "fillerwordscountedoverallanswers",
    "word",
    "times",
    "share",
    "heldforaperson",
    "setupanotherinterview",
    "measured",
}
"""Headings of what is folded, and legends: they say nothing of the interview. What is not measured,
or a lower bound, is said everywhere; that the rest is measured, on the page alone."""
SKIPPED = {"button", "form", "dialog", "script", "svg"}
SKIPPED_MARKS = ("data-recording", "data-player", "data-address")
SKIPPED_CLASSES = (
    "report__tools",
    "report__again",
    "report__head",
    "coverage__key",
)
VOID = {"input", "link", "meta", "br", "use", "rect", "img"}


class Words(HTMLParser):
    """The pieces of text in the article, without its controls."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._open: list[bool] = []
        """For each open element inside the article, whether it is skipped."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID or (not self._open and tag != "article"):
            return
        names = {name for name, _ in attrs}
        classes = (dict(attrs).get("class") or "").split()
        is_skipped = (
            tag in SKIPPED
            or any(mark in names for mark in SKIPPED_MARKS)
            or any(name in classes for name in SKIPPED_CLASSES)
        )
        self._open.append(is_skipped or (bool(self._open) and self._open[-1]))

    def handle_endtag(self, tag: str) -> None:
        if self._open and tag not in VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open and not self._open[-1] and data.strip():
            self.pieces.append(data)


def squeezed(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())


def page(report: Report, facts: Sequence[Fact]) -> list[str]:
    interview = SimpleNamespace(
        id=report.interview_id,
        type_label="Behavioural",
        difficulty_label="Easy",
        role=report.role,
        status=report.status,
        room_path="/room",
        setup_path="/interviews/new",
        again_path="/interviews/new",
    )
    html = Pages(WEB, app_version=SOFTWARE).render(
        "report.html",
        {
            "account": None,
            "csrf": "",
            "page": "report",
            "status": 200,
            "report": report,
            "written": None,
            "words": wording,
            "speech": delivery,
            "interview": interview,
            "playback": Playback(facts, keep_days=90),
        },
    )
    words = Words()
    words.feed(html)
    return words.pieces


def units(document: Document) -> Iterable[str]:
    for section in document.sections:
        yield section.title
        for block in section.blocks:
            yield from said(block)
    yield from document.made


def said(block: Block) -> Iterable[str]:
    match block:
        case Paragraph():
            return [block.text]
        case Heading():
            return [block.text, block.badge]
        case QuoteBlock():
            return [block.text]
        case Bullets():
            return block.items
        case Bars():
            return [text for bar in block.bars for text in (bar.label, bar.said)]
        case Rows():
            return [text for row in block.rows for text in (row.label, row.value, row.note)]
        case Line():
            return [block.speaker, block.text]


def pieces(text: str) -> Iterable[str]:
    """Sentences and what stands between marks: the page sets them in another order."""
    return (squeezed(piece) for piece in re.split(r"(?<=[.?!])\s|[():,;·]", text))


def report_of(
    facts: Sequence[Fact], whom: Edition, purpose: Purpose = Purpose.PRACTICE, **changes: bool
) -> Report:
    whole = write_report(facts, purpose=purpose, rubrics=shipped_rubrics(), software=SOFTWARE)
    return edition(whole, whom, **changes)


GOLDEN = load_log()
PLANNED = next(place for place, fact in enumerate(GOLDEN) if isinstance(fact, InterviewPlanned))
ENDED = next(fact for fact in GOLDEN if isinstance(fact, InterviewCompleted))
REPORTS: dict[str, tuple[Report, Sequence[Fact]]] = {
    "practice": (report_of(GOLDEN, Edition.CANDIDATE), GOLDEN),
    "recruiter": (report_of(GOLDEN, Edition.RECRUITER, Purpose.HIRING), GOLDEN),
    "not shared": (report_of(GOLDEN, Edition.CANDIDATE, Purpose.HIRING), GOLDEN),
    "shared": (
        report_of(GOLDEN, Edition.CANDIDATE, Purpose.HIRING, shares_scores=True),
        GOLDEN,
    ),
    "typed": (report_of(typed(GOLDEN), Edition.CANDIDATE), GOLDEN),
    "an order": (report_of(ordered(), Edition.CANDIDATE), ordered()),
    "nothing said": (
        report_of([*GOLDEN[: PLANNED + 3], ENDED], Edition.CANDIDATE),
        GOLDEN,
    ),
}


@pytest.mark.parametrize("which", REPORTS)
def test_what_one_form_says_the_others_say(which: str) -> None:
    report, facts = REPORTS[which]
    document = lay_out(report)
    on_page = page(report, facts)
    whole_page = squeezed(" ".join(on_page))
    missing_on_page = [
        piece for unit in units(document) for piece in pieces(unit) if piece not in whole_page
    ]
    assert missing_on_page == []
    text = squeezed(as_text(document))
    missing_in_text = [
        piece
        for piece in map(squeezed, on_page)
        if piece not in text and piece not in PAGE_ONLY and piece != squeezed(report.interview_id)
    ]
    assert missing_in_text == []


def test_what_is_no_answer_is_said_in_the_coverage() -> None:
    report, _ = REPORTS["an order"]
    assert wording.no_answers(report) == (
        "Question 2 does not count as answered. What was said is not an answer: "
        "it tells the judge what to do and does not answer.",
    )


def test_words_are_quoted_once_in_a_list() -> None:
    report, _ = REPORTS["practice"]
    for found in (report.strengths, report.weaknesses, report.improvements):
        told = wording.tell(found.items, is_own=True)
        quoted = [(quote.turn, quote.start) for one in told for quote in one.quotes]
        assert len(set(quoted)) == len(quoted)
        assert all(one.quotes or one.again for one in told)


def test_the_dates_are_those_of_the_interview_and_of_the_version() -> None:
    report, _ = REPORTS["practice"]
    document = lay_out(report, version=2, written_at_ms=GOLDEN[-1].at_ms)
    assert document.dated == (
        "Interview of 18 Nov 2026, 11:07 UTC. "
        "Version 2 of the report, written 18 Nov 2026, 11:11 UTC."
    )
    assert document.dated in as_text(document)


def test_of_typed_answers_the_overall_says_what_it_is_made_of() -> None:
    card = REPORTS["typed"][0].scores
    assert card is not None
    assert wording.made_of(card) == (
        "It is the score of the content alone. Delivery is not measured: the answers were typed."
    )


def test_a_rating_from_one_answer_is_provisional() -> None:
    card = REPORTS["practice"][0].scores
    assert card is not None
    said = {wording.rests_on(one) for one in card.competencies}
    assert f"From 1 answer. {wording.PROVISIONAL}" in said
    assert "From 2 answers." in said
