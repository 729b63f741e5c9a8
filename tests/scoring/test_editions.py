"""What each reader may see, and that a recruiter's edition knows nothing of how it was spoken."""

from dataclasses import dataclass, replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from scoring.editions import edition
from scoring.model import Edition, Purpose, Report
from scoring.report import write_report
from sessions.facts import AnswerHeard, Fact, FillerHeard, RoomOpened, Timing, Word
from sessions.plan import Difficulty, InterviewType
from tests.scoring.build import rubric, rubrics
from tests.scoring.golden import load_log

REPORT: TypeAdapter[Report] = TypeAdapter(Report)
RUBRICS = rubrics(rubric(InterviewType.BEHAVIORAL, Difficulty.EASY))
DELIVERY_WORDS = ("filler", "pace", "pause", "articulation", "hedge", "fluency", "wpm")


@cache
def log() -> tuple[Fact, ...]:
    return tuple(load_log())


def write(purpose: Purpose, facts: tuple[Fact, ...] | None = None) -> Report:
    return write_report(log() if facts is None else facts, purpose=purpose, rubrics=RUBRICS)


# -- the wall --


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way to speak the same words."""

    keeps_fillers: bool
    timing: Timing
    response_ms: int | None
    shortened: float
    """What part of its time each turn takes: it ends sooner, and nothing else moves."""
    gap_ms: int
    word_ms: int
    fillers: tuple[str, ...]
    """Heard in every turn."""


WAYS = st.builds(
    Way,
    keeps_fillers=st.booleans(),
    timing=st.sampled_from([Timing.WORD, Timing.UTTERANCE]),
    response_ms=st.none() | st.integers(0, 60_000),
    shortened=st.floats(0.01, 1),
    gap_ms=st.integers(0, 9_000),
    word_ms=st.integers(20, 2_000),
    fillers=st.lists(st.sampled_from(["um", "uh", "you know", "like"]), max_size=30).map(tuple),
)


def speak(way: Way) -> tuple[Fact, ...]:
    """The golden log with other fillers, pauses, times of words, and another recogniser."""
    facts: list[Fact] = []
    for fact in log():
        match fact:
            case FillerHeard():
                pass
            case RoomOpened():
                facts.append(replace(fact, keeps_fillers=way.keeps_fillers))
            case AnswerHeard(timing=Timing.WORD | Timing.UTTERANCE):
                facts += speak_turn(fact, way)
            case _:
                facts.append(fact)
    return tuple(facts)


def speak_turn(fact: AnswerHeard, way: Way) -> list[Fact]:
    words: list[Word] = []
    at_ms = fact.started_ms
    for word in fact.words:
        words.append(replace(word, start_ms=at_ms, end_ms=at_ms + way.word_ms))
        at_ms += way.word_ms + way.gap_ms
    said = replace(
        fact,
        words=tuple(words),
        timing=way.timing,
        response_ms=way.response_ms,
        ended_ms=fact.started_ms + int((fact.ended_ms - fact.started_ms) * way.shortened),
    )
    fillers = [
        FillerHeard(
            at_ms=fact.at_ms,
            turn=fact.turn,
            filler=filler,
            start=place,
            end=place + 1,
            start_ms=fact.started_ms,
            end_ms=fact.started_ms + way.word_ms,
        )
        for place, filler in enumerate(way.fillers)
    ]
    return [said, *fillers]


@cache
def seen_of_golden(purpose: Purpose, whom: Edition, shares_scores: bool = False) -> Report:
    return edition(write(purpose), whom, shares_scores=shares_scores)


@pytest.mark.parametrize("purpose", Purpose)
@settings(max_examples=40)
@given(way=WAYS)
def test_a_recruiters_edition_is_the_same_however_it_was_spoken(purpose: Purpose, way: Way) -> None:
    seen = edition(write(purpose, speak(way)), Edition.RECRUITER)
    assert seen == seen_of_golden(purpose, Edition.RECRUITER)


@settings(max_examples=40)
@given(way=WAYS)
def test_nor_does_it_change_what_a_candidate_sees_of_a_hiring_interview(way: Way) -> None:
    whole = write(Purpose.HIRING, speak(way))
    for shares in (False, True):
        seen = edition(whole, Edition.CANDIDATE, shares_scores=shares)
        assert seen == seen_of_golden(Purpose.HIRING, Edition.CANDIDATE, shares)


def test_it_does_change_what_a_candidate_sees_of_a_practice() -> None:
    """Else the wall would stand before nothing."""
    way = Way(
        keeps_fillers=True,
        timing=Timing.WORD,
        response_ms=9_000,
        shortened=1,
        gap_ms=900,
        word_ms=900,
        fillers=("um",) * 20,
    )
    assert edition(write(Purpose.PRACTICE, speak(way)), Edition.CANDIDATE) != seen_of_golden(
        Purpose.PRACTICE, Edition.CANDIDATE
    )


# -- who sees what --


def test_a_candidate_sees_everything_of_a_practice() -> None:
    whole = write(Purpose.PRACTICE)
    seen = edition(whole, Edition.CANDIDATE)
    assert seen == replace(whole, edition=Edition.CANDIDATE, content_scores=None)
    assert seen.delivery is not None and seen.scores is not None
    assert [part.id for part in seen.scores.parts] == ["content", "delivery"]
    assert seen.improvements.items
    assert any(line.fillers for line in seen.transcript)


@pytest.mark.parametrize("purpose", Purpose)
def test_a_recruiter_sees_no_delivery_and_no_coaching(purpose: Purpose) -> None:
    seen = edition(write(purpose), Edition.RECRUITER)
    assert seen.delivery is None and seen.scores is not None and seen.content_scores is None
    assert [part.id for part in seen.scores.parts] == ["content"]
    assert seen.scores.delivery_parts == ()
    assert seen.improvements.items == ()
    assert all(part.advice == "" for question in seen.questions for part in question.star)
    assert any(part.quotes for question in seen.questions for part in question.star)
    assert seen.strengths.items and seen.weaknesses.items
    assert not any(line.fillers for line in seen.transcript)


@pytest.mark.parametrize("purpose", Purpose)
def test_no_number_of_delivery_is_left_in_a_recruiters_json(purpose: Purpose) -> None:
    seen = edition(write(purpose), Edition.RECRUITER)
    stripped = replace(seen, transcript=(), questions=())  # what people said themselves
    text = REPORT.dump_json(stripped).decode().lower().replace('"delivery":null', "")
    text = text.replace('"delivery_parts":[]', "")
    assert not [word for word in (*DELIVERY_WORDS, "delivery") if word in text]


def test_a_hiring_interview_is_not_assessed_before_its_candidate_unless_shared() -> None:
    whole = write(Purpose.HIRING)
    seen = edition(whole, Edition.CANDIDATE)
    assert (seen.scores, seen.content_scores, seen.delivery) == (None, None, None)
    assert seen.coverage.questions_answered == whole.coverage.questions_answered == 2
    assert seen.coverage.key_points_total == 0
    for findings in (seen.strengths, seen.weaknesses, seen.improvements):
        assert findings.items == () and "not shared" in findings.note
    for question in seen.questions:
        assert not (question.key_points or question.star or question.model_answer)
        assert not question.common_mistakes
    assert [part.text for part in seen.questions[0].answers] == [
        part.text for part in whole.questions[0].answers
    ]
    shared = edition(whole, Edition.CANDIDATE, shares_scores=True)
    assert shared.scores is not None and shared.strengths == whole.strengths
    assert shared.delivery is None


def test_an_edition_is_made_from_the_whole_report_only() -> None:
    whole = write(Purpose.PRACTICE)
    assert edition(whole, Edition.WHOLE) is whole
    for whom in (Edition.CANDIDATE, Edition.RECRUITER):
        with pytest.raises(ValueError, match="already"):
            edition(edition(whole, whom), Edition.CANDIDATE)


@pytest.mark.parametrize("whom", Edition)
def test_an_edition_survives_json(whom: Edition) -> None:
    seen = edition(write(Purpose.HIRING), whom)
    assert REPORT.validate_json(REPORT.dump_json(seen)) == seen
