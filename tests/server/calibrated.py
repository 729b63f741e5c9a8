"""Interviews with reports that say what a test wants them to, for ratings to be held against."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from server.interviews.models import Interview
from server.reports.models import ReportRow, ReportState
from sessions.infra.db import Database
from sessions.lifecycle import Status
from tests.server.companion import NOW_MS

COMPETENCIES = ("ownership", "judgement", "collaboration", "leadership", "growth", "account")
"""Of the rubric of behavioural interviews."""


async def put_interview(database: Database, account_id: str, *, asked: str = "q1") -> str:
    """Over, of the type behavioural, easy."""
    interview_id = str(uuid.uuid4())
    async with database.write() as session:
        session.add(
            Interview(
                id=interview_id,
                account_id=account_id,
                type="behavioral",
                difficulty="easy",
                role="",
                question_count=1,
                planned_minutes=5,
                created_ms=NOW_MS,
                status=Status.COMPLETED.value,
                projected_seq=1,
                answered_count=1,
                asked_ids=[asked],
                answered_ids=[asked],
                started_ms=NOW_MS,
                ended_ms=NOW_MS,
            )
        )
    return interview_id


async def put_report(
    database: Database,
    interview_id: str,
    scores: Mapping[str, float | None],
    *,
    version: int = 1,
    purpose: str = "practice",
    has_enough: bool = True,
) -> None:
    """Scores of 0 to 100 by competency."""
    async with database.write() as session:
        session.add(
            ReportRow(
                id=str(uuid.uuid4()),
                interview_id=interview_id,
                version=version,
                state=ReportState.READY.value,
                attempts=1,
                due_at_ms=0,
                lease_until_ms=None,
                reason="",
                body={
                    "purpose": purpose,
                    "has_enough": has_enough,
                    "scores": {
                        "competencies": [
                            {"id": id, "label": id, "score": {"value": value, "reason": ""}}
                            for id, value in scores.items()
                        ]
                    },
                },
                idempotency_key=None,
                created_at_ms=NOW_MS,
                written_at_ms=NOW_MS,
            )
        )
