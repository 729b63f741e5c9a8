"""Recognisers that fail in the middle of an interview: what is heard, kept and told all the same.

livekit's plugins against services on loopback that hear what espeak-ng says.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest

from sessions.facts import AnswerHeard, CompletionReason, RoomOpened, UsageCounted
from sessions.protocol import Caption, End, Ended, Notice, Recogniser, Recognition, Welcome
from tests.emulators import deepgram_listen, openai_transcription
from tests.emulators.deepgram_listen import DeepgramListen, run_deepgram
from tests.emulators.openai_transcription import OpenAITranscription, run_transcription
from tests.support.clock import FakeClock
from tests.support.interviews import made_question
from tests.support.room import World, covering
from tests.support.room_client import Client
from tests.support.weather import (
    LINE,
    LINES,
    RATE_HZ,
    begin,
    check_told,
    endpoint,
    feed,
    open_station,
    path_of,
    plain,
    quicken,
    services_settings,
    spoken,
    until_kept,
)

pytestmark = pytest.mark.sockets

FIRST, SECOND = "deepgram", "openai"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    quicken(monkeypatch)


@dataclass
class Services:
    deepgram: DeepgramListen
    openai: OpenAITranscription


@pytest.fixture
async def services(world: World) -> AsyncGenerator[Services]:
    """Two recognisers of the server's, the second for when the first fails."""
    async with run_deepgram(LINES) as deepgram, run_transcription(LINES) as openai:
        world.settings = services_settings(
            stt=[FIRST, SECOND],
            endpoints={
                FIRST: endpoint(deepgram.base_url, deepgram_listen.KEY),
                SECOND: endpoint(openai.base_url, openai_transcription.KEY, stt_model="whisper-1"),
            },
        )
        await world.plan(made_question(1), made_question(2))
        yield Services(deepgram, openai)


# -- one fails, the next goes on -----------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 429, 500])
async def test_dead_at_the_start_or_out_of_quota_the_next_hears_every_word(
    world: World, services: Services, status: int
) -> None:
    services.deepgram.faults.append(deepgram_listen.Fault(status=status))
    async with begin(world) as (_, client):
        client.look_from_here()
        await feed(client, spoken(LINE))
        await until_kept(world, client, LINE)
        assert "Go on speaking" in check_told(client, "stt_switched").text
        assert client.all(Recognition) == [], "it is the server's all along"
    assert await path_of(world, "stt") == [(FIRST, SECOND)]
    (answer,) = await world.all_facts(AnswerHeard)
    assert answer.recogniser == SECOND


async def test_cut_in_mid_sentence_and_away_the_next_hears_it_from_its_beginning(
    world: World, services: Services
) -> None:
    services.deepgram.faults.append(deepgram_listen.Fault(cut_after_s=1.5))
    services.deepgram.faults.append(deepgram_listen.Fault(status=500))
    async with begin(world) as (_, client):
        client.look_from_here()
        await feed(client, spoken(LINE))
        await until_kept(world, client, LINE)
        check_told(client, "stt_switched")
    assert await path_of(world, "stt") == [(FIRST, SECOND)]


@pytest.mark.parametrize("fault", ["slow", "garbage"])
async def test_what_comes_too_late_or_makes_no_sense_is_not_waited_for(
    world: World, services: Services, clock: FakeClock, fault: str
) -> None:
    answers = asyncio.Event()
    services.deepgram.faults.append(
        deepgram_listen.Fault(
            answers=answers if fault == "slow" else None, is_garbage=fault == "garbage"
        )
    )
    async with begin(world) as (_, client):
        client.look_from_here()
        await feed(client, spoken(LINE))
        await client.until_true(lambda: bool(services.deepgram.connections))
        await feed(client, spoken(LINE))  # who gets no answer says it again
        clock.advance(6_500)
        await until_kept(world, client, f"{LINE} {LINE}")
        answers.set()
        check_told(client, "stt_switched")
    assert await path_of(world, "stt") == [(FIRST, SECOND)]


