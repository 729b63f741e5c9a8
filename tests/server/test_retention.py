"""Recordings do not outlive their days, whichever server notices first."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import pytest

from server.kit import keys
from server.recordings.audio import Audio
from server.recordings.retention import keep_retention
from server.recordings.routes import RECORDINGS
from server.recordings.service import DAY_MS, Recordings
from sessions.errors import BlobsUnavailable, JournalConflict
from sessions.facts import Fact, InterviewPaused, Numbered, RecordingDeleted, RecordingStarted
from sessions.ids import InterviewId
from sessions.ports import Journal, interview_topic
from tests.server.companion import NOW_MS, Browser, Companion, made_settings, open_companion
from tests.server.recorded import (
    PART_MS,
    agreed,
    append,
    completed,
    facts_of,
    keyring_of,
    keys_in_store,
    put_part,
    recorded_interview,
    store_of,
)
from tests.support.polling import eventually

pytestmark = pytest.mark.sockets

KEPT_MS = 90 * DAY_MS


def service(
    companion: Companion,
    *,
    journal: Journal | None = None,
    audio: Audio | None = None,
    kind: type[Recordings] = Recordings,
) -> Recordings:
    """As another server on the same database and store would have it."""
    app = companion.app
    return kind(
        database=companion.database,
        journal=journal or companion.journal,
        bus=app[keys.BUS],
        clock=companion.clock,
        audio=audio or app[RECORDINGS].audio,
        secret=app[keys.SECRET],
        link_days=7,
        keep_days=90,
    )


async def deletions(companion: Companion, interview_id: str) -> list[RecordingDeleted]:
    facts = await facts_of(companion, interview_id)
    return [fact for fact in facts if isinstance(fact, RecordingDeleted)]


async def test_a_recording_is_deleted_when_its_days_are_over_and_not_before(
    companion: Companion, ada: Browser
) -> None:
    id = await recorded_interview(companion, ada)
    retention = companion.app[RECORDINGS]
    companion.clock.advance(KEPT_MS + PART_MS - 1)
    assert await retention.delete_old() == []
    assert len(await keys_in_store(companion)) == 1
    companion.clock.advance(1)
    assert await retention.delete_old() == [id]
    assert await keys_in_store(companion) == []
    [deleted] = await deletions(companion, id)
    assert deleted.reason == "retention"
    assert deleted.at_ms == NOW_MS + KEPT_MS + PART_MS
    assert [id in key for key in deleted.keys] == [True]


async def test_a_second_run_finds_nothing_to_do(companion: Companion, ada: Browser) -> None:
    id = await recorded_interview(companion, ada)
    companion.clock.advance(KEPT_MS * 2)
    assert await service(companion).delete_old() == [id]
    assert await service(companion).delete_old() == []
    assert len(await deletions(companion, id)) == 1


async def test_one_that_was_never_finished_counts_from_its_last_fact(
    companion: Companion, ada: Browser
) -> None:
    id = await ada.create_interview()
    stored = await put_part(companion, id)
    paused = InterviewPaused(at_ms=NOW_MS + 10 * DAY_MS)
    # Its room died unseen: nothing says that it was closed.
    started = RecordingStarted(at_ms=NOW_MS, part=1, started_ms=NOW_MS)
    await append(companion, id, [*agreed(), started, stored, paused])
    companion.clock.advance(KEPT_MS + 10 * DAY_MS - 1)
    assert await service(companion).delete_old() == []
    companion.clock.advance(1)
    assert await service(companion).delete_old() == [id]


async def test_what_is_stored_after_a_deletion_is_deleted_in_its_turn(
    companion: Companion, ada: Browser
) -> None:
    id = await recorded_interview(companion, ada)
    companion.clock.advance(KEPT_MS * 2)
    await service(companion).delete_old()
    late = await put_part(companion, id, part=2, at_ms=companion.clock.now_ms())
    await append(companion, id, [late])
    assert await service(companion).delete_old() == [id]
    assert await keys_in_store(companion) == []
    assert len(await deletions(companion, id)) == 2


async def test_audio_that_is_gone_already_is_no_hindrance(
    companion: Companion, ada: Browser
) -> None:
    """A server that died between the deletion and its fact left it so."""
    id = await recorded_interview(companion, ada)
    audio = companion.app[RECORDINGS].audio
    await audio.delete_all(InterviewId(id), ())
    companion.clock.advance(KEPT_MS * 2)
    assert await service(companion).delete_old() == [id]
    assert len(await deletions(companion, id)) == 1


class RacedJournal:
    """Another server is quicker than the first append."""

    def __init__(self, journal: Journal, others: Sequence[Sequence[Fact]]) -> None:
        self._journal = journal
        self._others = list(others)
        self.conflicts = 0

    async def append(
        self, interview_id: InterviewId, facts: Sequence[Fact], *, after_seq: int
    ) -> int:
        if self._others:
            await self._journal.append(interview_id, self._others.pop(0), after_seq=after_seq)
        try:
            return await self._journal.append(interview_id, facts, after_seq=after_seq)
        except JournalConflict:
            self.conflicts += 1
            raise

    async def read(self, interview_id: InterviewId, *, after_seq: int = 0) -> list[Numbered]:
        return await self._journal.read(interview_id, after_seq=after_seq)

    async def fetch_open_rooms(self, gateway: str) -> list[InterviewId]:
        return await self._journal.fetch_open_rooms(gateway)


async def test_of_two_servers_one_writes_the_fact(companion: Companion, ada: Browser) -> None:
    id = await recorded_interview(companion, ada)
    companion.clock.advance(KEPT_MS * 2)
    theirs = RecordingDeleted(at_ms=companion.clock.now_ms(), keys=("k",), reason="retention")
    raced = RacedJournal(companion.journal, [[theirs]])
    assert await service(companion, journal=raced).delete_old() == [id]
    assert raced.conflicts == 1
    assert await deletions(companion, id) == [theirs]


async def test_another_fact_in_between_only_delays_it(companion: Companion, ada: Browser) -> None:
    id = await recorded_interview(companion, ada)
    companion.clock.advance(KEPT_MS * 2)
    other = [InterviewPaused(at_ms=NOW_MS + PART_MS)]
    raced = RacedJournal(companion.journal, [other, other])
    assert await service(companion, journal=raced).delete_old() == [id]
    assert raced.conflicts == 2
    assert len(await deletions(companion, id)) == 1


async def test_one_that_fails_is_logged_and_does_not_stop_the_others(
    companion: Companion, ada: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    ids = sorted([await recorded_interview(companion, ada) for _ in range(3)])
    companion.clock.advance(KEPT_MS * 2)
    broken = ids[0]

    class PartlyAway(Audio):
        async def delete_all(
            self, interview_id: InterviewId, keys: tuple[str, ...]
        ) -> tuple[str, ...]:
            if interview_id == broken:
                raise BlobsUnavailable(reason="a test")
            return await super().delete_all(interview_id, keys)

    recordings = service(companion, audio=PartlyAway(store_of(companion), keyring_of(companion)))
    with caplog.at_level(logging.ERROR):
        assert await recordings.delete_old() == ids[1:]
    assert broken in caplog.text
    assert await deletions(companion, broken) == []
    assert await service(companion).delete_old() == [broken]


async def test_the_news_of_it_is_published(companion: Companion, ada: Browser) -> None:
    id = InterviewId(await recorded_interview(companion, ada))
    companion.clock.advance(KEPT_MS * 2)
    async with companion.app[keys.BUS].subscribe(interview_topic(id)) as news:
        await service(companion).delete_old()
        assert "RecordingDeleted" in await anext(news)


async def test_the_server_looks_after_it_when_it_starts(tmp_path: Path) -> None:
    settings = made_settings(tmp_path)
    async with open_companion(settings) as companion, companion.browser() as owner:
        await owner.sign_up()
        id = await owner.create_interview()
        end = completed(NOW_MS - KEPT_MS)
        await append(companion, id, [*agreed(), await put_part(companion, id), end])
        assert len(await keys_in_store(companion)) == 1
    async with open_companion(settings) as companion:

        async def is_deleted() -> bool:
            return bool(await deletions(companion, id))

        await eventually(is_deleted)
        assert await keys_in_store(companion) == []


async def test_it_goes_on_for_as_long_as_the_server_runs_whatever_happens(
    companion: Companion, ada: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    class Flaky(Recordings):
        runs = 0

        async def delete_old(self) -> list[InterviewId]:
            Flaky.runs += 1
            if Flaky.runs == 1:
                raise OSError("the database is away")
            return await super().delete_old()

    id = await recorded_interview(companion, ada)
    flaky = service(companion, kind=Flaky)

    async def is_deleted() -> bool:
        return bool(await deletions(companion, id))

    with caplog.at_level(logging.ERROR):
        async with keep_retention(flaky, every_s=0.01):
            companion.clock.advance(KEPT_MS * 2)
            await eventually(is_deleted)
    assert "the database is away" in caplog.text
