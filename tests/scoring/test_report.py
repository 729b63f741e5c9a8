import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from scoring.model import QuestionStatus, Report
from scoring.report import write_report
from scoring.technical import gather_technical
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
    rubric,
    rubrics,
    scored,
    spoke,
    timed,
)
from tests.scoring.golden import REPORT, golden_report, load_log, report_json

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
    for findings in (found.strengths, found.weaknesses, found.improvements):
        assert all(one.quotes for one in findings.items)
        assert findings.items or findings.note
    spans = [quote for one in found.questions for part in one.star for quote in part.quotes]
    assert all(text_of[span.turn][span.start : span.end] == span.text for span in spans)
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
        consistent(golden_report(log[:length]), log[:length])


@settings(deadline=None)  # the machine may be busy
@given(st.data())
def test_a_log_with_any_facts_missing_gives_a_report(data: st.DataObject) -> None:
    log = load_log()
    kept = data.draw(st.lists(st.booleans(), min_size=len(log), max_size=len(log)))
    part = [log[0], *(fact for fact, is_kept in zip(log[1:], kept[1:], strict=True) if is_kept)]
    consistent(golden_report(part), part)


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


def test_an_answer_is_kept_whole_with_what_it_answers() -> None:
    found = report(
        heard("Could you say that again please", turn=1),
        IntentRecognised(at_ms=T0, turn=1, intent=Intent.REPEAT),
        heard(LONG, turn=2, at=3_000),
        Probed(at_ms=T0, question_id=QuestionId("q1"), key_point_id=KeyPointId("cost")),
        heard("Linear, I think.", turn=3, at=9_000, timing=Timing.NONE),
        asked(1, "q2"),
        heard("Something else.", turn=4, at=12_000, id="q2"),
    )
    first, second = found.questions
    assert [(part.turn, part.asked, part.probed_id) for part in first.answers] == [
        (2, "The text of q1?", None),
        (3, "And the cost?", "cost"),
    ]
    assert [part.is_typed for part in first.answers] == [False, True]
    assert (first.answers[0].text, first.answers[0].offset_ms) == (LONG, 3_000)
    assert [part.turn for part in second.answers] == [4]


def test_words_are_counted_by_the_words_alone() -> None:
    said = heard("Um, you know, a hash set")
    for marks in ([], [filler("um")], [filler("um"), filler("you know"), filler("like")]):
        assert report(said, *marks).questions[0].words == 3


def test_the_sentence_of_the_model_answer_for_a_key_point() -> None:
    answer = "Keep every number you saw in a hash set. Looking up is linear in all. Then stop."
    plan = planned(replace(question(), model_answer=answer))
    set_, cost = write_report([plan]).questions[0].key_points
    assert set_.example == "Keep every number you saw in a hash set."
    assert cost.example == "Looking up is linear in all."
    assert report().questions[0].key_points[0].example == ""


def test_a_story_shows_its_elements_and_says_what_is_missing() -> None:
    found = golden_report(load_log())
    told, learned, skipped = found.questions
    assert all(part.is_there and not part.advice for part in told.star)
    missing = [part for part in learned.star if not part.is_there]
    assert missing and all(part.advice for part in missing)
    assert skipped.star == ()
    assert report(heard(LONG)).questions[0].star == ()


def test_a_story_of_we_alone_says_so() -> None:
    told = replace(
        question(),
        key_points=tuple(replace(point, star="action") for point in question().key_points),
    )
    text = "We built a cache for it. Then we tested it and we shipped it to everybody in a week."
    found = write_report([planned(told), room(), consent(), asked(0, "q1"), heard(text)])
    assert "we" in found.questions[0].star_note
    assert found.questions[0].star_note_quotes[0].text == "We built a cache for it."


# -- scores, and what the report was made with --


def test_scores_need_a_rubric_and_enough_to_judge() -> None:
    assert report(heard(LONG)).scores is None
    known = rubrics(rubric())
    nothing = write_report(OPEN, rubrics=known)
    assert (nothing.scores, nothing.content_scores) == (None, None)
    found = write_report([*OPEN, heard(LONG)], rubrics=known)
    assert found.scores is not None and found.content_scores is not None
    assert found.scores.overall.value is None and found.scores.overall.reason
    assert found.scores.parts and found.scores.content_parts
    # An overall of hiring is its content: said there, it would be said after all.
    assert found.content_scores.overall.value is None
    assert found.content_scores.parts == found.content_scores.content_parts == ()
    assert len(found.scores.questions) == 2


def test_what_a_report_was_made_with() -> None:
    facts = [*OPEN, heard(LONG), scored(1, "q1", finding("set", COVERED, "hash set", 15))]
    by_model = replace(facts[-1], judge="model:some/model-1@abc123")
    made = write_report([*facts, by_model], rubrics=rubrics(rubric()), software="9.9").made_with
    assert made.judges == ("model:some/model-1@abc123",)
    assert (made.model, made.prompts_sha256, made.software) == ("some/model-1", "abc123", "9.9")
    assert made.rubric is not None
    assert (made.rubric.id, made.rubric.version) == ("dsa/easy", 3)
    assert made.rubric.sha256 == rubric().sha256
    assert [(one.id, one.version) for one in made.questions] == [("q1", 1), ("q2", 1)]
    offline = report(heard(LONG)).made_with
    assert (offline.judges, offline.model, offline.rubric) == (("key-points-1",), "", None)


def test_trouble_that_matters_holds_the_scores() -> None:
    unsure = tuple(replace(word, confidence=0.3) for word in timed(LONG, at=0))
    lost = [
        ConnectionLost(at_ms=at(30_000), reason="x"),
        ConnectionResumed(at_ms=at(95_000), gap_ms=65_000),
    ]
    known = rubrics(rubric())
    calm = write_report([*OPEN, heard(LONG)], rubrics=known).technical
    assert (calm.low_confidence_share, calm.is_held) == (None, False)
    mumbled = heard(LONG, timing=Timing.WORD, words=unsure)
    found = write_report([*OPEN, mumbled, *lost], rubrics=known).technical
    assert found.low_confidence_share == 1
    assert len(found.held_reasons) == 2


@pytest.mark.parametrize(
    ("facts", "longest_ms", "cut"),
    [
        ([], 0, 0),
        ([ConnectionLost(at_ms=T0 + 500, reason="x")], 0, 0),
        ([ConnectionLost(at_ms=T0 + 500, reason="x"), room(at=9_500)], 9_000, 1),
        ([ConnectionLost(at_ms=T0 + 500, reason="x"), room(at=1_500)], 0, 0),
        ([ConnectionLost(at_ms=T0 + 60_000, reason="x"), room(at=70_000)], 10_000, 0),
        ([ConnectionLost(at_ms=T0 + 500, reason=OPENED_ELSEWHERE), room(at=9_000)], 0, 0),
        ([RoomLost(at_ms=T0 + 99_000, gateway="g"), room(at=99_500)], 79_500, 1),
    ],
)
def test_technical_facts(facts: list[Fact], longest_ms: int, cut: int) -> None:
    found = gather_technical([*OPEN, heard(LONG), *facts])
    assert (found.longest_interruption_ms, found.cut_answers) == (longest_ms, cut)


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
