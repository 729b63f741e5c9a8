"""Several interviewers in order of fallback; the script at the end, which always has words.

One that does not begin in time, breaks off, stops in mid-sentence or is refused by its guard is
passed over for this utterance: by the next as long as nothing was spoken, by the script from then
on. Only whole sentences are let out, so nothing is heard twice.
"""

from __future__ import annotations

import asyncio
import logging
from abc import abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, aclosing
from typing import Protocol, runtime_checkable

from agent.interviewer.guard import GuardRefused
from agent.interviewer.port import Interviewer, Scene
from agent.interviewer.prompt import cut_sentences, remainder
from agent.interviewer.scripted import ScriptedInterviewer, script
from agent.providers.health import Health
from agent.usage import Used
from sessions.errors import ProviderUnavailable
from sessions.interview import Say

log = logging.getLogger(__name__)

COMPONENT = "interviewer"
STRIKES = 2
"""Time-outs or refusals in a row, in all rooms together, that count as one failure."""
SILENCE_FACTOR = 3
"""Times the limit for a first word, that a person waits at most before the script speaks."""

OnUsed = Callable[[Used], None]
OnSwitch = Callable[[str, str, str], None]
"""From which provider to which, and why."""


def _ignore_used(_used: Used) -> None: ...


def _ignore_switch(_before: str, _now: str, _reason: str) -> None: ...


class RemoteInterviewer(Interviewer):
    """One whose words come from a service: it costs, can be tried, and must be closed.

    The empty first part of what it phrases says that the service has begun to answer.
    """

    @abstractmethod
    def for_room(self, on_used: OnUsed) -> Interviewer:
        """The same service, whose use is told to the room's own callback."""

    def phrases(self, say: Say, scene: Scene) -> bool:
        """Whether the move is put into words by the service, and not left as it is written."""
        del say, scene
        return True

    @abstractmethod
    async def try_it(self) -> float:
        """Let it say a word to nobody; ms until it began. Raises ProviderUnavailable."""

    async def probe(self) -> None:
        """For `Health.watch`. Raises ProviderUnavailable."""
        await self.try_it()

    @abstractmethod
    async def aclose(self) -> None: ...


