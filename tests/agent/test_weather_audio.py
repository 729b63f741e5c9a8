"""Odd sound: at a wrong rate, silent, far too loud, without an end, or ending in mid-word."""

from __future__ import annotations

import os
import re

import psutil
import pytest

from agent.pipeline import listener as listener_module
from sessions.errors import MessageInvalid
from sessions.facts import (
    AnswerHeard,
    CompletionReason,
    Move,
    QuestionSkipped,
    SkipReason,
)
from sessions.protocol import AudioFrame, Ended, Level, Say
from tests.emulators import deepgram_listen
from tests.emulators.deepgram_listen import run_deepgram
from tests.support.clock import FakeClock
from tests.support.interviews import made_question
from tests.support.room import World, class_path, covering
from tests.support.weather import (
    EVERY_S,
    LINE,
    LINES,
    CountingSTT,
    PieceSTT,
    SegmentedPieces,
    begin,
    clipped,
    counted_words,
    endpoint,
    feed,
    path_of,
    quicken,
    services_settings,
    silence,
    spoken,
    until_kept,
    without_pause,
)

HALF_AN_HOUR_S = 1_800
LONG_FRAME_MS = 400
MEGABYTE = 1_048_576


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    quicken(monkeypatch)


# -- rates ---------------------------------------------------------------------------------------


@pytest.mark.sockets
async def test_a_microphone_that_changes_its_rate_is_understood_all_along(world: World) -> None:
    """Another headset in mid-interview."""
    index = "So we added an index"
    async with run_deepgram(LINES) as deepgram:
        world.settings = services_settings(
            stt=["deepgram"],
            endpoints={"deepgram": endpoint(deepgram.base_url, deepgram_listen.KEY)},
        )
        await world.plan()
        async with begin(world) as (_, client):
            await feed(client, spoken(LINE, rate_hz=48_000), rate_hz=48_000)
            await feed(client, spoken("I do not know", rate_hz=24_000), rate_hz=24_000)
            await feed(client, spoken(index))
            await until_kept(world, client, f"{LINE} I do not know {index}")


@pytest.mark.sockets
async def test_sound_that_claims_a_wrong_rate_brings_no_words_and_no_harm(world: World) -> None:
    """48,000 Hz called 16,000: a slow growl."""
    async with run_deepgram(LINES) as deepgram:
        world.settings = services_settings(
            stt=["deepgram"],
            endpoints={"deepgram": endpoint(deepgram.base_url, deepgram_listen.KEY)},
        )
        await world.plan(made_question(1))
        async with begin(world) as (_, client):
            await feed(client, spoken("I do not know", rate_hz=48_000))
            await client.type(covering(1, 0, 1))
            assert (await client.until(Ended)).reason is CompletionReason.FINISHED
    assert covering(1, 0, 1) in [answer.text for answer in await world.all_facts(AnswerHeard)]


@pytest.mark.parametrize("rate_hz", [8_000, 11_000, 44_100, 6_553_500])
def test_a_rate_that_is_not_spoken_here_is_refused_with_those_that_are(rate_hz: int) -> None:
    with pytest.raises(MessageInvalid, match=r"not one of 16000, 24000, 48000\."):
        AudioFrame.from_bytes(AudioFrame(rate_hz, 0, 0, 0, bytes(640)).to_bytes())


# -- loudness ------------------------------------------------------------------------------------


@pytest.mark.sockets
async def test_sound_that_is_clipped_is_still_understood(world: World) -> None:
    async with run_deepgram(LINES) as deepgram:
        world.settings = services_settings(
            stt=["deepgram"],
            endpoints={"deepgram": endpoint(deepgram.base_url, deepgram_listen.KEY)},
        )
        await world.plan()
        async with begin(world) as (_, client):
            await feed(client, clipped(spoken(LINE)))
            await until_kept(world, client, LINE)
            assert 0 < max(level.rms for level in client.all(Level)) <= 1.0


