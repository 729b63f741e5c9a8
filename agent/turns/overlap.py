"""What is heard while the interviewer speaks: a sign of listening, its own echo, or words. Pure."""

from __future__ import annotations

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from agent.turns import lexicon_en as en
from agent.turns.endings import words_of
from sessions.intents import recognise_intent

ECHO_SHARE = 90
"""How alike (0-100) words and the interviewer's own must be to be its echo."""
SURELY_FUZZY_WORDS = 4
"""From so many words on an echo may have been recognised with a wrong word in it ..."""
WORDS_PER_ERROR = 5
"""... and with one more for each so many."""


def is_backchannel(text: str) -> bool:
    """Only sounds and words that say "I am listening", or fillers: no interruption, no answer."""
    spoken = " ".join(words_of(text.replace("-", " ")))
    if not spoken:
        return False
    limit = en.MAX_BACKCHANNEL_WORDS
    is_filler = all(en.SOUND.fullmatch(word) for word in spoken.split())
    return is_filler or (
        len(spoken.split()) <= limit and en.BACKCHANNELS.fullmatch(spoken) is not None
    )


def is_echo(text: str, spoken: str) -> bool:
    """Whether the words are the interviewer's own, coming back through the microphone.

    `spoken` is what it is saying. Two words are an echo only when they are exactly its own, and
    no request such as "next question"; one word never is, as it may be an answer.
    """
    heard, said = words_of(text), words_of(spoken)
    if len(heard) < 2 or not said:
        return False
    if len(heard) == 2:
        is_part = any(said[n : n + 2] == heard for n in range(len(said) - 1))
        return is_part and recognise_intent(text) is None
    # More words than were said are no mere echo: compare them with all of it, not with a part.
    if len(heard) > len(said):
        return fuzz.ratio(" ".join(heard), " ".join(said)) >= ECHO_SHARE
    if fuzz.partial_ratio(" ".join(heard), " ".join(said)) >= ECHO_SHARE:
        return True
    return len(heard) >= SURELY_FUZZY_WORDS and _is_misheard(heard, said)


def _is_misheard(heard: list[str], said: list[str]) -> bool:
    """Whether a stretch of what was said differs by few words, and by none that says "I"."""
    errors = 1 + len(heard) // WORDS_PER_ERROR if len(heard) > SURELY_FUZZY_WORDS else 1
    for size in (len(heard), len(heard) - 1, len(heard) + 1):
        for begin in range(max(len(said) - size, 0) + 1):
            part = said[begin : begin + size]
            distance = Levenshtein.distance(heard, part, score_cutoff=errors)
            if distance <= errors and not (set(heard) - set(part)) & en.FIRST_PERSON:
                return True
    return False
