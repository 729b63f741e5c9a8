"""Quotes that stand in a text, and quotes that do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.located import find_quote

TEXT = (
    "So we put a cache in front of it,  and  it\u2019s invalidated by \u201cevents\u201d. "
    "Then latency fell."
)


@pytest.mark.parametrize(
    ("quote", "said"),
    [
        ("put a cache in front", "put a cache in front"),
        ("PUT A CACHE", "put a cache"),
        ("and it's invalidated", "and  it\u2019s invalidated"),
        ('"events". Then latency', "events\u201d. Then latency"),
        ("  Then latency fell. ", "Then latency fell"),
    ],
)
def test_a_quote_is_found_whatever_its_spaces_case_and_marks(quote: str, said: str) -> None:
    place = find_quote(TEXT, quote)
    assert place is not None
    assert TEXT[place[0] : place[1]] == said


@pytest.mark.parametrize(
    "quote",
    ["", " ", "cache", "...", "put a cash in front", "ut a cache in fron", "we never said it"],
)
def test_what_was_not_said_is_not_found(quote: str) -> None:
    assert find_quote(TEXT, quote) is None


@given(st.text(max_size=80), st.integers(0, 80), st.integers(0, 80))
def test_what_is_found_is_what_was_asked_for(text: str, one: int, other: int) -> None:
    quote = text[min(one, other) : max(one, other)]
    place = find_quote(text, quote)
    if place is not None:
        said = text[place[0] : place[1]]
        assert len(said.split()) >= 2
        assert "".join(said.split()).casefold()[:3]
