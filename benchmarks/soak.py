"""Many rooms for a long time: `python -m benchmarks.soak --rooms 1000 --minutes 30`.

A real server process with providers that fail and hang on a schedule, and candidates of whom some
leave, lose their line or flood. Tasks, threads, files and memory must end where they began.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # also as a script: python benchmarks/…

import aiohttp
from pydantic import BaseModel

from benchmarks.candidate import Candidate, set_up, speak_answer
from benchmarks.curve import MEMORY_LIMIT_MIB, Sample, draw, faults, minute_table, rise
from benchmarks.guest import Broken, SpokenAnswer
from benchmarks.meter import Meter, machine, percentile
from benchmarks.served import count_of_rooms, first_broken, logged, measured
from benchmarks.unruly import Steady, guest
from tests.support.process import Running

QUESTIONS = 2
WARM_UP_ROOMS = 10
"""One of each kind, at once: pools and caches are filled before the first sample."""
SAMPLES = 90
ANSWER_LIMIT_S = 5.0
SETTLE_LIMIT_S = 90.0
ATTEMPTS, RETRY_S = 40, 3.0
"""For a room that is refused because the server is busy."""
SETTINGS = {
    "SPEECH__STT": "benchmarks.instant:StumblingSTT,benchmarks.instant:InstantSTT",
    "SPEECH__TTS": "benchmarks.instant:StumblingTTS,benchmarks.instant:InstantTTS",
    "SPEECH__TTS_TIMEOUT_S": "2",
    "AGENT__RECONNECT_S": "5",
    "AGENT__ABANDON_AFTER_S": "20",
}
COMMAND = (sys.executable, "-m", "benchmarks.watched")


@dataclass(frozen=True, slots=True)
class Plan:
    rooms: int
    minutes: float
    at_once: int


@dataclass(slots=True)
class Soaked:
    """`samples`: the first before the soak, the last after all rooms were closed."""

    samples: list[Sample] = field(default_factory=list[Sample])
    kinds: Counter[str] = field(default_factory=Counter[str])
    broken: Counter[str] = field(default_factory=Counter[str])
    notices: Counter[str] = field(default_factory=Counter[str])
    logged: list[str] = field(default_factory=list[str])
    answered: int = 0
    refused: int = 0
    late_p95_ms: float | None = None
    wall_s: float = 0.0


class _Seen(BaseModel):
    tasks: int
    room_tasks: int
    kinds: dict[str, int]
    objects: dict[str, int] = {}


class Window:
    """Looks into a server that `benchmarks.watched` runs. Raises Broken when it does not answer."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._meter = Meter(running.process.pid)
        self.kinds: dict[str, int] = {}
        """The tasks of the last look, by what they run."""

    async def look(
        self, at_s: float, closed: int, inside: int, *, is_thorough: bool = False
    ) -> Sample:
        offset = self._running.log.stat().st_size
        asked = signal.SIGUSR2 if is_thorough else signal.SIGUSR1
        self._running.process.send_signal(asked)
        seen = await self._answer(offset)
        self.kinds = seen.kinds
        return Sample(
            at_s=round(at_s, 1),
            closed=closed,
            inside=inside,
            rss_mib=round(self._meter.rss_mib(), 1),
            tasks=seen.tasks,
            room_tasks=seen.room_tasks,
            threads=self._meter.threads(),
            handles=self._meter.handles(),
            objects=seen.objects,
        )

    async def _answer(self, offset: int) -> _Seen:
        deadline_s = time.monotonic() + ANSWER_LIMIT_S
        while time.monotonic() < deadline_s:
            await asyncio.sleep(0.05)
            for line in self._running.log.read_bytes()[offset:].splitlines(keepends=True):
                if line.startswith(b'{"watched"') and line.endswith(b"\n"):
                    return _Seen.model_validate(json.loads(line)["watched"])
        raise Broken(f"its loop did not answer in {ANSWER_LIMIT_S:.0f} s")


