"""Stored ratings beside stored reports, on every database."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import func, select

from scoring.calibration_ratings import MAX_FAULTS, parse_ratings
from server.accounts.service import Accounts
from server.calibration.models import RatingRow
from server.calibration.schemas import CalibrationView
from server.calibration.service import Calibrations
from server.interviews.models import Interview
from sessions.errors import InputInvalid
from sessions.infra.db import Database
from tests.server.calibrated import put_interview, put_report
from tests.server.companion import NOW_MS, PASSWORD
from tests.support.clock import FakeClock

HEADING = "interview_id,question_id,competency,rater,rating"


@pytest.fixture
def calibrations(database: Database) -> Calibrations:
    return Calibrations(database, FakeClock(NOW_MS))


@pytest.fixture
async def ada(database: Database) -> str:
    accounts = Accounts(database, FakeClock(NOW_MS), session_days=14)
    signed = await accounts.sign_up(
        name="Ada", email="ada@example.org", password=PASSWORD, replacing=""
    )
    return signed.account_id


def csv_of(*rows: str) -> str:
    return "\n".join((HEADING, *rows))


async def take(calibrations: Calibrations, *rows: str, is_blind: bool = True) -> tuple[int, int]:
    taken = await calibrations.take(parse_ratings(csv_of(*rows)), is_blind=is_blind)
    return taken.added, taken.unchanged


async def own(calibrations: Calibrations, database: Database, account: str) -> CalibrationView:
    async with database.read() as session:
        found = await session.scalars(select(Interview).where(Interview.account_id == account))
        interviews: Sequence[Interview] = list(found)
    return await calibrations.fetch_own(account, interviews)


async def test_ratings_are_held_against_the_newest_report(
    database: Database, calibrations: Calibrations, ada: str
) -> None:
    id = await put_interview(database, ada)
    await put_report(database, id, {"ownership": 0.0, "judgement": 0.0}, version=1)
    await put_report(database, id, {"ownership": 75.0, "judgement": None}, version=2)
    rows = (f"{id},,ownership,Ann,4", f"{id},,ownership,Bo,2", f"{id},,judgement,Ann,3")
    assert await take(calibrations, *rows) == (3, 0)
    found = await calibrations.compare_all()
    assert (found.blind.overall.n, found.blind.unrated, found.others.overall.n) == (2, 1, 0)
    assert found.blind.overall.exact.value == 0.5
    assert found.blind.overall.mean_difference.value == 1.0
    assert found.blind.by_competency["behavioral/judgement"].kappa.value is None
    assert {name: one.n for name, one in found.blind.by_rater.items()} == {"Ann": 1, "Bo": 1}


async def test_blind_ratings_stand_apart(
    database: Database, calibrations: Calibrations, ada: str
) -> None:
    id = await put_interview(database, ada)
    await put_report(database, id, {"ownership": 75.0})
    await take(calibrations, f"{id},,ownership,Ann,4")
    await take(calibrations, f"{id},,ownership,Bo,2", is_blind=False)
    found = await calibrations.compare_all()
    assert (found.blind.overall.n, found.others.overall.n) == (1, 1)
    assert list(found.others.by_rater) == ["Bo"]


async def test_too_little_said_is_no_rating(
    database: Database, calibrations: Calibrations, ada: str
) -> None:
    id = await put_interview(database, ada)
    await put_report(database, id, {"ownership": 75.0}, has_enough=False)
    await take(calibrations, f"{id},,ownership,Ann,4")
    found = await calibrations.compare_all()
    assert (found.blind.overall.n, found.blind.unrated) == (0, 1)


async def test_the_same_file_again_adds_nothing(
    database: Database, calibrations: Calibrations, ada: str
) -> None:
    id = await put_interview(database, ada)
    rows = (f"{id},,ownership,Ann,4", f"{id},q1,ownership,Ann,3")
    assert await take(calibrations, *rows) == (2, 0)
    assert await take(calibrations, *rows) == (0, 2)
    more = (*rows, f"{id},,growth,Ann,1")
    assert await take(calibrations, *more) == (1, 2)


async def test_a_fault_takes_nothing_and_names_every_line(
    database: Database, calibrations: Calibrations, ada: str
) -> None:
    id = await put_interview(database, ada)
    await take(calibrations, f"{id},,growth,Ann,1")
    with pytest.raises(InputInvalid) as raised:
        await take(
            calibrations,
            f"{id},,ownership,Ann,4",
            "no-id,,ownership,Ann,4",
            "00000000-0000-4000-8000-000000000000,,ownership,Ann,4",
            f"{id},,mood,Ann,4",
            f"{id},q9,ownership,Ann,4",
            f"{id},,growth,Ann,2",
        )
    assert {line: fault.split(":")[0] for line, fault in raised.value.fields.items()} == {
        "line 3": "There is no such interview.",
        "line 4": "There is no such interview.",
        "line 5": "The competency is none of the rubric behavioral/easy",
        "line 6": "The question was not asked in this interview.",
        "line 7": "This rater's rating of it is 1 already, and a rating is final.",
    }
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(RatingRow)) == 1


async def test_so_many_faults_are_named(calibrations: Calibrations) -> None:
    rows = [f"nobody,,ownership,rater {number},4" for number in range(MAX_FAULTS + 5)]
    with pytest.raises(InputInvalid) as raised:
        await take(calibrations, *rows)
    assert len(raised.value.fields) == MAX_FAULTS


async def test_an_account_sees_its_own_practice_alone(
    database: Database, calibrations: Calibrations, ada: str
) -> None:
    accounts = Accounts(database, FakeClock(NOW_MS), session_days=14)
    signed = await accounts.sign_up(
        name="Bo", email="bo@example.org", password=PASSWORD, replacing=""
    )
    practice, hiring = [await put_interview(database, ada) for _ in "12"]
    strangers = await put_interview(database, signed.account_id)
    for id, purpose in ((practice, "practice"), (hiring, "hiring"), (strangers, "practice")):
        await put_report(database, id, {"ownership": 75.0}, purpose=purpose)
        await take(calibrations, f"{id},,ownership,Ann,4")
    assert (await calibrations.compare_all()).blind.overall.n == 3
    found = await own(calibrations, database, ada)
    assert found.blind.overall.n == 1
    assert found.competencies == {"behavioral/ownership": "Behavioural: Ownership and results"}
    # Somebody else's rating by file leaves one's own to be given.
    assert [one.interview_id for one in found.to_rate] == [practice]


async def test_what_was_not_opened_is_offered_first(
    database: Database, calibrations: Calibrations, ada: str
) -> None:
    opened, unopened, unwritten = [await put_interview(database, ada) for _ in "123"]
    for id in (opened, unopened):
        await put_report(database, id, {"ownership": 75.0})
    await calibrations.note_seen(opened, ada)
    await calibrations.note_seen(opened, ada)
    found = await own(calibrations, database, ada)
    assert [(one.interview_id, one.has_seen_report) for one in found.to_rate] == [
        (unopened, False),
        (opened, True),
    ]
    assert unwritten not in {one.interview_id for one in found.to_rate}


async def test_a_report_of_another_form_rates_nothing(
    database: Database, calibrations: Calibrations, ada: str
) -> None:
    id = await put_interview(database, ada)
    await put_report(database, id, {"ownership": 75.0}, purpose="leisure")
    await take(calibrations, f"{id},,ownership,Ann,4")
    found = await calibrations.compare_all()
    assert (found.blind.overall.n, found.blind.unrated) == (0, 1)


async def test_ratings_go_with_their_interview(
    database: Database, calibrations: Calibrations, ada: str
) -> None:
    id = await put_interview(database, ada)
    await take(calibrations, f"{id},,ownership,Ann,4")
    await calibrations.note_seen(id, ada)
    async with database.write() as session:
        await session.delete(await session.get_one(Interview, id))
    assert (await calibrations.compare_all()).blind.unrated == 0
    await calibrations.note_seen(id, ada)  # it was deleted while its report was open
