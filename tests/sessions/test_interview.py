"""The interview as a table of conversations: facts in, moves out, no clock, no loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from sessions.facts import (
    CompletionReason,
    ConnectionLost,
    ConnectionResumed,
    Fact,
    Intent,
    IntentRecognised,
    InterviewCompleted,
    InterviewPaused,
    InterviewResumed,
    Move,
    Probed,
    QuestionAsked,
    QuestionSkipped,
    RoomLost,
    SkipReason,
)
from sessions.interview import (
    OVERTIME_MS,
    PROBE_MS,
    STOP_MS,
    Interview,
    Judge,
    Output,
    Rules,
    Say,
)
from sessions.lifecycle import Status
from sessions.plan import Difficulty, Phase, Question
from sessions.probing import PROBES
from sessions.silence import LADDER_MS
from tests.support.interviews import (
    answered,
    consented,
    joined,
    made_question,
    planned,
    room_opened,
    scored,
    spoke,
)

Q1, Q2 = made_question(1), made_question(2)


class Stage:
    """Plays the room: carries decisions out at once, keeps what was said and recorded."""

    def __init__(
        self,
        questions: Sequence[Question] = (Q1, Q2),
        probes: int | None = 1,
        level: Difficulty = Difficulty.EASY,
    ) -> None:
        self.now_ms = 1_000
        self.log: list[Fact] = []
        self.moves: list[Move] = []
        self.outputs: list[Output] = []
        self.interview = Interview(rules=Rules(probes_per_question=probes))
        self.covered: dict[int, tuple[str, ...]] = {}
        plan = planned(tuple(questions))
        plan = replace(plan, request=replace(plan.request, difficulty=level))
        for fact in (plan, room_opened(500), joined(600)):
            self.feed(fact)

    def start(self) -> Stage:
        self.feed(consented(self.now_ms))
        return self

    def feed(self, fact: Fact) -> None:
        self.log.append(fact)
        self.take(self.interview.receive(fact))

    def take(self, outputs: list[Output]) -> None:
        for output in outputs:
            self.outputs.append(output)
            match output:
                case Say():
                    self.moves.append(output.move)
                    self.now_ms += 1_000
                    self.feed(spoke(output, self.now_ms))
                case Judge():
                    covered = self.covered.get(output.turn, ())
                    self.feed(scored(output.question, self.now_ms, *covered, turn=output.turn))
                case _:
                    self.log.append(output)

    def answer(self, text: str, *covered: str) -> None:
        self.now_ms += 5_000
        turn = self.interview.next_turn
        self.covered[turn] = covered
        self.feed(answered(text, self.now_ms, turn=turn, question_id=self.interview.answering))

    def wait(self, ms: int) -> None:
        self.now_ms += ms
        self.take(self.interview.tick(self.now_ms))

    def recorded(self, kind: type[Fact]) -> list[Fact]:
        return [fact for fact in self.log if isinstance(fact, kind)]


def test_nothing_is_said_before_consent() -> None:
    stage = Stage()
    assert stage.moves == []
    assert stage.interview.status is Status.READY


def test_a_whole_interview_greets_asks_probes_once_and_closes() -> None:
    stage = Stage().start()
    assert stage.moves == [Move.GREET, Move.ASK]
    stage.answer("an answer with the first point", "k0")
    assert stage.moves[-1] is Move.PROBE
    assert stage.recorded(Probed)[0] == Probed(
        at_ms=stage.log[-2].at_ms, question_id=Q1.id, key_point_id=Q1.key_points[1].id
    )
    stage.answer("still not the second")
    assert stage.moves[-1] is Move.ASK
    stage.answer("all of it", "k0", "k1")
    assert stage.moves[-1] is Move.WRAP_UP
    stage.answer("no, that was all")
    assert stage.moves[-1] is Move.CLOSE
    assert stage.interview.status is Status.COMPLETED
    completed = stage.recorded(InterviewCompleted)
    assert [fact for fact in completed] == [
        InterviewCompleted(at_ms=stage.now_ms, reason=CompletionReason.FINISHED)
    ]


def test_no_question_is_ever_asked_twice_by_decision() -> None:
    stage = Stage().start()
    for text in ("one", "two", "three", "four", "five"):
        stage.answer(f"answer {text} in several words")
    asked = [fact for fact in stage.recorded(QuestionAsked)]
    assert [fact.index for fact in asked if isinstance(fact, QuestionAsked)] == [0, 1]


@pytest.mark.parametrize(
    ("text", "intent", "move"),
    [
        ("Could you repeat the question?", Intent.REPEAT, Move.REPEAT),
        ("One moment please", Intent.WAIT, Move.WAIT),
        ("What do you mean?", Intent.CLARIFY, Move.CLARIFY),
        ("Let's skip this one", Intent.SKIP, Move.ASK),
    ],
)
def test_requests_are_obliged_and_not_judged(text: str, intent: Intent, move: Move) -> None:
    stage = Stage().start()
    stage.answer(text)
    assert stage.moves[-1] is move
    assert not any(isinstance(output, Judge) for output in stage.outputs)
    recognised = [fact for fact in stage.log if isinstance(fact, IntentRecognised)]
    assert [fact.intent for fact in recognised] == [intent]


def test_a_request_during_a_probe_is_about_the_probe() -> None:
    stage = Stage().start()
    stage.answer("an answer of some words")
    stage.answer("sorry, can you repeat that?")
    said = [output for output in stage.outputs if isinstance(output, Say)][-1]
    assert said == Say(Move.REPEAT, Q1, Q1.key_points[0].id)


def test_a_button_is_as_good_as_words() -> None:
    stage = Stage().start()
    stage.feed(IntentRecognised(at_ms=stage.now_ms, turn=0, intent=Intent.SKIP))
    skipped = [fact for fact in stage.log if isinstance(fact, QuestionSkipped)]
    assert [(fact.question_id, fact.reason) for fact in skipped] == [(Q1.id, SkipReason.CANDIDATE)]
    assert stage.moves[-1] is Move.ASK


def test_words_over_an_unheard_question_belong_to_the_one_before() -> None:
    stage = Stage(probes=0).start()
    stage.covered[1] = ("k0",)
    interview = stage.interview
    first = interview.receive(answered("my answer to one", 9_000, turn=1, question_id=Q1.id))
    assert isinstance(first[0], Judge)
    outputs = interview.receive(scored(Q1, 9_100, "k0"))
    ask = outputs[-1]
    assert isinstance(ask, Say)
    assert ask.question == Q2
    interview.receive(spoke(ask, 10_000, heard="x"))  # cut off after a word
    assert interview.answering == Q1.id
    assert interview.receive(answered("and one more thing", 11_000, turn=2, question_id=Q1.id))
    assert interview.receive(scored(Q1, 11_100, turn=2)) == [Say(Move.ASK, Q2)]


def test_time_over_closes_instead_of_asking_on() -> None:
    stage = Stage().start()
    stage.now_ms += 8 * 60_000
    stage.answer("a very long answer")
    assert stage.moves[-1] is Move.CLOSE
    completed = [fact for fact in stage.log if isinstance(fact, InterviewCompleted)]
    assert [fact.reason for fact in completed] == [CompletionReason.TIME_OVER]


def test_a_pause_stops_the_clock_and_a_resume_says_the_question_again() -> None:
    stage = Stage().start()
    elapsed = stage.interview.elapsed_ms(stage.now_ms)
    stage.feed(InterviewPaused(at_ms=stage.now_ms))
    stage.wait(10 * 60_000)
    assert stage.interview.elapsed_ms(stage.now_ms) == elapsed
    stage.feed(InterviewResumed(at_ms=stage.now_ms))
    assert stage.moves[-2:] == [Move.RESUME, Move.REPEAT]


def test_a_reconnection_is_silent_unless_something_was_cut() -> None:
    stage = Stage().start()
    stage.feed(ConnectionLost(at_ms=stage.now_ms, reason="test"))
    stage.wait(60_000)
    before = list(stage.moves)
    stage.feed(ConnectionResumed(at_ms=stage.now_ms, gap_ms=60_000))
    assert stage.moves == before


def test_after_a_crash_it_goes_on_at_the_right_question() -> None:
    stage = Stage().start()
    stage.answer("all of it", "k0", "k1")
    assert stage.interview.question == Q2
    rebuilt = Interview.replay([*stage.log, RoomLost(at_ms=90_000, gateway="test")])
    assert rebuilt.status is Status.INTERRUPTED
    assert rebuilt.elapsed_ms(90_000) == stage.interview.elapsed_ms(stage.now_ms)
    rebuilt.receive(room_opened(100_000))
    assert rebuilt.receive(joined(100_100)) == [Say(Move.RESUME), Say(Move.REPEAT, Q2)]
    assert rebuilt.next_turn == stage.interview.next_turn


def test_after_a_crash_an_unjudged_answer_is_judged_not_asked_for_again() -> None:
    stage = Stage().start()
    facts = [*stage.log, answered("an answer", 20_000, turn=1, question_id=Q1.id)]
    rebuilt = Interview.replay([*facts, RoomLost(at_ms=30_000, gateway="test")])
    rebuilt.receive(room_opened(40_000))
    assert rebuilt.receive(joined(40_100)) == [
        Say(Move.RESUME),
        Judge(1, Q1, "an answer"),
    ]


def test_a_replay_reaches_the_same_place() -> None:
    stage = Stage((Q1, Q2, made_question(3))).start()
    for text, *covered in (("the first", "k0"), ("repeat please",), ("more", "k1"), ("skip",)):
        stage.answer(text, *covered)
        live, rebuilt = stage.interview, Interview.replay(stage.log)
        for seen in (live, rebuilt):
            assert (seen.status, seen.next_turn, seen.question, seen.probe, seen.answering) == (
                live.status,
                live.next_turn,
                live.question,
                live.probe,
                live.answering,
            )


def test_a_crash_after_the_last_word_closes_instead_of_asking_again() -> None:
    stage = Stage(probes=0).start()
    stage.answer("one")
    stage.answer("two")
    stage.answer("nothing to add")
    log = stage.log[
        : next(i for i, fact in enumerate(stage.log) if isinstance(fact, InterviewCompleted)) - 1
    ]
    rebuilt = Interview.replay([*log, RoomLost(at_ms=90_000, gateway="test")])
    rebuilt.receive(room_opened(100_000))
    assert rebuilt.receive(joined(100_100)) == [Say(Move.RESUME), Say(Move.CLOSE)]


def test_words_after_the_closing_change_nothing() -> None:
    stage = Stage(probes=0).start()
    stage.answer("one")
    stage.answer("two")
    stage.answer("nothing to add")
    before = len(stage.outputs)
    stage.answer("thank you")
    assert len(stage.outputs) == before


def test_an_answer_cut_short_by_a_pause_is_not_the_whole_answer() -> None:
    stage = Stage().start()
    half = answered("half of an", stage.now_ms, turn=1, question_id=Q1.id)
    stage.log.append(half)
    stage.interview.apply(half)  # kept, with nothing decided on it
    stage.interview.apply(scored(Q1, stage.now_ms, "k0"))
    stage.feed(InterviewPaused(at_ms=stage.now_ms))
    stage.feed(InterviewResumed(at_ms=stage.now_ms))
    assert stage.moves[-2:] == [Move.RESUME, Move.REPEAT]
    assert stage.interview.question == Q1


def test_a_room_that_is_lost_in_a_pause_comes_back_paused() -> None:
    stage = Stage().start()
    stage.feed(InterviewPaused(at_ms=stage.now_ms))
    stage.feed(RoomLost(at_ms=stage.now_ms, gateway="test"))
    before = list(stage.moves)
    stage.feed(room_opened(stage.now_ms))
    stage.feed(joined(stage.now_ms))
    assert stage.interview.status is Status.PAUSED
    assert stage.moves == before
    stage.feed(InterviewResumed(at_ms=stage.now_ms))
    assert stage.moves[-2:] == [Move.RESUME, Move.REPEAT]


def test_how_the_question_before_ended_is_known_until_the_next_answer() -> None:
    stage = Stage((Q1, Q2, made_question(3))).start()
    stage.answer("skip")
    assert stage.interview.skipped is SkipReason.CANDIDATE
    stage.answer("an answer to the second question")
    assert stage.interview.skipped is None


# -- who does not know, and what is left to say ----------------------------------------------------


def test_who_does_not_know_is_encouraged_once_before_the_question_is_left() -> None:
    stage = Stage().start()
    stage.answer("I don't know")
    assert stage.moves[-1] is Move.ENCOURAGE
    assert stage.interview.question == Q1
    stage.answer("no idea")
    assert [f.reason for f in skips(stage)] == [SkipReason.CANDIDATE]
    assert stage.interview.question == Q2


def test_encouraged_a_candidate_may_still_answer_and_be_asked_on() -> None:
    stage = Stage().start()
    stage.answer("I don't know")
    stage.answer("well, the first point I do know", "k0")
    assert stage.moves[-1] is Move.PROBE


def test_not_to_know_what_a_follow_up_asks_does_not_take_back_the_answer() -> None:
    stage = Stage(probes=2).start()
    stage.answer("an answer of some words")
    stage.answer("I don't know")
    assert [f.key_point_id for f in probes(stage)] == ["k0", "k1"]
    stage.answer("I have no idea")
    assert skips(stage) == []
    assert stage.interview.question == Q2


def test_what_is_added_at_the_end_is_judged_with_the_last_question() -> None:
    stage = Stage(probes=0).start()
    stage.answer("one")
    stage.answer("two")
    assert stage.moves[-1] is Move.WRAP_UP
    stage.answer("yes, I forgot the first point", "k0")
    (last,) = [output for output in stage.outputs if isinstance(output, Judge)][-1:]
    assert last.question == Q2
    assert stage.interview.status is Status.COMPLETED


@pytest.mark.parametrize(
    ("text", "moves"),
    [
        ("What did you say?", [Move.WRAP_UP]),
        ("One moment please", [Move.WAIT]),
        ("Skip", [Move.CLOSE]),
        ("I don't know", [Move.CLOSE]),
    ],
)
def test_requests_after_the_last_question(text: str, moves: list[Move]) -> None:
    stage = Stage(probes=0).start()
    stage.answer("one")
    stage.answer("two")
    before = len(stage.moves)
    stage.answer(text)
    assert stage.moves[before:] == moves


def test_where_nobody_is_asked_to_add_the_last_answer_is_the_end() -> None:
    stage = Stage()
    stage.interview = Interview.replay(stage.log, rules=Rules(0, asks_to_add=False))
    stage.start()
    stage.answer("one")
    stage.answer("two")
    assert stage.interview.status is Status.COMPLETED


def test_silence_after_the_last_question_is_a_no() -> None:
    stage = Stage(probes=0).start()
    stage.answer("one")
    stage.answer("two")
    stage.wait(LADDER_MS[0])
    assert stage.moves[-1] is Move.CLOSE
    assert stage.interview.status is Status.COMPLETED


def test_a_crash_at_the_last_question_asks_for_additions_again() -> None:
    stage = Stage(probes=0).start()
    stage.answer("one")
    stage.answer("two")
    rebuilt = Interview.replay([*stage.log, RoomLost(at_ms=90_000, gateway="test")])
    rebuilt.receive(room_opened(100_000))
    assert rebuilt.receive(joined(100_100)) == [Say(Move.RESUME), Say(Move.WRAP_UP, Q2)]


def test_after_a_question_that_was_skipped_nothing_is_asked_to_be_added() -> None:
    stage = Stage(probes=0).start()
    stage.answer("one")
    stage.answer("skip")
    assert stage.moves[-1] is Move.CLOSE


# -- time ------------------------------------------------------------------------------------------


def test_whoever_pauses_past_the_end_is_thanked_and_whoever_goes_on_is_stopped() -> None:
    planned_ms = 2 * 4 * 60_000
    for is_speaking, past_ms in ((False, OVERTIME_MS), (True, STOP_MS)):
        stage = Stage().start()
        left_ms = stage.interview.remaining_ms(stage.now_ms)
        stage.interview.notice_speech(is_speaking=True, now_ms=stage.now_ms)
        stage.wait(left_ms + past_ms)
        assert Move.CLOSE not in stage.moves
        if not is_speaking:
            stage.interview.notice_speech(is_speaking=False, now_ms=stage.now_ms)
        stage.wait(1)
        assert stage.moves[-1] is Move.CLOSE
        assert stage.outputs[-2] == Say(Move.CLOSE, is_time_over=True)
        assert stage.interview.elapsed_ms(stage.now_ms) <= planned_ms + 60_000


def test_a_question_whose_minutes_are_used_up_is_not_asked_on() -> None:
    stage = Stage((Q1, Q2, made_question(3)), probes=3).start()
    stage.now_ms += 4 * 60_000 - PROBE_MS
    stage.answer("a long answer")
    assert stage.recorded(Probed) == []
    assert stage.interview.question == Q2
    stage.answer("a short one, which has time left")
    assert len(stage.recorded(Probed)) == 1


# -- depth -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", list(Difficulty))
def test_a_harder_interview_asks_deeper(level: Difficulty) -> None:
    stage = Stage((made_question(1, points=7), Q2), probes=None, level=level).start()
    while stage.interview.question != Q2:
        stage.answer("some words that cover nothing")
    assert len(stage.recorded(Probed)) == PROBES[level]


def test_a_question_with_phases_is_led_through_them() -> None:
    phases = [Phase.REQUIREMENTS, Phase.REQUIREMENTS, Phase.APPROACH, Phase.DEEP_DIVE]
    question = made_question(1, points=4)
    question = replace(
        question,
        key_points=tuple(
            replace(point, phase=phase)
            for point, phase in zip(question.key_points, phases, strict=True)
        ),
    )
    stage = Stage((question, Q2), probes=None).start()
    stage.answer("what is asked for, and no more", "k0")
    stage.answer("about the other half of it")
    stage.answer("about the approach", "k2")
    stage.answer("about the hard part")
    assert [f.key_point_id for f in probes(stage)] == ["k1", "k2", "k3"]
    assert stage.interview.question == Q2


def skips(stage: Stage) -> list[QuestionSkipped]:
    return [fact for fact in stage.log if isinstance(fact, QuestionSkipped)]


def probes(stage: Stage) -> list[Probed]:
    return [fact for fact in stage.log if isinstance(fact, Probed)]
