"""A report as PDF: what it holds, what it survives, how long it may take."""

from __future__ import annotations

import os
import re
import time
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from scoring.editions import edition
from scoring.model import Edition, Report
from server.kit.filters import clock
from server.reports.content import write_whole
from server.reports.document import (
    Bar,
    Bars,
    Bullets,
    Document,
    Heading,
    Line,
    Paragraph,
    QuoteBlock,
    Row,
    Rows,
    Section,
)
from server.reports.errors import TypesettingFailed
from server.reports.layout import lay_out
from server.reports.pdf import Typesetter
from server.reports.text import as_text
from sessions.facts import AnswerHeard, Fact
from tests.scoring.golden import load_log
from tests.server.companion import Browser, Companion
from tests.server.recorded import agreed, append, completed, conversation, facts_of

LIMIT_S = 30.0
LONG_INTERVIEW_S = 5.0

STRANGE = {
    "hindi": "मैंने कैश का इस्तेमाल किया",
    "arabic": "استخدمت ذاكرة التخزين المؤقت",
    "hebrew": "השתמשתי במטמון",
    "emoji": "it went well 🎉👩‍💻🇮🇳",
    "chinese": "我会先加一个缓存",
    "markup": "#panic(1) *bold* _x_ $y$ @ref <label> [link] \\ // `raw` = heading",
    "code": '#read("/etc/passwd") #import "@preview/x:1.0.0" {{ "a": 1 }}',
    "controls": "a\u202eb\u200bc\ufffdd\u0301",
}


def paragraphs(*texts: str) -> Document:
    blocks = tuple(Paragraph(text=text) for text in texts)
    return Document(title="T", subtitle="", sections=(Section(title="S", blocks=blocks),), made=())


def squeezed(text: str) -> str:
    """Line breaks and spaces are the page's business."""
    return re.sub(r"\s+", "", text)


def read(pdf: bytes) -> str:
    return squeezed("".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))


def candidate(facts: list[Fact]) -> Report:
    return edition(write_whole(facts), Edition.CANDIDATE)


async def make(document: Document) -> bytes:
    return await Typesetter(limit_s=LIMIT_S).make(document)


async def test_every_quote_is_in_the_pdf_and_leads_to_its_line() -> None:
    report = candidate(load_log())
    pdf = await make(lay_out(report))
    text = read(pdf)
    quotes = [
        quote
        for question in report.questions
        for point in question.key_points
        for quote in point.quotes
    ]
    assert len(quotes) > 5
    for quote in quotes:
        assert squeezed(f"“{quote.text}”{clock(quote.offset_ms)}") in text
    reader = PdfReader(BytesIO(pdf))
    links = [
        annotation
        for page in reader.pages
        for annotation in page.get("/Annots", [])
        if annotation.get_object()["/Subtype"] == "/Link"
    ]
    assert len(links) >= len(quotes)
    assert reader.metadata is not None
    assert reader.metadata.title == "Behavioural interview"
    width, height = reader.pages[0].mediabox.width, reader.pages[0].mediabox.height
    assert (round(float(width)), round(float(height))) == (595, 842)  # A4 in points


async def test_the_pdf_of_the_same_report_is_the_same() -> None:
    document = lay_out(candidate(load_log()))
    assert read(await make(document)) == read(await make(document))


@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE.keys())
async def test_words_of_any_kind_are_set_as_they_were_said(text: str) -> None:
    found = read(await make(paragraphs("before", text, "after")))
    assert found.startswith("ReportTSbefore")
    assert "Howthisreportwasmade" in found
    if text.isascii():
        assert squeezed(text) in found


