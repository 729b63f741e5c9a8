"""What every question of the bank must be: `python -m tests.server.bank_rules FILE...` says what is
wrong with some; the tests ask it of all that ship. The rules are `server.questions.rules`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from server.questions.bank import BANK_FOLDER, load_bank, load_file
from server.questions.rules import are_alike
from server.questions.rules import bank_faults as faults_of
from sessions.plan import Question


def alike(questions: Sequence[Question]) -> list[tuple[str, str]]:
    return [
        (one.id, other.id)
        for place, one in enumerate(questions)
        for other in questions[place + 1 :]
        if are_alike(one.text, other.text)
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
