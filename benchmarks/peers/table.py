"""Results as one Markdown table, ready for the docs, with what has to be said about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.peers.result import Result


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"


_COLUMNS: tuple[tuple[str, Callable[[Result], str]], ...] = (
    ("System", lambda one: one.system),
    ("Rooms", lambda one: str(one.rooms)),
    ("Answered", lambda one: str(one.answered)),
    ("Missed", lambda one: str(one.missed)),
    ("Cut short", lambda one: str(one.cut_short)),
    ("% of a core a room", lambda one: f"{one.core_percent_per_room:.2f}"),
    ("MiB a room", lambda one: f"{one.mb_per_room:.2f}"),
    ("Threads", lambda one: str(one.threads)),
    (
        "Reply after the last voiced frame p50 / p95, ms",
        lambda one: f"{_ms(one.reply_p50_ms)} / {_ms(one.reply_p95_ms)}",
    ),
    (
        "After the decision p50 / p95, ms",
        lambda one: f"{_ms(one.reply_work_p50_ms)} / {_ms(one.reply_work_p95_ms)}",
    ),
    ("Server, % of a core", lambda one: f"{one.server_core_percent:.0f}"),
    ("Generator, % of a core", lambda one: f"{one.generator_core_percent:.0f}"),
    ("Its frames late p95, ms", lambda one: _ms(one.generator_late_p95_ms)),
    ("Others, % of the machine", lambda one: f"{one.others_machine_percent:.0f}"),
)


def growth_table(results: Sequence[Result]) -> str:
    """A row for each run, in the order they were made, columns padded for reading as text too."""
    rows = [[head for head, _ in _COLUMNS]]
    rows += [[cell(one) for _, cell in _COLUMNS] for one in results]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    lines = [
        "| " + " | ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 1) + ":" for width in widths) + "|")
    return "\n".join(lines)


def remarks(results: Sequence[Result]) -> list[str]:
    """Everything beside the numbers that a reader must know, each with its run."""
    said: list[str] = []
    for one in results:
        found = [f"before the first room {one.rss_before_mb:.0f} MiB"]
        if one.unreplied:
            found.append(f"{one.unreplied} answers without a reply")
        if one.refused_rooms:
            found.append(f"{one.refused_rooms} rooms refused")
        if one.rooms_at_once < one.rooms - one.refused_rooms:
            found.append(f"only {one.rooms_at_once} rooms were open at once")
        found += [f"notice: {notice}" for notice in one.notices]
        found += [f"the server warns: {message}" for message in one.logged_warnings]
        found += [f"WARNING: {warning}" for warning in one.warnings]
        said.append(f"{one.system}, {one.rooms} rooms: " + "; ".join(found))
    return said