async def test_words_that_are_five_seconds_late_are_one_answer_and_no_failure(
    world: World, services: Services, clock: FakeClock
) -> None:
    answers = asyncio.Event()
    services.deepgram.faults.append(deepgram_listen.Fault(answers=answers))
    async with begin(world) as (_, client):
        client.look_from_here()
        await feed(client, spoken(LINE))
        await client.until_true(lambda: bool(services.deepgram.connections))
        clock.advance(5_000)
        answers.set()
        await until_kept(world, client, LINE)
        assert client.all(Notice) == []
    assert await path_of(world, "stt") == []


async def test_what_a_recogniser_was_paid_for_is_whole_at_the_end(
    world: World, services: Services
) -> None:
    async with begin(world) as (_, client):
        await feed(client, spoken(LINE))
        await until_kept(world, client, LINE)
        await client.do(End())
        await client.until(Ended)
    counted = await world.all_facts(UsageCounted)
    (heard,) = (fact for fact in counted if fact.component == "stt")
    assert heard.provider == FIRST
    assert heard.audio_ms >= len(spoken(LINE)) / 2 / RATE_HZ * 1000


# -- all fail ------------------------------------------------------------------------------------


async def test_with_none_left_the_candidate_types_and_speaks_again_when_one_is_well(
    world: World, services: Services
) -> None:
    services.deepgram.faults.append(deepgram_listen.Fault(status=429))
    services.openai.faults.append(openai_transcription.Fault(status=429))
    async with begin(world) as (station, client):
        client.look_from_here()
        await feed(client, spoken("I do not know"))
        assert (await client.until(Recognition)).by is Recogniser.NONE
        assert "Type your answer" in check_told(client, "stt_failed").text
        await client.type(covering(1, 0))
        await client.until_listening()
        assert covering(1, 0) in [one.text for one in await world.all_facts(AnswerHeard)]
        client.look_from_here()
        await station.let_rest_and_probe()
        assert (await client.until(Recognition)).by is Recogniser.SERVER
        assert "works again" in check_told(client, "stt_switched").text
        await feed(client, spoken(LINE))
        await client.until(
            Caption, lambda caption: caption.final and plain(LINE) in plain(caption.text)
        )
    path = await path_of(world, "stt")
    assert path == [(FIRST, SECOND), (SECOND, ""), ("", FIRST)]


async def test_with_none_at_all_a_whole_interview_is_typed(
    world: World, services: Services
) -> None:
    services.deepgram.faults.extend([deepgram_listen.Fault(status=401)] * 9)
    services.openai.faults.extend([openai_transcription.Fault(status=401)] * 9)
    async with begin(world) as (_, client):
        client.look_from_here()
        await feed(client, spoken("I do not know"))
        await client.until(Recognition)
        for question in (1, 2):
            await client.type(covering(question, 0, 1))
            await feed(client, spoken("I do not know"))
        assert (await client.until(Ended)).reason is CompletionReason.FINISHED
    answers = await world.all_facts(AnswerHeard)
    assert [one.text for one in answers] == [covering(number, 0, 1) for number in (1, 2)]


async def test_whoever_comes_when_all_are_known_to_be_dead_is_told_at_once(
    world: World, services: Services
) -> None:
    services.deepgram.faults.extend([deepgram_listen.Fault(status=401)] * 9)
    services.openai.faults.extend([openai_transcription.Fault(status=401)] * 9)
    async with begin(world) as (station, client):
        client.look_from_here()
        await feed(client, spoken("I do not know"))
        await client.until(Recognition)
        again = Client()
        await again.enter(station.rooms)
        assert again.all(Welcome)[0].recogniser is Recogniser.NONE
        await again.room.leave(again, "enough")


async def test_a_connection_that_is_refused_at_the_door_is_a_failure_like_any_other(
    world: World,
) -> None:
    """Nothing listens there: no service, no proxy, nobody."""
    world.settings = services_settings(
        stt=[FIRST], endpoints={FIRST: endpoint("http://127.0.0.1:9", deepgram_listen.KEY)}
    )
    await world.plan(made_question(1))
    async with open_station(world) as station:
        client = Client()
        await client.enter(station.rooms)
        await client.consent()
        await feed(client, spoken("I do not know"))
        await client.until(Recognition, lambda told: told.by is Recogniser.NONE)
        check_told(client, "stt_failed")
        await client.room.leave(client, "enough")
    assert (await world.all_facts(RoomOpened))[0].recogniser == FIRST
    assert await path_of(world, "stt") == [(FIRST, "")]
