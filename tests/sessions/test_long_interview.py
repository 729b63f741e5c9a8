"""Interviews of 45 minutes on a time of their own: a candidate made of seeds, nothing lost.

The candidate answers at length, falls silent, asks back, pauses, loses the connection and once
the whole room. To keep another log: `python -m tests.sessions.test_long_interview SEED`.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

from sessions.codec import from_line, to_line
from sessions.facts import (
    AnswerHeard,
    AnswerScored,
    CompletionReason,
    ConnectionLost,
    ConnectionResumed,
    Coverage,
    Fact,
    IntentRecognised,
    InterviewCompleted,
    InterviewerSpoke,
    InterviewPaused,
    InterviewPlanned,
    InterviewResumed,
    KeyPointFinding,
    Move,
    Probed,
    QuestionAsked,
    QuestionSkipped,
    RoomLost,
)
from sessions.interview import HEARD_SHARE, Interview, Judge, Output, Say
from sessions.plan import Difficulty, InterviewType, Question, planned_minutes
from sessions.silence import MOMENT_MS
from tests.scoring.bank import bank_files, load_bank
from tests.support.interviews import answered, consented, joined, planned, room_opened, spoke

GOLDEN = Path(__file__).parents[1] / "golden" / "long_interview.jsonl"
MINUTES = 45
SEEDS = range(400)
WORD_MS, TICK_MS = 365, 500
"""165 words a minute; how often a room asks for the time."""
WITHIN_MS = 60_000
REQUESTS = ("could you repeat that", "what do you mean", "one moment please", "I don't know")
LADDER = (Move.PROMPT, Move.REPHRASE, Move.OFFER_TYPING)
DECIDED = (QuestionAsked, Probed, IntentRecognised, QuestionSkipped, InterviewCompleted)


@cache
def bank() -> tuple[Question, ...]:
    return tuple(question for path in bank_files() for question in load_bank(path))


def plan_for(chance: random.Random) -> InterviewPlanned:
    kind = chance.choice(list(InterviewType))
    of_kind = [question for question in bank() if question.type is kind]
    asked: list[Question] = []
    while planned_minutes(asked) != MINUTES:
        asked = chance.sample(of_kind, chance.randint(6, 10))
    asked.sort(key=lambda question: (question.difficulty, question.id))
    plan = planned(tuple(asked))
    level = chance.choice(list(Difficulty))
    return replace(plan, request=replace(plan.request, type=kind, difficulty=level))


@dataclass(frozen=True)
class Place:
    """All that must not get lost."""

    status: str
    index: int
    probe: str | None
    answering: str | None
    next_turn: int
    elapsed_ms: int


def place_of(interview: Interview, now_ms: int) -> Place:
    return Place(
        interview.status.value,
        interview.index,
        interview.probe,
        interview.answering,
        interview.next_turn,
        interview.elapsed_ms(now_ms),
    )


class Run:
    """One interview and its candidate, until it is over."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 -- a candidate, and no secret
        self.is_talkative = self.chance.random() < 0.85
        self.now_ms = 0
        self.log: list[Fact] = []
        self.places: dict[int, Place] = {}
        """After so many facts, at the time of the last one that came from outside."""
        self.interview = Interview()
        self.waiting: list[Output] = []
        self.last: Say | None = None
        self.asked_unheard: set[str] = set()
        self.breaks = self.chance.sample(["pause", "lost", "gap"], 3)
        for fact in (plan_for(self.chance), room_opened(0), joined(0), consented(0)):
            self.feed(fact)

    # -- the room --------------------------------------------------------------------------------

    def feed(self, fact: Fact) -> None:
        self.log.append(fact)
        self.carry_out(self.interview.receive(fact))
        self.places[len(self.log)] = place_of(self.interview, self.now_ms)

    def carry_out(self, outputs: Sequence[Output]) -> None:
        for output in outputs:
            if isinstance(output, Fact):
                self.log.append(output)
            else:
                self.waiting.append(output)

    def pass_ms(self, ms: float) -> bool:
        """Time goes by with nobody speaking but perhaps the candidate; False when it was the
        interviewer's turn before all of it was over."""
        until_ms = self.now_ms + int(ms)
        while self.now_ms < until_ms:
            self.now_ms = min(self.now_ms + TICK_MS, until_ms)
            self.carry_out(self.interview.tick(self.now_ms))
            if self.waiting:
                return False
        return True

    def run(self) -> Run:
        while not self.interview.status.is_over:
            assert self.now_ms < 4 * MINUTES * 60_000, "it does not end"
            match self.waiting.pop(0) if self.waiting else None:
                case Say() as say:
                    self.say(say)
                case Judge() as judge:
                    self.now_ms += self.chance.randint(5, 2_500)
                    self.feed(self.judged(judge))
                case _:
                    self.take_turn()
        return self

    def say(self, say: Say) -> None:
        text = words_of(say)
        heard = None
        if say.move is not Move.CLOSE and self.chance.random() < 0.03:  # spoken over
            heard = text[: self.chance.randrange(len(text))]
            self.waiting = [one for one in self.waiting if not isinstance(one, Say)]
        self.now_ms += len((heard if heard is not None else text).split()) * WORD_MS + 600
        if say.move is Move.ASK and say.question:
            assert say.question.id not in self.asked_unheard or self.was_unheard(say.question)
            self.asked_unheard.add(say.question.id)
        self.last = say
        self.feed(spoke(say, self.now_ms, text=text, heard=heard))
        if heard is not None:
            self.answer(self.chance.uniform(5, 20))

    def was_unheard(self, question: Question) -> bool:
        return not any(
            isinstance(fact, InterviewerSpoke)
            and (fact.move, fact.question_id) == (Move.ASK, question.id)
            and len(fact.heard) >= HEARD_SHARE * len(fact.text)
            for fact in self.log
        )

    def judged(self, judge: Judge) -> AnswerScored:
        coverages = (Coverage.MISSING, Coverage.MISSING, Coverage.PARTLY, Coverage.COVERED)
        return AnswerScored(
            at_ms=self.now_ms,
            turn=judge.turn,
            question_id=judge.question.id,
            judge="seeded",
            findings=tuple(
                KeyPointFinding(key_point_id=point.id, coverage=self.chance.choice(coverages))
                for point in judge.question.key_points
            ),
        )

    # -- the candidate ---------------------------------------------------------------------------

    def take_turn(self) -> None:
        chance, question = self.chance, self.interview.question
        share = self.interview.elapsed_ms(self.now_ms) / (MINUTES * 60_000)
        if self.breaks and share > (4 - len(self.breaks)) / 4:
            self.suffer(self.breaks.pop())
            return
        if not self.pass_ms(chance.uniform(500, 7_000)):
            return
        luck = chance.random()
        is_lost = self.last is not None and self.last.move in LADDER
        if luck < (0.55 if is_lost else 0.08):
            self.pass_ms(MOMENT_MS * 2)  # until the silence is answered
        elif 0.6 < luck < 0.68:
            self.speak(chance.choice(REQUESTS), 2)
        elif 0.68 < luck < 0.7 and not self.is_talkative:
            self.speak("let us skip this one", 2)
        else:
            minutes = question.minutes if question else 1
            spread = (0.5, 1.1) if self.is_talkative else (0.1, 0.5)
            self.answer(minutes * 60 * chance.uniform(*spread))

    def answer(self, seconds: float) -> None:
        self.speak("an answer of which only its length matters here", seconds)

    def speak(self, text: str, seconds: float) -> None:
        self.interview.notice_speech(is_speaking=True, now_ms=self.now_ms)
        is_over = self.pass_ms(seconds * 1000)
        self.interview.notice_speech(is_speaking=False, now_ms=self.now_ms)
        turn = self.interview.next_turn
        fact = answered(text, self.now_ms, turn=turn, question_id=self.interview.answering)
        if is_over:
            self.feed(fact)
        else:  # stopped at the end of the time: the words count, and nothing follows
            self.log.append(fact)
            self.interview.apply(fact)

    def suffer(self, trouble: str) -> None:
        away_ms = self.chance.randint(20, 400) * 1000
        before = place_of(self.interview, self.now_ms)
        match trouble:
            case "pause":
                self.feed(InterviewPaused(at_ms=self.now_ms))
                self.pass_ms(away_ms)
                self.feed(InterviewResumed(at_ms=self.now_ms))
            case "gap":
                self.feed(ConnectionLost(at_ms=self.now_ms, reason="a tunnel"))
                self.pass_ms(min(away_ms, 110_000))
                self.feed(ConnectionResumed(at_ms=self.now_ms, gap_ms=away_ms))
            case _:
                self.log.append(RoomLost(at_ms=self.now_ms + 5_000, gateway="dead"))
                self.now_ms += away_ms
                self.interview = Interview.replay(self.log)
                self.feed(room_opened(self.now_ms))
                self.feed(joined(self.now_ms))
        after = place_of(self.interview, self.now_ms)
        # A dead room's last silence is not counted; everything else is as it was.
        assert replace(after, elapsed_ms=0) == replace(before, elapsed_ms=0), trouble
        assert before.elapsed_ms - 10_000 <= after.elapsed_ms <= before.elapsed_ms, trouble


