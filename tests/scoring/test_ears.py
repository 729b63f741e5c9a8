"""Another recogniser takes over in the middle: whether fillers are counted follows who hears."""

from __future__ import annotations

from dataclasses import replace

from scoring.delivery import measure_delivery
from scoring.live import LiveScore
from sessions.facts import AnswerHeard, ProviderSwitched, Timing
from tests.scoring.build import T0, filler, heard, room
from tests.scoring.test_live import THIRTY, live


def switched(before: str, to: str, component: str = "stt") -> ProviderSwitched:
    return ProviderSwitched(
        at_ms=T0, component=component, from_provider=before, to_provider=to, reason="test"
    )


def by(recogniser: str, turn: int) -> AnswerHeard:
    return replace(heard(THIRTY, turn=turn, id="q1"), recogniser=recogniser)


def fillers_of(score: LiveScore) -> list[int | None]:
    found = score.answer(0)
    return [] if found is None else [found.filler_total]


def test_a_recogniser_that_takes_over_is_not_taken_to_keep_fillers() -> None:
    score = live(room(), by("deepgram", 1))
    assert fillers_of(score) == [0]
    score.receive(switched("deepgram", "whisper"))
    score.receive(by("whisper", 2))
    assert fillers_of(score) == [None]
    told = score.feedback()
    assert told.fillers_per_minute is None
    assert "leaves many fillers out" in told.fillers_note


def test_with_the_first_one_back_fillers_are_counted_again() -> None:
    score = live(room(), switched("deepgram", "whisper"), switched("whisper", "deepgram"))
    score.receive(by("deepgram", 1))
    assert fillers_of(score) == [0]
    assert score.feedback().fillers_per_minute == 0


def test_what_the_page_hears_has_no_filler_count() -> None:
    for before in ([], [switched("deepgram", "")]):
        score = live(room(), *before, by("browser", 1))
        assert fillers_of(score) == [None]
        assert "browser" in score.feedback().fillers_note


def test_a_room_that_was_opened_with_it_has_told_what_it_keeps() -> None:
    score = live(room(recogniser="other"), room(), switched("deepgram", "other"), by("other", 1))
    assert fillers_of(score) == [0]


def test_other_parts_that_switch_change_nothing() -> None:
    score = live(room(), switched("a", "b", "tts"), by("deepgram", 1))
    assert fillers_of(score) == [0]


def test_the_running_turn_says_it_too() -> None:
    score = live(room(), switched("deepgram", "whisper"))
    running = score.preview(THIRTY, (), 0, 20_000, Timing.UTTERANCE, recogniser="whisper")
    assert running.answer_fillers_per_minute is None
    assert live(room()).preview(THIRTY, (), 0, 20_000, Timing.UTTERANCE).fillers_note == ""


def test_the_report_says_at_least_where_part_was_heard_without_fillers() -> None:
    facts = [room(), by("deepgram", 1), filler("um"), switched("deepgram", "whisper")]
    whole = measure_delivery([*facts, by("whisper", 2)])
    assert (whole.filler_total.value, whole.filler_total.is_measured) == (1, False)
    assert whole.filler_total.note.startswith("at least")
    assert measure_delivery(facts).filler_total.is_measured
