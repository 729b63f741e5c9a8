"""Clients that go and come back, and the rooms of a process: opened, let go, opened again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from agent import rooms as rooms_module
from sessions.errors import (
    InterviewEnded,
    NotFound,
    ProviderUnavailable,
    RoomsFull,
    ShuttingDown,
)
from sessions.facts import (
    AnswerHeard,
    CompletionReason,
    ConnectionLost,
    ConnectionResumed,
    Fact,
    InterviewCompleted,
    InterviewerSpoke,
    InterviewPaused,
    Move,
    Probed,
    QuestionAsked,
    RoomClosed,
    RoomLost,
)
from sessions.ids import InterviewId
from sessions.infra.journal_memory import MemoryJournal
from sessions.plan import Question
from sessions.protocol import (
    VERSION,
    Caption,
    CloseCode,
    End,
    Ended,
    Hello,
    Pause,
    QuestionShown,
    Resume,
    RoomState,
    Say,
    State,
    Welcome,
)
from tests.support.clock import FakeClock
from tests.support.interviews import made_question, room_opened
from tests.support.room import World, covering, made_settings, open_room, visit
from tests.support.room_client import Client

OTHER = InterviewId("22222222-2222-4222-8222-222222222222")


class GatedJournal(MemoryJournal):
    """Appends only while its gate is open."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()

    async def append(
        self, interview_id: InterviewId, facts: Sequence[Fact], *, after_seq: int
    ) -> int:
        await self.gate.wait()
        return await super().append(interview_id, facts, after_seq=after_seq)


# -- connections ---------------------------------------------------------------------------------


async def test_a_lost_connection_comes_back_without_repetition(
    world: World, clock: FakeClock
) -> None:
    await world.plan()
    async with world.open_rooms() as rooms:
        async with visit(rooms) as first:
            await first.consent()
            await first.until_listening()
            await first.type("um, an answer")
            await first.until_listening()
            heard = [caption for caption in first.all(Caption) if caption.final]
        clock.advance(5_000)
        async with visit(rooms) as second:
            welcome = second.all(Welcome)[0]
            assert welcome.consented
            assert welcome.state is RoomState.LISTENING
            assert welcome.question == first.all(QuestionShown)[-1]
            assert sorted(welcome.captions, key=caption_key) == sorted(heard, key=caption_key)
            await second.type(covering(1, 0, 1))
            await second.until_listening()
            assert Move.RESUME not in second.spoken_moves
    (resumed,) = await world.all_facts(ConnectionResumed)
    assert resumed.gap_ms == 5_000
    moves = [fact.move for fact in await world.all_facts(InterviewerSpoke)]
    assert Move.REPEAT not in moves
    assert Move.RESUME not in moves


def caption_key(caption: Caption) -> tuple[str, int]:
    return (caption.speaker.value, caption.id)


async def test_what_was_cut_by_a_lost_connection_is_said_again(world: World) -> None:
    await world.plan()
    async with world.open_rooms() as rooms:
        async with visit(rooms) as first:
            await first.consent()
            await first.until_listening()
            first.plays = False
            await first.type(covering(1, 0))
            await first.until(Say, lambda say: say.move is Move.PROBE)
        async with visit(rooms) as second:
            await second.until_listening()
            assert second.spoken_moves == [Move.RESUME, Move.REPEAT]
    assert (await world.kinds()).count("ConnectionLost") == 2
    cut = [fact for fact in await world.all_facts(InterviewerSpoke) if fact.interrupted]
    assert [fact.move for fact in cut] == [Move.PROBE]
    assert cut[0].heard != cut[0].text


