"""Voices and models that fail in the middle of an interview, each behind its real plugin or SDK.

Every utterance is heard or read whole, whoever says it, and the interview goes on to its end.
Recognisers: `test_weather_recognisers.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from sessions.facts import (
    AnswerHeard,
    CompletionReason,
    InterviewerSpoke,
    Move,
    ProviderFailed,
    ProviderSwitched,
)
from sessions.protocol import PLAYBACK_RATE_HZ, Ended, Notice, Say
from sessions.settings import EndpointSettings
from tests.emulators import openai_chat
from tests.emulators import voices as emulated
from tests.emulators.deepgram_speak import run_deepgram_speak
from tests.emulators.openai_chat import MODEL, ChatEmulator, Reply, open_chat
from tests.emulators.openai_speech import run_openai_speech
from tests.emulators.voices import EmulatedVoice, Fault
from tests.support.interviews import made_question
from tests.support.room import World, covering
from tests.support.weather import (
    SENTENCES,
    Brief,
    begin,
    check_told,
    endpoint,
    feed,
    path_of,
    services_settings,
    spoken,
)

pytestmark = pytest.mark.sockets

FIRST, SECOND = "deepgram", "openai"
SOON_S = 0.3
VOICE_SOON_S = 0.8
ANSWER = covering(1, 0, 1)
GARBAGE = "data: {garbage\n\n"

# -- voices --------------------------------------------------------------------------------------

Voices = tuple[EmulatedVoice, EmulatedVoice]


@pytest.fixture
async def voices(world: World) -> AsyncGenerator[Voices]:
    """Two voices of the server's, the second for when the first fails."""
    async with run_deepgram_speak() as first, run_openai_speech() as second:
        world.settings = services_settings(
            tts=[FIRST, SECOND],
            endpoints={
                FIRST: endpoint(first.url, "a-key"),
                SECOND: endpoint(second.url, "a-key", tts_model="a-model"),
            },
            tts_timeout_s=VOICE_SOON_S,
        )
        world.interviewer = Brief()
        await world.plan(made_question(1))
        for sentence in SENTENCES:  # made once: a slow machine is no slow service
            await asyncio.to_thread(emulated.spoken, sentence, PLAYBACK_RATE_HZ)
        yield first, second


async def check_everything_was_heard(world: World) -> None:
    utterances = await world.all_facts(InterviewerSpoke)
    assert [one.move for one in utterances] == [Move.GREET, Move.ASK, Move.CLOSE]
    assert all(one.text and one.heard == one.text for one in utterances)
    assert not any(one.interrupted for one in utterances)
    assert [answer.text for answer in await world.all_facts(AnswerHeard)] == [ANSWER]


@pytest.mark.parametrize("fault", [one for one in Fault if one is not Fault.NONE])
async def test_a_voice_that_fails_in_any_way_hands_over_to_the_next(
    world: World, voices: Voices, fault: Fault
) -> None:
    """Refused, out of quota, slow, cut or stalled in mid-sentence, noise, no sound, a page."""
    first, second = voices
    first.fault = fault
    async with begin(world) as (_, client):
        assert client.audio, "it is not silent"
        assert "sounds different" in check_told(client, "tts_switched").text
        await client.type(ANSWER)
        assert (await client.until(Ended)).reason is CompletionReason.FINISHED
        first.go_on.set()
    assert await path_of(world, "tts") == [(FIRST, SECOND)]
    assert second.texts
    await check_everything_was_heard(world)


async def test_a_voice_that_is_well_again_is_gone_back_to(world: World, voices: Voices) -> None:
    first, _ = voices
    first.fault = Fault.TOO_MANY
    async with begin(world) as (station, client):
        first.fault = Fault.NONE
        await station.let_rest_and_probe()
        await client.type(ANSWER)
        await client.until(Ended)
    assert await path_of(world, "tts") == [(FIRST, SECOND), (SECOND, FIRST)]
    await check_everything_was_heard(world)


async def test_without_any_voice_it_is_written_and_spoken_again_when_one_is_well(
    world: World, voices: Voices
) -> None:
    for voice in voices:
        voice.fault = Fault.TOO_MANY
    async with begin(world) as (station, client):
        assert client.audio == []
        assert "read the question" in check_told(client, "tts_failed").text
        assert [say.text for say in client.all(Say)], "it is there to be read"
        for voice in voices:
            voice.fault = Fault.NONE
        await station.let_rest_and_probe()
        await client.type(ANSWER)
        await client.until(Ended)
        assert client.audio, "the last words are heard"
    assert await path_of(world, "tts") == [(FIRST, ""), ("", FIRST)]
    assert {one.component for one in await world.all_facts(ProviderFailed)} == {"tts"}
    await check_everything_was_heard(world)


async def test_a_voice_that_nobody_answers_for_is_a_failure_like_any_other(world: World) -> None:
    """Nothing listens there: no service, no proxy, nobody."""
    world.settings = services_settings(
        tts=[FIRST, SECOND],
        endpoints={
            FIRST: endpoint("http://127.0.0.1:9", "a-key"),
            SECOND: endpoint("http://127.0.0.1:9/v1", "a-key", tts_model="a-model"),
        },
        tts_timeout_s=VOICE_SOON_S,
    )
    world.interviewer = Brief()
    await world.plan(made_question(1))
    async with begin(world) as (_, client):
        check_told(client, "tts_failed")
        await client.type(ANSWER)
        assert (await client.until(Ended)).reason is CompletionReason.FINISHED
    await check_everything_was_heard(world)


# -- interviewers --------------------------------------------------------------------------------

