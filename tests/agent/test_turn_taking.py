"""What the last words, a "mm-hm" and an echo are taken for, and how long a pause may be."""

from __future__ import annotations

import pytest

from agent.turns.decision import Evidence, wait_ms
from agent.turns.endings import UNFINISHED, Ending, ending_of
from agent.turns.overlap import is_backchannel, is_echo
from agent.turns.turns import GRACE_MS, LATEST_MS, LONGEST_GRACE_MS, Turns
from sessions.facts import Move
from sessions.plan import InterviewType, Patience

BROKEN_OFF = [
    "",
    "...",
    "Um",
    "so what I did was, um",
    "we had two options and",
    "I would use a hash map because",
    "The first thing I'd look at is the",
    "We split it into",
    "I think it was, like,",
    "It is a kind of",
    "There are some cases, for example",
    "it was hard, you know",
    "Let me see",
    "I would ask for, what is it called",
    "WELL,",
    "First, I measured it. Secondly",
    "a queue, such as",
]
WHOLE = [
    "I would use a hash map.",
    "We shipped it two weeks later",
    "Yes",
    "No",
    "skip",
    "It runs in n log n",
    "So that took us three months",
    "Can you repeat the question?",
    "because it was cheaper",
    "and we kept the old one as well",
    "2024",
]


@pytest.mark.parametrize("text", BROKEN_OFF)
def test_words_that_break_off_are_unfinished(text: str) -> None:
    assert ending_of(text) in UNFINISHED


@pytest.mark.parametrize("text", WHOLE)
def test_words_that_could_end_an_answer_are_finished(text: str) -> None:
    assert ending_of(text) not in UNFINISHED


def wait_for(ending: Ending, patience: Patience, interview_type: InterviewType) -> int:
    evidence = Evidence(
        ending=ending,
        probability=None,
        move=Move.ASK,
        interview_type=interview_type,
        patience=patience,
        spoken_ms=10_000,
    )
    return wait_ms(evidence)


@pytest.mark.parametrize("interview_type", InterviewType)
@pytest.mark.parametrize("ending", [Ending.PLAIN, Ending.BROKEN_OFF])
def test_patience_lengthens_the_pauses(interview_type: InterviewType, ending: Ending) -> None:
    normal, patient, very = (wait_for(ending, patience, interview_type) for patience in Patience)
    assert 500 <= normal < patient < very


@pytest.mark.parametrize("patience", Patience)
@pytest.mark.parametrize("thoughtful", [InterviewType.SYSTEM_DESIGN, InterviewType.MACHINE_CODING])
def test_questions_thought_about_aloud_get_longer_pauses(
    patience: Patience, thoughtful: InterviewType
) -> None:
    for ending in (Ending.PLAIN, Ending.BROKEN_OFF):
        quick = wait_for(ending, patience, InterviewType.BEHAVIORAL)
        assert wait_for(ending, patience, thoughtful) > quick


@pytest.mark.parametrize("patience", Patience)
def test_half_a_sentence_is_waited_for_longer_than_a_whole_one(patience: Patience) -> None:
    broken_off = wait_for(Ending.BROKEN_OFF, patience, InterviewType.DSA)
    assert broken_off > wait_for(Ending.PLAIN, patience, InterviewType.DSA)


@pytest.mark.parametrize(
    "text",
    [
        "mm",
        "Mm-hm.",
        "mhm",
        "uh-huh",
        "Yeah, yeah.",
        "OK",
        "I see.",
        "got it",
        "um, right",
        "Mmm",
        "hmm okay",
        "that makes sense",
        "oh okay I see",
        "um uh um hmm er um",
        "Sure, go on.",
    ],
)
def test_sounds_of_listening_are_backchannels(text: str) -> None:
    assert is_backchannel(text)


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "wait",
        "skip",
        "stop there",
        "yes but",
        "I see a problem",
        "okay got it I would begin with the index",
        "",
        "not sure",
        "so I",
    ],
)
def test_words_that_want_something_are_no_backchannels(text: str) -> None:
    assert not is_backchannel(text)


SPOKEN = (
    "Thank you. Next question. Tell me about a time you were given a vague goal, "
    "and had to turn it into something that could be built."
)


