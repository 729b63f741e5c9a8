"""One AgentSession of livekit-agents, without a LiveKit room: it plays the interviewer's voice.

Who speaks, when a turn is over, and whether the voice stops are the listener's to find out; what is
said is decided by `sessions.interview` and spoken through `say`. The session hears nothing: its way
from the microphone to a recogniser passes each frame through four queues.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterable
from typing import Any

from livekit import rtc
from livekit.agents import Agent, AgentSession
from livekit.agents.voice import io


def _is_telling(record: logging.LogRecord) -> bool:
    """On closing, the session commits a turn of its own and warns that nobody takes it."""
    return "speech scheduling is paused" not in record.getMessage()


logging.getLogger("livekit.agents").addFilter(_is_telling)


class VoiceSession:
    """The session of one room. `start` before `say`; `close` once."""

    def __init__(self, sink: io.AudioOutput) -> None:
        self._session: AgentSession[Any] = AgentSession(
            vad=None,
            turn_handling={
                "turn_detection": "manual",
                "preemptive_generation": {"enabled": False},
            },
            user_away_timeout=None,  # the silence ladder is the interview's own
            tts_text_transforms=None,
            session_close_transcript_timeout=0.2,
        )
        self._session.output.audio = sink

    async def start(self) -> None:
        await self._session.start(Agent(instructions=""), record=False)

    async def say(self, frames: AsyncIterable[rtc.AudioFrame]) -> bool:
        """Speak; return when it is over. True: interrupted."""
        handle = self._session.say("", audio=frames, add_to_chat_ctx=False)
        await handle.wait_for_playout()
        return handle.interrupted

    def interrupt(self) -> None:
        self._session.interrupt(force=True)

    async def close(self) -> None:
        await self._session.aclose()
