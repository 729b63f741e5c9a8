"""What scoring finds: the report's parts and the live numbers. Plain data, made by folds.

Every number of delivery is a `Measure`: with its unit, and whether it was measured. One that was
not has no value (or a lower bound) and says why in its note. Every score is a `Score`: 0-100, or
none and the reason. `docs/report.md` describes the JSON these are stored as.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from scoring.sources import Source
from sessions.facts import Coverage, Speaker
from sessions.ids import InterviewId, KeyPointId, QuestionId
from sessions.lifecycle import Status
from sessions.plan import Difficulty, InterviewType, Purpose


class Edition(StrEnum):
    """For whom a report is made up. See `scoring.editions`."""

    WHOLE = "whole"  # everything that was found: what is kept, and shown to nobody as it is
    CANDIDATE = "candidate"
    RECRUITER = "recruiter"


class StarElement(StrEnum):
    SITUATION = "situation"
    TASK = "task"
    ACTION = "action"
    RESULT = "result"


@dataclass(frozen=True, slots=True, kw_only=True)
class FillerSpan:
    """`text[start:end]` is a filler; `filler` is its dictionary form ("you know")."""

    filler: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """`value` is None when nothing can be said; not `is_measured`: a lower bound, see the note."""

    value: float | None
    unit: str
    is_measured: bool
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The candidate's own words: `text` is characters `start:end` of turn `turn`."""

    turn: int
    text: str
    start: int
    end: int
    offset_ms: int
    """When the turn began, from the interview's start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPointResult:
    id: KeyPointId
    point: str
    star: str | None
    coverage: Coverage
    quotes: tuple[Quote, ...]
    was_probed: bool
    example: str
    """The sentence of the model answer that says it; empty when it has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPart:
    """One turn of an answer, whole: characters of `Quote`s with the same `turn` count in it."""

    turn: int
    offset_ms: int
    text: str
    is_typed: bool
    probed_id: KeyPointId | None
    """The key point whose follow-up it answers; None when it answers the question itself."""
    asked: str
    """That follow-up, or the question's text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StarPart:
    """One element of a story. There when it has quotes; when not, `advice` says what to add."""

    element: StarElement
    quotes: tuple[Quote, ...]
    advice: str

    @property
    def is_there(self) -> bool:
        return bool(self.quotes)


class QuestionStatus(StrEnum):
    ANSWERED = "answered"
    SKIPPED = "skipped"
    UNANSWERED = "unanswered"  # asked, but too little was said to judge
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionReport:
    index: int
    id: QuestionId
    version: int
    text: str
    difficulty: int
    minutes: int
    tags: tuple[str, ...]
    status: QuestionStatus
    offset_ms: int | None
    """When it was asked, from the interview's start; None when it was not."""
    words: int
    """Said or typed in answer to it; fillers, as far as the words alone show them, left out."""
    key_points: tuple[KeyPointResult, ...]
    probes: tuple[str, ...]
    answers: tuple[AnswerPart, ...]
    star: tuple[StarPart, ...]
    """In the order a story has them; empty when it was not answered, or asks for no story."""
    star_note: str
    """What is to be said of the story as a whole, if anything."""
    star_note_quotes: tuple[Quote, ...]
    """The words it is said of."""
    common_mistakes: tuple[str, ...]
    model_answer: str
    refused: str = ""
    """Why what was said to it is no answer, to go on after "it": then it is not `answered`."""

    @property
    def covered(self) -> int:
        return sum(point.coverage is Coverage.COVERED for point in self.key_points)


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptLine:
    """One turn of either side. For the interviewer `text` is what was heard."""

    speaker: Speaker
    turn: int
    offset_ms: int
    text: str
    fillers: tuple[FillerSpan, ...]
    question_index: int | None
    is_typed: bool
    is_cut: bool
    """The interviewer was interrupted here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How it was said. Coaching for practice; never part of a content judgement."""

    filler_total: Measure
    filler_counts: dict[str, int]
    fillers_per_minute: Measure
    fillers_per_100_words: Measure
    pace_wpm: Measure
    """Of the turns of 10 s or more."""
    articulation_rate: Measure
    """Syllables per second of phonated time."""
    speaking_time_s: Measure
    pauses: Measure
    """Silences of 250 ms or more inside spoken answers."""
    pauses_inside_clauses: Measure
    pauses_at_boundaries: Measure
    long_pauses: Measure
    """Those of 2 s or more."""
    longest_pause_s: Measure
    pause_ratio: Measure
    """Time in pauses over the time from first word to last, 0-1."""
    talk_share: Measure
    """The candidate's part of all speaking time, 0-1."""
    response_time_s: Measure
    """Median time from the end of a question to the first word of the answer."""
    hedges_per_100_words: Measure
    repetitions_per_100_words: Measure
    self_repairs_per_100_words: Measure
    sources: dict[str, Source]
    """How each measure is made and by whom, by the name of its field here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageSummary:
    questions_planned: int
    questions_answered: int
    key_points_total: int
    """Of the questions that were answered."""
    key_points_covered: int
    key_points_partly: int

    @property
    def key_points_missing(self) -> int:
        return self.key_points_total - self.key_points_covered - self.key_points_partly


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that was done well, was missing, or is to be said next time; and the words it
    stands on. `quotes` is never empty.
    """

    title: str
    """How it stands: "Said without being asked", "Asked for, and not heard", "Add this"."""
    sentence: str
    """What it is, most often the key point."""
    question_index: int
    key_point_id: KeyPointId | None
    quotes: tuple[Quote, ...]
    asked: str = ""
    """What the quoted words were the answer to, where it was asked for and not said."""
    example: str = ""
    """A sentence of the model answer that says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    items: tuple[Finding, ...]
    note: str
    """Why there are fewer than usual; empty when there are enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    value: float | None
    """0-100; None when nothing can be said."""
    reason: str = ""
    """Why there is no value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorePart:
    """A part of another score. `weight` is its share of that, 0-1: of one that has a value, the
    share it really had, 0 when it could not count; of one that has none, the published weight.
    """

    id: str
    label: str
    score: Score
    weight: float


MIN_ANSWERS = 2
"""A rating that rests on fewer answers is provisional: one answer may be a lucky or an unlucky one.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompetencyScore:
    id: str
    label: str
    definition: str
    dimension: str
    """The `id` of the part of the breakdown it counts towards."""
    rating: float | None
    """1-5, by the rubric's anchors."""
    anchor: str
    """What the rubric says of that rating."""
    score: Score
    is_flagged: bool
    """The raters differ, or too few rated: a person has to look."""
    answers: int = 0
    """So many answers, to questions that ask for it, the rating rests on."""

    @property
    def is_provisional(self) -> bool:
        return self.rating is not None and self.answers < MIN_ANSWERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    overall: Score
    parts: tuple[ScorePart, ...]
    """What the overall is made of."""
    content_parts: tuple[ScorePart, ...]
    """Relevance and depth: what the key points say of the content."""
    delivery_parts: tuple[ScorePart, ...]
    """Fluency, clarity, confidence of delivery; empty by the weights of hiring."""
    breakdown: tuple[ScorePart, ...]
    """By dimension: technical depth, communication, problem solving."""
    competencies: tuple[CompetencyScore, ...]
    questions: tuple[Score, ...]
    """One per planned question, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Technical:
    """What the technique did to the interview. None of it counts against anybody."""

    low_confidence_share: float | None
    """Of the recognised words that came with a confidence, 0-1; None when none did."""
    held_reasons: tuple[str, ...]
    """Why a person has to look before the scores are used; empty when nobody has to."""

    @property
    def is_held(self) -> bool:
        return bool(self.held_reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricUsed:
    id: str
    version: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionUsed:
    id: QuestionId
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What the report was made with, so that it can be made again."""

    judges: tuple[str, ...]
    model: str
    """Empty: no language model had a part in it."""
    prompts_sha256: str
    """As far as the judge's name tells it; empty without a model."""
    rubric: RubricUsed | None
    questions: tuple[QuestionUsed, ...]
    software: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    interview_id: InterviewId
    type: InterviewType
    difficulty: Difficulty
    role: str
    purpose: Purpose
    edition: Edition
    status: Status
    started_ms: int | None
    duration_ms: int
    """Without pauses."""
    has_enough: bool
    """False: there is not enough to judge, and `coverage` must not be read as a result."""
    not_enough_reason: str
    coverage: CoverageSummary
    scores: Scorecard | None
    """By the weights of `purpose`; None when this edition has none, or no rubric was given."""
    content_scores: Scorecard | None
    """By the weights of hiring, whatever the purpose is; only in the whole report."""
    strengths: Findings
    weaknesses: Findings
    improvements: Findings
    questions: tuple[QuestionReport, ...]
    delivery: Delivery | None
    """Of a practice interview only, and never for a recruiter."""
    transcript: tuple[TranscriptLine, ...]
    interruptions: tuple[str, ...]
    """Technical trouble during the interview, as sentences for the banner."""
    technical: Technical
    judge: str
    made_with: Provenance
