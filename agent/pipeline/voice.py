"""Words to audio, sentence by sentence, with one retry; a sentence that fails stays in writing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any

from livekit import rtc
from livekit.agents import APIConnectOptions, APIError, tts
from livekit.agents.tokenize import blingfire

from agent.utterance import Utterance

RETRIES = 1
RETRY_AFTER_S = 0.05


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
                async for frame in self._synthesize(sentence):
                    utterance.extend_audio(frame.duration * 1000)
                    yield frame
            except (APIError, TimeoutError) as exc:
                self._on_failure(str(exc) or type(exc).__name__)

    async def _synthesize(self, sentence: str) -> AsyncGenerator[rtc.AudioFrame]:
        options = APIConnectOptions(
            max_retry=RETRIES, retry_interval=RETRY_AFTER_S, timeout=self._timeout_s
        )
        async with self._tts.synthesize(sentence, conn_options=options) as stream:
            chunks = aiter(stream)
            while True:
                try:
                    async with asyncio.timeout(self._timeout_s):
                        chunk = await anext(chunks)
                except StopAsyncIteration:
                    return
                yield chunk.frame


async def _sentences(words: AsyncIterator[str]) -> AsyncGenerator[str]:
    """Whole sentences as soon as they are there; what is left at the end counts as one."""
    tokenizer = blingfire.SentenceTokenizer(min_sentence_len=1, stream_context_len=1)
    text = ""
    async for part in words:
        text += part
        sentences = tokenizer.tokenize(text)
        for sentence in sentences[:-1]:
            yield sentence
        if len(sentences) > 1:  # cut from the text itself: a space at its end must stay
            text = text[text.rindex(sentences[-1]) :]
    if text.strip():
        yield text.strip()
