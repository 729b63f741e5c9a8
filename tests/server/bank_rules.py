"""What every question of the bank must be: `python -m tests.server.bank_rules FILE...` says what is
wrong with some; the tests ask it of all that ship."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from rapidfuzz import fuzz

from scoring.key_points import judge_answer
from server.questions.bank import BANK_FOLDER, load_bank, load_file
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
NO_QUESTION = re.compile(rf"{UNSPEAKABLE.pattern}|:|[^?.]$")
"""Nor may a follow-up have a colon: what an interviewer says is taken for a label by its guard."""


def faults_of(question: Question) -> list[str]:
    """One line for each thing that is wrong, without the question's id."""
    faults = [
        *_form_faults(question),
        *_spoken_faults(question),
        *_phase_faults(question),
    ]
    for point in question.key_points:
        faults.extend(f"{point.id}: {fault}" for fault in _point_faults(point))
    return faults + _judged_faults(question)


def _form_faults(question: Question) -> Iterator[str]:
    if not question.id.startswith(question.type.value.replace("_", "-") + "-"):
        yield "its id must begin with its type"
    if not LEAST_POINTS <= len(question.key_points) <= MOST_POINTS:
        yield f"{len(question.key_points)} key points"
    if not question.competencies:
        yield "no competencies"
    if len(question.common_mistakes) < 2:
        yield "fewer than two common mistakes"
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
    if len(point.follow_up.split()) < 4 or NO_QUESTION.search(point.follow_up):
        yield "its follow-up cannot be asked as it is"


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


def alike(questions: Sequence[Question]) -> list[tuple[str, str]]:
    return [
        (one.id, other.id)
        for place, one in enumerate(questions)
        for other in questions[place + 1 :]
        if fuzz.token_set_ratio(one.text, other.text) >= ALIKE
    ]


def main(files: Sequence[str]) -> int:
    found = 0
    for file in files:
        for question in load_file(Path(file)):
            for fault in faults_of(question):
                found += 1
                print(f"{question.id}: {fault}")
    for one, other in alike(load_bank(BANK_FOLDER)):
        found += 1
        print(f"{one} and {other} are the same question in other clothes")
    print("nothing wrong" if not found else f"{found} faults")
    return min(found, 1)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
