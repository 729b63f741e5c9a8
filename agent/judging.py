"""Which key points an answer covered, found while the interview waits for it.

The offline judge always judges. Where `interview.judge` names a language model, that one is asked
too, with a limit: what it says counts only with words of the answer (`scoring.judges`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from agent.usage import Used
from scoring.judges.prompts import SPANS_PROMPT, judge_name
from scoring.judges.spans import Answers, SpanClaims, Turn, spans_request
from scoring.judges.verify import verify_spans
from scoring.key_points import JUDGE_NAME, judge_answer
from sessions.errors import ProviderUnavailable
from sessions.facts import KeyPointFinding
from sessions.infra.structured import StructuredModel, open_structured
from sessions.interview import Judge
from sessions.settings import Settings

log = logging.getLogger(__name__)

COMPONENT = "judge"
LONG_CHARS = 1_500
"""An answer from about here on holds the loop too long: it is judged beside it."""
OFFLINE = "key-points"
"""The name, in the settings, of the judge that needs no model."""

Judged = tuple[str, tuple[KeyPointFinding, ...]]
"""The judge's name, and a finding per key point."""


class AnswerJudge:
    """Of a process, for all rooms. `model` None: the offline judge alone."""

    def __init__(self, model: StructuredModel | None = None) -> None:
        self._model = model

    def judge_at_once(self, judge: Judge) -> Judged | None:
        """None when it takes longer, and `judge` is to be awaited."""
        if self._model is not None or len(judge.text) > LONG_CHARS:
            return None
        return JUDGE_NAME, judge_answer(judge.question, judge.text)

    async def judge(self, judge: Judge, *, on_used: Callable[[Used], None]) -> Judged:
        """Never fails: what the model does not say, the offline judge has said."""
        offline = await asyncio.to_thread(judge_answer, judge.question, judge.text)
        if self._model is None:
            return JUDGE_NAME, offline
        turn = Turn(turn=judge.turn, text=judge.text)
        answers = Answers(question=judge.question, turns=(turn,))
        try:
            claimed, told = await self._model.ask(SPANS_PROMPT, spans_request(answers), SpanClaims)
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
        verified = await asyncio.to_thread(
            verify_spans,
            answers,
            claimed.findings,
            {judge.turn: offline},
            judge=judge_name(told.model),
        )
        (of_turn,) = verified.turns
        return of_turn.judge, of_turn.findings

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

    def ask(self, judge: Judge) -> Judged | None:
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