async def test_what_was_said_to_nobody_is_said_again(world: World) -> None:
    """The connection is lost with the last word of an answer: what follows has no listener."""
    await world.plan()
    async with world.open_rooms() as rooms:
        async with visit(rooms, recognises=True) as first:
            await first.consent()
            await first.until_listening()
            await first.recognise(covering(1, 0))
            await first.until(Caption, lambda caption: caption.id == 1)
        await world.until_fact(Probed)
        await world.until_fact(InterviewerSpoke, count=3)
        async with visit(rooms, recognises=True) as second:
            await second.until_listening()
            assert second.spoken_moves == [Move.RESUME, Move.REPEAT]
    probe = (await world.all_facts(InterviewerSpoke))[2]
    assert (probe.move, probe.heard) == (Move.PROBE, "")


async def test_a_second_tab_takes_the_room_over(world: World) -> None:
    await world.plan()
    async with world.open_rooms() as rooms, visit(rooms) as first:
        await first.consent()
        await first.until_listening()
        async with visit(rooms) as second:
            assert first.close_code is CloseCode.TAKEN_OVER
            await second.type(covering(1, 0, 1))
            await second.until_listening()
            await first.room.leave(first, "its socket closed, late")
            await second.type(covering(2, 0))
            await second.until_listening()
    lost = await world.all_facts(ConnectionLost)
    assert [fact.reason for fact in lost] == ["opened elsewhere", "the socket closed"]


async def test_nobody_comes_back(world: World, clock: FakeClock, quick_ticks: None) -> None:
    await world.plan()
    async with world.open_rooms() as rooms:
        async with visit(rooms) as client:
            await client.consent()
            await client.until_listening()
        clock.advance(31_000)
        closed = await world.until_fact(RoomClosed)
        assert closed.reason == "nobody came back"
        await client.until_true(lambda: rooms.count == 0)


async def test_nobody_is_waited_for_while_somebody_is_there(
    world: World, clock: FakeClock, quick_ticks: None
) -> None:
    await world.plan()
    async with open_room(world) as client:
        clock.advance(10_000_000)
        await client.consent()
        await client.until_listening()
        assert not client.room.is_over


# -- a new room for an old interview -------------------------------------------------------------


async def test_a_room_closed_at_shutdown_goes_on_in_the_next_process(world: World) -> None:
    questions: tuple[Question, ...] = (made_question(1), made_question(2), made_question(3))
    await world.plan(*questions)
    async with world.open_rooms() as rooms, visit(rooms) as first:
        await first.consent()
        await first.until_listening()
        await first.type(covering(1, 0, 1))
        await first.until_listening()
        rooms.close()
        assert await first.until_closed() is CloseCode.SHUTTING_DOWN
    assert (await world.kinds())[-1] == "RoomClosed"
    async with world.open_rooms() as rooms, visit(rooms) as second:
        welcome = second.all(Welcome)[0]
        assert welcome.consented
        assert welcome.question is not None
        assert (welcome.question.index, welcome.question.text) == (1, questions[1].text)
        await second.until_listening()
        assert second.spoken_moves == [Move.RESUME, Move.REPEAT]
        before = {caption.id for caption in welcome.captions}
        assert before.isdisjoint(say.utterance for say in second.all(Say))
        await second.type(covering(2, 0, 1))
        await second.until_listening()
        await second.type(covering(3, 0, 1))
        await second.until(Ended)
    asked = await world.all_facts(QuestionAsked)
    assert [fact.index for fact in asked] == [0, 1, 2]
    utterances = [fact.utterance for fact in await world.all_facts(InterviewerSpoke)]
    assert utterances == sorted(set(utterances))


async def test_a_paused_interview_keeps_its_place(world: World) -> None:
    await world.plan(made_question(1), made_question(2))
    async with open_room(world) as client:
        await client.consent()
        await client.until_listening()
        await client.do(Pause())
    assert (await world.kinds())[-2:] == ["ConnectionLost", "RoomClosed"]
    async with open_room(world) as client:
        await client.until(State, lambda state: state.state is RoomState.PAUSED)
        assert client.all(Welcome)[0].question is not None
        await client.do(Resume())
        await client.until_listening()
    assert len(await world.all_facts(InterviewPaused)) == 1
    assert await world.all_facts(InterviewCompleted) == []


