"""What recognisers' results become: words on the server's clock, gathered into turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from livekit.agents import stt

from agent.hearing import Heard
from agent.pipeline.ear import ASSUMED_SPEECH_MS_PER_CHAR, Ear, Hearing
from sessions.facts import Timing
from tests.support.clock import FakeClock
from tests.support.recognised import Timed, result, spoken_at

START_MS = 1_800_000_000_000
"""When the audio began; a test has 10 s of it."""
AUDIO_MS = 10_000

ANSWER = "I would use a heap"


def nothing_is_ignored(text: str) -> bool:
    return False


def listening(
    *, is_ignored: Callable[[str], bool] = nothing_is_ignored, lost_ms: int = 0
) -> tuple[Ear, FakeClock]:
    """After ten seconds of audio, of which `lost_ms` were no audio but a lost connection."""
    clock = FakeClock(START_MS)
    ear = Ear(clock, is_ignored=is_ignored)
    clock.advance(lost_ms)
    for _ in range(AUDIO_MS // 40):
        clock.advance(40)
        ear.note_audio(40)
    return ear, clock


def running(ear: Ear) -> Heard:
    assert ear.running is not None
    return ear.running


def times(heard: Heard) -> list[tuple[str, int, int]]:
    """The words, in ms since the audio began."""
    return [(word.text, word.start_ms - START_MS, word.end_ms - START_MS) for word in heard.words]


# -- where the words lie -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "base_ms", "lost_ms", "at_ms"),
    [
        pytest.param([("well", 1.0, 1.5)], 0, 0, [("well", 1_000, 1_500)], id="the first stream"),
        pytest.param([("well", 1.0, 1.5)], 4_000, 0, [("well", 5_000, 5_500)], id="a later stream"),
        pytest.param(
            [("well", 1.0, 1.5)], 0, 7_000, [("well", 8_000, 8_500)], id="after a lost connection"
        ),
        pytest.param(
            [("so", 2, 2.25), ("we", 2.25, 3)],
            0,
            0,
            [("so", 2_000, 2_250), ("we", 2_250, 3_000)],
            id="times in whole seconds",
        ),
    ],
)
def test_words_are_placed_on_the_servers_clock(
    words: Sequence[Timed], base_ms: int, lost_ms: int, at_ms: list[tuple[str, int, int]]
) -> None:
    ear, _ = listening(lost_ms=lost_ms)

    assert ear.hear(result(words=words), base_ms) is Hearing.WORDS

    heard = running(ear)
    assert times(heard) == at_ms
    assert heard.timing is Timing.WORD
    assert (heard.started_ms, heard.ended_ms) == (
        heard.words[0].start_ms,
        heard.words[-1].end_ms,
    )


def test_when_a_result_comes_does_not_change_where_its_words_lie() -> None:
    ear, clock = listening()
    clock.advance(3_000)  # no audio since, and a slow recogniser

    ear.hear(result(words=[("well", 9.0, 9.5)]), 0)

    assert times(running(ear)) == [("well", 9_000, 9_500)]


def test_words_keep_their_confidence() -> None:
    ear, _ = listening()
    ear.hear(result(words=[("well", 1.0, 1.5)], confidence=0.25), 0)
    assert running(ear).words[0].confidence == 0.25


def test_words_without_times_are_spread_over_their_sentence() -> None:
    ear, _ = listening()

    ear.hear(result("to be", start_s=2.0, end_s=2.8), 0)

    heard = running(ear)
    assert heard.timing is Timing.UTTERANCE
    assert times(heard) == [("to", 2_000, 2_400), ("be", 2_400, 2_800)]


def test_a_result_without_any_time_ended_just_now() -> None:
    ear, clock = listening()
    clock.advance(700)

    ear.hear(result(ANSWER), 0)

    heard = running(ear)
    assert heard.timing is Timing.UTTERANCE
    assert heard.ended_ms == clock.now_ms()
    assert heard.started_ms == clock.now_ms() - len(ANSWER) * ASSUMED_SPEECH_MS_PER_CHAR
    assert [word.text for word in heard.words] == ANSWER.split()


def test_streams_with_different_beginnings_make_one_turn() -> None:
    """One was let go, another opened later; the page's own counts from the first audio."""
    ear, _ = listening()

    ear.hear(result(words=[("first", 1.0, 1.5)]), 0)
    ear.hear(result(words=[("second", 0.5, 1.0)]), 6_000)
    ear.hear(result("third", start_s=8.0, end_s=8.5), 0)

    heard = running(ear)
    assert heard.text == "first second third"
    assert times(heard) == [
        ("first", 1_000, 1_500),
        ("second", 6_500, 7_000),
        ("third", 8_000, 8_500),
    ]
    assert heard.timing is Timing.UTTERANCE, "no better than its worst part"


def test_a_moment_has_its_place_in_the_audio() -> None:
    ear, clock = listening(lost_ms=7_000)
    assert ear.audio_position_s(clock.now_ms()) == 10.0
    assert ear.audio_position_s(clock.now_ms() - 2_500) == 7.5
    assert ear.audio_position_s(START_MS) == 0.0, "before there was any"


# -- what replaces what --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "text", "is_final"),
    [
        pytest.param([], None, True, id="nothing"),
        pytest.param([("so", False)], "so", False, id="an interim"),
        pytest.param([("so", False), ("so we", False)], "so we", False, id="a longer one"),
        pytest.param([("sew", False), ("so", True)], "so", True, id="its final"),
        pytest.param([("so", True), ("we", True)], "so we", True, id="two finals"),
        pytest.param([("so", True), ("wee", False)], "so wee", False, id="and then an interim"),
        pytest.param([("so", False), ("", True)], None, True, id="taken back"),
        pytest.param([("so", True), ("we", False), (" ", False)], "so", True, id="and in part"),
    ],
)
def test_a_final_replaces_its_interims(
    events: Sequence[tuple[str, bool]], text: str | None, is_final: bool
) -> None:
    ear, _ = listening()
    for said, is_said_finally in events:
        ear.hear(result(said, start_s=1, end_s=2, is_final=is_said_finally), 0)
    assert (ear.running.text if ear.running else None) == text
    assert ear.is_final is is_final


