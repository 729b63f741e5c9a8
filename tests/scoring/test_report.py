import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from scoring.model import QuestionStatus, Report
from scoring.report import write_report
from sessions.errors import NotFound
from sessions.facts import (
    OPENED_ELSEWHERE,
    ConnectionLost,
    ConnectionResumed,
    Coverage,
    Fact,
    Intent,
    IntentRecognised,
    InterviewAbandoned,
    InterviewPaused,
    InterviewPlanned,
    InterviewResumed,
    Probed,
    ProviderFailed,
    QuestionSkipped,
    RoomClosed,
    RoomLost,
    SkipReason,
    Speaker,
    Timing,
)
from sessions.ids import KeyPointId, QuestionId
from sessions.lifecycle import Status
from tests.scoring.build import (
    T0,
    asked,
    consent,
    filler,
    finding,
    heard,
    planned,
    question,
    room,
    scored,
    spoke,
)
from tests.scoring.golden import REPORT, load_log, report_json

COVERED, PARTLY = Coverage.COVERED, Coverage.PARTLY
LONG = (
    "I would keep a hash set of what was seen and look every new number up in it, "
    "which costs linear time"
)
OPEN: list[Fact] = [planned(question(), question("q2")), room(), consent(), asked(0, "q1", at=50)]


def report(*facts: Fact) -> Report:
    return write_report([*OPEN, *facts])


# -- the golden log --


def test_the_golden_log_gives_the_golden_report() -> None:
    assert report_json(load_log()) == REPORT.read_text(encoding="utf-8")


def consistent(found: Report, log: list[Fact]) -> None:
    """What must hold of every report."""
    plan = next(fact for fact in log if isinstance(fact, InterviewPlanned))
    text_of = {
        line.turn: line.text for line in found.transcript if line.speaker is Speaker.CANDIDATE
    }
    assert [one.id for one in found.questions] == [one.id for one in plan.questions]
    assert found.has_enough is not bool(found.not_enough_reason)
    coverage = found.coverage
    assert coverage.key_points_covered + coverage.key_points_partly <= coverage.key_points_total
    assert 0 <= found.duration_ms <= log[-1].at_ms - log[0].at_ms
    offsets = [line.offset_ms for line in found.transcript]
    assert offsets == sorted(offsets)
    for line in found.transcript:
        assert all(line.text[mark.start : mark.end] for mark in line.fillers)
    for one in found.questions:
        for point in one.key_points:
            assert bool(point.quotes) is (point.coverage is not Coverage.MISSING)
            for quote in point.quotes:
                assert text_of[quote.turn][quote.start : quote.end] == quote.text


def test_every_beginning_of_the_golden_log_gives_a_report() -> None:
    log = load_log()
    for length in range(1, len(log) + 1):
        consistent(write_report(log[:length]), log[:length])


@settings(deadline=None)  # the machine may be busy
@given(st.data())
def test_a_log_with_any_facts_missing_gives_a_report(data: st.DataObject) -> None:
    log = load_log()
    kept = data.draw(st.lists(st.booleans(), min_size=len(log), max_size=len(log)))
    part = [log[0], *(fact for fact, is_kept in zip(log[1:], kept[1:], strict=True) if is_kept)]
    consistent(write_report(part), part)


def test_without_a_plan_there_is_no_interview() -> None:
    with pytest.raises(NotFound):
        write_report([])
    with pytest.raises(NotFound):
        write_report([room(), consent()])


def test_a_report_survives_json() -> None:
    adapter = TypeAdapter(Report)
    found = write_report(load_log())
    assert adapter.validate_json(adapter.dump_json(found)) == found
    assert json.loads(adapter.dump_json(found))["status"] == "completed"


# -- evidence --


def test_only_planned() -> None:
    found = write_report(OPEN[:1])
    assert (found.status, found.started_ms, found.duration_ms) == (Status.READY, None, 0)
    assert {one.status for one in found.questions} == {QuestionStatus.NOT_REACHED}
    assert not found.has_enough


