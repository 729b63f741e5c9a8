"""Records one room: takes both sides as they come, and hands what is settled to a thread.

Audio may come up to `HORIZON_MS` late, or out of order: so long it waits before it is mixed. The
calls of a room never wait for the encoder or the disk, and never raise: `failure` says that
nothing more is recorded, and why.
"""

from __future__ import annotations

import logging

from agent.recorder.lane import Lane
from agent.recorder.mixer import CANDIDATE_HZ, INTERVIEWER_HZ
from agent.recorder.spool import Part, store
from agent.recorder.studio import Studio
from agent.recorder.tape import Batch, Tape
from agent.recorder.track import ArrivingSide, TimedSide, Track
from sessions.errors import BlobsUnavailable
from sessions.facts import RecordingFailed, RecordingStarted, RecordingStored
from sessions.ids import InterviewId
from sessions.infra.vault import VaultDamaged

log = logging.getLogger(__name__)

HORIZON_MS = 2_000
STEP_MS = 20


class Recorder:
    """One part: from a room's consent to its end. Times are epoch ms; `part` counts from 1.

    `start`, then `hear`, `speak` and every half second `advance`, then `finish` and, when its
    fact is durable, `release`. What comes before `start` is not recorded.
    """

    def __init__(self, interview_id: InterviewId, part: int, studio: Studio) -> None:
        self._interview_id = interview_id
        self._number = part
        self._studio = studio
        self._lane = Lane(studio.pool)
        self._candidate = Track(CANDIDATE_HZ)
        self._interviewer = Track(INTERVIEWER_HZ)
        self._arriving = ArrivingSide(self._candidate)
        self._timed = TimedSide(self._interviewer)
        self._part: Part | None = None
        self._tape: Tape | None = None
        self._mixed_ms = 0
        self._is_finished = False

    @property
    def is_recording(self) -> bool:
        return self._tape is not None and not self._is_finished and not self._tape.failure

    @property
    def failure(self) -> str:
        """Why nothing more is recorded; empty while all is well. What was written is kept."""
        return self._tape.failure if self._tape is not None else ""

    def start(self, at_ms: int) -> RecordingStarted:
        """The recording's zero. Its file is made by the thread, so a full disk shows later."""
        part = Part(interview_id=self._interview_id, number=self._number, started_ms=at_ms)
        path = self._studio.spool_dir / part.file_name
        self._part = part
        self._tape = Tape(path, self._studio.keyring.newest, self._studio.open_file)
        return RecordingStarted(at_ms=at_ms, part=part.number, started_ms=at_ms)

    def hear(self, pcm: bytes, at_ms: int) -> None:
        """The candidate: 16-bit mono at 16 kHz, whose last sample came at `at_ms`."""
        if self._part is not None and self.is_recording:
            self._arriving.hear(pcm, self._candidate.samples(at_ms - self._part.started_ms))

    def speak(self, pcm: bytes, starts_at_ms: int) -> None:
        """The interviewer, as far as it was heard: 16-bit mono at 24 kHz, and when it was."""
        if self._part is not None and self.is_recording:
            start = self._interviewer.samples(starts_at_ms - self._part.started_ms)
            self._timed.speak(pcm, start)

    def advance(self, now_ms: int) -> None:
        """Record what is settled: everything older than the horizon."""
        if self._part is not None:
            settled_ms = now_ms - self._part.started_ms - HORIZON_MS
            self._mix(settled_ms // STEP_MS * STEP_MS)

    async def finish(self, now_ms: int) -> RecordingStored | RecordingFailed:
        """Record up to now and store the part. The fact is false of nothing that it says:
        `is_whole` is false when there was a `failure`.

        When the store is away the part stays in the spool: `recover_recordings` stores it later.
        A recorder that is not finished, or cancelled here, is recovered in the same way.
        """
        assert self._part is not None and self._tape is not None, "start it first"  # noqa: S101 -- a mistake of the caller's
        self._mix(-((self._part.started_ms - now_ms) // STEP_MS) * STEP_MS)
        self._is_finished = True
        part, tape = self._part, self._tape
        try:
            await self._lane.run(tape.finish)
            fact = await self._store(part, tape)
        finally:
            self._lane.add(tape.close)
        self._log_lost()
        return fact

    def abandon(self) -> None:
        """Instead of `finish`, when there is no time for it: let go of the file as it is."""
        if self._tape is not None and not self._is_finished:
            self._is_finished = True
            self._lane.add(self._tape.close)

    def release(self) -> None:
        """The fact that says where the part is stored is durable: delete the spool file."""
        if self._part is not None:
            path = self._studio.spool_dir / self._part.file_name
            self._lane.add(lambda: path.unlink(missing_ok=True))

    def _mix(self, until_ms: int) -> None:
        if self._tape is None or not self.is_recording or until_ms <= self._mixed_ms:
            return
        if self._lane.is_full:
            self._tape.fail("this server could not keep up with recording")
            return
        batch = Batch(
            self._candidate.take(self._candidate.samples(until_ms)),
            self._interviewer.take(self._interviewer.samples(until_ms)),
            until_ms - self._mixed_ms,
        )
        self._mixed_ms = until_ms
        tape = self._tape
        self._lane.add(lambda: tape.write(batch))

    async def _store(self, part: Part, tape: Tape) -> RecordingStored | RecordingFailed:
        try:
            return await store(part, self._studio.spool_dir / part.file_name, self._studio)
        except (VaultDamaged, FileNotFoundError):
            reason = tape.failure or "nothing of it reached the disk"
        except (BlobsUnavailable, TimeoutError) as exc:
            away = exc.reason if isinstance(exc, BlobsUnavailable) else "it took too long"
            reason = f"the store of files is unavailable, so it is kept aside: {away}"
        except OSError as exc:
            reason = f"the disk failed: {exc.strerror}"
        log.warning("part %s of %s is not stored: %s", part.number, part.interview_id, reason)
        now_ms = self._studio.clock.now_ms()
        return RecordingFailed(at_ms=now_ms, part=part.number, reason=reason)

    def _log_lost(self) -> None:
        lost_ms = {
            side: track.lost * 1000 // track.rate_hz
            for side, track in (("candidate", self._candidate), ("interviewer", self._interviewer))
        }
        if any(lost_ms.values()):
            log.info("audio that came too late for the recording, in ms: %s", lost_ms)
