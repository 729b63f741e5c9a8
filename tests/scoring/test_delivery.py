from pathlib import Path

import pytest

from scoring.delivery import measure_delivery
from scoring.model import Measure
from scoring.sources import SOURCES
from sessions.facts import Fact, Intent, IntentRecognised, Timing, Word
from tests.scoring.build import T0, filler, heard, planned, question, room, spoke, timed

DOCS = Path(__file__).parents[2] / "docs" / "delivery.md"
SIXTY = " ".join(["word"] * 60)


def value(measure: Measure) -> tuple[float | None, bool]:
    return measure.value, measure.is_measured


def test_nothing_spoken_measures_nothing() -> None:
    typed = heard(SIXTY, timing=Timing.NONE)
    for facts in (
        [],
        [planned(question())],
        [room(), typed, filler("um"), spoke("Hi", at=0, ms=9)],
    ):
        found = measure_delivery(facts)
        measures = [
            part for name in found.__slots__ if isinstance(part := getattr(found, name), Measure)
        ]
        assert len(measures) == 17
        for measure in measures:
            assert measure.value is None and not measure.is_measured
            assert measure.note == "nothing was spoken"
        assert found.filler_counts == {}


def test_pace_leaves_fillers_out_of_the_words() -> None:
    facts = [room(), heard(SIXTY, ms=20_000), filler("you know"), filler("um")]
    found = measure_delivery(facts)
    assert value(found.pace_wpm) == (171.0, True)  # 57 words in a third of a minute
    assert value(found.filler_total) == (2, True)
    assert value(found.fillers_per_minute) == (6.0, True)
    assert value(found.fillers_per_100_words) == (3.5, True)
    assert value(found.speaking_time_s) == (20.0, True)
    assert found.filler_counts == {"um": 1, "you know": 1}


def test_filler_rates_need_ten_seconds_of_speech_in_all() -> None:
    short = heard("so um yes", turn=1, ms=4_000)
    found = measure_delivery([room(), short, filler("um")])
    for measure in (found.pace_wpm, found.fillers_per_minute, found.fillers_per_100_words):
        assert (measure.value, measure.is_measured) == (None, False)
        assert measure.note == "under 10 s of speech"
    assert value(found.filler_total) == (1, True)
    both = measure_delivery([room(), short, filler("um"), heard(SIXTY, turn=2, ms=6_000)])
    assert both.fillers_per_minute.is_measured and both.fillers_per_100_words.is_measured


def test_pace_is_of_the_turns_of_ten_seconds_or_more() -> None:
    short, long = heard("word " * 30, turn=1, ms=6_000), heard(SIXTY, turn=2, ms=20_000)
    found = measure_delivery([room(), short, filler("um", turn=1), long, filler("um", turn=2)])
    assert value(found.pace_wpm) == (177.0, True)  # 59 words in a third of a minute
    none = measure_delivery([room(), short, heard("word", turn=2, ms=6_000)]).pace_wpm
    assert (none.value, none.note) == (None, "no answer of 10 s or more")


def test_a_browsers_recogniser_measures_no_fillers() -> None:
    browser = room(keeps_fillers=False, recogniser="browser")
    found = measure_delivery([browser, heard(SIXTY), filler("like")])
    assert value(found.filler_total) == (1, False)  # a lower bound
    assert found.filler_total.note == "at least: the browser's recogniser leaves many fillers out"
    for measure in (found.fillers_per_minute, found.fillers_per_100_words):
        assert value(measure) == (None, False)
        assert measure.note == "the browser's recogniser leaves many fillers out"
    assert found.pace_wpm.is_measured and found.hedges_per_100_words.is_measured
    silent = measure_delivery([browser, heard(SIXTY)]).filler_total
    assert value(silent) == (None, False) and not silent.note.startswith("at least")


