"""One measurement on a server process of its own, which must come out of it whole."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import re
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from benchmarks.candidate import MAX_TURNS
from benchmarks.guest import Broken
from tests.support.process import ROOT, STOP_LIMIT_S, NotStarted, Running, serving

_Result = TypeVar("_Result")

MAX_ROOMS = 1_000
LOG_TAIL_LINES = 30
LOG_LINE_CHARS = 500
OURS = (sys.executable, str(ROOT / "vivavoce.py"), "run")
SETTINGS = {
    "SPEECH__STT": "benchmarks.instant:InstantSTT",
    "SPEECH__TTS": "benchmarks.instant:InstantTTS",
    "AGENT__MAX_ROOMS": str(MAX_ROOMS),
    "LOG__LEVEL": "warning",
    "LOG__FORMAT": "json",
}


def measured(
    settings: Mapping[str, str],
    measuring: Callable[[Running], Coroutine[Any, Any, _Result]],
    *,
    command: Sequence[str] = OURS,
    is_ours: bool = True,
    allows_errors: bool = False,
) -> _Result | None:
    """What `measuring` found out; None when the server broke, which is then said on stderr.

    Ours must also end with 0, and have logged no error unless its providers are meant to fail.
    """
    with tempfile.TemporaryDirectory(prefix="vivavoce-bench-") as folder:
        try:
            log = Path(folder) / "server.log"
            with serving(command, Path(folder), log, {**SETTINGS, **settings}) as running:
                try:
                    result = _run(measuring(running))
                    if is_ours:
                        _end(running, allows_errors=allows_errors)
                except (Broken, aiohttp.ClientError, subprocess.TimeoutExpired) as exc:
                    lines = [line[:LOG_LINE_CHARS] for line in running.logged().splitlines()]
                    tail = lines[-LOG_TAIL_LINES:]
                    print(f"The server broke: {exc}.", *tail, sep="\n", file=sys.stderr)
                    return None
        except NotStarted as exc:
            print(f"The server broke: {exc}", file=sys.stderr)
            return None
    return result


def _end(running: Running, *, allows_errors: bool) -> None:
    running.process.send_signal(signal.SIGINT)
    if (code := running.process.wait(STOP_LIMIT_S)) != 0:
        raise Broken(f"the server ended with {code}")
    errors = [] if allows_errors else logged(running, "error", "critical")
    if errors:
        raise Broken(f"the server logged an error: {errors[0]}")


def logged(running: Running, *levels: str) -> list[str]:
    """What the server logged at these levels: each message once, numbers left out, with how often
    it came."""
    messages: Counter[str] = Counter()
    for line in running.logged().splitlines():
        with contextlib.suppress(json.JSONDecodeError):  # its address, or what it says at the end
            record: object = json.loads(line)
            if isinstance(record, dict) and record.get("level") in levels:  # pyright: ignore[reportUnknownMemberType] -- JSON
                messages[re.sub(r"\d+", "#", str(record["message"]))] += 1  # pyright: ignore[reportUnknownArgumentType] -- JSON
    return [f"{message} ({count} times)" for message, count in messages.items()]


def _run(measuring: Coroutine[Any, Any, _Result]) -> _Result:
    try:
        import uvloop  # not on Windows, where asyncio's own loop serves
    except ImportError:
        return asyncio.run(measuring)
    return uvloop.run(measuring)


def first_broken(group: BaseExceptionGroup[Broken]) -> Broken:
    """Of a task group in which several may have broken."""
    error = group.exceptions[0]
    return first_broken(error) if isinstance(error, BaseExceptionGroup) else error


@dataclass(frozen=True, slots=True)
class Options:
    rooms: int
    turns: int
    as_json: bool


def parse(
    name: str, description: str, argv: list[str] | None, *, rooms: int, turns: int
) -> Options:
    """What a bench of one size is told, with these defaults. Exits with 2 for wrong usage."""
    parser = argparse.ArgumentParser(prog=f"python -m {name}", description=description)
    parser.add_argument("--rooms", type=count_of_rooms, default=rooms, metavar="N")
    parser.add_argument("--turns", type=count_of_turns, default=turns, metavar="T")
    parser.add_argument("--json", action="store_true", help="one object")
    given = parser.parse_args(argv)
    return Options(given.rooms, given.turns, given.json)


def count_of_rooms(text: str) -> int:
    """Raises ArgumentTypeError."""
    return _counted(text, MAX_ROOMS)


def count_of_turns(text: str) -> int:
    """Raises ArgumentTypeError."""
    return _counted(text, MAX_TURNS)


def _counted(text: str, most: int) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"a number from 1 to {most}, not {text}")
    return int(text)
