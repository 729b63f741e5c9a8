"""The interview, sans I/O: facts in, decisions and new facts out. It reads no clock.

`Interview.receive(fact)` applies one fact and returns what follows from it, in order: facts to
record (they are applied already) and decisions for the room to carry out (`Say`, `Judge`).
`Interview.tick(now_ms)` does the same for time that passes. After a crash, `Interview.replay`
rebuilds it from the facts and the next join goes on at the right question.

The language model is never asked what comes next: it phrases a `Say`, and judges a `Judge`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sessions.facts import (
    AnswerHeard,
    AnswerScored,
    CompletionReason,
    ConnectionLost,
    ConnectionResumed,
    ConsentGiven,
    Coverage,
    Fact,
    Intent,
    IntentRecognised,
    InterviewCompleted,
    InterviewerSpoke,
    InterviewPaused,
    InterviewPlanned,
    InterviewResumed,
    Move,
    ParticipantJoined,
    Probed,
    QuestionAsked,
    QuestionSkipped,
    RoomClosed,
    RoomLost,
    RoomOpened,
    SkipReason,
)
from sessions.ids import KeyPointId, QuestionId
from sessions.intents import recognise_intent
from sessions.lifecycle import Status, next_status
from sessions.plan import Difficulty, Patience, Question, planned_minutes
from sessions.probing import choose_probe, most_probes
from sessions.running_time import RunningTime
from sessions.silence import MOMENT_MS, Silence

LAST_QUESTION_MS = 45_000  # with less than this left, no further question is begun
PROBE_MS = 40_000  # what a follow-up and its answer take of a question's minutes
OVERTIME_MS = 15_000  # past the planned end by this much, the next pause is the end ...
STOP_MS = 40_000  # ... and by this much, whoever still speaks is stopped
HEARD_SHARE = 0.5  # of a question, for the next words to count as its answer


@dataclass(frozen=True, slots=True)
class Say:
    """Let the interviewer make this move. `question` is the one in question, if any."""

    move: Move
    question: Question | None = None
    key_point_id: KeyPointId | None = None
    is_time_over: bool = False
    """It closes because the time is over, and not because all was asked."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Find which key points of the question the turn covered; answer with AnswerScored."""

    turn: int
    question: Question
    text: str


Output = Fact | Say | Judge


@dataclass(frozen=True, slots=True)
class Rules:
    """What an installation has set about all its interviews."""

    probes_per_question: int | None = None
    """None: by the interview's level."""
    asks_to_add: bool = True


RULES = Rules()


@dataclass(slots=True)
class _Place:
    """Where in the plan the interview is."""

    index: int = -1
    is_heard: bool = False
    """The current question was spoken at least half: words now answer it."""
    probe: KeyPointId | None = None
    probed: set[KeyPointId] = field(default_factory=set[KeyPointId])
    found: dict[KeyPointId, Coverage] = field(default_factory=dict[KeyPointId, Coverage])
    is_encouraged: bool = False
    is_settled: bool = False
    """Its last answer was judged, or it was skipped, and nothing was asked since."""


