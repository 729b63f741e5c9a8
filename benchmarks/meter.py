"""What the server, the load generator and everybody else on the machine use meanwhile."""

from __future__ import annotations

import contextlib
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import psutil

from benchmarks.guest import Broken

MIB = 1024 * 1024
OWN_LIMIT_PERCENT = 70.0
LATE_LIMIT_MS = 20.0
OTHERS_LIMIT_PERCENT = 15.0


@dataclass(frozen=True, slots=True)
class Reading:
    at_s: float
    server_cpu_s: float
    own_cpu_s: float
    machine_cpu_s: float
    """Of all cores, by anyone."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Between two readings. Percent are of one core, but `others_percent` of the whole machine."""

    wall_s: float
    server_cpu_s: float
    server_percent: float
    own_percent: float
    others_percent: float

    @classmethod
    def between(cls, first: Reading, last: Reading) -> Usage:
        wall_s = last.at_s - first.at_s
        server_s = last.server_cpu_s - first.server_cpu_s
        own_s = last.own_cpu_s - first.own_cpu_s
        others_s = last.machine_cpu_s - first.machine_cpu_s - server_s - own_s
        return cls(
            wall_s=wall_s,
            server_cpu_s=server_s,
            server_percent=server_s / wall_s * 100,
            own_percent=own_s / wall_s * 100,
            others_percent=max(others_s, 0.0) / wall_s / core_count() * 100,
        )


class Meter:
    """Of one server process and its children. Raises Broken when the server is gone."""

    def __init__(self, pid: int) -> None:
        self._server = psutil.Process(pid)
        self._own = psutil.Process(os.getpid())

    def read(self) -> Reading:
        machine = psutil.cpu_times()
        return Reading(
            at_s=time.monotonic(),
            server_cpu_s=self._sum(_cpu_s),
            own_cpu_s=_cpu_s(self._own),
            machine_cpu_s=machine.user + machine.system,
        )

    def rss_mib(self) -> float:
        return self._sum(_rss_mib)

    def threads(self) -> int:
        return int(self._sum(lambda process: process.num_threads()))

    def handles(self) -> int:
        """Open files and sockets."""
        return int(self._sum(lambda process: process.num_fds()))

    def _sum(self, measure: Callable[[psutil.Process], float]) -> float:
        try:
            total = measure(self._server)
            children = self._server.children(recursive=True)
        except psutil.NoSuchProcess as exc:
            raise Broken("its process is gone") from exc
        for child in children:
            with contextlib.suppress(psutil.NoSuchProcess):  # ended since they were listed
                total += measure(child)
        return total


def _rss_mib(process: psutil.Process) -> float:
    return process.memory_info().rss / MIB


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def percentile(values: Sequence[float], percent: float) -> float | None:
    """None without values."""
    return float(np.percentile(values, percent)) if values else None


def core_count() -> int:
    return psutil.cpu_count() or 1


def machine() -> str:
    """The kind of machine, without its name."""
    memory = psutil.virtual_memory().total / MIB / 1024
    python = platform.python_version()
    return (
        f"{core_count()} cores {platform.machine()}, {memory:.0f} GiB, {platform.system()}, "
        f"Python {python}"
    )


def warnings(usage: Usage, late_p95_ms: float | None) -> list[str]:
    """Why the numbers may be worse than they ought to be."""
    found: list[str] = []
    if usage.own_percent > OWN_LIMIT_PERCENT:
        found.append(
            f"the load generator itself used {usage.own_percent:.0f} % of a core: "
            "what is measured may be its limit, not the server's"
        )
    if late_p95_ms is not None and late_p95_ms > LATE_LIMIT_MS:
        found.append(
            f"5 % of the microphone frames were sent over {late_p95_ms:.0f} ms late: "
            "the load generator did not get the processor in time"
        )
    if usage.others_percent > OTHERS_LIMIT_PERCENT:
        found.append(
            f"other programs used {usage.others_percent:.0f} % of the machine meanwhile: "
            "measure again when it is quiet"
        )
    return found
