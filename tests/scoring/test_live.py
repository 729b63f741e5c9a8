import pytest

from scoring.live import LiveScore
from sessions.facts import Fact, FillerHeard, Timing
from tests.scoring.build import T0, filler, heard, planned, question, room, timed
from tests.scoring.golden import load_log

THIRTY = " ".join(["word"] * 30)


def live(*facts: Fact) -> LiveScore:
    score = LiveScore()
    for fact in facts:
        score.receive(fact)
    return score


def test_before_anything_is_said() -> None:
    found = live(planned(question()), room()).feedback()
    assert (found.filler_total, found.speaking_ms) == (0, 0)
    assert (found.pace_wpm, found.fillers_per_minute) == (None, None)
    assert found.pace_note == found.fillers_note == "nothing was spoken"


def test_finished_turns_add_up() -> None:
    score = live(
        room(),
        heard(THIRTY, turn=1, ms=12_000),
        filler("um", turn=1),
        heard(THIRTY, turn=2, ms=8_000),
        filler("like", turn=2),
        filler("um", turn=2),
    )
    found = score.feedback()
    assert found.fillers == {"um": 2, "like": 1}
    assert found.filler_total == 3
    assert found.speaking_ms == 20_000
    assert found.pace_wpm == 171.0
    assert found.fillers_per_minute == 9.0
    assert (found.fillers_note, found.pace_note) == ("", "")


def test_rates_begin_at_ten_seconds_of_speech() -> None:
    score = live(room(), heard(THIRTY, ms=9_999))
    assert score.feedback().pace_wpm is None
    assert score.feedback().pace_note == "under 10 s of speech"
    running = score.preview("and", (), T0, T0 + 1, Timing.UTTERANCE)
    assert running.pace_wpm is not None


def test_a_running_turn_is_shown_and_not_kept() -> None:
    score = live(room(), heard(THIRTY, ms=12_000), filler("um"))
    before = score.feedback()
    running = score.preview("Um, I think, like, yes", (), T0, T0 + 3_000, Timing.UTTERANCE)
    assert running.fillers == {"um": 2, "like": 1}
    assert running.speaking_ms == 15_000
    assert score.feedback() == before


def test_the_preview_of_a_turn_is_what_the_turn_adds() -> None:
    text = "um we had like ten services and you know they all failed at once"
    words = timed(text, at=0, word_ms=600, gap_ms=300)
    score = live(room())
    running = score.preview(text, words, T0, T0 + 99_000, Timing.WORD)
    for fact in (
        heard(text, timing=Timing.WORD, words=words, ms=99_000),
        filler("um"),
        filler("like"),
        filler("you know"),
    ):
        score.receive(fact)
    assert score.feedback() == running


@pytest.mark.parametrize(("text", "timing"), [("um typed", Timing.NONE), ("  ", Timing.UTTERANCE)])
def test_typed_and_empty_turns_preview_nothing(text: str, timing: Timing) -> None:
    score = live(room(), heard(THIRTY, ms=12_000))
    assert score.preview(text, (), T0, T0 + 5_000, timing) == score.feedback()


def test_a_recogniser_that_drops_fillers_has_a_count_but_no_rate() -> None:
    score = live(room(keeps_fillers=False, recogniser="browser"), heard(THIRTY), filler("like"))
    found = score.feedback()
    assert found.filler_total == 1
    assert found.fillers_per_minute is None
    assert "browser" in found.fillers_note
    assert found.pace_wpm is not None


def test_a_whole_log_counts_each_spoken_filler() -> None:
    log = load_log()
    spoken = sum(isinstance(fact, FillerHeard) for fact in log)
    assert live(*log).feedback().filler_total == spoken
