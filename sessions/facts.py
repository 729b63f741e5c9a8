"""The facts of an interview: frozen, past tense, versioned. The only language between processes.

Every time is Unix epoch milliseconds on the server's clock, `at_ms` being when the fact became
one. Nothing here reads a clock. How facts are stored is `sessions.codec`'s business.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from sessions.ids import AccountId, InterviewId, KeyPointId, QuestionId
from sessions.plan import PlanRequest, Question


class Speaker(StrEnum):
    CANDIDATE = "candidate"
    INTERVIEWER = "interviewer"


class Timing(StrEnum):
    """What is known of the times of an answer's words."""

    WORD = "word"  # the recogniser gave each word's times
    UTTERANCE = "utterance"  # only the answer's begin and end; the words are spread between them
    NONE = "none"  # typed


class Move(StrEnum):
    """What the interviewer does by saying something. Code chooses it; a model only phrases it."""

    GREET = "greet"
    ASK = "ask"
    PROBE = "probe"
    CLARIFY = "clarify"
    REPEAT = "repeat"
    WAIT = "wait"
    PROMPT = "prompt"
    REPHRASE = "rephrase"
    OFFER_TYPING = "offer_typing"
    ENCOURAGE = "encourage"
    WRAP_UP = "wrap_up"
    RESUME = "resume"
    CLOSE = "close"


class Intent(StrEnum):
    """What a candidate asks of the interviewer instead of answering."""

    REPEAT = "repeat"
    WAIT = "wait"
    SKIP = "skip"
    CLARIFY = "clarify"
    UNSURE = "unsure"  # "I do not know": said first, it is not yet the end of the question


class Coverage(StrEnum):
    COVERED = "covered"
    PARTLY = "partly"
    MISSING = "missing"


class CompletionReason(StrEnum):
    FINISHED = "finished"
    TIME_OVER = "time_over"
    ENDED_BY_CANDIDATE = "ended_by_candidate"


class SkipReason(StrEnum):
    CANDIDATE = "candidate"
    SILENCE = "silence"
    TIME_OVER = "time_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One recognised word. Times are epoch ms; confidence is 0-1, None where not given."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPointFinding:
    """A judge's finding on one key point. `quote` is `text[start:end]` of the answer it cites."""

    key_point_id: KeyPointId
    coverage: Coverage
    quote: str = ""
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Base of all facts."""

    VERSION: ClassVar[int] = 1
    at_ms: int


# -- setting up --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewPlanned(Fact):
    interview_id: InterviewId
    account_id: AccountId
    request: PlanRequest
    questions: tuple[Question, ...]
    seed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGiven(Fact):
    """The candidate agreed, in the page, to what `text_version` of the consent text says."""

    text_version: str
    transcript: bool
    recording: bool


# -- the room ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomOpened(Fact):
    """An agent holds the interview from now on. `keeps_fillers` is the recogniser's claim."""

    gateway: str
    recogniser: str
    keeps_fillers: bool
    voice: str
    interviewer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantJoined(Fact):
    speaker: Speaker
    client: str


OPENED_ELSEWHERE = "opened elsewhere"
"""The reason of a ConnectionLost that the candidate made, by opening the room in another tab."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLost(Fact):
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionResumed(Fact):
    gap_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomClosed(Fact):
    """The agent let the room go in order: the interview may be continued in another."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomLost(Fact):
    """Found by a restarted agent: its predecessor died holding this room."""

    gateway: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderFailed(Fact):
    component: str
    provider: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSwitched(Fact):
    """From now on another provider does the work; empty `to_provider`: none is left for it.

    `component` is "stt", "tts" or "interviewer". Also said when an earlier one is well again.
    """

    component: str
    from_provider: str
    to_provider: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageCounted(Fact):
    """What the room used of one provider's model since the fact before, or since it opened.

    `cost_micros` is in millionths of `currency`, by the prices in the settings; 0 when the price
    is not known (`is_priced` false).
    """

    component: str
    provider: str
    model: str
    audio_ms: int = 0
    characters: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_micros: int = 0
    currency: str = ""
    is_priced: bool = False


