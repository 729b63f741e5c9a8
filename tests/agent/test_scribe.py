"""Facts on their way to the journal: while it is away, after a crash, beside another writer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agent import scribe as scribe_module
from agent.scribe import Scribe, recover_spilled
from sessions import codec
from sessions.errors import JournalConflict
from sessions.facts import Fact, InterviewPaused
from sessions.ids import InterviewId
from sessions.infra.bus_memory import MemoryBus
from sessions.infra.journal_memory import MemoryJournal
from sessions.ports import interview_topic
from tests.support.interviews import INTERVIEW, answered
from tests.support.polling import eventually

OTHER = InterviewId("22222222-2222-4222-8222-222222222222")


class AwayJournal(MemoryJournal):
    """A journal that cannot be reached while `is_away`."""

    def __init__(self, *, is_away: bool = False) -> None:
        super().__init__()
        self.is_away = is_away
        self.refused = 0
        self.appended: list[int] = []
        """How many facts each append held."""

    async def append(
        self, interview_id: InterviewId, facts: Sequence[Fact], *, after_seq: int
    ) -> int:
        if self.is_away:
            self.refused += 1
            raise ConnectionRefusedError("nobody listens there")
        last = await super().append(interview_id, facts, after_seq=after_seq)
        self.appended.append(len(facts))
        return last

    async def until_refused(self, times: int) -> None:
        async def is_refused() -> bool:
            return self.refused >= times

        await eventually(is_refused)


class LoggedBus(MemoryBus):
    """Notes how much the journal held when each message was published."""

    def __init__(self, journal: MemoryJournal) -> None:
        super().__init__()
        self._journal = journal
        self.published: list[tuple[dict[str, object], int]] = []

    async def publish(self, topic: str, message: str) -> None:
        assert topic == interview_topic(INTERVIEW)
        held = len(await self._journal.read(INTERVIEW))
        self.published.append((json.loads(message), held))

    @property
    def seqs(self) -> list[object]:
        return [message["seq"] for message, _ in self.published if "seq" in message]

    @property
    def news(self) -> list[object]:
        return [message["news"] for message, _ in self.published if "news" in message]


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scribe_module, "RETRY_FIRST_S", 0.001)
    monkeypatch.setattr(scribe_module, "RETRY_LAST_S", 0.002)


@asynccontextmanager
async def writing(
    journal: MemoryJournal, bus: MemoryBus, spill_dir: Path, *, after_seq: int = 0
) -> AsyncGenerator[Scribe]:
    """A scribe at work, until it is closed and all is written."""
    scribe = Scribe(journal, bus, INTERVIEW, after_seq=after_seq, spill_dir=spill_dir)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(scribe.run())
        yield scribe
        scribe.close()


def said(number: int, text: str = "") -> Fact:
    return answered(text or f"answer {number}", number, turn=number)


async def held(journal: MemoryJournal, interview_id: InterviewId = INTERVIEW) -> list[Fact]:
    return [numbered.fact for numbered in await journal.read(interview_id)]


# -- writing -------------------------------------------------------------------------------------


async def test_facts_are_written_in_order_and_then_told(tmp_path: Path) -> None:
    journal = AwayJournal()
    bus = LoggedBus(journal)
    facts = [said(number) for number in range(1, 31)]
    async with writing(journal, bus, tmp_path) as scribe:
        for fact in facts[:20]:
            scribe.record(fact)
        await eventually(lambda: has_seq(journal, 20))
        for fact in facts[20:]:
            scribe.record(fact)
    assert await held(journal) == facts
    assert bus.seqs == list(range(1, 31))
    for message, seqs_held in bus.published:
        seq = message["seq"]
        assert isinstance(seq, int)
        assert seqs_held >= seq, "told before it was durable"
        assert codec.from_line(str(message["fact"])) == facts[seq - 1]


async def has_seq(journal: MemoryJournal, seq: int) -> bool:
    return len(await journal.read(INTERVIEW)) >= seq


async def test_a_burst_of_facts_is_one_append(tmp_path: Path) -> None:
    journal = AwayJournal()
    async with writing(journal, MemoryBus(), tmp_path) as scribe:
        for number in range(1, 101):
            scribe.record(said(number))
    assert journal.appended == [100]


async def test_numbers_go_on_after_what_is_there(tmp_path: Path) -> None:
    journal = AwayJournal()
    await journal.append(INTERVIEW, [said(1), said(2)], after_seq=0)
    bus = LoggedBus(journal)
    async with writing(journal, bus, tmp_path, after_seq=2) as scribe:
        scribe.record(said(3))
    assert await held(journal) == [said(1), said(2), said(3)]
    assert bus.seqs == [3]


async def test_news_is_published_and_not_stored(tmp_path: Path) -> None:
    journal = AwayJournal()
    bus = LoggedBus(journal)
    async with writing(journal, bus, tmp_path) as scribe:
        scribe.publish('{"type":"caption","text":"so"}')
    assert bus.news == [{"type": "caption", "text": "so"}]
    assert await held(journal) == []


# -- the journal is away -------------------------------------------------------------------------


async def test_nothing_is_lost_while_the_journal_is_away(tmp_path: Path) -> None:
    journal = AwayJournal(is_away=True)
    bus = LoggedBus(journal)
    facts = [said(number) for number in range(1, 41)]
    spill = tmp_path / "spill" / f"{INTERVIEW}.jsonl"
    async with writing(journal, bus, spill.parent) as scribe:
        for count, fact in enumerate(facts, start=1):
            scribe.record(fact)
            if count % 10 == 0:
                await journal.until_refused(journal.refused + 2)
        assert bus.published == []
        assert spilled(spill) == facts
        journal.is_away = False
    assert await held(journal) == facts
    assert bus.seqs == list(range(1, 41))
    assert not spill.exists()
    assert files_in(spill.parent) == []


def files_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def spilled(path: Path) -> list[Fact]:
    _, *lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    return [codec.from_line(line) for line in lines]


async def test_away_at_the_close_it_is_waited_for(tmp_path: Path) -> None:
    journal = AwayJournal(is_away=True)
    async with asyncio.TaskGroup() as tasks:
        scribe = Scribe(journal, MemoryBus(), INTERVIEW, after_seq=0, spill_dir=tmp_path)
        run = tasks.create_task(scribe.run())
        scribe.record(said(1))
        await journal.until_refused(1)
        scribe.record(said(2))
        scribe.close()
        await journal.until_refused(journal.refused + 2)
        assert not run.done()
        journal.is_away = False
    assert await held(journal) == [said(1), said(2)]


async def test_it_can_be_away_more_than_once(tmp_path: Path) -> None:
    journal = AwayJournal()
    facts = [said(number) for number in range(1, 10)]
    async with writing(journal, MemoryBus(), tmp_path) as scribe:
        for fact in facts:
            journal.is_away = not journal.is_away
            scribe.record(fact)
            if journal.is_away:
                await journal.until_refused(journal.refused + 1)
        journal.is_away = False
    assert await held(journal) == facts
    assert files_in(tmp_path) == []


async def test_news_is_dropped_when_too_much_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scribe_module, "MAX_WAITING", 20)
    journal = AwayJournal(is_away=True)
    bus = LoggedBus(journal)
    async with writing(journal, bus, tmp_path) as scribe:
        scribe.record(said(1))
        await journal.until_refused(1)
        for number in range(100):
            scribe.publish(f'{{"number":{number}}}')
        scribe.record(said(2))  # facts still have room
        journal.is_away = False
    assert await held(journal) == [said(1), said(2)]
    assert bus.seqs == [1, 2]
    assert 0 < len(bus.news) <= 20


async def test_news_does_not_pile_up_while_the_journal_stays_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scribe_module, "MAX_WAITING", 20)
    journal = AwayJournal(is_away=True)
    bus = LoggedBus(journal)
    async with writing(journal, bus, tmp_path) as scribe:
        scribe.record(said(1))
        for number in range(40):
            scribe.publish(f'{{"number":{number}}}')
            await journal.until_refused(journal.refused + 1)
        journal.is_away = False
    assert await held(journal) == [said(1)]
    assert len(bus.news) <= 20
    assert {"number": 39} in bus.news  # the newest are those kept


async def test_too_many_facts_are_refused_aloud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scribe_module, "MAX_WAITING", 3)
    scribe = Scribe(AwayJournal(), MemoryBus(), INTERVIEW, after_seq=0, spill_dir=tmp_path)
    for number in range(1, 4):
        scribe.record(said(number))
    with pytest.raises(asyncio.QueueFull):
        scribe.record(said(4))


async def test_another_writer_ends_it(tmp_path: Path) -> None:
    journal = AwayJournal()
    bus = LoggedBus(journal)
    await journal.append(INTERVIEW, [said(1)], after_seq=0)
    scribe = Scribe(journal, bus, INTERVIEW, after_seq=0, spill_dir=tmp_path)
    scribe.record(said(2))
    with pytest.raises(JournalConflict):
        await scribe.run()
    assert bus.published == []
    assert await held(journal) == [said(1)]


async def test_another_writer_who_came_while_the_journal_was_away_ends_it_and_the_file_stays(
    tmp_path: Path,
) -> None:
    journal = AwayJournal(is_away=True)
    scribe = Scribe(journal, MemoryBus(), INTERVIEW, after_seq=0, spill_dir=tmp_path)
    scribe.record(said(2))

    async def meanwhile() -> None:
        await journal.until_refused(1)
        journal.is_away = False
        await journal.append(INTERVIEW, [said(1)], after_seq=0)

    with pytest.raises(ExceptionGroup) as raised:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(scribe.run())
            tasks.create_task(meanwhile())
    assert raised.group_contains(JournalConflict)
    assert spilled(tmp_path / f"{INTERVIEW}.jsonl") == [said(2)]


# -- after a crash -------------------------------------------------------------------------------


async def die_with(facts: Sequence[Fact], spill_dir: Path, *, after_seq: int = 0) -> None:
    """A process that is killed while the journal is away."""
    journal = AwayJournal(is_away=True)
    scribe = Scribe(journal, MemoryBus(), INTERVIEW, after_seq=after_seq, spill_dir=spill_dir)
    async with asyncio.TaskGroup() as tasks:
        run = tasks.create_task(scribe.run())
        for fact in facts:
            scribe.record(fact)
        await journal.until_refused(2)
        run.cancel()


async def test_the_next_process_appends_what_was_left(tmp_path: Path) -> None:
    await die_with([said(3), InterviewPaused(at_ms=4)], tmp_path, after_seq=2)
    journal = MemoryJournal()
    await journal.append(INTERVIEW, [said(1), said(2)], after_seq=0)
    assert await recover_spilled(journal, tmp_path) == 1
    assert await held(journal) == [said(1), said(2), said(3), InterviewPaused(at_ms=4)]
    assert files_in(tmp_path) == []
    assert await recover_spilled(journal, tmp_path) == 0


@pytest.mark.parametrize(
    "text", ["a\u2028b", "a\u2029b", "a\x85b", "a\nb\r\nc", "a\x0bb\x0cc\x1cd", 'a"b\\n\u00e9']
)
async def test_whatever_was_typed_comes_back_from_the_file(tmp_path: Path, text: str) -> None:
    fact = said(1, text)
    await die_with([fact, said(2)], tmp_path)
    journal = MemoryJournal()
    assert await recover_spilled(journal, tmp_path) == 1
    assert await held(journal) == [fact, said(2)]


async def test_facts_that_another_room_went_on_without_are_kept_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await die_with([said(1)], tmp_path)
    journal = MemoryJournal()
    await journal.append(INTERVIEW, [said(7)], after_seq=0)
    assert await recover_spilled(journal, tmp_path) == 0
    assert await held(journal) == [said(7)]
    kept = tmp_path / f"{INTERVIEW}.conflict"
    assert files_in(tmp_path) == [kept]
    assert spilled(kept) == [said(1)]
    assert f"spilled facts of {INTERVIEW} could not be appended" in caplog.text


async def test_what_was_said_is_not_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    line = codec.to_line(said(1, "my secret")).removesuffix("}")
    (tmp_path / f"{OTHER}.jsonl").write_text(f'{{"after_seq": 0}}\n{line}\n', encoding="utf-8")
    assert await recover_spilled(MemoryJournal(), tmp_path) == 0
    assert str(OTHER) in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    "content",
    [
        "",
        "not json\n",
        "[]\n",
        '{"after_seq": 0}\nnot a fact\n',
        '{"after_seq": 0}\n{"kind": "OfTheFuture", "v": 9, "body": {}}\n',
        '{"after_seq": 5}\n' + codec.to_line(InterviewPaused(at_ms=1)) + "\n",
    ],
)
async def test_a_file_that_makes_no_sense_is_kept_aside_and_the_others_are_mended(
    tmp_path: Path, content: str
) -> None:
    await die_with([said(1)], tmp_path)
    (tmp_path / f"{OTHER}.jsonl").write_text(content, encoding="utf-8")
    journal = MemoryJournal()
    assert await recover_spilled(journal, tmp_path) == 1
    assert await held(journal) == [said(1)]
    assert (tmp_path / f"{OTHER}.conflict").read_text(encoding="utf-8") == content


async def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert await recover_spilled(MemoryJournal(), tmp_path / "never") == 0


async def test_the_file_is_whole_at_every_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process killed while it writes the file leaves the one before."""
    journal = AwayJournal(is_away=True)
    spill = tmp_path / f"{INTERVIEW}.jsonl"
    write_text = Path.write_text

    def cut_short(self: Path, data: str, encoding: str | None = None) -> int:
        write_text(self, data[: len(data) // 2], encoding=encoding)
        raise OSError("the disk is full")

    scribe = Scribe(journal, MemoryBus(), INTERVIEW, after_seq=0, spill_dir=tmp_path)
    async with asyncio.TaskGroup() as tasks:
        run = tasks.create_task(scribe.run())
        scribe.record(said(1))
        await journal.until_refused(2)
        monkeypatch.setattr(Path, "write_text", cut_short)
        scribe.record(said(2))
        await journal.until_refused(journal.refused + 3)
        assert not run.done(), "a disk that is full is no reason to stop trying"
        monkeypatch.undo()
        assert spilled(spill) == [said(1)]
        run.cancel()
