"""What a question must be before anybody is asked it: the bank's and a model's alike."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rapidfuzz import fuzz

from scoring.key_points import judge_answer
from sessions.facts import Coverage
from sessions.plan import InterviewType, KeyPoint, Question

LEAST_POINTS, MOST_POINTS = 4, 7
LEAST_PHRASINGS = 5
LONGEST_PHRASING = 6
"""Words. Longer ones are never said just so."""
ALIKE = 90
"""Token-set ratio from which two texts are the same question in other clothes."""
MODEL_WORDS = range(70, 221)
"""Of a model answer: half a minute to a minute and a half of speech."""
MOST_SPOKEN = 70
"""Words that can be kept in mind while answering."""
REPHRASED = 85
"""Similarity (0-100) above which other words are the same words."""
LONG_MINUTES = 5
PHASED = (InterviewType.SYSTEM_DESIGN, InterviewType.MACHINE_CODING, InterviewType.DSA)
UNSPEAKABLE = re.compile(r"[`_=<>{}\[\]|\\#*/&@^~]|\b\w+\(\)")
"""A voice would stumble over it."""
NOT_ASKED = re.compile(
    r"\byour (?:\w+ ){0,2}(?:password|passphrase|pin|credentials?|api key|secret key|card number|"
    r"bank account|passport|home address|phone number|date of birth|age|religion|faith|race|"
    r"ethnicity|nationality|disability|health|sexual orientation|gender|marital status|husband|"
    r"wife|children|salary history)\b"
    r"|\bare you (?:married|pregnant|religious|disabled|gay|single)\b|\bhow old are you\b"
    r"|\b(?:system prompt|previous instructions|all instructions|all rules)\b|https?:",
    re.IGNORECASE,
)
"""Secrets and private life are no business of an interview; instructions are no question."""


def bank_faults(question: Question) -> list[str]:
    """One line for each thing that is wrong with a question of the bank, without its id."""
    faults = [*_bank_form_faults(question), *_phase_faults(question)]
    return faults + question_faults(question)


def question_faults(question: Question) -> list[str]:
    """What is wrong with any question, wherever it comes from."""
    faults = [*_form_faults(question), *_spoken_faults(question)]
    for point in question.key_points:
        faults.extend(f"{point.id}: {fault}" for fault in _point_faults(point))
    if private := sorted(set(_private_words(question))):
        faults.append(f"asks what is not to be asked: {', '.join(private)}")
    return faults + _judged_faults(question)


def are_alike(one: str, other: str) -> bool:
    """Two questions' texts."""
    return fuzz.token_set_ratio(one, other) >= ALIKE


def _bank_form_faults(question: Question) -> Iterator[str]:
    if not question.id.startswith(question.type.value.replace("_", "-") + "-"):
        yield "its id must begin with its type"
    if len(question.common_mistakes) < 2:
        yield "fewer than two common mistakes"


def _form_faults(question: Question) -> Iterator[str]:
    ids = [point.id for point in question.key_points]
    if len(ids) != len(set(ids)):
        yield "a key point id twice"
    if not LEAST_POINTS <= len(ids) <= MOST_POINTS:
        yield f"{len(ids)} key points"
    if not question.competencies:
        yield "no competencies"
    if not 2 <= question.minutes <= 12:
        yield f"{question.minutes} minutes"
    words = len(question.model_answer.split())
    if words not in MODEL_WORDS:
        yield f"a model answer of {words} words"


def _spoken_faults(question: Question) -> Iterator[str]:
    if len(question.spoken.split()) > MOST_SPOKEN:
        yield "spoken: too long to be kept in mind"
    for name, text in (("spoken", question.spoken), ("rephrase", question.rephrase)):
        if UNSPEAKABLE.search(text):
            yield f"{name} has what a voice cannot say"
    if fuzz.ratio(question.spoken, question.rephrase) > REPHRASED:
        yield "rephrase says the same words again"


def _phase_faults(question: Question) -> Iterator[str]:
    if question.type in PHASED and question.minutes >= LONG_MINUTES:
        phases = {point.phase for point in question.key_points}
        if None in phases or len(phases) < 2:
            yield "a long question of this type has its key points in two phases or more"


def _point_faults(point: KeyPoint) -> Iterator[str]:
    if len(set(point.phrasings)) < LEAST_PHRASINGS:
        yield f"fewer than {LEAST_PHRASINGS} phrasings"
    for phrasing in point.phrasings:
        if len(phrasing.split()) > LONGEST_PHRASING:
            yield f"{phrasing!r} is longer than {LONGEST_PHRASING} words"
    if len(point.follow_up.split()) < 4 or UNSPEAKABLE.search(point.follow_up):
        yield "its follow-up cannot be asked as it is"


def _private_words(question: Question) -> Iterator[str]:
    follow_ups = (point.follow_up for point in question.key_points)
    for said in (question.text, question.spoken, question.rephrase, *follow_ups):
        yield from NOT_ASKED.findall(said)


def _judged_faults(question: Question) -> list[str]:
    unsaid = judge_answer(question, question.model_answer)
    faults = [
        f"{finding.key_point_id}: the model answer does not say it"
        for finding in unsaid
        if finding.coverage is not Coverage.COVERED
    ]
    asked = " ".join((question.spoken, *(point.follow_up for point in question.key_points)))
    said_back = judge_answer(question, f"So the question was this, {asked}")
    return faults + [
        f"{finding.key_point_id}: whoever says the question back has said it"
        for finding in said_back
        if finding.coverage is Coverage.COVERED
    ]
