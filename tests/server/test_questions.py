"""Seeding the questions, and the bank's own files."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from rapidfuzz import fuzz
from sqlalchemy import select, update

from server.questions.bank import BANK_FOLDER, BankInvalid, load_bank
from server.questions.models import OWN, QuestionRow
from server.questions.service import SeedResult, list_questions, list_tags, seed
from sessions.infra.db import Database
from sessions.plan import LEVELS, InterviewType, Question
from tests.server.companion import BANK, made_question

LEAST_PER_TYPE = 12
LEAST_PER_LEVEL = 3
ALIKE = 90
"""Token-set ratio from which two texts are the same question in other clothes."""


async def test_seeding_twice_changes_nothing(database: Database) -> None:
    assert await seed(database, BANK) == SeedResult(added=len(BANK), updated=0, unchanged=0)
    assert await seed(database, BANK) == SeedResult(added=0, updated=0, unchanged=len(BANK))
    async with database.read() as session:
        assert await list_questions(session) == sorted(BANK, key=lambda question: question.id)
        behavioral = await list_questions(session, InterviewType.BEHAVIORAL)
    assert {question.type for question in behavioral} == {InterviewType.BEHAVIORAL}


async def test_a_newer_version_replaces_and_an_older_one_does_not(database: Database) -> None:
    first, second = made_question(1, version=2), made_question(2)
    await seed(database, [first, second])
    newer = replace(made_question(2, version=2), difficulty=9, tags=("new",))
    older = made_question(1, version=1)
    assert await seed(database, [older, newer]) == SeedResult(added=0, updated=1, unchanged=1)
    async with database.read() as session:
        assert await list_questions(session) == [first, newer]
        row = await session.get(QuestionRow, newer.id)
        assert row is not None
        assert (row.version, row.difficulty) == (2, 9)


async def test_an_own_question_is_never_overwritten(database: Database) -> None:
    mine = made_question(1)
    await seed(database, [mine])
    async with database.write() as session:
        await session.execute(update(QuestionRow).values(source=OWN))
    assert await seed(database, [made_question(1, version=9)]) == SeedResult(
        added=0, updated=0, unchanged=1
    )
    async with database.read() as session:
        assert await list_questions(session) == [mine]


async def test_tags_come_by_use(database: Database) -> None:
    await seed(database, BANK)
    async with database.read() as session:
        tags = await list_tags(session)
    assert set(tags) == set(InterviewType)
    assert tags[InterviewType.DSA] == ["conflict", *(f"tag-{number}" for number in range(1, 6))]


ENTRY = """
- id: {id}
  version: 1
  type: dsa
  difficulty: {difficulty}
  minutes: 3
  tags: [arrays]
  text: A text
  spoken: A text
  rephrase: A text
  key_points:
    - {{id: a, point: A point, phrasings: [one, {phrasing}], follow_up: And?}}
  model_answer: One.
"""


def entry(*, id: str = "dsa-a", difficulty: object = 1, phrasing: str = "two") -> str:
    return ENTRY.format(id=id, difficulty=difficulty, phrasing=phrasing)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (entry(difficulty=11), "difficulty"),
        (entry(difficulty="hard"), "difficulty"),
        (entry(id="Not A Slug"), "id"),
        (entry(phrasing="yes"), "phrasings"),  # YAML reads a bare yes as true
        (entry() + entry(), "twice"),
        (entry() + "  colour: red", "colour"),
        ("- [", "cannot be read"),
        ("just text", "tuple"),
    ],
)
def test_a_wrong_bank_file_is_named_with_its_fault(
    tmp_path: Path, content: str, reason: str
) -> None:
    (tmp_path / "dsa.yaml").write_text(content)
    with pytest.raises(BankInvalid, match=reason) as failed:
        load_bank(tmp_path)
    assert "dsa.yaml" in failed.value.message
    assert "vivavoce seed" in failed.value.hint


def test_an_empty_file_and_an_empty_folder_hold_nothing(tmp_path: Path) -> None:
    (tmp_path / "dsa.yaml").write_text("# nothing yet\n")
    assert load_bank(tmp_path) == []


# -- the bank that ships with Vivavoce ---------------------------------------------------------


@pytest.fixture(scope="module")
def bank() -> list[Question]:
    return load_bank(BANK_FOLDER)


@pytest.mark.parametrize("type", list(InterviewType))
def test_the_bank_has_enough_of_every_type_and_level(
    bank: list[Question], type: InterviewType
) -> None:
    of_type = [question for question in bank if question.type is type]
    assert len(of_type) >= LEAST_PER_TYPE
    levels = Counter(
        level for question in of_type for level in LEVELS if question.difficulty in LEVELS[level]
    )
    assert {level: levels[level] for level in LEVELS if levels[level] < LEAST_PER_LEVEL} == {}


def test_every_key_point_can_be_heard_and_asked_about(bank: list[Question]) -> None:
    poor = [
        f"{question.id}/{point.id}"
        for question in bank
        for point in question.key_points
        if len(set(point.phrasings)) < 3 or not point.follow_up.strip()
    ]
    assert poor == []


def test_no_two_questions_are_the_same_in_other_clothes(bank: list[Question]) -> None:
    alike = [
        (one.id, other.id)
        for place, one in enumerate(bank)
        for other in bank[place + 1 :]
        if fuzz.token_set_ratio(one.text, other.text) >= ALIKE
    ]
    assert alike == []


async def test_the_bank_can_be_seeded(database: Database, bank: list[Question]) -> None:
    assert (await seed(database)).added == len(bank)
    async with database.read() as session:
        ids = await session.scalars(select(QuestionRow.id))
        assert set(ids) == {question.id for question in bank}
