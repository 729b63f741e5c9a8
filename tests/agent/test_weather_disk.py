"""Full disks: under the recording, and under the database and all it could fall back on."""

from __future__ import annotations

import errno
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from io import FileIO
from pathlib import Path
from typing import Any

import pytest

from agent import scribe as scribe_module
from agent.recorder.recovery import recover_recordings
from agent.recorder.studio import Studio
from sessions.errors import BlobsUnavailable
from sessions.facts import (
    AnswerHeard,
    CompletionReason,
    Fact,
    InterviewCompleted,
    RecordingFailed,
    RecordingStored,
)
from sessions.ids import InterviewId
from sessions.infra.blobs import ObstoreBlobs
from sessions.infra.journal_memory import MemoryJournal
from sessions.protocol import Caption, Consent, Ended, Notice, Welcome
from tests.support.clock import FakeClock
from tests.support.interviews import made_question
from tests.support.polling import eventually
from tests.support.recording import HEARD_HZ, play_out, run_studio
from tests.support.room import World, covering, visit
from tests.support.room_client import LIMIT_S, Client
from tests.support.weather import begin, check_told, feed, open_station, spoken

ANSWER = covering(1, 0, 1)
ROOM_FOR_SECONDS = 8_000
"""Bytes."""

# -- under the recording -------------------------------------------------------------------------


@pytest.fixture
def studio(tmp_path: Path, clock: FakeClock) -> Generator[Studio]:
    with run_studio(tmp_path, clock) as studio:
        yield studio


def disk_of(size: int) -> Callable[[Path], FileIO]:
    class Disk(FileIO):
        def write(self, data: Any, /) -> int:  # noqa: ANN401 -- a buffer; 3.11 has no name for it
            if self.tell() + len(data) > size:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(data)

    return lambda path: Disk(path, "w+")


async def begin_recorded(client: Client) -> None:
    await client.do(Consent(text_version="test", transcript=True, recording=True))
    await client.until_listening()


async def speak(client: Client, clock: FakeClock, *, times: int) -> None:
    for _ in range(times):
        await feed(client, spoken("I do not know."), clock=clock)


async def test_a_disk_that_fills_up_ends_the_recording_and_not_the_interview(
    world: World, studio: Studio, clock: FakeClock, quick_ticks: None
) -> None:
    await world.plan(made_question(1))
    studio = replace(studio, open_file=disk_of(ROOM_FOR_SECONDS))
    async with open_station(world, studio=studio) as station:
        async with visit(station.rooms) as client:
            assert client.all(Welcome)[0].is_recorded
            await begin_recorded(client)
            client.look_from_here()
            await speak(client, clock, times=5)
            await client.until(Notice, lambda notice: notice.code == "recording_failed")
            assert "the interview goes on" in check_told(client, "recording_failed").text
            await speak(client, clock, times=2)
            notices = [one for one in client.all(Notice) if one.code == "recording_failed"]
            assert len(notices) == 1, "once is enough"
        async with visit(station.rooms) as client:
            assert not client.all(Welcome)[0].is_recorded
            await client.type(ANSWER)
            assert (await client.until(Ended)).reason is CompletionReason.FINISHED
            stored = await world.until_fact(RecordingStored)
    assert not stored.is_whole
    heard = await play_out(studio, stored)
    assert heard.shape[1] > HEARD_HZ // 2, "what there was is kept"
    assert [one.text for one in await world.all_facts(AnswerHeard)] == [ANSWER]


async def test_a_disk_that_was_full_from_the_start_is_told_and_the_interview_is_held(
    world: World, studio: Studio, clock: FakeClock, quick_ticks: None
) -> None:
    await world.plan(made_question(1))
    studio = replace(studio, open_file=disk_of(0))
    async with open_station(world, studio=studio) as station, visit(station.rooms) as client:
        await begin_recorded(client)
        client.look_from_here()
        await speak(client, clock, times=3)
        await client.until(Notice, lambda notice: notice.code == "recording_failed")
        await client.type(ANSWER)
        assert (await client.until(Ended)).reason is CompletionReason.FINISHED
        failed = await world.until_fact(RecordingFailed)
    assert failed.reason == "the disk is full"
    assert [one.text for one in await world.all_facts(AnswerHeard)] == [ANSWER]


