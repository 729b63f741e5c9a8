from sessions.facts import (
    AnswerHeard,
    Fact,
    FillerHeard,
    InterviewerSpoke,
    InterviewPaused,
    Move,
    Speaker,
    Timing,
)
from sessions.protocol import Caption, FillerMark
from sessions.transcript import fold_captions


def said(utterance: int, text: str, *, at_ms: int, heard: str | None = None) -> InterviewerSpoke:
    return InterviewerSpoke(
        at_ms=at_ms + 900,
        utterance=utterance,
        move=Move.ASK,
        question_id=None,
        text=text,
        heard=text if heard is None else heard,
        started_ms=at_ms,
        ended_ms=at_ms + 900,
        interrupted=heard is not None,
    )


def answered(turn: int, text: str, *, at_ms: int, timing: Timing = Timing.UTTERANCE) -> AnswerHeard:
    return AnswerHeard(
        at_ms=at_ms + 900,
        turn=turn,
        question_id=None,
        text=text,
        words=(),
        timing=timing,
        recogniser="r",
        started_ms=at_ms,
        ended_ms=at_ms + 900,
    )


def filler(turn: int, name: str, start: int) -> FillerHeard:
    return FillerHeard(
        at_ms=1, turn=turn, filler=name, start=start, end=start + len(name), start_ms=1, end_ms=2
    )


def test_no_facts_no_captions() -> None:
    assert fold_captions([]) == ()
    assert fold_captions([InterviewPaused(at_ms=1)]) == ()


def test_both_sides_in_the_order_they_began() -> None:
    facts: list[Fact] = [
        said(1, "Hello.", at_ms=1_000),
        answered(1, "um hello uh you", at_ms=4_000),
        filler(1, "uh", 9),
        filler(1, "um", 0),
        said(2, "What is a heap?", at_ms=3_000, heard="What is"),
        answered(2, "um is kept", at_ms=6_000, timing=Timing.NONE),
    ]
    assert fold_captions(facts) == (
        Caption(speaker=Speaker.INTERVIEWER, id=1, text="Hello.", final=True),
        Caption(speaker=Speaker.INTERVIEWER, id=2, text="What is", final=True),
        Caption(
            speaker=Speaker.CANDIDATE,
            id=1,
            text="um hello uh you",
            final=True,
            fillers=(
                FillerMark(filler="um", start=0, end=2),
                FillerMark(filler="uh", start=9, end=11),
            ),
        ),
        Caption(speaker=Speaker.CANDIDATE, id=2, text="um is kept", final=True, typed=True),
    )


def test_an_utterance_nobody_heard_has_no_caption() -> None:
    assert fold_captions([said(1, "Hello.", at_ms=1, heard="")]) == ()
