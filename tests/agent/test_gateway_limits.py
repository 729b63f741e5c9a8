"""How much and how fast a client may send, and how long it may be gone without a word."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncGenerator

import pytest

from agent import gateway as gateway_module
from agent.asyncapi import document_json
from agent.limits import (
    AUDIO_BURST_MS,
    AUDIO_PACE,
    CLOSE_LIMIT_S,
    LEAST_FRAME_MS,
    MAX_REFUSED,
    PING_INTERVAL_S,
    PING_TIMEOUT_S,
    Allowance,
    TokenBucket,
    TooMuch,
)
from sessions.facts import ConnectionLost
from sessions.protocol import AudioFrame, CloseCode, Ping, Pong, Problem
from tests.support.clock import FakeClock
from tests.support.gateway_guest import LIMIT_S, Gate, Guest, open_gate
from tests.support.room import World

PCM = AudioFrame(16_000, 0, 0, 0, pcm=bytes(1_280)).to_bytes()  # 40 ms
OPUS = AudioFrame(48_000, 0, 0, 0, packet=b"\x58").to_bytes()  # 60 ms of silence
EMPTY = AudioFrame(16_000, 0, 0, 0).to_bytes()
FRAMES = {"pcm16": (PCM, 40.0), "opus": (OPUS, 60.0), "empty": (EMPTY, LEAST_FRAME_MS)}


# -- the counting, without a socket --------------------------------------------------------------


@pytest.mark.parametrize(
    ("takes", "granted"),
    [
        ([(0, 10), (0, 1)], [True, False]),  # all at once, then nothing
        ([(0, 10), (999, 5), (1_000, 5)], [True, False, True]),  # filled again by the time
        ([(0, 0), (100_000, 10), (100_000, 1)], [True, True, False]),  # never past the brim
        ([(0, 11), (0, 10)], [False, True]),  # what is refused costs nothing
        ([(5_000, 10), (0, 1), (200, 1)], [True, False, True]),  # the clock was set back
    ],
)
def test_a_bucket_gives_what_is_in_it(takes: list[tuple[int, float]], granted: list[bool]) -> None:
    bucket = TokenBucket(capacity=10, per_s=5)

    assert [bucket.take(cost, at_ms) for at_ms, cost in takes] == granted


def test_a_voice_is_never_too_much() -> None:
    allowance = Allowance()
    for at_ms in range(0, 1_800_000, 20):  # half an hour
        allowance.count_audio(20, at_ms)
    for _ in range(round(AUDIO_BURST_MS / 40)):  # and what a stall held back
        allowance.count_audio(40, 1_800_000)


def test_frames_too_short_to_hear_are_too_much() -> None:
    allowance = Allowance()
    with pytest.raises(TooMuch):
        for at_ms in range(60_000):
            allowance.count_audio(0, at_ms)


def test_a_socket_that_is_half_open_is_noticed_within_half_a_minute() -> None:
    assert PING_INTERVAL_S + PING_TIMEOUT_S + CLOSE_LIMIT_S < 30


# -- on real sockets -----------------------------------------------------------------------------


@pytest.fixture
async def gate(world: World) -> AsyncGenerator[Gate]:
    await world.plan()
    async with open_gate(world) as opened:
        yield opened


async def send_for(guest: Guest, kind: str, lasting_ms: float) -> None:
    frame, frame_ms = FRAMES[kind]
    for _ in range(int(lasting_ms / frame_ms)):
        await guest.send_raw(frame)


@pytest.mark.sockets
@pytest.mark.parametrize("kind", FRAMES)
async def test_what_a_stall_held_back_may_come_at_once_but_no_more(gate: Gate, kind: str) -> None:
    async with gate.enter() as guest:
        await send_for(guest, kind, AUDIO_BURST_MS)
        await guest.check_it_is_answered()
        await send_for(guest, kind, 200)
        await guest.check_it_is_closed(CloseCode.FLOODING)
    await gate.check_it_takes_a_good_client()


@pytest.mark.sockets
@pytest.mark.parametrize("kind", ["pcm16", "opus"])
async def test_audio_may_come_at_twice_its_pace_but_no_faster(
    gate: Gate, clock: FakeClock, kind: str
) -> None:
    async with gate.enter() as guest:
        await send_for(guest, kind, AUDIO_BURST_MS)
        await guest.check_it_is_answered()
        for _ in range(5):
            clock.advance(1_000)
            await send_for(guest, kind, AUDIO_PACE * 1_000)
            await guest.check_it_is_answered()
        clock.advance(1_000)
        await send_for(guest, kind, AUDIO_PACE * 1_000 + 200)
        await guest.check_it_is_closed(CloseCode.FLOODING)


@pytest.mark.sockets
async def test_bad_frames_are_refused_one_by_one_and_then_the_patience_ends(gate: Gate) -> None:
    stereo = PCM[:1] + b"\x02\xe0\x01" + PCM[4:16] + b"\x5c"
    async with gate.enter() as guest:
        for _ in range(MAX_REFUSED + 1):
            await guest.send_raw(stereo)
            assert "stereo" in (await guest.until(Problem)).message
        await guest.send_raw(stereo)
        await guest.check_it_is_closed(CloseCode.FLOODING)
    await gate.check_it_takes_a_good_client()


@pytest.mark.sockets
async def test_no_time_that_a_client_tells_is_relied_on(gate: Gate) -> None:
    """Frames from the year 2106, out of order, and messages whose clock is anywhere."""
    async with gate.enter() as guest:
        for sequence, timestamp_ms in ((2**32 - 1, 2**32 - 1), (0, 0), (7, 2**31)):
            frame = AudioFrame(16_000, 2**32 - 1, sequence, timestamp_ms, pcm=bytes(1_280))
            await guest.send_raw(frame.to_bytes())
        await guest.send(Ping(t=2**62))
        assert (await guest.until(Pong)).t == 2**62
        await guest.send_raw('{"type":"played","utterance":4000000000,"ms":4000000000}')
        await guest.check_it_is_answered()


@pytest.mark.sockets
async def test_a_client_that_is_gone_without_a_word_is_noticed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half open: its TCP connection stands, and nothing comes, no pong either."""
    for limit in ("PING_INTERVAL_S", "PING_TIMEOUT_S", "CLOSE_LIMIT_S"):
        monkeypatch.setattr(gateway_module, limit, 0.2)
    await world.plan()
    async with open_gate(world) as gate:
        reader, writer = await asyncio.open_connection("127.0.0.1", gate.port)
        writer.write(handshake(gate))
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        writer.write(masked_text(gate.hello().model_dump_json()))
        async with asyncio.timeout(LIMIT_S):
            await reader.readuntil(b'"welcome"')
        await world.until_fact(ConnectionLost)
        writer.close()
        await gate.check_it_takes_a_good_client()


def handshake(gate: Gate) -> bytes:
    lines = [
        f"GET {gate.url().partition(str(gate.port))[2]} HTTP/1.1",
        f"Host: 127.0.0.1:{gate.port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(bytes(16)).decode()}",
        "Sec-WebSocket-Version: 13",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def masked_text(text: str) -> bytes:
    """A client's text frame (RFC 6455, section 5.2), its mask all zeros."""
    data = text.encode()
    assert 126 <= len(data) < 2**16
    return b"\x81" + bytes([0x80 | 126]) + len(data).to_bytes(2, "big") + bytes(4) + data


@pytest.mark.sockets
async def test_it_hands_out_its_own_description(gate: Gate) -> None:
    head, _, body = (await gate.request("/asyncapi.json")).partition("\r\n\r\n")

    assert head.startswith("HTTP/1.1 200 ")
    assert "Content-Type: application/json" in head.split("\r\n")
    assert body == document_json()
    assert json.loads(body)["asyncapi"] == "3.0.0"
