"""What the emulated voices have in common: real speech by espeak-ng, and ways to fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import lru_cache

from aiohttp import web

from tests.support.speech import LEADING_S, TRAILING_S, speak_samples

WORDS_PER_MINUTE = 165
PIECE_BYTES = 4_800
"""0.1 s at 24,000 Hz."""
PAGE = "<!doctype html><title>Sign in</title><p>Sign in to the network to go on.</p>"


class Fault(Enum):
    NONE = auto()
    UNAUTHORIZED = auto()
    TOO_MANY = auto()
    BROKEN = auto()
    SLOW = auto()  # begins when `go_on` is set
    CUT = auto()  # the connection ends at `cut_share` of the sentence
    STALL = auto()  # goes on from there when `go_on` is set
    CRACKLE = auto()  # 50 ms of noise, and a proper end
    NOISE = auto()  # without an end
    EMPTY = auto()
    PAGE = auto()  # of a proxy, with the status 200


STATUSES = {Fault.UNAUTHORIZED: 401, Fault.TOO_MANY: 429, Fault.BROKEN: 500}


@dataclass(frozen=True, slots=True)
class Request:
    text: str
    key: str
    """What stands in the header Authorization."""
    options: dict[str, str]


@dataclass
class EmulatedVoice:
    """`fault` holds until it is set anew; `faults` are those of the next requests before it."""

    fault: Fault = Fault.NONE
    faults: list[Fault] = field(default_factory=list[Fault])
    cut_share: float = 0.5
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    requests: list[Request] = field(default_factory=list[Request])
    url: str = ""

    @property
    def texts(self) -> list[str]:
        return [request.text for request in self.requests]

    def next_fault(self) -> Fault:
        return self.faults.pop(0) if self.faults else self.fault

    async def pieces(self, text: str, rate_hz: int, fault: Fault) -> AsyncGenerator[bytes]:
        """The sentence's samples. Raises ConnectionAbortedError where the connection is cut."""
        if fault is Fault.EMPTY:
            return
        if fault is Fault.CRACKLE:
            yield noise(rate_hz, 50)
            return
        while fault is Fault.NOISE:
            yield noise(rate_hz, 100)
            await asyncio.sleep(0)
        samples = await asyncio.to_thread(spoken, text, rate_hz)
        cut = int(len(samples) * self.cut_share) // 2 * 2
        for start in range(0, len(samples), PIECE_BYTES):
            piece = samples[start : start + PIECE_BYTES]
            if fault in (Fault.CUT, Fault.STALL) and start + len(piece) > cut:
                yield samples[start:cut]
                if fault is Fault.CUT:
                    raise ConnectionAbortedError
                await self.go_on.wait()
                fault, piece = Fault.NONE, samples[cut : start + PIECE_BYTES]
            yield piece


async def send_pieces(
    request: web.Request, response: web.StreamResponse, pieces: AsyncGenerator[bytes]
) -> web.StreamResponse:
    """As they come; a cut is one of the connection, without the end of the body."""
    await response.prepare(request)
    try:
        async for piece in pieces:
            await response.write(piece)
        await response.write_eof()
    except ConnectionAbortedError:
        assert request.transport is not None
        # What was written must be out: the other side is to hear it.
        await asyncio.sleep(0.05)
        request.transport.close()
    except ConnectionResetError:
        pass  # it has heard enough
    return response


@asynccontextmanager
async def serve(app: web.Application) -> AsyncGenerator[str]:
    """On loopback; yields the address without a slash at its end."""
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


@lru_cache(maxsize=64)
def spoken(text: str, rate_hz: int) -> bytes:
    """Signed 16-bit mono samples, without silence around them."""
    samples, _ = speak_samples([text], rate_hz, words_per_minute=WORDS_PER_MINUTE)
    return samples[round(LEADING_S * rate_hz) * 2 : -round(TRAILING_S * rate_hz) * 2]


def noise(rate_hz: int, ms: int) -> bytes:
    """The same each time."""
    value, samples = 1, bytearray()
    for _ in range(rate_hz * ms // 1000):
        value = value * 1_103_515_245 + 12_345 & 0x7FFFFFFF
        samples += (value >> 16 & 0x3FFF).to_bytes(2, "little")
    return bytes(samples)
