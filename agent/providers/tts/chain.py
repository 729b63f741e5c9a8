"""The server's voices in order of fallback: each sentence is said by the first one that can.

One that fails in mid-sentence hands the rest of it to the next. What the person has heard by then
is not known, only how long it sounded; so the rest begins with the first word that cannot have
been heard whole at the voice's own pace. No word is lost; one is heard twice, seldom two.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

from livekit import rtc

from agent.providers.health import Health
from agent.providers.tts.attempt import RETRIES, Attempt, Member, VoiceFailed, try_member
from agent.usage import Used
from sessions.errors import ProviderUnavailable

log = logging.getLogger(__name__)

COMPONENT = "tts"
RETRY_AFTER_S = 0.05
RESTING_LIMIT_S = 2.0
"""One that failed lately, and is tried for want of a better, is not waited for as long."""
FIRST_PACE_MS = 60.0
"""Of a voice that has not finished a sentence yet: 155 words a minute. Rather slow, as a word said
twice is better than one left out."""
NEW_PACE_SHARE = 0.3
"""How much the last sentence counts in a voice's pace; pauses make single ones differ."""

__all__ = ["Member", "VoiceChain", "watch_voices"]


class _Unsaid:
    """What of a sentence is still to be said, and why those who tried did not."""

    def __init__(self, sentence: str) -> None:
        self.rest = sentence
        self.reasons: list[tuple[str, str]] = []

    def reason(self) -> str:
        if len(self.reasons) == 1:
            return self.reasons[0][1]
        return "; ".join(f"{name}: {reason}" for name, reason in self.reasons)


class VoiceChain:
    """One per room; its members may be shared by all rooms of the process.

    `on_switch(from_name, to_name, reason)` is called when another member begins to speak than the
    one before, and with an empty `to_name` when none could. `on_used` is called for each attempt
    that made sound, also one that failed or was stopped: the service was asked for the whole text.
    """

    def __init__(
        self,
        members: Sequence[Member],
        health: Health,
        *,
        timeout_s: float,
        on_switch: Callable[[str, str, str], None],
        on_used: Callable[[Used], None],
    ) -> None:
        self._members = {member.name: member for member in members}
        self._health = health
        self._timeout_s = timeout_s
        self._on_switch = on_switch
        self._on_used = on_used
        self._speaker = next(iter(self._members), "")
        self._paces_ms: dict[str, float] = {}
        """Per unit of an attempt's weight, by member: learnt from the sentences it finished."""

    @property
    def speaker(self) -> str:
        """Who spoke last, or would begin; empty when none could."""
        return self._speaker

    async def synthesize(self, sentence: str) -> AsyncGenerator[rtc.AudioFrame]:
        """24,000 Hz mono frames. Raises ProviderUnavailable when no member could say it whole."""
        unsaid = _Unsaid(sentence)
        names = self._health.in_order(COMPONENT, list(self._members))
        for name in names:
            is_last = name == names[-1]
            saying = self._say(self._members[name], unsaid, is_last=is_last)
            try:
                async with aclosing(saying) as frames:
                    async for frame in frames:
                        self._note_speaker(name)
                        yield frame
            except VoiceFailed as failure:
                unsaid.reasons.append((name, failure.reason))
                self._health.note_failure(COMPONENT, name, failure.reason)
            else:
                self._health.note_success(COMPONENT, name)
                return
        reason = unsaid.reason() or "there is none"
        self._switch("", reason)
        raise ProviderUnavailable(
            component=COMPONENT, provider=", ".join(names) or "none", reason=reason
        )

    async def _say(
        self, member: Member, unsaid: _Unsaid, *, is_last: bool
    ) -> AsyncGenerator[rtc.AudioFrame]:
        """With one retry. Raises VoiceFailed; `unsaid` then holds what is left for the next."""
        is_well = self._health.is_well(COMPONENT, member.name)
        limit_s = self._timeout_s if is_well else min(self._timeout_s, RESTING_LIMIT_S)
        for retries_left in range(RETRIES, -1, -1):
            attempt = Attempt(member, unsaid.rest, limit_s)
            try:
                async with aclosing(attempt.frames()) as frames:
                    async for frame in frames:
                        yield frame
                self._learn_pace(member, attempt)
                return
            except VoiceFailed as failure:
                pace_ms = self._paces_ms.get(member.name, FIRST_PACE_MS)
                unsaid.rest = attempt.rest(pace_ms)
                # Who was waited for once is waited for again only when nobody else is there.
                may_retry = failure.may_retry and (is_last or not failure.was_waited_for)
                if not may_retry or not retries_left:
                    raise
                log.warning("%s failed and is tried again: %s", member.name, failure.reason)
            finally:
                self._count(member, attempt)
            await asyncio.sleep(RETRY_AFTER_S)

    def _learn_pace(self, member: Member, attempt: Attempt) -> None:
        pace_ms = attempt.audio_ms / attempt.weight
        known_ms = self._paces_ms.get(member.name, pace_ms)
        self._paces_ms[member.name] = known_ms + (pace_ms - known_ms) * NEW_PACE_SHARE

    def _count(self, member: Member, attempt: Attempt) -> None:
        if attempt.audio_ms:
            self._on_used(
                Used(
                    component=COMPONENT,
                    provider=member.name,
                    model=member.tts.model,
                    audio_ms=round(attempt.audio_ms),
                    characters=len(attempt.text),
                )
            )

    def _note_speaker(self, name: str) -> None:
        if name != self._speaker:
            reason = self._health.reason(COMPONENT, self._speaker) if self._speaker else ""
            self._switch(name, reason or f"{name} works again")

    def _switch(self, name: str, reason: str) -> None:
        if name != self._speaker:
            before, self._speaker = self._speaker, name
            self._on_switch(before, name, reason)


def watch_voices(members: Sequence[Member], health: Health, *, timeout_s: float) -> None:
    """Let `health` find out when a resting voice is well again. They must live as long as it."""

    def watch(member: Member) -> None:
        async def probe() -> None:
            await try_member(member, timeout_s=timeout_s)

        health.watch(COMPONENT, member.name, probe)

    for member in members:
        watch(member)
