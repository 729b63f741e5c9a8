"""The question bank's files as they lie on disk, read without the server."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import TypeAdapter

from sessions.plan import Question

BANK = Path(__file__).parents[2] / "server" / "questions" / "bank"

_QUESTIONS: TypeAdapter[tuple[Question, ...]] = TypeAdapter(tuple[Question, ...])


def bank_files() -> list[Path]:
    return sorted(BANK.rglob("*.yaml"))


def load_bank(path: Path) -> tuple[Question, ...]:
    return _QUESTIONS.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
