"""What to practise next, from what finished interviews show; and the dashboard that says so."""

from __future__ import annotations

import re

import pytest

from server.questions.queries import Card
from server.questions.recommend import PastQuestion, recommend
from sessions.facts import (
    AnswerHeard,
    AnswerScored,
    CompletionReason,
    ConsentGiven,
    Coverage,
    Fact,
    InterviewCompleted,
    InterviewPlanned,
    KeyPointFinding,
    QuestionAsked,
    QuestionSkipped,
    SkipReason,
    Timing,
)
from sessions.ids import InterviewId, QuestionId
from sessions.plan import InterviewType
from tests.server.companion import NOW_MS, Browser, Companion

SAID = "I would say this to everybody, and then wait for what they say to it."


def card(name: str, difficulty: int = 5, *, tags: str, roles: str = "") -> Card:
    return Card(
        id=QuestionId(name),
        version=1,
        type=InterviewType.DSA,
        difficulty=difficulty,
        minutes=5,
        text=name,
        tags=tuple(tags.split()),
        competencies=(),
        roles=tuple(roles.split()),
    )


def past(
    name: str, missing: float, *, tags: str, difficulty: int = 5, is_answered: bool = True
) -> PastQuestion:
    return PastQuestion(
        id=QuestionId(name),
        type=InterviewType.DSA,
        difficulty=difficulty,
        tags=tuple(tags.split()),
        roles=(),
        is_answered=is_answered,
        points=5,
        missing=missing,
        asked_ms=NOW_MS,
    )


CARDS = [
    card("heap-new", 6, tags="heaps"),
    card("heap-hard", 9, tags="heaps"),
    card("heap-seen", tags="heaps"),
    card("tree-new", tags="trees"),
    card("hash-seen", tags="hashing"),
    card("graph-new", tags="graphs"),
    card("role-new", tags="heaps", roles="data-scientist"),
]


def test_the_weakest_tag_comes_first_with_a_new_question_near_the_level() -> None:
    found = recommend(CARDS, [past("heap-seen", 4, tags="heaps"), past("t", 2, tags="trees")])
    assert [one.card.id for one in found] == ["heap-new", "tree-new", "graph-new"]
    assert found[0].reason == "Your answers on heaps had 1 of 5 key points. This one is new."
    assert found[1].reason == "Your answers on trees had 3 of 5 key points. This one is new."
    assert found[2].reason == "You have not been asked about graphs yet."


def test_where_nothing_is_new_the_same_question_comes_again_if_half_was_missing() -> None:
    [first, *_] = recommend(CARDS, [past("hash-seen", 3.5, tags="hashing")])
    assert (first.card.id, first.tag) == ("hash-seen", "hashing")
    assert first.reason.startswith("You had 1.5 of 5 key points here last time.")
    better = recommend(CARDS, [past("hash-seen", 2, tags="hashing")])
    assert "hash-seen" not in [one.card.id for one in better]


def test_only_the_latest_answer_to_a_question_counts() -> None:
    answers = [past("heap-seen", 0, tags="heaps"), past("heap-seen", 5, tags="heaps")]
    assert "heaps" not in [one.tag for one in recommend(CARDS, answers)]


def test_what_was_well_said_or_not_answered_is_no_weakness() -> None:
    assert recommend(CARDS, []) == []
    silent = past("heap-seen", 5, tags="heaps", is_answered=False)
    assert recommend(CARDS, [silent]) == []
    found = recommend(CARDS, [silent, past("t", 1, tags="trees")])
    assert [one.tag for one in found] == ["graphs", "hashing"]


def test_no_question_and_no_tag_comes_twice() -> None:
    cards = [card("both", tags="heaps trees"), card("one", tags="trees")]
    found = recommend(cards, [past("x", 5, tags="heaps trees")])
    assert sorted(one.card.id for one in found) == ["both", "one"]
    assert len({one.tag for one in found}) == 2


# -- over HTTP -------------------------------------------------------------------------------------


