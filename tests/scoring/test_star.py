"""The structure of answers: a story's elements with their words, phases, sentences."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.model import KeyPointResult, Quote, StarElement
from scoring.star import StarFlags, find_star, structure_share, words_per_sentence
from sessions.facts import AnswerHeard, Coverage
from sessions.ids import KeyPointId
from sessions.plan import KeyPoint, Phase, Question
from tests.scoring.bank import bank_files, load_bank
from tests.scoring.build import T0, heard, question

SITUATION, TASK, ACTION, RESULT = StarElement

STORY = (
    "Last spring our payment service failed twice a week. I was asked to find out why before the "
    "summer sale. I wrote a small load test and I proposed to split the queue. In the end the "
    "failures dropped from eight a month to one."
)


def star(*texts: str, points: tuple[KeyPointResult, ...] = (), language: str = "en") -> StarFlags:
    answers = [heard(text, turn=turn, at=1_000) for turn, text in enumerate(texts, start=1)]
    return find_star(points, answers, began_ms=T0, language=language)


def shown(flags: StarFlags) -> set[StarElement]:
    return {flag.element for flag in flags.flags if flag.is_there}


def point(
    id: str,
    coverage: Coverage = Coverage.MISSING,
    *,
    star: str | None = None,
    quotes: tuple[Quote, ...] = (),
) -> KeyPointResult:
    return KeyPointResult(
        id=KeyPointId(id),
        point=id,
        star=star,
        coverage=coverage,
        quotes=quotes,
        was_probed=False,
        example="",
    )


def test_a_whole_story_shows_all_four_with_its_words() -> None:
    flags = star(STORY)

    assert shown(flags) == set(StarElement)
    assert flags.completeness == 1
    assert not flags.is_only_we
    by_element = {flag.element: flag.quotes[0].text for flag in flags.flags}
    assert by_element[SITUATION].startswith("Last spring")
    assert by_element[TASK].startswith("I was asked")
    assert by_element[ACTION].startswith("I wrote a small load test")
    assert by_element[RESULT].startswith("In the end")


@pytest.mark.parametrize(
    ("text", "element"),
    [
        ("when i was working at a bank", SITUATION),
        ("at my previous company everybody shared one database", SITUATION),
        ("two years ago there were three of us", SITUATION),
        ("back in 2019 nobody tested anything", SITUATION),
        ("my task was the migration", TASK),
        ("so it was up to me to tell the customer", TASK),
        ("we had to be done by Friday", TASK),
        ("the deadline was Monday", TASK),
        ("I then quickly rewrote the importer", ACTION),
        ("so i called the customer and said sorry", ACTION),
        ("I\u2019ve built a dashboard for it", ACTION),
        ("what I did was to sit with her every morning", ACTION),
        ("I decided against it", ACTION),
        ("as a result nobody had to work at night", RESULT),
        ("we ended up with one release a day", RESULT),
        ("page loads went from 9 seconds to two", RESULT),
        ("it saved us about twenty percent of the bill", RESULT),
        ("within three weeks she worked alone", RESULT),
        ("since then i ask first", RESULT),
        ("I learnt to write things down", RESULT),
    ],
)
def test_what_shows_an_element(text: str, element: StarElement) -> None:
    flags = star(text)

    assert element in shown(flags)


@pytest.mark.parametrize(
    "text",
    [
        "I would propose a meeting and I would write it down",  # nothing was done
        "you should always talk to people",
        "they built it without me",
        "we built it together",
        "I was there and I thought about it and I felt sorry",
        "I did not call anybody",
        "the user asked for it",
        "",
    ],
)
def test_what_shows_no_action_of_ones_own(text: str) -> None:
    assert ACTION not in shown(star(text))


@pytest.mark.parametrize("text", ["we use numbers such as 12 and 40 percent", "it is the best way"])
def test_a_number_alone_is_no_result(text: str) -> None:
    assert RESULT not in shown(star(text))


def test_a_team_that_did_everything_is_flagged_with_its_words() -> None:
    flags = star("We rewrote the importer and we moved the database. In the end it worked.")

    assert flags.is_only_we
    assert flags.we_quotes
    assert ACTION not in shown(flags)


@pytest.mark.parametrize(
    "texts",
    [
        ("We rewrote the importer.",),  # once is a way to speak
        ("We rewrote the importer and we moved the database. I wrote the tests.",),
        ("We rewrote the importer and we moved the database.", "I tested it myself"),
        ("We are four people and we have a cat",),
        (),
    ],
)
def test_who_names_an_own_action_is_not_flagged(texts: tuple[str, ...]) -> None:
    flags = star(*texts)

    assert not flags.is_only_we
    assert flags.we_quotes == ()


def test_the_key_points_words_come_first_and_are_not_said_twice() -> None:
    text = "I wrote a load test."
    quote = Quote(turn=1, text=text, start=0, end=len(text), offset_ms=1_000)
    flags = star(text, points=(point("test", Coverage.COVERED, star="action", quotes=(quote,)),))

    assert flags.flags[2].quotes == (quote,)


def test_in_another_language_the_key_points_alone_decide() -> None:
    quote = Quote(turn=1, text="Ich habe", start=0, end=8, offset_ms=1_000)
    found = (point("a", Coverage.COVERED, star="action", quotes=(quote,)),)

    assert shown(star("Ich habe I wrote in the end", points=found, language="de")) == {ACTION}
    assert shown(star(STORY, language="en-GB")) == set(StarElement)


def test_the_model_answers_of_the_bank_tell_whole_stories() -> None:
    asked = [
        one
        for path in bank_files()
        if path.parent.name == "behavioral"
        for one in load_bank(path)
        if sum(key.star is not None for key in one.key_points) >= 3
    ]
    told = [star(one.model_answer) for one in asked]

    assert len(told) > 20
    assert not any(flags.is_only_we for flags in told)
    # By the lexicon alone, without key points.
    for element, share in ((SITUATION, 0.6), (ACTION, 0.95), (RESULT, 0.6)):
        assert sum(flags.is_there(element) for flags in told) >= share * len(told), element


WORDS = st.sampled_from(
    [*STORY.split(), "we", "built", "I", "decided", ",", "\u0130", "\n", "5 %", "\u201cno\u201d"]
)


@given(st.lists(st.lists(WORDS, max_size=40).map(" ".join), max_size=3))
def test_every_quote_stands_where_it_says(texts: list[str]) -> None:
    flags = star(*texts)

    quotes = [quote for flag in flags.flags for quote in flag.quotes] + list(flags.we_quotes)
    for quote in quotes:
        assert quote.text
        assert texts[quote.turn - 1][quote.start : quote.end] == quote.text
        assert quote.offset_ms == 1_000


# -- structure -------------------------------------------------------------------------------------


def phased(*phases: Phase | None) -> Question:
    return replace(
        question(),
        key_points=tuple(
            KeyPoint(
                id=KeyPointId(f"p{place}"), point="p", phrasings=("p",), follow_up="p?", phase=phase
            )
            for place, phase in enumerate(phases)
        ),
    )


def test_a_phase_counts_as_its_best_key_point() -> None:
    asked = phased(Phase.APPROACH, Phase.APPROACH, Phase.DEEP_DIVE, Phase.TRADE_OFFS)
    points = [
        point("p0"),
        point("p1", Coverage.COVERED),
        point("p2", Coverage.PARTLY),
        point("p3"),
    ]

    assert structure_share(asked, points) == 0.5


def test_a_question_of_one_part_has_no_structure() -> None:
    assert structure_share(phased(None, None), [point("p0", Coverage.COVERED)]) is None
    assert structure_share(phased(Phase.APPROACH), [point("p0", Coverage.COVERED)]) is None


def test_a_story_counts_its_elements() -> None:
    base = phased(None, None)
    asked = replace(
        base,
        key_points=tuple(
            replace(one, star=name)
            for one, name in zip(base.key_points, ("action", "result"), strict=True)
        ),
    )
    points = [point("p0", Coverage.COVERED, star="action"), point("p1", star="result")]

    assert structure_share(asked, points) == 0.5
    assert structure_share(asked, points, star(STORY)) == 1


# -- sentences -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "value"),
    [
        (("One two three. Four five six seven eight.",), 4.0),
        (("One two.", "Three four five six?"), 3.0),
        (("It costs 3.5 seconds. Yes",), 2.5),
        (("one " * 45,), None),
        (("...",), None),
        ((), None),
    ],
)
def test_words_per_sentence(texts: tuple[str, ...], value: float | None) -> None:
    answers: list[AnswerHeard] = [heard(text, turn=turn) for turn, text in enumerate(texts)]
    measure = words_per_sentence(answers)

    assert measure.value == value
    assert measure.is_measured is (value is not None)
    assert bool(measure.note) is (value is None)
