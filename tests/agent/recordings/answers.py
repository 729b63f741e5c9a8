"""An answer said aloud, and what is left of it on disk."""

from __future__ import annotations

from pathlib import Path

from agent.recorder.studio import Studio
from tests.support.talker import Line, Talker
from tests.support.virtual_time import pass_ms

APART_MS = 60
"""How far a sound may lie from where the facts say that it was."""

ANSWER = "I moved a payment system, without stopping it."


async def answer_aloud(talker: Talker, said: Line) -> int:
    """The epoch ms of its first sample."""
    began_ms = await talker.say_all(said)
    await pass_ms(300)
    await talker.recognised(ANSWER, began_ms=began_ms)
    return round(began_ms - said.begins_ms)


def left_in(studio: Studio) -> list[str]:
    return [path.name for path in studio.spool_dir.glob("*")] if studio.spool_dir.exists() else []


def files_under(folder: Path) -> list[str]:
    names = [path.name for path in folder.rglob("*") if path.is_file()]
    return [name for name in names if ".ogg" in name]
