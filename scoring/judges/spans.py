"""One question to a model: which key points the answers make, and the words that show it.

Pure: what is asked, and the form of what is to come back. `verify` says what of it counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from scoring.words import count_words
from sessions.facts import AnswerHeard, Coverage, Fact, IntentRecognised, InterviewPlanned
from sessions.plan import Question

MAX_CHARS = 40_000
"""Of all answers to one question that a model is given: about 45 minutes of speech."""

# Controls, marks that turn the direction of writing, half surrogates, and the invisible letters
# (U+E0000 to U+E007F) in which text can be hidden from everybody but a model.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\U000e0000-\U000e007f]"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A turn of the candidate's that answers a question."""

    turn: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What was said in answer to one question, in order."""

    question: Question
    turns: tuple[Turn, ...]

    @property
    def is_cut(self) -> bool:
        """It is more than a model is given."""
        return sum(len(turn.text) for turn in self.turns) > MAX_CHARS


class SpanClaim(BaseModel):
    """What a model says of one key point. Nothing of it is believed before it is verified."""

    model_config = ConfigDict(extra="ignore")

    key_point_id: str
    coverage: Coverage
    turn: int | None = None
    quote: str = ""


class SpanClaims(BaseModel):
    model_config = ConfigDict(extra="ignore")

    findings: list[SpanClaim] = Field(max_length=200)


def gather_answers(facts: Sequence[Fact]) -> tuple[Answers, ...]:
    """Of the questions that something was said to, in the plan's order; requests are none."""
    planned = next((fact for fact in facts if isinstance(fact, InterviewPlanned)), None)
    requests = {fact.turn for fact in facts if isinstance(fact, IntentRecognised)}
    heard = [
        fact
        for fact in facts
        if isinstance(fact, AnswerHeard) and fact.turn not in requests and count_words(fact.text)
    ]
    gathered = (
        Answers(
            question=question,
            turns=tuple(
                Turn(turn=fact.turn, text=fact.text)
                for fact in heard
                if fact.question_id == question.id
            ),
        )
        for question in (planned.questions if planned else ())
    )
    return tuple(answers for answers in gathered if answers.turns)


def spans_request(answers: Answers) -> dict[str, JsonValue]:
    """The data for SPANS_PROMPT. Phrasings and the model answer are not told."""
    left = MAX_CHARS
    turns: list[JsonValue] = []
    for turn in answers.turns:
        if left > 0:
            turns.append({"turn": turn.turn, "text": seen(turn.text)[:left]})
            left -= len(turn.text)
    question = answers.question
    return {
        "question": question.text,
        "key_points": [{"id": point.id, "point": point.point} for point in question.key_points],
        "answers": turns,
    }


def seen(text: str) -> str:
    """The text as a reader sees it: of the same length, what is not to be seen made spaces."""
    return _UNSEEN.sub(" ", text)