# -- the journal ----------------------------------------------------------------------------------


async def test_the_voice_never_waits_for_the_journal(world: World) -> None:
    world.journal = journal = GatedJournal()
    await world.plan(made_question(1))
    async with open_room(world) as client:
        journal.gate.clear()
        await client.consent()
        await client.until_listening()
        await client.type(covering(1, 0, 1))
        await client.until(State, lambda state: state.state is RoomState.ENDED)
        assert client.all(Ended) == [], "the report would not be whole yet"
        assert await world.all_facts(AnswerHeard) == []
        journal.gate.set()
        await client.until(Ended)
        assert (await world.kinds())[-1] == "InterviewCompleted"


async def test_another_writer_takes_the_interview_and_the_other_rooms_go_on(world: World) -> None:
    await world.plan()
    await world.plan(interview_id=OTHER)
    async with (
        world.open_rooms() as rooms,
        visit(rooms) as client,
        visit(rooms, OTHER) as neighbour,
    ):
        for one in (client, neighbour):
            await one.consent()
            await one.until_listening()
        await world.append(room_opened(world.clock.now_ms()))
        await client.type("an answer that comes too late")
        assert await client.until_closed() is CloseCode.FAILED
        await client.until_true(lambda: rooms.count == 1)
        await neighbour.type(covering(1, 0, 1))
        await neighbour.until_listening()
        async with visit(rooms) as again:
            await again.until_listening()
            assert again.spoken_moves == [Move.RESUME, Move.REPEAT]
    assert await world.all_facts(AnswerHeard) == []
    assert len(await world.all_facts(AnswerHeard, OTHER)) == 1


async def test_a_client_that_comes_while_its_room_is_let_go_gets_the_next(
    world: World, clock: FakeClock, quick_ticks: None
) -> None:
    world.journal = journal = GatedJournal()
    await world.plan()
    async with world.open_rooms() as rooms:
        async with visit(rooms) as first:
            await first.consent()
            await first.until_listening()
        await world.until_fact(ConnectionLost)
        journal.gate.clear()
        clock.advance(31_000)
        await first.until_true(lambda: first.room.is_over)
        second = Client()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(second.enter(rooms))
            await asyncio.sleep(0.02)
            journal.gate.set()
        assert second.close_code is None
        assert second.room is not first.room
        await second.until(Say, lambda say: say.move is Move.RESUME)
        await second.room.leave(second, "enough")
    kinds = await world.kinds()
    assert kinds.index("RoomClosed") < len(kinds) - 1 - kinds[::-1].index("RoomOpened")


async def test_a_room_that_cannot_be_let_go_yet_is_not_opened_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms_module, "LET_GO_LIMIT_S", 0.02)
    world.journal = journal = GatedJournal()
    await world.plan(made_question(1))
    async with open_room(world) as client:
        await client.consent()
        await client.until_listening()
        journal.gate.clear()
        await client.do(End())
        await client.until_true(lambda: client.room.is_over)
        with pytest.raises(RoomsFull):
            await Client().enter(client.rooms)
        journal.gate.set()
        await client.until(Ended)
        await client.until_true(lambda: client.rooms.count == 0)
        with pytest.raises(InterviewEnded):
            await Client().enter(client.rooms)


# -- the rooms of a process -----------------------------------------------------------------------


