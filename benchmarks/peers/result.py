"""What one run of one system came to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`reply_*` counts from the last voiced frame, `reply_work_*` from the end-of-turn decision as
    the system tells it; turns that were cut short are in neither."""

    system: str
    rooms: int
    turns: int
    """A room's."""
    answered: int
    missed: int
    refused_rooms: int
    cut_short: int
    unreplied: int
    core_percent_per_room: float
    mb_per_room: float
    reply_p50_ms: float | None
    reply_p95_ms: float | None
    reply_work_p50_ms: float | None
    reply_work_p95_ms: float | None
    server_core_percent: float
    rss_before_mb: float
    rss_full_mb: float
    threads: int
    rooms_at_once: int
    wall_s: float
    generator_core_percent: float
    generator_late_p95_ms: float | None
    others_machine_percent: float
    notices: tuple[str, ...]
    logged_warnings: tuple[str, ...]
    """Of the server."""
    warnings: tuple[str, ...]
    """About the measurement."""

    @property
    def answered_percent(self) -> float:
        return self.answered / max(self.answered + self.missed, 1) * 100