class FullBlobs(ObstoreBlobs):
    async def put(self, key: str, content: object) -> None:
        raise BlobsUnavailable(reason="it is full")


async def test_a_store_that_is_full_at_the_end_gets_the_recording_when_it_has_room(
    world: World, studio: Studio, clock: FakeClock
) -> None:
    await world.plan(made_question(1))
    full = replace(studio, blobs=FullBlobs.__new__(FullBlobs))
    async with open_station(world, studio=full) as station, visit(station.rooms) as client:
        await begin_recorded(client)
        await speak(client, clock, times=2)
        await client.type(ANSWER)
        assert (await client.until(Ended)).report_path
        failed = await world.until_fact(RecordingFailed)
        assert failed.reason.endswith("it is kept aside: it is full")
    (found,) = [one async for one in recover_recordings(studio)]
    assert isinstance(found.fact, RecordingStored)
    assert found.fact.is_whole


# -- under the database --------------------------------------------------------------------------


class FullJournal(MemoryJournal):
    """Appends nothing while it `is_full`."""

    is_full = False

    async def append(
        self, interview_id: InterviewId, facts: Sequence[Fact], *, after_seq: int
    ) -> int:
        if self.is_full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return await super().append(interview_id, facts, after_seq=after_seq)


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scribe_module, "RETRY_FIRST_S", 0.01)
    monkeypatch.setattr(scribe_module, "RETRY_LAST_S", 0.04)
    monkeypatch.setattr(scribe_module, "TOLD_AFTER_S", 0.03)


async def test_with_no_room_for_a_single_fact_the_interview_goes_on_and_all_is_written_later(
    world: World, tmp_path: Path, quick_retries: None
) -> None:
    world.journal = journal = FullJournal()
    world.spill_dir = tmp_path / "in-the-way"
    world.spill_dir.write_text("nothing can be kept aside here either")
    await world.plan(made_question(1), made_question(2))
    async with begin(world) as (_, client):
        journal.is_full = True
        await client.type(ANSWER)
        await client.until(Notice)
        assert "leave this page open" in check_told(client, "journal_away").text
        await client.until_listening()
        assert not any(caption.text == ANSWER for caption in client.all(Caption)), "not durable"
        journal.is_full = False
        await client.until(Caption, lambda caption: caption.final and caption.text == ANSWER)
        assert "saved again" in check_told(client, "journal_away").text
        await client.type(covering(2, 0, 1))
        assert (await client.until(Ended)).reason is CompletionReason.FINISHED
    facts = await world.facts()
    assert [one.text for one in facts if isinstance(one, AnswerHeard)] == [
        ANSWER,
        covering(2, 0, 1),
    ]
    assert isinstance(facts[-1], InterviewCompleted)


async def test_full_at_the_very_end_the_report_is_promised_when_it_can_be_kept(
    world: World, quick_retries: None
) -> None:
    world.journal = journal = FullJournal()
    await world.plan(made_question(1))
    async with begin(world) as (_, client):
        journal.is_full = True
        await client.type(ANSWER)
        await client.until(Notice)
        await client.until_true(lambda: client.room.is_over)
        assert client.all(Ended) == []
        journal.is_full = False
        await client.until(Ended)

        async def is_whole() -> bool:
            return "InterviewCompleted" in await world.kinds()

        await eventually(is_whole, limit_s=LIMIT_S)


async def test_a_moments_absence_of_the_database_is_not_worth_a_word(world: World) -> None:
    world.journal = journal = FullJournal()
    await world.plan(made_question(1))
    async with begin(world) as (_, client):
        journal.is_full = True
        await client.type(covering(1, 0))
        await client.until_listening()
        journal.is_full = False
        await client.until(Caption, lambda caption: caption.final and caption.id == 1)
        assert client.all(Notice) == []
