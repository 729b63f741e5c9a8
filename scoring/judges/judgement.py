"""What a model's judgement of an interview comes to, and who has judged what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scoring.judges.rating import CompetencyRating
from scoring.judges.verify import TurnFindings
from scoring.ratings import CompetencyRatings
from sessions.facts import AnswerScored


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUsage:
    """What one model of one endpoint was used for."""

    endpoint: str
    model: str
    requests: int
    """Answered; those that failed are not known to cost anything."""
    input_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    findings: tuple[TurnFindings, ...]
    """Each with the judge it is from."""
    competencies: tuple[CompetencyRating, ...]
    """All of the rubric, in its order."""
    judge: str
    """The names of all judges whose findings these are."""
    model: str
    """All models that answered; empty when none did."""
    prompt_sha256: str
    rejected_quotes: int
    """Findings of the model without words of the candidate that bear them out."""
    rejected_ratings: int
    """Raters' answers without words that they were given."""
    failed_requests: int
    usage: tuple[ModelUsage, ...]

    @property
    def ratings(self) -> CompetencyRatings | None:
        """For `scoring.scores`: None where no rater has answered, so that the offline judge's
        findings are all there is.
        """
        rated = {
            one.competency_id: one.combined
            for one in self.competencies
            if any(rater.model for rater in one.raters)
        }
        return rated or None


def scored_facts(findings: Sequence[TurnFindings], *, at_ms: int) -> tuple[AnswerScored, ...]:
    """As facts, one per turn. Read after those of the interview itself, they replace them."""
    return tuple(
        AnswerScored(
            at_ms=at_ms,
            turn=turn.turn,
            question_id=turn.question_id,
            judge=turn.judge,
            findings=turn.findings,
        )
        for turn in findings
    )
