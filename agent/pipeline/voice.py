"""Words to audio, sentence by sentence; a sentence that no voice can say stays in writing."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing

from livekit import rtc
from livekit.agents.tokenize import blingfire

from agent.providers.tts.chain import VoiceChain
from agent.utterance import Utterance
from sessions.errors import ProviderUnavailable

log = logging.getLogger(__name__)


class Voice:
    """One per room. `on_failure(reason)` is called for each sentence that stays in writing."""

    def __init__(
        self,
        chain: VoiceChain,
        *,
        on_sentence: Callable[[Utterance], None],
        on_failure: Callable[[str], None],
    ) -> None:
        self._chain = chain
        self._on_sentence = on_sentence
        self._on_failure = on_failure

    async def speak(
        self, words: AsyncIterator[str], utterance: Utterance, *, unsaid: str = ""
    ) -> AsyncGenerator[rtc.AudioFrame]:
        """The audio of the words as they come; `utterance` learns what lies where in it.

        `unsaid` is the end of the utterance's text so far, which the page's own voice began and
        did not say; it comes first.
        """
        if unsaid:
            async with aclosing(self._speak_sentence(unsaid, utterance)) as frames:
                async for frame in frames:
                    yield frame
        async with aclosing(sentences_of(words)) as sentences:
            async for sentence in sentences:
                utterance.begin_sentence(sentence)
                async with aclosing(self._speak_sentence(sentence, utterance)) as frames:
                    async for frame in frames:
                        yield frame

    async def _speak_sentence(
        self, sentence: str, utterance: Utterance
    ) -> AsyncGenerator[rtc.AudioFrame]:
        self._on_sentence(utterance)
        try:
            async with aclosing(self._chain.synthesize(sentence)) as frames:
                async for frame in frames:
                    utterance.extend_audio(frame.duration * 1000)
                    yield frame
        except ProviderUnavailable as exc:
            log.warning("a sentence stays in writing: %s", exc.provider)
            self._on_failure(exc.reason)
        utterance.end_sentence()


async def sentences_of(words: AsyncIterator[str]) -> AsyncGenerator[str]:
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
