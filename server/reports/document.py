"""A report laid out: sections of plain blocks, which the PDF, the text and the shared page show.

This is the one place that knows which field of a `Report` is said where; those three know only
blocks. All text is plain text, much of it the candidate's own words: whoever shows it escapes it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    text: str
    is_aside: bool = False
    """Said quietly: a note on how something was measured."""
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """Within a section. `badge` is a word or two beside it."""

    text: str
    badge: str = ""
    kind: Literal["heading"] = "heading"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteBlock:
    """The candidate's own words; `turn` is the transcript's line they are in."""

    text: str
    turn: int
    offset_ms: int
    kind: Literal["quote"] = "quote"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullets:
    items: tuple[str, ...]
    kind: Literal["bullets"] = "bullets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """`parts` of `total`, the strongest first; `said` is the same in words."""

    label: str
    parts: tuple[float, ...]
    total: float
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """`legend` names the parts, in their order."""

    bars: tuple[Bar, ...]
    legend: tuple[str, ...] = ()
    kind: Literal["bars"] = "bars"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    rows: tuple[Row, ...]
    kind: Literal["rows"] = "rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the transcript. `turn` is None where no quote can point."""

    speaker: str
    is_candidate: bool
    turn: int | None
    offset_ms: int
    text: str
    kind: Literal["line"] = "line"


Block = Paragraph | Heading | QuoteBlock | Bullets | Bars | Rows | Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    title: str
    blocks: tuple[Block, ...]
    is_banner: bool = False
    """Said first and set apart: what a reader must know before judging."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    title: str
    subtitle: str
    sections: tuple[Section, ...]
    dated: str = ""
    """Of when the interview is and the report, in UTC; whoever shows times as its reader's own
    leaves it out."""
    made: tuple[str, ...]
    """How the report was made, as sentences."""
    is_long: bool = field(default=False)
    """Long enough for a table of contents."""