def words_of(say: Say) -> str:
    question = say.question
    if say.move is Move.GREET:
        return "hello " * 38
    if question is None or say.move in (Move.WAIT, Move.PROMPT, Move.OFFER_TYPING, Move.WRAP_UP):
        return "so " * 20
    asked = question.key_point(say.key_point_id).follow_up if say.key_point_id else question.spoken
    match say.move:
        case Move.CLARIFY | Move.REPHRASE:
            return f"let me put it another way {question.rephrase}"
        case Move.ENCOURAGE:
            return "so " * 16
        case _:
            return f"thank you the next question {asked}"


# -- four hundred candidates -----------------------------------------------------------------------


@cache
def run_of(seed: int) -> Run:
    return Run(seed).run()


@pytest.mark.parametrize("decade", range(0, len(SEEDS), 20))
def test_no_question_is_asked_twice_and_the_place_is_never_lost(decade: int) -> None:
    for seed in SEEDS[decade : decade + 20]:
        log = run_of(seed).log
        asked = [fact.index for fact in log if isinstance(fact, QuestionAsked)]
        assert asked == list(range(len(asked))), seed
        probed = [(fact.question_id, fact.key_point_id) for fact in log if isinstance(fact, Probed)]
        assert len(set(probed)) == len(probed), seed
        current = ""
        for fact in log:
            if isinstance(fact, QuestionAsked):
                current = fact.question_id
            elif isinstance(fact, Probed | QuestionSkipped):
                assert fact.question_id == current, seed