async def test_a_restarted_process_notes_the_rooms_it_lost_and_no_others(world: World) -> None:
    lost, elsewhere, let_go, ended, never_opened = (
        InterviewId(f"{number}" * 8 + "-0000-4000-8000-000000000000") for number in range(1, 6)
    )
    for interview_id in (lost, elsewhere, let_go, ended, never_opened):
        await world.plan(interview_id=interview_id)
    for interview_id, gateway in (
        (lost, "here:8081"),
        (elsewhere, "there:8081"),
        (let_go, "here:8081"),
        (ended, "here:8081"),
    ):
        await world.append(replace(room_opened(1), gateway=gateway), interview_id=interview_id)
    await world.append(RoomClosed(at_ms=2, reason="shutdown"), interview_id=let_go)
    reason = CompletionReason.FINISHED
    await world.append(InterviewCompleted(at_ms=2, reason=reason), interview_id=ended)
    async with world.open_rooms("here:8081") as rooms, visit(rooms, lost):
        pass
    assert (await world.kinds(lost))[1:4] == ["RoomOpened", "RoomLost", "RoomOpened"]
    (noted,) = await world.all_facts(RoomLost, lost)
    assert (noted.gateway, noted.at_ms) == ("here:8081", world.clock.now_ms())
    for interview_id in (elsewhere, let_go, ended, never_opened):
        assert await world.all_facts(RoomLost, interview_id) == []


async def test_who_comes_while_the_process_starts_is_let_in_when_it_has(world: World) -> None:
    await world.plan()
    async with world.open_rooms() as rooms:
        client = Client()
        await client.enter(rooms)  # its journal is still being mended
        assert client.all(Welcome)
        await client.room.leave(client, "enough")


async def test_an_interview_that_has_ended_is_refused(world: World) -> None:
    await world.plan()
    reason = CompletionReason.FINISHED
    await world.append(InterviewCompleted(at_ms=1, reason=reason))
    async with world.open_rooms() as rooms:
        with pytest.raises(InterviewEnded):
            await Client().enter(rooms)
        assert rooms.count == 0


async def test_an_interview_that_was_never_planned_is_not_found(world: World) -> None:
    async with world.open_rooms() as rooms:
        with pytest.raises(NotFound):
            await Client().enter(rooms)
        assert rooms.count == 0


async def test_more_rooms_than_there_are_are_refused(world: World) -> None:
    world.settings = made_settings(max_rooms=1)
    await world.plan()
    await world.plan(interview_id=OTHER)
    async with world.open_rooms() as rooms, visit(rooms) as client:
        with pytest.raises(RoomsFull, match="All 1 rooms"):
            await Client().enter(rooms, OTHER)
        async with visit(rooms):  # its own room has a place for it
            pass
        assert client.close_code is CloseCode.TAKEN_OVER


async def test_a_closing_process_opens_no_rooms(world: World) -> None:
    await world.plan()
    async with world.open_rooms() as rooms:
        rooms.close()
        with pytest.raises(ShuttingDown):
            await Client().enter(rooms)
    assert await world.kinds() == ["InterviewPlanned"]


async def test_a_client_that_needs_a_recogniser_is_refused_and_takes_nobody_s_place(
    world: World,
) -> None:
    await world.plan()
    async with world.open_rooms() as rooms, visit(rooms) as client:
        needy = Client()
        needy.hello = Hello(v=VERSION, token="-", needs_recogniser=True)
        with pytest.raises(ProviderUnavailable):
            await needy.enter(rooms)
        assert client.close_code is None
        assert needy.sent == []


async def test_a_client_that_comes_back_before_the_room_saw_it_go_is_not_lost(
    world: World, clock: FakeClock, quick_ticks: None
) -> None:
    await world.plan()
    async with world.open_rooms() as rooms:
        async with visit(rooms, plays=False) as first:
            await first.consent()
            await first.until(Say)
            second = Client()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(first.room.leave(first, "the socket closed"))
                tasks.create_task(second.enter(rooms))
        clock.advance(31_000)
        await asyncio.sleep(0.03)  # a few ticks
        assert not second.room.is_over
        await second.room.leave(second, "enough")
    kinds = await world.kinds()
    connections = [kind for kind in kinds if kind.startswith("Connection")]
    assert connections == ["ConnectionLost", "ConnectionResumed", "ConnectionLost"]
