import pytest

from sessions.facts import (
    CompletionReason,
    ConsentGiven,
    Fact,
    InterviewAbandoned,
    InterviewCompleted,
    InterviewPaused,
    InterviewPlanned,
    InterviewResumed,
    ParticipantJoined,
    RoomClosed,
    RoomLost,
    RoomOpened,
    Speaker,
)
from sessions.ids import AccountId, InterviewId
from sessions.lifecycle import Status, fold_status, next_status
from sessions.plan import Difficulty, InterviewType, PlanRequest

PLANNED = InterviewPlanned(
    at_ms=1,
    interview_id=InterviewId("iv"),
    account_id=AccountId("ac"),
    request=PlanRequest(type=InterviewType.DSA, difficulty=Difficulty.EASY, question_count=0),
    questions=(),
    seed="s",
)
CONSENT = ConsentGiven(at_ms=2, text_version="1", transcript=True, recording=False)
OPENED = RoomOpened(
    at_ms=2, gateway="g", recogniser="r", keeps_fillers=True, voice="v", interviewer="i"
)
JOINED = ParticipantJoined(at_ms=2, speaker=Speaker.CANDIDATE, client="c")
PAUSED = InterviewPaused(at_ms=3)
RESUMED = InterviewResumed(at_ms=4)
CLOSED = RoomClosed(at_ms=5, reason="drain")
LOST = RoomLost(at_ms=5, gateway="g")
COMPLETED = InterviewCompleted(at_ms=6, reason=CompletionReason.FINISHED)
ABANDONED = InterviewAbandoned(at_ms=6, reason="nobody came back")
EVERY = [
    PLANNED, CONSENT, OPENED, JOINED, PAUSED, RESUMED, CLOSED, LOST, COMPLETED, ABANDONED
]  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([], Status.SETUP),
        ([PLANNED], Status.READY),
        ([PLANNED, OPENED, JOINED], Status.READY),
        ([PLANNED, OPENED, CLOSED], Status.READY),
        ([PLANNED, OPENED, LOST], Status.READY),
        ([PLANNED, OPENED, CONSENT], Status.IN_PROGRESS),
        ([PLANNED, OPENED, CONSENT, PAUSED], Status.PAUSED),
        ([PLANNED, OPENED, CONSENT, PAUSED, RESUMED], Status.IN_PROGRESS),
        ([PLANNED, OPENED, CONSENT, CLOSED], Status.INTERRUPTED),
        ([PLANNED, OPENED, CONSENT, PAUSED, LOST], Status.PAUSED),
        ([PLANNED, OPENED, CONSENT, PAUSED, LOST, OPENED], Status.PAUSED),
        ([PLANNED, OPENED, CONSENT, LOST, JOINED], Status.INTERRUPTED),
        ([PLANNED, OPENED, CONSENT, LOST, OPENED], Status.IN_PROGRESS),
        ([PLANNED, OPENED, CONSENT, OPENED], Status.IN_PROGRESS),
        ([PLANNED, OPENED, CONSENT, COMPLETED, CLOSED], Status.COMPLETED),
        ([PLANNED, OPENED, CONSENT, PAUSED, ABANDONED], Status.ABANDONED),
    ],
)
def test_the_status_after_some_facts(facts: list[Fact], expected: Status) -> None:
    assert fold_status(facts) is expected


@pytest.mark.parametrize("end", [Status.COMPLETED, Status.ABANDONED])
@pytest.mark.parametrize("fact", EVERY, ids=lambda fact: type(fact).__name__)
def test_nothing_changes_what_is_over(end: Status, fact: Fact) -> None:
    assert next_status(end, fact) is end


def test_what_is_over() -> None:
    assert [status for status in Status if status.is_over] == [Status.COMPLETED, Status.ABANDONED]
