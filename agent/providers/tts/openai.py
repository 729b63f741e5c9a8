"""Voices behind OpenAI's API: POST audio/speech, of OpenAI's or of a server that speaks it too.

The samples are asked for as they are ("pcm", which that API defines as 24,000 Hz mono): the first
sound comes soonest, and servers that stream events send them whatever format they were asked for.
A server that answers with another format says so in its content type, and is decoded by that.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import openai
from livekit.plugins import openai as plugin

from sessions.infra.endpoints import Endpoint

if TYPE_CHECKING:
    import httpx2  # the client's own library

log = logging.getLogger(__name__)

NO_KEY = "none"
"""For a server without keys: an empty one would be looked for in the process' environment."""
_SOUND = ("audio/", "text/event-stream", "application/octet-stream")


class OpenAITTS(plugin.TTS):
    """Holds a client of its own, with its connections, until `aclose`.

    Making one costs tens of milliseconds (the certificates are read): make it once per process.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._own_client = _client(endpoint)
        super().__init__(
            model=endpoint.tts_model,
            voice=endpoint.voice,
            client=self._own_client,
            response_format="pcm",
        )

    async def aclose(self) -> None:
        await super().aclose()
        await self._own_client.close()


def _client(endpoint: Endpoint) -> openai.AsyncClient:
    client = openai.AsyncClient(
        api_key=endpoint.api_key or NO_KEY,
        base_url=endpoint.base_url,
        max_retries=0,
        http_client=openai.DefaultAsyncHttpxClient(
            event_hooks={"response": [_refuse_what_is_no_sound]}
        ),
    )
    # It has taken these from the process' environment, and would send them to any server.
    client.organization = client.project = None
    return client


async def _refuse_what_is_no_sound(response: httpx2.Response) -> None:
    """A page that a proxy answers with would be played as noise."""
    kind = response.headers.get("content-type", "")
    if response.is_success and kind and not kind.lower().startswith(_SOUND):
        log.warning("%s answered with %s instead of sound", response.url.host, kind)
        raise openai.OpenAIError("no sound")
