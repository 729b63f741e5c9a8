"""Words to audio, sentence by sentence, with one retry; a sentence that fails stays in writing."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

from livekit import rtc
from livekit.agents import APIConnectOptions, tts
from livekit.agents.tokenize import blingfire

from agent.utterance import Utterance

log = logging.getLogger(__name__)

RETRIES = 1
RETRY_AFTER_S = 0.05
GRACE_S = 0.5
"""Beyond the time that each try has: for a provider to give up by itself, and to begin again."""


class Voice:
    """One per room over the process' shared TTS. `on_failure(reason)` is called per sentence."""

    def __init__(
        self,
        synthesizer: tts.TTS[Any],
        *,
        timeout_s: float,
        on_sentence: Callable[[Utterance], None],
        on_failure: Callable[[str], None],
    ) -> None:
        self._tts = synthesizer
        self._timeout_s = timeout_s
        self._on_sentence = on_sentence
        self._on_failure = on_failure

    async def speak(
        self, words: AsyncIterator[str], utterance: Utterance
    ) -> AsyncGenerator[rtc.AudioFrame]:
        """The audio of the words as they come; `utterance` learns what lies where in it."""
        async for sentence in _sentences(words):
            utterance.begin_sentence(sentence)
            self._on_sentence(utterance)
            try:
                async with aclosing(self._synthesize(sentence)) as frames:
                    async for frame in frames:
                        utterance.extend_audio(frame.duration * 1000)
                        yield frame
            # The edge to the provider's code, which may be anyone's: whatever it raises costs the
            # sentence its sound, and the interview nothing.
            except Exception as exc:
                log.warning("a sentence stays in writing: %s", type(exc).__name__)
                self._on_failure(str(exc) or type(exc).__name__)
            utterance.end_sentence()

    async def _synthesize(self, sentence: str) -> AsyncGenerator[rtc.AudioFrame]:
        options = APIConnectOptions(
            max_retry=RETRIES, retry_interval=RETRY_AFTER_S, timeout=self._timeout_s
        )
        async with self._tts.synthesize(sentence, conn_options=options) as stream:
            chunks = aiter(stream)
            limit_s = self._timeout_s * (RETRIES + 1) + GRACE_S
            while True:
                try:
                    async with asyncio.timeout(limit_s):
                        chunk = await anext(chunks)
                except StopAsyncIteration:
                    return
                yield chunk.frame


async def _sentences(words: AsyncIterator[str]) -> AsyncGenerator[str]:
    """Whole sentences as soon as they are there; what is left at the end counts as one."""
    tokenizer = blingfire.SentenceTokenizer(min_sentence_len=1, stream_context_len=1)
    text = ""
    async for part in words:
        text += re.sub(r"\s", " ", part)  # as the tokenizer has it, for rindex to find
        sentences = tokenizer.tokenize(text)
        for sentence in sentences[:-1]:
            yield sentence
        if len(sentences) > 1:  # cut from the text itself: a space at its end must stay
            text = text[text.rindex(sentences[-1]) :]
    if text.strip():
        yield text.strip()
