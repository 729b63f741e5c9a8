"""Whether what was said in answer to a question is an answer at all, by its words alone.

The offline judge looks for phrases and knows no meaning: a list of the right phrases would fool
it. What is refused here gets no score and "insufficient evidence", never a low score. Fillers,
pauses, grammar and the lack of marks count against nobody: they are left out, not counted. Where
in doubt nothing is refused. What each number is for, and what gets through: docs/calibration.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from scoring.fillers import find_fillers, language_code
from scoring.lexicon_en import ARTICLES, FUNCTION_WORDS, NEGATORS
from scoring.phrases import split_contraction
from scoring.words import tokenise
from sessions.plan import Question

TOO_LITTLE = "too little was said in answer to the question"
LISTED = "it is a list of words and not an answer"
ECHOED = "it says little but the question"
COMMANDED = "it tells the judge what to do and does not answer"
REPEATED = "it says the same few words again and again"

MIN_CONTENT_WORDS = 2
""""A hash set." is an answer, "Well, yes, I think so." is none."""
LIST_WORDS = 20
MIN_GLUE_SHARE = 0.2
"""Of LIST_WORDS words or more, fewer small words than this part make a list. The bank's model
answers have 0.35 or more, terse and learners' speech 0.25 or more, lists of terms next to none.
"""
CODE_MARKS = "{}[]();=<>"
CODE_MARK_SHARE = 0.2
"""So many of these marks to a word are code, which has no small words and is an answer."""
MAX_PHRASING_SHARE = 0.85
"""Of the content words, those that stand in phrasings of the bank just as they are written there,
in an answer with LONG_CONTENT_WORDS content words or more. The bank's model answers, which the
phrasings were written for, have at most 0.61; phrasings read out, also with "and" between them, 1.
"""
LONG_CONTENT_WORDS = 16
SHORT_CONTENT_WORDS = 8
SHORT_GLUE_SHARE = 0.3
"""A single good sentence can be all phrasings: "two heaps, a max heap with the lower half and a
min heap with the upper half". From SHORT_CONTENT_WORDS on it is a list only when it also has fewer
small words than this part.
"""
ECHO_RUN = 4
"""So many words in a row that were asked are an echo."""
MAX_ECHO_SHARE = 0.7
MIN_OWN_WORDS = 2
"""Content words outside of echoes and not asked: with these it is an answer that takes up the
question, however much of it that is."""
REPEAT_WORDS = 15
REPEAT_RUN = 3
MAX_REPEAT_SHARE = 0.5
MIN_DISTINCT_WORDS = 8
"""With as many different content words an answer is one, even if it was given twice."""

_COMMAND = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\s(?:\w+\s){0,4}"
    r"(?:instructions?|prompts?|rules?|rubric|guidelines)\b"
    r"|\b(?:give|award|assign|grant)\s(?:me\s|this\s|my\s|answer\s|the\s|it\s){0,3}"
    r"(?:full|maximum|top|highest|perfect|all)\s(?:the\s|possible\s)?"
    r"(?:marks?|scores?|points?|ratings?|grades?)\b"
    r"|\b(?:mark|rate|score|grade)\s(?:\w+\s){1,5}(?:as\s)?"
    r"(?:covered|perfect|excellent|(?:5|five|10|ten|100)(?:\sout)?(?:\sof\s\w+)?)",
    re.IGNORECASE,
)

_GLUE = FUNCTION_WORDS | ARTICLES | NEGATORS
_EMPTY = _GLUE | frozenset(
    "yes yeah yep yup okay ok right sure alright well hmm hm mm mhm um uh er erm ah oh sorry "
    "pardon please thanks thank hello hi hey bye know think guess suppose mean remember idea "
    "answer question say said like maybe perhaps actually basically honestly let see now no "
    "nothing anyway pass skip hear repeat moment second wait".split()
)
"""Words that answer nothing by themselves."""


@dataclass(frozen=True, slots=True)
class _Said:
    words: tuple[str, ...]
    """Every word without the fillers, contractions taken apart ("do", "not")."""

    @property
    def content(self) -> tuple[str, ...]:
        return tuple(word for word in self.words if word not in _EMPTY)


def why_refused(question: Question, turns: Sequence[str], *, language: str = "en") -> str:
    """Why what was said is no answer, to go on after "Insufficient evidence:"; empty when it is
    one. `turns` are the texts of all turns that answer the question, requests left out: what came
    late, after a probe, counts as much. Only English has rules: another language's answers are
    never refused here.
    """
    if language_code(language) != "en":
        return ""
    said = _Said(tuple(word for turn in turns for word in _words(turn, language)))
    if len(said.content) < MIN_CONTENT_WORDS:
        return TOO_LITTLE
    if _is_command(turns, language):
        return COMMANDED
    if _is_list(said, question, is_code=_is_code(turns)):
        return LISTED
    if _is_echo(said, question):
        return ECHOED
    if _is_repetition(said):
        return REPEATED
    return ""


def _words(text: str, language: str = "en") -> tuple[str, ...]:
    fillers = find_fillers(text, language=language)
    return tuple(
        part
        for token in tokenise(text)
        if not any(span.start <= token.start < span.end for span in fillers)
        for part in split_contraction(token.plain)
    )


def _is_code(turns: Sequence[str]) -> bool:
    """Code that was typed has few small words, and marks that are never in what was spoken."""
    marks = sum(turn.count(mark) for turn in turns for mark in CODE_MARKS)
    words = sum(len(tokenise(turn)) for turn in turns)
    return marks >= CODE_MARK_SHARE * words


def _is_list(said: _Said, question: Question, *, is_code: bool) -> bool:
    """No sentence holds together without small words; and nobody speaks in nothing but the very
    phrasings that are listed for the judge.
    """
    glue_share = sum(word in _GLUE for word in said.words) / len(said.words)
    if not is_code and len(said.words) >= LIST_WORDS and glue_share < MIN_GLUE_SHARE:
        return True
    listed = _covered(said.words, _phrasings(question))
    content = [place for place, word in enumerate(said.words) if word not in _GLUE]
    needed = SHORT_CONTENT_WORDS if glue_share < SHORT_GLUE_SHARE else LONG_CONTENT_WORDS
    inside = sum(place in listed for place in content)
    return len(content) >= needed and inside >= MAX_PHRASING_SHARE * len(content)


def _is_command(turns: Sequence[str], language: str) -> bool:
    """Orders to whoever judges, and no MIN_CONTENT_WORDS beside them: who answers as well has
    answered, and who answers a question about such orders says more than the order.
    """
    if not any(_COMMAND.search(turn) for turn in turns):
        return False
    rest = [_words(_COMMAND.sub(" ", turn), language) for turn in turns]
    own = [word for word in chain.from_iterable(rest) if word not in _EMPTY]
    return len(own) < MIN_CONTENT_WORDS


def _is_echo(said: _Said, question: Question) -> bool:
    asked, runs = _asked(question)
    echoed = _covered(said.words, runs)
    own = {
        word
        for place, word in enumerate(said.words)
        if place not in echoed and word not in asked and word not in _EMPTY
    }
    is_mostly_echo = len(echoed) >= MAX_ECHO_SHARE * len(said.words)
    return is_mostly_echo and len(own) < MIN_OWN_WORDS


def _is_repetition(said: _Said) -> bool:
    runs = _runs(said.words, REPEAT_RUN)
    if len(said.words) < REPEAT_WORDS or len(set(said.content)) >= MIN_DISTINCT_WORDS:
        return False
    return len(runs) - len(set(runs)) >= MAX_REPEAT_SHARE * len(runs)


def _covered(words: Sequence[str], runs: frozenset[tuple[str, ...]]) -> set[int]:
    """The places of the words that stand in one of the runs."""
    lengths = {len(run) for run in runs}
    return {
        at + step
        for length in lengths
        for at, run in enumerate(_runs(words, length))
        if run in runs
        for step in range(length)
    }


def _runs(words: Sequence[str], length: int) -> list[tuple[str, ...]]:
    return [tuple(words[at : at + length]) for at in range(len(words) - length + 1)]


@lru_cache(maxsize=128)
def _phrasings(question: Question) -> frozenset[tuple[str, ...]]:
    written = (_words(phrasing) for point in question.key_points for phrasing in point.phrasings)
    return frozenset(run for run in written if run)


@lru_cache(maxsize=128)
def _asked(question: Question) -> tuple[frozenset[str], frozenset[tuple[str, ...]]]:
    """The words the interviewer may have said, and their runs of ECHO_RUN."""
    follow_ups = (point.follow_up for point in question.key_points)
    texts = [_words(t) for t in (question.text, question.spoken, question.rephrase, *follow_ups)]
    runs = {run for words in texts for run in _runs(words, ECHO_RUN)}
    return frozenset(word for words in texts for word in words), frozenset(runs)
