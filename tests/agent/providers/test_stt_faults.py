"""Recognisers in order of fallback, real: what is heard when a service fails on the wire.

livekit's plugins against servers on loopback that hear what espeak says. Audio is pushed faster
than real time; time passes on a clock of the tests' own.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

import aiohttp
import pytest
from livekit.agents import stt

from agent.providers.stt import chain as chain_module
from agent.providers.stt.chain import Member, probe
from agent.providers.stt.deepgram import FLUX, NOVA, make_deepgram
from agent.providers.stt.openai import make_openai
from sessions.errors import ProviderUnavailable
from sessions.infra.endpoints import Endpoint
from tests.agent.providers.scripted_stt import RATE_HZ, TIMEOUT_S, Room, plain, until
from tests.emulators import deepgram_listen, openai_transcription
from tests.emulators.deepgram_listen import DeepgramListen, run_deepgram
from tests.emulators.openai_transcription import OpenAITranscription, run_transcription
from tests.support.speech import SpokenPart, speak_samples

pytestmark = pytest.mark.sockets


@pytest.fixture(autouse=True)
def quick_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain_module, "WATCH_EVERY_S", 0.01)
    monkeypatch.setattr(chain_module, "POLL_EVERY_S", 0.01)


LINES = "Um, I was on call, | and the database was slow, | so we added an index\nI do not know"
SPOKEN: list[str | float] = [
    0.5,
    "Um, I was on call,",
    1.0,
    "and the database was slow,",
    1.0,
    "so we added an index.",
    1.0,
]
HEARD = ["um i was on call", "and the database was slow", "so we added an index"]


@dataclass
class Services:
    deepgram: DeepgramListen
    openai: OpenAITranscription
    http: aiohttp.ClientSession

    def members(self, *, deepgram_name: str = NOVA) -> list[Member]:
        deepgram = Endpoint(
            name="deepgram", base_url=self.deepgram.base_url, api_key=deepgram_listen.KEY
        )
        openai = Endpoint(
            name="openai",
            base_url=self.openai.base_url,
            api_key=openai_transcription.KEY,
            stt_model="whisper-1",
        )
        return [
            Member("deepgram", make_deepgram(deepgram, name=deepgram_name, http_session=self.http)),
            Member("openai", make_openai(openai)),
        ]


@pytest.fixture
async def services() -> AsyncGenerator[Services]:
    async with (
        run_deepgram(LINES) as deepgram,
        run_transcription(LINES) as openai,
        aiohttp.ClientSession() as http,
    ):
        yield Services(deepgram, openai, http)


def without_fillers(said: Sequence[str]) -> list[str]:
    return [re.sub(r"\bum ", "", text) for text in said]


def assert_placed(finals: Sequence[stt.SpeechData], spoken: Sequence[SpokenPart]) -> None:
    for part, data in zip(spoken, finals, strict=True):
        assert data.words is not None
        if plain(data.text).split()[0] == plain(part.text).split()[0]:  # or else "um" was left out
            assert data.words[0].start_time == pytest.approx(part.start_s, abs=0.25)
        assert data.words[-1].end_time == pytest.approx(part.end_s, abs=0.25)


@pytest.mark.parametrize("name", [NOVA, FLUX])
async def test_a_socket_cut_in_mid_sentence_loses_no_word_and_shifts_none(
    services: Services, name: str
) -> None:
    room = Room()
    pcm, spoken = speak_samples(SPOKEN, RATE_HZ)
    middle_s = (spoken[1].start_s + spoken[1].end_s) / 2
    services.deepgram.faults.append(deepgram_listen.Fault(cut_after_s=middle_s))
    deepgram, openai = services.members(deepgram_name=name)
    async with room.listening(deepgram) as stream:
        room.push_speech(stream, pcm, spoken)
        await until(lambda: len(room.said) >= 3)
    await openai.stt.aclose()
    assert room.said == (HEARD if name == NOVA else without_fillers(HEARD))
    assert_placed(room.finals, spoken)
    assert len(services.deepgram.connections) == 2
    assert room.switches == []


async def test_cut_and_not_to_be_reached_the_next_goes_on_where_words_were_final(
    services: Services,
) -> None:
    room = Room()
    pcm, spoken = speak_samples(SPOKEN, RATE_HZ)
    middle_s = (spoken[1].start_s + spoken[1].end_s) / 2
    faults = [deepgram_listen.Fault(cut_after_s=middle_s), deepgram_listen.Fault(status=500)]
    services.deepgram.faults.extend(faults)
    async with room.listening(*services.members()) as stream:
        room.push_speech(stream, pcm, spoken)
        await until(lambda: len(room.said) >= 3)
    assert without_fillers(room.said) == without_fillers(HEARD)
    assert_placed(room.finals, spoken)
    assert room.path == [("deepgram", "openai")]
    assert {used.provider for used in room.used} == {"deepgram", "openai"}


@pytest.mark.parametrize("status", [401, 429, 500])
async def test_a_service_that_refuses_is_passed_over(services: Services, status: int) -> None:
    room = Room()
    services.deepgram.faults.append(deepgram_listen.Fault(status=status))
    pcm, spoken = speak_samples(SPOKEN, RATE_HZ)
    async with room.listening(*services.members()) as stream:
        room.push_speech(stream, pcm, spoken)
        await until(lambda: len(room.said) >= 3)
    assert room.said == without_fillers(HEARD)
    assert_placed(room.finals, spoken)
    assert room.path == [("deepgram", "openai")]


@pytest.mark.parametrize("fault", ["slow", "garbage"])
async def test_a_service_that_does_not_answer_speech_is_passed_over(
    services: Services, fault: str
) -> None:
    room, answers = Room(), asyncio.Event()
    services.deepgram.faults.append(
        deepgram_listen.Fault(
            answers=answers if fault == "slow" else None, is_garbage=fault == "garbage"
        )
    )
    pcm, spoken = speak_samples(SPOKEN, RATE_HZ)
    async with room.listening(*services.members()) as stream:
        room.push_speech(stream, pcm, spoken)
        await until(lambda: bool(services.deepgram.connections))
        room.clock.advance(round(TIMEOUT_S * 1000) + 1_000)
        await until(lambda: len(room.said) >= 3)
        answers.set()
    assert room.said == without_fillers(HEARD)
    assert room.path == [("deepgram", "openai")]


async def test_all_dead_then_one_works_again_and_hears_what_was_said_meanwhile(
    services: Services,
) -> None:
    room = Room()
    services.deepgram.faults.append(deepgram_listen.Fault(status=500))
    services.openai.faults.extend([openai_transcription.Fault(status=429)] * 2)
    pcm, spoken = speak_samples(SPOKEN, RATE_HZ)
    async with room.listening(*services.members()) as stream:
        room.push_speech(stream, pcm, spoken)
        await until(lambda: room.path == [("deepgram", "openai"), ("openai", "")])
        room.clock.advance(10_000)
        await room.health.probe_rested()
        await until(lambda: len(room.said) >= 3)
    assert room.said == HEARD
    assert_placed(room.finals, spoken)
    assert room.path[2:] == [("", "deepgram")]


async def test_it_goes_back_between_turns(services: Services) -> None:
    room = Room()
    services.deepgram.faults.append(deepgram_listen.Fault(status=500))
    first, spoken = speak_samples(["I do not know."], RATE_HZ)
    second, spoken_again = speak_samples(["Um, I was on call."], RATE_HZ)
    async with room.listening(*services.members()) as stream:
        room.push_speech(stream, first, spoken)
        await until(lambda: room.said == ["i do not know"])
        room.clock.advance(10_000)
        await room.health.probe_rested()
        await until(lambda: room.path == [("deepgram", "openai"), ("openai", "deepgram")])
        room.push_speech(stream, second, spoken_again)
        await until(lambda: room.said == ["i do not know", "um i was on call"])
    start_s = len(first) / 2 / RATE_HZ + spoken_again[0].start_s
    assert room.finals[1].start_time == pytest.approx(start_s, abs=0.25)


async def test_a_probe_tells_the_latency_or_why_it_does_not_work(services: Services) -> None:
    members = services.members()
    for member in members:
        assert 0 <= await probe(member) < 5_000
    services.deepgram.faults.append(deepgram_listen.Fault(status=429))
    services.openai.faults.append(openai_transcription.Fault(is_garbage=True))
    for member in members:
        with pytest.raises(ProviderUnavailable) as caught:
            await probe(member)
        assert caught.value.provider == member.name
        await member.stt.aclose()


async def test_a_room_that_closes_takes_its_recognisers_from_no_other(services: Services) -> None:
    members = services.members()
    await Room().chain(*members).aclose()
    room = Room()
    services.deepgram.faults.append(deepgram_listen.Fault(status=500))
    pcm, spoken = speak_samples(["I do not know."], RATE_HZ)
    async with room.listening(*members) as stream:
        room.push_speech(stream, pcm, spoken)
        await until(lambda: room.said == ["i do not know"])
    assert room.path == [("deepgram", "openai")]