@pytest.mark.parametrize(
    "heard",
    [
        "tell me about a time you were given a vague goal",
        "Next question. Tell me about",
        "and had to turn it into something that could be build",  # as a recogniser mishears it
        SPOKEN,
        "tell me about the time you were giving a vague goal",  # two words wrong
        "turn it into something that could built",  # one lost
        "a vague",  # the first result of a longer echo
    ],
)
def test_the_interviewers_own_words_are_its_echo(heard: str) -> None:
    assert is_echo(heard, SPOKEN)


@pytest.mark.parametrize(
    ("heard", "spoken"),
    [
        ("I was asked to make the search better", SPOKEN),
        ("next question", SPOKEN),  # two words: a request, rather than an echo
        ("a vague goal", ""),
        ("goal", SPOKEN),  # one word may be an answer
        ("vague index", SPOKEN),
        ("I was given a vague goal", SPOKEN),  # retold from the other side
        ("tell me again", SPOKEN),
        ("", SPOKEN),
        # An answer that holds what has been said so far, and more.
        ("thank you so much I would begin with the index", "Thank you."),
        ("of course take your time was what he told me but we had none", "Take your time."),
    ],
)
def test_the_candidates_words_are_no_echo(heard: str, spoken: str) -> None:
    assert not is_echo(heard, spoken)


ENDINGS = [
    ("let me think", Ending.ASKED_TIME),
    ("Okay, give me a second", Ending.ASKED_TIME),
    ("we cached it um let me think about that for a moment", Ending.ASKED_TIME),
    ("that's a good question", Ending.ASKED_TIME),
    ("okay", Ending.ACKNOWLEDGED),
    ("hmm right yes", Ending.ACKNOWLEDGED),
    ("okay so", Ending.HANGING),
    ("um", Ending.BROKEN_OFF),
    ("we had a queue and um", Ending.BROKEN_OFF),
    ("we moved it because it", Ending.BROKEN_OFF),
    ("we put it behind the", Ending.BROKEN_OFF),
    ("I would say it was, you know", Ending.BROKEN_OFF),
    ("we looked at the logs, ", Ending.BROKEN_OFF),
    ("and the one that we wanted to talk to", Ending.HANGING),
    ("it took us about two weeks I think", Ending.HANGING),
    ("there are three things that matter", Ending.PROMISED),
    ("there are two options the first is to cache the whole page", Ending.PROMISED),
    ("well first I would look at the logs of the service", Ending.PROMISED),
    ("if the cache is cold", Ending.PROMISED),
    ("it was great and when the server restarts", Ending.PROMISED),
    ("on the one hand it is easy to operate", Ending.PROMISED),
    ("a hash map", Ending.SHORT),
    ("we shipped it two weeks later", Ending.PLAIN),
    ("I don't know", Ending.PLAIN),
    (
        "there are two options the first is to cache it and the second is to compute it",
        Ending.PLAIN,
    ),
    ("first I looked at the logs and then I found the slow query", Ending.PLAIN),
    ("if the cache is cold then we go to the database", Ending.PLAIN),
    ("the worst case comes up when the list is sorted", Ending.PLAIN),
    ("and then we counted how many results there are", Ending.PLAIN),
    ("they asked me whom I had worked with and I liked it", Ending.PLAIN),
    ("so that's how we brought it down to ten seconds", Ending.CONCLUDED),
    ("we talked to them and they were fine with it so yeah", Ending.CONCLUDED),
    ("the state lives in the parent and that's it", Ending.CLOSED),
    ("each of them has a key that's my answer", Ending.CLOSED),
    ("Do you mean the average?", Ending.CLOSED),
    ("can you repeat the question", Ending.CLOSED),
    ("skip this question", Ending.CLOSED),
]


@pytest.mark.parametrize(("text", "ending"), ENDINGS)
def test_what_the_last_words_say(text: str, ending: Ending) -> None:
    assert ending_of(text) is ending


def test_the_words_of_another_language_say_nothing() -> None:
    assert ending_of("wir haben das dann in die", "de-DE") is Ending.PLAIN


def evidence(
    ending: Ending = Ending.PLAIN,
    *,
    probability: float | None = None,
    move: Move | None = Move.ASK,
    interview_type: InterviewType = InterviewType.BEHAVIORAL,
    patience: Patience = Patience.NORMAL,
    spoken_ms: int = 10_000,
) -> Evidence:
    return Evidence(
        ending=ending,
        probability=probability,
        move=move,
        interview_type=interview_type,
        patience=patience,
        spoken_ms=spoken_ms,
    )


