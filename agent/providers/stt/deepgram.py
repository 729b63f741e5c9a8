"""Deepgram's recognisers: nova-3 writes fillers down; flux follows turns.

livekit's plugin reconnects by itself, but loses the audio that was under way and then counts time
by the wall clock. Streams of `FallbackSTT` have that switched off: it reconnects, with the audio.
"""

from __future__ import annotations

import aiohttp
from livekit.plugins import deepgram

from sessions.infra.endpoints import Endpoint

NOVA, FLUX = "deepgram", "deepgram-flux"
"""The names in `speech.stt`. Both use the endpoint `deepgram`."""
NAMES = (NOVA, FLUX)
FLUX_MODEL = "flux-general-en"
ENDPOINTING_MS = 25
"""Silence that makes a result final. Turns are found elsewhere; a final only settles words."""
NO_KEY = "none"
"""What a server of one's own is given: the plugin would look for a key in the environment."""


class NovaSTT(deepgram.STT):
    keeps_fillers = True


class FluxSTT(deepgram.STTv2):
    """`/v2/listen` has no option for fillers, and Deepgram leaves "um" and "uh" out without it."""

    keeps_fillers = False


def make_deepgram(
    endpoint: Endpoint, *, name: str = NOVA, http_session: aiohttp.ClientSession | None = None
) -> NovaSTT | FluxSTT:
    """`name` is NOVA or FLUX. A session may be shared by all rooms; whoever made it closes it.

    Without one a stream needs `livekit.agents.utils.http_context.open()` around its task.
    """
    base_url = endpoint.base_url.rstrip("/")
    api_key = endpoint.api_key or NO_KEY
    if name == FLUX:
        is_flux = endpoint.stt_model.startswith("flux")
        return FluxSTT(
            model=endpoint.stt_model if is_flux else FLUX_MODEL,
            api_key=api_key,
            base_url=f"{base_url}/v2/listen",
            http_session=http_session,
        )
    return NovaSTT(
        model=endpoint.stt_model or "nova-3",
        language="en-US",
        interim_results=True,
        punctuate=True,
        smart_format=False,  # would write "twenty percent" as "20%", and move words
        filler_words=True,
        endpointing_ms=ENDPOINTING_MS,
        api_key=api_key,
        base_url=f"{base_url}/v1/listen",
        http_session=http_session,
    )
