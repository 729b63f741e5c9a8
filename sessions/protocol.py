"""Protocol v1: what a candidate's page (or `vivavoce talk`) and the gateway say to each other.

Text frames are JSON messages, each an object with a `type`; binary frames are audio with a
16-byte header. The first message on a socket is `hello`, answered by `welcome` or `error`.
All `*_ms` that name a moment in the server's messages are epoch ms of the server's clock;
those in the client's messages count from the first audio frame it sent on this socket.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from sessions.errors import MessageInvalid
from sessions.facts import CompletionReason, Move, Speaker
from sessions.opus_packet import CLOCK_HZ, packet_ms

VERSION = 1
MAX_TEXT_BYTES = 32 * 1024  # a JSON message
MAX_AUDIO_BYTES = 16 * 1024  # a binary frame: 170 ms at 48 kHz
MAX_ANSWER_CHARS = 8_000
RATES_HZ = (16_000, 24_000, 48_000)
PLAYBACK_RATE_HZ = 24_000
CONSENT_VERSION = "2026-11-20"


class CloseCode(IntEnum):
    """Why the gateway closed the socket (4000-4999 are free for applications, RFC 6455 7.4.2)."""

    ENDED = 4000  # the interview is over; do not come back
    GRANT_INVALID = 4001  # fetch a new room token, then come back
    PROTOCOL = 4002  # the first message was no hello, or the version is not spoken here
    TAKEN_OVER = 4003  # the same candidate opened the room elsewhere
    FLOODING = 4004  # too many or too large messages
    ROOMS_FULL = 4005
    NO_RECOGNISER = 4006  # the client needs the server to recognise speech; it cannot
    SHUTTING_DOWN = 4007  # come back in a moment
    NOT_FOUND = 4008
    FAILED = 4009  # the room broke; everything finished is kept


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Recogniser(StrEnum):
    """Who turns the candidate's speech into words."""

    SERVER = "server"
    BROWSER = "browser"
    NONE = "none"  # neither can: the candidate types


# -- client to server ----------------------------------------------------------------------------


CodecName = Literal["pcm16", "opus"]


class Hello(_Message):
    """`recognises`: the client can recognise speech itself and send `speech` messages.
    `needs_recogniser`: it cannot, and will not type either: refuse it when the server cannot.
    `speaks`: it has a voice of its own, and says how far it has come.
    `sends`, `plays`: the codecs it can, the preferred one first; PCM16 always works."""

    type: Literal["hello"] = "hello"
    v: int
    token: str = Field(max_length=4096)
    client: str = Field(default="", max_length=200)
    recognises: bool = False
    needs_recogniser: bool = False
    speaks: bool = False
    sends: tuple[CodecName, ...] = Field(default=("pcm16",), max_length=4)
    plays: tuple[CodecName, ...] = Field(default=("pcm16",), max_length=4)


class Consent(_Message):
    """The candidate read the consent text and agreed; the interview begins."""

    type: Literal["consent"] = "consent"
    text_version: str = Field(max_length=40)
    transcript: Literal[True]
    recording: bool = False


class Typed(_Message):
    """A typed answer or request. `id` makes a resent one harmless."""

    type: Literal["typed"] = "typed"
    id: str = Field(min_length=1, max_length=64)
    text: str = Field(min_length=1, max_length=MAX_ANSWER_CHARS)


class Speech(_Message):
    """A result of the browser's recogniser. Interims replace each other until the final."""

    type: Literal["speech"] = "speech"
    id: str = Field(min_length=1, max_length=64)
    final: bool
    text: str = Field(max_length=MAX_ANSWER_CHARS)
    start_ms: int = Field(ge=0, le=86_400_000)
    end_ms: int = Field(ge=0, le=86_400_000)
    confidence: float | None = Field(default=None, ge=0, le=1)


class Played(_Message):
    """How much of an utterance the person has heard; `done` when all that was sent is played.

    A page that speaks the text itself says how many of its characters it has begun to speak.
    `failed`: its voice does not work, and the server's is needed from now on.
    """

    type: Literal["played"] = "played"
    utterance: int = Field(ge=0)
    ms: int = Field(ge=0)
    done: bool = False
    characters: int | None = Field(default=None, ge=0)
    failed: bool = False


class Muted(_Message):
    type: Literal["muted"] = "muted"
    on: bool


class Composing(_Message):
    """The candidate is writing an answer (on), or has sent, emptied or left it (off).

    Silence is not counted while they write. Sent when it begins, again every ten seconds while
    keys are pressed, and when it ends: without it for a minute, what is in the box was left there.
    """

    type: Literal["composing"] = "composing"
    on: bool


class Ask(_Message):
    """A button or key instead of words."""

    type: Literal["ask"] = "ask"
    what: Literal["repeat", "skip", "clarify", "wait"]


class Pause(_Message):
    type: Literal["pause"] = "pause"