def test_the_more_finished_the_words_the_shorter_the_wait() -> None:
    waits = [wait_ms(evidence(ending)) for ending in Ending]
    assert waits[0] == max(waits)
    assert waits[-1] == min(waits)
    plain = wait_ms(evidence(Ending.PLAIN))
    for ending in (Ending.ACKNOWLEDGED, Ending.BROKEN_OFF, Ending.PROMISED, Ending.HANGING):
        assert wait_ms(evidence(ending)) > plain
    assert wait_ms(evidence(Ending.CONCLUDED)) < plain


@pytest.mark.parametrize("ending", Ending)
def test_how_it_sounded_moves_the_wait_and_unknown_is_the_middle(ending: Ending) -> None:
    low, high = (wait_ms(evidence(ending, probability=p)) for p in (0.1, 0.9))
    assert high <= wait_ms(evidence(ending)) == wait_ms(evidence(ending, probability=0.45)) <= low


@pytest.mark.parametrize("ending", Ending)
def test_patience_waits_longer_at_every_ending(ending: Ending) -> None:
    waits = [wait_ms(evidence(ending, patience=patience)) for patience in Patience]
    assert waits == sorted(set(waits))
    assert waits[-1] <= 10_000


def test_a_question_to_think_about_waits_longer_and_small_talk_shorter() -> None:
    asked = wait_ms(evidence())
    assert wait_ms(evidence(interview_type=InterviewType.SYSTEM_DESIGN)) > asked
    assert wait_ms(evidence(move=Move.PROBE)) < asked
    assert wait_ms(evidence(move=Move.GREET)) < wait_ms(evidence(move=Move.PROBE))
    # What was asked in passing is no harder for the kind of interview it is asked in.
    design = evidence(move=Move.GREET, interview_type=InterviewType.SYSTEM_DESIGN)
    assert wait_ms(design) == wait_ms(evidence(move=Move.GREET))


def test_yes_and_two_words_answer_a_follow_up_but_not_a_question() -> None:
    for ending in (Ending.SHORT, Ending.ACKNOWLEDGED):
        asked = wait_ms(evidence(ending, spoken_ms=500))
        assert asked > wait_ms(evidence(Ending.PLAIN, spoken_ms=500))
        assert wait_ms(evidence(ending, move=Move.PROBE, spoken_ms=500)) < asked


def test_a_beginning_waits_longer_and_a_long_whole_answer_shorter() -> None:
    waits = [wait_ms(evidence(spoken_ms=spoken_ms)) for spoken_ms in (1_000, 10_000, 40_000)]
    assert waits == sorted(set(waits), reverse=True)


# -- the state machine ---------------------------------------------------------------------------

PLAIN_MS = wait_ms(evidence())
SENTENCE = "we had a slow service and I rewrote the part that nobody dared to touch"


def turns(patience: Patience = Patience.NORMAL) -> Turns:
    made = Turns(patience, InterviewType.BEHAVIORAL)
    made.begin(Move.ASK)
    return made


def said(made: Turns, text: str, *, until_ms: int = 20_000) -> None:
    """Speech of 10 s, its words final 0.3 s after it."""
    made.speech_began(until_ms - 10_000)
    made.heard(text, is_final=False, at_ms=until_ms - 100)
    made.speech_ended(until_ms)
    made.heard(text, is_final=True, at_ms=until_ms + 300)


def test_silence_and_sound_without_words_are_never_a_turn() -> None:
    made = turns()
    assert made.due_ms is None
    made.speech_began(1_000)
    assert made.due_ms is None
    made.speech_ended(1_200)
    assert made.due_ms is None
    made.judged(0.99)
    assert made.due_ms is None


def test_a_turn_is_due_its_wait_after_the_last_sound() -> None:
    made = turns()
    said(made, SENTENCE)
    assert made.due_ms == 20_000 + PLAIN_MS


def test_there_is_no_due_time_in_speech() -> None:
    made = turns()
    said(made, SENTENCE)
    made.speech_began(20_900)
    assert made.due_ms is None


def test_the_audio_model_moves_the_due_time_for_its_own_pause_only() -> None:
    made = turns()
    said(made, SENTENCE)
    assert made.wants_judgement
    made.judged(0.9)
    assert made.due_ms == 20_000 + wait_ms(evidence(probability=0.9))
    assert not made.wants_judgement
    made.speech_began(21_000)
    made.judged(0.9)  # comes too late: there is speech
    made.heard(f"{SENTENCE} for years", is_final=True, at_ms=21_500)
    made.speech_ended(21_400)
    assert made.due_ms == 21_400 + PLAIN_MS


