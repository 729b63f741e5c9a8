"""What an interview sets out to ask: questions, key points, and the plan made from them."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sessions.errors import InputInvalid, NoQuestions
from sessions.ids import KeyPointId, QuestionId
from sessions.roles import RELATED, Role, match_role


class InterviewType(StrEnum):
    JAVASCRIPT = "javascript"
    MACHINE_CODING = "machine_coding"
    DSA = "dsa"
    SYSTEM_DESIGN = "system_design"
    BEHAVIORAL = "behavioral"
    TECHNICAL = "technical"
    HR = "hr"


class Difficulty(StrEnum):
    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"
    EXPERT = "expert"


class Phase(StrEnum):
    """The part of a long answer a key point belongs to; a question's phases come in this order."""

    REQUIREMENTS = "requirements"
    APPROACH = "approach"
    DEEP_DIVE = "deep_dive"
    TRADE_OFFS = "trade_offs"


class Purpose(StrEnum):
    """What an interview is for. Nobody is hired by how they sound: see `scoring.scores`."""

    PRACTICE = "practice"
    HIRING = "hiring"


class Patience(StrEnum):
    """How long the interviewer waits before it takes a pause for the end of an answer."""

    NORMAL = "normal"
    PATIENT = "patient"
    VERY_PATIENT = "very_patient"


