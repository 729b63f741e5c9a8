"""A laid-out report as plain text, to be copied into a letter or a note."""

from __future__ import annotations

from collections.abc import Iterable

from server.kit.filters import clock
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


def as_text(document: Document) -> str:
    """Lines of any length: whoever pastes them breaks them. Ends with a line end."""
    lines = [document.title.upper()]
    if document.subtitle:
        lines.append(document.subtitle)
    if document.dated:
        lines.append(document.dated)
    for section in document.sections:
        lines += ["", "", section.title.upper()]
        for block in section.blocks:
            lines += _said(block)
    lines += ["", "", "HOW THIS REPORT WAS MADE", *document.made]
    return "\n".join(lines) + "\n"


def _said(block: Block) -> Iterable[str]:
    match block:
        case Paragraph():
            return [block.text]
        case Heading():
            return ["", f"{block.text} [{block.badge}]" if block.badge else block.text]
        case QuoteBlock():
            return [f"  \u201c{block.text}\u201d ({clock(block.offset_ms)})"]
        case Bullets():
            return [f"- {item}" for item in block.items]
        case Bars():
            return [f"{bar.label}: {bar.said}" for bar in block.bars]
        case Rows():
            return [
                f"{row.label}: {row.value}" + (f" ({row.note})" if row.note else "")
                for row in block.rows
            ]
        case Line():
            return [f"{clock(block.offset_ms)} {block.speaker}: {block.text}"]