async def test_every_kind_of_block_is_set() -> None:
    blocks = (
        Paragraph(text="aside", is_aside=True),
        Heading(text="heading", badge="badge"),
        QuoteBlock(text="quoted", turn=1, offset_ms=61_000),
        QuoteBlock(text="elsewhere", turn=9, offset_ms=3_723_000),
        Bullets(items=("bullet",)),
        Bars(
            bars=(
                Bar(label="bar", parts=(1.0, 1.0), total=3.0, said="1 of 3"),
                Bar(label="none", parts=(), total=100.0, said="no score"),
                Bar(label="empty", parts=(0.0,), total=0.0, said="0 of 0"),
                Bar(label="too much", parts=(5.0,), total=3.0, said="5 of 3"),
            ),
            legend=("covered", "partly"),
        ),
        Rows(rows=(Row(label="row", value="value", note="note"),)),
        Line(speaker="You", is_candidate=True, turn=1, offset_ms=60_000, text="line"),
        Line(speaker="Interviewer", is_candidate=False, turn=None, offset_ms=0, text="asked"),
    )
    sections = (
        Section(title="Banner", blocks=(Bullets(items=("trouble",)),), is_banner=True),
        Section(title="Section", blocks=blocks),
        Section(title="Empty", blocks=()),
    )
    document = Document(title="T", subtitle="S", sections=sections, made=("made",))
    found = read(await make(document))
    said = as_text(document)
    for word in (
        "aside heading badge quoted 1:01 elsewhere 1:02:03 bullet 1of3 noscore 5of3 covered row "
        "value note line asked Banner trouble Empty made"
    ).split():
        assert word in found, word
    for word in ("heading [badge]", "“quoted” (1:01)", "- bullet", "bar: 1 of 3", "0:00 Inter"):
        assert word in said, word


def forty_five_minutes() -> list[Fact]:
    """The golden interview's answers over and over, each turn a turn of its own."""
    facts = load_log()
    answers = [fact for fact in facts if isinstance(fact, AnswerHeard)]
    turn = max(answer.turn for answer in answers)
    more: list[Fact] = []
    for place in range(150):
        answer = answers[place % len(answers)]
        turn += 1
        shift_ms = place * 18_000
        more.append(
            AnswerHeard(
                at_ms=answer.at_ms + shift_ms,
                turn=turn,
                question_id=answer.question_id,
                text=answer.text * 2,
                words=(),
                timing=answer.timing,
                recogniser=answer.recogniser,
                started_ms=answer.started_ms + shift_ms,
                ended_ms=answer.ended_ms + shift_ms,
            )
        )
    return [*facts, *more]


async def test_an_interview_of_45_minutes_is_set_in_seconds_with_contents_and_page_numbers() -> (
    None
):
    document = lay_out(candidate(forty_five_minutes()))
    assert document.is_long
    began_s = time.perf_counter()
    pdf = await make(document)
    took_s = time.perf_counter() - began_s
    reader = PdfReader(BytesIO(pdf))
    assert len(reader.pages) > 5
    first, last = (reader.pages[place].extract_text() for place in (0, -1))
    assert "Contents" in first
    assert f"{len(reader.pages)} / {len(reader.pages)}" in last
    assert took_s < LONG_INTERVIEW_S


# -- what goes wrong ------------------------------------------------------------------------------


async def refusal(tmp_path: Path, program: str, *, limit_s: float = LIMIT_S) -> str:
    file = tmp_path / "program.py"
    file.write_text(program, encoding="utf-8")
    with pytest.raises(TypesettingFailed) as caught:
        await Typesetter(limit_s=limit_s, program=file).make(paragraphs("x"))
    return caught.value.message


async def test_a_typesetter_that_does_not_end_is_ended(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    program = (
        f"import os, pathlib, signal\npathlib.Path({str(pid)!r}).write_text(str(os.getpid()))\n"
        "signal.pause()"
    )
    assert "not ready in 1 s" in await refusal(tmp_path, program, limit_s=1)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


async def test_a_typesetter_that_is_not_installed_says_so(tmp_path: Path) -> None:
    assert "not installed" in await refusal(tmp_path, "raise SystemExit(3)")


@pytest.mark.parametrize("program", ["raise SystemExit(4)", "print('no pdf')"])
async def test_a_typesetter_that_refuses_is_told_of(tmp_path: Path, program: str) -> None:
    assert "refused" in await refusal(tmp_path, program)


# -- by the route ---------------------------------------------------------------------------------


@pytest.mark.sockets
async def test_a_report_is_downloaded_as_pdf(companion: Companion, ada: Browser) -> None:
    id = await ada.create_interview()
    planned = (await facts_of(companion, id))[0]
    await append(companion, id, [*agreed(recording=False), *conversation(planned), completed()])
    answer = await ada.get(f"/api/v1/interviews/{id}/report?format=pdf&download=1")
    assert answer.status == 200, answer.text
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="vivavoce-report-{id}.pdf"'
    )
    assert answer.text.startswith("%PDF")