LEVELS: dict[Difficulty, range] = {
    Difficulty.EASY: range(1, 4),
    Difficulty.MEDIUM: range(4, 7),
    Difficulty.HARD: range(7, 9),
    Difficulty.EXPERT: range(9, 11),
}
"""The question bank's 1-10 scale, cut into the levels a person chooses from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPoint:
    """One thing a good answer says, and how people say it."""

    id: KeyPointId
    point: str
    phrasings: tuple[str, ...]
    follow_up: str
    star: str | None = None
    phase: Phase | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question of the bank, as it was when the plan was made (its version is kept)."""

    id: QuestionId
    version: int
    type: InterviewType
    difficulty: int
    minutes: int
    text: str
    spoken: str
    rephrase: str
    key_points: tuple[KeyPoint, ...]
    tags: tuple[str, ...] = ()
    competencies: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    """Those it is for; empty: everybody who is asked questions of its type."""
    common_mistakes: tuple[str, ...] = ()
    model_answer: str = ""

    def key_point(self, key_point_id: KeyPointId) -> KeyPoint:
        return next(point for point in self.key_points if point.id == key_point_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """What the person asked for when the interview was set up.

    Either `question_count` or `duration_minutes` says how much is asked; both together: at most so
    many questions, within that time.
    """

    type: InterviewType
    difficulty: Difficulty
    question_count: int
    """0: as many as fit the duration."""
    role: str = ""
    focus_areas: tuple[str, ...] = ()
    language: str = "en"
    patience: Patience = Patience.NORMAL
    purpose: Purpose = Purpose.PRACTICE
    duration_minutes: int | None = None
    requirements: str = ""
    """What else it should be about, in the person's own words. Data, never an instruction."""
    core_questions: tuple[QuestionId, ...] = ()
    """When there are any, they are the plan: the same for everybody, in this order."""


# -- the choice ----------------------------------------------------------------------------------

COUNTS = (2, 7)
"""Fewest and most questions of a plan that is made for a duration."""
USUAL_COUNT = 5
"""As few as a plan has, once so many fit."""
FILLED = 0.75
"""This part of the duration is planned at least."""
LONGEST_STRETCH = 2
"""A question is given so many times its minutes at most, when even the longest leave time over."""
SHORT_MINUTES = 30
"""A shorter plan may have fewer questions than is usual."""
SAME_TAG = 2
"""Questions of one plan that share a tag, unless it is a focus area."""
RELEVANT = 0.5
"""From this relevance on (0-1) a question counts as asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    question: Question
    closeness: tuple[int, int]
    """How far it is from the role, then from the level; 0 is right."""
    standing: tuple[int, int, bool]
    """Not asked for, asked recently, for everybody and not for this role."""
    tie: tuple[float, str]
    tags: frozenset[str]

    @property
    def minutes(self) -> int:
        return self.question.minutes


def choose_questions(
    bank: Iterable[Question],
    request: PlanRequest,
    *,
    seed: str,
    recent: Sequence[QuestionId] = (),
    relevance: Mapping[QuestionId, float] | None = None,
    counts: tuple[int, int] = COUNTS,
) -> tuple[Question, ...]:
    """Pick questions of the type, reproducibly for a seed; or the core questions, as they are.

    With a duration: `counts[0]` to `counts[1]` of them, whose minutes are at most the duration and
    three quarters of it at least. When the bank's are too short for that, they are given more
    minutes. Without: `request.question_count`.

    Questions for the role and of the level come first, then the nearest; among equals those whose
    tags the plan does not have twice already, then those that match a focus area or are relevant
    (0-1, by id), then those not asked recently (`recent`: the latest first), then a seeded
    shuffle. The result is ordered from easier to harder, so that an interview warms up.

    Raises NoQuestions when the bank has none of the type, InputInvalid for a core question that it
    does not have.
    """
    if request.core_questions:
        return _core_questions(bank, request.core_questions)
    of_type = [question for question in bank if question.type == request.type]
    if not of_type:
        raise NoQuestions(type=request.type.value)
    candidates = _rank(of_type, request, seed, recent, relevance or {})
    limit_minutes = request.duration_minutes
    pool, count = _pool(candidates, _most(candidates, request, counts), counts[0], limit_minutes)
    # From here on it is `count` of the pool, whatever is preferred: see count_questions.
    focus = frozenset(_slug(area) for area in request.focus_areas)
    chosen = _pick(pool, _next_nearest(candidates, pool), count, focus, limit_minutes)
    if limit_minutes is not None:
        chosen = _fill_time(chosen, limit_minutes)
    return tuple(sorted(chosen, key=lambda question: (question.difficulty, question.id)))


def count_questions(
    bank: Iterable[Question], request: PlanRequest, *, counts: tuple[int, int] = COUNTS
) -> int:
    """How many questions `choose_questions` picks for such a request; wishes change which, and not
    how many. Raises NoQuestions when the bank has none of the type."""
    of_type = [question for question in bank if question.type == request.type]
    if not of_type:
        raise NoQuestions(type=request.type.value)
    candidates = _rank(of_type, request, "", (), {})
    most = _most(candidates, request, counts)
    return _pool(candidates, most, counts[0], request.duration_minutes)[1]


def planned_minutes(questions: Sequence[Question]) -> int:
    return sum(question.minutes for question in questions)


def _core_questions(bank: Iterable[Question], ids: Sequence[QuestionId]) -> tuple[Question, ...]:
    known = {question.id: question for question in bank}
    if unknown := [id for id in ids if id not in known]:
        raise InputInvalid(
            "Some of the core questions do not exist.",
            fields={"core_questions": f"There is no question {', '.join(unknown)}."},
        )
    return tuple(known[id] for id in dict.fromkeys(ids))


def _rank(
    questions: Sequence[Question],
    request: PlanRequest,
    seed: str,
    recent: Sequence[QuestionId],
    relevance: Mapping[QuestionId, float],
) -> list[_Candidate]:
    level = LEVELS[request.difficulty]
    focus = frozenset(_slug(area) for area in request.focus_areas)
    role = match_role(request.role)
    if role is None and request.type is InterviewType.TECHNICAL:
        role = Role.SOFTWARE_ENGINEER
    age = {id: len(recent) - place for place, id in reversed(list(enumerate(recent)))}

    def candidate(question: Question) -> _Candidate:
        tags = frozenset(_slug(tag) for tag in question.tags)
        matches = len(focus & tags)
        relevant = relevance.get(question.id, 0.0)
        distance = max(level[0] - question.difficulty, question.difficulty - level[-1], 0)
        is_asked_for = matches > 0 or relevant >= RELEVANT
        is_general = role is not None and role not in question.roles
        return _Candidate(
            question=question,
            closeness=(_role_distance(question, role), distance),
            standing=(not is_asked_for, age.get(question.id, 0), is_general),
            tags=tags,
            tie=(-matches - relevant, hashlib.sha256(f"{seed}:{question.id}".encode()).hexdigest()),
        )

    return [candidate(question) for question in questions]


def _role_distance(question: Question, role: Role | None) -> int:
    if role is None or not question.roles or role in question.roles:
        return 0
    is_related = not RELATED[role].isdisjoint(question.roles)
    # A software engineer is asked of both ends: there are few questions for nobody in particular.
    if is_related and role is Role.SOFTWARE_ENGINEER:
        return 0
    return 1 if is_related else 2


def _most(candidates: Sequence[_Candidate], request: PlanRequest, counts: tuple[int, int]) -> int:
    """How many questions are wanted, by the usual length of the nearest ones."""
    limit_minutes, asked = request.duration_minutes, request.question_count
    if limit_minutes is None:
        return asked or USUAL_COUNT
    closest = min(candidate.closeness for candidate in candidates)
    nearest = [candidate for candidate in candidates if candidate.closeness == closest]
    usual_minutes = sum(candidate.minutes for candidate in nearest) / len(nearest)
    least, most = counts
    count = min(max(round(limit_minutes / usual_minutes), least), most)
    if count < USUAL_COUNT <= most and limit_minutes >= SHORT_MINUTES:
        count = USUAL_COUNT if _fits(nearest, USUAL_COUNT, limit_minutes) else count
    return min(count, asked) if asked else count


def _pool(
    candidates: Sequence[_Candidate], most: int, least: int, limit_minutes: int | None
) -> tuple[list[_Candidate], int]:
    """The nearest questions that a plan can be made of, and how many of them it takes.

    Rather fewer questions than strange ones, but no fewer than is usual.
    """
    reaches = sorted({candidate.closeness for candidate in candidates})
    usual = USUAL_COUNT if most >= USUAL_COUNT else least
    for floor in (most if limit_minutes is None else usual, min(least, most), 1):
        for reach in reaches:
            pool = [candidate for candidate in candidates if candidate.closeness <= reach]
            for count in range(most, floor - 1, -1):
                if _fits(pool, count, limit_minutes) and _fills(pool, count, limit_minutes):
                    return pool, count
    fitting = [n for n in range(1, most + 1) if _fits(candidates, n, limit_minutes)]
    if fitting:
        return list(candidates), fitting[-1]
    return [min(candidates, key=lambda candidate: candidate.minutes)], 1


def _next_nearest(candidates: Sequence[_Candidate], pool: Sequence[_Candidate]) -> list[_Candidate]:
    """For when those of the pool are too much of the same."""
    reach = max(candidate.closeness for candidate in pool)
    farther = {candidate.closeness for candidate in candidates if candidate.closeness > reach}
    return [one for one in candidates if farther and one.closeness == min(farther)]


def _fits(pool: Sequence[_Candidate], count: int, limit_minutes: int | None) -> bool:
    shortest = sorted(candidate.minutes for candidate in pool)[:count]
    is_short_enough = limit_minutes is None or sum(shortest) <= limit_minutes
    return len(shortest) == count and is_short_enough


def _fills(pool: Sequence[_Candidate], count: int, limit_minutes: int | None) -> bool:
    if limit_minutes is None:
        return True
    longest = sorted(candidate.minutes for candidate in pool)[-count:]
    return sum(longest) * LONGEST_STRETCH >= limit_minutes * FILLED


def _pick(
    pool: Sequence[_Candidate],
    relief: Sequence[_Candidate],
    count: int,
    focus: frozenset[str],
    limit_minutes: int | None,
) -> list[Question]:
    """One after the other, each leaving minutes enough for the rest, and not too many."""
    rest, chosen = list(pool), list[_Candidate]()
    tags: Counter[str] = Counter()

    def is_too_much(candidate: _Candidate) -> bool:
        return any(tags[tag] >= SAME_TAG for tag in candidate.tags - focus)

    def order(candidate: _Candidate) -> tuple[object, ...]:
        shared = sum(tags[tag] for tag in candidate.tags - focus)
        too_much = is_too_much(candidate)
        return (too_much, candidate.closeness, candidate.standing, shared, candidate.tie)

    while rest and len(chosen) < count:
        left = count - len(chosen) - 1
        spent = sum(candidate.minutes for candidate in chosen)
        usable = _usable(rest, rest, left, spent, limit_minutes) or rest
        if all(is_too_much(candidate) for candidate in usable):
            fresh = [one for one in relief if one not in chosen]
            usable = usable + _usable(fresh, rest, left, spent, limit_minutes)
        best = min(usable, key=order)
        if best in rest:
            rest.remove(best)
        chosen.append(best)
        tags.update(best.tags)
    return [candidate.question for candidate in chosen]


def _usable(
    candidates: Sequence[_Candidate],
    rest: Sequence[_Candidate],
    left: int,
    spent: int,
    limit_minutes: int | None,
) -> list[_Candidate]:
    """Those after which `left` more of the rest fit into the time; and fill it, when any do, by
    their own minutes or else by what they can be given."""
    if limit_minutes is None:
        return list(candidates)
    minutes = sorted(candidate.minutes for candidate in rest)
    fitting, most = list[_Candidate](), list[int]()
    for candidate in candidates:
        others = minutes
        if candidate in rest:
            place = bisect_left(minutes, candidate.minutes)
            others = minutes[:place] + minutes[place + 1 :]
        if spent + candidate.minutes + sum(others[:left]) > limit_minutes:
            continue
        fitting.append(candidate)
        most.append(spent + candidate.minutes + (sum(others[-left:]) if left else 0))
    for stretch in (1, LONGEST_STRETCH):
        enough = limit_minutes * FILLED / stretch
        filling = [one for one, minutes in zip(fitting, most, strict=True) if minutes >= enough]
        if filling:
            return filling
    return fitting


def _fill_time(chosen: Sequence[Question], limit_minutes: int) -> list[Question]:
    """The questions with minutes that fit, where the bank's do not."""
    minutes = [min(question.minutes, limit_minutes) for question in chosen]
    most = [LONGEST_STRETCH * own for own in minutes]
    while sum(minutes) < min(limit_minutes * FILLED, sum(most)):
        shares = [given / limit for given, limit in zip(minutes, most, strict=True)]
        minutes[shares.index(min(shares))] += 1
    return [
        question if question.minutes == given else replace(question, minutes=given)
        for question, given in zip(chosen, minutes, strict=True)
    ]


def _slug(text: str) -> str:
    return "-".join(text.lower().replace("-", " ").split())
