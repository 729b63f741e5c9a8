"""`vivavoce run` with a window: `python -m benchmarks.watched`. The product's code is as it is.

SIGUSR1 makes it print `{"watched": {...}}` with the tasks of its loop; SIGUSR2 collects garbage
first and counts what is left of the rooms' objects too, which takes a moment.
"""

from __future__ import annotations

import asyncio
import gc
import json
import signal
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import vivavoce
from sessions.settings import Settings

KINDS_SHOWN = 12
_OF_A_ROOM = frozenset({"Room", "RoomAudio", "AgentSession", "SocketConnection", "Scribe"})


def _report(*, is_thorough: bool) -> None:
    tasks = asyncio.all_tasks()
    report: dict[str, object] = {
        "tasks": len(tasks),
        "room_tasks": sum(task.get_name().startswith("room ") for task in tasks),
        "kinds": dict(Counter(map(_kind, tasks)).most_common(KINDS_SHOWN)),
    }
    if is_thorough:
        gc.collect()
        objects = Counter(type(one).__name__ for one in gc.get_objects())
        report["objects"] = {name: objects[name] for name in sorted(_OF_A_ROOM)}
    print(json.dumps({"watched": report}), flush=True)


def _kind(task: asyncio.Task[object]) -> str:
    return getattr(task.get_coro(), "__qualname__", task.get_name())


async def _run(settings: Settings) -> int:
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, lambda: _report(is_thorough=False))
    loop.add_signal_handler(signal.SIGUSR2, lambda: _report(is_thorough=True))
    return await vivavoce.run(settings)


if __name__ == "__main__":
    vivavoce.COMMANDS["run"] = _run
    sys.exit(vivavoce.main(["run"]))
