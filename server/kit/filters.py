"""What templates use to write times, measures and transcripts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from markupsafe import Markup, escape

from scoring.model import FillerSpan, Measure

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def clock(offset_ms: int | None) -> str:
    """Milliseconds as `3:12`, or `1:03:12` from an hour on; empty for None."""
    if offset_ms is None:
        return ""
    minutes, seconds = divmod(max(offset_ms, 0) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def datetime_ms(at_ms: int | None) -> Markup:
    """Epoch ms as a `<time>` element in UTC, which the page's script puts in local time."""
    if at_ms is None:
        return Markup("")
    moment = datetime.fromtimestamp(at_ms / 1000, tz=UTC)
    text = f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}, {moment:%H:%M}"
    iso = moment.isoformat(timespec="seconds").replace("+00:00", "Z")
    return Markup('<time datetime="{}">{}</time>').format(iso, text)


def measure(found: Measure) -> str:
    """`148 wpm`, `at least 3` for a lower bound, or `not measured`."""
    if found.value is None:
        return "not measured"
    number = f"{found.value:.0f}" if abs(found.value) >= 100 else f"{round(found.value, 1):g}"
    text = f"{number} {found.unit}".strip()
    return text if found.is_measured else f"at least {text}"


def marked(text: str, spans: Sequence[FillerSpan]) -> Markup:
    """The text, escaped, its fillers in `<mark class="filler">`."""
    parts: list[Markup] = []
    place = 0
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        if not place <= span.start < span.end <= len(text):
            continue
        parts.append(escape(text[place : span.start]))
        parts.append(Markup('<mark class="filler">{}</mark>').format(text[span.start : span.end]))
        place = span.end
    parts.append(escape(text[place:]))
    return Markup("").join(parts)


FILTERS: dict[str, Callable[..., object]] = {
    "clock": clock,
    "datetime_ms": datetime_ms,
    "measure": measure,
    "marked": marked,
}
