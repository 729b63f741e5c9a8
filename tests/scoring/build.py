"""Facts made short for tests: times in ms from T0, everything else with a plain default."""

from __future__ import annotations

from scoring.rubric import Competency, Dimension, Rubric, Rubrics
from sessions.facts import (
    AnswerHeard,
    AnswerScored,
    ConsentGiven,
    Coverage,
    FillerHeard,
    InterviewerSpoke,
    InterviewPlanned,
    KeyPointFinding,
    Move,
    QuestionAsked,
    RoomOpened,
    Timing,
    Word,
)
from sessions.ids import AccountId, InterviewId, KeyPointId, QuestionId
from sessions.plan import Difficulty, InterviewType, KeyPoint, PlanRequest, Question

T0 = 1_795_000_000_000


def question(id: str = "q1", *, points: dict[str, tuple[str, ...]] | None = None) -> Question:
    return Question(
        id=QuestionId(id),
        version=1,
        type=InterviewType.DSA,
        difficulty=2,
        minutes=4,
        text=f"The text of {id}?",
        spoken=f"The text of {id}?",
        rephrase=f"In other words, {id}?",
        key_points=tuple(
            KeyPoint(
                id=KeyPointId(name), point=name, phrasings=phrasings, follow_up=f"And the {name}?"
            )
            for name, phrasings in (points or {"set": ("hash set",), "cost": ("linear",)}).items()
        ),
    )


def planned(*questions: Question, language: str = "en", at: int = 0) -> InterviewPlanned:
    return InterviewPlanned(
        at_ms=T0 + at,
        interview_id=InterviewId("iv"),
        account_id=AccountId("ac"),
        request=PlanRequest(
            type=InterviewType.DSA,
            difficulty=Difficulty.EASY,
            question_count=len(questions),
            language=language,
        ),
        questions=questions,
        seed="s",
    )


def consent(at: int = 0) -> ConsentGiven:
    return ConsentGiven(at_ms=T0 + at, text_version="1", transcript=True, recording=False)


def room(*, keeps_fillers: bool = True, recogniser: str = "deepgram", at: int = 0) -> RoomOpened:
    return RoomOpened(
        at_ms=T0 + at,
        gateway="g",
        recogniser=recogniser,
        keeps_fillers=keeps_fillers,
        voice="v",
        interviewer="scripted",
    )


def asked(index: int, id: str, at: int = 0) -> QuestionAsked:
    return QuestionAsked(at_ms=T0 + at, index=index, question_id=QuestionId(id))


def spoke(
    text: str, *, at: int, ms: int, heard: str | None = None, id: str | None = None
) -> InterviewerSpoke:
    return InterviewerSpoke(
        at_ms=T0 + at + ms,
        utterance=at,
        move=Move.ASK,
        question_id=None if id is None else QuestionId(id),
        text=text,
        heard=text if heard is None else heard,
        started_ms=T0 + at,
        ended_ms=T0 + at + ms,
        interrupted=heard is not None,
    )


def heard(
    text: str,
    *,
    turn: int = 1,
    at: int = 0,
    ms: int = 20_000,
    timing: Timing = Timing.UTTERANCE,
    words: tuple[Word, ...] = (),
    id: str | None = "q1",
    response_ms: int | None = None,
) -> AnswerHeard:
    return AnswerHeard(
        at_ms=T0 + at + ms,
        turn=turn,
        question_id=None if id is None else QuestionId(id),
        text=text,
        words=words,
        timing=timing,
        recogniser="deepgram",
        started_ms=T0 + at,
        ended_ms=T0 + at + ms,
        response_ms=response_ms,
    )


def filler(name: str, *, turn: int = 1, start: int = 0) -> FillerHeard:
    return FillerHeard(
        at_ms=T0,
        turn=turn,
        filler=name,
        start=start,
        end=start + len(name),
        start_ms=T0,
        end_ms=T0 + 100,
    )


def timed(text: str, *, at: int, word_ms: int = 300, gap_ms: int = 100) -> tuple[Word, ...]:
    return tuple(
        Word(
            text=word,
            start_ms=T0 + at + place * (word_ms + gap_ms),
            end_ms=T0 + at + place * (word_ms + gap_ms) + word_ms,
        )
        for place, word in enumerate(text.split())
    )


def scored(turn: int, id: str, *findings: KeyPointFinding, at: int = 0) -> AnswerScored:
    return AnswerScored(
        at_ms=T0 + at, turn=turn, question_id=QuestionId(id), judge="j", findings=findings
    )


def finding(point: str, coverage: Coverage, quote: str = "", start: int = 0) -> KeyPointFinding:
    return KeyPointFinding(
        key_point_id=KeyPointId(point),
        coverage=coverage,
        quote=quote,
        start=start,
        end=start + len(quote),
    )


def rubric(type: InterviewType = InterviewType.DSA, level: Difficulty = Difficulty.EASY) -> Rubric:
    """Two competencies: one rated by the questions that name "correctness", one by structure."""
    return Rubric(
        type=type,
        level=level,
        version=3,
        competencies=(
            Competency(
                id="correctness",
                name="Correctness",
                definition="Says what works, and why it does.",
                dimension=Dimension.TECHNICAL_DEPTH,
                weight=60,
                counts=("correctness", "ownership", "learning", "growth"),
                expected="One way that works, with its cost said.",
                anchors={at: f"An answer that is rated {at} of five." for at in range(1, 6)},
            ),
            Competency(
                id="structure",
                name="Structure",
                definition="Builds the answer so that it can be followed.",
                dimension=Dimension.COMMUNICATION,
                weight=40,
                is_structure=True,
                expected="The parts of an answer in an order.",
                anchors={at: f"A structure that is rated {at} of five." for at in range(1, 6)},
            ),
        ),
    )


def rubrics(*known: Rubric) -> Rubrics:
    return {(one.type, one.level): one for one in known}
