"""How it was said, laid out: a practice interview's own section, kept apart from all others."""

from __future__ import annotations

from scoring.model import Delivery, Measure
from server.kit.filters import measure
from server.reports.document import Bar, Bars, Block, Paragraph, Row, Rows, Section

_LEAD = "How it was said. For practice only: none of it counts in what was covered."


def lay_out_delivery(delivery: Delivery) -> Section:
    measures: tuple[tuple[str, Measure], ...] = (
        ("Pace", delivery.pace_wpm),
        ("Time spoken", delivery.speaking_time_s),
        ("Time to the first word", delivery.response_time_s),
        ("Pauses inside answers", delivery.pauses),
        ("Long pauses, 2 s or more", delivery.long_pauses),
        ("Longest pause", delivery.longest_pause_s),
        ("Filler words", delivery.filler_total),
        ("Fillers a minute", delivery.fillers_per_minute),
        ("Fillers in 100 words", delivery.fillers_per_100_words),
    )
    rows = tuple(Row(label=label, value=_said(found), note=found.note) for label, found in measures)
    blocks: list[Block] = [Paragraph(text=_LEAD, is_aside=True), Rows(rows=rows)]
    if delivery.filler_counts:
        most = max(delivery.filler_counts.values())
        by_count = sorted(delivery.filler_counts.items(), key=lambda item: (-item[1], item[0]))
        bars = tuple(
            Bar(label=word, parts=(float(count),), total=float(most), said=str(count))
            for word, count in by_count
        )
        blocks.append(Bars(bars=bars))
    return Section(title="Delivery", blocks=tuple(blocks))


def _said(found: Measure) -> str:
    said = measure(found)
    is_one = found.value == 1 and found.unit in ("pauses", "fillers")
    return said.removesuffix("s") if is_one else said
