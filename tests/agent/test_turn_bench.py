"""The turn-taking bench on a handful of answers: its shape and bounds, not its times."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))  # benchmarks is no installed package

from benchmarks.turn_answers import LONGEST_S, SHORTEST_S, Half, make_answers
from benchmarks.turn_events import Recogniser
from benchmarks.turn_scripts import scripts_of
from benchmarks.turn_systems import Rule, livekit_default
from benchmarks.turn_taking import NAMES, bench, table


async def test_a_handful_of_answers_gives_a_whole_report() -> None:
    report = await bench(Half.REPORT, 6)
    assert report.answers == 6
    assert report.pauses > 0
    assert set(report.systems) == set(NAMES)
    for result in report.systems.values():
        assert 0 <= result.false_cutoff_percent <= 100
        assert result.unfinished == 0
        assert result.delay_p50_ms is not None
        assert result.delay_p95_ms is not None
        assert 250 <= result.delay_p50_ms <= result.delay_p95_ms < 12_000
    ours = [report.systems[name] for name in ("normal", "patient", "very_patient")]
    delays = [result.delay_p50_ms or 0 for result in ours]
    assert delays == sorted(delays)
    assert ours[0].false_cutoff_percent <= report.systems["vad_500"].false_cutoff_percent
    assert len(table(report).splitlines()) > len(NAMES)


def test_answers_are_the_same_for_the_same_seed() -> None:
    first, again, other = (make_answers(Half.TUNING, 3, seed=seed) for seed in (1, 1, 2))
    for one, two in zip(first, again, strict=True):
        assert one.text == two.text
        assert one.noise == two.noise
        # espeak-ng dithers, so its silence begins a sample earlier or later.
        assert abs(one.end_ms - two.end_ms) < 10
    assert any(abs(a.end_ms - b.end_ms) > 50 for a, b in zip(first, other, strict=True))


def test_pauses_and_words_are_where_the_truth_says() -> None:
    for answer in make_answers(Half.TUNING, 4, seed=3):
        assert answer.samples.dtype == np.int16
        for before, after in pairwise(answer.segments):
            pause_s = (after.start_ms - before.end_ms) / 1000
            assert SHORTEST_S - 0.01 <= pause_s <= LONGEST_S + 0.01
        *_, last = Recogniser().hear(answer, seed=1)
        assert last.is_final
        assert last.at_ms == answer.end_ms + 300
        assert set(last.words) <= set(answer.text.split())


def test_the_halves_share_no_script() -> None:
    tuning, report = ({script.text for script in scripts_of(half)} for half in Half)
    assert len(tuning) >= 30
    assert len(report) >= 30
    assert not tuning & report


def test_the_peer_has_its_own_packages_numbers() -> None:
    rule = livekit_default()
    assert isinstance(rule, Rule)
    assert rule.min_ms < rule.max_ms
    assert rule.threshold is not None
    assert 0 < rule.threshold < 1
