"""Advice on how a story was told: its situation, task, action and result, each with the words
that were there, and what to add where there were none.
"""

from __future__ import annotations

from dataclasses import dataclass

from scoring.model import Quote, StarElement, StarPart
from scoring.star import StarFlags

ADVICE: dict[StarElement, str] = {
    StarElement.SITUATION: (
        "Begin with one or two sentences on where this was, who was there, and what was at stake."
    ),
    StarElement.TASK: "Say what was yours to do: what you had to reach, and by when.",
    StarElement.ACTION: (
        "Tell what you did yourself, step by step: \u201cI asked\u201d, \u201cI wrote\u201d, "
        "\u201cI decided\u201d."
    ),
    StarElement.RESULT: (
        "End with what was different afterwards, with a number if there is one, "
        "and what you took from it."
    ),
}
ONLY_WE = "Told with \u201cwe\u201d throughout: what this person did is not said."


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    parts: tuple[StarPart, ...]
    note: str
    note_quotes: tuple[Quote, ...]


NO_STORY = Story(parts=(), note="", note_quotes=())


def tell_story(found: StarFlags) -> Story:
    return Story(
        parts=tuple(
            StarPart(
                element=flag.element,
                quotes=flag.quotes,
                advice="" if flag.is_there else ADVICE[flag.element],
            )
            for flag in found.flags
        ),
        note=ONLY_WE if found.is_only_we else "",
        note_quotes=found.we_quotes,
    )
