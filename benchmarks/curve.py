"""A soak's samples: what they say in the end, as a table and as a picture."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

TASKS_SPARE = 3
THREADS_SPARE = 8  # the loop's own pool grows to 6 on 2 cores, and keeps its threads
HANDLES_SPARE = 12  # the pool of 5 database connections keeps a file and its log for each
MEMORY_LIMIT_MIB = 20.0
"""What memory may rise by over the second half."""

_MEASURES = (
    ("rss_mib", "memory, MiB"),
    ("tasks", "tasks"),
    ("threads", "threads"),
    ("handles", "open files and sockets"),
)
_WIDTH, _PANEL, _LEFT, _TOP = 720, 110, 60, 26


@dataclass(frozen=True, slots=True)
class Sample:
    at_s: float
    """Since the first room of the soak; negative before."""
    closed: int
    """Rooms so far that were held to their end."""
    inside: int
    rss_mib: float
    tasks: int
    room_tasks: int
    threads: int
    handles: int
    objects: dict[str, int] = field(default_factory=dict[str, int])
    """Of the rooms', alive after a collection; only in the first and the last sample."""


@dataclass(frozen=True, slots=True)
class Rise:
    """Of the memory over the second half."""

    mib: float
    mib_per_1000_rooms: float


def rise(samples: Sequence[Sample]) -> Rise:
    """By the median of the slopes between all pairs of samples (Theil and Sen), which the 64 MiB
    that hashing a password takes for a moment do not bend. Zero when there are too few samples;
    the first and the last are not among them."""
    busy = [one for one in samples[1:-1] if one.closed]
    half = busy[len(busy) // 2 :]
    if len(half) < 3:
        return Rise(0.0, 0.0)
    slopes = [
        (late.rss_mib - early.rss_mib) / (late.at_s - early.at_s)
        for early, late in itertools.combinations(half, 2)
        if late.at_s > early.at_s
    ]
    mib = float(np.median(slopes)) * (half[-1].at_s - half[0].at_s)
    rooms = half[-1].closed - half[0].closed
    return Rise(round(mib, 1), round(mib / max(rooms, 1) * 1000, 1))


def faults(samples: Sequence[Sample]) -> list[str]:
    """What did not end where it began; nothing when all is well."""
    first, last = samples[0], samples[-1]
    found: list[str] = []
    if last.room_tasks:
        found.append(f"{last.room_tasks} rooms outlived their end")
    for name, count in last.objects.items():
        if count > first.objects.get(name, 0):
            found.append(f"{count} objects {name} are left, {first.objects.get(name, 0)} before")
    for name, spare in (
        ("tasks", TASKS_SPARE),
        ("threads", THREADS_SPARE),
        ("handles", HANDLES_SPARE),
    ):
        before, after = int(getattr(first, name)), int(getattr(last, name))
        if after > before + spare:
            found.append(f"{after} {name} at the end, {before} at the start")
    if (risen := rise(samples)).mib > MEMORY_LIMIT_MIB:
        found.append(f"memory rose by {risen.mib} MiB over the second half")
    return found


def minute_table(samples: Sequence[Sample]) -> str:
    """The first, one a minute, the last."""
    shown: list[Sample] = [samples[0]]
    for one in samples[1:-1]:
        if one.at_s >= 0 and (len(shown) == 1 or one.at_s - shown[-1].at_s >= 59):
            shown.append(one)
    shown.append(samples[-1])
    lines = [
        "| Minute | Rooms closed | Inside | Memory, MiB | Tasks | Threads | Handles |",
        "|-------:|-------------:|-------:|------------:|------:|--------:|--------:|",
    ]
    for one in shown:
        minute = "start" if one is samples[0] else f"{one.at_s / 60:.1f}"
        minute = "end" if one is samples[-1] else minute
        lines.append(
            f"| {minute:>6} | {one.closed:>12} | {one.inside:>6} | {one.rss_mib:>11.1f} "
            f"| {one.tasks:>5} | {one.threads:>7} | {one.handles:>7} |"
        )
    return "\n".join(lines)


def draw(samples: Sequence[Sample]) -> str:
    """An SVG: one panel a measure, over the same minutes."""
    begin_s, end_s = samples[0].at_s, samples[-1].at_s
    height = _TOP + _PANEL * len(_MEASURES) + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        'font-family="sans-serif" font-size="11" fill="#7a7f87">',
        f"<title>A server during {samples[-1].closed} rooms</title>",
        f'<text x="{_LEFT}" y="14">{samples[-1].closed} rooms in '
        f"{end_s / 60:.0f} minutes; the last point is after all were closed</text>",
    ]
    for number, (name, label) in enumerate(_MEASURES):
        values = [float(getattr(one, name)) for one in samples]
        parts += _panel(_TOP + number * _PANEL, label, values, samples, (begin_s, end_s))
    parts.append(f'<text x="{_LEFT}" y="{height - 6}">{begin_s / 60:.0f} min</text>')
    parts.append(
        f'<text x="{_WIDTH - 10}" y="{height - 6}" text-anchor="end">{end_s / 60:.0f} min</text>'
    )
    return "\n".join([*parts, "</svg>", ""])


def _panel(
    top: int,
    label: str,
    values: Sequence[float],
    samples: Sequence[Sample],
    span_s: tuple[float, float],
) -> list[str]:
    most = max(max(values), 1) * 1.1
    floor = top + _PANEL - 22
    wide, high = _WIDTH - _LEFT - 10, _PANEL - 40
    long_s = max(span_s[1] - span_s[0], 1)
    points = " ".join(
        f"{_LEFT + (one.at_s - span_s[0]) / long_s * wide:.1f},{floor - value / most * high:.1f}"
        for one, value in zip(samples, values, strict=True)
    )
    return [
        f'<text x="{_LEFT}" y="{top + 12}">{label}: {values[0]:.0f} at the start, '
        f"at most {max(values):.0f}, {values[-1]:.0f} at the end</text>",
        f'<line x1="{_LEFT}" y1="{floor}" x2="{_WIDTH - 10}" y2="{floor}" stroke="#7a7f87" '
        'stroke-width="0.5"/>',
        f'<text x="{_LEFT - 6}" y="{floor}" text-anchor="end">0</text>',
        f'<text x="{_LEFT - 6}" y="{floor - high + 4}" text-anchor="end">{most:.0f}</text>',
        f'<polyline points="{points}" fill="none" stroke="#2f7fd0" stroke-width="1.5"/>',
    ]
