"""Requirements in a person's own words: what is read of them, and what they do to a plan."""

from __future__ import annotations

import pytest

from server.questions.bank import load_bank
from server.questions.relevance import find_questions, match_questions
from server.questions.spelling import nearest_word
from server.questions.wishes import read_wishes, stems_of
from sessions.plan import LEVELS, Difficulty, InterviewType, PlanRequest, Question, choose_questions
from sessions.roles import match_role

PLANNED = 5
SEEDS = ("a", "b", "c")
LEAST_SHARE = 0.75
"""Of the questions on the wish that the bank has for the type, level and role. Not all: no more
than two of a plan share a tag."""


@pytest.fixture(scope="module")
def bank() -> list[Question]:
    return load_bank()


def planned(bank: list[Question], request: PlanRequest, seed: str) -> tuple[Question, ...]:
    matches = match_questions(request.requirements, bank)
    relevance = {id: match.relevance for id, match in matches.items()}
    return choose_questions(bank, request, seed=seed, relevance=relevance)


@pytest.mark.parametrize(
    ("type", "level", "role", "words", "tags"),
    [
        (
            InterviewType.TECHNICAL,
            Difficulty.EASY,
            "Frontend engineer",
            "React hooks and accessibility",
            "accessibility state-management components rendering",
        ),
        (
            InterviewType.TECHNICAL,
            Difficulty.MEDIUM,
            "Backend engineer",
            "Postgres indexes, no front-end",
            "databases indexing",
        ),
        (
            InterviewType.BEHAVIORAL,
            Difficulty.MEDIUM,
            "",
            "leading a team through conflict",
            "leadership conflict",
        ),
        (
            InterviewType.DSA,
            Difficulty.MEDIUM,
            "",
            "I'm weak at grpahs and dynamic programing",
            "graphs dynamic-programming",
        ),
        (
            InterviewType.JAVASCRIPT,
            Difficulty.MEDIUM,
            "",
            "closures, promises and the event loop please",
            "closures promises event-loop",
        ),
        (
            InterviewType.HR,
            Difficulty.MEDIUM,
            "",
            "How I deal with conflicts; feedback too",
            "conflict feedback",
        ),
    ],
)
def test_what_the_bank_has_on_a_wish_is_planned(
    bank: list[Question],
    type: InterviewType,
    level: Difficulty,
    role: str,
    words: str,
    tags: str,
) -> None:
    wanted = set(tags.split())
    of_type = [question for question in bank if question.type is type]
    known_role = match_role(role)
    available = sum(
        question.difficulty in LEVELS[level]
        and not wanted.isdisjoint(question.tags)
        and (known_role is None or not question.roles or known_role in question.roles)
        for question in of_type
    )
    assert available >= 2, "the bank has nothing to show it with"
    request = PlanRequest(
        type=type, difficulty=level, question_count=PLANNED, role=role, requirements=words
    )
    shown = [
        sum(not wanted.isdisjoint(q.tags) for q in planned(of_type, request, seed))
        for seed in SEEDS
    ]
    assert sum(shown) / len(SEEDS) >= LEAST_SHARE * min(available, PLANNED)


def test_what_is_not_wanted_is_not_asked_for(bank: list[Question]) -> None:
    words = "Postgres indexes; nothing about testing, no front-end"
    matches = match_questions(words, bank)
    found = {id: next(q for q in bank if q.id == id) for id in matches}
    for id, match in matches.items():
        if "testing" in found[id].tags or "frontend-engineer" in found[id].roles:
            assert match.relevance < 0
    best = max(matches, key=lambda id: matches[id].relevance)
    assert "indexing" in found[best].tags
    assert matches[best].relevance == 1


@pytest.mark.parametrize(
    ("words", "wanted", "unwanted"),
    [
        ("Postgres indexes, no front-end", ["postgres indexes"], ["frontend"]),
        ("queues but without Kafka or RabbitMQ", ["queues"], ["kafka", "rabbitmq"]),
        ("caching. Please don't ask about CSS. DNS", ["caching", "dns"], ["css"]),
        ("I'm not good at recursion", ["recursion"], []),
        ("I don't know Kubernetes yet; Node.js", ["kubernetes", "node js"], []),
        ("trees rather than graphs", ["trees"], ["graphs"]),
        ("please ask me questions, or not", [], []),
        ("", [], []),
    ],
)
def test_wishes_are_topics(words: str, wanted: list[str], unwanted: list[str]) -> None:
    wishes = read_wishes(words)
    assert [wish.stems for wish in wishes if wish.is_wanted] == [*map(stems_of, wanted)]
    assert [wish.stems for wish in wishes if not wish.is_wanted] == [*map(stems_of, unwanted)]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("grpah", "graph"),  # two that changed places
        ("rcat", None),
        ("hsah", "hash"),
        ("deadlok", "deadlock"),
        ("deadloock", "deadlock"),
        ("deadlick", "deadlock"),
        ("accessibilyt", "accessibility"),
        ("acesibility", "accessibility"),
        ("graph", "graph"),
        ("heash", "hash"),
        ("kgraph", None),
        ("xyz", None),
        ("paragraph", None),
    ],
)
def test_a_slip_of_the_keyboard_is_forgiven(word: str, meant: str | None) -> None:
    known = ["graph", "hash", "react", "deadlock", "accessibility"]
    assert nearest_word(word, known) == meant


@pytest.mark.parametrize(
    ("words", "tag"), [("grpahs", "graphs"), ("dynamic porgramming", "dynamic-programming")]
)
def test_a_search_forgives_letters_that_changed_places(
    bank: list[Question], words: str, tag: str
) -> None:
    found = find_questions(words, bank)
    best = max(found, key=lambda id: found[id])
    assert tag in next(question for question in bank if question.id == best).tags


def test_a_search_finds_all_the_words_or_nothing(bank: list[Question]) -> None:
    assert find_questions("graphs qqqqqqqq", bank) == {}
    assert find_questions("the of", bank) == {}
    assert find_questions("question", bank)