class Resume(_Message):
    type: Literal["resume"] = "resume"


class End(_Message):
    type: Literal["end"] = "end"


class Ping(_Message):
    type: Literal["ping"] = "ping"
    t: int = Field(ge=0)


ClientMessage = Annotated[
    Hello
    | Consent
    | Typed
    | Composing
    | Speech
    | Played
    | Muted
    | Ask
    | Pause
    | Resume
    | End
    | Ping,
    Field(discriminator="type"),
]

# -- server to client ----------------------------------------------------------------------------


class RoomState(StrEnum):
    """Whose turn it is. The page has a sentence and a shape for each."""

    WAITING = "waiting"  # for consent
    SPEAKING = "speaking"  # the interviewer speaks
    LISTENING = "listening"
    THINKING = "thinking"  # the answer is over, the interviewer is about to speak
    WAITING_FOR_YOU = "waiting_for_you"  # the candidate asked for a moment
    PAUSED = "paused"
    ENDED = "ended"


class QuestionShown(_Message):
    """The question in writing. `probe` is the follow-up being asked, empty when none is."""

    type: Literal["question"] = "question"
    index: int
    total: int
    text: str
    probe: str = ""


class FillerMark(_Message):
    """`text[start:end]` of the caption is a filler."""

    filler: str
    start: int
    end: int


class Caption(_Message):
    """Words of one side. A caption with the same speaker and id replaces the earlier one.

    For the candidate the id is the turn; for the interviewer the utterance, whose final text
    is the part that was heard. A final caption of the candidate says that the turn is durable.
    """

    type: Literal["caption"] = "caption"
    speaker: Speaker
    id: int
    text: str
    final: bool
    fillers: tuple[FillerMark, ...] = ()
    typed: bool = False


class Feedback(_Message):
    """Running numbers over all answers so far, and those of the current answer (`answer_*`): the
    one being said, else the one said last. None: not measured, `*_note` says why."""

    type: Literal["feedback"] = "feedback"
    fillers: dict[str, int]
    filler_total: int
    fillers_per_minute: float | None
    fillers_note: str = ""
    pace_wpm: float | None
    pace_note: str = ""
    speaking_ms: int
    heard_at_ms: int | None = None
    """When the recogniser's result that caused this message reached the server."""
    answer_fillers: int = 0
    answer_fillers_per_minute: float | None = None
    answer_words: int = 0
    """Without the fillers."""
    answer_pace_wpm: float | None = None
    answer_pace_note: str = ""
    answer_speaking_ms: int = 0


class Progress(_Message):
    type: Literal["progress"] = "progress"
    index: int
    total: int
    elapsed_ms: int
    remaining_ms: int
    is_running: bool


class Welcome(_Message):
    """The room as it stands. `captions` hold what was said before, for a page that comes back."""

    type: Literal["welcome"] = "welcome"
    v: int
    interview_id: str
    state: RoomState
    recogniser: Recogniser
    keeps_fillers: bool
    consented: bool
    playback_rate_hz: int
    uplink: CodecName
    """What the client is to send."""
    downlink: CodecName
    """What it is sent."""
    is_recorded: bool
    """Both sides are being recorded, or will be once there is consent to it."""
    progress: Progress
    question: QuestionShown | None
    captions: tuple[Caption, ...]
    feedback: Feedback


class State(_Message):
    type: Literal["state"] = "state"
    state: RoomState


class Say(_Message):
    """An utterance begins; its audio frames carry the same number. `text` grows by sentences.

    `by_page`: no audio follows, the page speaks the text with its own voice; `say_end` says that
    it has all of it, and `played` with `characters` how far it has come.
    """

    type: Literal["say"] = "say"
    utterance: int
    move: Move
    text: str
    by_page: bool = False


class SayEnd(_Message):
    """All audio of the utterance was sent: `audio_ms` in total. Ack with `played … done`."""

    type: Literal["say_end"] = "say_end"
    utterance: int
    audio_ms: int


class Clear(_Message):
    """Stop playing the utterance now and drop what is left of it; ack with `played … done`."""

    type: Literal["clear"] = "clear"
    utterance: int


class Hold(_Message):
    """Hold the utterance's playback where it is (on), or go on with it (off)."""

    type: Literal["hold"] = "hold"
    utterance: int
    on: bool


class Level(_Message):
    """The microphone as the server hears it: 0-1 root mean square, and whether it is speech."""

    type: Literal["level"] = "level"
    rms: float
    is_speech: bool


class Recognition(_Message):
    """Who recognises speech from now on: the one before failed, or is well again."""

    type: Literal["recognition"] = "recognition"
    by: Recogniser


class Notice(_Message):
    """A sentence for the candidate: something happened, what is safe, what to do."""

    type: Literal["notice"] = "notice"
    level: Literal["info", "caution", "critical"]
    code: str
    text: str


