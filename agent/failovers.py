"""A provider fails, or another takes over: facts, and sentences for the person."""

from __future__ import annotations

from collections.abc import Callable

from agent.conduct import Conduct
from agent.outlet import Outlet
from agent.views import show_failure, show_switch
from sessions.facts import ProviderFailed, ProviderSwitched
from sessions.ports import Clock
from sessions.protocol import Recogniser


class Failovers:
    """One per room. `choose_recogniser()` says who recognises now that one has come or gone."""

    def __init__(
        self,
        *,
        clock: Clock,
        outlet: Outlet,
        conduct: Conduct,
        choose_recogniser: Callable[[], Recogniser],
    ) -> None:
        self._clock = clock
        self._outlet = outlet
        self._conduct = conduct
        self._choose_recogniser = choose_recogniser

    def note_failure(self, component: str, provider: str, reason: str) -> None:
        """It does not work, and nobody else does its work."""
        self._conduct.record(
            ProviderFailed(
                at_ms=self._clock.now_ms(), component=component, provider=provider, reason=reason
            )
        )
        self._outlet.send(show_failure(component))

    def note_switch(self, component: str, before: str, to: str, reason: str) -> None:
        """Another provider does the work, or none, when `to` is empty."""
        self._conduct.record(
            ProviderSwitched(
                at_ms=self._clock.now_ms(),
                component=component,
                from_provider=before,
                to_provider=to,
                reason=reason,
            )
        )
        if component == "stt":
            notice = show_switch(component, before, to, self._choose_recogniser())
        else:
            notice = show_switch(component, before, to, Recogniser.NONE)
        if notice is not None:
            self._outlet.send(notice)
