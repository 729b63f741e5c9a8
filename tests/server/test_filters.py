"""What templates write: times, measures, marked transcripts."""

from __future__ import annotations

import pytest

from scoring.model import FillerSpan, Measure
from server.kit.filters import clock, datetime_ms, marked, measure


def span(start: int, end: int) -> FillerSpan:
    return FillerSpan(filler="um", start=start, end=end)


@pytest.mark.parametrize(
    ("offset_ms", "text"),
    [(0, "0:00"), (192_999, "3:12"), (3_792_000, "1:03:12"), (-5, "0:00"), (None, "")],
)
def test_an_offset_is_minutes_and_seconds(offset_ms: int | None, text: str) -> None:
    assert clock(offset_ms) == text


def test_a_moment_is_a_time_element_in_utc() -> None:
    assert datetime_ms(1_795_183_320_000) == (
        '<time datetime="2026-11-20T14:02:00Z">20 Nov 2026, 14:02</time>'
    )
    assert datetime_ms(None) == ""


@pytest.mark.parametrize(
    ("value", "unit", "is_measured", "text"),
    [
        (148.4, "wpm", True, "148 wpm"),
        (4.14, "/min", True, "4.1 /min"),
        (3.0, "", True, "3"),
        (3.0, "", False, "at least 3"),
        (None, "wpm", False, "not measured"),
        (0.0, "", True, "0"),
    ],
)
def test_a_measure_says_whether_it_was_one(
    value: float | None, unit: str, is_measured: bool, text: str
) -> None:
    assert measure(Measure(value=value, unit=unit, is_measured=is_measured)) == text


def test_fillers_are_marked_and_everything_is_escaped() -> None:
    text = "<b> um & <i>uh</i>"
    assert marked(text, (span(11, 13), span(4, 6))) == (
        '&lt;b&gt; <mark class="filler">um</mark> &amp; &lt;i'
        '<mark class="filler">&gt;u</mark>h&lt;/i&gt;'
    )


def test_spans_that_do_not_fit_the_text_are_left_out() -> None:
    assert marked("um so", (span(0, 2), span(1, 4), span(3, 99), span(-1, 2), span(4, 4))) == (
        '<mark class="filler">um</mark> so'
    )
    assert marked("", ()) == ""
