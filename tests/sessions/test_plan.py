"""Choosing the questions of an interview: what fits the time, the level, the role, the person."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.errors import InputInvalid, NoQuestions
from sessions.ids import KeyPointId, QuestionId
from sessions.plan import (
    LEVELS,
    Difficulty,
    InterviewType,
    KeyPoint,
    PlanRequest,
    Question,
    choose_questions,
    planned_minutes,
)
from sessions.roles import Role, match_role

POINT = KeyPoint(id=KeyPointId("k"), point="A point", phrasings=("this",), follow_up="And?")


def question(
    name: str, difficulty: int = 5, minutes: int = 5, *, tags: str = "", roles: str = ""
) -> Question:
    return Question(
        id=QuestionId(name),
        version=1,
        type=InterviewType.DSA,
        difficulty=difficulty,
        minutes=minutes,
        text=name,
        spoken=name,
        rephrase=name,
        key_points=(POINT,),
        tags=tuple(tags.split()) or (name,),
        roles=tuple(roles.split()),
    )


def request(minutes: int | None = 30, **changes: object) -> PlanRequest:
    asked = PlanRequest(
        type=InterviewType.DSA,
        difficulty=Difficulty.MEDIUM,
        question_count=0,
        duration_minutes=minutes,
    )
    return replace(asked, **changes)


def names(questions: tuple[Question, ...]) -> list[str]:
    return [question.id for question in questions]


BANK = [
    question(f"d{difficulty}-{number}", difficulty, 2 + difficulty // 2 + number % 3)
    for difficulty in range(1, 11)
    for number in range(5)
]


@pytest.mark.parametrize("minutes", [15, 20, 25, 30, 45, 60])
@pytest.mark.parametrize("difficulty", list(Difficulty))
def test_a_plan_fits_its_duration(difficulty: Difficulty, minutes: int) -> None:
    for seed in "abc":
        plan = choose_questions(BANK, request(minutes, difficulty=difficulty), seed=seed)
        assert 0.75 * minutes <= planned_minutes(plan) <= minutes
        assert 2 <= len(plan) <= 7
        assert [one.difficulty for one in plan] == sorted(one.difficulty for one in plan)


@pytest.mark.parametrize("minutes", [30, 45, 60])
def test_half_an_hour_or_more_has_five_to_seven_questions_of_the_level(minutes: int) -> None:
    plan = choose_questions(BANK, request(minutes), seed="a")
    assert 5 <= len(plan) <= 7
    assert {one.difficulty for one in plan} <= set(LEVELS[Difficulty.MEDIUM])


@given(
    minutes=st.lists(st.integers(1, 60), min_size=1, max_size=30),
    duration=st.integers(15, 60),
    count=st.sampled_from([0, 2, 5, 7]),
    seed=st.text(max_size=5),
)
def test_whatever_the_bank_a_plan_is_never_too_long(
    minutes: list[int], duration: int, count: int, seed: str
) -> None:
    bank = [
        question(f"q{place}", 1 + place % 10, own, tags=f"t{place % 3}")
        for place, own in enumerate(minutes)
    ]
    asked = request(duration, question_count=count)
    plan = choose_questions(bank, asked, seed=seed)
    assert 1 <= len(plan) <= (count or 7)
    assert len(set(names(plan))) == len(plan)
    assert planned_minutes(plan) <= duration
    assert plan == choose_questions(bank, asked, seed=seed)


def test_the_same_seed_gives_the_same_plan_in_any_order_of_the_bank() -> None:
    plans = {
        seed: choose_questions(BANK, request(), seed=seed) for seed in ("a", "b", "c", "d", "e")
    }
    assert all(plans[seed] == choose_questions(BANK[::-1], request(), seed=seed) for seed in plans)
    assert len({tuple(names(plan)) for plan in plans.values()}) > 1


def test_short_questions_are_given_more_minutes_when_there_is_time() -> None:
    bank = [question(f"q{number}", 2, 3) for number in range(20)]
    plan = choose_questions(bank, request(45, difficulty=Difficulty.EASY), seed="a")
    assert (len(plan), planned_minutes(plan)) == (7, 34)
    assert {one.minutes for one in plan} == {4, 5}
    assert {one.minutes for one in bank} == {3}


def test_a_question_is_never_given_more_than_twice_its_minutes() -> None:
    plan = choose_questions([question("only", 5, 3)], request(60), seed="a")
    assert [one.minutes for one in plan] == [6]


def test_a_count_and_a_duration_are_both_kept() -> None:
    plan = choose_questions(BANK, request(20, question_count=2), seed="a")
    assert len(plan) == 2
    assert planned_minutes(plan) <= 20
    assert len(choose_questions(BANK, request(None, question_count=6), seed="a")) == 6


def test_the_bounds_of_the_settings_hold() -> None:
    assert len(choose_questions(BANK, request(60), seed="a", counts=(2, 3))) == 3
    assert len(choose_questions(BANK, request(15), seed="a", counts=(4, 7))) == 4


def test_no_three_share_a_tag_unless_it_is_asked_for() -> None:
    bank = [question(f"same{number}", tags=f"caching own{number}") for number in range(8)]
    bank += [question(f"other{number}", tags=f"queues own{number}") for number in range(3)]
    bank += [question(f"near{number}", 7, tags=f"sharding own{number}") for number in range(3)]
    tags = Counter(tag for one in choose_questions(bank, request(), seed="a") for tag in one.tags)
    assert max(tags.values()) == 2
    focused = choose_questions(bank, request(focus_areas=("Caching",)), seed="a")
    assert sum("caching" in one.tags for one in focused) == len(focused) > 2


def test_recent_questions_come_last_and_the_latest_of_them_last_of_all() -> None:
    bank = [question(f"q{number}") for number in range(8)]
    recent = [QuestionId(f"q{number}") for number in range(4)]
    plan = choose_questions(bank, request(30), seed="a", recent=recent)
    assert set(names(plan)) == {"q2", "q3", "q4", "q5", "q6", "q7"}


def test_what_is_relevant_comes_first() -> None:
    relevance = {QuestionId("d4-4"): 1.0, QuestionId("d6-0"): 0.6, QuestionId("d5-1"): 0.1}
    for seed in "abcdef":
        plan = choose_questions(BANK, request(), seed=seed, relevance=relevance)
        assert {"d4-4", "d6-0"} <= set(names(plan))


def test_questions_of_the_role_come_before_those_of_others() -> None:
    bank = [question(f"back{n}", roles="backend-engineer") for n in range(3)]
    bank += [question(f"any{n}") for n in range(3)]
    bank += [question(f"data{n}", roles="data-scientist") for n in range(6)]
    plan = choose_questions(bank, request(role="Senior back-end developer"), seed="a")
    assert set(names(plan)) >= {"back0", "back1", "back2"}
    assert not [name for name in names(plan) if name.startswith("data")]


def test_a_technical_interview_without_a_role_is_a_software_engineers() -> None:
    bank = [
        replace(question(f"{role}{n}", roles=role), type=InterviewType.TECHNICAL)
        for role in Role
        for n in range(6)
    ]
    plan = choose_questions(bank, request(type=InterviewType.TECHNICAL), seed="a")
    asked = {role for one in plan for role in one.roles}
    assert asked == {Role.SOFTWARE_ENGINEER}


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("frontend-engineer", Role.FRONTEND_ENGINEER),
        ("Senior Front-End Developer (React)", Role.FRONTEND_ENGINEER),
        ("backend engineer", Role.BACKEND_ENGINEER),
        ("Bakend enginer", Role.BACKEND_ENGINEER),
        ("SRE", Role.DEVOPS_ENGINEER),
        ("Site Reliability Engineer", Role.DEVOPS_ENGINEER),
        ("Machine learning engineer", Role.DATA_SCIENTIST),
        ("Data platform product manager", Role.PRODUCT_MANAGER),
        ("Product owner", Role.PRODUCT_MANAGER),
        ("Full-stack developer, front and back end", Role.SOFTWARE_ENGINEER),
        ("programmer", Role.SOFTWARE_ENGINEER),
        ("Nurse", None),
        ("", None),
        ("日本語", None),
    ],
)
def test_roles_are_known_by_what_people_call_them(text: str, role: Role | None) -> None:
    assert match_role(text) is role


def test_core_questions_are_the_plan_in_their_order() -> None:
    core = (QuestionId("d9-1"), QuestionId("d1-0"), QuestionId("d5-2"))
    asked = request(15, core_questions=core, type=InterviewType.HR)
    for seed in "ab":
        plan = choose_questions(BANK, asked, seed=seed, recent=core)
        assert plan == tuple(next(one for one in BANK if one.id == id) for id in core)


def test_a_core_question_that_does_not_exist_is_named() -> None:
    asked = request(core_questions=(QuestionId("d1-0"), QuestionId("gone")))
    with pytest.raises(InputInvalid) as failed:
        choose_questions(BANK, asked, seed="a")
    assert failed.value.fields == {"core_questions": "There is no question gone."}


def test_a_bank_without_the_type_is_said_so() -> None:
    with pytest.raises(NoQuestions, match="hr"):
        choose_questions(BANK, request(type=InterviewType.HR), seed="a")
