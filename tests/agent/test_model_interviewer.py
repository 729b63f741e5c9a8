"""Models that phrase: the real SDK against an emulator of the service; when it works or fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

import pytest

from agent.interviewer.chain import COMPONENT
from agent.interviewer.model import ModelInterviewer
from agent.interviewer.port import Interviewer, Scene
from agent.interviewer.prompt import brief_for
from agent.interviewer.scripted import script
from agent.usage import Used
from sessions.facts import Move
from sessions.interview import Say
from tests.agent.model_stage import (
    ASK,
    GOOD,
    MADE,
    POINT,
    PROBE,
    PROUD,
    SCENE,
    SCRIPTED,
    SHORT_S,
    Told,
    endpoint,
    one_model,
    stage,
    two_models,
)
from tests.emulators.openai_chat import MODEL, Reply, open_chat

pytestmark = pytest.mark.sockets


# -- when it works -------------------------------------------------------------------------------


async def test_the_model_leads_over_and_the_question_keeps_its_words() -> None:
    async with one_model(GOOD) as (room, service):
        assert await room.say() == MADE
    assert room.told.switches == []
    request = service.requests[0]
    brief = brief_for(ASK, SCENE)
    assert brief is not None
    assert [message["content"] for message in request["messages"]] == [brief.system, brief.data]
    assert request["stream_options"] == {"include_usage": True}


async def test_a_follow_up_is_asked_in_the_models_words() -> None:
    asked = "Thanks. And what need or trouble was there behind that work?"
    async with one_model(Reply(parts=list(asked))) as (room, _):
        assert await room.say(PROBE) == asked


async def test_a_follow_up_that_the_model_forgot_is_added() -> None:
    async with one_model(Reply(parts=["Thank you."])) as (room, _):
        assert await room.say(PROBE) == f"Thank you. {POINT.follow_up}"


@pytest.mark.parametrize("move", [Move.GREET, Move.CLOSE, Move.OFFER_TYPING])
async def test_what_stays_as_written_asks_no_model(move: Move) -> None:
    async with one_model(GOOD) as (room, service):
        assert await room.say(Say(move)) == script(Say(move), SCENE)
    assert service.requests == []
    assert room.told == Told()


async def test_tokens_are_counted_as_the_service_counts() -> None:
    async with one_model(GOOD) as (room, _):
        await room.say()
    assert room.told.used == [
        Used(
            component="interviewer",
            provider="first",
            model=MODEL,
            input_tokens=120,
            output_tokens=11,
        )
    ]


async def test_tokens_are_estimated_where_the_service_does_not_count() -> None:
    async with one_model(Reply(parts=GOOD.parts, usage=None)) as (room, _):
        assert await room.say() == MADE
    (used,) = room.told.used
    assert used.input_tokens > 200  # a prompt of more than a thousand letters
    assert used.output_tokens == 8  # 32 letters


async def test_nothing_is_taken_from_the_variables_of_other_tools(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID", "BASE_URL"):
        monkeypatch.setenv(f"OPENAI_{name}", "of-something-else")
    async with one_model(GOOD) as (room, service):
        assert await room.say() == MADE
    assert "of-something-else" not in str(service.headers)


async def test_rooms_are_told_of_their_own_use_alone() -> None:
    async with one_model(GOOD) as (room, _):
        other = room.enter_room()
        await other.say()
        assert (len(other.told.used), room.told.used) == (1, [])


async def test_tokens_are_told_of_an_utterance_that_was_broken_off() -> None:
    async with one_model(GOOD) as (room, _):
        words = room.room.phrase(ASK, SCENE)
        assert await anext(words) == "Thanks for that. "
        assert isinstance(words, AsyncGenerator)
        await words.aclose()
    (used,) = room.told.used
    assert used.output_tokens > 0


async def test_an_interviewer_of_its_own_says_the_same() -> None:
    async with open_chat(GOOD) as service:
        interviewer = ModelInterviewer(endpoint(service.url))
        words = "".join([part async for part in interviewer.phrase(ASK, SCENE)])
        await interviewer.aclose()
    assert words == MADE


# -- when it fails -------------------------------------------------------------------------------

FAILURES = [
    (Reply(status=401), "it answered with status 401"),
    (Reply(status=429), "it answered with status 429"),
    (Reply(status=500), "it answered with status 500"),
    (Reply(body="<html><body>Gateway</body></html>", content_type="text/html"), "it said nothing"),
    (Reply(body="data: {garbage\n\n", content_type="text/event-stream"), "no chat completion"),
    (Reply(body="data: [1, 2]\n\n", content_type="text/event-stream"), "no chat completion"),
    (
        Reply(body='data: {"choices": [{}]}\n\n', content_type="text/event-stream"),
        "no chat completion",
    ),
    (
        Reply(body='data: {"error": {"message": "x"}}\n\n', content_type="text/event-stream"),
        "it reported an error",
    ),
    (Reply(parts=[]), "it said nothing"),
    (Reply(parts=["Thanks for"], cut_after=0), "the connection broke"),
]


@pytest.mark.parametrize(("reply", "reason"), FAILURES, ids=[reason for _, reason in FAILURES])
async def test_a_failure_costs_nothing_but_the_models_words(reply: Reply, reason: str) -> None:
    async with one_model(reply) as (room, service):
        assert await room.say() == SCRIPTED
        (switch,) = room.told.switches
        assert switch[:2] == ("first", "scripted")
        assert reason in switch[2]
        assert not room.health.is_well(COMPONENT, "first")

        assert await room.say() == SCRIPTED  # it rests: nobody waits for it again
    assert len(service.requests) == 1
    assert len(room.told.switches) == 1


async def test_a_wrong_key_is_a_failure() -> None:
    async with one_model(GOOD, key="wrong") as (room, _):
        assert await room.say() == SCRIPTED
    assert room.told.switches == [("first", "scripted", "it answered with status 401")]
    assert room.told.used == []


async def test_nobody_at_the_address_is_a_failure() -> None:
    async with open_chat(GOOD) as service:
        url = service.url
    async with stage({"first": ModelInterviewer(endpoint(url))}) as room:
        assert await room.say() == SCRIPTED
    assert room.told.switches == [("first", "scripted", "it cannot be reached")]


async def test_the_next_model_is_asked_before_the_script() -> None:
    async with two_models([Reply(status=500)], [GOOD]) as (room, one, two):
        assert await room.say() == MADE
        assert await room.say() == MADE
    assert (len(one.requests), len(two.requests)) == (1, 2)
    assert room.told.switches == [("first", "second", "it answered with status 500")]
    assert [used.provider for used in room.told.used] == ["second", "second"]


async def test_another_room_does_not_wait_for_what_failed_in_the_first() -> None:
    async with two_models([Reply(status=500)], [GOOD]) as (room, one, _):
        await room.say()
        other = room.enter_room()
        assert await other.say() == MADE
    assert len(one.requests) == 1
    assert other.told.switches == [("first", "second", "it answered with status 500")]


async def test_what_is_well_again_goes_on() -> None:
    async with one_model(Reply(status=500), GOOD) as (room, _):
        assert await room.say() == SCRIPTED
        room.clock.advance(10_000)
        await room.health.probe_rested()
        assert await room.say() == MADE
    assert room.told.switches[1:] == [("scripted", "first", "it works again")]


async def test_a_service_that_asks_to_wait_is_left_alone() -> None:
    busy = Reply(status=429, headers={"Retry-After": "100"})
    async with one_model(busy, GOOD) as (room, service):
        await room.say()
        room.clock.advance(10_000)
        await room.health.probe_rested()
        assert not room.health.is_well(COMPONENT, "first")
        assert room.health.reason(COMPONENT, "first").endswith("it asked to wait.")
    assert len(service.requests) == 1


async def test_rooms_that_fail_together_are_one_failure() -> None:
    async with one_model(Reply(status=500), Reply(status=500), GOOD) as (room, _):
        other = room.enter_room()
        async with asyncio.TaskGroup() as rooms:
            rooms.create_task(room.say())
            rooms.create_task(other.say())
        room.clock.advance(7_000)  # longer than the first rest, shorter than the second
        await room.health.probe_rested()
        assert room.health.is_well(COMPONENT, "first")


# -- when it is slow -----------------------------------------------------------------------------

SILENT = Reply(parts=["Thanks."], silent_after=0)
STUCK = Reply(parts=["Thanks ", "for that. ", "Let us"], silent_after=1)
HALF = Reply(parts=["Thanks for that. ", "Let us", " move on."], silent_after=2)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [(SILENT, "it did not begin in time"), (STUCK, "it stopped in mid-sentence")],
    ids=["silent", "stuck"],
)
async def test_one_slow_answer_is_passed_over_and_the_next_may_be_quick(
    reply: Reply, reason: str
) -> None:
    async with one_model(reply, GOOD, first_word_s=1.0) as (room, _):
        assert await room.say() == SCRIPTED
        assert room.health.is_well(COMPONENT, "first")
        assert await room.say() == MADE
    assert room.told.switches == [
        ("first", "scripted", reason),
        ("scripted", "first", "it works again"),
    ]


async def test_two_slow_answers_in_a_row_are_a_failure() -> None:
    async with one_model(SILENT, first_word_s=SHORT_S) as (room, service):
        await room.say()
        assert room.health.is_well(COMPONENT, "first")
        await room.say()
        assert not room.health.is_well(COMPONENT, "first")
        await room.say()
    assert len(service.requests) == 2


async def test_a_slow_answer_between_good_ones_is_no_failure() -> None:
    async with one_model(SILENT, GOOD, SILENT, GOOD, first_word_s=1.0) as (room, _):
        for _ in range(4):
            await room.say()
        assert room.health.is_well(COMPONENT, "first")


async def test_nothing_is_heard_twice_when_a_model_stops_after_a_sentence() -> None:
    async with one_model(HALF, first_word_s=1.0) as (room, _):
        assert await room.say() == f"Thanks for that. {PROUD.spoken}"
        assert await room.say(PROBE) == f"Thanks for that. {POINT.follow_up}"
    assert room.told.switches == [
        ("first", "scripted", "it stopped in mid-sentence"),
        ("scripted", "first", "it works again"),
        ("first", "scripted", "it stopped in mid-sentence"),
    ]


async def test_nothing_is_heard_twice_when_the_connection_is_cut() -> None:
    cut = Reply(parts=["Thanks for that. ", "Let us", " move on."], cut_after=2)
    async with one_model(cut) as (room, _):
        assert await room.say() == f"Thanks for that. {PROUD.spoken}"


async def test_nobody_waits_longer_than_three_first_words() -> None:
    class Silent(Interviewer):
        name = "silent"

        async def phrase(self, say: Say, scene: Scene) -> AsyncIterator[str]:
            await asyncio.Event().wait()
            yield ""

    members = {f"silent {number}": Silent() for number in range(50)}
    async with stage(members, first_word_s=SHORT_S) as room:
        async with asyncio.timeout(SHORT_S * 10):
            assert await room.say() == SCRIPTED


async def test_a_client_that_is_passed_over_hangs_up() -> None:
    async with one_model(SILENT, first_word_s=SHORT_S) as (room, service):
        await room.say()
        async with asyncio.timeout(5):
            while not service.lost:  # noqa: ASYNC110 -- the emulator has no event for it
                await asyncio.sleep(0)
    assert room.told.used == []
