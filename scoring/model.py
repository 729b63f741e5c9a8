"""What scoring finds: the report's parts and the live numbers. Plain data, made by folds.

Every number is a `Measure`: with its unit, and whether it was measured. One that was not has no
value (or a lower bound) and says why in its note.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sessions.facts import Coverage, Speaker
from sessions.ids import InterviewId, KeyPointId, QuestionId
from sessions.lifecycle import Status
from sessions.plan import Difficulty, InterviewType


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
    key_points: tuple[KeyPointResult, ...]
    probes: tuple[str, ...]
    common_mistakes: tuple[str, ...]
    model_answer: str

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
    speaking_time_s: Measure
    pauses: Measure
    """Silences of 250 ms or more inside spoken answers."""
    long_pauses: Measure
    """Those of 2 s or more."""
    longest_pause_s: Measure
    talk_share: Measure
    """The candidate's part of all speaking time, 0-1."""
    response_time_s: Measure
    """Median time from the end of a question to the first word of the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageSummary:
    questions_planned: int
    questions_answered: int
    key_points_total: int
    """Of the questions that were answered."""
    key_points_covered: int
    key_points_partly: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    interview_id: InterviewId
    type: InterviewType
    difficulty: Difficulty
    role: str
    status: Status
    started_ms: int | None
    duration_ms: int
    """Without pauses."""
    has_enough: bool
    """False: there is not enough to judge, and `coverage` must not be read as a result."""
    not_enough_reason: str
    coverage: CoverageSummary
    questions: tuple[QuestionReport, ...]
    delivery: Delivery
    transcript: tuple[TranscriptLine, ...]
    interruptions: tuple[str, ...]
    """Technical trouble during the interview, as sentences for the banner."""
    judge: str
