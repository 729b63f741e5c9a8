"""The bank that ships, for tests of what judges and phrases its questions; read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from server.questions.bank import BANK_FOLDER, load_file
from sessions.plan import Question


def bank_files() -> list[Path]:
    return sorted(BANK_FOLDER.rglob("*.yaml"))


@cache
def load_bank(path: Path) -> tuple[Question, ...]:
    return tuple(load_file(path))
