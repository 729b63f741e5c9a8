"""The question bank's files, parsed strictly: what is wrong with one is said by its name."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from sessions.errors import VivavoceError
from sessions.ids import KeyPointId, QuestionId
from sessions.infra.yaml_file import YamlUnreadable, read_yaml
from sessions.plan import InterviewType, KeyPoint, Phase, Question

BANK_FOLDER = Path(__file__).parent / "bank"

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=120)]
Text = Annotated[str, Field(min_length=1, max_length=4000)]


class BankInvalid(VivavoceError):
    """A file of the question bank that does not have the form it should."""

    code = "bank_invalid"

    def __init__(self, *, file: str, reason: str) -> None:
        super().__init__(
            f"The question bank's {file} is wrong: {reason}.",
            hint="Correct the file, then run `vivavoce seed` again.",
        )
        self.file = file
        self.reason = reason


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class BankKeyPoint(_Part):
    id: Slug
    point: Text
    phrasings: tuple[Text, ...] = Field(min_length=1)
    follow_up: Text
    star: Literal["situation", "task", "action", "result"] | None = None
    phase: Phase | None = None

    def to_key_point(self) -> KeyPoint:
        return KeyPoint(
            id=KeyPointId(self.id),
            point=self.point,
            phrasings=self.phrasings,
            follow_up=self.follow_up,
            star=self.star,
            phase=self.phase,
        )


class BankQuestion(_Part):
    id: Slug
    version: int = Field(ge=1)
    type: InterviewType
    difficulty: int = Field(ge=1, le=10)
    minutes: int = Field(ge=1, le=60)
    tags: tuple[Slug, ...] = Field(min_length=1)
    competencies: tuple[Slug, ...] = ()
    roles: tuple[Slug, ...] = ()
    text: Text
    spoken: Text
    rephrase: Text
    key_points: tuple[BankKeyPoint, ...] = Field(min_length=1)
    common_mistakes: tuple[Text, ...] = ()
    model_answer: Text

    def to_question(self) -> Question:
        return Question(
            id=QuestionId(self.id),
            version=self.version,
            type=self.type,
            difficulty=self.difficulty,
            minutes=self.minutes,
            text=self.text,
            spoken=self.spoken,
            rephrase=self.rephrase,
            key_points=tuple(point.to_key_point() for point in self.key_points),
            tags=self.tags,
            competencies=self.competencies,
            roles=self.roles,
            common_mistakes=self.common_mistakes,
            model_answer=self.model_answer,
        )


_FILE = TypeAdapter(tuple[BankQuestion, ...])


def load_bank(folder: Path = BANK_FOLDER) -> list[Question]:
    """Every question of every `*.yaml` in and below the folder.

    Raises BankInvalid, also for an id twice.
    """
    questions: dict[QuestionId, Question] = {}
    for file in _bank_files(folder):
        for question in load_file(file):
            if question.id in questions:
                raise BankInvalid(file=file.name, reason=f"the id {question.id} is used twice")
            ids = [point.id for point in question.key_points]
            if len(ids) != len(set(ids)):
                raise BankInvalid(file=file.name, reason=f"{question.id} has a key point id twice")
            questions[question.id] = question
    return list(questions.values())


def digest_bank(folder: Path = BANK_FOLDER) -> str:
    """Of the files' names and contents, 64 hex digits: much faster than reading what they say.

    Raises BankInvalid for a file that cannot be read.
    """
    digest = hashlib.sha256()
    for file in _bank_files(folder):
        try:
            content = file.read_bytes()
        except OSError as exc:
            raise BankInvalid(file=file.name, reason=f"it cannot be read: {exc}") from exc
        # With its length before it, no content runs over into the next file's name.
        digest.update(f"{file.relative_to(folder).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _bank_files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.yaml"))


def load_file(file: Path) -> list[Question]:
    """The questions of one file. Raises BankInvalid."""
    return [entry.to_question() for entry in _read(file)]


def _read(file: Path) -> tuple[BankQuestion, ...]:
    try:
        loaded = read_yaml(file)
        return _FILE.validate_python(loaded if loaded is not None else ())
    except YamlUnreadable as exc:
        raise BankInvalid(file=file.name, reason=str(exc)) from exc
    except ValidationError as exc:
        error = exc.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in error["loc"])
        raise BankInvalid(file=file.name, reason=f"{where}: {error['msg']}") from exc