class Interview:
    """See the module. One instance per room; not shared between tasks."""

    def __init__(self, *, rules: Rules = RULES) -> None:
        self._rules = rules
        self._level = Difficulty.MEDIUM
        self._questions: tuple[Question, ...] = ()
        self._patience = Patience.NORMAL
        self.status = Status.SETUP
        self.has_consent = False
        self.is_written = False
        """The candidate cannot be heard and types: nothing of it is a fact, the room says it."""
        self.skipped: SkipReason | None = None
        """How the question before ended, when it was passed over; None when it was answered."""
        self._place = _Place()
        self._turns = 0
        self._unjudged: AnswerHeard | None = None
        self._closing: CompletionReason | None = None
        self._is_wrapping_up = False
        """The candidate was asked for anything to add."""
        self._is_connected = False
        self._was_cut = False
        self._returns = False
        self._silence = Silence()
        self._time = RunningTime()

    # -- what the room asks ----------------------------------------------------------------------

    @classmethod
    def replay(cls, facts: Iterable[Fact], *, rules: Rules = RULES) -> Interview:
        interview = cls(rules=rules)
        for fact in facts:
            interview.apply(fact)
        return interview

    @property
    def questions(self) -> tuple[Question, ...]:
        return self._questions

    @property
    def patience(self) -> Patience:
        return self._patience

    @property
    def index(self) -> int:
        """Of the current question, from 0; -1 before the first."""
        return self._place.index

    @property
    def question(self) -> Question | None:
        return self._questions[self._place.index] if self._place.index >= 0 else None

    @property
    def probe(self) -> KeyPointId | None:
        """The key point being probed now."""
        return self._place.probe

    @property
    def answering(self) -> QuestionId | None:
        """Which question words spoken now would answer: not one that was hardly heard."""
        index = self._place.index if self._place.is_heard else self._place.index - 1
        return self._questions[index].id if index >= 0 else None

    @property
    def is_given_a_moment(self) -> bool:
        """The candidate asked for a moment, and has not spoken since."""
        return self._silence.moment_ms > 0

    @property
    def next_turn(self) -> int:
        return self._turns + 1

    def elapsed_ms(self, now_ms: int) -> int:
        return self._time.at(now_ms)

    def remaining_ms(self, now_ms: int) -> int:
        return planned_minutes(self._questions) * 60_000 - self.elapsed_ms(now_ms)

    def notice_speech(self, *, is_speaking: bool, now_ms: int) -> None:
        """The candidate began or stopped making sound: silence is not counted meanwhile."""
        self._silence.notice_speech(is_speaking=is_speaking, now_ms=now_ms)

    def notice_writing(self, *, is_writing: bool, now_ms: int) -> None:
        """The candidate writes an answer, or has stopped. Said again while they go on: without
        that for a minute, they have stopped.
        """
        self._silence.notice_writing(is_writing=is_writing, now_ms=now_ms)

    # -- what happens ----------------------------------------------------------------------------

    def receive(self, fact: Fact) -> list[Output]:
        """Apply a fact; return what follows. Returned facts are applied already."""
        self.apply(fact)
        outputs: list[Output] = []
        for output in self._decide(fact):
            outputs.append(output)
            if isinstance(output, Fact):
                outputs.extend(self.receive(output))
        return outputs

    def tick(self, now_ms: int) -> list[Output]:
        """What follows from the time: the silence ladder, and the planned end."""
        if self.status is not Status.IN_PROGRESS or self._closing or not self._is_connected:
            return []
        late_ms = -self.remaining_ms(now_ms)
        silent_ms = self._silence.for_ms(now_ms)
        if late_ms > STOP_MS or (silent_ms is not None and late_ms > OVERTIME_MS):
            return self._close(CompletionReason.TIME_OVER)
        limit_ms = self._silence.limit_ms(self._patience, is_written=self.is_written)
        if silent_ms is None or silent_ms < limit_ms:
            return []
        return self._climb(now_ms)

    def _climb(self, now_ms: int) -> list[Output]:
        rung, question = self._silence.climb(), self.question
        if question is None:
            return []
        if self._is_wrapping_up:
            return self._close(CompletionReason.FINISHED)
        if rung == 0:
            return [Say(Move.PROMPT, question, self._place.probe)]
        if rung == 1:
            return [Say(Move.REPHRASE, question, self._place.probe)]
        if rung == 2:
            return [Say(Move.OFFER_TYPING, question, self._place.probe)]
        skipped = QuestionSkipped(at_ms=now_ms, question_id=question.id, reason=SkipReason.SILENCE)
        return [skipped, *self.receive(skipped)]

    # -- state -----------------------------------------------------------------------------------

    def apply(self, fact: Fact) -> None:
        """Take note of a fact without deciding anything on it."""
        before = self.status
        self.status = next_status(before, fact)
        self._time.apply(fact, self.status)
        match fact:
            case InterviewPlanned():
                self._questions = fact.questions
                self._patience = fact.request.patience
                self._level = fact.request.difficulty
            case ConsentGiven():
                self.has_consent = True
            case RoomOpened():
                self._returns = self.has_consent
            case ParticipantJoined() | ConnectionResumed():
                self._is_connected = True
                self._silence.rung = 0
            case ConnectionLost() | RoomLost():
                self._is_connected = False
                self._silence.forget_writing()
            case InterviewPaused() | RoomClosed():
                self._is_connected = self._is_connected and isinstance(fact, InterviewPaused)
                # Words that a pause cut short were judged, but are not the whole answer.
                self._place.is_settled = self._closing is not None
            case _:
                self._apply_conversation(fact)

    def _apply_conversation(self, fact: Fact) -> None:
        match fact:
            case QuestionAsked():
                self._place = _Place(index=fact.index)
                self._silence.rung = 0
            case Probed():
                self._place.probe = fact.key_point_id
                self._place.is_settled = False
                self._place.probed.add(fact.key_point_id)
            case InterviewerSpoke():
                self._apply_spoken(fact)
            case AnswerHeard():
                self._turns = max(self._turns, fact.turn)
                self._unjudged = fact if fact.question_id else None
                if self.question and fact.question_id == self.question.id:
                    self._place.is_heard = True
                self._silence.end()
                self.skipped = None
            case IntentRecognised():
                self._unjudged = None
                self._silence.end(moment_ms=MOMENT_MS if fact.intent is Intent.WAIT else 0)
            case QuestionSkipped():
                self._place.is_settled = True
                self.skipped = fact.reason
            case AnswerScored():
                self._apply_scored(fact)
            case _:
                pass

    def _apply_scored(self, fact: AnswerScored) -> None:
        if self._unjudged is not None and fact.turn >= self._unjudged.turn:
            self._unjudged = None
        if self.question is None or fact.question_id != self.question.id:
            return
        self._place.is_settled = True
        for finding in fact.findings:
            if self._place.found.get(finding.key_point_id) is not Coverage.COVERED:
                self._place.found[finding.key_point_id] = finding.coverage

    def _apply_spoken(self, fact: InterviewerSpoke) -> None:
        self._silence.begin(fact.at_ms)
        self._was_cut = fact.interrupted
        asks = fact.move in (Move.ASK, Move.REPEAT, Move.CLARIFY, Move.REPHRASE)
        if asks and self.question and fact.question_id == self.question.id:
            heard = len(fact.heard) >= HEARD_SHARE * len(fact.text)
            self._place.is_heard = self._place.is_heard or heard
        elif fact.move is Move.ENCOURAGE:
            self._place.is_encouraged = True
        elif fact.move is Move.WRAP_UP:
            self._is_wrapping_up = True
            self._place.is_settled = False

    # -- decisions -------------------------------------------------------------------------------

    def _decide(self, fact: Fact) -> list[Output]:
        if self.status is not Status.IN_PROGRESS:
            return []
        match fact:
            case ConsentGiven():
                return [Say(Move.GREET), *self._next(fact.at_ms)]
            case QuestionAsked():
                return [Say(Move.ASK, self.question)]
            case Probed():
                return [Say(Move.PROBE, self.question, fact.key_point_id)]
            case ParticipantJoined() if self._returns:
                self._returns = False
                return self._return(fact.at_ms)
            case ConnectionResumed():
                return self._return(fact.at_ms) if self._was_cut or self._unjudged else []
            case InterviewResumed():
                self._returns = False
                return self._return(fact.at_ms)
            case InterviewerSpoke(move=Move.CLOSE):
                reason = self._closing or CompletionReason.FINISHED
                return [InterviewCompleted(at_ms=fact.at_ms, reason=reason)]
            case _ if self._closing:
                return []
            case _:
                return self._decide_turn(fact)

    def _decide_turn(self, fact: Fact) -> list[Output]:
        match fact:
            case AnswerHeard():
                intent = recognise_intent(fact.text)
                if intent is not None:
                    return [IntentRecognised(at_ms=fact.at_ms, turn=fact.turn, intent=intent)]
                return self._judge(fact)
            case IntentRecognised():
                return self._oblige(fact)
            case AnswerScored():
                return self._follow_up(fact)
            case QuestionSkipped():
                return self._next(fact.at_ms)
            case _:
                return []

    def _judge(self, answer: AnswerHeard) -> list[Output]:
        question = next((q for q in self._questions if q.id == answer.question_id), None)
        if question is None:  # spoken over the greeting, before anything was asked
            return [Say(Move.ASK, self.question)] if self.question else []
        return [Judge(answer.turn, question, answer.text)]

    def _oblige(self, request: IntentRecognised) -> list[Output]:
        question, probe = self.question, self._place.probe
        if question is None:
            return []
        if self.remaining_ms(request.at_ms) < -OVERTIME_MS:
            return self._close(CompletionReason.TIME_OVER)
        if self._is_wrapping_up:
            return self._answer_last(request.intent)
        match request.intent:
            case Intent.REPEAT:
                return [Say(Move.REPEAT, question, probe)]
            case Intent.CLARIFY:
                return [Say(Move.CLARIFY, question, probe)]
            case Intent.WAIT:
                return [Say(Move.WAIT, question, probe)]
            case Intent.UNSURE if not self._is_untouched:
                return self._probe_or_go_on(question, request.at_ms)
            case Intent.UNSURE if not self._place.is_encouraged:
                return [Say(Move.ENCOURAGE, question)]
            case Intent.UNSURE | Intent.SKIP:
                return [
                    QuestionSkipped(
                        at_ms=request.at_ms, question_id=question.id, reason=SkipReason.CANDIDATE
                    )
                ]

    def _answer_last(self, intent: Intent) -> list[Output]:
        """What is asked of the interviewer after "anything to add?"."""
        match intent:
            case Intent.WAIT:
                return [Say(Move.WAIT, self.question)]
            case Intent.REPEAT | Intent.CLARIFY:
                return [Say(Move.WRAP_UP, self.question)]
            case _:
                return self._close(CompletionReason.FINISHED)

    @property
    def _is_untouched(self) -> bool:
        """Nothing was said to the current question that was worth judging."""
        return not (self._place.probed or self._place.found)

    def _follow_up(self, scored: AnswerScored) -> list[Output]:
        question = self.question
        if question is None:
            return []
        if self._is_wrapping_up:
            return self._close(CompletionReason.FINISHED)
        if scored.question_id != question.id:
            # Words that still belonged to the question before: ask the current one again.
            return [Say(Move.ASK, question)]
        return self._probe_or_go_on(question, scored.at_ms)

    def _probe_or_go_on(self, question: Question, at_ms: int) -> list[Output]:
        point = self._point_to_probe(question) if self._has_time_to_probe(at_ms) else None
        if point is None:
            return self._next(at_ms, is_answered=True)
        return [Probed(at_ms=at_ms, question_id=question.id, key_point_id=point)]

    def _has_time_to_probe(self, at_ms: int) -> bool:
        """Within what the plan gives up to the end of this question; time saved before counts."""
        is_last = self._place.index + 1 == len(self._questions)
        due_ms = planned_minutes(self._questions[: self._place.index + 1]) * 60_000
        left_ms = due_ms - self.elapsed_ms(at_ms)
        return left_ms >= (LAST_QUESTION_MS if is_last else PROBE_MS)

    def _point_to_probe(self, question: Question) -> KeyPointId | None:
        most = self._rules.probes_per_question
        if most is None:
            most = most_probes(question, self._level)
        if len(self._place.probed) >= most:
            return None
        return choose_probe(question, self._place.found, self._place.probed)

    def _next(self, at_ms: int, *, is_answered: bool = False) -> list[Output]:
        index = self._place.index + 1
        if index >= len(self._questions):
            has_time = self.remaining_ms(at_ms) >= LAST_QUESTION_MS
            if self._rules.asks_to_add and is_answered and has_time:
                return [Say(Move.WRAP_UP, self.question)]
            return self._close(CompletionReason.FINISHED)
        if index > 0 and self.remaining_ms(at_ms) < LAST_QUESTION_MS:
            return self._close(CompletionReason.TIME_OVER)
        question_id = self._questions[index].id
        return [QuestionAsked(at_ms=at_ms, index=index, question_id=question_id)]

    def _close(self, reason: CompletionReason) -> list[Output]:
        self._closing = reason
        self._silence.suspend()
        return [self._last_words]

    @property
    def _last_words(self) -> Say:
        return Say(Move.CLOSE, is_time_over=self._closing is CompletionReason.TIME_OVER)

    def _return(self, at_ms: int) -> list[Output]:
        """Go on after a break: one short sentence, then what was being asked."""
        if self._closing:
            return [self._last_words]
        if self._unjudged is not None:
            return [Say(Move.RESUME), *self._judge(self._unjudged)]
        if self.question is None:
            return [Say(Move.GREET), *self._next(at_ms)]
        if self._is_wrapping_up and not self._place.is_settled:
            return [Say(Move.RESUME), Say(Move.WRAP_UP, self.question)]
        if self._place.is_settled:  # it broke off after the last word on this question
            return [Say(Move.RESUME), *self._next(at_ms)]
        return [Say(Move.RESUME), Say(Move.REPEAT, self.question, self._place.probe)]