async def test_a_microphone_that_is_silent_is_answered_with_the_offer_to_type(
    world: World, clock: FakeClock, quick_ticks: None
) -> None:
    world.settings = services_settings(stt=[class_path(CountingSTT)])
    await world.plan(made_question(1), made_question(2))
    async with begin(world) as (_, client):
        for move in (Move.PROMPT, Move.REPHRASE, Move.OFFER_TYPING, Move.ASK):
            client.look_from_here()
            await feed(client, silence(0.4))
            clock.advance(31_000)
            said = await client.until(Say, lambda say, move=move: say.move is move)
            if move is Move.OFFER_TYPING:
                assert "you can type your answer" in said.text
            await client.until_listening()
        await client.type(covering(2, 0, 1))
        assert (await client.until(Ended)).reason is CompletionReason.FINISHED
    (skipped,) = await world.all_facts(QuestionSkipped)
    assert skipped.reason is SkipReason.SILENCE
    assert await path_of(world, "stt") == [], "nobody is to blame for silence"


# -- length --------------------------------------------------------------------------------------


async def test_half_an_hour_without_a_pause_is_heard_to_the_last_word(
    world: World, clock: FakeClock
) -> None:
    world.settings = services_settings(stt=[class_path(CountingSTT)])
    await world.plan(made_question(1, minutes=40))
    process = psutil.Process(os.getpid())
    minute = without_pause(60)
    async with begin(world) as (_, client):
        await feed(client, minute, frame_ms=LONG_FRAME_MS, clock=clock)
        before = process.memory_info().rss
        for _ in range(HALF_AN_HOUR_S // 60 - 1):
            await feed(client, minute, frame_ms=LONG_FRAME_MS, clock=clock)
        assert process.memory_info().rss - before < 60 * MEGABYTE
        assert [level.is_speech for level in client.all(Level)] == [True], "there was no pause"
        kept = [word for one in await world.all_facts(AnswerHeard) for word in one.text.split()]
        assert len(kept) > 3_000, "a crash would cost its last minutes alone"
        await feed(client, silence(1.0))
        words = " ".join(counted_words(number) for number in range(int(HALF_AN_HOUR_S / EVERY_S)))
        await until_kept(world, client, words)
    answers = await world.all_facts(AnswerHeard)
    assert max(len(answer.text) for answer in answers) < 6_000
    assert re.findall(r"\w+", " ".join(answer.text for answer in answers)) == words.split()


async def test_half_an_hour_without_a_pause_goes_in_pieces_to_who_hears_whole_segments(
    world: World, clock: FakeClock
) -> None:
    world.settings = services_settings(stt=[class_path(SegmentedPieces)])
    await world.plan(made_question(1, minutes=40))
    minute = without_pause(60)
    async with begin(world) as (_, client):
        for _ in range(HALF_AN_HOUR_S // 60):
            await feed(client, minute, frame_ms=LONG_FRAME_MS, clock=clock)
        await feed(client, silence(1.0))
        await client.until_true(lambda: sum(PieceSTT.lengths_s) > HALF_AN_HOUR_S - 1)
        pieces = len(PieceSTT.lengths_s)
        await until_kept(world, client, " ".join(f"piece{n} of it" for n in range(pieces)))
    assert max(PieceSTT.lengths_s) <= 25.0
    assert await path_of(world, "stt") == []


async def test_a_microphone_that_dies_in_mid_word_ends_the_turn_all_the_same(
    world: World, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A telephone call takes the microphone away: not even silence comes any more."""
    monkeypatch.setattr(listener_module, "IDLE_MS", 100)
    world.settings = services_settings(stt=[class_path(CountingSTT)])
    await world.plan()
    async with begin(world) as (_, client):
        await feed(client, without_pause(5.2), clock=clock)
        await until_kept(world, client, counted_words(0))
        await client.until_listening()
        await feed(client, without_pause(5.2), clock=clock)
        await feed(client, silence(1.0), clock=clock)
        answers = await world.until_fact(AnswerHeard, count=2)
        assert answers.text