def test_what_a_recogniser_tidies_up_or_leaves_silent_is_not_measured() -> None:
    words = timed(SIXTY, at=0, word_ms=300, gap_ms=300)
    drops = room(keeps_fillers=False, recogniser="other")
    found = measure_delivery([drops, heard(SIXTY, timing=Timing.WORD, words=words)])
    for measure in (found.repetitions_per_100_words, found.self_repairs_per_100_words):
        assert (measure.value, measure.note) == (None, "this recogniser tidies up what was said")
    for measure in (found.pauses, found.pauses_inside_clauses, found.pause_ratio):
        assert value(measure) == (None, False) and "look like silence" in measure.note
    assert found.articulation_rate.is_measured


def test_the_room_before_the_turn_says_whether_fillers_are_kept() -> None:
    keeps, drops = room(), room(keeps_fillers=False, recogniser="other")
    one, two = heard(SIXTY, turn=1), heard(SIXTY, turn=2)
    assert measure_delivery([drops, keeps, one]).filler_total.is_measured
    assert measure_delivery([keeps, one, drops]).filler_total.is_measured
    mixed = measure_delivery([keeps, one, drops, two]).filler_total
    assert not mixed.is_measured and "this recogniser" in mixed.note


def test_in_a_language_without_a_lexicon_fillers_are_not_measured() -> None:
    found = measure_delivery([planned(question(), language="hi"), room(), heard(SIXTY)])
    assert found.filler_total.value is None
    assert found.filler_total.note == "fillers are not counted in this language"
    for measure in (
        found.hedges_per_100_words,
        found.repetitions_per_100_words,
        found.self_repairs_per_100_words,
    ):
        assert measure.value is None and measure.note.endswith("are not counted in this language")
    assert found.pace_wpm.is_measured


def test_in_a_language_without_a_lexicon_pauses_are_counted_but_not_split() -> None:
    words = timed(SIXTY, at=0, word_ms=300, gap_ms=300)
    spoken = heard(SIXTY, timing=Timing.WORD, words=words)
    found = measure_delivery([planned(question(), language="hi"), room(), spoken])
    assert value(found.pauses) == (59, True)
    for measure in (found.pauses_inside_clauses, found.pauses_at_boundaries):
        assert measure.note == "clauses are not counted in this language"
    assert found.articulation_rate.note == "syllables are not counted in this language"


def with_gaps(*gaps_ms: int) -> tuple[Word, ...]:
    at, words = T0, [Word(text="w", start_ms=T0, end_ms=T0 + 200)]
    for gap in gaps_ms:
        at = words[-1].end_ms + gap
        words.append(Word(text="w", start_ms=at, end_ms=at + 200))
    return tuple(words)


def test_pauses_are_silences_between_words_of_one_turn() -> None:
    facts: list[Fact] = [
        heard("w w w w", turn=1, timing=Timing.WORD, words=with_gaps(249, 250, 1_999)),
        heard("w w", turn=2, at=60_000, timing=Timing.WORD, words=with_gaps(2_000)),
    ]
    found = measure_delivery(facts)
    assert value(found.pauses) == (3, True)
    assert value(found.long_pauses) == (1, True)
    assert value(found.longest_pause_s) == (2.0, True)


def test_without_word_times_pauses_are_not_measured() -> None:
    found = measure_delivery([heard(SIXTY)])
    for measure in (found.pauses, found.long_pauses, found.longest_pause_s):
        assert (measure.value, measure.is_measured) == (None, False)
        assert measure.note == "this recogniser gives no word times"
    assert found.pace_wpm.is_measured


def test_pauses_of_some_turns_are_a_lower_bound() -> None:
    words = with_gaps(400)
    found = measure_delivery(
        [heard("w w", turn=1, timing=Timing.WORD, words=words), heard(SIXTY, turn=2)]
    )
    assert value(found.pauses) == (1, False)
    assert found.pauses.note.startswith("at least")


def test_word_times_bound_the_speaking_time() -> None:
    words = timed(" ".join(["w"] * 30), at=1_000, word_ms=400, gap_ms=100)  # 14.9 s
    found = measure_delivery([heard("w " * 30, ms=60_000, timing=Timing.WORD, words=words)])
    assert found.speaking_time_s.value == 14.9


