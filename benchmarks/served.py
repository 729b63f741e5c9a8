"""One measurement on a server process of its own, which must come out of it whole."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from benchmarks.candidate import MAX_TURNS, Broken
from tests.support.process import Running, vivavoce

_Result = TypeVar("_Result")

MAX_ROOMS = 1_000
LOG_TAIL_LINES = 30
LOG_LINE_CHARS = 500
_SETTINGS = {
    "SPEECH__TTS": "benchmarks.instant:InstantTTS",
    "AGENT__MAX_ROOMS": str(MAX_ROOMS),
    "LOG__LEVEL": "warning",
    "LOG__FORMAT": "json",
}


def measured(
    settings: Mapping[str, str], measuring: Callable[[Running], Coroutine[Any, Any, _Result]]
) -> _Result | None:
    """What `measuring` found out; None when the server broke, which is then said on stderr."""
    with tempfile.TemporaryDirectory(prefix="vivavoce-bench-") as folder:
        try:
            with vivavoce("run", Path(folder), {**_SETTINGS, **settings}) as running:
                try:
                    result = _run(measuring(running))
                    if (code := running.stop()) != 0:
                        raise Broken(f"the server ended with {code}")
                    if errors := logged(running, "error", "critical"):
                        raise Broken(f"the server logged an error: {errors[0]}")
                except (Broken, aiohttp.ClientError, subprocess.TimeoutExpired) as exc:
                    lines = [line[:LOG_LINE_CHARS] for line in running.logged().splitlines()]
                    tail = lines[-LOG_TAIL_LINES:]
                    print(f"The server broke: {exc}.", *tail, sep="\n", file=sys.stderr)
                    return None
        except AssertionError as exc:  # it did not start
            print(f"The server broke: {exc}", file=sys.stderr)
            return None
    return result


def logged(running: Running, *levels: str) -> list[str]:
    """What the server logged at these levels: each message once, with how often it came."""
    messages: Counter[str] = Counter()
    for line in running.logged().splitlines():
        with contextlib.suppress(json.JSONDecodeError):  # its address, or what it says at the end
            record: dict[str, object] = json.loads(line)
            if record["level"] in levels:
                messages[str(record["message"])] += 1
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
    """What both benches are told, with these defaults. Exits with 2 for wrong usage."""
    parser = argparse.ArgumentParser(prog=f"python -m {name}", description=description)
    parser.add_argument("--rooms", type=int, default=rooms, metavar="N")
    parser.add_argument("--turns", type=int, default=turns, metavar="T")
    parser.add_argument("--json", action="store_true", help="one object")
    given = parser.parse_args(argv)
    if not 1 <= given.rooms <= MAX_ROOMS:
        parser.error(f"--rooms is a number from 1 to {MAX_ROOMS}")
    if not 1 <= given.turns <= MAX_TURNS:
        parser.error(f"--turns is a number from 1 to {MAX_TURNS}")
    return Options(given.rooms, given.turns, given.json)
