"""Made-up plans and facts for tests of the interview and of what is folded from it."""

from __future__ import annotations

from sessions.facts import (
    AnswerHeard,
    AnswerScored,
    ConsentGiven,
    Coverage,
    InterviewerSpoke,
    InterviewPlanned,
    KeyPointFinding,
    Move,
    ParticipantJoined,
    RoomOpened,
    Speaker,
    Timing,
)
from sessions.ids import AccountId, InterviewId, KeyPointId, QuestionId
from sessions.interview import Say
from sessions.plan import Difficulty, InterviewType, KeyPoint, PlanRequest, Question

INTERVIEW = InterviewId("11111111-1111-4111-8111-111111111111")


def made_question(number: int, *, points: int = 2, minutes: int = 4) -> Question:
    return Question(
        id=QuestionId(f"q{number}"),
        version=1,
        type=InterviewType.BEHAVIORAL,
        difficulty=number,
        minutes=minutes,
        text=f"Question number {number}, as it is written on the screen?",
        spoken=f"Question number {number}, as it is spoken.",
        rephrase=f"Question {number} in other words.",
        key_points=tuple(
            KeyPoint(
                id=KeyPointId(f"k{point}"),
                point=f"Key point {point} of question {number}",
                phrasings=(f"phrase {number} {point}", f"saying {number} {point}"),
                follow_up=f"What about point {point} of question {number}?",
            )
            for point in range(points)
        ),
    )


def planned(questions: tuple[Question, ...], *, at_ms: int = 0) -> InterviewPlanned:
    return InterviewPlanned(
        at_ms=at_ms,
        interview_id=INTERVIEW,
        account_id=AccountId("account"),
        request=PlanRequest(
            type=InterviewType.BEHAVIORAL,
            difficulty=Difficulty.EASY,
            question_count=len(questions),
        ),
        questions=questions,
        seed="seed",
    )


def room_opened(at_ms: int) -> RoomOpened:
    return RoomOpened(
        at_ms=at_ms,
        gateway="test",
        recogniser="test",
        keeps_fillers=True,
        voice="test",
        interviewer="scripted",
    )


def joined(at_ms: int) -> ParticipantJoined:
    return ParticipantJoined(at_ms=at_ms, speaker=Speaker.CANDIDATE, client="test")


def consented(at_ms: int) -> ConsentGiven:
    return ConsentGiven(at_ms=at_ms, text_version="test", transcript=True, recording=False)


def spoke(
    say: Say, at_ms: int, *, heard: str | None = None, text: str = "x" * 40
) -> InterviewerSpoke:
    return InterviewerSpoke(
        at_ms=at_ms,
        utterance=1,
        move=say.move,
        question_id=say.question.id if say.question else None,
        text=text,
        heard=text if heard is None else heard,
        started_ms=at_ms - 1000,
        ended_ms=at_ms,
        interrupted=heard is not None,
    )


def answered(
    text: str, at_ms: int, *, turn: int = 1, question_id: QuestionId | None = None
) -> AnswerHeard:
    return AnswerHeard(
        at_ms=at_ms,
        turn=turn,
        question_id=question_id,
        text=text,
        words=(),
        timing=Timing.NONE,
        recogniser="typed",
        started_ms=at_ms,
        ended_ms=at_ms,
    )


def scored(question: Question, at_ms: int, *covered: str, turn: int = 1) -> AnswerScored:
    return AnswerScored(
        at_ms=at_ms,
        turn=turn,
        question_id=question.id,
        judge="test",
        findings=tuple(
            KeyPointFinding(
                key_point_id=point.id,
                coverage=Coverage.COVERED if point.id in covered else Coverage.MISSING,
            )
            for point in question.key_points
        ),
    )


ASKED = (Move.ASK, Move.REPEAT)