def test_whoever_talks_on_is_thanked_within_a_minute_of_the_planned_end() -> None:
    reached, late_ms = 0, list[tuple[int, int]]()
    for seed in SEEDS:
        run = run_of(seed)
        (end,) = [fact for fact in run.log if isinstance(fact, InterviewCompleted)]
        past_ms = run.interview.elapsed_ms(end.at_ms) - MINUTES * 60_000
        if end.reason is CompletionReason.TIME_OVER or past_ms > -WITHIN_MS:
            reached += 1
            late_ms.append((past_ms, seed))
        assert past_ms <= WITHIN_MS, (seed, past_ms)
    assert min(late_ms)[0] >= -WITHIN_MS, min(late_ms)
    assert reached >= 200, f"only {reached} candidates talked long enough"


def test_a_log_rebuilds_the_interview_at_every_fact() -> None:
    for seed in SEEDS[:10]:
        run = run_of(seed)
        for length, place in run.places.items():
            part = run.log[:length]
            assert place_of(Interview.replay(part), part[-1].at_ms) == place, (seed, length)
        whole = Interview.replay(run.log)
        assert place_of(whole, run.now_ms) == place_of(run.interview, run.now_ms), seed


# -- one that is kept ------------------------------------------------------------------------------


def kept() -> list[Fact]:
    return [from_line(line) for line in GOLDEN.read_text(encoding="utf-8").splitlines()]


def test_the_kept_interview_is_decided_again_as_it_was() -> None:
    interview, facts = Interview(), list[Fact]()
    due: list[Output] = []
    for fact in kept():
        facts.append(fact)
        match fact:
            case RoomLost():
                interview, due = Interview.replay(facts), []
            case InterviewerSpoke():
                if not any(_is_said(fact, output) for output in due):  # the time brought it about
                    due.extend(interview.tick(fact.at_ms) if fact.move is Move.CLOSE else [])
                    assert fact.move in LADDER or any(_is_said(fact, output) for output in due)
                due = [output for output in due if not _is_said(fact, output)]
                due.extend(interview.receive(fact))
            case _ if isinstance(fact, DECIDED):
                if fact in due:
                    due.remove(fact)
                else:
                    assert isinstance(fact, QuestionSkipped), f"{fact} was not decided"
                    due.extend(interview.receive(fact))
            case AnswerHeard() if interview.remaining_ms(fact.at_ms) < 0:
                interview.apply(fact)
            case _:
                due.extend(interview.receive(fact))
    assert not [output for output in due if isinstance(output, Fact)]
    end = facts[-1].at_ms
    assert place_of(interview, end) == place_of(Interview.replay(facts), end)


def test_the_kept_interview_ends_where_it_ended() -> None:
    facts = kept()
    interview = Interview.replay(facts)
    place = place_of(interview, facts[-1].at_ms)
    assert planned_minutes(interview.questions) == MINUTES
    assert any(isinstance(fact, RoomLost) for fact in facts)
    assert any(isinstance(fact, InterviewPaused) for fact in facts)
    assert place == KEPT_PLACE
    assert [to_line(fact) for fact in facts] == GOLDEN.read_text(encoding="utf-8").splitlines()


KEPT_PLACE = Place(
    status="completed",
    index=6,
    probe="versions",
    answering="machine-coding-workflow-engine",
    next_turn=23,
    elapsed_ms=2748079,
)


def _is_said(fact: InterviewerSpoke, output: Output) -> bool:
    return (
        isinstance(output, Say)
        and output.move is fact.move
        and (output.question.id if output.question else None) == fact.question_id
    )


if __name__ == "__main__":
    chosen = run_of(int(sys.argv[1]))
    GOLDEN.write_text("".join(f"{to_line(fact)}\n" for fact in chosen.log), encoding="utf-8")
    print(place_of(chosen.interview, chosen.now_ms))
