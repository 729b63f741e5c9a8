import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.hedges import find_hedges


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I think we should cache it", ["i think"]),
        ("um I think um maybe a heap", ["i think", "maybe"]),
        ("I guess it was probably a race", ["i guess", "probably"]),
        ("it was sort of slow and kind of odd", ["sort of", "kind of"]),
        ("I'd say about ten, perhaps twelve", ["i'd say", "perhaps"]),
        ("I'm not sure, but I suppose so", ["i'm not sure", "i suppose"]),
        ("it is more or less linear", ["more or less"]),
        ("it took a month or so", ["or so"]),
        ("as far as I know it seems to hold", ["as far as i know", "it seems"]),
        ("when I think about scale I draw it", []),
        ("I think about the failure modes first", []),
        ("the way I think is by example", []),
        ("what do I think of it", []),
        ("I believe in small teams", []),
        ("I guess the number and check it", []),
        ("this kind of lock and that sort of index", []),
        ("the maybe type wraps a value", []),
        ("possibly the index is missing", ["possibly"]),
        ("we could possibly shard it", []),
        ("so or so we thought", []),
        ("a write might fail", []),
        ("", []),
    ],
)
def test_hedges(text: str, expected: list[str]) -> None:
    assert [phrase.name for phrase in find_hedges(text)] == expected


@settings(deadline=None)  # the machine may be busy
@given(
    st.lists(
        st.sampled_from("I think guess maybe or so sort of kind um , . it seems'd say".split(" ")),
        max_size=25,
    ).map(" ".join)
)
def test_hedges_lie_in_the_text_in_order_and_apart(text: str) -> None:
    end = 0
    for phrase in find_hedges(text):
        assert end <= phrase.start < phrase.end <= len(text)
        end = phrase.end
