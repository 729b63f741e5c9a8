"""Whole conversations without a room: a candidate's turns in, the interviewer's words out.

Times pass as the turns say; the interview, its judge and whoever phrases it are the real ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, JsonValue

from agent.interviewer.port import Interviewer, Scene
from agent.judging import AnswerJudge
from sessions.facts import AnswerScored, Fact, Probed
from sessions.ids import QuestionId
from sessions.infra.structured import Answer, StructuredModel, Told
from sessions.interview import Interview, Judge, Output, Say
from sessions.plan import Difficulty, InterviewType, PlanRequest, Question, planned_minutes
from tests.scoring.bank import bank_files, load_bank
from tests.support.interviews import answered, consented, joined, planned, room_opened, spoke

KEPT = Path(__file__).parents[1] / "golden" / "conversations"
BANK = {question.id: question for path in bank_files() for question in load_bank(path)}
WORD_MS = 365


class Turn(BaseModel):
    """What the candidate does. `makes`: points made in words of their own, with those words."""

    model_config = ConfigDict(extra="forbid")

    says: str = ""
    seconds: float = 40
    silent_s: float = 0
    makes: dict[str, str] = {}


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str
    turns: list[Turn]
    probes: dict[str, list[Turn]] = {}
    """By key point: what is said when it is followed up."""


class Conversation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str
    type: InterviewType
    level: Difficulty
    questions: list[Asked]
    closing: list[Turn] = []
    moves: list[str] = []
    moves_with_judge: list[str] = []

    @property
    def plan(self) -> tuple[Question, ...]:
        return tuple(BANK[QuestionId(asked.id)] for asked in self.questions)

    @property
    def made(self) -> dict[tuple[str, str], str]:
        """Question and point: the words that made it."""
        return {
            (asked.id, point): words
            for asked in self.questions
            for turn in asked.turns
            for point, words in turn.makes.items()
        }


def load_conversation(path: Path) -> Conversation:
    return Conversation.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


@dataclass
class EmulatedJudge(StructuredModel):
    """Finds what the conversation says it makes, where its words are in the answer."""

    made: dict[tuple[str, str], str]
    claims: Sequence[dict[str, str]] | None = None
    """What it says instead, whatever the answer."""
    asked: list[Mapping[str, JsonValue]] = field(default_factory=list[Mapping[str, JsonValue]])

    async def ask(
        self,
        system: str,
        data: Mapping[str, JsonValue],
        answer: type[Answer],
        *,
        temperature: float = 0.0,
    ) -> tuple[Answer, Told]:
        self.asked.append(data)
        findings = self.claims or [
            {"key_point_id": point, "coverage": "covered", "quote": words}
            for (_, point), words in self.made.items()
            if words in str(data["answers"])
        ]
        told = Told(endpoint="emulated", model="emulated-1", input_tokens=1, output_tokens=1)
        return answer.model_validate({"findings": findings}), told

    async def aclose(self) -> None:
        pass


@dataclass
class Held:
    """A conversation that was held."""

    facts: list[Fact] = field(default_factory=list[Fact])
    spoken: list[tuple[Say, str]] = field(default_factory=list[tuple[Say, str]])
    used: int = 0

    @property
    def moves(self) -> list[str]:
        return [name_of(say) for say, _ in self.spoken]

    @property
    def probes(self) -> list[tuple[str, str]]:
        return [(f.question_id, f.key_point_id) for f in self.facts if isinstance(f, Probed)]

    def needless(self, made: dict[tuple[str, str], str]) -> int:
        """Follow-ups on what the candidate had said already, in other words."""
        return sum(probe in made for probe in self.probes)


def name_of(say: Say) -> str:
    about = say.key_point_id or (say.question.id if say.question and say.move == "ask" else "")
    return f"{say.move.value} {about}".strip()


async def hold(
    conversation: Conversation,
    interviewer: Interviewer,
    judge: AnswerJudge | None = None,
) -> Held:
    """Until the interview is over. Fails when the candidate has nothing left to say."""
    holding = _Holding(conversation, interviewer, judge or AnswerJudge())
    await holding.run()
    return holding.held


class _Holding:
    def __init__(
        self, conversation: Conversation, interviewer: Interviewer, judge: AnswerJudge
    ) -> None:
        self.held = Held()
        self._interviewer = interviewer
        self._judge = judge
        self._interview = Interview()
        self._turns = {asked.id: list(asked.turns) for asked in conversation.questions}
        self._probes = {
            (asked.id, point): list(turns)
            for asked in conversation.questions
            for point, turns in asked.probes.items()
        }
        self._closing = list(conversation.closing)
        self._now_ms = 0
        self._waiting: list[Output] = []
        self._request = PlanRequest(
            type=conversation.type,
            difficulty=conversation.level,
            question_count=len(conversation.questions),
        )
        plan = replace(planned(conversation.plan), request=self._request)
        for fact in (plan, room_opened(0), joined(0), consented(0)):
            self._feed(fact)

    async def run(self) -> None:
        while not self._interview.status.is_over:
            match self._waiting.pop(0) if self._waiting else None:
                case Say() as say:
                    await self._say(say)
                case Judge() as judge:
                    self._feed(await self._judged(judge))
                case _:
                    self._take(self._next_turn())

    def _feed(self, fact: Fact) -> None:
        self.held.facts.append(fact)
        self._carry_out(self._interview.receive(fact))

    def _carry_out(self, outputs: Sequence[Output]) -> None:
        for output in outputs:
            if isinstance(output, Fact):
                self.held.facts.append(output)
            else:
                self._waiting.append(output)

    async def _say(self, say: Say) -> None:
        parts = [part async for part in self._interviewer.phrase(say, self._scene())]
        text = " ".join("".join(parts).split())
        self.held.spoken.append((say, text))
        self._now_ms += len(text.split()) * WORD_MS
        self._feed(spoke(say, self._now_ms, text=text))

    async def _judged(self, judge: Judge) -> AnswerScored:
        name, findings = await self._judge.judge(judge, on_used=lambda _: None)
        return AnswerScored(
            at_ms=self._now_ms,
            turn=judge.turn,
            question_id=judge.question.id,
            judge=name,
            findings=findings,
        )

    def _next_turn(self) -> Turn:
        question = self._interview.question
        assert question is not None
        if self.held.moves[-1] in ("wrap_up", "wait wrap_up"):
            return self._closing.pop(0)
        if self._interview.probe:
            return self._probes[question.id, self._interview.probe].pop(0)
        return self._turns[question.id].pop(0)

    def _take(self, turn: Turn) -> None:
        if turn.silent_s:
            self._now_ms += int(turn.silent_s * 1000)
            self._carry_out(self._interview.tick(self._now_ms))
            return
        self._now_ms += int(turn.seconds * 1000)
        self._feed(
            answered(
                " ".join(turn.says.split()),
                self._now_ms,
                turn=self._interview.next_turn,
                question_id=self._interview.answering,
            )
        )

    def _scene(self) -> Scene:
        return Scene(
            request=self._request,
            index=self._interview.index,
            total=len(self._interview.questions),
            planned_minutes=planned_minutes(self._interview.questions),
            skipped=self._interview.skipped,
            utterance=len(self.held.spoken) + 1,
        )
