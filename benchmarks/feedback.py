"""How long a filler takes to the page: `python -m benchmarks.feedback`.

The browser-recogniser path: while a simulated candidate speaks, results with one more "um" each
are sent as the page would send them, and the Feedback messages they cause are timed at the socket.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # also as a script: python benchmarks/…

from websockets.asyncio.client import ClientConnection

from benchmarks.candidate import (
    FRAME_MS,
    Broken,
    Candidate,
    RoomPass,
    SpokenAnswer,
    set_up,
    speak_answer,
)
from benchmarks.meter import Meter, Usage, machine, percentile, warnings
from benchmarks.served import first_broken, logged, measured, parse
from sessions import protocol
from tests.support.process import Running

GOAL_MS = 300
RESULT_EVERY_S = 0.25
WORDS = "we talked it over and then we shipped the release in very small steps".split()
SPREAD_S = 4.0


@dataclass(frozen=True, slots=True)
class Spread:
    p50_ms: float
    p95_ms: float
    max_ms: float

    @classmethod
    def of(cls, values_ms: Sequence[float]) -> Spread:
        p50_ms, p95_ms = percentile(values_ms, 50) or 0.0, percentile(values_ms, 95) or 0.0
        return cls(round(p50_ms, 2), round(p95_ms, 2), round(max(values_ms), 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`heard_to_page`: from `Feedback.heard_at_ms`, which is in whole ms, to the arrival;
    `result_to_page`: from the sending of the result to the arrival."""

    rooms: int
    results: int
    unanswered: int
    wrong_counts: int
    heard_to_page: Spread
    result_to_page: Spread
    goal_ms: int
    server_core_percent: float
    generator_core_percent: float
    others_machine_percent: float
    logged_warnings: tuple[str, ...]
    """Of the server."""
    warnings: tuple[str, ...]
    """About the measurement."""
    machine: str


class PageCandidate(Candidate):
    """Recognises its own speech, like a browser: one interim a word, then the final."""

    recognises = True

    def __init__(self, room: RoomPass, answer: SpokenAnswer, turns: int) -> None:
        super().__init__(room, answer, turns)
        self._pending: deque[tuple[float, int]] = deque()
        self._fillers = 0
        self.heard_to_page_ms: list[float] = []
        self.result_to_page_ms: list[float] = []
        self.wrong_counts = 0

    @property
    def unanswered(self) -> int:
        return len(self._pending)

    async def while_speaking(self, socket: ClientConnection) -> None:
        start_ms = self.sent_frames * FRAME_MS
        for count in range(1, len(WORDS) + 1):
            await asyncio.sleep(RESULT_EVERY_S)
            speech = protocol.Speech(
                id=f"turn-{len(self.turns)}",
                final=count == len(WORDS),
                text=" ".join(f"um {word}" for word in WORDS[:count]),
                start_ms=start_ms,
                end_ms=self.sent_frames * FRAME_MS,
                confidence=0.9,
            )
            self._pending.append((time.monotonic(), self._fillers + count))
            await socket.send(speech.model_dump_json())
        self._fillers += len(WORDS)

    def note(self, message: protocol.ServerMessage) -> None:
        """Each result causes one Feedback that carries `heard_at_ms`, in order."""
        if not isinstance(message, protocol.Feedback) or message.heard_at_ms is None:
            return
        now_ms, now_s = time.time_ns() / 1_000_000, time.monotonic()
        if not self._pending:
            raise Broken("a result was answered twice")
        sent_s, fillers = self._pending.popleft()
        self.heard_to_page_ms.append(now_ms - message.heard_at_ms)
        self.result_to_page_ms.append((now_s - sent_s) * 1000)
        self.wrong_counts += message.filler_total != fillers


async def measure(running: Running, rooms: int, turns: int) -> Result:
    """Raises Broken when a room did not do its work."""
    answer = await asyncio.to_thread(speak_answer)
    passes = [await set_up(running.url, max(turns, 2)) for _ in range(rooms)]
    candidates = [PageCandidate(room, answer, turns) for room in passes]
    meter = Meter(running.process.pid)
    first = meter.read()
    try:
        async with asyncio.TaskGroup() as tasks:
            for candidate in candidates:
                tasks.create_task(candidate.take_part())
                await asyncio.sleep(SPREAD_S / rooms)
    except* Broken as group:
        raise first_broken(group) from None
    usage = Usage.between(first, meter.read())
    late_p95_ms = percentile([late for one in candidates for late in one.late_ms], 95)
    heard_to_page_ms = [ms for one in candidates for ms in one.heard_to_page_ms]
    if not heard_to_page_ms:
        raise Broken("no result of the recogniser was answered")
    return Result(
        rooms=rooms,
        results=len(heard_to_page_ms),
        unanswered=sum(one.unanswered for one in candidates),
        wrong_counts=sum(one.wrong_counts for one in candidates),
        heard_to_page=Spread.of(heard_to_page_ms),
        result_to_page=Spread.of([ms for one in candidates for ms in one.result_to_page_ms]),
        goal_ms=GOAL_MS,
        server_core_percent=round(usage.server_percent, 1),
        generator_core_percent=round(usage.own_percent, 1),
        others_machine_percent=round(usage.others_percent, 1),
        logged_warnings=tuple(logged(running, "warning")),
        warnings=tuple(warnings(usage, late_p95_ms)),
        machine=machine(),
    )


def _table(result: Result) -> str:
    heard, sent = result.heard_to_page, result.result_to_page
    rows: list[tuple[str, str]] = [
        (
            "results",
            f"{result.results} with a new filler, {result.unanswered} unanswered, "
            f"{result.wrong_counts} with a wrong count; {result.rooms} rooms",
        ),
        (
            "heard to page",
            f"p50 {heard.p50_ms} ms, p95 {heard.p95_ms} ms, max {heard.max_ms} ms: from the "
            "server's note of the result to the message at the socket",
        ),
        (
            "there and back",
            f"p50 {sent.p50_ms} ms, p95 {sent.p95_ms} ms, max {sent.max_ms} ms: from the "
            "sending of the result",
        ),
        ("goal", f"under {result.goal_ms} ms; nothing fails on it"),
        (
            "processor",
            f"server {result.server_core_percent} % of a core, generator "
            f"{result.generator_core_percent} %, others {result.others_machine_percent} % of "
            "the machine",
        ),
        ("machine", result.machine),
    ]
    rows.extend(("server warns", message) for message in result.logged_warnings)
    rows.extend(("warning", warning) for warning in result.warnings)
    return "\n".join(f"{name:<15} {text}" for name, text in rows)


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 measured, 1 the server broke, 2 wrong usage."""
    description = "How long a filler takes to the page."
    options = parse("benchmarks.feedback", description, argv, rooms=1, turns=5)
    settings = {"SPEECH__STT": "browser"}
    result = measured(settings, lambda running: measure(running, options.rooms, options.turns))
    if result is None:
        return 1
    print(json.dumps(asdict(result)) if options.as_json else _table(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
