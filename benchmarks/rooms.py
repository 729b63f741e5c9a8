"""What a room costs, and how fast it replies: `python -m benchmarks.rooms --rooms 10 --turns 3`.

A real server process; simulated candidates in this one, who speak in real time. Recogniser and
voice are instant, so that the numbers are Vivavoce's own. See docs/benchmarks.md.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # also as a script: python benchmarks/…

from agent.turn_taking import endpointing
from benchmarks.candidate import (
    Broken,
    Candidate,
    Turn,
    set_up,
    speak_answer,
)
from benchmarks.meter import Meter, Usage, machine, percentile, warnings
from benchmarks.served import first_broken, logged, measured, parse
from sessions.plan import InterviewType, Patience
from tests.support.process import Running

SPREAD_S = 8.0
"""The rooms begin over this time, about a turn's, so that they are not all at the same point."""

SAMPLE_EVERY_S = 0.1
END_OF_TURN_MS = endpointing(Patience.NORMAL, InterviewType.BEHAVIORAL).min_s * 1000
"""The pause that the patience setting asks for before an answer counts as over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Replies count from the last voiced frame; `*_work_*` leaves the asked-for pause out."""

    rooms: int
    turns: int
    answered: int
    missed: int
    cut_short: int
    unreplied: int
    core_percent_per_room: float
    mb_per_room: float
    reply_p50_ms: float | None
    reply_p95_ms: float | None
    reply_work_p50_ms: float | None
    reply_work_p95_ms: float | None
    end_of_turn_ms: float
    server_core_percent: float
    rss_before_mb: float
    rss_full_mb: float
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
    machine: str


@dataclass(slots=True)
class _Memory:
    before_mib: float
    full_mib: float = 0.0
    at_once: int = 0


async def measure(running: Running, rooms: int, turns: int) -> Result:
    """Raises Broken when a room did not do its work."""
    answer = await asyncio.to_thread(speak_answer)
    # Signing up hashes a password each time: it is over before anything is measured.
    passes = [await set_up(running.url, max(turns, 2)) for _ in range(rooms)]
    candidates = [Candidate(room, answer, turns) for room in passes]
    meter = Meter(running.process.pid)
    memory = _Memory(meter.rss_mib())
    first = meter.read()
    try:
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(_watch(meter, candidates, memory))
            await _take_part(candidates)
            watching.cancel()
    except* Broken as group:
        raise first_broken(group) from None
    usage = Usage.between(first, meter.read())
    return _result(candidates, usage, memory, turns, logged(running, "warning"))


async def _take_part(candidates: Sequence[Candidate]) -> None:
    async with asyncio.TaskGroup() as tasks:
        for candidate in candidates:
            tasks.create_task(candidate.take_part())
            await asyncio.sleep(SPREAD_S / len(candidates))


async def _watch(meter: Meter, candidates: Sequence[Candidate], memory: _Memory) -> None:
    """Memory counts at the moments when the most rooms were open at once."""
    while True:
        await asyncio.sleep(SAMPLE_EVERY_S)
        at_once = sum(candidate.is_inside for candidate in candidates)
        if at_once > memory.at_once:
            memory.at_once, memory.full_mib = at_once, 0.0
        if at_once == memory.at_once:
            memory.full_mib = max(memory.full_mib, meter.rss_mib())


