"""Which providers work now: one memory per process, so that one room's failure warns the others.

A provider that failed rests; each further failure doubles the rest, up to five minutes. When its
rest is over a probe tries it, away from any interview; the first success brings it back.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from sessions.ports import Clock

log = logging.getLogger(__name__)

FIRST_REST_MS = 5_000
LONGEST_REST_MS = 300_000
JITTER = 0.2
"""Share of a rest by which it is lengthened at random: not all processes probe at once."""
RELAPSE_MS = 600_000
"""A failure this soon after a recovery goes on doubling: a probe may pass where speech does not."""
PROBE_EVERY_S = 1.0
PROBE_LIMIT_S = 10.0

Probe = Callable[[], Awaitable[object]]
"""Tries a provider; raises when it does not work."""


@dataclass(slots=True)
class _Condition:
    failures: int = 0
    is_resting: bool = False
    rests_until_ms: int = 0
    well_since_ms: int = 0
    reason: str = ""


class Health:
    """Names are those of the settings, with their component: ("stt", "deepgram")."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._conditions: dict[tuple[str, str], _Condition] = {}
        self._probes: dict[tuple[str, str], list[Probe]] = {}

    def watch(self, component: str, name: str, probe: Probe) -> None:
        """How to find out whether a resting provider is well again. The last one given counts."""
        self._probes.setdefault((component, name), []).append(probe)

    def unwatch(self, component: str, name: str, probe: Probe) -> None:
        """Forget a probe whose provider is closed; the one given before it counts again."""
        probes = self._probes.get((component, name), [])
        with contextlib.suppress(ValueError):
            probes.remove(probe)
        if not probes:
            self._probes.pop((component, name), None)

    def in_order(self, component: str, names: Sequence[str]) -> list[str]:
        """Those that work, in their order; then the resting ones, as better than nothing."""
        well = [name for name in names if self.is_well(component, name)]
        return [*well, *(name for name in names if name not in well)]

    def is_well(self, component: str, name: str) -> bool:
        condition = self._conditions.get((component, name))
        if condition is None or not condition.is_resting:
            return True
        # Without a probe it is tried by whoever comes first when its rest is over.
        has_rested = self._clock.now_ms() >= condition.rests_until_ms
        return has_rested and (component, name) not in self._probes

    def reason(self, component: str, name: str) -> str:
        """Why it rests; empty when it does not."""
        condition = self._conditions.get((component, name))
        return condition.reason if condition is not None and condition.is_resting else ""

    def note_failure(self, component: str, name: str, reason: str) -> None:
        """Failures during a rest are that which began it, met by other rooms: they add nothing."""
        condition = self._conditions.setdefault((component, name), _Condition())
        now_ms = self._clock.now_ms()
        condition.reason = reason
        if condition.is_resting and now_ms < condition.rests_until_ms:
            return
        if not condition.is_resting and now_ms - condition.well_since_ms > RELAPSE_MS:
            condition.failures = 0
        condition.failures += 1
        condition.is_resting = True
        rest_ms = min(FIRST_REST_MS * 2 ** (condition.failures - 1), LONGEST_REST_MS)
        rest_ms = int(rest_ms * (1 + JITTER * random.random()))  # noqa: S311 -- no secret
        condition.rests_until_ms = now_ms + rest_ms
        log.warning("%s %s failed and rests for %d s", component, name, rest_ms // 1000)

    def note_success(self, component: str, name: str) -> None:
        condition = self._conditions.get((component, name))
        if condition is not None and condition.is_resting:
            condition.is_resting = False
            condition.well_since_ms = self._clock.now_ms()
            log.info("%s %s works again", component, name)

    async def run(self) -> None:
        """Probe what has rested, until cancelled."""
        while True:
            await asyncio.sleep(PROBE_EVERY_S)
            await self.probe_rested()

    async def probe_rested(self) -> None:
        """All at once, so that one that hangs keeps no other from being found well."""
        now_ms = self._clock.now_ms()
        async with asyncio.TaskGroup() as tasks:
            for key, condition in self._conditions.items():
                probes = self._probes.get(key)
                if probes and condition.is_resting and now_ms >= condition.rests_until_ms:
                    tasks.create_task(self._try(*key, probes[-1]))

    async def _try(self, component: str, name: str, probe: Probe) -> None:
        try:
            async with asyncio.timeout(PROBE_LIMIT_S):
                await probe()
        # The edge to the provider's code, which may be anyone's: it does not work yet.
        except Exception as exc:
            self.note_failure(component, name, str(exc) or type(exc).__name__)
        else:
            self.note_success(component, name)
