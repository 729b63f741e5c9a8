"""Writes a room's facts to the journal and tells the bus. The voice never waits for it.

Facts get their number at once and are appended in order by one task. While the database is away
they wait in memory and in a spill file, and are appended when it is back; a process that died
meanwhile leaves the file, and `recover_spilled` appends it at the next start.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from pathlib import Path

from sessions import codec
from sessions.errors import FactUnknown, JournalConflict
from sessions.facts import Fact, InterviewCompleted
from sessions.ids import InterviewId
from sessions.ports import REPORTS_TOPIC, Bus, Journal, interview_topic

log = logging.getLogger(__name__)

RETRY_FIRST_S = 0.1
RETRY_LAST_S = 5.0
TOLD_AFTER_S = 1.0
"""Away for longer, the journal is missed: whoever is in the room is told."""
MAX_WAITING = 10_000
"""Facts and news waiting to be written. An hour of talk makes about 1,000 facts."""


_Item = Fact | str | Callable[[], None] | None
"""A fact, news, what to do when all before it is written, or the end."""


class Scribe:
    """One per room. `run()` ends when `close()` was called and everything is written."""

    def __init__(
        self,
        journal: Journal,
        bus: Bus,
        interview_id: InterviewId,
        *,
        after_seq: int,
        spill_dir: Path,
        on_away: Callable[[bool], None] = lambda _: None,
    ) -> None:
        """`on_away(is_away)` is told when facts cannot be written, and when they are again."""
        self._journal = journal
        self._bus = bus
        self._interview_id = interview_id
        self._topic = interview_topic(interview_id)
        self._written_seq = after_seq
        self._spill = spill_dir / f"{interview_id}.jsonl"
        self._is_spilled = False
        self._on_away = on_away
        self._is_away = False
        self._is_closed = False
        self._queue: asyncio.Queue[_Item] = asyncio.Queue(maxsize=MAX_WAITING)
        self._acts: list[Callable[[], None]] = []

    def record(self, fact: Fact) -> None:
        """Raises asyncio.QueueFull when the database has been away for thousands of facts."""
        self._queue.put_nowait(fact)

    def once_written(self, act: Callable[[], None]) -> None:
        """Do it when every fact recorded so far is durable: an acknowledgement, for example."""
        self._queue.put_nowait(act)

    def publish(self, news: str) -> None:
        """`news` is a JSON message; dropped, as news may be, when too much waits."""
        if self._queue.qsize() < MAX_WAITING // 2:
            self._queue.put_nowait(news)

    def close(self) -> None:
        self._queue.put_nowait(None)

    async def run(self) -> None:
        """Raises JournalConflict when another room writes this interview."""
        while not (self._is_closed and self._queue.empty()):
            facts: list[Fact] = []
            news: list[str] = []
            self._sort_in(await self._queue.get(), facts, news)
            self._absorb(facts, news)
            if facts:
                await self._append(facts, news)
            acts, self._acts = self._acts, []
            for act in acts:
                act()
            for message in news:
                await self._bus.publish(self._topic, f'{{"news": {message}}}')

    def _absorb(self, facts: list[Fact], news: list[str]) -> None:
        """Take all that waits, so that a burst of facts is one transaction."""
        while not self._queue.empty():
            self._sort_in(self._queue.get_nowait(), facts, news)

    def _sort_in(self, item: _Item, facts: list[Fact], news: list[str]) -> None:
        match item:
            case None:
                self._is_closed = True
            case str():
                news.append(item)
            case Fact():
                facts.append(item)
            case _:
                self._acts.append(item)

    async def _append(self, facts: list[Fact], news: list[str]) -> None:
        first_seq = self._written_seq + 1
        delay_s = RETRY_FIRST_S
        while True:
            try:
                self._written_seq = await self._journal.append(
                    self._interview_id, facts, after_seq=self._written_seq
                )
                break
            except JournalConflict:
                raise
            # Whatever the database's driver raises when it is away: the facts are kept, on disk
            # too, and tried again until it is back. Nothing is lost, so nothing is swallowed.
            except Exception:
                log.warning("journal away, facts kept aside", exc_info=delay_s == RETRY_FIRST_S)
                await self._keep_aside(facts)
                if delay_s >= TOLD_AFTER_S:
                    self._note_away(True)
                await asyncio.sleep(delay_s)
                delay_s = min(delay_s * 2, RETRY_LAST_S)
                self._absorb(facts, news)
                del news[: -MAX_WAITING // 2]  # old news is none
        self._note_away(False)
        if self._is_spilled:
            await asyncio.to_thread(self._spill.unlink, missing_ok=True)
            self._is_spilled = False
        for seq, fact in enumerate(facts, start=first_seq):
            line = json.dumps({"seq": seq, "fact": codec.to_line(fact)})
            await self._bus.publish(self._topic, line)
        if any(isinstance(fact, InterviewCompleted) for fact in facts):
            await self._bus.publish(REPORTS_TOPIC, '{"completed": true}')

    def _note_away(self, is_away: bool) -> None:
        if is_away is not self._is_away:
            self._is_away = is_away
            self._on_away(is_away)

    async def _keep_aside(self, facts: list[Fact]) -> None:
        try:
            await asyncio.to_thread(self._spill_facts, facts)
        except OSError:  # a full disk takes the database and this file: memory still holds them
            log.warning("facts cannot be kept aside on disk either", exc_info=True)
        else:
            self._is_spilled = True

    def _spill_facts(self, facts: list[Fact]) -> None:
        self._spill.parent.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps({"after_seq": self._written_seq})]
        lines.extend(codec.to_line(fact) for fact in facts)
        whole = self._spill.with_suffix(".part")
        whole.write_text("\n".join(lines) + "\n", encoding="utf-8")
        whole.replace(self._spill)  # killed while it writes, a process leaves the file before


async def recover_spilled(journal: Journal, spill_dir: Path) -> int:
    """Append what earlier processes could not; return how many interviews were mended.

    A file that cannot be appended (another room went on meanwhile, or it is not ours to read)
    is kept beside the others as `.conflict` and named in the log.
    """
    mended = 0
    for path in await asyncio.to_thread(lambda: sorted(spill_dir.glob("*.jsonl"))):
        interview_id = InterviewId(path.stem)
        try:
            # Not splitlines(): what was typed may hold other line breaks than these.
            first, *lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
            after_seq = int(json.loads(first)["after_seq"])
            facts = [codec.from_line(line) for line in lines]
            await journal.append(interview_id, facts, after_seq=after_seq)
        except (JournalConflict, FactUnknown, ValueError, KeyError, TypeError) as exc:
            # Without a traceback: it may quote what was said.
            reason = type(exc).__name__
            log.error("spilled facts of %s could not be appended: %s", interview_id, reason)
            path.rename(path.with_suffix(".conflict"))
        else:
            path.unlink()
            mended += 1
    return mended
