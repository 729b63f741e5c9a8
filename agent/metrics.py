"""What an agent tells Prometheus: its rooms, whom it refused, and how its event loop keeps up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from agent.load import LoadWatch

Family = CounterMetricFamily | GaugeMetricFamily


class Held(Protocol):
    """agent.rooms.Rooms."""

    @property
    def count(self) -> int: ...

    @property
    def refused(self) -> int: ...


class Metrics(Collector):
    """Read at each scrape; nothing is counted twice for it."""

    def __init__(self, rooms: Held, load: LoadWatch) -> None:
        self._rooms = rooms
        self._load = load
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def text(self) -> str:
        """The text format that Prometheus scrapes."""
        return generate_latest(self._registry).decode()

    def collect(self) -> Iterator[Family]:
        load = self._load
        yield GaugeMetricFamily("vivavoce_rooms", "Rooms that are open.", self._rooms.count)
        yield CounterMetricFamily(
            "vivavoce_rooms_refused", "Interviews for which there was no room.", self._rooms.refused
        )
        yield GaugeMetricFamily(
            "vivavoce_loop_lag_seconds",
            "The event loop's lag that 95 of 100 measurements of the last 10 s stayed under.",
            load.lag_ms / 1000,
        )
        yield CounterMetricFamily(
            "vivavoce_loop_stalls", "Times the event loop was held for 100 ms or more.", load.stalls
        )
        yield GaugeMetricFamily(
            "vivavoce_loop_longest_stall_seconds",
            "The longest time that anything held the event loop.",
            load.longest_ms / 1000,
        )
