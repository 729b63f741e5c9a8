"""Bad weather for rooms: emulated services that fail, sound that is odd, and what a person is told.

The clock of these rooms stands: speech is fed as fast as it is taken, and time-outs pass when a
test lets them. Turns are over as soon as their words are final and silence has followed.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import APIConnectOptions, LanguageCode, stt, utils
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, NotGivenOr
from pydantic import SecretStr

from agent.interviewer.port import Interviewer, Scene
from agent.providers.health import Health
from agent.providers.shared import open_providers
from agent.providers.stt import chain as stt_chain
from agent.providers.stt.segmented import SegmentedSTT
from agent.recorder.studio import Studio
from agent.rooms import Rooms
from agent.turns import turns as turns_module
from agent.turns.decision import Evidence
from sessions.facts import AnswerHeard, Move, ProviderSwitched, Speaker
from sessions.interview import Say
from sessions.protocol import AudioFrame, Caption, Notice
from sessions.settings import EndpointSettings, InterviewSettings, Settings, SpeechSettings
from tests.support.clock import FakeClock
from tests.support.fake_speech import DeafStream, DeafSTT, SilentTTS
from tests.support.polling import eventually
from tests.support.room import World, beside, class_path, made_settings, visit
from tests.support.room_client import LIMIT_S, Client
from tests.support.speech import speak_samples

RATE_HZ = 16_000
FRAME_MS = 40
TURN_MS = 300
"""Of silence, and a turn whose words are final is over."""
HOPS = 6
"""Turns of the loop that a frame takes from the socket to the listener."""
LINE = "I was on call and the database was slow"
LINES = f"{LINE}\nI do not know\nSo we added an index"


def quicken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short pauses end turns, and final words are waited for on a slow machine too."""

    def soon_ms(_evidence: Evidence) -> int:
        return TURN_MS

    monkeypatch.setattr(turns_module, "wait_ms", soon_ms)
    monkeypatch.setattr(turns_module, "GRACE_MS", 3_000)
    monkeypatch.setattr(stt_chain, "WATCH_EVERY_S", 0.01)
    monkeypatch.setattr(stt_chain, "POLL_EVERY_S", 0.01)


class Brief(Interviewer):
    """Says little: a voice has to be made for each sentence."""

    name = "brief"

    async def phrase(self, say: Say, scene: Scene) -> AsyncGenerator[str]:
        del scene
        yield _SAID.get(say.move, "Please go on, and tell me the rest of it.")


_SAID = {
    Move.GREET: "Good morning.",
    Move.ASK: "Tell me about a day when the database was slow.",
    Move.CLOSE: "Thank you for your time.",
}

SENTENCES = tuple(_SAID.values())
"""All that `Brief` says in an interview of one question that is answered whole."""

# -- a process with its rooms --------------------------------------------------------------------


@dataclass(frozen=True)
class Station:
    """The rooms of a process, and what it knows of its providers."""

    rooms: Rooms
    health: Health
    clock: FakeClock

    async def let_rest_and_probe(self) -> None:
        """The rest of those that failed is over: they are tried, away from any interview."""
        self.clock.advance(10_000)
        await self.health.probe_rested()


@asynccontextmanager
async def open_station(world: World, *, studio: Studio | None = None) -> AsyncGenerator[Station]:
    """`world.clock` is a FakeClock."""
    assert isinstance(world.clock, FakeClock)
    async with open_providers(world.settings, world.clock) as providers:
        rooms = Rooms(replace(world.services(providers), studio=studio))
        async with beside(rooms.run()):
            try:
                yield Station(rooms, providers.health, world.clock)
            finally:
                rooms.close()


@asynccontextmanager
async def begin(
    world: World, *, studio: Studio | None = None, recognises: bool = False
) -> AsyncGenerator[tuple[Station, Client]]:
    """A candidate whose interview has begun: the first question is asked."""
    async with (
        open_station(world, studio=studio) as station,
        visit(station.rooms, recognises=recognises) as client,
    ):
        await client.consent()
        await client.until_listening()
        yield station, client


