"""An interview that is over, judged by a language model: the words for each key point, then each
competency by three raters. What a model says counts as far as `scoring.judges` verifies it.

Never live. Where a request fails, the offline judge's findings stand in for that question, and a
competency that no rater answered on has no rating.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import BaseModel, JsonValue

from scoring.judges.judgement import Judgement, ModelUsage
from scoring.judges.prompts import PROMPT_SHA256, RATING_PROMPT, SPANS_PROMPT, judge_name
from scoring.judges.rating import (
    NO_MODEL,
    NOT_SHOWN,
    OVER_BUDGET,
    RATERS,
    TOO_FEW_RATED,
    UNANSWERED,
    CompetencyRating,
    Rater,
    RatingClaim,
    Span,
    check_rating,
    gather_spans,
    rating_request,
    spans_for,
)
from scoring.judges.spans import Answers, SpanClaims, gather_answers, spans_request
from scoring.judges.verify import Verified, offline_turns, verify_spans
from scoring.key_points import JUDGE_NAME, judge_answer
from scoring.ratings import combine
from scoring.rubric import Competency, Rubric
from sessions.errors import ProviderUnavailable
from sessions.facts import Fact, KeyPointFinding
from sessions.infra.structured import StructuredModel, Told, open_structured
from sessions.plan import Question
from sessions.settings import EndpointSettings

log = logging.getLogger(__name__)

MOST_REQUESTS = 40
"""For one interview: seven questions and six competencies take 25."""
AT_ONCE = 4
RATERS_TEMPERATURE = 0.7
"""Of raters that are one model asked three times: at 0 they would be one rater."""

Answer = TypeVar("Answer", bound=BaseModel)
_Offline = Mapping[int, Sequence[KeyPointFinding]]


class ModelJudge:
    """Of a process, for all reports. `raters`: other models to rate by, in turns; without any,
    `model` rates three times. `aclose` closes all of them.
    """

    def __init__(self, model: StructuredModel, raters: Sequence[StructuredModel] = ()) -> None:
        self._model = model
        self._raters = tuple(raters)

    async def judge(
        self, facts: Sequence[Fact], rubric: Rubric, *, most_requests: int = MOST_REQUESTS
    ) -> Judgement:
        """Never fails for want of a model. A request that is tried again within
        `StructuredModel.ask` counts once.
        """
        run = _Run(most_requests)
        said = gather_answers(facts)
        offline = await asyncio.to_thread(_judge_offline, said)
        verified = await self._find_spans(run, said, offline)
        found = tuple(turn for one in verified for turn in one.turns)
        is_away = bool(run.failed) and not run.usage
        questions = [answers.question for answers in said]
        rated = await self._rate(run, rubric, questions, gather_spans(found), is_away=is_away)
        return Judgement(
            findings=found,
            competencies=rated,
            judge=", ".join(dict.fromkeys(turn.judge for turn in found)) or JUDGE_NAME,
            model=", ".join(dict.fromkeys(one.model for one in run.usage.values())),
            prompt_sha256=PROMPT_SHA256,
            rejected_quotes=sum(one.rejected_quotes for one in verified),
            rejected_ratings=sum(
                bool(rater.model and rater.problem) for one in rated for rater in one.raters
            ),
            failed_requests=run.failed,
            usage=tuple(run.usage.values()),
        )

    async def aclose(self) -> None:
        for model in (self._model, *self._raters):
            await model.aclose()

    async def _find_spans(
        self, run: _Run, said: Sequence[Answers], offline: _Offline
    ) -> list[Verified]:
        async with asyncio.TaskGroup() as tasks:
            # A place in the budget is taken in the plan's order, before anything is asked.
            asked = [
                tasks.create_task(self._find(run, answers, offline, is_asked=run.takes(1)))
                for answers in said
            ]
        return [task.result() for task in asked]

    async def _find(
        self, run: _Run, answers: Answers, offline: _Offline, *, is_asked: bool
    ) -> Verified:
        if is_asked:
            told = await run.ask(self._model, SPANS_PROMPT, spans_request(answers), SpanClaims, 0.0)
            if told is not None:
                claims, by = told
                return await asyncio.to_thread(
                    verify_spans, answers, claims.findings, offline, judge=judge_name(by.model)
                )
        return Verified(turns=offline_turns(answers, offline), rejected_quotes=0)

    async def _rate(
        self,
        run: _Run,
        rubric: Rubric,
        questions: Sequence[Question],
        spans: Sequence[Span],
        *,
        is_away: bool,
    ) -> tuple[CompetencyRating, ...]:
        rated: list[CompetencyRating | asyncio.Task[CompetencyRating]] = []
        async with asyncio.TaskGroup() as tasks:
            for competency in rubric.competencies:
                shown = spans_for(competency, questions, spans)
                if not shown:
                    rated.append(_unrated(competency, shown, NOT_SHOWN))
                elif is_away:  # each request would wait for its whole time again
                    rated.append(_unrated(competency, shown, NO_MODEL))
                elif not run.takes(RATERS):
                    rated.append(_unrated(competency, shown, OVER_BUDGET))
                else:
                    rated.append(tasks.create_task(self._ask_raters(run, competency, shown)))
        return tuple(one if isinstance(one, CompetencyRating) else one.result() for one in rated)

    async def _ask_raters(
        self, run: _Run, competency: Competency, spans: tuple[Span, ...]
    ) -> CompetencyRating:
        models = self._raters or (self._model,)
        async with asyncio.TaskGroup() as tasks:
            asked = [
                tasks.create_task(_ask_rater(run, models[number % len(models)], competency, spans))
                for number in range(RATERS)
            ]
        raters = tuple(task.result() for task in asked)
        if not any(rater.model for rater in raters):
            return _unrated(competency, spans, NO_MODEL, raters)
        combined = combine([rater.rating for rater in raters])
        return CompetencyRating(
            competency_id=competency.id,
            combined=combined,
            spans=spans,
            raters=raters,
            reason=TOO_FEW_RATED if combined.rating is None else "",
        )


@dataclass(slots=True)
class _Run:
    """What one interview may use, and has used."""

    left: int
    failed: int = 0
    usage: dict[tuple[str, str], ModelUsage] = field(
        default_factory=dict[tuple[str, str], ModelUsage]
    )
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def takes(self, requests: int) -> bool:
        """So many requests, all or none."""
        if requests > self.left:
            return False
        self.left -= requests
        return True

    async def ask(
        self,
        model: StructuredModel,
        system: str,
        data: Mapping[str, JsonValue],
        answer: type[Answer],
        temperature: float,
    ) -> tuple[Answer, Told] | None:
        """None: no endpoint of the model's has answered."""
        try:
            async with self._places:
                found, told = await model.ask(system, data, answer, temperature=temperature)
        except ProviderUnavailable as exc:
            self.failed += 1
            log.warning("a part of an interview is judged without a model: %s", exc.reason)
            return None
        known = self.usage.get((told.endpoint, told.model))
        self.usage[told.endpoint, told.model] = ModelUsage(
            endpoint=told.endpoint,
            model=told.model,
            requests=(known.requests if known else 0) + 1,
            input_tokens=(known.input_tokens if known else 0) + told.input_tokens,
            output_tokens=(known.output_tokens if known else 0) + told.output_tokens,
        )
        return found, told


