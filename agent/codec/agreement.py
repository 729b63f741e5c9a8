"""Which codec goes each way on one socket: what the client likes best of what both can do."""

from __future__ import annotations

from collections.abc import Iterable

from agent.codec import opus
from sessions.protocol import CodecName, Hello

FALLBACK: CodecName = "pcm16"  # every client and every server can


def spoken_here() -> frozenset[CodecName]:
    return frozenset[CodecName]({"pcm16", "opus"} if opus.is_available() else {"pcm16"})


def agree(hello: Hello) -> tuple[CodecName, CodecName]:
    """(uplink, downlink): the first of `sends` and of `plays` that is spoken here.

    The uplink is a wish: a client whose encoder fails sends PCM16, and each frame says what it is.
    The downlink is kept to until the next hello.
    """
    spoken = spoken_here()
    return _first(hello.sends, spoken), _first(hello.plays, spoken)


def _first(wanted: Iterable[CodecName], spoken: frozenset[CodecName]) -> CodecName:
    for codec in wanted:
        if codec in spoken:
            return codec
    return FALLBACK