class InterviewerChain(Interviewer):
    """`members` by their names in the settings, the first to be used first.

    The process has one; each room takes its own `for_room`, with what it wants to be told.
    """

    name = "chain"

    def __init__(
        self,
        members: Mapping[str, Interviewer],
        health: Health,
        *,
        first_word_timeout_s: float,
        script: ScriptedInterviewer,
        on_switch: OnSwitch = _ignore_switch,
        on_used: OnUsed = _ignore_used,
    ) -> None:
        self._members = _up_to_the_script(members, script)
        self._health = health
        self._timeout_s = first_word_timeout_s
        self._script = script
        self._on_switch = on_switch
        self._current = self.names[0]
        self._why = ""
        self._strikes: dict[str, int] = {}
        self._rooms_members = {
            name: member.for_room(on_used) if isinstance(member, RemoteInterviewer) else member
            for name, member in self._members.items()
        }

    @property
    def names(self) -> list[str]:
        """In order; what stands after the script is never used, and not among them."""
        return list(self._members)

    @property
    def members(self) -> Mapping[str, Interviewer]:
        return self._members

    def for_room(self, on_switch: OnSwitch, on_used: OnUsed) -> Interviewer:
        """The room's own: services and what is known of them are shared with the others."""
        if len(self._members) == 1:
            return self._script
        room = InterviewerChain(
            self._members,
            self._health,
            first_word_timeout_s=self._timeout_s,
            script=self._script,
            on_switch=on_switch,
            on_used=on_used,
        )
        room._strikes = self._strikes
        return room

    async def aclose(self) -> None:
        for member in self._members.values():
            if isinstance(member, RemoteInterviewer):
                await member.aclose()

    # -- phrasing --------------------------------------------------------------------------------

    async def phrase(self, say: Say, scene: Scene) -> AsyncGenerator[str]:
        scene = self._script.dressed(scene)
        now_s = asyncio.get_running_loop().time
        deadline_s = now_s() + SILENCE_FACTOR * self._timeout_s
        said = ""
        for name in self._health.in_order(COMPONENT, self.names):
            member = self._rooms_members[name]
            if isinstance(member, RemoteInterviewer) and not member.phrases(say, scene):
                yield script(say, scene)
                return
            left_s = deadline_s - now_s()
            if left_s <= 0 and member is not self._script:
                continue
            try:
                async with aclosing(self._attempt(name, say, scene, left_s)) as sentences:
                    async for sentence in sentences:
                        if not said:
                            self._note_work_of(name)
                        said += f"{sentence} "
                        yield f"{sentence} "
            except _PassedOver as exc:
                self._why = exc.reason
                if not said:
                    continue
                self._note_work_of(ScriptedInterviewer.name)
                if rest := remainder(say, scene, said):
                    yield rest
            return

    async def _attempt(
        self, name: str, say: Say, scene: Scene, left_s: float
    ) -> AsyncGenerator[str]:
        """Whole sentences of one member. Raises _PassedOver; its health is noted already."""
        has_begun = False
        try:
            async with AsyncExitStack() as closing:
                parts = self._rooms_members[name].phrase(say, scene)
                if isinstance(parts, _Closable):
                    closing.push_async_callback(parts.aclose)
                rest = ""
                while True:
                    limit_s = self._timeout_s if has_begun else min(self._timeout_s, left_s)
                    part = await _next(parts, limit_s)
                    if part is None:
                        break
                    has_begun = True
                    sentences, rest = cut_sentences(rest + part)
                    for sentence in sentences:
                        yield sentence
                if rest.strip():
                    yield rest.strip()
            self._note_success(name)
        except TimeoutError:
            reason = "it stopped in mid-sentence" if has_begun else "it did not begin in time"
            raise self._struck(name, reason) from None
        except GuardRefused as exc:
            raise self._struck(name, f"its words were refused: {exc.rule}") from exc
        except ProviderUnavailable as exc:
            raise self._failed(name, exc.reason) from exc
        # The edge to an interviewer that may be anyone's: it is passed over like a silent one.
        except Exception as exc:
            log.warning("the interviewer %s broke off", name, exc_info=exc)
            raise self._failed(name, f"it broke off: {type(exc).__name__}") from exc

    # -- what is remembered ----------------------------------------------------------------------

    def _note_work_of(self, name: str) -> None:
        before = self._current
        if name != before:
            self._current = name
            reason = self._why or self._health.reason(COMPONENT, before) or "it works again"
            self._on_switch(before, name, reason)
        self._why = ""

    def _note_success(self, name: str) -> None:
        self._strikes.pop(name, None)
        self._health.note_success(COMPONENT, name)

    def _struck(self, name: str, reason: str) -> _PassedOver:
        """One slow or unfit answer is no failure yet: the provider may do well the next time."""
        self._strikes[name] = self._strikes.get(name, 0) + 1
        log.info("the interviewer %s is passed over: %s", name, reason)
        if self._strikes[name] < STRIKES:
            return _PassedOver(reason)
        del self._strikes[name]
        return self._failed(name, reason)

    def _failed(self, name: str, reason: str) -> _PassedOver:
        # Rooms that were waiting for it when it failed are one failure, not one each.
        if self._health.is_well(COMPONENT, name):
            self._health.note_failure(COMPONENT, name, reason)
        return _PassedOver(reason)


@runtime_checkable
class _Closable(Protocol):
    async def aclose(self) -> None: ...


class _PassedOver(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _up_to_the_script(
    members: Mapping[str, Interviewer], script: ScriptedInterviewer
) -> dict[str, Interviewer]:
    used: dict[str, Interviewer] = {}
    for name, member in members.items():
        if name == ScriptedInterviewer.name:
            break
        used[name] = member
    used[ScriptedInterviewer.name] = script
    return used


async def _next(parts: AsyncIterator[str], limit_s: float) -> str | None:
    """The next part, None at the end. Raises TimeoutError."""
    async with asyncio.timeout(limit_s):
        return await anext(parts, None)