def services_settings(
    *,
    stt: Sequence[str] = (),
    tts: Sequence[str] = (),
    interviewer: Sequence[str] = ("scripted",),
    endpoints: dict[str, EndpointSettings] | None = None,
    stt_timeout_s: float = 5.0,
    tts_timeout_s: float = 5.0,
    model_timeout_s: float = 1.5,
) -> Settings:
    """Where no recogniser is named there is none, and a voice without sound where none is."""
    return made_settings().model_copy(
        update={
            "speech": SpeechSettings(
                stt=list(stt) or ["none"],
                tts=list(tts) or [class_path(SilentTTS)],
                end_of_turn="words",
                stt_timeout_s=stt_timeout_s,
                tts_timeout_s=tts_timeout_s,
            ),
            "interview": InterviewSettings(
                interviewer=list(interviewer),
                model_timeout_s=model_timeout_s,
                asks_to_add=False,
            ),
            "endpoints": endpoints or {},
        }
    )


def endpoint(base_url: str, key: str, **models: str) -> EndpointSettings:
    return EndpointSettings(base_url=base_url, api_key=SecretStr(key), **models)


# -- sound ---------------------------------------------------------------------------------------


def spoken(*parts: str | float, rate_hz: int = RATE_HZ) -> bytes:
    """By espeak-ng; numbers are seconds of silence."""
    return speak_samples([0.3, *parts, 0.6], rate_hz)[0]


def silence(seconds: float, rate_hz: int = RATE_HZ) -> bytes:
    return bytes(round(seconds * rate_hz) * 2)


def clipped(pcm: bytes) -> bytes:
    """Far too loud: every peak is cut off at full scale."""
    samples = np.frombuffer(pcm, np.int16).astype(np.float32) * 4
    return np.clip(samples, -32_768, 32_767).astype(np.int16).tobytes()


async def feed(
    client: Client,
    pcm: bytes,
    *,
    rate_hz: int = RATE_HZ,
    frame_ms: int = FRAME_MS,
    clock: FakeClock | None = None,
) -> None:
    """Into the room as from a microphone, as fast as the room takes it; a clock goes along."""
    size = rate_hz * frame_ms // 1000 * 2
    for number, start in enumerate(range(0, len(pcm), size)):
        piece = pcm[start : start + size]
        client.room.hear_audio(AudioFrame(rate_hz, 0, number, number * frame_ms, piece))
        if clock is not None:
            clock.advance(frame_ms)
        for _ in range(HOPS):
            await asyncio.sleep(0)


def without_pause(seconds: float) -> bytes:
    """Somebody who never draws breath: the same sentence over and over, joined without a gap."""
    samples = np.frombuffer(spoken(LINE), np.int16)
    audible = np.flatnonzero(np.abs(samples.astype(np.int32)) > 300)
    sentence = samples[audible[0] : audible[-1]]
    return np.resize(sentence, round(seconds * RATE_HZ)).tobytes()


# -- recognisers that hear anything --------------------------------------------------------------

EVERY_S = 5.0
WORDS_PER_RESULT = 13


def counted_words(number: int) -> str:
    """What is heard in each 5 s, at 156 words a minute."""
    return " ".join(f"word{number}x{place}" for place in range(WORDS_PER_RESULT))