def test_quotes_are_those_of_the_best_coverage() -> None:
    found = report(
        heard(LONG, turn=1, at=3_000),
        scored(
            1,
            "q1",
            finding("set", PARTLY, "a hash", 13),
            finding("cost", PARTLY, "linear", LONG.index("linear")),
        ),
        heard("It is a hash set.", turn=2, at=30_000),
        scored(2, "q1", finding("set", COVERED, "It is a hash set."), finding("cost", PARTLY)),
    )
    set_, cost = found.questions[0].key_points
    assert (set_.coverage, [quote.turn for quote in set_.quotes]) == (COVERED, [2])
    assert set_.quotes[0].offset_ms == 30_000
    assert (cost.coverage, [quote.text for quote in cost.quotes]) == (PARTLY, ["linear"])
    assert (found.coverage.key_points_covered, found.coverage.key_points_partly) == (1, 1)
    assert found.judge == "j"


def test_a_finding_whose_quote_is_not_in_the_turn_does_not_count() -> None:
    found = report(heard(LONG), scored(1, "q1", finding("set", COVERED, "a hash table", 13)))
    assert found.questions[0].key_points[0].coverage is Coverage.MISSING


def test_a_turn_judged_again_is_as_it_was_judged_last() -> None:
    found = report(
        heard(LONG),
        scored(1, "q1", finding("set", COVERED, "hash set", 15)),
        scored(1, "q1", finding("set", PARTLY, "hash", 15)),
    )
    assert found.questions[0].key_points[0].coverage is PARTLY


def test_a_request_is_no_answer() -> None:
    found = report(
        heard("Could you please repeat the question about the hash set once more", turn=1),
        IntentRecognised(at_ms=T0, turn=1, intent=Intent.REPEAT),
        scored(1, "q1", finding("set", COVERED, "hash set", 48)),
    )
    assert found.questions[0].words == 0
    assert found.questions[0].status is QuestionStatus.UNANSWERED
    assert found.questions[0].key_points[0].coverage is Coverage.MISSING
    assert len(found.transcript) == 1


def skip(reason: SkipReason = SkipReason.CANDIDATE) -> QuestionSkipped:
    return QuestionSkipped(at_ms=T0 + 90_000, question_id=QuestionId("q1"), reason=reason)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([], QuestionStatus.UNANSWERED),
        ([heard("um well yes", turn=1), filler("um"), filler("well")], QuestionStatus.UNANSWERED),
        ([heard("It depends on the data", turn=1)], QuestionStatus.ANSWERED),
        (
            [
                heard("hash set", timing=Timing.NONE),
                scored(1, "q1", finding("set", COVERED, "hash set")),
            ],
            QuestionStatus.ANSWERED,
        ),
        ([skip()], QuestionStatus.SKIPPED),
        ([heard("I really have no idea at all"), skip()], QuestionStatus.SKIPPED),
        ([heard(LONG), skip(SkipReason.TIME_OVER)], QuestionStatus.ANSWERED),
    ],
)
def test_status_of_a_question(facts: list[Fact], expected: QuestionStatus) -> None:
    assert report(*facts).questions[0].status is expected


def test_too_little_said_is_not_enough() -> None:
    nothing = report()
    assert not nothing.has_enough and "Nothing was said" in nothing.not_enough_reason
    little = report(heard("A hash set would be my choice", turn=1))
    assert not little.has_enough
    assert little.not_enough_reason.startswith("Only 7 words were said")
    elsewhere = report(heard(LONG, id=None))
    assert not elsewhere.has_enough
    assert report(heard(LONG)).has_enough


def test_probes_are_the_follow_ups_asked() -> None:
    found = report(
        heard(LONG),
        Probed(at_ms=T0, question_id=QuestionId("q1"), key_point_id=KeyPointId("cost")),
        Probed(at_ms=T0, question_id=QuestionId("q2"), key_point_id=KeyPointId("set")),
    )
    assert found.questions[0].probes == ("And the cost?",)
    assert [point.was_probed for point in found.questions[0].key_points] == [False, True]


