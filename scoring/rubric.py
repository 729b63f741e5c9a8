"""What answers are rated by: competencies with five behavioural anchors, per type and level.

The files lie in `rubrics/`, one per type of interview. The anchors of a competency hold for every
level; what has to be said to reach them is in `expected`, and differs from level to level.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sessions.errors import NotFound, VivavoceError
from sessions.infra.yaml_file import YamlUnreadable, read_yaml
from sessions.plan import Difficulty, InterviewType

RUBRICS_FOLDER = Path(__file__).parent / "rubrics"

LOWEST, HIGHEST = 1, 5


class RubricInvalid(VivavoceError):
    """A rubric's file that does not have the form it should."""

    code = "rubric_invalid"

    def __init__(self, *, file: str, reason: str) -> None:
        super().__init__(
            f"The rubric {file} is wrong: {reason}.",
            hint="Correct the file, then start again.",
        )
        self.file = file
        self.reason = reason


class Dimension(StrEnum):
    """The parts of the breakdown. Every competency belongs to one."""

    TECHNICAL_DEPTH = "technical_depth"
    COMMUNICATION = "communication"
    PROBLEM_SOLVING = "problem_solving"


Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Sentence = Annotated[str, Field(min_length=20, max_length=600)]
Anchor = Annotated[str, Field(min_length=20, max_length=600)]
"""What a listener hears from somebody who is rated so."""
Rating = Literal[1, 2, 3, 4, 5]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Competency(_Part):
    """One competency at one level. A judge is shown `definition`, `expected` and `anchors`."""

    id: Slug
    name: str = Field(min_length=3, max_length=60)
    definition: Sentence
    dimension: Dimension
    weight: int = Field(ge=1, le=100)
    """In per cent of the rubric."""
    counts: tuple[Slug, ...] = ()
    """The questions that count towards it, by the `competencies` of the bank."""
    is_structure: bool = False
    """Without a judge it is rated by the parts of a whole answer that were there: the phases, or
    the elements of a story. Every question that has such parts counts."""
    expected: Sentence
    """What the level asks for: what the middle anchor takes for granted."""
    anchors: dict[int, Anchor]

    def anchor_near(self, rating: float) -> str:
        """The anchor of the rating; between two of them, of the lower."""
        return self.anchors[max(LOWEST, min(HIGHEST, int(rating)))]


class Rubric(_Part):
    """Of one type of interview at one level."""

    type: InterviewType
    level: Difficulty
    version: int = Field(ge=1)
    competencies: tuple[Competency, ...]

    @property
    def id(self) -> str:
        return f"{self.type.value}/{self.level.value}"

    @property
    def sha256(self) -> str:
        """Of the content as canonical JSON (keys sorted, NFC, UTF-8), in hexadecimal: the same
        on every machine and however the file is laid out, another when any word changes.
        """
        content = json.dumps(
            self.model_dump(mode="json"),
            sort_keys=True,
            ensure_ascii=False,
            separators=(",", ":"),
        )
        return hashlib.sha256(unicodedata.normalize("NFC", content).encode()).hexdigest()

    def competency(self, competency_id: str) -> Competency:
        return next(one for one in self.competencies if one.id == competency_id)


Rubrics = Mapping[tuple[InterviewType, Difficulty], Rubric]


class _Entry(_Part):
    """A competency as the file has it, for all levels at once."""

    id: Slug
    name: str
    definition: str
    dimension: Dimension
    weight: int
    counts: tuple[str, ...] = ()
    is_structure: bool = False
    expected: dict[Difficulty, Sentence]
    anchors: dict[Rating, Anchor]

    @model_validator(mode="after")
    def _has_all(self) -> Self:
        if set(self.expected) != set(Difficulty):
            raise ValueError("expected has to have easy, medium, hard and expert")
        if len(set(self.expected.values())) != len(Difficulty):
            raise ValueError("expected is the same for two levels")
        if len(self.anchors) != HIGHEST or len(set(self.anchors.values())) != HIGHEST:
            raise ValueError("anchors has to have 1 to 5, each in its own words")
        return self

    def at(self, level: Difficulty) -> Competency:
        return Competency.model_validate(
            self.model_dump() | {"expected": self.expected[level], "anchors": dict(self.anchors)}
        )


class _File(_Part):
    version: int
    type: InterviewType
    competencies: tuple[_Entry, ...] = Field(min_length=4, max_length=6)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        ids = [entry.id for entry in self.competencies]
        if len(ids) != len(set(ids)):
            raise ValueError("two competencies have the same id")
        total = sum(entry.weight for entry in self.competencies)
        if total != 100:
            raise ValueError(f"the weights make {total}, not 100")
        return self

    def at(self, level: Difficulty) -> Rubric:
        return Rubric(
            type=self.type,
            level=level,
            version=self.version,
            competencies=tuple(entry.at(level) for entry in self.competencies),
        )


def load_rubrics(folder: Path = RUBRICS_FOLDER) -> Rubrics:
    """Every `*.yaml` of the folder, at every level. Raises RubricInvalid, also for a type twice,
    and for a file that is not named after its type.
    """
    rubrics: dict[tuple[InterviewType, Difficulty], Rubric] = {}
    for path in sorted(folder.glob("*.yaml")):
        file = _load_file(path)
        if path.stem != file.type.value:
            raise RubricInvalid(file=path.name, reason=f"its type is {file.type.value}")
        rubrics |= {(file.type, level): file.at(level) for level in Difficulty}
    return MappingProxyType(rubrics)


def rubric_for(type: InterviewType, level: Difficulty) -> Rubric:
    """One of the rubrics Vivavoce comes with. Raises NotFound, RubricInvalid."""
    rubric = shipped_rubrics().get((type, level))
    if rubric is None:
        raise NotFound("rubric")
    return rubric


@cache
def shipped_rubrics() -> Rubrics:
    return load_rubrics()


def _load_file(path: Path) -> _File:
    """The one place that reads a file."""
    try:
        return _File.model_validate(read_yaml(path))
    except YamlUnreadable as exc:
        raise RubricInvalid(file=path.name, reason=str(exc)) from exc
    except ValidationError as exc:
        error = exc.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in error["loc"]) or "the file"
        raise RubricInvalid(file=path.name, reason=f"{where}: {error['msg']}") from exc
