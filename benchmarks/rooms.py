"""What a room costs, and how fast it replies: `python -m benchmarks.rooms --rooms 1 10 50`.

A real server process; simulated candidates in this one, who speak in real time. Recogniser and
voice are instant, so that the numbers are the system's own. `--peer` puts the same load on others,
one after the other. See docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # also as a script: python benchmarks/…

from benchmarks.candidate import speak_answer
from benchmarks.guest import Broken, Guest
from benchmarks.meter import Meter, Usage, machine, percentile, warnings
from benchmarks.peers.result import Result
from benchmarks.peers.systems import PEERS, VIVAVOCE, System
from benchmarks.peers.table import growth_table, remarks
from benchmarks.served import count_of_rooms, count_of_turns, first_broken, logged, measured
from tests.support.process import Running

SPREAD_S = 8.0
"""The rooms begin over this time, about a turn's, so that they are not all at the same point."""

SAMPLE_EVERY_S = 0.1
WARM_UP_TURNS = 1
SETTLE_S = 1.0
MOST_PERCENT = 50
"""A system that answered less than this is not asked to hold more rooms."""


@dataclass(slots=True)
class _Memory:
    before_mib: float
    full_mib: float = 0.0
    threads: int = 0
    at_once: int = 0


async def measure(running: Running, system: System, rooms: int, turns: int) -> Result:
    """Raises Broken when a room of ours did not do its work."""
    answer = await asyncio.to_thread(speak_answer)
    # One conversation before anything counts: what is loaded once is no room's.
    await _take_part(await system.invite(running.url, answer, 1, WARM_UP_TURNS))
    guests = await system.invite(running.url, answer, rooms, turns)
    await asyncio.sleep(SETTLE_S)
    meter = Meter(running.process.pid)
    memory = _Memory(meter.rss_mib())
    first = meter.read()
    try:
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(_watch(meter, guests, memory))
            await _take_part(guests)
            watching.cancel()
    except* Broken as group:
        raise first_broken(group) from None
    usage = Usage.between(first, meter.read())
    warned = logged(running, "warning") if system.is_ours else []
    return _result(system, guests, usage, memory, turns, warned)


async def _take_part(guests: Sequence[Guest]) -> None:
    async with asyncio.TaskGroup() as tasks:
        for guest in guests:
            tasks.create_task(guest.take_part())
            await asyncio.sleep(SPREAD_S / len(guests) if len(guests) > 1 else 0)


async def _watch(meter: Meter, guests: Sequence[Guest], memory: _Memory) -> None:
    """Memory counts at the moments when the most rooms were open at once."""
    while True:
        await asyncio.sleep(SAMPLE_EVERY_S)
        at_once = sum(guest.is_inside for guest in guests)
        if at_once > memory.at_once:
            memory.at_once, memory.full_mib = at_once, 0.0
        if at_once == memory.at_once:
            memory.full_mib = max(memory.full_mib, meter.rss_mib())
            memory.threads = max(memory.threads, meter.threads())


def _result(
    system: System,
    guests: Sequence[Guest],
    usage: Usage,
    memory: _Memory,
    turn_count: int,
    logged_warnings: Sequence[str],
) -> Result:
    inside = [guest for guest in guests if not guest.is_refused]
    turns = [turn for guest in inside for turn in guest.turns]
    timed = [turn for turn in turns if not turn.is_cut_short]
    replies_ms = [ms for turn in timed if (ms := turn.reply_ms) is not None]
    works_ms = [ms for turn in timed if (ms := turn.reply_work_ms) is not None]
    late_p95_ms = percentile([late for guest in guests for late in guest.late_ms], 95)
    room_s = sum((one.left_s or 0) - (one.entered_s or one.left_s or 0) for one in guests)
    answered = sum(turn.heard_s is not None for turn in turns)
    return Result(
        system=system.name,
        rooms=len(guests),
        turns=turn_count,
        answered=answered,
        missed=len(inside) * turn_count - answered,
        refused_rooms=len(guests) - len(inside),
        cut_short=sum(turn.is_cut_short for turn in turns),
        unreplied=sum(turn.heard_s is not None and turn.replied_s is None for turn in turns),
        core_percent_per_room=round(usage.server_cpu_s / max(room_s, 1) * 100, 2),
        mb_per_room=round((memory.full_mib - memory.before_mib) / max(memory.at_once, 1), 2),
        reply_p50_ms=_rounded(percentile(replies_ms, 50)),
        reply_p95_ms=_rounded(percentile(replies_ms, 95)),
        reply_work_p50_ms=_rounded(percentile(works_ms, 50)),
        reply_work_p95_ms=_rounded(percentile(works_ms, 95)),
        server_core_percent=round(usage.server_percent, 1),
        rss_before_mb=round(memory.before_mib, 1),
        rss_full_mb=round(memory.full_mib, 1),
        threads=memory.threads,
        rooms_at_once=memory.at_once,
        wall_s=round(usage.wall_s, 1),
        generator_core_percent=round(usage.own_percent, 1),
        generator_late_p95_ms=_rounded(late_p95_ms),
        others_machine_percent=round(usage.others_percent, 1),
        notices=tuple(sorted({code for guest in guests for code in guest.notices})),
        logged_warnings=tuple(logged_warnings),
        warnings=tuple(warnings(usage, late_p95_ms)),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def sweep(system: System, counts: Sequence[int], turns: int) -> list[Result] | None:
    """A run for each count, a fresh server each time. None when ours broke."""
    results: list[Result] = []
    for rooms in counts:
        if results and results[-1].answered_percent < MOST_PERCENT:
            print(f"{system.name}: not run with {rooms} rooms", file=sys.stderr)
            continue

        async def measuring(running: Running, rooms: int = rooms) -> Result:
            return await measure(running, system, rooms, turns)

        result = measured({}, measuring, command=system.command, is_ours=system.is_ours)
        if result is None:
            return None if system.is_ours else results
        print(f"{system.name}: {rooms} rooms measured", file=sys.stderr)
        results.append(result)
    return results


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 measured, 1 our server broke, 2 wrong usage."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.rooms",
        description="What a room costs, and how fast it replies.",
    )
    parser.add_argument("--rooms", type=count_of_rooms, nargs="+", default=[10], metavar="N")
    parser.add_argument("--turns", type=count_of_turns, default=3, metavar="T")
    parser.add_argument("--peer", action="append", default=[], choices=sorted(PEERS))
    parser.add_argument("--peers", choices=["all"], help="every peer")
    parser.add_argument("--json", action="store_true", help="one object")
    given = parser.parse_args(argv)
    names: list[str] = sorted(PEERS) if given.peers else sorted(set(given.peer))
    results = sweep(VIVAVOCE, given.rooms, given.turns)
    if results is None:
        return 1
    for name in names:
        peer = PEERS[name]
        if peer.is_there:
            results += sweep(peer, given.rooms, given.turns) or []
        else:
            print(f"Left out: {peer.missing}.", file=sys.stderr)
    if given.json:
        print(json.dumps({"machine": machine(), "runs": [asdict(one) for one in results]}))
    else:
        print(growth_table(results), *remarks(results), sep="\n")
        print(f"machine: {machine()}; {given.turns} turns a room")
    return 0


if __name__ == "__main__":
    sys.exit(main())
