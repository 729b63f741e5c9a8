"""Trying a provider before it is needed: at the start, and for `vivavoce doctor`."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Protocol, runtime_checkable

from livekit.agents import APIConnectOptions, APIError, tts

from sessions.errors import ProviderUnavailable

log = logging.getLogger(__name__)


@runtime_checkable
class _Warmable(Protocol):
    async def warm(self) -> None: ...


async def warm_voice(voice: tts.TTS[Any]) -> None:
    """Let a voice that can get ready do so. One that cannot now is tried again when it speaks."""
    if isinstance(voice, _Warmable):
        try:
            await voice.warm()
        except APIError:
            log.exception("the voice is not ready; rooms will try again, and fall back to writing")


async def try_voice(voice: tts.TTS[Any], text: str, *, timeout_s: float) -> float:
    """Speak `text` to nobody; the audio's length in ms. Raises ProviderUnavailable."""
    options = APIConnectOptions(max_retry=0, timeout=timeout_s)
    audio_ms = 0.0
    try:
        async with asyncio.timeout(timeout_s):
            async with voice.synthesize(text, conn_options=options) as stream:
                async for chunk in stream:
                    audio_ms += chunk.frame.duration * 1000
    except (APIError, TimeoutError) as exc:
        raise ProviderUnavailable(
            component="tts", provider=voice.label, reason=str(exc) or type(exc).__name__
        ) from exc
    finally:
        await voice.aclose()
    return audio_ms
