"""A room's recording: from the consent to it to the end of the room, as facts tell it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import aclosing

from agent.recorder.recorder import Recorder
from agent.recorder.recovery import Recovered, recover_recordings
from agent.recorder.studio import Studio
from sessions.errors import JournalConflict
from sessions.facts import (
    ConsentGiven,
    Fact,
    RecordingDeleted,
    RecordingFailed,
    RecordingStarted,
    RecordingStored,
)
from sessions.ids import InterviewId
from sessions.ports import Clock, Journal

log = logging.getLogger(__name__)

RECOVER_EVERY_S = 300.0


class RoomRecording:
    """Nothing is recorded without a `studio`, or before `begin_if_agreed` finds the consent.

    `record(fact)` notes what happens to it; `on_failure()` is called when it breaks off.
    """

    def __init__(
        self,
        interview_id: InterviewId,
        studio: Studio | None,
        clock: Clock,
        *,
        record: Callable[[Fact], None],
        on_failure: Callable[[], None],
    ) -> None:
        self._interview_id = interview_id
        self._studio = studio
        self._clock = clock
        self._record = record
        self._on_failure = on_failure
        self._recorder: Recorder | None = None
        self._is_failure_told = False

    def begin_if_agreed(self, facts: Sequence[Fact]) -> None:
        """Start this room's part, when the candidate has agreed to it and it has not begun."""
        if self._studio is None or self._recorder is not None:
            return
        if not any(isinstance(fact, ConsentGiven) and fact.recording for fact in facts):
            return
        parts = sum(isinstance(fact, RecordingStarted) for fact in facts)
        self._recorder = Recorder(self._interview_id, parts + 1, self._studio)
        self._record(self._recorder.start(self._clock.now_ms()))

    @property
    def is_running(self) -> bool:
        return self._recorder is not None and self._recorder.is_recording

    @property
    def is_offered(self) -> bool:
        """Whether both sides would be recorded if the candidate agreed to it."""
        return self._studio is not None

    def hear(self, pcm: bytes) -> None:
        """The candidate's 16 kHz audio, just now."""
        if self._recorder is not None:
            self._recorder.hear(pcm, self._clock.now_ms())

    def speak(self, pcm: bytes, starts_at_ms: int) -> None:
        """The interviewer's 24 kHz audio, as it was heard."""
        if self._recorder is not None:
            self._recorder.speak(pcm, starts_at_ms)

    def tick(self, now_ms: int) -> None:
        if self._recorder is None:
            return
        self._recorder.advance(now_ms)
        if self._recorder.failure and not self._is_failure_told:
            self._is_failure_told = True
            log.warning("a recording broke off: %s", self._recorder.failure)
            self._on_failure()

    async def finish(self) -> RecordingStored | RecordingFailed | None:
        """Store it; the fact that says so is for the caller to record. None without one."""
        if self._recorder is None:
            return None
        return await self._recorder.finish(self._clock.now_ms())

    def release(self) -> None:
        """What `finish` gave is durable."""
        if self._recorder is not None:
            self._recorder.release()

    def abandon(self) -> None:
        """The room broke: what was recorded is stored when the next process starts."""
        if self._recorder is not None:
            self._recorder.abandon()


async def recover_left_recordings(
    studio: Studio | None, journal: Journal, *, is_held: Callable[[InterviewId], bool]
) -> None:
    """What dead processes have left in the spool, and what a store that was away could not take:
    at the start, and every five minutes. Until cancelled."""
    while studio is not None:
        try:
            # Closed where it is when telling fails: what was not told of stays in the spool.
            async with aclosing(recover_recordings(studio, is_held=is_held)) as found:
                async for recovered in found:
                    if is_held(recovered.interview_id):  # opened while it was stored
                        break
                    await _tell(studio, journal, recovered)
        except JournalConflict as exc:  # somebody opened the room just now: the next round, then
            log.warning("a recording of interview %s waits for its room", exc.interview_id)
        # The edge to the database, which may be away, and may raise anything: the next round too.
        except Exception as exc:
            log.warning("recordings wait in the spool: %s", type(exc).__name__)
        await asyncio.sleep(RECOVER_EVERY_S)


async def _tell(studio: Studio, journal: Journal, recovered: Recovered) -> None:
    """Raises JournalConflict."""
    fact = recovered.fact
    facts = await journal.read(recovered.interview_id)
    if _was_deleted([numbered.fact for numbered in facts], fact.part):
        if isinstance(fact, RecordingStored):
            await studio.blobs.delete(fact.key)
        return
    after_seq = facts[-1].seq if facts else 0
    await journal.append(recovered.interview_id, [fact], after_seq=after_seq)
    log.info("a recording of interview %s was recovered", recovered.interview_id)


def _was_deleted(facts: Sequence[Fact], part: int) -> bool:
    """Whether the recording was deleted after the part had begun: then it must not come back."""
    has_begun = False
    for fact in facts:
        if isinstance(fact, RecordingStarted) and fact.part == part:
            has_begun = True
        elif isinstance(fact, RecordingDeleted) and has_begun:
            return True
    return False
