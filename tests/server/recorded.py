"""An interview with a recording in a real store, for the tests of what the companion does of it."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence

from server.kit import keys
from sessions.facts import (
    AnswerHeard,
    AnswerScored,
    CompletionReason,
    ConsentGiven,
    Coverage,
    Fact,
    InterviewCompleted,
    InterviewerSpoke,
    InterviewPlanned,
    KeyPointFinding,
    Move,
    QuestionAsked,
    RecordingStarted,
    RecordingStored,
    RoomClosed,
    RoomOpened,
    Timing,
    Word,
)
from sessions.ids import InterviewId
from sessions.infra.blobs import ObstoreBlobs, open_blobs
from sessions.infra.recording_keys import load_or_create_keyring
from sessions.infra.vault import Keyring, Sealer
from tests.server.companion import NOW_MS, Browser, Companion

SOUND = random.Random(3).randbytes(600_001)  # noqa: S311 -- no secret: any bytes that do not repeat
PART_MS = 60_000
SAID = (
    "I would say this to everybody, and then I would wait for what they say to it. "
    "Nobody should learn of a change from the change itself."
)


def store_of(companion: Companion) -> ObstoreBlobs:
    return open_blobs(companion.app[keys.SETTINGS])


def keyring_of(companion: Companion) -> Keyring:
    return load_or_create_keyring(companion.app[keys.SETTINGS])


async def keys_in_store(companion: Companion) -> list[str]:
    return sorted([key async for key in store_of(companion).list()])


async def put_part(
    companion: Companion,
    interview_id: str,
    *,
    part: int = 1,
    started_ms: int = NOW_MS,
    sound: bytes = SOUND,
    at_ms: int = NOW_MS + PART_MS,
    is_whole: bool = True,
) -> RecordingStored:
    """Encrypted into the store; the fact that says so is the caller's to append."""
    keyring = keyring_of(companion)
    sealer = Sealer(keyring.newest)
    stored = sealer.header + sealer.seal(sound) + sealer.finish()
    key = f"recordings/{interview_id}/{part}-0123456789abcdef.ogg.enc"
    await store_of(companion).put(key, stored)
    return RecordingStored(
        at_ms=at_ms,
        part=part,
        key=key,
        started_ms=started_ms,
        duration_ms=PART_MS,
        size_bytes=len(stored),
        sha256=hashlib.sha256(stored).hexdigest(),
        key_id=keyring.newest.id,
        is_whole=is_whole,
    )


def room_opened(at_ms: int = NOW_MS) -> RoomOpened:
    return RoomOpened(
        at_ms=at_ms,
        gateway="test",
        recogniser="test",
        keeps_fillers=True,
        voice="test",
        interviewer="scripted",
    )


def agreed(*, recording: bool = True) -> list[Fact]:
    return [
        room_opened(),
        ConsentGiven(at_ms=NOW_MS, text_version="x", transcript=True, recording=recording),
    ]


def completed(at_ms: int = NOW_MS + PART_MS) -> InterviewCompleted:
    return InterviewCompleted(at_ms=at_ms, reason=CompletionReason.FINISHED)


def closed(at_ms: int = NOW_MS + PART_MS) -> RoomClosed:
    return RoomClosed(at_ms=at_ms, reason="test")


async def append(companion: Companion, interview_id: str, facts: Sequence[Fact]) -> None:
    held = await companion.journal.read(InterviewId(interview_id))
    await companion.journal.append(InterviewId(interview_id), facts, after_seq=held[-1].seq)


async def facts_of(companion: Companion, interview_id: str) -> list[Fact]:
    return [entry.fact for entry in await companion.journal.read(InterviewId(interview_id))]


async def recorded_interview(companion: Companion, owner: Browser) -> str:
    """Over, with one part of a minute in the store."""
    interview_id = await owner.create_interview()
    stored = await put_part(companion, interview_id)
    facts = [
        *agreed(),
        RecordingStarted(at_ms=NOW_MS, part=1, started_ms=NOW_MS),
        *conversation((await facts_of(companion, interview_id))[0]),
        completed(),
        stored,
    ]
    await append(companion, interview_id, facts)
    return interview_id


def conversation(planned: Fact) -> list[Fact]:
    """A question at 1 to 3 s, its answer at 5 s on, a word each 500 ms; "say this" is quoted."""
    assert isinstance(planned, InterviewPlanned)
    question = planned.questions[0]
    words = tuple(
        Word(
            text=text,
            start_ms=NOW_MS + 5_000 + place * 500,
            end_ms=NOW_MS + 5_400 + place * 500,
        )
        for place, text in enumerate(SAID.split())
    )
    start = SAID.index("say this")
    finding = KeyPointFinding(
        key_point_id=question.key_points[0].id,
        coverage=Coverage.COVERED,
        quote="say this",
        start=start,
        end=start + len("say this"),
    )
    return [
        QuestionAsked(at_ms=NOW_MS + 1_000, index=0, question_id=question.id),
        InterviewerSpoke(
            at_ms=NOW_MS + 3_000,
            utterance=1,
            move=Move.ASK,
            question_id=question.id,
            text=question.spoken,
            heard=question.spoken,
            started_ms=NOW_MS + 1_000,
            ended_ms=NOW_MS + 3_000,
            interrupted=False,
        ),
        AnswerHeard(
            at_ms=NOW_MS + 20_000,
            turn=1,
            question_id=question.id,
            text=SAID,
            words=words,
            timing=Timing.WORD,
            recogniser="test",
            started_ms=words[0].start_ms,
            ended_ms=words[-1].end_ms,
        ),
        AnswerScored(
            at_ms=NOW_MS + 20_100,
            turn=1,
            question_id=question.id,
            judge="test",
            findings=(finding,),
        ),
    ]