# -- the recording -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingStarted(Fact):
    """Both sides are recorded from `started_ms` on, the zero of this part's own time.

    An interview has one part per room that held it; `part` counts from 1.
    """

    part: int
    started_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingStored(Fact):
    """A part is complete in the blob store under `key`: Ogg/Opus, encrypted with key `key_id`."""

    part: int
    key: str
    started_ms: int
    duration_ms: int
    size_bytes: int
    sha256: str
    """Of the stored (encrypted) bytes, in hexadecimal."""
    key_id: str
    is_whole: bool = True
    """False: the process died or the disk filled, and the last seconds are missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFailed(Fact):
    part: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingDeleted(Fact):
    """`reason` is "retention" or "requested". No audio of the interview is left."""

    keys: tuple[str, ...]
    reason: str


# -- the conversation --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAsked(Fact):
    """The question is now the one being asked; `index` counts from 0."""

    index: int
    question_id: QuestionId


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed(Fact):
    question_id: QuestionId
    key_point_id: KeyPointId


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewerSpoke(Fact):
    """An utterance of the interviewer, over. `heard` is the part that was played to its end."""

    utterance: int
    move: Move
    question_id: QuestionId | None
    text: str
    heard: str
    started_ms: int
    ended_ms: int
    interrupted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerHeard(Fact):
    """A finished turn of the candidate. `turn` counts from 1 over the whole interview.

    `response_ms` is from the end of the interviewer's utterance to the first word, None when
    there was no utterance before it or the answer was typed.
    """

    turn: int
    question_id: QuestionId | None
    text: str
    words: tuple[Word, ...]
    timing: Timing
    recogniser: str
    started_ms: int
    ended_ms: int
    response_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FillerHeard(Fact):
    """`start:end` are the filler's characters in the text of the turn's AnswerHeard."""

    turn: int
    filler: str
    start: int
    end: int
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerMeasured(Fact):
    """How a spoken answer was said (`scoring.live` measures it). None: not measured, `notes`
    says why by the field's name; a `filler_total` with a note is a lower bound. Rates are per 100
    words where they do not say otherwise; `articulation_rate` is syllables per second of sound.
    """

    turn: int
    words: int
    speaking_ms: int
    response_ms: int | None
    filler_total: int | None
    filler_counts: dict[str, int]
    fillers_per_minute: float | None
    pace_wpm: float | None
    articulation_rate: float | None
    pauses: int | None
    pauses_inside_clauses: int | None
    long_pauses: int | None
    longest_pause_s: float | None
    pause_ratio: float | None
    hedges_per_100_words: float | None
    repetitions_per_100_words: float | None
    self_repairs_per_100_words: float | None
    notes: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentRecognised(Fact):
    turn: int
    intent: Intent


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerScored(Fact):
    """Which key points of the question the turn covered. One finding per key point."""

    turn: int
    question_id: QuestionId
    judge: str
    findings: tuple[KeyPointFinding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionSkipped(Fact):
    question_id: QuestionId
    reason: SkipReason


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewPaused(Fact):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewResumed(Fact):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewCompleted(Fact):
    reason: CompletionReason


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewAbandoned(Fact):
    """Nobody came back to a paused or disconnected room in time."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportWritten(Fact):
    """A version of the interview's report was stored; `judges` are those named in it.

    `rubric_sha256` is empty when nothing was scored. It comes when no room writes any more.
    """

    version: int
    judges: tuple[str, ...]
    rubric_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """A fact with its place in the journal; `seq` counts from 1 without gaps."""

    seq: int
    fact: Fact


KINDS: dict[str, type[Fact]] = {
    kind.__name__: kind
    for kind in (
        InterviewPlanned,
        ConsentGiven,
        RoomOpened,
        ParticipantJoined,
        ConnectionLost,
        ConnectionResumed,
        RoomClosed,
        RoomLost,
        ProviderFailed,
        ProviderSwitched,
        UsageCounted,
        RecordingStarted,
        RecordingStored,
        RecordingFailed,
        RecordingDeleted,
        QuestionAsked,
        Probed,
        InterviewerSpoke,
        AnswerHeard,
        FillerHeard,
        AnswerMeasured,
        IntentRecognised,
        AnswerScored,
        QuestionSkipped,
        InterviewPaused,
        InterviewResumed,
        InterviewCompleted,
        InterviewAbandoned,
        ReportWritten,
    )
}
"""Every kind of fact by the name it is stored under. A test holds it complete."""
