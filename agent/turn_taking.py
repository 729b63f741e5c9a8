"""When a pause is the end of an answer: what the last words say, and the patience asked for.

Pure. The session waits `Endpointing.min_s` after the last sound; when the words look unfinished
it waits up to `max_s`. A trailing filler, conjunction or open phrase means "not finished".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz import fuzz

from sessions.plan import InterviewType, Patience


@dataclass(frozen=True, slots=True)
class Endpointing:
    """Seconds of silence after which a turn is over: finished-looking, and unfinished."""

    min_s: float
    max_s: float


_BY_PATIENCE = {
    Patience.NORMAL: Endpointing(0.9, 3.2),
    Patience.PATIENT: Endpointing(1.5, 4.5),
    Patience.VERY_PATIENT: Endpointing(2.4, 7.0),
}

_THOUGHTFUL = {InterviewType.SYSTEM_DESIGN: 1.3, InterviewType.MACHINE_CODING: 1.3}
"""Questions that are thought about aloud get longer pauses."""

_OPEN_ENDINGS = frozenset(
    """um uh uhm umm erm er ah hmm mm like and or but so because since although while if when
    then that which who where the a an my our your their its his her this these those to of in
    on at for with from by about into as than not also just is are was were be been have has
    had do does did can could would will should might i we they he she it basically actually
    maybe probably well let's firstly first secondly""".split()
)
_OPEN_PHRASES = (
    "you know", "i mean", "sort of", "kind of", "for example", "such as", "in order",
    "let me see", "how do i say", "what is it called", "the thing is", "on the other hand",
)  # fmt: skip


def endpointing(patience: Patience, interview_type: InterviewType) -> Endpointing:
    base = _BY_PATIENCE[patience]
    factor = _THOUGHTFUL.get(interview_type, 1.0)
    return Endpointing(base.min_s * factor, base.max_s * factor)


def looks_unfinished(text: str) -> bool:
    """Whether the words so far break off where more is to be expected."""
    words = re.findall(r"[\w']+", text.lower())
    if not words:
        return True
    spoken = " ".join(words)
    if spoken.endswith("as well"):
        return False
    return words[-1] in _OPEN_ENDINGS or spoken.endswith(_OPEN_PHRASES)


_BACKCHANNEL = frozenset(
    """mm mhm mmhm mm-hm hmm hm uh-huh uh huh um er ah oh yeah yes yep ok okay right sure
    i see got it""".split()
)
ECHO_SHARE = 90
"""How alike (0-100) words and the interviewer's own must be to be its echo."""


def is_backchannel(text: str) -> bool:
    """Only sounds that say "I am listening", or fillers: no interruption, no answer."""
    words = re.findall(r"[\w'-]+", text.lower())
    return len(words) <= 3 and all(word in _BACKCHANNEL for word in words)


def is_echo(text: str, spoken: str) -> bool:
    """Whether the words are the interviewer's own, coming back through the microphone."""
    heard = " ".join(re.findall(r"[\w']+", text.lower()))
    said = " ".join(re.findall(r"[\w']+", spoken.lower()))
    if len(heard.split()) < 3 or not said:
        return False
    # More words than were said are no mere echo: compare them with all of it, not with a part.
    alike = fuzz.partial_ratio if len(heard) <= len(said) else fuzz.ratio
    return alike(heard, said) >= ECHO_SHARE
