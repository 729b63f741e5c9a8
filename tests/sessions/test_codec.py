"""Facts to JSON and back, for every kind there is and for stored ones of the past."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, dataclass
from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions import codec
from sessions.codec import decode_fact, encode_fact, from_line, kind_of, to_line
from sessions.errors import FactUnknown
from sessions.facts import KINDS, AnswerHeard, Fact, InterviewPaused, Timing, Word
from sessions.ids import QuestionId

st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(
    Word,
    st.builds(
        Word,
        text=st.text(),
        start_ms=st.integers(),
        end_ms=st.integers(),
        confidence=st.none() | st.floats(0, 1),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorKnocked(Fact):
    """A made-up kind in its third version: v1 had `loud`, v2 `volume`, v3 also `knocks`."""

    VERSION: ClassVar[int] = 3
    volume: int
    knocks: int


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "DoorKnocked", DoorKnocked)
    monkeypatch.setitem(
        codec.UPCASTS,
        ("DoorKnocked", 1),
        lambda body: {"at_ms": body["at_ms"], "volume": 10 if body["loud"] else 1},
    )
    monkeypatch.setitem(codec.UPCASTS, ("DoorKnocked", 2), lambda body: {**body, "knocks": 1})


@pytest.mark.parametrize("kind", sorted(KINDS))
@given(data=st.data())
@settings(max_examples=15)
def test_every_kind_comes_back_as_it_was(kind: str, data: st.DataObject) -> None:
    fact = data.draw(st.from_type(KINDS[kind]))

    stored = json.loads(json.dumps(encode_fact(fact)))

    assert decode_fact(kind_of(fact), type(fact).VERSION, stored) == fact
    assert from_line(to_line(fact)) == fact
    assert "\n" not in to_line(fact)


def test_every_kind_of_fact_is_known_by_its_name() -> None:
    defined = {
        kind.__name__ for kind in Fact.__subclasses__() if kind.__module__ == Fact.__module__
    }

    assert set(KINDS) == defined
    assert all(kind.__name__ == name for name, kind in KINDS.items())


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_earlier_version_can_still_be_read(kind: str) -> None:
    assert all((kind, version) in codec.UPCASTS for version in range(1, KINDS[kind].VERSION))


def test_the_stored_form_is_this() -> None:
    """A golden line: a change of it is a new version of the fact with an upcast."""
    fact = AnswerHeard(
        at_ms=1_800_000_002_500,
        turn=1,
        question_id=QuestionId("js-closures"),
        text="um, a closure",
        words=(Word(text="um", start_ms=1, end_ms=2, confidence=0.5),),
        timing=Timing.WORD,
        recogniser="browser",
        started_ms=1,
        ended_ms=2,
    )
    line = (
        '{"kind":"AnswerHeard","v":1,"body":{"at_ms":1800000002500,"turn":1,'
        '"question_id":"js-closures","text":"um, a closure",'
        '"words":[{"text":"um","start_ms":1,"end_ms":2,"confidence":0.5}],"timing":"word",'
        '"recogniser":"browser","started_ms":1,"ended_ms":2,"response_ms":null}}'
    )

    assert to_line(fact) == line
    assert from_line(line) == fact


def test_a_decoded_fact_is_frozen() -> None:
    fact = from_line('{"kind":"InterviewPaused","v":1,"body":{"at_ms":1}}')

    with pytest.raises(FrozenInstanceError):
        fact.at_ms = 2  # pyright: ignore[reportAttributeAccessIssue] - what must not be possible


@pytest.mark.parametrize(
    ("kind", "version", "body"),
    [
        ("CoffeeServed", 1, {"at_ms": 1}),
        ("Fact", 1, {"at_ms": 1}),
        ("InterviewPaused", 2, {"at_ms": 1}),
        ("InterviewPaused", 1, {}),
        ("InterviewPaused", 1, {"at_ms": "noon"}),
        ("InterviewCompleted", 1, {"at_ms": 1, "reason": "bored"}),
    ],
)
def test_what_this_version_cannot_read_is_refused_by_name(
    kind: str, version: int, body: codec.Body
) -> None:
    with pytest.raises(FactUnknown, match=f"{kind} v{version}"):
        decode_fact(kind, version, body)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "null",
        "[]",
        "{}",
        '{"kind":"InterviewPaused","v":"1","body":{"at_ms":1}}',
        '{"kind":7,"v":1,"body":{"at_ms":1}}',
        '{"kind":"InterviewPaused","v":1,"body":[]}',
        '{"kind":"InterviewPaused","v":1}',
        '{"kind":"CoffeeServed","v":1,"body":{}}',
    ],
)
def test_a_line_that_is_no_fact_is_refused(line: str) -> None:
    with pytest.raises(FactUnknown):
        from_line(line)


@given(line=st.text())
def test_no_line_breaks_the_reader(line: str) -> None:
    with pytest.raises(FactUnknown):
        from_line(line)


@pytest.mark.usefixtures("door")
@pytest.mark.parametrize(
    ("version", "body", "read"),
    [
        (1, {"at_ms": 5, "loud": True}, DoorKnocked(at_ms=5, volume=10, knocks=1)),
        (2, {"at_ms": 5, "volume": 4}, DoorKnocked(at_ms=5, volume=4, knocks=1)),
        (3, {"at_ms": 5, "volume": 4, "knocks": 2}, DoorKnocked(at_ms=5, volume=4, knocks=2)),
    ],
)
def test_an_earlier_version_is_brought_up_to_date(
    version: int, body: codec.Body, read: Fact
) -> None:
    assert decode_fact("DoorKnocked", version, body) == read


@pytest.mark.usefixtures("door")
def test_a_body_that_does_not_fit_after_its_upcast_is_refused() -> None:
    with pytest.raises(FactUnknown, match="DoorKnocked v"):
        decode_fact("DoorKnocked", 2, {"at_ms": 5})


def test_a_fact_knows_its_kind() -> None:
    assert kind_of(InterviewPaused(at_ms=1)) == "InterviewPaused"
