"""What every recogniser has in common that hears a stream, and no file."""

from __future__ import annotations

from typing import Never

from livekit.agents import APIConnectOptions, stt, utils
from livekit.agents.types import NOT_GIVEN, NotGivenOr


class StreamingSTT(stt.STT[Never]):
    """The framework asks for `_recognize_impl`; a room never calls it."""

    async def _recognize_impl(
        self,
        buffer: utils.AudioBuffer,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions,
    ) -> stt.SpeechEvent:
        raise NotImplementedError("use stream()")
