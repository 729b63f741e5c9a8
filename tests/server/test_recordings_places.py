"""Places in a recording, and the words that are heard there. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from scoring.spoken import MAX_CUE_CHARS, SpokenAnswer
from sessions.facts import (
    AnswerHeard,
    RecordingStored,
    Timing,
    Word,
)
from sessions.recording import RecordingState, fold_recording
from tests.server.test_recordings_report import DELETED


def stored(part: int, started_ms: int, duration_ms: int) -> RecordingStored:
    return RecordingStored(
        at_ms=started_ms + duration_ms,
        part=part,
        key=f"recordings/i/{part}",
        started_ms=started_ms,
        duration_ms=duration_ms,
        size_bytes=1,
        sha256="",
        key_id="",
    )


@pytest.mark.parametrize(
    ("at_ms", "where"),
    [
        (999, None),
        (1_000, (1, 0)),
        (2_000, (1, 1_000)),
        (2_001, None),
        (5_000, (2, 0)),
        (5_999, (2, 999)),
        (6_000, (3, 0)),  # both hold it: the later one counts
        (7_001, None),
    ],
)
def test_a_moment_lies_in_a_part(at_ms: int, where: tuple[int, int] | None) -> None:
    parts = [stored(3, 6_000, 1_000), stored(1, 1_000, 1_000), stored(2, 5_000, 1_100)]
    recording = fold_recording(parts)
    assert [part.part for part in recording.parts] == [1, 2, 3]
    place = recording.place(at_ms)
    assert (None if place is None else (place.part.part, place.offset_ms)) == where


def test_after_a_deletion_only_what_came_later_is_there() -> None:
    facts = [stored(1, 1_000, 500), DELETED, stored(2, 9_000, 500)]
    assert fold_recording(facts[:2]).state is RecordingState.DELETED
    assert fold_recording(facts).keys == ("recordings/i/2",)


def spoken(text: str, words: Sequence[str], *, timing: Timing = Timing.WORD) -> SpokenAnswer:
    timed = tuple(
        Word(text=word, start_ms=1_000 * place, end_ms=1_000 * place + 500)
        for place, word in enumerate(words)
    )
    answer = AnswerHeard(
        at_ms=9_000,
        turn=1,
        question_id=None,
        text=text,
        words=timed,
        timing=timing,
        recogniser="test",
        started_ms=0,
        ended_ms=1_000 * len(words),
    )
    return SpokenAnswer(answer)


@pytest.mark.parametrize(
    ("text", "words", "quoted", "span"),
    [
        ("so I use a set", "so I use a set".split(), "use a set", (2_000, 4_500)),
        ("So, I use O(n) space.", "So, I use O(n) space.".split(), "O(n)", (3_000, 3_500)),
        ("for-each is fine", ["for-each", "is", "fine"], "each is", (0, 1_500)),
        ("one two three four", ["eins", "zwei"], "three four", (1_000, 1_500)),  # by their share
        ("one, two", ["one,", "two"], ",", None),
        ("typed", [], "typed", None),
    ],
)
def test_a_quotes_words_have_their_times(
    text: str, words: list[str], quoted: str, span: tuple[int, int] | None
) -> None:
    start = text.index(quoted)
    assert spoken(text, words).span(start, start + len(quoted)) == span


def test_what_was_typed_was_not_spoken() -> None:
    typed = spoken("one two", ["one", "two"], timing=Timing.NONE)
    assert typed.span(0, 7) is None
    assert typed.cues() == ()


def test_captions_are_short_and_hold_every_word() -> None:
    text = "A sentence that is quite a bit longer than forty. " * 3 + "and so on " * 40
    cues = spoken(text, text.split()).cues()
    pieces = [text[cue.start : cue.end] for cue in cues]
    assert " ".join(pieces) == " ".join(text.split())
    assert max(len(piece) for piece in pieces) <= MAX_CUE_CHARS
    assert pieces[0].endswith("forty.")
    assert [cue.at_ms for cue in cues] == sorted(cue.at_ms for cue in cues)
