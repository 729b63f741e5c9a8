"""A language model behind a chat API such as OpenAI's: it phrases, nothing more.

What it says is guarded sentence by sentence; questions of the plan are added by code, in their
own words. Whatever goes wrong is raised: who falls back, and to what, is the chain's business.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

import openai
from openai import AsyncOpenAI, omit
from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam

from agent.interviewer.chain import COMPONENT, OnUsed, RemoteInterviewer
from agent.interviewer.guard import Guard, GuardRefused
from agent.interviewer.port import Scene
from agent.interviewer.prompt import Brief, brief_for, cut_sentences
from agent.interviewer.scripted import script
from agent.usage import Used
from sessions.errors import ProviderUnavailable
from sessions.infra.endpoints import Endpoint
from sessions.interview import Say

MAX_REPLY_CHARS = 600
REQUEST_LIMIT_S = 30.0
"""A backstop: whoever waits for the words has a shorter limit of their own."""
TRIAL_LIMIT_S = 8.0
USAGE_LIMIT_S = 0.3
"""How long the count of tokens is waited for, which comes after the words."""
LONGEST_WAIT_S = 300.0
CHARS_PER_TOKEN = 4
"""For estimates, where the service does not count: English text has about four to a token."""
NO_KEY = "none"  # the SDK insists on one; servers that need none do not read it

_TRIAL = Brief(
    lead="",
    max_words=5,
    question=None,
    was_skipped=False,
    system="Answer in a word.",
    data="Ready?",
)


@dataclass(slots=True)
class _Reply:
    """What one request has come to."""

    prompt_chars: int = 0
    text_chars: int = 0
    was_accepted: bool = False
    ended: str = ""
    """Why the service stopped, in its words; empty while it has not."""
    tokens: tuple[int, int] | None = None
    """Of the prompt and of the reply, as the service counts."""


@dataclass(slots=True)
class _Service:
    """What the rooms share of one endpoint."""

    endpoint: Endpoint
    client: AsyncOpenAI
    waits_until_s: float = 0.0
    """Of the loop's time: the service asked to be left alone until then."""