def open_model_judge(
    names: Sequence[str],
    rater_names: Sequence[str],
    endpoints: Mapping[str, EndpointSettings],
    *,
    timeout_s: float,
    key: str,
) -> ModelJudge | None:
    """`names` in order of fallback; each of `rater_names` is a rater by itself. None without any
    names. Raises SettingsInvalid for an endpoint that is not known or has no language model.
    """
    if not names:
        return None
    return ModelJudge(
        open_structured(names, endpoints, timeout_s=timeout_s, key=key),
        [
            open_structured([name], endpoints, timeout_s=timeout_s, key=f"{key}_raters")
            for name in rater_names
        ],
    )


async def _ask_rater(
    run: _Run, model: StructuredModel, competency: Competency, spans: Sequence[Span]
) -> Rater:
    told = await run.ask(
        model, RATING_PROMPT, rating_request(competency, spans), RatingClaim, RATERS_TEMPERATURE
    )
    if told is None:
        return Rater(rating=None, problem=UNANSWERED)
    claim, by = told
    return check_rating(claim, spans, model=by.model)


def _judge_offline(said: Sequence[Answers]) -> _Offline:
    return {
        turn.turn: judge_answer(answers.question, turn.text)
        for answers in said
        for turn in answers.turns
    }


def _unrated(
    competency: Competency,
    spans: tuple[Span, ...],
    reason: str,
    raters: tuple[Rater, ...] = (),
) -> CompetencyRating:
    return CompetencyRating(
        competency_id=competency.id,
        combined=combine([]),
        spans=spans,
        raters=raters,
        reason=reason,
    )
