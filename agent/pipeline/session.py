"""One AgentSession of livekit-agents, without a LiveKit room: audio in -> listener, voice -> out.

The session carries the audio and plays the interviewer's voice. Who speaks, when a turn is over,
and whether the voice stops are the listener's to find out, in the session's STT node; what is said
is decided by `sessions.interview` and spoken through `say`. No model runs here.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterable
from typing import Any

from livekit import rtc
from livekit.agents import Agent, AgentSession, ModelSettings, stt
from livekit.agents.voice import io

from agent.pipeline.listener import Listener


def _is_telling(record: logging.LogRecord) -> bool:
    """On closing, the session commits a turn of its own and warns that nobody takes it."""
    return "speech scheduling is paused" not in record.getMessage()


logging.getLogger("livekit.agents").addFilter(_is_telling)


class _Listening(Agent):
    def __init__(self, listener: Listener) -> None:
        super().__init__(instructions="")
        self._listener = listener

    async def stt_node(
        self, audio: AsyncIterable[rtc.AudioFrame], model_settings: ModelSettings
    ) -> AsyncGenerator[stt.SpeechEvent]:
        """Yields nothing: the listener has turns of its own, and the session keeps all it sees."""
        del model_settings
        await self._listener.listen(audio)
        for event in ():
            yield event


class VoiceSession:
    """The session of one room. `start` before `say`; `close` once."""

    def __init__(
        self,
        *,
        source: io.AudioInput,
        sink: io.AudioOutput,
        recogniser: stt.STT[Any],
        listener: Listener,
    ) -> None:
        """`recogniser` is what the session calls its STT; only the listener uses it."""
        self._session: AgentSession[Any] = AgentSession(
            stt=recogniser,
            vad=None,
            turn_handling={
                "turn_detection": "manual",
                "preemptive_generation": {"enabled": False},
            },
            aec_warmup_duration=None,  # would silence the candidate when the voice begins
            user_away_timeout=None,  # the silence ladder is the interview's own
            tts_text_transforms=None,
            session_close_transcript_timeout=0.2,
        )
        self._session.input.audio = source
        self._session.output.audio = sink
        self._agent = _Listening(listener)

    async def start(self) -> None:
        await self._session.start(self._agent, record=False)

    async def say(self, frames: AsyncIterable[rtc.AudioFrame]) -> bool:
        """Speak; return when it is over. True: interrupted."""
        handle = self._session.say("", audio=frames, add_to_chat_ctx=False)
        await handle.wait_for_playout()
        return handle.interrupted

    def interrupt(self) -> None:
        self._session.interrupt(force=True)

    async def close(self) -> None:
        await self._session.aclose()