async def answer_all(companion: Companion, interview_id: str, *, covered: bool) -> list[str]:
    """A finished interview in which every question was answered; the ids of those asked."""
    id = InterviewId(interview_id)
    [entry] = await companion.journal.read(id)
    planned = entry.fact
    assert isinstance(planned, InterviewPlanned)
    facts: list[Fact] = [
        ConsentGiven(at_ms=NOW_MS, text_version="x", transcript=True, recording=False)
    ]
    for index, question in enumerate(planned.questions):
        facts += [
            QuestionAsked(at_ms=NOW_MS, index=index, question_id=question.id),
            AnswerHeard(
                at_ms=NOW_MS,
                turn=index + 1,
                question_id=question.id,
                text=SAID,
                words=(),
                timing=Timing.NONE,
                recogniser="typed",
                started_ms=NOW_MS,
                ended_ms=NOW_MS,
            ),
            AnswerScored(
                at_ms=NOW_MS,
                turn=index + 1,
                question_id=question.id,
                judge="test",
                findings=tuple(
                    KeyPointFinding(
                        key_point_id=point.id,
                        coverage=Coverage.COVERED if covered else Coverage.MISSING,
                        quote=SAID if covered else "",
                        end=len(SAID) if covered else 0,
                    )
                    for point in question.key_points
                ),
            ),
        ]
    facts.append(InterviewCompleted(at_ms=NOW_MS, reason=CompletionReason.FINISHED))
    await companion.journal.append(id, facts, after_seq=1)
    return [question.id for question in planned.questions]


@pytest.mark.sockets
async def test_what_was_missing_is_recommended_and_shown_on_the_dashboard(
    ada: Browser, bo: Browser, companion: Companion
) -> None:
    path = "/api/v1/questions/recommended"
    assert (await ada.get(path)).body == {"recommended": []}
    id = await ada.create_interview(type="dsa", question_count=2)
    assert (await ada.get(path)).body == {"recommended": []}  # not finished yet
    asked = await answer_all(companion, id, covered=False)
    found = (await ada.get(path)).body["recommended"]
    assert 1 <= len(found) <= 3
    first = found[0]
    assert first["tag"] == "conflict"
    assert first["question"]["type"] == "dsa"
    assert first["question"]["id"] not in asked
    assert first["reason"] == "Your answers on conflict had 0 of 2 key points. This one is new."
    assert first["setup_path"].startswith("/interviews/new?type=dsa&difficulty=")
    assert not {"key_points", "model_answer", "phrasings"} & set(first["question"])

    html = (await ada.get("/dashboard")).text
    assert "Practise next" in html
    assert first["reason"] in html
    page = await ada.get(first["setup_path"])
    assert re.search(r'value="dsa"[^>]*checked', page.text)
    assert re.search(r'value="conflict"[^>]*checked', page.text)

    assert (await bo.get(path)).body == {"recommended": []}
    assert "Practise next" not in (await bo.get("/dashboard")).text


@pytest.mark.sockets
async def test_a_question_that_was_passed_over_shows_nothing(
    ada: Browser, companion: Companion
) -> None:
    id = InterviewId(await ada.create_interview(type="dsa", question_count=2))
    [entry] = await companion.journal.read(id)
    assert isinstance(entry.fact, InterviewPlanned)
    question = entry.fact.questions[0]
    facts = [
        QuestionAsked(at_ms=NOW_MS, index=0, question_id=question.id),
        QuestionSkipped(at_ms=NOW_MS, question_id=question.id, reason=SkipReason.CANDIDATE),
        InterviewCompleted(at_ms=NOW_MS, reason=CompletionReason.ENDED_BY_CANDIDATE),
    ]
    await companion.journal.append(id, facts, after_seq=1)
    assert (await ada.get("/api/v1/questions/recommended")).body == {"recommended": []}


@pytest.mark.sockets
async def test_who_is_not_signed_in_is_recommended_nothing(browser: Browser) -> None:
    answer = await browser.get("/api/v1/questions/recommended")
    assert (answer.status, answer.body["code"]) == (401, "not_signed_in")
