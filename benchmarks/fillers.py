"""How often a filler is found and rightly so: `python -m benchmarks.fillers [--json]`.

The labelled sentences of tests/scoring go through the rules: the half they were tuned on, and the
half that was held out, apart. Nothing is timed. See docs/delivery.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # also as a script: python benchmarks/…

from tests.scoring.labelled_fillers import Agreement, Half, compare, held_out, tuned


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")
    parser.add_argument(
        "--mistakes", action="store_true", help="the tuned half's sentences that are judged wrongly"
    )
    asked = parser.parse_args()
    halves = {"tuned": compare(tuned()), "held out": compare(held_out())}
    if asked.json:
        print(json.dumps({name: _tree(half) for name, half in halves.items()}, indent=2))
        return
    print(_table(halves))
    if asked.mistakes:
        print("", *halves["tuned"].mistakes, sep="\n")


def _tree(half: Half) -> dict[str, object]:
    return {
        "sentences": half.sentences,
        "overall": _figures(half.overall),
        "words": {word: _figures(agreement) for word, agreement in half.by_word.items()},
    }


def _figures(found: Agreement) -> dict[str, float | int | None]:
    return {
        "labelled": found.hits + found.missed,
        "found": found.hits + found.extra,
        "hits": found.hits,
        "precision": None if found.precision is None else round(found.precision, 3),
        "recall": None if found.recall is None else round(found.recall, 3),
    }


def _table(halves: dict[str, Half]) -> str:
    titles = "  ".join(f"{f'{name}, n = {half.sentences}':>26}" for name, half in halves.items())
    lines = [
        f"{'':24}{titles}",
        f"{'filler':24}" + "  ".join(f"{'labelled':>10}{'prec.':>8}{'recall':>8}" for _ in halves),
    ]
    words = dict.fromkeys(word for half in halves.values() for word in half.by_word)
    for word in words:
        row = (half.by_word.get(word, Agreement()) for half in halves.values())
        lines.append(f"{word:24}" + "  ".join(_cells(found) for found in row))
    overall = (half.overall for half in halves.values())
    lines.append(f"{'overall':24}" + "  ".join(_cells(found) for found in overall))
    return "\n".join(lines)


def _cells(found: Agreement) -> str:
    precision, recall = (
        "-" if rate is None else f"{rate:.2f}" for rate in (found.precision, found.recall)
    )
    return f"{found.hits + found.missed:>10}{precision:>8}{recall:>8}"


if __name__ == "__main__":
    main()
