"""The slices' services on every database they are promised to work on."""

from __future__ import annotations

import pytest

from server.accounts.service import Accounts
from server.interviews.service import Interviews
from server.questions.service import seed
from sessions.errors import EmailTaken, NotFound, WrongCredentials
from sessions.facts import ConsentGiven, InterviewPlanned, QuestionAsked
from sessions.ids import InterviewId
from sessions.infra.db import Database
from sessions.infra.journal import SqlJournal
from sessions.plan import Difficulty, InterviewType, PlanRequest
from tests.server.companion import BANK, NOW_MS, PASSWORD
from tests.support.clock import FakeClock

ADA = "ada@example.org"


async def test_accounts(database: Database) -> None:
    clock = FakeClock(NOW_MS)
    accounts = Accounts(database, clock, session_days=14)
    first = await accounts.sign_up(name="Ada", email=ADA, password=PASSWORD, replacing="")
    with pytest.raises(EmailTaken):
        await accounts.sign_up(name="Eve", email=ADA, password=PASSWORD, replacing="")
    with pytest.raises(WrongCredentials):
        await accounts.sign_in(email=ADA, password="something else", replacing="")
    second = await accounts.sign_in(email=ADA, password=PASSWORD, replacing=first.token)
    assert await accounts.find_sign_in(first.token) is None
    found = await accounts.find_sign_in(second.token)
    assert found is not None
    assert (found.account_id, found.is_renewed) == (first.account_id, False)
    await accounts.sign_out(second.token)
    assert await accounts.find_sign_in(second.token) is None


async def test_interviews(database: Database) -> None:
    clock = FakeClock(NOW_MS)
    accounts = Accounts(database, clock, session_days=14)
    ada = await accounts.sign_up(name="Ada", email=ADA, password=PASSWORD, replacing="")
    bo = await accounts.sign_up(name="Bo", email="b@b.example", password=PASSWORD, replacing="")
    await seed(database, BANK)
    journal = SqlJournal(database)
    interviews = Interviews(database, journal, clock)
    request = PlanRequest(type=InterviewType.DSA, difficulty=Difficulty.EASY, question_count=2)
    created = await interviews.create(ada.account_id, request)
    id = InterviewId(created.id)
    [entry] = await journal.read(id)
    assert isinstance(entry.fact, InterviewPlanned)
    asked = entry.fact.questions[0].id
    facts = [
        ConsentGiven(at_ms=NOW_MS + 1, text_version="x", transcript=True, recording=False),
        QuestionAsked(at_ms=NOW_MS + 2, index=0, question_id=asked),
    ]
    await journal.append(id, facts, after_seq=1)
    [listed] = await interviews.fetch_all(ada.account_id)
    assert (listed.status, listed.projected_seq, listed.asked_ids, listed.started_ms) == (
        "in_progress",
        3,
        [asked],
        NOW_MS + 1,
    )
    # Stored, not only shown.
    again = await interviews.load(ada.account_id, id)
    assert (again.status, again.projected_seq) == ("in_progress", 3)
    with pytest.raises(NotFound):
        await interviews.load(bo.account_id, id)
