"""What a candidate asks of the interviewer instead of answering: repeat, wait, skip, clarify;
or that they do not know.

Only short turns can be requests. "Let me think about the cache first" begins an answer, and
an answer that happens to contain "skip" or "repeat" ("I would skip the index") is no request:
a turn counts only when little is left of it once the request and politeness are taken away.
"""

from __future__ import annotations

import re

from sessions.facts import Intent

MAX_REQUEST_WORDS = 14
MAX_WORDS_LEFT = 1

_THE_QUESTION = r"(?: (?:that|it|this|the|last|current|your|question|one|please|again|part))*"
_CAN_YOU = r"(?:(?:can|could|would|will) (?:you|we|i) (?:please )?)?"

_PATTERNS: tuple[tuple[Intent, re.Pattern[str]], ...] = tuple(
    (intent, re.compile(rf"\b(?:{pattern})\b"))
    for intent, pattern in (
        (
            Intent.SKIP,
            rf"{_CAN_YOU}(?:let us |lets |i want to |i would like to |id like to )?"
            rf"(?:skip|move on (?:from|past)|pass on){_THE_QUESTION}",
        ),
        (
            Intent.SKIP,
            r"(?:can we |could we |lets |let us )?(?:move on|go on|go)?(?: to)?"
            r"(?: the)? ?next(?: question| one)(?: please)?",
        ),
        (Intent.SKIP, r"^pass$|^(?:lets |let us )?move on(?: please)?$"),
        (
            Intent.UNSURE,
            r"^i (?:really |honestly )?(?:do not|dont|did not|didnt) (?:really )?know"
            r"(?: (?:the answer|that|this|it|that one|this one))?$"
            r"|^(?:i have )?no idea$|^no clue$|^i am not sure$|^im not sure$",
        ),
        (
            Intent.REPEAT,
            rf"{_CAN_YOU}(?:repeat|say|read|ask)(?: (?:that|it|this|the question))?"
            rf"(?: (?:again|once more|one more time))",
        ),
        (Intent.REPEAT, rf"{_CAN_YOU}(?:please )?repeat(?: yourself)?{_THE_QUESTION}"),
        (Intent.REPEAT, r"(?:what was|whats|what is) the question(?: again)?"),
        (
            Intent.REPEAT,
            r"i (?:did not|didnt|could not|couldnt) (?:hear|catch|get)"
            r"(?: (?:you|that|it|the question))?",
        ),
        (Intent.REPEAT, r"^come again$|^say again$|^pardon(?: me)?$|^what did you say$"),
        (Intent.CLARIFY, r"what (?:do|did) you mean(?: (?:by|with) \w+(?: \w+)?)?"),
        (
            Intent.CLARIFY,
            rf"{_CAN_YOU}(?:clarify|rephrase|reword|explain|be more specific)"
            rf"{_THE_QUESTION}",
        ),
        (
            Intent.CLARIFY,
            rf"i (?:do not|dont|did not|didnt) (?:really )?understand{_THE_QUESTION}",
        ),
        (
            Intent.WAIT,
            r"(?:just )?(?:give me|let me have|let me take|i need|can i have|"
            r"could i have|may i have|wait|hold on|hang on)?"
            r"(?: (?:just|for))? ?(?:one|a|another|a few) (?:short )?"
            r"(?:moments?|minutes?|seconds?|secs?|mins?)(?: to think)?(?: please)?",
        ),
        (
            Intent.WAIT,
            r"^(?:just )?(?:hold|hang) on$|^wait$|^(?:please )?(?:let me|ill) think"
            r"(?: (?:about (?:it|that|this)|for a (?:moment|second|minute|bit)))?$",
        ),
    )
)

_POLITE = frozenset(
    """um uh uhm erm er hmm ah oh sorry excuse me please ok okay well so yeah yes no hi hello hey
    thanks thank you i actually just maybe the this that question one for now think would like to
    lets""".split()
)


def recognise_intent(text: str) -> Intent | None:
    """The request a whole turn makes, or None when it is (or may be) an answer."""
    words = _words(text)
    if not words or len(words) > MAX_REQUEST_WORDS:
        return None
    spoken = " ".join(words)
    bare = " ".join(_trimmed(words))
    for intent, pattern in _PATTERNS:
        for candidate in (bare, spoken):
            match = pattern.search(candidate)
            if match and match.group().strip() and _is_all(candidate, match):
                return intent
    return None


def _is_all(text: str, match: re.Match[str]) -> bool:
    rest = f"{text[: match.start()]} {text[match.end() :]}".split()
    return sum(word not in _POLITE for word in rest) <= MAX_WORDS_LEFT


def _words(text: str) -> list[str]:
    return re.sub(r"[^\w\s]", "", text.lower().replace("\u2019", "'").replace("'", "")).split()


_EDGE = frozenset("um uh uhm erm er hmm ah oh sorry please ok okay well so yeah yes thanks".split())


def _trimmed(words: list[str]) -> list[str]:
    """Without fillers and politeness at either end, for the patterns that want a whole turn."""
    start, end = 0, len(words)
    while start < end and words[start] in _EDGE:
        start += 1
    while end > start and words[end - 1] in _EDGE:
        end -= 1
    return words[start:end]
