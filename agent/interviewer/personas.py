"""In whose manner the interviewer speaks: three are shipped, settings add others or change these.

A persona changes words, never moves. Its lines are checked as they are read: whole sentences, no
question but where one belongs, no praise, no promise. That a computer program speaks is added to
a greeting that does not say it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import process

from agent.interviewer.manners import judged_by
from scoring.words import count_words
from sessions.errors import SettingsInvalid
from sessions.infra.endpoints import PRESETS
from sessions.settings import EndpointSettings, InterviewSettings, PersonaSettings, Settings

KEY = "interview.persona"
ESPEAK = "espeak"

MAX_MANNER_CHARS = 160
MAX_GREETING_WORDS = 20
MAX_LINK_WORDS = 12
"""Of an acknowledgement or a transition: the question is to be heard, not what leads to it."""
MAX_ENCOURAGEMENT_WORDS = 25

DISCLOSURE = "I am a computer program."
_DISCLOSES = re.compile(
    r"(?:^|[.!]\s+)i(?: am|'m)(?: \w+,)? a computer program(?=[.,!]| and\b| that\b)"
)
_SENTENCES = re.compile(r"[A-Z][^.?!\n]*[^\s.?!][.?!](?: [A-Z][^.?!\n]*[^\s.?!][.?!])*")
_SPEAKABLE = re.compile(r"[\w\s.,;?!'-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """Whole sentences, ready to be spoken. A sequence is varied by turn and never empty."""

    manner: str
    """One line for a language model: how, never what."""
    greeting: str
    """Discloses that a computer program speaks."""
    acknowledgements: tuple[str, ...]
    transitions: tuple[str, ...]
    encouragements: tuple[str, ...]
    voice: str = ""
    """A name that the first voice of `speech.tts` knows; empty: the one that is set there."""


CALM = Persona(
    manner="calm and formal: unhurried, courteous, in complete sentences",
    greeting="Hello, and welcome. I am Vivavoce, a computer program, and I will be your "
    "interviewer.",
    acknowledgements=(
        "Thank you.",
        "Thanks, I have that.",
        "Noted, thank you.",
        "All right, thank you.",
    ),
    transitions=("Next question.",),
    encouragements=(
        "That is all right. Think aloud, and begin with a part that you know something about.",
        "No problem. Tell me what you would look at first, even if you are not sure.",
    ),
)

SHIPPED: Mapping[str, Persona] = {
    "calm": CALM,
    "mentor": Persona(
        manner="warm like a mentor: patient, personal, at ease, in everyday words",
        greeting="Hello, and make yourself comfortable. I am Vivavoce, a computer program.",
        acknowledgements=(
            "Thank you for telling me that.",
            "Thanks, I follow you.",
            "All right, thank you for that.",
        ),
        transitions=("Let us look at the next question.", "On to the next question."),
        encouragements=(
            "That happens to everybody. Take a breath, and tell me whatever comes to mind first.",
            "No need to have it all. Start with a small piece, and we go on from there.",
        ),
    ),
    "engineer": Persona(
        manner="brisk like a busy engineer: short sentences, plain words, to the point",
        greeting="Hi. I am Vivavoce, a computer program.",
        acknowledgements=("Okay, thanks.", "Got it.", "Noted.", "Thanks."),
        transitions=("Next one.", "Next."),
        encouragements=(
            "Fine. Say which part you could start on, and start there.",
            "Okay. Think aloud, a rough idea is enough.",
        ),
    ),
}


def find_persona(settings: InterviewSettings) -> Persona:
    """The one that `interview.persona` names. Raises SettingsInvalid: for a name that is not
    known, with the nearest ones, and for a line that cannot be said."""
    personas = {name: _made(name, given) for name, given in settings.personas.items()}
    known = {**SHIPPED, **personas}
    if persona := known.get(settings.persona):
        return persona
    near = [
        name
        for name, *_ in process.extract(settings.persona, list(known), limit=3, score_cutoff=50)
    ]
    meant = f"Did you mean {' or '.join(near)}? " if near else ""
    raise SettingsInvalid(
        f"{KEY} names {settings.persona!r}, which is not known.",
        hint=f"{meant}It is {', '.join(known)}.",
    )


def with_voice(settings: Settings) -> Settings:
    """The persona's voice where voices are chosen from: in the place of the first one's."""
    voice, first = find_persona(settings.interview).voice, settings.speech.tts[0]
    if not voice:
        return settings
    if first == ESPEAK:
        speech = settings.speech.model_copy(update={"voice": voice})
        return settings.model_copy(update={"speech": speech})
    if first in PRESETS or first in settings.endpoints:
        endpoint = settings.endpoints.get(first, EndpointSettings())
        spoken = endpoint.model_copy(update={"voice": voice})
        return settings.model_copy(update={"endpoints": {**settings.endpoints, first: spoken}})
    return settings


def disclosing(greeting: str) -> str:
    """The greeting, with the sentence that a computer program speaks where it has none."""
    plain = greeting.replace("\u2019", "'").casefold()
    return greeting if _DISCLOSES.search(plain) else f"{greeting} {DISCLOSURE}"


def _made(name: str, given: PersonaSettings) -> Persona:
    """What is not given is the shipped persona's of that name, or the calm one's."""
    where = f"interview.personas.{name}"
    base = SHIPPED.get(name, CALM)
    if len(given.manner) > MAX_MANNER_CHARS or "\n" in given.manner.strip():
        raise SettingsInvalid(
            f"The setting {where}.manner is wrong: it is more than one short line.",
            hint=f"At most {MAX_MANNER_CHARS} characters that say how the interviewer speaks.",
        )
    greeting = _checked(f"{where}.greeting", [given.greeting.strip()], MAX_GREETING_WORDS)
    return replace(
        base,
        manner=given.manner.strip() or base.manner,
        greeting=disclosing(greeting[0]) if greeting else base.greeting,
        acknowledgements=_checked(
            f"{where}.acknowledgements", given.acknowledgements, MAX_LINK_WORDS
        )
        or base.acknowledgements,
        transitions=_checked(f"{where}.transitions", given.transitions, MAX_LINK_WORDS)
        or base.transitions,
        encouragements=_checked(
            f"{where}.encouragements", given.encouragements, MAX_ENCOURAGEMENT_WORDS
        )
        or base.encouragements,
        voice=given.voice or base.voice,
    )


def _checked(where: str, lines: Sequence[str], max_words: int) -> tuple[str, ...]:
    """The lines that are not empty. Raises SettingsInvalid naming the one that cannot be said."""
    said = tuple(" ".join(line.split()) for line in lines if line.strip())
    for line in said:
        if wrong := _wrong_with(line, max_words):
            raise SettingsInvalid(
                f"The setting {where} is wrong: {line!r} {wrong}.",
                hint="Each line is said as it stands: see docs/interviewer.md.",
            )
    return said


def _wrong_with(line: str, max_words: int) -> str:
    plain = line.replace("\u2019", "'")
    if not _SPEAKABLE.fullmatch(plain):
        return "has marks that cannot be spoken"
    if not _SENTENCES.fullmatch(plain):
        return "is not made of whole sentences"
    if count_words(plain) > max_words:
        return f"has more than {max_words} words"
    if "?" in plain:
        return "asks a question, and the interviewer asks one at a time"
    return judged_by(plain.casefold())
