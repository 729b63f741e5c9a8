"""One recogniser of a chain: at work, and tried to nobody's ears."""

from __future__ import annotations

import asyncio
import enum
import logging
from dataclasses import dataclass
from typing import Any

from livekit import rtc
from livekit.agents import APIConnectOptions, APIError, APIStatusError, stt

from agent.providers.stt.segmented import SegmentedSTT, SpeechBounded
from agent.usage import Used
from sessions.errors import ProviderUnavailable

_log = logging.getLogger(__name__)

COMPONENT = "stt"
CLOSE_LIMIT_S = 2.0
PROBE_RATE_HZ = 16_000
PROBE_S = 0.2
SEGMENT_PROBE_S = 0.5


@dataclass(frozen=True, slots=True)
class Member:
    """`name` is that of the settings."""

    name: str
    stt: stt.STT[Any]


async def probe(member: Member, *, timeout_s: float = 10.0) -> int:
    """Let it hear a moment of silence; how long it took to take or to answer that, in ms.

    Raises ProviderUnavailable, also with what only a mistake in a provider's code can raise.
    """
    loop = asyncio.get_running_loop()
    started_s = loop.time()
    options = APIConnectOptions(max_retry=0, timeout=timeout_s)
    try:
        async with asyncio.timeout(timeout_s):
            if isinstance(member.stt, SegmentedSTT):
                await member.stt.recognize([_silence(SEGMENT_PROBE_S)], conn_options=options)
            else:
                await _probe_stream(member.stt.stream(conn_options=options))
    # The edge to the provider's code, which may be anyone's.
    except Exception as exc:
        raise ProviderUnavailable(
            component=COMPONENT, provider=member.name, reason=reason_of(exc)
        ) from exc
    return round((loop.time() - started_s) * 1000)


async def _probe_stream(stream: stt.RecognizeStream) -> None:
    try:
        stream.push_frame(_silence(PROBE_S))
        stream.end_input()
        # Its first event says that the audio was sent. The end may come seconds later: livekit's
        # plugin for Deepgram waits for the next turn of its keep-alive.
        async for _ in stream:
            return
    finally:
        await close_stream(stream)


def _silence(seconds: float) -> rtc.AudioFrame:
    samples = round(seconds * PROBE_RATE_HZ)
    return rtc.AudioFrame(bytes(samples * 2), PROBE_RATE_HZ, 1, samples)


def reason_of(exc: Exception) -> str:
    if isinstance(exc, APIStatusError) and exc.status_code > 0:
        return f"it answered with the status {exc.status_code}"
    message = exc.message if isinstance(exc, APIError) else str(exc)
    return message or type(exc).__name__


async def close_stream(stream: stt.RecognizeStream) -> None:
    try:
        async with asyncio.timeout(CLOSE_LIMIT_S):
            await stream.aclose()
    # The edge to the provider's code: whatever it does, it is not listened to any more.
    except Exception as exc:
        _log.warning("a recogniser's stream did not close: %s", type(exc).__name__)


class End(enum.Enum):
    DONE = enum.auto()
    """All the audio is heard."""
    DROPPED = enum.auto()
    """The connection was lost, or never made: it may work the next time."""
    FAILED = enum.auto()
    LEFT = enum.auto()
    """An earlier member is well again."""


@dataclass(frozen=True, slots=True)
class Outcome:
    end: End
    reason: str = ""


class Run:
    """One stream of one member; its times count from `base_s` of the chain's stream."""

    def __init__(
        self, member: Member, stream: stt.RecognizeStream, base_s: float, started_ms: int
    ) -> None:
        self.member = member
        self.stream = stream
        self.base_s = base_s
        self.started_ms = started_ms
        self.has_heard = False
        self.has_settled = False
        """Whether it gave a final result."""
        self.failure = ""
        self.is_bounded = isinstance(stream, SpeechBounded)
        self._audio_s = 0.0
        self._input_tokens = self._output_tokens = 0

    def push(self, item: rtc.AudioFrame | bool) -> None:
        try:
            if isinstance(item, rtc.AudioFrame):
                self.stream.push_frame(item)
                if not self.is_bounded:
                    self.count(item.duration)
            elif isinstance(self.stream, SpeechBounded):
                self.stream.note_speech(item)
        except RuntimeError:
            pass  # a stream that has failed takes no more; its reader tells why
        # The edge to the provider's code, in the middle of the caller's: told by `_watch`.
        except Exception as exc:
            self.failure = reason_of(exc)

    def end_input(self) -> None:
        try:
            self.stream.end_input()
        except RuntimeError:
            pass
        except Exception as exc:  # as above
            self.failure = reason_of(exc)

    def is_late(self, ended_ms: int, now_ms: int, limit_ms: int) -> bool:
        """Whether the input has ended, when not 0, longer ago than its last words may take."""
        return not self.is_bounded and ended_ms > 0 and now_ms - ended_ms >= limit_ms

    def count(self, audio_s: float, input_tokens: int = 0, output_tokens: int = 0) -> None:
        self._audio_s += audio_s
        self._input_tokens += input_tokens
        self._output_tokens += output_tokens

    def take_used(self) -> Used | None:
        """What was used since the last call; None when that is nothing."""
        audio_ms = round(self._audio_s * 1000)
        if not (audio_ms or self._input_tokens or self._output_tokens):
            return None
        used = Used(
            component=COMPONENT,
            provider=self.member.name,
            model=self.member.stt.model,
            audio_ms=audio_ms,
            input_tokens=self._input_tokens,
            output_tokens=self._output_tokens,
        )
        self._audio_s, self._input_tokens, self._output_tokens = 0.0, 0, 0
        return used
