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
        heard(THIRTY, turn=2, ms=18_000),
        filler("like", turn=2),
        filler("um", turn=2),
    )
    found = score.feedback()
    assert found.fillers == {"um": 2, "like": 1}
    assert found.filler_total == 3
    assert found.speaking_ms == 30_000
    assert found.pace_wpm == 114.0
    assert found.fillers_per_minute == 6.0
    assert (found.fillers_note, found.pace_note) == ("", "")


def test_filler_rates_begin_at_ten_seconds_of_speech() -> None:
    score = live(room(), heard(THIRTY, ms=9_999))
    assert score.feedback().pace_wpm is None
    assert score.feedback().pace_note == "under 10 s of speech"
    running = score.preview("and", (), T0, T0 + 1, Timing.UTTERANCE)
    assert running.fillers_per_minute is not None
    assert (running.pace_wpm, running.pace_note) == (None, "no answer of 10 s or more")
    assert score.preview(THIRTY, (), T0, T0 + 10_000, Timing.UTTERANCE).pace_wpm == 180.0


def test_the_current_answer_has_its_own_numbers() -> None:
    score = live(room(), heard(THIRTY, turn=1, ms=20_000), filler("um", turn=1))
    running = score.preview("um " + THIRTY, (), T0, T0 + 10_000, Timing.UTTERANCE)
    assert (running.answer_fillers, running.filler_total) == (1, 2)
    assert (running.answer_pace_wpm, running.pace_wpm) == (180.0, 118.0)
    assert running.answer_fillers_per_minute == 6.0
    assert (running.answer_words, running.answer_speaking_ms) == (30, 10_000)
    over = score.feedback()
    assert (over.answer_fillers, over.answer_pace_wpm) == (1, 87.0)
    brief = score.preview("um yes", (), T0, T0 + 900, Timing.UTTERANCE)
    assert (brief.answer_fillers, brief.answer_pace_wpm) == (1, None)
    assert brief.answer_pace_note == "under 10 s of speech"


def test_an_answer_is_measured_when_it_is_over() -> None:
    text = "um I think the the cache, like, was cold and then no wait the index " + THIRTY
    words = timed(text, at=0, word_ms=300, gap_ms=100)
    score = live(room())
    assert score.answer(0) is None
    score.receive(heard(text, timing=Timing.WORD, words=words, response_ms=700))
    for name in ("um", "like"):
        score.receive(filler(name))
    found = score.answer(0)
    assert found is not None
    assert (found.turn, found.response_ms, found.speaking_ms) == (1, 700, 17_900)
    assert (found.filler_total, found.filler_counts) == (2, {"like": 1, "um": 1})
    assert (found.words, found.pauses, found.long_pauses, found.pause_ratio) == (43, 0, 0, 0.0)
    assert found.pace_wpm == 144.1
    assert found.hedges_per_100_words == found.self_repairs_per_100_words == 2.3
    assert found.repetitions_per_100_words is not None
    assert found.notes == {}
    with pytest.raises(AttributeError):
        found.turn = 2  # pyright: ignore[reportAttributeAccessIssue] -- frozen: that is the test


def test_what_was_not_measured_of_an_answer_says_why() -> None:
    score = live(room(keeps_fillers=False, recogniser="browser"), heard(THIRTY, ms=4_000))
    found = score.answer(0)
    assert found is not None
    assert (found.filler_total, found.pauses, found.pace_wpm) == (None, None, None)
    assert found.notes["pace_wpm"] == "under 10 s of speech"
    assert "browser" in found.notes["filler_total"]
    assert "no word times" in found.notes["pauses"]
    score.receive(heard("typed", turn=2, timing=Timing.NONE))
    assert score.answer(0) is None
    assert score.feedback().answer_words == 0


def test_every_answer_of_a_log_adds_up_to_its_feedback() -> None:
    score, fillers, spoken_ms = LiveScore(), dict[int, int](), dict[int, int]()
    for fact in load_log():
        score.receive(fact)
        answer = score.answer(0)
        if answer is not None:
            fillers[answer.turn] = answer.filler_total or 0
            spoken_ms[answer.turn] = answer.speaking_ms
    assert sum(fillers.values()) == score.feedback().filler_total
    assert sum(spoken_ms.values()) == score.feedback().speaking_ms


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