@pytest.mark.parametrize(
    "event",
    [
        stt.SpeechEvent(type=stt.SpeechEventType.START_OF_SPEECH),
        stt.SpeechEvent(type=stt.SpeechEventType.END_OF_SPEECH),
        stt.SpeechEvent(type=stt.SpeechEventType.RECOGNITION_USAGE),
        stt.SpeechEvent(type=stt.SpeechEventType.FINAL_TRANSCRIPT),
    ],
)
def test_what_says_nothing_is_nothing(event: stt.SpeechEvent) -> None:
    ear, _ = listening()
    ear.hear(result("so", is_final=True), 0)
    assert ear.hear(event, 0) is Hearing.NOTHING
    assert running(ear).text == "so"


@pytest.mark.parametrize("is_final", [True, False])
def test_what_is_ignored_leaves_no_trace(is_final: bool) -> None:
    ear, _ = listening(is_ignored="mm-hm".__eq__)

    ear.hear(result("well"), 0)
    assert ear.hear(result("mm-hm", is_final=is_final), 0) is Hearing.IGNORED
    assert (running(ear).text, ear.is_final) == ("well", True)

    ear.hear(result(" mm-hm ", is_final=is_final), 0)
    assert (ear.take() or running(ear)).text == "well"


# -- turns that are taken ------------------------------------------------------------------------


def test_a_turn_is_taken_once() -> None:
    ear, _ = listening()
    ear.hear(result(ANSWER), 0)
    taken = ear.take()
    assert taken is not None
    assert taken.text == ANSWER
    assert (ear.running, ear.take()) == (None, None)


@pytest.mark.parametrize(
    ("final", "left"),
    [
        pytest.param(ANSWER, None, id="the same"),
        pytest.param("I would use the heap", None, id="corrected"),
        pytest.param("I'd use a heap", None, id="shorter"),
        pytest.param(f"{ANSWER} and a map", "and a map", id="and more"),
    ],
)
def test_a_turn_taken_with_interim_words_is_not_heard_again_by_its_late_final(
    final: str, left: str | None
) -> None:
    ear, clock = listening()
    ear.hear(result(words=spoken_at(8.0, ANSWER), is_final=False), 0)
    assert (ear.take() or running(ear)).text == ANSWER
    clock.advance(900)

    ear.hear(result(words=spoken_at(8.0, final)), 0)

    assert (ear.running.text if ear.running else None) == left


@pytest.mark.parametrize("id", ["", "page-7"])
@pytest.mark.parametrize(
    ("final", "left"),
    [
        pytest.param(ANSWER, None, id="the same"),
        pytest.param("I would use the heap.", None, id="corrected"),
        pytest.param("I would use a heat", None, id="corrected at its end"),
        pytest.param("I'd use a heap", None, id="joined"),
        pytest.param("I would use", None, id="shorter"),
        pytest.param(f"{ANSWER} and a map", "and a map", id="and more"),
        pytest.param(
            "Sorry, could you say it again?", "Sorry, could you say it again?", id="other"
        ),
    ],
)
@pytest.mark.parametrize("is_timed", [True, False])
def test_nor_is_it_when_the_recogniser_gives_no_words_times(
    is_timed: bool, final: str, left: str | None, id: str
) -> None:
    """Such a result's end is when it came, mostly: its words seem to be later than they were."""
    ear, clock = listening()
    end_s = 9.5 if is_timed else 0.0
    ear.hear(result(ANSWER, start_s=8.0, end_s=end_s, is_final=False, id=id), 0)
    assert ear.take() is not None
    clock.advance(900)
    ear.note_audio(900)

    ear.hear(result(final, start_s=8.0, end_s=end_s and 10.9, id=id), 0)

    assert (ear.running.text if ear.running else None) == left


def test_what_is_said_on_after_a_turn_was_taken_is_the_next_turn() -> None:
    ear, clock = listening()
    ear.hear(result(ANSWER, start_s=6.0, end_s=8.0, is_final=False, id="1"), 0)
    ear.take()
    longer = f"{ANSWER} and then a map"
    clock.advance(500)
    ear.hear(result(longer, start_s=6.0, end_s=9.0, is_final=False, id="1"), 0)
    second = ear.take()
    assert second is not None
    assert second.text == "and then a map"
    assert second.ended_ms - START_MS <= 9_500

    ear.hear(result(f"{longer} of them", start_s=6.0, end_s=9.9, id="1"), 0)
    assert running(ear).text == "of them"
    ear.take()
    ear.hear(result(longer, start_s=12.0, end_s=14.0, id="2"), 0)
    assert running(ear).text == longer, "said again, and heard again"


def test_the_same_words_said_again_are_heard_again() -> None:
    ear, clock = listening()
    ear.hear(result("yes", start_s=6.0, end_s=6.5, is_final=False, id="1"), 0)
    ear.take()
    ear.hear(result("yes", start_s=6.0, end_s=7.5, id="1"), 0)
    assert ear.running is None
    clock.advance(4_000)
    ear.note_audio(4_000)

    ear.hear(result("yes", start_s=12.0, end_s=12.5, is_final=False, id="2"), 0)

    assert running(ear).text == "yes"
