"""The page's two ends of the audio, in a real browser: what it sends is heard, what it is sent is
played, its word on the playhead is exact, and a codec that fails costs nothing.
"""

from __future__ import annotations

import base64
import functools
import threading
from collections.abc import AsyncGenerator, Generator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from playwright.async_api import Page

from agent.codec.opus import OpusDecoder, OpusEncoder
from sessions.protocol import PLAYBACK_RATE_HZ, AudioFrame, Codec
from tests.e2e.conftest import OpenBrowser
from tests.support.process import ROOT
from tests.support.speech import speak_samples

pytestmark = pytest.mark.browser

LINE = "the nightly backup failed three times"
HEARD_RATE_HZ = 16_000


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        del format, args


@pytest.fixture(scope="module")
def address() -> Generator[str]:
    """The page's modules, and nothing behind them."""
    handler = functools.partial(_Quiet, directory=str(ROOT / "web" / "static"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
async def page(address: str, open_browser: OpenBrowser) -> AsyncGenerator[Page]:
    async with open_browser() as context:
        opened = await context.new_page()
        await opened.route("**/blank", lambda route: route.fulfill(body="<!doctype html>"))
        await opened.goto(f"{address}/blank")
        yield opened


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def spoken(rate_hz: int) -> bytes:
    return speak_samples([LINE], rate_hz)[0]


def likeness(one: bytes, other: bytes, *, lags: range = range(1)) -> tuple[float, int]:
    """The greatest correlation of two pieces of PCM16 of one rate, and at which lag it is: by how
    many samples the other comes later."""
    left, right = (np.frombuffer(pcm, dtype="<i2").astype(float) for pcm in (one, other))

    def at(lag: int) -> float:
        early, late = left[max(-lag, 0) :], right[max(lag, 0) :]
        length = min(early.size, late.size)
        return float(np.corrcoef(early[:length], late[:length])[0, 1])

    return max((at(lag), lag) for lag in lags)


# -- up ------------------------------------------------------------------------------------------

SEND = """async ({ pcm, codec, failsAfter }) => {
  const samples = Uint8Array.from(atob(pcm), (one) => one.charCodeAt(0));
  const { Codecs } = await import("/js/room/codecs.js");
  const { Uplink } = await import("/js/room/uplink.js");
  let encoded = 0;
  const encode = AudioEncoder.prototype.encode;
  AudioEncoder.prototype.encode = function (data) {
    encoded += 1;
    if (encoded > failsAfter) throw new Error("It broke.");
    return encode.call(this, data);
  };
  const frames = [];
  const codecs = [];
  const send = (frame) => {
    frames.push(btoa(String.fromCharCode(...new Uint8Array(frame))));
    return true;
  };
  const uplink = new Uplink({ send, onCodec: (one) => codecs.push(one) });
  uplink.begin(codec);
  const count = Math.floor(samples.length / 1280);
  for (let at = 0; at < count; at += 1) {
    const frame = new ArrayBuffer(16 + 1280);
    new Uint8Array(frame, 16).set(samples.subarray(at * 1280, (at + 1) * 1280));
    uplink.push(frame);
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  for (let tries = 0; frames.length < count && tries < 200; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return { frames, codecs, count, offer: await new Codecs().offer() };
}"""


async def sent(page: Page, pcm: bytes, codec: str, *, fails_after: int = 10_000) -> dict[str, Any]:
    given = {"pcm": text(pcm), "codec": codec, "failsAfter": fails_after}
    told = await page.evaluate(SEND, given)
    told["frames"] = [AudioFrame.from_bytes(base64.b64decode(one)) for one in told["frames"]]
    return told


def check_places(frames: list[AudioFrame], count: int) -> None:
    assert [frame.sequence for frame in frames] == list(range(count))
    assert [frame.timestamp_ms for frame in frames] == [40 * at for at in range(count)]
    assert {frame.duration_ms for frame in frames} == {40}


async def test_a_voice_goes_up_as_opus(page: Page) -> None:
    pcm = spoken(HEARD_RATE_HZ)
    told = await sent(page, pcm, "opus")

    assert told["offer"] == {"sends": ["opus", "pcm16"], "plays": ["opus", "pcm16"]}
    assert told["codecs"] == ["opus"]
    check_places(told["frames"], told["count"])
    assert {frame.codec for frame in told["frames"]} == {Codec.OPUS}
    decoder = OpusDecoder()
    wide = b"".join(decoder.decode(frame.packet) for frame in told["frames"])
    triples = np.frombuffer(wide, dtype="<i2").reshape(-1, 3)  # 48 kHz, and the page's 16
    heard = triples.mean(axis=1).astype("<i2").tobytes()
    assert likeness(pcm, heard, lags=range(60, 160))[0] > 0.8


async def test_an_encoder_that_fails_loses_nothing(page: Page) -> None:
    pcm = spoken(HEARD_RATE_HZ)
    told = await sent(page, pcm, "opus", fails_after=10)

    assert told["codecs"] == ["opus", "pcm16"]
    check_places(told["frames"], told["count"])
    assert told["frames"][0].codec is Codec.OPUS
    plain = [frame for frame in told["frames"] if frame.codec is Codec.PCM16]
    assert len(plain) >= told["count"] - 10
    assert b"".join(frame.pcm for frame in plain) in pcm


# -- down ----------------------------------------------------------------------------------------

PLAY = """async ({ frames, audioMs, gapAfter, gapMs }) => {
  const { Player } = await import("/js/room/player.js");
  const { readFrame } = await import("/js/room/protocol.js");
  const acks = [];
  const heard = [];
  let jitter = null;
  let lost = 0;
  const post = MessagePort.prototype.postMessage;
  MessagePort.prototype.postMessage = function (message, transfer) {
    if (message.type === "audio") heard.push(...message.samples);
    return post.call(this, message, transfer);
  };
  const player = new Player({
    workletUrl: "/js/room/playback-worklet.js",
    onPlayed: (played) => acks.push(played) > 0,
    onTrouble: () => {},
    onJitter: (report) => { jitter = report; },
    onDecoderLost: () => { lost += 1; },
  });
  await player.prepare();
  await player.unlock();
  player.connected();
  player.say(1);
  for (const [at, frame] of frames.entries()) {
    if (at === gapAfter) await new Promise((resolve) => setTimeout(resolve, gapMs));
    const bytes = Uint8Array.from(atob(frame), (one) => one.charCodeAt(0));
    player.play(readFrame(bytes.buffer));
  }
  player.sayEnd(1, audioMs);
  for (let tries = 0; !acks.at(-1)?.done && tries < 1000; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { acks, jitter, lost, heard };
}"""


async def played(
    page: Page, frames: list[AudioFrame], audio_ms: int, *, gap_after: int = -1, gap_ms: int = 0
) -> dict[str, Any]:
    given = {
        "frames": [text(frame.to_bytes()) for frame in frames],
        "audioMs": audio_ms,
        "gapAfter": gap_after,
        "gapMs": gap_ms,
    }
    return await page.evaluate(PLAY, given)


def framed(pcm: bytes, *, as_opus: bool) -> list[AudioFrame]:
    """What the server sends of one utterance."""
    if as_opus:
        encoder = OpusEncoder()
        return [
            AudioFrame(48_000, 1, at, at * 40, packet=packet)
            for at, packet in enumerate([*encoder.encode(pcm), *encoder.flush()])
        ]
    size = PLAYBACK_RATE_HZ * 40 // 1000 * 2
    return [
        AudioFrame(PLAYBACK_RATE_HZ, 1, at, at * 40, pcm=pcm[at * size : (at + 1) * size])
        for at in range(-(-len(pcm) // size))
    ]


def check_acks(told: dict[str, Any], audio_ms: int) -> None:
    places = [ack["ms"] for ack in told["acks"]]
    assert places == sorted(places)
    assert told["acks"][-1] == {"type": "played", "utterance": 1, "ms": audio_ms, "done": True}
    steps = [after - before for before, after in pairwise(places)]
    assert max(steps) <= 110


@pytest.mark.parametrize("as_opus", [False, True], ids=["pcm16", "opus"])
async def test_an_utterance_is_played_smoothly_and_to_the_millisecond(
    page: Page, as_opus: bool
) -> None:
    pcm = spoken(PLAYBACK_RATE_HZ)[: 24 * 2 * 2_217]  # its last frame is not whole
    told = await played(page, framed(pcm, as_opus=as_opus), 2_217)

    check_acks(told, 2_217)
    assert told["jitter"]["underruns"] == told["jitter"]["silenceMs"] == told["lost"] == 0
    heard = np.array(told["heard"], dtype="<i2").tobytes()
    how_like, lag = likeness(pcm, heard, lags=range(-48, 49))
    assert how_like > (0.8 if as_opus else 0.9999)
    assert abs(lag) <= (6 if as_opus else 0), "each sound at its very place, to a quarter of a ms"


async def test_a_stall_is_counted_as_silence_and_not_as_played(page: Page) -> None:
    pcm = spoken(PLAYBACK_RATE_HZ)[: 24 * 2 * 2_000]
    told = await played(page, framed(pcm, as_opus=True), 2_000, gap_after=10, gap_ms=900)

    check_acks(told, 2_000)
    assert told["jitter"]["underruns"] == 1
    assert 350 <= told["jitter"]["silenceMs"] <= 900  # 400 ms of sound were there to begin with


async def test_a_decoder_that_fails_plays_silence_of_the_same_length(page: Page) -> None:
    pcm = spoken(PLAYBACK_RATE_HZ)[: 24 * 2 * 2_000]
    frames = framed(pcm, as_opus=True)
    frames[5] = AudioFrame(48_000, 1, 5, 200, packet=b"\x4a\xff")  # two frames, of no such length
    told = await played(page, frames, 2_000)

    check_acks(told, 2_000)
    assert told["lost"] == 1