def test_the_model_is_not_asked_about_words_that_say_it_themselves() -> None:
    made = turns()
    said(made, "we had a slow service and")
    assert not made.wants_judgement
    made.reset()
    said(made, "it took two years and that's it", until_ms=40_000)
    assert not made.wants_judgement


def test_interim_words_get_a_bounded_grace_to_become_final() -> None:
    made = turns()
    made.speech_began(19_000)
    made.speech_ended(20_000)
    made.heard("so that's it", is_final=False, at_ms=20_200)
    closed_ms = wait_ms(evidence(Ending.CLOSED))
    assert closed_ms < GRACE_MS
    assert made.due_ms == 20_200 + GRACE_MS
    made.heard("so that's it", is_final=True, at_ms=20_500)
    assert made.due_ms == 20_000 + closed_ms


def test_late_words_may_make_the_turn_due_in_the_past() -> None:
    made = turns()
    made.speech_began(10_000)
    made.speech_ended(20_000)
    made.heard(SENTENCE, is_final=True, at_ms=23_000)
    assert made.due_ms == 20_000 + PLAIN_MS < 23_000


def test_a_recogniser_that_was_slow_gets_more_time_for_the_next_words() -> None:
    made = turns()
    made.speech_began(10_000)
    made.speech_ended(20_000)
    made.heard("we had a slow", is_final=True, at_ms=22_000)
    made.speech_began(22_100)
    made.speech_ended(24_000)
    due_ms = made.due_ms
    assert due_ms is not None
    assert 24_000 + 2_000 < due_ms <= 24_000 + LONGEST_GRACE_MS


def test_a_cough_after_the_answer_delays_it_by_no_more_than_the_grace() -> None:
    made = turns()
    said(made, SENTENCE)
    made.speech_began(20_500)
    assert made.due_ms is None
    made.speech_ended(20_750)
    assert made.due_ms == max(20_000 + PLAIN_MS, 20_750 + GRACE_MS)


def test_words_of_a_sound_count_from_that_sound() -> None:
    made = turns()
    said(made, SENTENCE)
    made.speech_began(20_500)
    made.speech_ended(21_500)
    made.heard(f"{SENTENCE} for two years", is_final=True, at_ms=21_800)
    assert made.due_ms == 21_500 + PLAIN_MS


def test_words_without_any_sound_noticed_count_from_when_they_came() -> None:
    made = turns()
    made.heard(SENTENCE, is_final=True, at_ms=50_000)
    due_ms = made.due_ms
    assert due_ms is not None
    assert due_ms > 50_000
    made.reset()
    said(made, SENTENCE, until_ms=60_000)
    at_ms = 60_000 + LATEST_MS + 1
    made.heard(f"{SENTENCE} for two years", is_final=True, at_ms=at_ms)
    assert made.due_ms == at_ms + PLAIN_MS


def test_after_the_turn_was_taken_its_late_words_wait_anew() -> None:
    made = turns()
    said(made, SENTENCE)
    made.reset()
    assert made.due_ms is None
    made.heard("for years", is_final=True, at_ms=22_000)
    due_ms = made.due_ms
    assert due_ms is not None
    assert due_ms > 22_000


def test_speech_that_goes_on_when_the_turn_is_taken_belongs_to_the_next() -> None:
    made = turns()
    said(made, SENTENCE)
    made.speech_began(21_000)
    made.reset()
    assert made.due_ms is None
    made.heard("wait I forgot the main point of it", is_final=True, at_ms=22_000)
    assert made.due_ms is None
    made.speech_ended(22_100)
    due_ms = made.due_ms
    assert due_ms is not None
    assert due_ms > 22_100


@pytest.mark.parametrize("patience", Patience)
def test_whoever_asks_for_time_gets_more_of_it_than_after_a_whole_sentence(
    patience: Patience,
) -> None:
    thinking, whole = turns(patience), turns(patience)
    said(thinking, "let me think")
    said(whole, SENTENCE)
    assert thinking.due_ms is not None
    assert whole.due_ms is not None
    assert thinking.due_ms - whole.due_ms >= 2_000
