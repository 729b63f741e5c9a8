import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.disfluencies import find_repairs, find_repetitions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the the cache was cold", ["the"]),
        ("I I I think", ["i", "i"]),
        ("I, um, I would start with a queue", ["i"]),
        ("we had we had two weeks", ["we had"]),
        ("it was in the, in the other table", ["in the"]),
        ("so th- the index was gone", ["the"]),
        ("and and then it it failed", ["and", "it"]),
        ("we would, uh, we would have to, to lock it", ["we would", "to"]),
        ("it was very very slow", []),
        ("no no that is fine", []),
        ("the more you read the more you know", []),
        ("what we had had was a list", []),
        ("it retries five five times", []),
        ("again and again and step by step", []),
        ("I said that that is wrong", []),
        ("We had a plan. Plan B was to wait.", []),
        ("a linked list, list comprehension aside", ["list"]),
        ("it is o n n plus one", []),
        ("one one two three", []),
        ("the state-of-the-art cache", []),
        ("", []),
        ("word", []),
    ],
)
def test_repetitions(text: str, expected: list[str]) -> None:
    assert [phrase.name for phrase in find_repetitions(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("we used Redis, I mean Memcached", ["i mean"]),
        ("we used Redis I mean Memcached", ["i mean"]),
        ("on Monday, I mean on Tuesday", ["i mean"]),
        ("the server, I mean the load balancer, was down", ["i mean"]),
        ("he I mean she wrote it", ["i mean"]),
        ("it took three I mean four days", ["i mean"]),
        ("it is linear, no wait, quadratic", ["no wait"]),
        ("you go left, sorry, the other way", ["sorry the"]),
        ("it is a stack, or rather a queue", ["or rather"]),
        ("we sort it, scratch that, we hash it", ["scratch that"]),
        ("in the client, actually no, in the server", ["actually no"]),
        ("that is n squared let me rephrase it is quadratic", ["let me rephrase"]),
        ("the first, what I meant is the last", ["what i meant"]),
        ("I mean it worked but it was slow", []),
        ("it worked, I mean, most of the time", []),
        ("it was slow I mean really slow", []),
        ("the answer is simple. I mean, it depends", []),
        ("what I mean is that it blocks", []),
        ("I said sorry to the customer", []),
        ("sorry can you repeat that", []),
        ("I was sorry the project ended", []),
        ("the error correction of the code", []),
        ("", []),
    ],
)
def test_self_repairs(text: str, expected: list[str]) -> None:
    assert [phrase.name for phrase in find_repairs(text)] == expected


PIECES = st.sampled_from(
    "the the I I mean no wait sorry or rather um uh - , . ? th- a b it it's 5 five not".split(" ")
)


@settings(deadline=None)  # the machine may be busy
@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=25).map(" ".join)))
def test_what_is_found_lies_in_the_text_in_order_and_apart(text: str) -> None:
    for find in (find_repetitions, find_repairs):
        end = 0
        for phrase in find(text):
            assert end <= phrase.start < phrase.end <= len(text)
            end = phrase.end