def test_talk_share_is_of_both_voices() -> None:
    facts = [spoke("a question", at=0, ms=5_000), heard(SIXTY, ms=15_000)]
    assert value(measure_delivery(facts).talk_share) == (0.75, True)
    assert value(measure_delivery(facts[1:]).talk_share) == (None, False)


def test_response_time_is_the_median_over_answers() -> None:
    facts: list[Fact] = [
        heard(SIXTY, turn=turn, response_ms=response_ms)
        for turn, response_ms in ((1, 800), (2, 9_000), (3, 1_000), (4, 2_000), (5, None))
    ]
    request = IntentRecognised(at_ms=T0, turn=2, intent=Intent.REPEAT)
    assert value(measure_delivery([*facts, request]).response_time_s) == (1.0, True)
    assert value(measure_delivery([heard(SIXTY)]).response_time_s) == (None, False)


@pytest.mark.parametrize("early", [True, False])
def test_typed_turns_are_in_no_number(early: bool) -> None:
    spoken: list[Fact] = [room(), heard(SIXTY, turn=1), filler("um", turn=1)]
    marks: list[Fact] = [heard("um typed", turn=2, timing=Timing.NONE), filler("um", turn=2)]
    typed = marks[::-1] if early else marks
    assert measure_delivery([*spoken, *typed]) == measure_delivery(spoken)


def test_articulation_leaves_pauses_out() -> None:
    text = "table " * 40  # 80 syllables
    quick, slow = (
        measure_delivery(
            [heard(text, timing=Timing.WORD, words=timed(text, at=0, word_ms=400, gap_ms=gap_ms))]
        )
        for gap_ms in (0, 600)
    )
    assert value(quick.articulation_rate) == value(slow.articulation_rate) == (5.0, True)
    assert value(quick.pause_ratio) == (0.0, True)
    assert value(slow.pause_ratio) == (0.59, True)  # 23.4 s of 39.4
    assert quick.articulation_rate.unit == "syllables/s"


def test_articulation_over_some_of_the_answers_says_so() -> None:
    text = "table " * 40
    words = timed(text, at=0, word_ms=400, gap_ms=0)
    found = measure_delivery(
        [heard(text, turn=1, timing=Timing.WORD, words=words), heard(SIXTY, turn=2)]
    )
    assert value(found.articulation_rate) == (5.0, True)
    assert found.articulation_rate.note == "over the answers with word times"


def test_pauses_are_split_by_where_they_stand() -> None:
    text = "We hashed the keys and, um, we split the table."
    words = tuple(
        Word(text=word.text, start_ms=word.start_ms + late_ms, end_ms=word.end_ms + late_ms)
        for word, late_ms in zip(
            timed(text, at=0),
            (0, 0, 0, 400, 800, 800, 1_200, 1_200, 1_200, 1_200),
            strict=True,
        )
    )
    found = measure_delivery([heard(text, timing=Timing.WORD, words=words)])
    assert found.pauses.value == 3
    assert found.pauses_at_boundaries.value == 1  # before "and"
    assert found.pauses_inside_clauses.value == 2  # before "keys" and "we"


def test_words_that_hold_back_and_words_said_twice() -> None:
    text = "I think the the table was " + "probably cold, no wait, the index " * 2
    found = measure_delivery([room(), heard(text, ms=12_000)])
    words = len(text.replace(",", "").split())
    assert found.hedges_per_100_words.value == round(3 * 100 / words, 1)
    assert found.repetitions_per_100_words.value == round(100 / words, 1)
    assert found.self_repairs_per_100_words.value == round(2 * 100 / words, 1)


def test_every_measure_has_its_source() -> None:
    found = measure_delivery([])
    measures = {name for name in found.__slots__ if isinstance(getattr(found, name), Measure)}
    assert set(found.sources) == measures
    for source in found.sources.values():
        assert source.how and source.reference


def test_the_docs_tell_every_measure_and_its_source() -> None:
    text = " ".join(DOCS.read_text(encoding="utf-8").split())
    for name, source in SOURCES.items():
        assert f"`{name}`" in text, name
        for reference in source.reference.split("; "):
            assert reference in text, reference
