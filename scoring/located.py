"""Where a quote stands in a text: exactly, but for white space, case and the form of its marks."""

from __future__ import annotations

import re

LEAST_WORDS = 2
"""A quote of one word stands in too many places to show anything."""

_SAME = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-"})
_EDGES = " \t\r\n\"'.,;:!?\u2026"


def find_quote(text: str, quote: str) -> tuple[int, int] | None:
    """`start, end` of the first place in `text` that says the quote; None when none does.

    A quote may be cut from the sentence it stood in: marks at its edges are not looked for.
    """
    words = quote.translate(_SAME).strip(_EDGES).split()
    if len(words) < LEAST_WORDS:
        return None
    # Each character of the table is one before and after, so that places stay what they are.
    pattern = r"(?<!\w)" + r"\s+".join(re.escape(word) for word in words) + r"(?!\w)"
    found = re.search(pattern, text.translate(_SAME), re.IGNORECASE)
    return (found.start(), found.end()) if found else None
