"""What the benches make of what they saw: no server, no time."""

from __future__ import annotations

import time
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from benchmarks.curve import MEMORY_LIMIT_MIB, Sample, draw, faults, minute_table, rise
from benchmarks.guest import Turn
from benchmarks.peers.result import Result
from benchmarks.peers.script import ANSWER, HANGOVER_S, KnownWords, Told
from benchmarks.peers.table import growth_table, remarks
from benchmarks.rooms import main as rooms
from benchmarks.soak import main as soak

FRAME_S = 0.04
START = Sample(
    at_s=0, closed=0, inside=0, rss_mib=200, tasks=4, room_tasks=0, threads=12, handles=30
)


def heard(loudness: list[int]) -> list[Told]:
    words = KnownWords()
    return [told for loudest in loudness if (told := words.hear(loudest, FRAME_S)) is not None]


def test_known_words_come_as_interims_and_one_final_after_the_hangover() -> None:
    told = heard([0] * 10 + [9_000] * 50 + [0] * 20)

    assert [one.is_final for one in told] == [False] * (len(told) - 1) + [True]
    assert told[-1].text == ANSWER
    assert all(ANSWER.startswith(one.text) for one in told[:-1])
    assert told[-1].began_s == pytest.approx(0.4)
    assert told[-1].until_s == pytest.approx(2.4)


def test_a_pause_shorter_than_the_hangover_ends_nothing() -> None:
    pause = [0] * int(HANGOVER_S / FRAME_S)

    told = heard([9_000] * 20 + pause + [9_000] * 20 + [0] * 20)

    assert sum(one.is_final for one in told) == 1


def test_words_before_the_last_word_are_a_turn_cut_short_and_no_answer() -> None:
    turn = Turn()

    turn.note_heard()
    turn.note_replied()
    assert (turn.is_cut_short, turn.heard_s, turn.replied_s) == (True, None, None)

    turn.finished_s = time.monotonic()
    turn.note_heard()
    turn.note_replied()
    assert turn.heard.is_set()
    assert turn.replied.is_set()
    assert (turn.reply_ms or -1) >= (turn.reply_work_ms or 0) >= 0


def result(system: str, rooms: int) -> Result:
    return Result(
        system=system,
        rooms=rooms,
        turns=3,
        answered=rooms * 3,
        missed=0,
        refused_rooms=0,
        cut_short=0,
        unreplied=0,
        core_percent_per_room=0.5,
        mb_per_room=1.25,
        reply_p50_ms=900.4,
        reply_p95_ms=None,
        reply_work_p50_ms=3.2,
        reply_work_p95_ms=8.9,
        server_core_percent=10,
        rss_before_mb=190,
        rss_full_mb=200,
        threads=12,
        rooms_at_once=rooms,
        wall_s=30,
        generator_core_percent=5,
        generator_late_p95_ms=1.2,
        others_machine_percent=2,
        notices=(),
        logged_warnings=(),
        warnings=("too busy",),
    )


def test_the_table_has_a_row_for_each_run_and_says_what_was_not_measured() -> None:
    head, rule, *rows = growth_table([result("ours", 1), result("theirs", 100)]).splitlines()

    assert len(rows) == 2
    assert {line.count("|") for line in (head, rule, *rows)} == {head.count("|")}
    assert "900 / -" in rows[0]
    assert "WARNING: too busy" in remarks([result("ours", 1)])[0]


def samples(memory_mib: list[float]) -> list[Sample]:
    busy = [
        replace(START, at_s=20.0 * number, closed=number, inside=5, rss_mib=mib, tasks=90)
        for number, mib in enumerate(memory_mib, start=1)
    ]
    return [START, *busy, replace(START, at_s=busy[-1].at_s + 30, closed=len(busy))]


def test_a_soak_that_ends_where_it_began_has_no_fault() -> None:
    assert faults(samples([210.0] * 20)) == []


def test_moments_of_hashing_are_no_rise() -> None:
    spiky = [274.0 if number % 7 == 0 else 210.0 for number in range(40)]

    assert rise(samples(spiky)).mib == 0


def test_each_leak_is_a_fault() -> None:
    rising = samples([200.0 + 2 * number for number in range(40)])
    leaky = replace(rising[-1], room_tasks=2, tasks=40, threads=60, handles=90, objects={"Room": 3})

    found = faults([*rising[:-1], leaky])

    assert rise(rising).mib > MEMORY_LIMIT_MIB
    for word in ("2 rooms outlived", "3 objects Room", "tasks", "threads", "handles", "memory"):
        assert any(word in one for one in found)


def test_the_curve_is_drawn_with_a_panel_for_each_measure() -> None:
    picture = ElementTree.fromstring(draw(samples([210.0] * 10)))  # noqa: S314 -- just made here

    assert len(picture.findall("{http://www.w3.org/2000/svg}polyline")) == 4


def test_the_minutes_are_a_row_each_between_start_and_end() -> None:
    rows = minute_table(samples([210.0] * 12)).splitlines()[2:]

    assert [row.split("|")[1].strip() for row in rows] == [
        "start",
        "0.3",
        "1.3",
        "2.3",
        "3.3",
        "end",
    ]


@pytest.mark.parametrize(
    "arguments", [["--rooms", "0"], ["--rooms", "many"], ["--turns", "8"], ["--peer", "nobody"]]
)
def test_wrong_usage_of_rooms_ends_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        rooms(arguments)


@pytest.mark.parametrize("arguments", [["--rooms", "0"], ["--minutes", "-1"], ["--at-once", "x"]])
def test_wrong_usage_of_the_soak_ends_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        soak(arguments)
