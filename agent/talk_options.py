"""What `vivavoce talk` takes. Apart from what it does, so that `--help` loads no client."""

from __future__ import annotations

import argparse
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sessions.plan import Difficulty, InterviewType, Patience


@dataclass(frozen=True, slots=True)
class Spoken:
    """A WAV file to speak: mono 16-bit, `rate_hz` one of the protocol's."""

    path: Path
    rate_hz: int
    pcm: bytes


@dataclass(frozen=True, slots=True)
class TalkOptions:
    server: str
    type: str
    difficulty: str
    questions: int
    role: str
    first_question: str
    patience: str
    turns: tuple[Spoken | str, ...]
    email: str
    as_json: bool

    @classmethod
    def from_arguments(cls, arguments: argparse.Namespace) -> TalkOptions:
        return cls(
            server=arguments.server.rstrip("/"),
            type=arguments.type,
            difficulty=arguments.difficulty,
            questions=arguments.questions,
            role=arguments.role,
            first_question=arguments.first_question,
            patience=arguments.patience,
            turns=tuple(arguments.turns or ()),
            email=arguments.email,
            as_json=arguments.as_json,
        )

    def interview(self) -> dict[str, Any]:
        """The body of `POST /api/v1/interviews`."""
        asked = {
            "type": self.type,
            "difficulty": self.difficulty,
            "question_count": self.questions,
            "role": self.role,
            "patience": self.patience,
        }
        return asked | ({"first_question": self.first_question} if self.first_question else {})

    @property
    def speaks(self) -> bool:
        return any(isinstance(turn, Spoken) for turn in self.turns)


def add_talk_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--server", default="http://127.0.0.1:8080", metavar="URL")
    parser.add_argument("--type", default="behavioral", choices=[t.value for t in InterviewType])
    parser.add_argument("--difficulty", default="easy", choices=[d.value for d in Difficulty])
    parser.add_argument("--questions", type=int, default=2, metavar="N")
    parser.add_argument("--role", default="", help="the role interviewed for")
    parser.add_argument(
        "--first-question", default="", metavar="ID",
        help="begin with this question of the type, so that what is said fits it",
    )  # fmt: skip
    parser.add_argument("--patience", default="normal", choices=[p.value for p in Patience])
    parser.add_argument(
        "--say", dest="turns", action="extend", nargs="+", type=read_wav, metavar="FILE.wav",
        help="speak these files, one at each turn (mono, 16 bit, 16, 24 or 48 kHz)",
    )  # fmt: skip
    parser.add_argument(
        "--line", dest="turns", action="extend", nargs="+", metavar="TEXT",
        help="type these, one at each turn; --say and --line are used in the order given",
    )  # fmt: skip
    parser.add_argument(
        "--email", default="", help="sign in with this account (its password is asked for), so "
        "that the report can be opened in a browser; without it an account is made for this "
        "interview alone",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", dest="as_json", help="one object a line")


def read_wav(path: str) -> Spoken:
    """Raises argparse.ArgumentTypeError with a sentence."""
    from sessions.protocol import RATES_HZ

    try:
        with wave.open(path, "rb") as file:
            form = (file.getnchannels(), file.getsampwidth(), file.getframerate())
            pcm = file.readframes(file.getnframes())
    except (OSError, EOFError, wave.Error) as exc:
        raise argparse.ArgumentTypeError(f"{path} is no readable WAV file: {exc}") from exc
    if form[:2] != (1, 2) or form[2] not in RATES_HZ:
        raise argparse.ArgumentTypeError(
            f"{path} has {form[0]} channels of {form[1] * 8} bits at {form[2]} Hz; "
            "1 channel of 16 bits at 16000, 24000 or 48000 Hz is needed"
        )
    return Spoken(Path(path), form[2], pcm)
