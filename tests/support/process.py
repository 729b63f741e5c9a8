"""Vivavoce as its users start it: real processes on free ports, in a folder of their own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]
START_LIMIT_S = 90
STOP_LIMIT_S = 30


class NotStarted(AssertionError):
    """A program ended, or was not ready in time; what it printed is in the message."""


@dataclass
class Running:
    """One process. `url` is what it printed as its address."""

    process: subprocess.Popen[str]
    url: str
    data_dir: Path
    log: Path

    def kill(self) -> None:
        """As kill -9: it gets no chance to put anything in order."""
        self.process.kill()
        self.process.wait(STOP_LIMIT_S)

    def stop(self) -> int:
        """As Ctrl-C. Returns the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_LIMIT_S)

    def logged(self) -> str:
        return self.log.read_text(encoding="utf-8")


def environment(data_dir: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """Of a process with these settings, e.g. {"SERVER__PORT": "0"}, and no others."""
    inherited = {
        name: value
        for name, value in os.environ.items()  # noqa: TID251 -- what a child process inherits
        if not name.startswith("VIVAVOCE__")
    }
    given = {
        "DATA_DIR": str(data_dir),
        "DATABASE__URL": f"sqlite+aiosqlite:///{data_dir}/vivavoce.db",
        "SERVER__PORT": "0",
        "AGENT__PORT": "0",
        **settings,
    }
    return {
        **inherited,
        **{f"VIVAVOCE__{key}": value for key, value in given.items()},
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def vivavoce(
    command: str, data_dir: Path, settings: Mapping[str, str] | None = None
) -> Generator[Running]:
    """Start `vivavoce COMMAND`, wait until it says it is ready; stop it at the end."""
    data_dir.mkdir(parents=True, exist_ok=True)
    log = Path(tempfile.mkstemp(prefix=f"{command}-", suffix=".log", dir=data_dir)[1])
    program = [sys.executable, str(ROOT / "vivavoce.py"), command]
    with serving(program, data_dir, log, settings or {}) as running:
        yield running


@contextmanager
def serving(
    program: Sequence[str], data_dir: Path, log: Path, settings: Mapping[str, str]
) -> Generator[Running]:
    """Start a program of ours, wait until it says it is ready; stop it at the end.

    Raises NotStarted.
    """
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            program,
            env=environment(data_dir, settings),
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
        )
        try:
            yield Running(process, _address(process, log), data_dir, log)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(STOP_LIMIT_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait(STOP_LIMIT_S)


def _address(process: subprocess.Popen[str], log: Path) -> str:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        text = log.read_text(encoding="utf-8")
        if found := re.search(r"(?:https?|ws)://\S+:\d+", text):
            return found.group().replace("localhost", "127.0.0.1")
        if process.poll() is not None:
            raise NotStarted(f"it ended with {process.returncode}: {text}")
        time.sleep(0.05)
    raise NotStarted(f"it was not ready in {START_LIMIT_S} s: {log.read_text()}")


def run_to_end(
    arguments: list[str],
    data_dir: Path,
    settings: Mapping[str, str] | None = None,
    *,
    stdin: IO[str] | None = None,
    timeout_s: float = 120,
) -> subprocess.CompletedProcess[str]:
    """`vivavoce ARGUMENTS`, to its end."""
    return subprocess.run(
        [sys.executable, str(ROOT / "vivavoce.py"), *arguments],
        env=environment(data_dir, settings or {}),
        stdin=stdin,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        cwd=ROOT,
        check=False,
    )
