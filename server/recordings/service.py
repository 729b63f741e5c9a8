"""Recordings of interviews: links to their parts, reading them, deleting them."""

from __future__ import annotations

import json
import logging

from server.recordings.audio import Audio
from server.recordings.errors import RecordingGone, RecordingUnderWay
from server.recordings.links import RecordingLink, read_link, sign_link
from server.recordings.queries import fetch_due, fetch_recording_facts
from server.recordings.schemas import PartLink
from sessions import codec
from sessions.errors import JournalConflict, NotFound
from sessions.facts import RecordingDeleted, RecordingStored
from sessions.ids import InterviewId
from sessions.infra.db import Database
from sessions.ports import Bus, Clock, Journal, interview_topic
from sessions.recording import Recording, fold_recording

DAY_MS = 86_400_000
STORING_MS = 3_600_000
"""So long after its last fact an interview's pending part still counts as being stored; later,
as lost with its process."""
ROOM_MS = DAY_MS
"""So long after its last fact a room may still be open; later, it died and nobody noticed."""
ATTEMPTS = 5
"""Appends of one deletion when others write the same journal."""

_log = logging.getLogger(__name__)


class Recordings:
    """Raises NotFound for what never was, RecordingGone for what is no more."""

    def __init__(
        self,
        *,
        database: Database,
        journal: Journal,
        bus: Bus,
        clock: Clock,
        audio: Audio,
        secret: str,
        link_days: int,
        keep_days: int,
    ) -> None:
        self.audio = audio
        self._database = database
        self._journal = journal
        self._bus = bus
        self._clock = clock
        self._secret = secret
        self._link_ms = link_days * DAY_MS
        self._keep_ms = keep_days * DAY_MS

    async def link(self, interview_id: InterviewId, part: int) -> PartLink:
        recording = await self._fetch(interview_id)
        stored = recording.find(part)
        if stored is None:
            if recording.deleted is not None:
                raise RecordingGone
            raise NotFound("part of a recording")
        expires_s = (self._clock.now_ms() + self._link_ms) // 1000
        link = RecordingLink(
            interview_id=interview_id, part=part, key=stored.key, expires_s=expires_s
        )
        return PartLink(
            url=f"/recordings/{sign_link(link, self._secret)}",
            expires_at_ms=expires_s * 1000,
            started_ms=stored.started_ms,
            duration_ms=stored.duration_ms,
        )

    async def find(self, token: str) -> RecordingStored:
        """The part that a link is for. Raises RecordingLinkInvalid, RecordingLinkExpired too."""
        link = read_link(token, self._secret, now_ms=self._clock.now_ms())
        stored = (await self._fetch(link.interview_id)).find(link.part)
        if stored is None or stored.key != link.key:
            raise RecordingGone
        return stored

    async def delete(self, interview_id: InterviewId, *, reason: str) -> None:
        """Deletes all audio of the interview, then says so in its journal. Twice is no mistake.

        Raises RecordingUnderWay while a room writes the interview: it alone may, and it would
        record on; NotFound when nothing was ever recorded.
        """
        for _ in range(ATTEMPTS - 1):
            try:
                return await self._delete(interview_id, reason)
            except JournalConflict:
                _log.info("another writer of interview %s was first: once more", interview_id)
        await self._delete(interview_id, reason)

    async def delete_old(self) -> list[InterviewId]:
        """Those whose interview has been over for the days they are kept. One that fails is
        logged and tried again the next time."""
        cutoff_ms = self._clock.now_ms() - self._keep_ms
        async with self._database.read() as session:
            due = await fetch_due(session, cutoff_ms=cutoff_ms)
        deleted: list[InterviewId] = []
        for interview_id in due:
            try:
                await self.delete(interview_id, reason="retention")
            except Exception:  # the edge of one deletion: the others must not wait for it
                _log.exception("the recording of interview %s was not deleted", interview_id)
            else:
                deleted.append(interview_id)
        if deleted:
            _log.info("recordings deleted because their time was up: %d", len(deleted))
        return deleted

    async def _delete(self, interview_id: InterviewId, reason: str) -> None:
        numbered = await self._journal.read(interview_id)
        recording = fold_recording(entry.fact for entry in numbered)
        if _is_under_way(recording, self._clock.now_ms()):
            raise RecordingUnderWay
        if not recording.parts and not recording.pending:
            if recording.deleted is None:
                raise NotFound("recording")
            return
        # The audio first: cut off in between, the next attempt finds its facts as they were.
        keys = await self.audio.delete_all(interview_id, recording.keys)
        fact = RecordingDeleted(at_ms=self._clock.now_ms(), keys=keys, reason=reason)
        seq = await self._journal.append(interview_id, [fact], after_seq=numbered[-1].seq)
        line = json.dumps({"seq": seq, "fact": codec.to_line(fact)})
        await self._bus.publish(interview_topic(interview_id), line)

    async def _fetch(self, interview_id: InterviewId) -> Recording:
        async with self._database.read() as session:
            return fold_recording(await fetch_recording_facts(session, interview_id))


def _is_under_way(recording: Recording, now_ms: int) -> bool:
    quiet_ms = now_ms - recording.last_ms
    if recording.is_room_open and quiet_ms < ROOM_MS:
        return True
    return bool(recording.pending) and quiet_ms < STORING_MS