class CountingSTT(DeafSTT):
    """Hears thirteen new words in each five seconds, one by one, whatever is said."""

    def stream(
        self,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> CountingStream:
        del language
        return CountingStream(stt=self, conn_options=conn_options, failure=None)


class CountingStream(DeafStream):
    async def _run(self) -> None:
        heard_s, told_s, number = 0.0, 0.0, 0
        async for frame in self._input_ch:
            if not isinstance(frame, rtc.AudioFrame):
                continue
            heard_s += frame.duration
            if heard_s - told_s < 1.0:
                continue
            told_s = heard_s
            begun_s = number * EVERY_S
            if heard_s - begun_s >= EVERY_S:
                self._tell(counted_words(number), begun_s, heard_s, is_final=True)
                number += 1
                continue
            words = counted_words(number).split()[: round((heard_s - begun_s) * 2.6)]
            self._tell(" ".join(words), begun_s, heard_s, is_final=False)
        if told_s > number * EVERY_S:  # what was interim
            words = counted_words(number).split()[: round((told_s - number * EVERY_S) * 2.6)]
            self._tell(" ".join(words), number * EVERY_S, told_s, is_final=True)

    def _tell(self, text: str, start_s: float, end_s: float, *, is_final: bool) -> None:
        kind = stt.SpeechEventType
        data = stt.SpeechData(
            language=LanguageCode("en"), text=text, start_time=start_s, end_time=end_s
        )
        self._event_ch.send_nowait(
            stt.SpeechEvent(
                type=kind.FINAL_TRANSCRIPT if is_final else kind.INTERIM_TRANSCRIPT,
                alternatives=[data],
            )
        )


class PieceSTT(DeafSTT):
    """Is given whole segments, and says how many there were before."""

    lengths_s: ClassVar[list[float]] = []

    async def _recognize_impl(
        self,
        buffer: utils.AudioBuffer,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions,
    ) -> stt.SpeechEvent:
        del language, conn_options
        data = stt.SpeechData(
            language=LanguageCode("en"), text=f"piece{len(PieceSTT.lengths_s)} of it"
        )
        PieceSTT.lengths_s.append(rtc.combine_audio_frames(buffer).duration)
        return stt.SpeechEvent(stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=[data])


class SegmentedPieces(SegmentedSTT):
    def __init__(self, speech: SpeechSettings) -> None:
        PieceSTT.lengths_s.clear()
        super().__init__(PieceSTT(speech))


# -- what came of it -----------------------------------------------------------------------------


def plain(text: str) -> str:
    """Words alone, without the fillers that some recognisers leave out."""
    return " ".join(word for word in re.findall(r"[a-z']+", text.lower()) if word != "um")


async def words_kept(world: World) -> str:
    """All that the journal has of what the candidate said."""
    return plain(" ".join(answer.text for answer in await world.all_facts(AnswerHeard)))


async def until_kept(world: World, client: Client, words: str) -> None:
    """All these words, and no others, are durable, and the candidate has seen that they are."""

    async def is_kept() -> bool:
        return await words_kept(world) == plain(words)

    def is_shown() -> bool:
        captions = [one for one in client.all(Caption) if one.speaker is Speaker.CANDIDATE]
        return plain(" ".join(one.text for one in captions if one.final)) == plain(words)

    try:
        await eventually(is_kept, limit_s=LIMIT_S)
    except TimeoutError:
        raise AssertionError(f"kept is only: {await words_kept(world)}") from None
    await client.until_true(is_shown)


async def path_of(world: World, component: str) -> list[tuple[str, str]]:
    """From whom to whom the work of a component went, as the journal tells it."""
    switches = await world.all_facts(ProviderSwitched)
    assert all(switch.reason for switch in switches), "a fact without a reason explains nothing"
    return [(one.from_provider, one.to_provider) for one in switches if one.component == component]


def check_told(client: Client, code: str) -> Notice:
    """The candidate was told, in a sentence; the last time that they were."""
    notice = [one for one in client.all(Notice) if one.code == code][-1]
    assert notice.text.endswith(".")
    return notice


# -- the wire ------------------------------------------------------------------------------------


class Wire:
    """A TCP connection through which nothing comes while it is `stalled`, nor is it closed."""

    def __init__(self) -> None:
        self.port = 0
        self._flows = asyncio.Event()
        self._flows.set()

    def stall(self) -> None:
        self._flows.clear()

    def release(self) -> None:
        self._flows.set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            await self._flows.wait()
            writer.write(data)
            await writer.drain()


@asynccontextmanager
async def open_wire(to_port: int) -> AsyncGenerator[Wire]:
    """For one connection to a server on loopback."""
    wire = Wire()
    ends: list[asyncio.StreamWriter] = []

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", to_port)
        ends.extend((writer, far_writer))
        with suppress(ConnectionError, asyncio.CancelledError):
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(wire.carry(reader, far_writer))
                tasks.create_task(wire.carry(far_reader, writer))

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    try:
        wire.port = server.sockets[0].getsockname()[1]
        yield wire
    finally:
        server.close()
        wire.release()
        for end in ends:
            end.transport.abort()
        await server.wait_closed()
