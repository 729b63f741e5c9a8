import pytest

from scoring.pauses import find_pauses
from sessions.facts import AnswerHeard, Timing
from tests.scoring.build import heard
from tests.scoring.labelled_fillers import read_line


def answer(line: str) -> AnswerHeard:
    """A pause of 450 ms stands at each "|"."""
    sentence = read_line(line)
    return heard(sentence.text, timing=Timing.WORD, words=sentence.words)


@pytest.mark.parametrize(
    ("line", "boundaries"),
    [
        ("We measured it. |Then we cut it.", [True]),
        ("we measured it, |the slow part, |first", [True, True]),
        ("we measured |the slow part", [False]),
        ("we measured it |and we cut it", [True]),
        ("we measured it and |we cut it", [False]),
        ("it was slow |because of the index", [True]),
        ("it was slow because |of the index", [False]),
        ("I asked her |we agreed", [True]),
        ("what did |we learn", [False]),
        ("we measured it um |and we cut it", [True]),
        ("we measured it |um and we cut it", [True]),
        ("we measured, um, |the slow part", [False]),
        ("we |[um] |we tried", [False, False]),
        ("the for-each |loop ran", [False]),
    ],
)
def test_where_a_pause_stands(line: str, boundaries: list[bool]) -> None:
    found = find_pauses(answer(line))
    assert [pause.is_at_boundary for pause in found] == boundaries
    assert {pause.duration_ms for pause in found} <= {450}


def test_words_that_are_not_in_the_text_still_have_pauses() -> None:
    spoken = answer("we |measured |it")
    other = heard("something else", timing=Timing.WORD, words=spoken.words)
    assert [pause.is_at_boundary for pause in find_pauses(other)] == [False, False]


def test_no_words_no_pauses() -> None:
    assert find_pauses(heard("we measured it")) == ()
    assert find_pauses(answer("one|")) == ()
