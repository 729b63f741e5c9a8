"""How it was said, in rows: a practice interview's own section, kept apart from all others."""

from __future__ import annotations

from dataclasses import dataclass

from scoring.model import Delivery, Measure
from scoring.sources import Source
from server.kit.filters import clock, measure
from server.reports.document import Bar, Bars, Block, Heading, Paragraph, Row, Rows, Section

LEAD = (
    "How it was said. For practice only: none of it counts in what you covered. A second language, "
    "a stammer, a hard question or a bad line moves these numbers: they describe this recording, "
    "not you."
)
NOTHING_SPOKEN = (
    "Not measured: nothing was spoken, so there is no pace, no pause and no filler word to count. "
    "Typed answers count in full above."
)
SOURCES = "How each number is made, and what is usual"
LABELS = {
    "pace_wpm": "Pace",
    "articulation_rate": "Articulation, without pauses",
    "speaking_time_s": "Time you spoke",
    "talk_share": "Your part",
    "response_time_s": "Time to your first word",
    "pauses": "Pauses inside answers",
    "pauses_inside_clauses": "Pauses inside a clause",
    "pauses_at_boundaries": "Pauses between clauses",
    "long_pauses": "Long pauses, 2 s or more",
    "longest_pause_s": "Longest pause",
    "pause_ratio": "Time in pauses",
    "filler_total": "Filler words",
    "fillers_per_minute": "Fillers a minute",
    "fillers_per_100_words": "Fillers in 100 words",
    "hedges_per_100_words": "Hedges in 100 words",
    "repetitions_per_100_words": "Repetitions in 100 words",
    "self_repairs_per_100_words": "Self-repairs in 100 words",
}
"""By the field of a Delivery, in the order they are shown."""
_SHARES = ("talk_share", "pause_ratio")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureSaid:
    label: str
    value: str
    """Empty when it was not measured."""
    note: str
    how: str
    """ "Measured", "Lower bound" or "Not measured"."""


def is_spoken(delivery: Delivery) -> bool:
    return delivery.speaking_time_s.value is not None


def measures(delivery: Delivery) -> tuple[MeasureSaid, ...]:
    told = delivery.filler_total.note
    said: list[MeasureSaid] = []
    for name, label in LABELS.items():
        found: Measure = getattr(delivery, name)
        # A note that stands beside the total already need not stand beside its rates too.
        is_told = name.startswith("fillers_per") and found.note == told and found.value is not None
        said.append(
            MeasureSaid(
                label=label,
                value=_value(name, found),
                note="" if is_told else _sentence(found.note),
                how=_how(found),
            )
        )
    return tuple(said)


def sources(delivery: Delivery) -> tuple[tuple[str, str, str], ...]:
    """A label, how the number is made with what is usual, and whose description that is."""
    return tuple(
        (label, _made(found), _sentence(found.reference))
        for name, label in LABELS.items()
        if (found := delivery.sources.get(name)) is not None
    )


def fillers(delivery: Delivery) -> tuple[tuple[str, int, str], ...]:
    """Each filler word, how often, and its share; the most frequent first."""
    total = sum(delivery.filler_counts.values())
    by_count = sorted(delivery.filler_counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        (word, count, f"{count / total:.0%}".replace("%", " %")) for word, count in by_count
    )


def fillers_said(delivery: Delivery) -> str:
    """With at least one filler only."""
    word, most, _ = fillers(delivery)[0]
    times = "1 time" if most == 1 else f"{most} times"
    total = sum(delivery.filler_counts.values())
    return f"Your most frequent filler word was \u201c{word}\u201d: {times} of {total}."


def lay_out_delivery(delivery: Delivery) -> Section:
    lead = Paragraph(text=LEAD, is_aside=True)
    if not is_spoken(delivery):
        return Section(title="Delivery", blocks=(lead, Paragraph(text=NOTHING_SPOKEN)))
    rows = tuple(
        Row(label=one.label, value=one.value or one.how, note=_aside(one))
        for one in measures(delivery)
    )
    blocks: list[Block] = [lead, Rows(rows=rows)]
    if delivery.filler_counts:
        most = float(max(delivery.filler_counts.values()))
        bars = tuple(
            Bar(label=word, parts=(float(count),), total=most, said=f"{count}, {share}")
            for word, count, share in fillers(delivery)
        )
        blocks += [Paragraph(text=fillers_said(delivery)), Bars(bars=bars)]
    if delivery.sources:
        blocks.append(Heading(text=SOURCES))
        blocks.extend(
            Paragraph(text=f"{label}: {made} {reference}", is_aside=True)
            for label, made, reference in sources(delivery)
        )
    return Section(title="Delivery", blocks=tuple(blocks))


def _aside(one: MeasureSaid) -> str:
    """What is plainly measured needs no word about it; a bound does."""
    how = f"{one.how}." if one.how == "Lower bound" else ""
    return f"{how} {one.note}".strip()


def _value(name: str, found: Measure) -> str:
    if found.value is None:
        return ""
    if name in _SHARES:
        return f"{int(found.value * 100 + 0.5)} % {found.unit}".strip()
    if name == "speaking_time_s" and found.value >= 60:
        return f"{clock(int(found.value * 1000))} min"
    said = measure(found)
    is_one = found.value == 1 and found.unit in ("pauses", "fillers")
    said = said.removesuffix("s") if is_one else said
    return said[:1].upper() + said[1:]


def _how(found: Measure) -> str:
    if found.value is None:
        return "Not measured"
    return "Measured" if found.is_measured else "Lower bound"


def _made(source: Source) -> str:
    usual = f" Usual: {source.usual}." if source.usual else ""
    caveat = f" {source.caveat}" if source.caveat else ""
    return f"{source.how}{usual}{caveat}"


def _sentence(text: str) -> str:
    if not text:
        return ""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
