"""Recordings whose process died, or whose store was away: completed, stored, told as facts."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path

from agent.recorder.spool import SUFFIX, Part, in_pool, lock, store
from agent.recorder.studio import Studio
from agent.recorder.tape import CHUNK_BYTES
from sessions.errors import BlobsUnavailable
from sessions.facts import RecordingFailed, RecordingStored
from sessions.ids import InterviewId
from sessions.infra.vault import HEADER_BYTES, TAG_BYTES, VaultDamaged, VaultKeyUnknown

log = logging.getLogger(__name__)

DAMAGED = ".damaged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    interview_id: InterviewId
    fact: RecordingStored | RecordingFailed


async def recover_recordings(
    studio: Studio, *, is_held: Callable[[InterviewId], bool] = lambda _: False
) -> AsyncGenerator[Recovered]:
    """At the start of a process, and now and then: append each fact before asking for the next.

    A spool file is deleted when the next one is asked for, so a process that dies before its
    fact is durable loses nothing. Files of living rooms, of this process or another, are passed
    over, and so are those of interviews that are held: only their rooms may append to them.
    Those that cannot be stored now stay for the next time.
    """
    for path in await in_pool(studio, lambda: sorted(studio.spool_dir.glob(f"*{SUFFIX}"))):
        part = Part.of_file(path)
        if part is None or is_held(part.interview_id):
            continue
        try:
            file = path.open("rb")
        except FileNotFoundError:  # its own room or another process was quicker
            continue
        with file:
            fact = await _recover(part, path, studio) if lock(file) else None
            if fact is not None:
                yield Recovered(interview_id=part.interview_id, fact=fact)
                await in_pool(studio, lambda path=path: _clear(path))


async def _recover(
    part: Part, path: Path, studio: Studio
) -> RecordingStored | RecordingFailed | None:
    """None when it must be tried again later."""
    try:
        return await store(part, path, studio)
    except VaultDamaged as exc:
        reason = await in_pool(studio, lambda reason=exc.message: _set_aside(path, reason))
        return RecordingFailed(at_ms=studio.clock.now_ms(), part=part.number, reason=reason)
    except FileNotFoundError:  # released while we came to it
        return None
    except (VaultKeyUnknown, BlobsUnavailable) as exc:
        log.warning("a recording stays in the spool: %s %s", path.name, exc.message)
    except (TimeoutError, OSError) as exc:
        log.warning("a recording stays in the spool: %s: %s", path.name, exc)
    return None


def _set_aside(path: Path, damage: str) -> str:
    """Why there is nothing to store. A file that had something in it is kept for a person."""
    if path.stat().st_size < HEADER_BYTES + CHUNK_BYTES + TAG_BYTES:
        return "the process died before anything of it reached the disk"
    log.error("%s: %s It is kept as %s.", path.name, damage, DAMAGED)
    path.rename(path.with_name(path.name + DAMAGED))
    return "what reached the disk is damaged"


def _clear(path: Path) -> None:
    path.unlink(missing_ok=True)