class Ended(_Message):
    type: Literal["ended"] = "ended"
    reason: CompletionReason | Literal["abandoned"]
    report_path: str


class Problem(_Message):
    """The last message was refused, or (before a close) why the socket closes."""

    type: Literal["error"] = "error"
    code: str
    message: str
    hint: str = ""


class Pong(_Message):
    type: Literal["pong"] = "pong"
    t: int
    server_ms: int


ServerMessage = Annotated[
    Welcome
    | State
    | QuestionShown
    | Caption
    | Feedback
    | Progress
    | Say
    | SayEnd
    | Clear
    | Hold
    | Level
    | Recognition
    | Notice
    | Ended
    | Problem
    | Pong,
    Field(discriminator="type"),
]

_CLIENT: TypeAdapter[ClientMessage] = TypeAdapter(ClientMessage)
_SERVER: TypeAdapter[ServerMessage] = TypeAdapter(ServerMessage)


def parse_client(text: str) -> ClientMessage:
    """Raises MessageInvalid with a sentence naming the field at fault."""
    try:
        return _CLIENT.validate_json(text)
    except ValidationError as exc:
        raise MessageInvalid(_first_error(exc)) from exc


def parse_server(text: str) -> ServerMessage:
    """For clients of the protocol. Raises MessageInvalid."""
    try:
        return _SERVER.validate_json(text)
    except ValidationError as exc:
        raise MessageInvalid(_first_error(exc)) from exc


def _first_error(exc: ValidationError) -> str:
    error = exc.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in error["loc"]) or "message"
    return f"{where}: {error['msg']}."


# -- audio ---------------------------------------------------------------------------------------


class Codec(IntEnum):
    PCM16 = 1
    OPUS = 2


_HEADER = struct.Struct("<BBHIII")
HEADER_BYTES = _HEADER.size
AUDIO = 1
"""The only kind of binary frame."""


@dataclass(frozen=True, slots=True)
class AudioFrame:
    """One frame of mono audio: `pcm`, or one Opus `packet` of 20, 40 or 60 ms; never both.

    Header, little-endian, 16 bytes: kind u8 (1 = audio), codec u8 (1 = PCM16, 2 = Opus), sample
    rate in hundreds of Hz u16 (Opus: 480, its clock), utterance u32 (0 from the client), sequence
    u32 (from 0, per direction), timestamp in ms u32 (place in the utterance; from the client:
    since its first frame). The codec is each frame's own: a sender may change it at any frame.
    """

    rate_hz: int
    utterance: int
    sequence: int
    timestamp_ms: int
    pcm: bytes = b""
    """Signed 16-bit little-endian samples."""
    packet: bytes = b""
    """Opus; its contents are not looked into here, but for the length it claims."""

    @property
    def codec(self) -> Codec:
        return Codec.OPUS if self.packet else Codec.PCM16

    @property
    def duration_ms(self) -> float:
        """Raises MessageInvalid for a packet that `from_bytes` would not have taken."""
        if self.packet:
            return packet_ms(self.packet)
        return len(self.pcm) / 2 / self.rate_hz * 1000

    def to_bytes(self) -> bytes:
        header = _HEADER.pack(
            AUDIO,
            self.codec,
            self.rate_hz // 100,
            self.utterance,
            self.sequence,
            self.timestamp_ms,
        )
        return header + (self.packet or self.pcm)

    @classmethod
    def from_bytes(cls, data: bytes) -> AudioFrame:
        """Raises MessageInvalid for a frame that is not audio, or of a codec or rate not spoken."""
        if len(data) < HEADER_BYTES:
            raise MessageInvalid("audio: the frame is shorter than its header.")
        if len(data) > MAX_AUDIO_BYTES:
            raise MessageInvalid("audio: the frame is too large.")
        kind, codec, hundreds, *place = _HEADER.unpack_from(data)
        payload, rate_hz = data[HEADER_BYTES:], hundreds * 100
        if kind == AUDIO and codec == Codec.OPUS:
            _check_opus(payload, rate_hz)
            return cls(rate_hz, *place, packet=payload)
        if kind != AUDIO or codec != Codec.PCM16:
            raise MessageInvalid(f"audio: kind {kind} with codec {codec} is not spoken here.")
        if rate_hz not in RATES_HZ:
            rates = ", ".join(str(rate) for rate in RATES_HZ)
            raise MessageInvalid(f"audio: {rate_hz} Hz is not one of {rates}.")
        if len(payload) % 2:
            raise MessageInvalid("audio: half a sample at the end of the frame.")
        return cls(rate_hz, *place, pcm=payload)


def _check_opus(packet: bytes, rate_hz: int) -> None:
    if rate_hz != CLOCK_HZ:
        raise MessageInvalid(f"audio: Opus counts in {CLOCK_HZ} Hz, not in {rate_hz}.")
    packet_ms(packet)
