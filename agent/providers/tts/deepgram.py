"""Deepgram's voices, one request a sentence: 24,000 Hz mono, as they are asked for."""

from __future__ import annotations

import aiohttp
from livekit.plugins import deepgram

from sessions.infra.endpoints import Endpoint
from sessions.protocol import PLAYBACK_RATE_HZ

NO_KEY = "none"
"""For a server without keys: an empty one would be looked for in the process' environment."""


def make_deepgram_tts(endpoint: Endpoint, http: aiohttp.ClientSession | None) -> deepgram.TTS:
    """`http` stays the caller's to close, and keeps the connection from sentence to sentence.

    A voice of Deepgram's is a model: `endpoint.voice`, when it is set, counts as one.
    """
    return deepgram.TTS(
        model=endpoint.voice or endpoint.tts_model,
        encoding="linear16",
        sample_rate=PLAYBACK_RATE_HZ,
        api_key=endpoint.api_key or NO_KEY,
        base_url=f"{endpoint.base_url.rstrip('/')}/v1/speak",
        http_session=http,
    )
