"""`vivavoce calibrate`: what it prints, what it takes, and how it fails."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from pydantic import SecretStr

import vivavoce
from scoring.calibration import Label, LabelledSet, load_labelled, load_questions
from server.accounts.service import Accounts
from server.calibration.command import MAX_FILE_BYTES, run_labelled, run_reruns, run_stored
from server.calibration.errors import RatingsUnreadable
from server.calibration.options import CalibrateOptions
from server.calibration.reruns import rerun
from server.migrate import migrate
from server.reports.judging import ModelJudge
from sessions.errors import InputInvalid, StartupFailed
from sessions.infra.db import Database, open_database
from sessions.infra.structured import StructuredModel
from sessions.plan import Question
from sessions.settings import EndpointSettings, ReportSettings, Settings
from tests.emulators.openai_json import KEY, MODEL, Answer, Asked, open_json
from tests.server.calibrated import put_interview, put_report
from tests.server.companion import NOW_MS, PASSWORD
from tests.server.test_judging import endpoint, is_rating, rated, sensible
from tests.support.clock import FakeClock

LABELLED = load_labelled()
BANK = load_questions(LABELLED)
CLOCK = FakeClock(NOW_MS)

# -- the labelled answers -------------------------------------------------------------------------


def test_it_prints_every_question_and_succeeds(capsys: pytest.CaptureFixture[str]) -> None:
    assert vivavoce.main(["calibrate"]) == 0
    printed = capsys.readouterr().out
    assert all(one.id in printed for one in LABELLED.questions)
    assert "The order holds for 8 of 8 questions" in printed


def test_it_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert vivavoce.main(["calibrate", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["holds"] is True
    assert len(printed["questions"]) == len(LABELLED.questions)
    assert set(printed["questions"][0]["scores"]) == {label.value for label in Label}


def _deaf(one: Question) -> Question:
    return replace(
        one, key_points=tuple(replace(point, phrasings=("zz",)) for point in one.key_points)
    )


def test_it_fails_when_an_order_is_broken(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_labelled(as_json=False, bank=[_deaf(one) for one in BANK]) == 1
    printed = capsys.readouterr().out
    assert "BROKEN" in printed
    assert "The strong answer got no score." in printed


@pytest.mark.parametrize(
    "options",
    [
        ["--blind"],
        ["--reruns", "1"],
        ["--reruns", "11"],
        ["--reruns", "many"],
        ["--compare", "--reruns", "2"],
        ["--compare", "--ratings", "x.csv"],
    ],
)
def test_wrong_usage(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        vivavoce.main(["calibrate", *options])
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


# -- ratings out of a file ------------------------------------------------------------------------


@pytest.fixture
async def stored(tmp_path: Path) -> AsyncGenerator[Database]:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/vivavoce.db") as database:
        await migrate(database)
        yield database


async def interview_of(database: Database) -> str:
    accounts = Accounts(database, CLOCK, session_days=14)
    who = await accounts.sign_up(name="A", email="a@a.example", password=PASSWORD, replacing="")
    id = await put_interview(database, who.account_id)
    await put_report(database, id, {"ownership": 75.0, "growth": 0.0})
    return id


def file_of(folder: Path, *rows: str) -> Path:
    file = folder / "ratings.csv"
    file.write_text("\n".join(("interview_id,competency,rater,rating", *rows)), encoding="utf-8")
    return file


async def test_a_file_is_taken_and_compared(
    stored: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    id = await interview_of(stored)
    file = file_of(tmp_path, f"{id},ownership,Ann,4", f"{id},growth,Ann,2", f"{id},account,Ann,2")
    taken = CalibrateOptions(ratings=file, is_blind=True)
    assert await run_stored(stored, CLOCK, taken) == 0
    printed = capsys.readouterr().out
    assert "Ratings: 3 added, 0 unchanged." in printed
    blind, others = printed.split("Rated with the report read, or not known")
    rows = [line.split() for line in blind.splitlines()]
    # Two pairs, 4 with 4 and 2 with 1: kappa is 1 - 0.5 / 3.5.
    assert ["all", "2", "0.86", "50", "%", "100", "%", "-0.50"] in rows
    assert ["competency", "behavioral/growth", "1", "-", "-", "-", "-"] in rows
    assert "competency behavioral/growth: Only one rating was given by both" in blind
    assert "left out: 1." in blind
    assert ["all", "0", "-", "-", "-", "-"] in [line.split() for line in others.splitlines()]
    assert await run_stored(stored, CLOCK, replace(taken, as_json=True)) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["added"], told["unchanged"], told["blind"]["overall"]["n"]) == (0, 3, 2)
    assert told["blind"]["by_competency"]["behavioral/growth"]["kappa"]["value"] is None


async def test_everything_stored_is_compared(
    stored: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run_stored(stored, CLOCK, CalibrateOptions(is_comparison=True)) == 0
    assert "all: Nothing was rated by both." in capsys.readouterr().out
    options = CalibrateOptions(is_comparison=True, as_json=True)
    assert await run_stored(stored, CLOCK, options) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["others"]["overall"]["kappa"] == {
        "value": None,
        "reason": "Nothing was rated by both.",
    }


async def test_every_faulty_line_is_named(
    stored: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for rows, named in (
        (("x,depth,Ann,9", "x,depth,Ann"), ["line 2", "line 3"]),
        (("x,depth,Ann,4", "x,depth,Bo,4"), ["line 2", "line 3"]),
    ):
        with pytest.raises(InputInvalid, match="line 2") as raised:
            await run_stored(stored, CLOCK, CalibrateOptions(ratings=file_of(tmp_path, *rows)))
        assert list(raised.value.fields) == named
        printed = capsys.readouterr()
        assert printed.out == ""
        assert [line.split(":")[0] for line in printed.err.splitlines()] == named


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "No such file"), (b"\xff\xfe", "not UTF-8"), (b"x" * (MAX_FILE_BYTES + 1), "10 MB")],
)
async def test_files_that_are_none(
    stored: Database, tmp_path: Path, content: bytes | None, says: str
) -> None:
    file = tmp_path / "ratings.csv"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(RatingsUnreadable, match=says):
        await run_stored(stored, CLOCK, CalibrateOptions(ratings=file))
    with pytest.raises(RatingsUnreadable, match="directory"):
        await run_stored(stored, CLOCK, CalibrateOptions(ratings=tmp_path))


async def test_a_database_without_tables_is_one_sentence(tmp_path: Path) -> None:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/empty.db") as database:
        with pytest.raises(StartupFailed, match="no such table") as raised:
            await run_stored(database, CLOCK, CalibrateOptions(is_comparison=True))
    assert "vivavoce migrate" in raised.value.hint


# -- reruns ---------------------------------------------------------------------------------------


async def test_without_a_model_it_says_what_to_configure(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert await run_reruns(Settings(), 2, as_json=False) == 2
    assert "reports.judge is empty" in capsys.readouterr().err


@pytest.mark.sockets
async def test_a_model_is_asked_again_as_the_settings_say(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with open_json(sensible) as emulator:
        settings = Settings(
            endpoints={
                "here": EndpointSettings(
                    base_url=emulator.url, api_key=SecretStr(KEY), llm_model=MODEL
                )
            },
            reports=ReportSettings(judge=["here"]),
        )
        assert await run_reruns(settings, 2, as_json=False) == 0
    printed = capsys.readouterr().out
    assert f"Model: {MODEL}; " in printed
    assert f"Answers judged 2 times: {3 * len(LABELLED.questions)};" in printed
    assert "The same in all runs: 100 %" in printed
    # It rates everything 4.
    assert "Kappa between runs: not known. Both gave one and the same rating" in printed


FEW = LabelledSet(version=1, questions=LABELLED.questions[:1])


@pytest.mark.sockets
async def test_a_model_that_changes_its_mind() -> None:
    asked = count()

    def fickle(request: Asked) -> Answer:
        if not is_rating(request):
            return sensible(request)
        spans = [span["id"] for span in request.data["spans"]]
        return rated(2 + next(asked) // 9 % 2 * 2, *spans)

    async with open_json(fickle) as emulator:
        judge = ModelJudge(StructuredModel([endpoint(emulator)], timeout_s=5))
        found = await rerun(judge, FEW, BANK, runs=3)
        await judge.aclose()
    assert (found.answers, found.left_out, found.stability.runs) == (3, 0, 3)
    assert found.stability.identical.value is not None
    assert found.stability.identical.value < 1
    assert found.requests == len(emulator.asked)


@pytest.mark.sockets
async def test_a_failed_request_is_no_change_of_mind() -> None:
    asked = count()

    def ill(request: Asked) -> Answer:
        return Answer(status=500) if next(asked) < 2 else sensible(request)

    async with open_json(ill) as emulator:
        judge = ModelJudge(StructuredModel([endpoint(emulator)], timeout_s=5))
        found = await rerun(judge, FEW, BANK, runs=2)
        await judge.aclose()
    assert (found.answers, found.left_out) == (2, 1)
    assert found.stability.identical.value == 1


@pytest.mark.sockets
async def test_a_model_that_is_away_says_nothing_of_stability() -> None:
    async with open_json(lambda _: Answer(status=500)) as emulator:
        judge = ModelJudge(StructuredModel([endpoint(emulator)], timeout_s=5))
        found = await rerun(judge, FEW, BANK, runs=2)
        await judge.aclose()
    assert (found.answers, found.left_out, found.models, found.requests) == (0, 3, (), 0)
    assert found.stability.identical.value is None