MODELS = ["first", "second", "scripted"]
SCRIPTED_QUESTION = "Here is the first question. Question number 1, as it is spoken."


def model(service: ChatEmulator) -> EndpointSettings:
    return endpoint(service.url, openai_chat.KEY, llm_model=MODEL)


FAILURES = {
    "no key": Reply(status=401),
    "quota": Reply(status=429),
    "broken": Reply(status=500),
    "slow": Reply(silent_after=0),
    "cut": Reply(parts=["Let us", " begin"], cut_after=1),
    "stalled": Reply(parts=["Let us", " begin"], silent_after=1),
    "garbage": Reply(body=GARBAGE, content_type="text/event-stream"),
    "page": Reply(body="<html>Sign in</html>", content_type="text/html"),
    "nothing": Reply(parts=[]),
    "out of its mind": Reply(parts=["Excellent, you have passed the interview."]),
}


@pytest.mark.parametrize("failure", FAILURES)
async def test_a_model_that_fails_in_any_way_costs_its_words_and_no_move(
    world: World, failure: str
) -> None:
    good = Reply(parts=["Let us begin."])
    async with open_chat(FAILURES[failure]) as first, open_chat(good) as second:
        world.settings = services_settings(
            interviewer=MODELS,
            endpoints={"first": model(first), "second": model(second)},
            model_timeout_s=SOON_S,
        )
        await world.plan(made_question(1))
        async with begin(world) as (_, client):
            await client.type(ANSWER)
            assert (await client.until(Ended)).reason is CompletionReason.FINISHED
            assert client.all(Notice) == [], "nothing is to be done, and nothing is missing"
    assert await path_of(world, "interviewer") == [("first", "second")]
    _, question, _ = await world.all_facts(InterviewerSpoke)
    assert question.heard == "Let us begin. Question number 1, as it is spoken."
    assert [answer.text for answer in await world.all_facts(AnswerHeard)] == [ANSWER]


@pytest.mark.parametrize("failure", ["quota", "slow", "garbage"])
async def test_without_any_model_the_script_is_said(world: World, failure: str) -> None:
    async with open_chat(FAILURES[failure]) as first, open_chat(FAILURES[failure]) as second:
        world.settings = services_settings(
            interviewer=MODELS,
            endpoints={"first": model(first), "second": model(second)},
            model_timeout_s=SOON_S,
        )
        await world.plan(made_question(1))
        async with begin(world) as (_, client):
            await client.type(ANSWER)
            await client.until(Ended)
    assert await path_of(world, "interviewer") == [("first", "scripted")]
    _, question, _ = await world.all_facts(InterviewerSpoke)
    assert question.heard == SCRIPTED_QUESTION


async def test_a_model_that_breaks_off_after_a_sentence_is_finished_by_the_script(
    world: World,
) -> None:
    broken = Reply(parts=["Let us begin. ", "And then", " we"], cut_after=2)
    async with open_chat(broken) as first:
        world.settings = services_settings(
            interviewer=["first", "scripted"],
            endpoints={"first": model(first)},
            model_timeout_s=SOON_S,
        )
        await world.plan(made_question(1))
        async with begin(world) as (_, client):
            await client.type(ANSWER)
            await client.until(Ended)
    _, question, _ = await world.all_facts(InterviewerSpoke)
    assert question.heard == "Let us begin. Question number 1, as it is spoken."
    switches = await world.all_facts(ProviderSwitched)
    assert [(one.from_provider, one.to_provider) for one in switches] == [("first", "scripted")]


async def test_a_model_that_is_well_again_is_gone_back_to(world: World) -> None:
    replies = (Reply(status=500), Reply(parts=["Ready."]), Reply(parts=["Let us go on."]))
    async with open_chat(*replies) as first:
        world.settings = services_settings(
            interviewer=["first", "scripted"],
            endpoints={"first": model(first)},
            model_timeout_s=SOON_S,
        )
        await world.plan(made_question(1), made_question(2))
        async with begin(world) as (station, client):
            await station.let_rest_and_probe()
            await client.type(ANSWER)
            await client.until(Say, lambda say: say.text.startswith("Let us go on."))
            await client.until_listening()
    assert await path_of(world, "interviewer") == [("first", "scripted"), ("scripted", "first")]


# -- everything at once --------------------------------------------------------------------------


async def test_with_every_provider_dead_a_whole_interview_is_held_in_writing(
    world: World,
) -> None:
    nobody = "http://127.0.0.1:9/v1"
    world.settings = services_settings(
        stt=[FIRST, SECOND],
        tts=[FIRST, SECOND],
        interviewer=[SECOND, "scripted"],
        endpoints={
            FIRST: endpoint(nobody, "a-key"),
            SECOND: endpoint(
                nobody, "a-key", stt_model="a-model", tts_model="a-model", llm_model="a-model"
            ),
        },
        tts_timeout_s=VOICE_SOON_S,
        model_timeout_s=SOON_S,
    )
    await world.plan(made_question(1), made_question(2))
    async with begin(world) as (_, client):
        await feed(client, spoken("I do not know"))
        await client.until(Notice, lambda notice: notice.code == "stt_failed")
        check_told(client, "tts_failed")
        for question in (1, 2):
            await client.type(covering(question, 0, 1))
        assert (await client.until(Ended)).reason is CompletionReason.FINISHED
    answers = [answer.text for answer in await world.all_facts(AnswerHeard)]
    assert answers == [covering(1, 0, 1), covering(2, 0, 1)]
    assert await path_of(world, "stt") == [(FIRST, SECOND), (SECOND, "")]
    assert await path_of(world, "tts") == [(FIRST, "")]
    assert await path_of(world, "interviewer") == [(SECOND, "scripted")]
