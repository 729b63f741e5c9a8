"""One AgentSession of livekit-agents, without a LiveKit room: VAD -> STT -> turns -> voice.

The session finds out who speaks and when a turn is over, and stops the voice on barge-in.
What is said is decided by `sessions.interview` and spoken through `say`; no model runs here.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable
from typing import Any

from livekit import rtc
from livekit.agents import (
    Agent,
    AgentSession,
    LanguageCode,
    ModelSettings,
    StopResponse,
    UserStateChangedEvent,
    llm,
    stt,
    vad,
)
from livekit.agents.voice import io

from agent.pipeline.ear import Ear
from agent.turn_taking import Endpointing, looks_unfinished

INTERRUPT_AFTER_S = 0.6  # of voice; shorter sounds are coughs and "mm-hm"
RESUME_AFTER_S = 1.2  # of silence without words after an interruption: it was none


class _WordsTurnDetector:
    """livekit's port for "is the turn over?", answered from the words alone."""

    model = "words"
    provider = "vivavoce"

    async def supports_language(self, language: LanguageCode | None) -> bool:
        del language
        return True

    async def unlikely_threshold(self, language: LanguageCode | None) -> float | None:
        del language
        return 0.5

    async def predict_end_of_turn(
        self,
        chat_ctx: llm.ChatContext,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 -- the port's own signature
    ) -> float:
        del timeout
        last = chat_ctx.items[-1] if chat_ctx.items else None
        text = last.text_content if isinstance(last, llm.ChatMessage) else None
        return 0.0 if looks_unfinished(text or "") else 1.0


class _Listener(Agent):
    def __init__(
        self, ear: Ear, recogniser: stt.STT[Any] | None, on_turn: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(instructions="")
        self._ear = ear
        self._recogniser = recogniser
        self._on_turn = on_turn

    async def stt_node(
        self, audio: AsyncIterable[rtc.AudioFrame], model_settings: ModelSettings
    ) -> AsyncGenerator[stt.SpeechEvent]:
        del model_settings
        if self._recogniser is not None:
            async for event in self._ear.recognise(self._recogniser, audio):
                yield event

    async def on_user_turn_completed(
        self, turn_ctx: llm.ChatContext, new_message: llm.ChatMessage
    ) -> None:
        del turn_ctx, new_message  # the ear holds the words, with their times
        await self._on_turn()
        raise StopResponse


class VoiceSession:
    """The session of one room. `start` before `say`; `close` once."""

    def __init__(
        self,
        *,
        source: io.AudioInput,
        sink: io.AudioOutput,
        recogniser: stt.STT[Any] | None,
        detector: vad.VAD,
        ear: Ear,
        endpointing: Endpointing,
        on_turn: Callable[[], Awaitable[None]],
        on_speech: Callable[[bool], None],
    ) -> None:
        self._session: AgentSession[Any] = AgentSession(
            stt=recogniser if recogniser is not None else None,  # pyright: ignore[reportArgumentType] -- None is "no STT", which the session accepts
            vad=detector,
            turn_handling={
                # Without a recogniser sound is only shown, never a turn.
                "turn_detection": _WordsTurnDetector() if recogniser else "manual",
                "endpointing": {
                    "mode": "fixed",
                    "min_delay": endpointing.min_s,
                    "max_delay": endpointing.max_s,
                },
                "interruption": {
                    "mode": "vad",
                    "min_duration": INTERRUPT_AFTER_S,
                    "resume_false_interruption": True,
                    "false_interruption_timeout": RESUME_AFTER_S,
                },
                "preemptive_generation": {"enabled": False},
            },
            aec_warmup_duration=None,  # would silence the candidate when the voice begins
            user_away_timeout=None,  # the silence ladder is the interview's own
            tts_text_transforms=None,
            session_close_transcript_timeout=0.2,
        )
        self._session.input.audio = source
        self._session.output.audio = sink
        self._agent = _Listener(ear, recogniser, on_turn)

        def heard_state(event: UserStateChangedEvent) -> None:
            on_speech(event.new_state == "speaking")

        self._session.on("user_state_changed", heard_state)

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
