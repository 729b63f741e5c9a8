"""How far two sets of ratings of the same answers agree, and how far a judge agrees with itself.

Weighted kappa after Cohen, "Weighted kappa: nominal scale agreement with provision for scaled
disagreement or partial credit" (Psychological Bulletin 70, 1968), with quadratic weights: being
two apart counts four times as much as being one apart. What cannot be told is None, with the
reason; it is never 0 or 1 by convention.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

MIN_PAIRS = 2

NO_PAIRS = "Nothing was rated by both."
TOO_FEW = "Only one rating was given by both; two at least are needed."
NO_VARIANCE = "Both gave one and the same rating throughout, so chance alone would agree as much."
ONE_RUN = "There was only one run; two at least are needed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic:
    """`value` is None where it is not defined, and `reason` says why."""

    value: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    n: int
    """Pairs of ratings."""
    kappa: Statistic
    """Quadratic weighted, -1 to 1: 0 is what chance alone would give."""
    exact: Statistic
    """The share of pairs that are equal, 0-1."""
    adjacent: Statistic
    """The share of pairs that are at most 1 apart, the equal ones among them, 0-1."""
    mean_difference: Statistic
    """The mean of (second less first), in points of the scale: above 0 the second is milder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    runs: int
    n: int
    """Things that were rated in every run."""
    identical: Statistic
    """The share of them with the same rating in all runs, 0-1."""
    kappa: Statistic
    """The mean of the kappas of every two runs that have one."""


def agree(first: Sequence[int], second: Sequence[int]) -> Agreement:
    """`first[i]` and `second[i]` are ratings of the same thing, on a scale of whole steps.

    Raises ValueError when they are not of one length.
    """
    pairs = list(zip(first, second, strict=True))
    return Agreement(
        n=len(pairs),
        kappa=quadratic_weighted_kappa(first, second),
        exact=_share(sum(one == other for one, other in pairs), len(pairs)),
        adjacent=_share(sum(abs(one - other) <= 1 for one, other in pairs), len(pairs)),
        mean_difference=_share(sum(other - one for one, other in pairs), len(pairs)),
    )


def quadratic_weighted_kappa(first: Sequence[int], second: Sequence[int]) -> Statistic:
    """1 - (mean squared difference) / (that of every first with every second). It does not
    depend on how many steps the scale has. Raises ValueError as `agree`.
    """
    pairs = list(zip(first, second, strict=True))
    if len(pairs) < MIN_PAIRS:
        return Statistic(value=None, reason=TOO_FEW if pairs else NO_PAIRS)
    observed = Fraction(sum((one - other) ** 2 for one, other in pairs), len(pairs))
    ones, others = Counter(first), Counter(second)
    by_chance = Fraction(
        sum(
            (one - other) ** 2 * count * other_count
            for one, count in ones.items()
            for other, other_count in others.items()
        ),
        len(pairs) ** 2,
    )
    if not by_chance:
        return Statistic(value=None, reason=NO_VARIANCE)
    return Statistic(value=float(1 - observed / by_chance))


def rerun_stability(runs: Sequence[Sequence[int | None]]) -> Stability:
    """`runs[r][i]` is what run r rated thing i; None where it found nothing to rate. Things that
    no run rated are left out of `n`; rated in one run and not in another is not identical.

    Raises ValueError when the runs are not of one length.
    """
    things = [thing for thing in zip(*runs, strict=True) if set(thing) != {None}]
    if len(runs) < MIN_PAIRS:
        none = Statistic(value=None, reason=ONE_RUN)
        return Stability(runs=len(runs), n=len(things), identical=none, kappa=none)
    same = sum(len(set(thing)) == 1 for thing in things)
    return Stability(
        runs=len(runs),
        n=len(things),
        identical=_share(same, len(things)),
        kappa=_mean_kappa(runs),
    )


def _mean_kappa(runs: Sequence[Sequence[int | None]]) -> Statistic:
    found: list[Statistic] = []
    for one, other in combinations(runs, 2):
        both = [(a, b) for a, b in zip(one, other, strict=True) if a is not None and b is not None]
        found.append(quadratic_weighted_kappa([a for a, _ in both], [b for _, b in both]))
    known = [kappa.value for kappa in found if kappa.value is not None]
    if not known:
        return found[0]
    return Statistic(value=sum(known) / len(known))


def _share(part: int, whole: int) -> Statistic:
    if whole < MIN_PAIRS:
        return Statistic(value=None, reason=TOO_FEW if whole else NO_PAIRS)
    return Statistic(value=part / whole)
