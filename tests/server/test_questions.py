"""Seeding the questions, looking through them, and the bank's own files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

import vivavoce
from server.questions.bank import BANK_FOLDER, BankInvalid, load_bank
from server.questions.models import OWN, QuestionRow
from server.questions.relevance import match_questions
from server.questions.service import SeedResult, count_levels, list_questions, list_tags, seed
from sessions.infra.db import Database
from sessions.plan import Difficulty, InterviewType, Question
from tests.server.bank_rules import alike, faults_of
from tests.server.companion import BANK, Browser, made_question

LEAST_PER_TYPE = 50
LEAST_PER_LEVEL = 8


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


async def test_files_that_were_seeded_are_not_read_again(
    database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "dsa.yaml"
    file.write_text(entry() + entry(id="dsa-b"))
    assert await seed(database, folder=tmp_path) == SeedResult(added=2, updated=0, unchanged=0)
    async with database.write() as session:  # whoever read the files would update both
        await session.execute(update(QuestionRow).values(version=0))
    assert await seed(database, folder=tmp_path) == SeedResult(added=0, updated=0, unchanged=2)

    file.write_text(file.read_text() + "# said otherwise\n")
    assert await seed(database, folder=tmp_path) == SeedResult(added=0, updated=2, unchanged=0)
    file.rename(tmp_path / "arrays.yaml")
    (tmp_path / "trees.yaml").write_text(entry(id="dsa-c"))
    assert await seed(database, folder=tmp_path) == SeedResult(added=1, updated=0, unchanged=2)


async def test_a_question_that_is_gone_comes_back_and_an_own_one_stays(
    database: Database, tmp_path: Path
) -> None:
    (tmp_path / "dsa.yaml").write_text(entry() + entry(id="dsa-b"))
    await seed(database, folder=tmp_path)
    async with database.write() as session:
        await session.execute(delete(QuestionRow).where(QuestionRow.id == "dsa-a"))
        await session.execute(update(QuestionRow).values(source=OWN, version=0))
    assert await seed(database, folder=tmp_path) == SeedResult(added=1, updated=0, unchanged=1)
    assert await seed(database, folder=tmp_path) == SeedResult(added=0, updated=0, unchanged=2)
    async with database.read() as session:
        own = await session.get_one(QuestionRow, "dsa-b")
    assert (own.source, own.version) == (OWN, 0)


async def test_a_wrong_file_is_told_at_every_start(database: Database, tmp_path: Path) -> None:
    (tmp_path / "dsa.yaml").write_text(entry(difficulty=11))
    for _ in range(2):
        with pytest.raises(BankInvalid, match="difficulty"):
            await seed(database, folder=tmp_path)


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
    levels = count_levels(bank)[type.value]
    assert sum(levels.values()) >= LEAST_PER_TYPE
    assert {level: count for level, count in levels.items() if count < LEAST_PER_LEVEL} == {}


@pytest.mark.parametrize("type", list(InterviewType))
def test_no_question_of_the_bank_has_a_fault(bank: list[Question], type: InterviewType) -> None:
    faults = {question.id: faults_of(question) for question in bank if question.type is type}
    assert {id: found for id, found in faults.items() if found} == {}


def test_no_two_questions_are_the_same_in_other_clothes(bank: list[Question]) -> None:
    assert alike(bank) == []


async def test_the_bank_can_be_seeded(database: Database, bank: list[Question]) -> None:
    assert (await seed(database)).added == len(bank)
    async with database.read() as session:
        ids = await session.scalars(select(QuestionRow.id))
        assert set(ids) == {question.id for question in bank}


# -- counting without a database -------------------------------------------------------------------


def test_a_dry_run_counts_and_touches_nothing(
    bank: list[Question],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert vivavoce.main(["seed", "--dry-run", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {type.value for type in InterviewType}
    assert sum(counts["total"] for counts in told.values()) == len(bank)
    assert all(
        sum(counts[level.value] for level in Difficulty) == counts["total"]
        for counts in told.values()
    )
    assert vivavoce.main(["seed", "--dry-run"]) == 0
    assert "system_design" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_json_without_a_dry_run_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        vivavoce.main(["seed", "--json"])
    assert ended.value.code == 2
    assert "--dry-run" in capsys.readouterr().err


# -- finding ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "best"),
    [
        ("hash table collisions", "hash"),
        ("I want to practise deadlocks in databases, please", "deadlock"),
        ("dedlocks", "deadlock"),  # a slip of the keyboard
        ("accessible keyboards", "accessib"),
    ],
)
def test_words_find_what_they_are_about(bank: list[Question], words: str, best: str) -> None:
    matches = match_questions(words, bank)
    first = max(matches, key=lambda id: matches[id].relevance)
    found = next(question for question in bank if question.id == first)
    assert best in f"{found.text} {' '.join(found.tags)}".lower()
    assert matches[first].relevance == 1


@pytest.mark.parametrize(
    "words", ["", "the of and", "please ask me questions", "qqqqqqqq", "🙂 -- !"]
)
def test_words_that_say_nothing_find_nothing(bank: list[Question], words: str) -> None:
    assert match_questions(words, bank) == {}


PATH = "/api/v1/questions"


@pytest.mark.sockets
async def test_the_bank_is_looked_through_page_by_page(ada: Browser) -> None:
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await ada.get(f"{PATH}?limit=8{cursor}")).body
        assert page["total"] == len(BANK)
        seen += [question["id"] for question in page["questions"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == sorted(question.id for question in BANK)


@pytest.mark.sockets
async def test_a_question_gives_no_answer_away(ada: Browser) -> None:
    answer = await ada.get(f"{PATH}?type=dsa&difficulty=2")
    [shown] = answer.body["questions"]
    assert shown == {
        "id": "dsa-2",
        "version": 1,
        "type": "dsa",
        "difficulty": 2,
        "level": "easy",
        "minutes": 4,
        "text": "Question 2, as written, version 1?",
        "tags": ["conflict", "tag-2"],
        "competencies": [],
        "roles": [],
    }


@pytest.mark.sockets
@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("type=dsa&level=medium", ["dsa-4", "dsa-5"]),
        ("type=hr&tag=tag-3", ["hr-3"]),
        ("type=hr&tag=Tag+3", ["hr-3"]),
        ("type=hr&q=conflicts&limit=2", ["hr-1", "hr-2"]),
        ("type=hr&tag=none", []),
        ("q=nothingofthekind", []),
        ("role=data-scientist", []),
        ("type=dsa&level=expert", []),
        ("type=dsa&difficulty=2&level=hard", []),
    ],
)
async def test_filters_are_all_met(ada: Browser, query: str, ids: list[str]) -> None:
    answer = await ada.get(f"{PATH}?{query}")
    assert answer.status == 200
    assert [question["id"] for question in answer.body["questions"]] == ids


@pytest.mark.sockets
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("type=cooking", "type"),
        ("level=impossible", "level"),
        ("difficulty=11", "difficulty"),
        ("difficulty=hard", "difficulty"),
        ("role=Nurse", "role"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=many", "limit"),
        ("tag=", "tag"),
        (f"q={'x' * 201}", "q"),
        ("q=%00", "q"),
        ("cursor=%25%25", "cursor"),
        ("cursor=bm9wZQ==", "cursor"),
        ("cursor=%C3%A9", "cursor"),
        ("colour=red", "colour"),
    ],
)
async def test_a_wrong_filter_is_named(ada: Browser, query: str, field: str) -> None:
    answer = await ada.get(f"{PATH}?{query}")
    assert (answer.status, answer.body["code"]) == (422, "input_invalid")
    assert list(answer.body["fields"]) == [field]
    assert answer.body["fields"][field].endswith(".")


@pytest.mark.sockets
async def test_the_bank_is_for_who_is_signed_in(browser: Browser) -> None:
    answer = await browser.get(PATH)
    assert (answer.status, answer.body["code"]) == (401, "not_signed_in")