class Soak:
    def __init__(self, running: Running, plan: Plan, answer: SpokenAnswer) -> None:
        self._running = running
        self._plan = plan
        self._answer = answer
        self._window = Window(running)
        self._inside: set[Candidate] = set()
        self._closed = 0
        self._began_s = time.monotonic()
        self._late_ms: list[float] = []
        self.soaked = Soaked()

    async def hold(self) -> Soaked:
        """Raises Broken when the server is gone or stuck; other faults are in the result."""
        soaked = self.soaked
        await self._visits(range(WARM_UP_ROOMS), spacing_s=0)
        soaked.kinds.clear()
        self._closed = soaked.answered = 0
        soaked.samples.append(await self._settled())
        self._began_s = time.monotonic()
        try:
            async with asyncio.TaskGroup() as tasks:
                sampling = tasks.create_task(self._sample())
                spacing_s = self._plan.minutes * 60 / self._plan.rooms
                await self._visits(range(self._plan.rooms), spacing_s=spacing_s)
                sampling.cancel()
        except* Broken as group:
            raise first_broken(group) from None
        soaked.wall_s = round(self._now_s, 1)
        soaked.samples.append(await self._settled())
        soaked.late_p95_ms = percentile(self._late_ms, 95)
        soaked.logged = logged(self._running, "warning", "error", "critical")
        return soaked

    @property
    def _now_s(self) -> float:
        return time.monotonic() - self._began_s

    async def _visits(self, numbers: range, *, spacing_s: float) -> None:
        """Evenly spaced, but never more than `at_once`."""
        places = asyncio.Semaphore(self._plan.at_once)
        began_s = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            for number in numbers:
                due_s = began_s + number * spacing_s
                await asyncio.sleep(max(due_s - time.monotonic(), 0))
                await places.acquire()
                visit = tasks.create_task(self._visit(number))
                visit.add_done_callback(lambda _: places.release())

    async def _visit(self, number: int) -> None:
        for _ in range(ATTEMPTS):
            if await self._is_held(number):
                return
            await asyncio.sleep(RETRY_S)
        self.soaked.broken[f"refused {ATTEMPTS} times"] += 1

    async def _is_held(self, number: int) -> bool:
        """One room, from its account to its end. False: the server was busy, try again."""
        candidate = None
        try:
            room = await set_up(self._running.url, QUESTIONS)
            candidate = guest(number, room, self._answer)
            self._inside.add(candidate)
            await candidate.take_part()
        except (Broken, aiohttp.ClientError, TimeoutError) as exc:
            kind = candidate.kind if candidate else "sets up"
            self.soaked.broken[f"{kind}: {str(exc) or type(exc).__name__}"] += 1
        if candidate is None:
            return True
        self._inside.discard(candidate)
        if candidate.is_refused:
            self.soaked.refused += 1
            return False
        self._note(candidate)
        return True

    def _note(self, candidate: Steady) -> None:
        self._closed += 1
        self.soaked.kinds[candidate.kind] += 1
        self.soaked.notices.update(candidate.notices)
        self.soaked.answered += sum(turn.heard_s is not None for turn in candidate.turns)
        self._late_ms += candidate.late_ms[:: len(candidate.late_ms) // 20 + 1]

    async def _sample(self) -> None:
        every_s = max(self._plan.minutes * 60 / SAMPLES, 1.0)
        while True:
            await asyncio.sleep(every_s)
            sample = await self._window.look(self._now_s, self._closed, len(self._inside))
            self.soaked.samples.append(sample)

    async def _settled(self) -> Sample:
        """When no room is left and the tasks are as few as before, or the limit has passed."""
        deadline_s = time.monotonic() + SETTLE_LIMIT_S
        before = self.soaked.samples[0].tasks if self.soaked.samples else 0
        at_s = self._now_s if self.soaked.samples else 0.0
        fewest = 0
        while time.monotonic() < deadline_s:
            seen = await self._window.look(at_s, self._closed, 0)
            if seen.room_tasks == 0 and seen.tasks <= (before or fewest):
                break
            fewest = seen.tasks
            await asyncio.sleep(2)
        if self.soaked.samples:
            at_s = self._now_s
        return await self._window.look(at_s, self._closed, 0, is_thorough=True)


async def soak(running: Running, plan: Plan) -> Soaked:
    """Raises Broken when the server is gone or stuck."""
    answer = await asyncio.to_thread(speak_answer)
    return await Soak(running, plan, answer).hold()


def found_faults(soaked: Soaked) -> list[str]:
    broken = [f"{what} ({count} times)" for what, count in soaked.broken.items()]
    return [*faults(soaked.samples), *broken]


def _as_json(soaked: Soaked, found: list[str]) -> dict[str, object]:
    return {
        "machine": machine(),
        "samples": [asdict(sample) for sample in soaked.samples],
        "kinds": dict(soaked.kinds),
        "broken": dict(soaked.broken),
        "notices": dict(soaked.notices),
        "logged": soaked.logged,
        "answered": soaked.answered,
        "refused": soaked.refused,
        "late_p95_ms": soaked.late_p95_ms,
        "wall_s": soaked.wall_s,
        "rise": asdict(rise(soaked.samples)),
        "faults": found,
    }


def _report(plan: Plan, soaked: Soaked) -> str:
    risen = rise(soaked.samples)
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(soaked.kinds.items()))
    late = "-" if soaked.late_p95_ms is None else f"{soaked.late_p95_ms:.0f} ms"
    lines = [
        minute_table(soaked.samples),
        f"rooms: {kinds}; {soaked.answered} answers heard, {soaked.refused} refused; "
        f"{soaked.wall_s / 60:.1f} minutes, {plan.minutes:g} meant",
        f"memory over the second half: {risen.mib:+.1f} MiB, {risen.mib_per_1000_rooms:+.1f} MiB "
        f"per 1,000 rooms (at most {MEMORY_LIMIT_MIB:.0f} MiB)",
        f"objects of rooms left: {soaked.samples[-1].objects}",
        f"notices: {dict(soaked.notices)}; generator's frames late p95 {late}",
        f"machine: {machine()}",
        *(f"the server logged: {message}" for message in soaked.logged),
    ]
    found = found_faults(soaked)
    return "\n".join([*lines, *(f"FAULT: {one}" for one in found), *(["all well"] * (not found))])


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 all ended where it began, 1 it did not or the server broke, 2 wrong usage."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.soak", description="Many rooms for a long time."
    )
    parser.add_argument("--rooms", type=int, default=1_000, metavar="N")
    parser.add_argument("--minutes", type=float, default=30.0, metavar="M")
    parser.add_argument("--at-once", type=count_of_rooms, default=20, metavar="K")
    parser.add_argument("--svg", type=Path, help="draw the curve into this file")
    parser.add_argument("--json", action="store_true", help="one object")
    given = parser.parse_args(argv)
    if given.rooms < 1 or given.minutes <= 0:
        parser.error("--rooms and --minutes are more than 0")
    plan = Plan(given.rooms, given.minutes, given.at_once)
    soaked = measured(
        SETTINGS, lambda running: soak(running, plan), command=COMMAND, allows_errors=True
    )
    if soaked is None:
        return 1
    if given.svg:
        given.svg.write_text(draw(soaked.samples), encoding="utf-8")
    found = found_faults(soaked)
    if given.json:
        print(json.dumps(_as_json(soaked, found)))
    else:
        print(_report(plan, soaked))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