def _result(
    candidates: Sequence[Candidate],
    usage: Usage,
    memory: _Memory,
    turn_count: int,
    logged_warnings: Sequence[str],
) -> Result:
    turns = [turn for candidate in candidates for turn in candidate.turns]
    replies = [ms for turn in turns if not turn.is_cut_short and (ms := turn.reply_ms) is not None]
    late_p95_ms = percentile([late for one in candidates for late in one.late_ms], 95)
    room_s = sum((one.left_s or 0) - (one.entered_s or 0) for one in candidates)
    p50_ms, p95_ms = percentile(replies, 50), percentile(replies, 95)
    answered = sum(turn.heard_s is not None for turn in turns)
    return Result(
        rooms=len(candidates),
        turns=turn_count,
        answered=answered,
        missed=len(turns) - answered,
        cut_short=sum(turn.is_cut_short for turn in turns),
        unreplied=sum(_is_unreplied(turn) for turn in turns),
        core_percent_per_room=round(usage.server_cpu_s / room_s * 100, 2),
        mb_per_room=round((memory.full_mib - memory.before_mib) / max(memory.at_once, 1), 2),
        reply_p50_ms=_rounded(p50_ms),
        reply_p95_ms=_rounded(p95_ms),
        reply_work_p50_ms=_rounded(p50_ms, less=END_OF_TURN_MS),
        reply_work_p95_ms=_rounded(p95_ms, less=END_OF_TURN_MS),
        end_of_turn_ms=END_OF_TURN_MS,
        server_core_percent=round(usage.server_percent, 1),
        rss_before_mb=round(memory.before_mib, 1),
        rss_full_mb=round(memory.full_mib, 1),
        rooms_at_once=memory.at_once,
        wall_s=round(usage.wall_s, 1),
        generator_core_percent=round(usage.own_percent, 1),
        generator_late_p95_ms=_rounded(late_p95_ms),
        others_machine_percent=round(usage.others_percent, 1),
        notices=tuple(sorted({code for one in candidates for code in one.notices})),
        logged_warnings=tuple(logged_warnings),
        warnings=tuple(warnings(usage, late_p95_ms)),
        machine=machine(),
    )


def _is_unreplied(turn: Turn) -> bool:
    return turn.heard_s is not None and turn.replied_s is None


def _rounded(value: float | None, *, less: float = 0.0) -> float | None:
    return None if value is None else round(value - less, 1)


def _ms(value: float | None) -> str:
    return "not measured" if value is None else f"{value} ms"


def _table(result: Result) -> str:
    answers = result.answered + result.missed
    rows: list[tuple[str, str]] = [
        ("rooms", f"{result.rooms}, {result.rooms_at_once} at once, {result.turns} turns each"),
        (
            "answers",
            f"{result.answered} of {answers} answered, {result.missed} missed, "
            f"{result.cut_short} cut short, {result.unreplied} without a reply",
        ),
        (
            "processor",
            f"{result.core_percent_per_room} % of a core per room, "
            f"{result.server_core_percent} % in all",
        ),
        (
            "memory",
            f"{result.mb_per_room} MiB per room ({result.rss_before_mb} before the first, "
            f"{result.rss_full_mb} with all)",
        ),
        (
            "reply",
            f"p50 {_ms(result.reply_p50_ms)}, p95 {_ms(result.reply_p95_ms)}, from the last voiced "
            "frame to the reply's first audio",
        ),
        (
            "reply's work",
            f"p50 {_ms(result.reply_work_p50_ms)}, p95 {_ms(result.reply_work_p95_ms)}: the same "
            f"without the {result.end_of_turn_ms:.0f} ms pause that the patience setting waits",
        ),
        (
            "generator",
            f"{result.generator_core_percent} % of a core, frames up to "
            f"{_ms(result.generator_late_p95_ms)} late (p95)",
        ),
        ("others", f"{result.others_machine_percent} % of the machine"),
        ("machine", result.machine),
    ]
    if result.notices:
        rows.append(("notices", ", ".join(result.notices)))
    rows.extend(("server warns", message) for message in result.logged_warnings)
    rows.extend(("warning", warning) for warning in result.warnings)
    return "\n".join(f"{name:<13} {text}" for name, text in rows)


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 measured, 1 the server broke, 2 wrong usage."""
    description = "What a room costs, and how fast it replies."
    options = parse("benchmarks.rooms", description, argv, rooms=10, turns=3)
    settings = {"SPEECH__STT": "benchmarks.instant:InstantSTT"}
    result = measured(settings, lambda running: measure(running, options.rooms, options.turns))
    if result is None:
        return 1
    print(json.dumps(asdict(result)) if options.as_json else _table(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
