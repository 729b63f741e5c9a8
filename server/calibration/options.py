"""What `vivavoce calibrate` takes. Apart from what it does, so that `--help` loads no server."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

FEWEST_RUNS, MOST_RUNS = 2, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrateOptions:
    """At most one of `ratings`, `is_comparison` and `runs`; none: the labelled answers."""

    ratings: Path | None = None
    is_blind: bool = False
    is_comparison: bool = False
    runs: int | None = None
    as_json: bool = False

    @classmethod
    def of(cls, given: argparse.Namespace) -> CalibrateOptions:
        return cls(
            ratings=given.ratings,
            is_blind=given.blind,
            is_comparison=given.compare,
            runs=given.reruns,
            as_json=given.as_json,
        )

    @property
    def needs_settings(self) -> bool:
        return self.ratings is not None or self.is_comparison or self.runs is not None


def add_calibrate_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--ratings", type=Path, metavar="FILE", help="take people's ratings (CSV)")
    what.add_argument("--compare", action="store_true", help="compare all stored ratings")
    what.add_argument("--reruns", type=_runs, metavar="N", help="ask the model judge N times")
    parser.add_argument(
        "--blind", action="store_true", help="with --ratings: rated before the reports were read"
    )
    parser.add_argument("--json", action="store_true", dest="as_json")


def _runs(text: str) -> int:
    runs = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
    if not FEWEST_RUNS <= runs <= MOST_RUNS:
        raise argparse.ArgumentTypeError(f"choose {FEWEST_RUNS} to {MOST_RUNS}")
    return runs