class ModelInterviewer(RemoteInterviewer):
    """The endpoint's `llm_model`. `phrase` raises ProviderUnavailable and GuardRefused."""

    name = "model"

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        service: _Service | None = None,
        on_used: OnUsed | None = None,
    ) -> None:
        self._service = service or _Service(endpoint, _client(endpoint))
        self._on_used = on_used

    def for_room(self, on_used: OnUsed) -> ModelInterviewer:
        return ModelInterviewer(self.endpoint, service=self._service, on_used=on_used)

    @property
    def endpoint(self) -> Endpoint:
        return self._service.endpoint

    def phrases(self, say: Say, scene: Scene) -> bool:
        return brief_for(say, scene) is not None

    async def try_it(self) -> float:
        began_s = time.perf_counter()
        try:
            async with (
                asyncio.timeout(TRIAL_LIMIT_S),
                aclosing(self._pieces(_TRIAL, _Reply())) as pieces,
            ):
                async for piece in pieces:
                    if piece:
                        return (time.perf_counter() - began_s) * 1000
        except TimeoutError as exc:
            raise self._unavailable(f"it said nothing in {TRIAL_LIMIT_S:.0f} s") from exc
        raise self._unavailable("it said nothing")

    async def aclose(self) -> None:
        """For all rooms."""
        await self._service.client.close()

    # -- words -----------------------------------------------------------------------------------

    async def phrase(self, say: Say, scene: Scene) -> AsyncGenerator[str]:
        """Whole sentences, each with a space after it; an empty part when the model begins."""
        brief = brief_for(say, scene)
        if brief is None:
            yield script(say, scene)
            return
        guard = Guard(brief)
        async with aclosing(self._sentences(brief)) as sentences:
            async for sentence in sentences:
                yield f"{guard.checked(sentence)} " if sentence else ""
        if brief.probe and not guard.has_asked:
            yield brief.probe
        elif brief.tail:
            yield brief.tail

    async def _sentences(self, brief: Brief) -> AsyncGenerator[str]:
        reply = _Reply(prompt_chars=len(brief.system) + len(brief.data))
        text = ""
        try:
            async with aclosing(self._pieces(brief, reply)) as pieces:
                async for piece in pieces:
                    if not reply.text_chars:
                        yield ""
                    reply.text_chars += len(piece)
                    sentences, text = cut_sentences(text + piece)
                    for sentence in sentences:
                        yield sentence
                    if reply.text_chars > MAX_REPLY_CHARS:
                        raise GuardRefused("too long")
                    if reply.ended:
                        break
                if last := _last_sentence(text, reply.ended):
                    yield last
                await _read_usage(pieces)
            if not reply.text_chars:
                raise self._unavailable("it said nothing")
        finally:
            # Told also when nobody listens any more: what was asked for is paid for.
            if reply.was_accepted and self._on_used is not None:
                self._on_used(self._used(reply))

    async def _pieces(self, brief: Brief, reply: _Reply) -> AsyncGenerator[str]:
        """The reply's text as it streams; an empty piece when it has ended and more may come."""
        self._check_wait()
        try:
            stream = await self._service.client.chat.completions.create(
                model=self.endpoint.llm_model,
                messages=_messages(brief),
                stream=True,
                stream_options={"include_usage": True},
                # Flash models think before they speak unless they are told not to.
                reasoning_effort="none" if _thinks_first(self.endpoint) else omit,
            )
            async with stream:
                reply.was_accepted = True
                async for chunk in stream:
                    piece = _read_chunk(chunk, reply)
                    if piece or reply.ended:
                        yield piece
        except openai.APIStatusError as exc:
            self._note_wait(exc)
            raise self._unavailable(f"it answered with status {exc.status_code}") from exc
        except openai.APITimeoutError as exc:
            raise self._unavailable("it did not answer") from exc
        except openai.APIConnectionError as exc:
            reason = "the connection broke" if reply.was_accepted else "it cannot be reached"
            raise self._unavailable(reason) from exc
        except openai.OpenAIError as exc:
            raise self._unavailable("it reported an error") from exc
        # The SDK does not check what it reads: a page, a list or broken JSON shows itself here.
        except (ValueError, TypeError, AttributeError, LookupError) as exc:
            raise self._unavailable("its answer is no chat completion") from exc

    # -- the rest --------------------------------------------------------------------------------

    def _check_wait(self) -> None:
        left_s = self._service.waits_until_s - asyncio.get_running_loop().time()
        if left_s > 0:
            raise self._unavailable("it asked to wait")

    def _note_wait(self, exc: openai.APIStatusError) -> None:
        """After 429 and 503 the service is left alone for as long as it says."""
        try:
            wait_s = float(exc.response.headers.get("retry-after", ""))
        except ValueError:  # not given, or a date
            return
        if wait_s > 0:
            now_s = asyncio.get_running_loop().time()
            self._service.waits_until_s = now_s + min(wait_s, LONGEST_WAIT_S)

    def _unavailable(self, reason: str) -> ProviderUnavailable:
        return ProviderUnavailable(component=COMPONENT, provider=self.endpoint.name, reason=reason)

    def _used(self, reply: _Reply) -> Used:
        tokens = reply.tokens or (_estimate(reply.prompt_chars), _estimate(reply.text_chars))
        return Used(
            component=COMPONENT,
            provider=self.endpoint.name,
            model=self.endpoint.llm_model,
            input_tokens=tokens[0],
            output_tokens=tokens[1],
        )


def _client(endpoint: Endpoint) -> AsyncOpenAI:
    client = AsyncOpenAI(
        base_url=endpoint.base_url,
        api_key=endpoint.api_key or NO_KEY,
        # Not None: the SDK would then read it from the environment, which is for settings.
        admin_api_key="",
        max_retries=0,
        timeout=REQUEST_LIMIT_S,
    )
    client.organization = client.project = None  # as above
    return client


def _messages(brief: Brief) -> list[ChatCompletionMessageParam]:
    return [
        {"role": "system", "content": brief.system},
        {"role": "user", "content": brief.data},
    ]


def _thinks_first(endpoint: Endpoint) -> bool:
    return endpoint.name == "gemini" and "2.5-flash" in endpoint.llm_model


def _read_chunk(chunk: ChatCompletionChunk, reply: _Reply) -> str:
    if usage := chunk.usage:
        reply.tokens = (int(usage.prompt_tokens), int(usage.completion_tokens))
    if not chunk.choices:
        return ""
    choice = chunk.choices[0]
    reply.ended = str(choice.finish_reason or reply.ended)
    return str(choice.delta.content or "")


def _last_sentence(text: str, ended: str) -> str:
    """What is left when the service has stopped. Raises GuardRefused for half a sentence."""
    text = text.strip()
    if not text:
        return ""
    is_whole = text.rstrip("\"'\u201d\u2019)").endswith((".", "?", "!"))
    if ended != "stop" and not is_whole:
        raise GuardRefused("half a sentence")
    return text if is_whole else f"{text}."


async def _read_usage(pieces: AsyncGenerator[str]) -> None:
    try:
        async with asyncio.timeout(USAGE_LIMIT_S):
            async for _ in pieces:
                pass
    except (TimeoutError, ProviderUnavailable):
        pass  # everything was said; the tokens are estimated


def _estimate(chars: int) -> int:
    return -(-chars // CHARS_PER_TOKEN)
