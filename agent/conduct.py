"""How an interview is conducted: facts are recorded, applied, and what follows is carried out.

Between the sans-I/O `Interview` and the room: no audio here, no sockets, no waiting.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agent.hearing import Heard, word_at
from agent.outlet import Outlet
from agent.scribe import Scribe
from agent.views import fillers_in, show_heard, show_progress, show_question
from scoring.key_points import JUDGE_NAME, judge_answer
from scoring.live import LiveScore
from sessions import protocol
from sessions.errors import InterviewEnded
from sessions.facts import (
    AnswerHeard,
    AnswerScored,
    Fact,
    FillerHeard,
    InterviewCompleted,
    InterviewerSpoke,
    InterviewPlanned,
    KeyPointFinding,
    Probed,
    QuestionAsked,
    RoomClosed,
    Speaker,
    Timing,
)
from sessions.ids import QuestionId
from sessions.interview import Interview, Judge, Output, Rules, Say
from sessions.plan import PlanRequest, Purpose
from sessions.ports import Clock
from sessions.settings import InterviewSettings


class Conduct:
    """One per room. `say` is given each decided move; `on_over` is called at the end, after
    `last_facts` were asked for what is still to be told before it. `judge` yields a judge's name
    and findings, or None when they come later, by `take_judgement`.

    Raises InterviewEnded when the facts so far end the interview, ValueError without a plan.
    """

    def __init__(
        self,
        facts: Sequence[Fact],
        *,
        clock: Clock,
        outlet: Outlet,
        scribe: Scribe,
        rules: Rules,
        say: Callable[[Say], None],
        judge: Callable[[Judge], tuple[str, tuple[KeyPointFinding, ...]] | None],
        on_over: Callable[[], None],
        last_facts: Callable[[], Sequence[Fact]],
    ) -> None:
        self.facts = list(facts)
        self.interview = Interview.replay(self.facts, rules=rules)
        if self.interview.status.is_over:
            raise InterviewEnded
        self.request = _request(self.facts)
        self._live = LiveScore()
        for fact in self.facts:
            self._live.receive(fact)
        self._clock = clock
        self._outlet = outlet
        self._scribe = scribe
        self._say = say
        self._judge = judge
        self._waiting: Judge | None = None
        self._on_over = on_over
        self._last_facts = last_facts
        self._quiet_from_ms: int | None = None
        self._is_question_shown = self.interview.question is not None
        """Not before the greeting is over: what is typed into that answers nothing yet."""

    # -- facts and decisions ---------------------------------------------------------------------

    def feed(self, fact: Fact) -> None:
        """Record a fact and do what follows from it."""
        self.record(fact)
        self.carry_out(self.interview.receive(fact))

    def carry_out(self, outputs: Sequence[Output]) -> None:
        for output in outputs:
            match output:
                case Say():
                    self._say(output)
                case Judge():
                    self._have_judged(output)
                case Fact():
                    self.record(output)

    def record(self, fact: Fact) -> None:
        """To the journal and the live numbers, and to the page what it shows of it."""
        if isinstance(fact, InterviewCompleted | RoomClosed):
            self._settle_judgement()
            for last in self._last_facts():
                self._write(last)
        self._write(fact)
        match fact:
            case InterviewerSpoke():
                self._quiet_from_ms = fact.ended_ms
                self._outlet.send(
                    protocol.Caption(
                        speaker=Speaker.INTERVIEWER, id=fact.utterance, text=fact.heard, final=True
                    )
                )
            case QuestionAsked() | Probed():
                if (question := self.shown_question) is not None:
                    self._outlet.send(question)
                self.show_progress()
            case InterviewCompleted():
                self._on_over()
            case _:
                pass

    def _write(self, fact: Fact) -> None:
        self.facts.append(fact)
        self._scribe.record(fact)
        self._live.receive(fact)

    # -- judgements ------------------------------------------------------------------------------

    def _have_judged(self, judge: Judge) -> None:
        self._settle_judgement()  # what is waited for is overtaken: nothing follows from it
        judged = self._judge(judge)
        if judged is None:
            self._waiting = judge
        else:
            self.feed(self._scored(judge, *judged))

    @property
    def is_judging(self) -> bool:
        return self._waiting is not None

    def take_judgement(
        self, judge: Judge, name: str, findings: tuple[KeyPointFinding, ...]
    ) -> None:
        """What `judge` could not say at once. Ignored when it is not waited for any more."""
        if self._waiting is judge:
            self._waiting = None
            self.feed(self._scored(judge, name, findings))

    def _settle_judgement(self) -> None:
        """The offline judge's word, where there is no time to wait for another."""
        if self._waiting is not None:
            judge, self._waiting = self._waiting, None
            self._note_scored(judge)

    def _note_scored(self, judge: Judge) -> None:
        scored = self._scored(judge, JUDGE_NAME, judge_answer(judge.question, judge.text))
        self._write(scored)
        self.interview.apply(scored)

    def _scored(
        self, judge: Judge, name: str, findings: tuple[KeyPointFinding, ...]
    ) -> AnswerScored:
        return AnswerScored(
            at_ms=self._clock.now_ms(),
            turn=judge.turn,
            question_id=judge.question.id,
            judge=name,
            findings=findings,
        )

    # -- answers ---------------------------------------------------------------------------------

    def take_answer(self, heard: Heard, recogniser: str) -> None:
        """A finished turn: recorded, judged, followed up."""
        self.carry_out(self.interview.receive(self._note_answer(heard, recogniser)))

    def keep_answer(self, heard: Heard, recogniser: str) -> None:
        """Words cut short by a pause, a skip or the end: they count, but nothing follows."""
        answer = self._note_answer(heard, recogniser)
        self.interview.apply(answer)
        question = next((q for q in self.interview.questions if q.id == answer.question_id), None)
        if question is not None:
            self._note_scored(Judge(answer.turn, question, answer.text))

    def _note_answer(self, heard: Heard, recogniser: str) -> AnswerHeard:
        now_ms = self._clock.now_ms()
        is_typed = heard.timing is Timing.NONE
        response_ms = None
        if not is_typed and self._quiet_from_ms is not None:
            response_ms = max(heard.started_ms - self._quiet_from_ms, 0)
        self._quiet_from_ms = None
        answer = AnswerHeard(
            at_ms=now_ms,
            turn=self.interview.next_turn,
            question_id=self._answered(is_typed=is_typed),
            text=heard.text,
            words=heard.words,
            timing=heard.timing,
            recogniser=recogniser,
            started_ms=heard.started_ms,
            ended_ms=heard.ended_ms,
            response_ms=response_ms,
        )
        spans = fillers_in(heard, self.request.language)
        caption = show_heard(heard, spans, turn=answer.turn, is_final=True, is_typed=is_typed)
        self.record(answer)
        for mark in caption.fillers:
            self.record(_filler(mark, heard, answer.turn, now_ms))
        if (measured := self._live.answer(now_ms)) is not None:
            self.record(measured)
        # The final caption acknowledges the turn: whoever has seen it will find it after a crash,
        # and from then on the page does not send a typed one again.
        self._scribe.once_written(lambda: self._outlet.send(self._shown(caption)))
        self._outlet.send(self.feedback())
        return answer

    def _answered(self, *, is_typed: bool) -> QuestionId | None:
        """Who types has the question before their eyes; who speaks may not have heard it yet."""
        if is_typed and self._is_question_shown and self.interview.question is not None:
            return self.interview.question.id
        return self.interview.answering

    def show_words(self, heard: Heard, recogniser: str) -> None:
        """The running turn, at each result of the recogniser: captions and numbers, not facts."""
        heard_at_ms = self._clock.now_ms()
        spans = fillers_in(heard, self.request.language)
        caption = show_heard(heard, spans, turn=self.interview.next_turn, is_final=False)
        feedback = self._live.preview(
            heard.text,
            heard.words,
            heard.started_ms,
            heard.ended_ms,
            heard.timing,
            fillers=spans,
            recogniser=recogniser,
        ).model_copy(update={"heard_at_ms": heard_at_ms})
        for news in (caption, feedback):
            self._scribe.publish(news.model_dump_json())
        self._outlet.send(self._shown(caption))
        if self._coaches:
            self._outlet.send(feedback)

    # -- what is shown ---------------------------------------------------------------------------

    @property
    def shown_question(self) -> protocol.QuestionShown | None:
        """None before the first is being asked."""
        return show_question(self.interview) if self._is_question_shown else None

    def show_asked(self, say: Say) -> None:
        """The interviewer begins to speak: the first question appears when it is asked."""
        if say.question is None or self._is_question_shown:
            return
        self._is_question_shown = True
        if (question := self.shown_question) is not None:
            self._outlet.send(question)

    def show_progress(self) -> None:
        self._outlet.send(show_progress(self.interview, self._clock.now_ms()))

    def feedback(self) -> protocol.Feedback:
        """Of how it is spoken: nothing, where somebody is to be hired."""
        return self._live.feedback() if self._coaches else LiveScore().feedback()

    @property
    def _coaches(self) -> bool:
        return self.request.purpose is Purpose.PRACTICE

    def _shown(self, caption: protocol.Caption) -> protocol.Caption:
        return caption if self._coaches else caption.model_copy(update={"fillers": ()})


def rules_of(settings: InterviewSettings) -> Rules:
    probes = settings.probes_per_question
    return Rules(
        probes_per_question=None if probes == "auto" else probes, asks_to_add=settings.asks_to_add
    )


def _request(facts: Sequence[Fact]) -> PlanRequest:
    for fact in facts:
        if isinstance(fact, InterviewPlanned):
            return fact.request
    raise ValueError("an interview cannot be conducted without a plan")


def _filler(mark: protocol.FillerMark, heard: Heard, turn: int, now_ms: int) -> FillerHeard:
    first, last = word_at(heard, mark.start), word_at(heard, mark.end - 1)
    return FillerHeard(
        at_ms=now_ms,
        turn=turn,
        filler=mark.filler,
        start=mark.start,
        end=mark.end,
        start_ms=first.start_ms if first else heard.started_ms,
        end_ms=last.end_ms if last else heard.ended_ms,
    )
