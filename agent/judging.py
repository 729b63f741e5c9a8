"""Which key points an answer covered, found while the interview waits for it.

The offline judge always judges. Where `interview.judge` names a language model, that one is asked
too, with a limit: what it says counts only with a quote that stands in the answer.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from agent.usage import Used
from scoring.key_points import JUDGE_NAME, judge_answer, merge_findings
from scoring.located import find_quote
from sessions.errors import ProviderUnavailable
from sessions.facts import Coverage, KeyPointFinding
from sessions.ids import KeyPointId
from sessions.infra.structured import StructuredModel, open_structured
from sessions.interview import Judge
from sessions.plan import Question
from sessions.settings import Settings

log = logging.getLogger(__name__)

COMPONENT = "judge"
LONG_CHARS = 1_500
"""An answer from about here on holds the loop too long: it is judged beside it."""
MAX_ANSWER_CHARS = 12_000

OFFLINE = "key-points"
"""The name, in the settings, of the judge that needs no model."""

_SYSTEM = """\
You help in a structured job interview. You are given the key points that a good answer to a \
question makes, and what a candidate answered, as a speech recogniser wrote it down. Say for each \
key point whether the answer makes it: "covered", "partly" or "missing". For each that is not \
missing, copy the words of the answer that show it, exactly, 4 to 30 words in a row. Judge what is \
meant, not how it is worded. Words that only repeat the question show nothing."""
PROMPT_HASH = hashlib.sha256(_SYSTEM.encode()).hexdigest()[:12]


class _Finding(BaseModel):
    model_config = ConfigDict(extra="ignore")

    key_point_id: str
    coverage: Coverage
    quote: str = ""


class _Findings(BaseModel):
    model_config = ConfigDict(extra="ignore")

    findings: list[_Finding] = Field(max_length=50)


class AnswerJudge:
    """Of a process, for all rooms. `model` None: the offline judge alone."""

    def __init__(self, model: StructuredModel | None = None) -> None:
        self._model = model

    def judge_at_once(self, judge: Judge) -> tuple[str, tuple[KeyPointFinding, ...]] | None:
        """The judge's name and its findings; None when it takes longer, and `judge` is to be
        awaited."""
        if self._model is not None or len(judge.text) > LONG_CHARS:
            return None
        return JUDGE_NAME, judge_answer(judge.question, judge.text)

    async def judge(
        self, judge: Judge, *, on_used: Callable[[Used], None]
    ) -> tuple[str, tuple[KeyPointFinding, ...]]:
        """Never fails: what the model does not say, the offline judge has said."""
        offline = await asyncio.to_thread(judge_answer, judge.question, judge.text)
        if self._model is None:
            return JUDGE_NAME, offline
        try:
            found, told = await self._model.ask(
                _SYSTEM, _data(judge.question, judge.text), _Findings
            )
        except ProviderUnavailable as exc:
            log.warning("an answer is judged offline alone: %s", exc.reason)
            return JUDGE_NAME, offline
        on_used(
            Used(
                component=COMPONENT,
                provider=told.endpoint,
                model=told.model,
                input_tokens=told.input_tokens,
                output_tokens=told.output_tokens,
            )
        )
        by_model = verified(found.findings, judge.question, judge.text)
        name = f"{JUDGE_NAME}+{told.model}@{PROMPT_HASH}"
        return name, merge_findings(offline, by_model)

    async def aclose(self) -> None:
        if self._model is not None:
            await self._model.aclose()


class RoomJudge:
    """A room's way to the judge: `ask` as answers come, `run` beside it; one at a time."""

    def __init__(
        self,
        judge: AnswerJudge,
        *,
        on_used: Callable[[Used], None],
        on_judged: Callable[[Judge, str, tuple[KeyPointFinding, ...]], None],
    ) -> None:
        self._judge = judge
        self._on_used = on_used
        self._on_judged = on_judged
        self._waiting: asyncio.Queue[Judge] = asyncio.Queue(maxsize=1)

    def ask(self, judge: Judge) -> tuple[str, tuple[KeyPointFinding, ...]] | None:
        """None: `on_judged` is told later, unless another answer comes before it is begun."""
        judged = self._judge.judge_at_once(judge)
        if judged is None:
            if self._waiting.full():
                self._waiting.get_nowait()
            self._waiting.put_nowait(judge)
        return judged

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            judge = await self._waiting.get()
            name, findings = await self._judge.judge(judge, on_used=self._on_used)
            self._on_judged(judge, name, findings)


def verified(
    findings: list[_Finding], question: Question, text: str
) -> tuple[KeyPointFinding, ...]:
    """Those of the question's key points whose quote stands in the answer."""
    known = {point.id for point in question.key_points}
    kept: list[KeyPointFinding] = []
    for finding in findings:
        place = find_quote(text, finding.quote)
        if (
            finding.key_point_id not in known
            or finding.coverage is Coverage.MISSING
            or place is None
        ):
            continue
        start, end = place
        kept.append(
            KeyPointFinding(
                key_point_id=KeyPointId(finding.key_point_id),
                coverage=finding.coverage,
                quote=text[start:end],
                start=start,
                end=end,
            )
        )
    return tuple(kept)


def load_judge(settings: Settings) -> AnswerJudge:
    """Raises SettingsInvalid for an endpoint that is not known or has no language model."""
    names = [name for name in settings.interview.judge if name != OFFLINE]
    if not names:
        return AnswerJudge()
    return AnswerJudge(
        open_structured(
            names,
            settings.endpoints,
            timeout_s=settings.interview.judge_timeout_s,
            key="interview.judge",
        )
    )


def _data(question: Question, text: str) -> dict[str, JsonValue]:
    return {
        "question": question.text,
        "key_points": [{"id": point.id, "point": point.point} for point in question.key_points],
        "answer": text[:MAX_ANSWER_CHARS],
    }
