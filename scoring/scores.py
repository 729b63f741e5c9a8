"""The scores of an interview, from what was found in the candidate's own words.

Hiring is scored by content alone. Practice adds how it was said, by published weights. Every
number is 0-100 with one decimal, or None with the reason: no evidence is no low score. What each
means, and where it comes from: docs/scoring.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from scoring.model import (
    CompetencyScore,
    Delivery,
    Measure,
    Purpose,
    QuestionReport,
    QuestionStatus,
    Score,
    ScorePart,
)
from scoring.ratings import CompetencyRatings, insufficient, rating_of, rounded, score_of, weigh
from scoring.rubric import Competency, Dimension, Rubric
from scoring.star import COVERAGE_VALUE, StarFlags, structure_share
from sessions.facts import Coverage
from sessions.ids import QuestionId
from sessions.plan import Question

OVERALL_WEIGHTS: Mapping[Purpose, Mapping[str, int]] = {
    Purpose.PRACTICE: {"content": 70, "delivery": 30},
    Purpose.HIRING: {"content": 100},
}
KEY_POINT_WEIGHTS = {"relevance": 30, "depth": 70}
CONTENT_WEIGHTS = {"key_points": 50, "competencies": 50}
"""Where raters rated at least half of the rubric; else the key points are all of it."""
DELIVERY_WEIGHTS = {"fluency": 40, "clarity": 30, "confidence": 30}
FLUENCY_WEIGHTS = {"pace": 40, "fillers": 40, "long_pauses": 20}
CLARITY_WEIGHTS = {"structure": 50, "sentences": 50}
CONFIDENCE_WEIGHTS = {"hedges": 40, "fillers": 30, "response_time": 30}

MIN_COVERAGE = 0.5
"""With a smaller part of the planned questions answered there is no overall score."""
MIN_ANSWERED = 2
MIN_SUBSTANTIVE_WORDS = 20
"""An answer of fewer words in which no key point was recognised says too little to count."""

MAX_LOW_CONFIDENCE_SHARE = 0.2
MAX_INTERRUPTION_MS = 60_000

LABELS = {
    "content": "Content",
    "delivery": "Delivery",
    "technical_depth": "Technical depth",
    "communication": "Communication",
    "problem_solving": "Problem solving",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreInputs:
    """What is scored. `questions` are the plan's and `results` the report's, in one order."""

    purpose: Purpose
    rubric: Rubric
    questions: Sequence[Question]
    results: Sequence[QuestionReport]
    ratings: CompetencyRatings | None = None
    """By a model's raters; None when only the offline judge ran."""
    star: Mapping[QuestionId, StarFlags] = field(default_factory=dict[QuestionId, StarFlags])
    refused: Mapping[QuestionId, str] = field(default_factory=dict[QuestionId, str])
    """Answers that are none, such as a list of keywords, and why: "it is a list of words"."""
    delivery: Delivery | None = None
    words_per_sentence: Measure | None = None
    low_confidence_share: float | None = None
    """Of the recognised words those with a confidence below 0.5, 0-1; None: not known."""
    longest_interruption_ms: int = 0
    cut_answers: int = 0
    """Answers that the technique broke off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryScores:
    """Of practice only. `parts` has what they are made of, by name, as in the weights."""

    total: Score
    fluency: Score
    clarity: Score
    confidence: Score
    """Of delivery: hedges, fillers, response time. It says nothing about the person."""
    parts: Mapping[str, Score]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    purpose: Purpose
    coverage: float | None
    """Answered of planned questions, 0-1; None when none was planned."""
    overall: Score
    parts: tuple[ScorePart, ...]
    """What the overall is made of."""
    content: Score
    relevance: Score
    depth: Score
    questions: tuple[Score, ...]
    """One per planned question, in their order."""
    competencies: tuple[CompetencyScore, ...]
    breakdown: tuple[ScorePart, ...]
    """By dimension, with its weight in the rubric. The overall is not made of it."""
    delivery: DeliveryScores | None
    """None in hiring, whatever was measured."""
    held_reasons: tuple[str, ...]
    """Why a person has to look before the scores are used."""
    rubric_id: str
    rubric_version: int
    rubric_sha256: str

    @property
    def is_held(self) -> bool:
        return bool(self.held_reasons)


def score(inputs: ScoreInputs) -> Scores:
    """Raises ValueError when `questions` and `results` are not of the same interview."""
    if [one.id for one in inputs.questions] != [one.id for one in inputs.results]:
        raise ValueError("The results are not those of the questions.")
    counted = [
        (q, r)
        for q, r in zip(inputs.questions, inputs.results, strict=True)
        if _counts(r, inputs.refused)
    ]
    relevance, depth = _relevance(counted), _depth(counted)
    competencies = tuple(_competency(one, counted, inputs) for one in inputs.rubric.competencies)
    content = _content(relevance, depth, competencies, inputs)
    delivery = None
    if inputs.purpose is Purpose.PRACTICE:
        delivery = _delivery_scores(inputs, counted)
    coverage = len(counted) / len(inputs.questions) if inputs.questions else None
    held = _why_held(inputs)
    found = {"content": content} | ({"delivery": delivery.total} if delivery else {})
    weights = OVERALL_WEIGHTS[inputs.purpose]
    return Scores(
        purpose=inputs.purpose,
        coverage=coverage,
        overall=_overall(found, inputs.purpose, coverage, len(counted), held),
        parts=tuple(
            ScorePart(id=name, label=LABELS[name], score=found[name], weight=weight / 100)
            for name, weight in weights.items()
        ),
        content=content,
        relevance=relevance,
        depth=depth,
        questions=tuple(_question(result, inputs.refused) for result in inputs.results),
        competencies=competencies,
        breakdown=_breakdown(competencies, inputs.rubric),
        delivery=delivery,
        held_reasons=held,
        rubric_id=inputs.rubric.id,
        rubric_version=inputs.rubric.version,
        rubric_sha256=inputs.rubric.sha256,
    )


# -- content ---------------------------------------------------------------------------------------

_Counted = tuple[Question, QuestionReport]


def difficulty_weight(difficulty: int) -> float:
    """1.1 for the easiest question of the bank (1), 2 for the hardest (10)."""
    return 1 + difficulty / 10


def _touches(result: QuestionReport) -> bool:
    return any(point.coverage is not Coverage.MISSING for point in result.key_points)


def _counts(result: QuestionReport, refused: Mapping[QuestionId, str]) -> bool:
    is_substantive = _touches(result) or result.words >= MIN_SUBSTANTIVE_WORDS
    return result.status is QuestionStatus.ANSWERED and result.id not in refused and is_substantive


def _covered_share(result: QuestionReport) -> float:
    points = result.key_points
    return sum(COVERAGE_VALUE[point.coverage] for point in points) / len(points) if points else 0.0


def _question(result: QuestionReport, refused: Mapping[QuestionId, str]) -> Score:
    """Covered key points of all its key points, a partly covered one as half. Never 0: where
    nothing was recognised there is no evidence, and no score.
    """
    if result.status is QuestionStatus.NOT_REACHED:
        return Score(value=None, reason="The question was not reached.")
    if result.status is QuestionStatus.SKIPPED:
        return Score(value=None, reason="The question was skipped.")
    if result.id in refused:
        return insufficient(refused[result.id])
    if not _counts(result, refused):
        return insufficient("too little was said in answer to the question")
    if not _touches(result):
        return insufficient("none of its key points was recognised in the answer")
    return rounded(100 * _covered_share(result))


def _relevance(counted: Sequence[_Counted]) -> Score:
    """The share of answers that touched at least one key point."""
    touched = sum(_touches(result) for _, result in counted)
    if not touched:
        return _nothing_recognised(counted)
    return rounded(100 * touched / len(counted))


def _depth(counted: Sequence[_Counted]) -> Score:
    """How much of the key points the answers covered, harder questions counting for more."""
    if not any(_touches(result) for _, result in counted):
        return _nothing_recognised(counted)
    return rounded(100 * _by_difficulty([(q, _covered_share(r)) for q, r in counted]))


def _nothing_recognised(counted: Sequence[_Counted]) -> Score:
    if not counted:
        return insufficient("no question was answered")
    return insufficient("none of the key points was recognised in the answers")


def _by_difficulty(shares: Sequence[tuple[Question, float]]) -> float:
    weights = [difficulty_weight(question.difficulty) for question, _ in shares]
    total = sum(share * weight for (_, share), weight in zip(shares, weights, strict=True))
    return total / sum(weights)


def _content(
    relevance: Score, depth: Score, competencies: Sequence[CompetencyScore], inputs: ScoreInputs
) -> Score:
    key_points = weigh(
        [(KEY_POINT_WEIGHTS["relevance"], relevance), (KEY_POINT_WEIGHTS["depth"], depth)]
    )
    if key_points.value is None:
        return depth
    rated = weigh(
        [
            (one.weight, found.score if one.id in (inputs.ratings or {}) else Score(value=None))
            for one, found in zip(inputs.rubric.competencies, competencies, strict=True)
        ]
    )
    if rated.value is None:
        return key_points
    return weigh(
        [(CONTENT_WEIGHTS["key_points"], key_points), (CONTENT_WEIGHTS["competencies"], rated)]
    )


def _competency(
    competency: Competency, counted: Sequence[_Counted], inputs: ScoreInputs
) -> CompetencyScore:
    """By the raters where they judged it; else by the key points of the questions that count
    towards it. Of raters who found nothing to rate nothing is made up.
    """
    combined = (inputs.ratings or {}).get(competency.id)
    if combined is None:
        found = _competency_offline(competency, counted, inputs.star)
        rating = None if found.value is None else round(rating_of(found.value), 1)
    elif combined.rating is None:
        rating = None
        found = insufficient("too few raters found words to rate it by")
    else:
        rating = combined.rating
        found = rounded(score_of(rating))
    return CompetencyScore(
        id=competency.id,
        label=competency.name,
        definition=competency.definition,
        dimension=competency.dimension.value,
        rating=rating,
        anchor="" if rating is None else competency.anchor_near(rating),
        score=found,
        is_flagged=combined is not None and combined.is_flagged,
    )


def _competency_offline(
    competency: Competency, counted: Sequence[_Counted], star: Mapping[QuestionId, StarFlags]
) -> Score:
    shares: list[tuple[Question, float]] = []
    is_touched = False
    for question, result in counted:
        if set(question.competencies) & set(competency.counts):
            shares.append((question, _covered_share(result)))
            is_touched = is_touched or _touches(result)
        if competency.is_structure:
            structure = structure_share(question, result.key_points, star.get(question.id))
            if structure is not None:
                shares.append((question, structure))
                is_touched = is_touched or structure > 0
    if not shares:
        return insufficient("no answered question asked for it")
    if not is_touched:
        return insufficient("none of the key points for it was recognised")
    return rounded(100 * _by_difficulty(shares))


def _breakdown(competencies: Sequence[CompetencyScore], rubric: Rubric) -> tuple[ScorePart, ...]:
    parts: list[ScorePart] = []
    for dimension in Dimension:
        own = [
            (one.weight, found.score)
            for one, found in zip(rubric.competencies, competencies, strict=True)
            if one.dimension is dimension
        ]
        known = [(weight, found) for weight, found in own if found.value is not None]
        if known:
            found = weigh(known)
        elif own:
            found = insufficient("none of its competencies could be judged")
        else:
            found = Score(value=None, reason="The rubric of this interview does not judge it.")
        weight = sum(weight for weight, _ in own) / 100
        parts.append(
            ScorePart(id=dimension.value, label=LABELS[dimension.value], score=found, weight=weight)
        )
    return tuple(parts)


# -- overall ---------------------------------------------------------------------------------------


def _why_held(inputs: ScoreInputs) -> tuple[str, ...]:
    reasons: list[str] = []
    share = inputs.low_confidence_share
    if share is not None and share > MAX_LOW_CONFIDENCE_SHARE:
        reasons.append(
            f"The recogniser was unsure of {100 * share:.0f} % of the words, "
            f"more than {100 * MAX_LOW_CONFIDENCE_SHARE:.0f} %."
        )
    if inputs.longest_interruption_ms > MAX_INTERRUPTION_MS:
        reasons.append(
            f"The interview was interrupted for {inputs.longest_interruption_ms / 1000:.0f} s "
            f"by a technical fault, longer than {MAX_INTERRUPTION_MS / 1000:.0f} s."
        )
    if inputs.cut_answers > 0:
        many = "An answer was" if inputs.cut_answers == 1 else f"{inputs.cut_answers} answers were"
        reasons.append(f"{many} broken off by a technical fault.")
    return tuple(reasons)


def _overall(
    found: Mapping[str, Score],
    purpose: Purpose,
    coverage: float | None,
    answered: int,
    held: Sequence[str],
) -> Score:
    if answered < MIN_ANSWERED:
        many = {0: "No question was", 1: "Only one question was"}[answered]
        return Score(value=None, reason=f"{many} answered; an overall needs {MIN_ANSWERED}.")
    if coverage is None or coverage < MIN_COVERAGE:
        return Score(value=None, reason="Fewer than half of the planned questions were answered.")
    if purpose is Purpose.HIRING and held:
        return Score(value=None, reason=f"Withheld until a person has looked. {' '.join(held)}")
    if found["content"].value is None:
        return found["content"]
    return weigh([(weight, found[name]) for name, weight in OVERALL_WEIGHTS[purpose].items()])


# -- delivery, in practice alone -------------------------------------------------------------------

Curve = Sequence[tuple[float, float]]
"""Corners (x, score) of a function that is linear between and level outside of them."""

PACE_WPM: Curve = ((50, 0), (110, 100), (170, 100), (250, 0))
FILLERS_PER_100_WORDS: Curve = ((2, 100), (6, 50), (12, 0))
LONG_PAUSES_PER_MINUTE: Curve = ((1, 100), (6, 0))
WORDS_PER_SENTENCE: Curve = ((20, 100), (50, 0))
HEDGES_PER_100_WORDS: Curve = ((2, 100), (8, 0))
RESPONSE_TIME_S: Curve = ((5, 100), (20, 0))


def along(curve: Curve, x: float) -> float:
    """The curve at `x`, 0-100."""
    if x <= curve[0][0]:
        return curve[0][1]
    for (left, low), (right, high) in pairwise(curve):
        if x <= right:
            return low + (high - low) * (x - left) / (right - left)
    return curve[-1][1]


def pace_score(wpm: float) -> float:
    """Full from 110 to 170 words a minute, none at 50 and at 250. British lectures have about
    140, interviews 190 (Tauroza & Allison, "Speech rates in British English", Applied Linguistics
    11, 1990); from 200 on second-language listeners follow less (Griffiths, "Speech rate and NNS
    comprehension", Language Learning 40, 1990). The corners are our convention.
    """
    return along(PACE_WPM, wpm)


def filler_score(per_100_words: float) -> float:
    """Full up to 2 in 100 words, half at 6, none at 12. Conversation has 2 to 3 sounds such as
    "um" (Bortfeld et al., "Disfluency rates in conversation", Language and Speech 44, 2001), and
    about 6 disfluencies of all kinds (Fox Tree, "The effects of false starts and repetitions",
    Journal of Memory and Language 34, 1995). The corners are our convention.
    """
    return along(FILLERS_PER_100_WORDS, per_100_words)


def long_pause_score(per_minute: float) -> float:
    """Full up to 1 silence of 2 s or more in a minute of speech, none at 6: our convention.
    Planning takes pauses (Goldman-Eisler, "Psycholinguistics", 1968), so that one is no fault.
    """
    return along(LONG_PAUSES_PER_MINUTE, per_minute)


def sentence_score(words: float) -> float:
    """Full up to 20 words a sentence, none at 50. Guides to plain English advise 15 to 20 on
    average (Cutts, "Oxford Guide to Plain English"); spoken sentences are joined by "and", which
    is why the slope is gentle. The corners are our convention.
    """
    return along(WORDS_PER_SENTENCE, words)


def hedge_score(per_100_words: float) -> float:
    """Full up to 2 in 100 words, none at 8: our convention. Some are honest, and do not count."""
    return along(HEDGES_PER_100_WORDS, per_100_words)


def response_score(seconds: float) -> float:
    """Full up to 5 s before an answer, none at 20: our convention. Thinking first is good
    practice, which is why it begins far above the gaps of conversation (0.2 s: Stivers et al.,
    "Universals and cultural variation in turn-taking", PNAS 106, 2009).
    """
    return along(RESPONSE_TIME_S, seconds)


def _delivery_scores(inputs: ScoreInputs, counted: Sequence[_Counted]) -> DeliveryScores:
    parts = _delivery_parts(inputs.delivery) | {
        "structure": _structure(counted, inputs.star),
        "sentences": _curved(inputs.words_per_sentence, sentence_score),
    }

    def made_of(weights: Mapping[str, int]) -> Score:
        return weigh([(weight, parts[name]) for name, weight in weights.items()])

    fluency, clarity = made_of(FLUENCY_WEIGHTS), made_of(CLARITY_WEIGHTS)
    confidence = made_of(CONFIDENCE_WEIGHTS)
    named = {"fluency": fluency, "clarity": clarity, "confidence": confidence}
    total = weigh([(weight, named[name]) for name, weight in DELIVERY_WEIGHTS.items()])
    return DeliveryScores(total=total, **named, parts=parts)


def _delivery_parts(delivery: Delivery | None) -> dict[str, Score]:
    if delivery is None:
        missing = Score(value=None, reason="Delivery was not measured.")
        names = ("pace", "fillers", "long_pauses", "hedges", "response_time")
        return dict.fromkeys(names, missing)
    return {
        "pace": _curved(delivery.pace_wpm, pace_score),
        "fillers": _curved(delivery.fillers_per_100_words, filler_score),
        "long_pauses": _curved(_per_minute(delivery), long_pause_score),
        "hedges": _curved(delivery.hedges_per_100_words, hedge_score),
        "response_time": _curved(delivery.response_time_s, response_score),
    }


def _per_minute(delivery: Delivery) -> Measure:
    count, seconds = delivery.long_pauses, delivery.speaking_time_s
    if count.value is None or not count.is_measured or not seconds.value:
        return Measure(value=None, unit="per minute", is_measured=False, note=count.note)
    return Measure(value=count.value * 60 / seconds.value, unit="per minute", is_measured=True)


def _curved(measure: Measure | None, curve: Callable[[float], float]) -> Score:
    """A lower bound is no measure: who was counted less fully would come off better."""
    if measure is None:
        return Score(value=None, reason="It was not measured.")
    if measure.value is None or not measure.is_measured:
        return Score(
            value=None, reason=f"It was not measured: {measure.note or 'no reason given'}."
        )
    return rounded(curve(measure.value))


def _structure(counted: Sequence[_Counted], star: Mapping[QuestionId, StarFlags]) -> Score:
    shares = [
        (question, share)
        for question, result in counted
        if (share := structure_share(question, result.key_points, star.get(question.id)))
        is not None
    ]
    if not any(share for _, share in shares):
        return insufficient("no answer showed a part of a story or a phase")
    return rounded(100 * _by_difficulty(shares))