# -- the transcript --


def test_lines_stand_in_the_order_they_were_begun() -> None:
    found = report(
        heard("um a hash set", turn=1, at=9_000, ms=4_000),
        filler("um", turn=1),
        spoke("What would you use, and why?", at=1_000, ms=5_000, heard="What would", id="q1"),
        spoke("Nobody heard this", at=6_000, ms=10, heard=""),
    )
    first, second = found.transcript
    assert (first.speaker, first.text, first.is_cut) == (Speaker.INTERVIEWER, "What would", True)
    assert (first.offset_ms, first.question_index) == (1_000, 0)
    assert (second.turn, second.offset_ms, second.is_typed) == (1, 9_000, False)
    assert [second.text[mark.start : mark.end] for mark in second.fillers] == ["um"]


# -- time and trouble --


def at(ms: int) -> int:
    return T0 + ms


def test_duration_leaves_pauses_and_absent_rooms_out() -> None:
    found = report(
        InterviewPaused(at_ms=at(10_000)),
        InterviewResumed(at_ms=at(60_000)),
        heard(LONG, at=61_000, ms=9_000),  # until 70 s
        RoomLost(at_ms=at(400_000), gateway="g"),  # found long after
        room(at=500_000),
        RoomClosed(at_ms=at(505_000), reason="drain"),
        room(at=600_000),
        ConnectionLost(at_ms=at(601_000), reason="gone"),
        InterviewAbandoned(at_ms=at(900_000), reason="nobody came back"),
    )
    assert found.duration_ms == 10_000 + 10_000 + 5_000 + 1_000
    assert (found.started_ms, found.status) == (T0, Status.ABANDONED)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([], []),
        (
            [
                ConnectionLost(at_ms=at(1), reason="x"),
                ConnectionResumed(at_ms=at(9), gap_ms=12_300),
            ],
            ["The connection was lost for 12 s during question 1."],
        ),
        (
            [
                ConnectionLost(at_ms=at(0), reason="x"),
                RoomClosed(at_ms=at(9), reason="x"),
                room(at=125_000),
            ],
            ["The connection was lost for 2 min 5 s during question 1."],
        ),
        (
            [ConnectionLost(at_ms=at(1), reason="x")],
            ["The connection was lost during question 1 and did not come back."],
        ),
        (
            [heard(LONG, at=0, ms=1_000), RoomLost(at_ms=at(50_000), gateway="g"), room(at=61_000)],
            ["The interview was cut off for 1 min during question 1."],
        ),
        (
            [ProviderFailed(at_ms=at(1), component="tts", provider="espeak", reason="r")] * 2
            + [
                asked(1, "q2"),
                ProviderFailed(at_ms=at(2), component="stt", provider="browser", reason="r"),
            ],
            [
                "The interviewer's voice (espeak) failed 2 times during question 1.",
                "Speech recognition (browser) failed during question 2.",
            ],
        ),
    ],
)
def test_interruptions_are_told_as_sentences(facts: list[Fact], expected: list[str]) -> None:
    assert list(report(*facts).interruptions) == expected


def test_trouble_before_the_first_question() -> None:
    facts = [
        *OPEN[:2],
        ConnectionLost(at_ms=at(1), reason="x"),
        ConnectionResumed(at_ms=at(9), gap_ms=8_000),
    ]
    assert write_report(facts).interruptions == (
        "The connection was lost for 8 s before the first question.",
    )


def test_what_the_candidate_did_and_what_nobody_noticed_is_no_trouble() -> None:
    for reason, gap_ms, paused in (
        ("x", 300, False),
        (OPENED_ELSEWHERE, 60_000, False),
        ("x", 60_000, True),
    ):
        facts = [
            *OPEN,
            *([InterviewPaused(at_ms=at(20))] if paused else []),
            ConnectionLost(at_ms=at(21), reason=reason),
            ConnectionResumed(at_ms=at(81), gap_ms=gap_ms),
        ]
        assert write_report(facts).interruptions == ()
