"""The providers of one process: what its rooms share of them, opened and closed once."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp

from agent.interviewer.chain import InterviewerChain
from agent.interviewer.registry import load_interviewer
from agent.judging import AnswerJudge, load_judge
from agent.pipeline.end_of_turn import EndOfTurnModel
from agent.providers.health import Health
from agent.providers.registry import load_recognisers, load_vad, load_voices
from agent.providers.stt import chain as stt_chain
from agent.providers.trial import warm_voice
from agent.providers.tts import chain as tts_chain
from sessions.ports import Clock
from sessions.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Providers:
    """`end_of_turn` is None when words alone decide."""

    health: Health
    recognisers: Sequence[stt_chain.Member]
    voices: Sequence[tts_chain.Member]
    interviewer: InterviewerChain
    judge: AnswerJudge
    end_of_turn: EndOfTurnModel | None


@asynccontextmanager
async def open_providers(settings: Settings, clock: Clock) -> AsyncGenerator[Providers]:
    """Loaded and ready, where they can get ready. Raises SettingsInvalid for a wrong name."""
    health = Health(clock)
    load_vad(settings.speech)  # each room has its own: a wrong name is to be said now
    async with aiohttp.ClientSession() as http:
        voices = load_voices(settings, http)
        recognisers = load_recognisers(settings, http)
        interviewer = load_interviewer(settings, health)
        judge = load_judge(settings)
        end_of_turn = EndOfTurnModel() if settings.speech.end_of_turn == "audio" else None
        try:
            tts_chain.watch_voices(voices, health, timeout_s=settings.speech.tts_timeout_s)
            for voice in voices:
                await warm_voice(voice.tts)
            if end_of_turn is not None:
                await end_of_turn.warm()
            yield Providers(
                health=health,
                recognisers=recognisers,
                voices=voices,
                interviewer=interviewer,
                judge=judge,
                end_of_turn=end_of_turn,
            )
        finally:
            if end_of_turn is not None:
                await end_of_turn.close()
            await judge.aclose()
            await interviewer.aclose()
            for recogniser in recognisers:
                await recogniser.stt.aclose()
            for voice in voices:
                await voice.tts.aclose()
