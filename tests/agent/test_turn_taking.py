"""What the last words, a "mm-hm" and an echo are taken for, and how long a pause may be."""

from __future__ import annotations

import pytest

from agent.turn_taking import endpointing, is_backchannel, is_echo, looks_unfinished
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
    assert looks_unfinished(text)


@pytest.mark.parametrize("text", WHOLE)
def test_words_that_could_end_an_answer_are_finished(text: str) -> None:
    assert not looks_unfinished(text)


@pytest.mark.parametrize("interview_type", InterviewType)
def test_patience_lengthens_the_pauses(interview_type: InterviewType) -> None:
    normal, patient, very = (endpointing(p, interview_type) for p in Patience)
    assert 0.5 <= normal.min_s < patient.min_s < very.min_s
    assert normal.max_s < patient.max_s < very.max_s
    for pauses in (normal, patient, very):
        assert pauses.min_s < pauses.max_s


@pytest.mark.parametrize("patience", Patience)
@pytest.mark.parametrize("thoughtful", [InterviewType.SYSTEM_DESIGN, InterviewType.MACHINE_CODING])
def test_questions_thought_about_aloud_get_longer_pauses(
    patience: Patience, thoughtful: InterviewType
) -> None:
    quick = endpointing(patience, InterviewType.BEHAVIORAL)
    slow = endpointing(patience, thoughtful)
    assert slow.min_s > quick.min_s
    assert slow.max_s > quick.max_s


@pytest.mark.parametrize(
    "text", ["mm", "Mm-hm.", "mhm", "uh-huh", "Yeah, yeah.", "OK", "I see.", "got it", "um, right"]
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
        ("", SPOKEN),
        # An answer that holds what has been said so far, and more.
        ("thank you so much I would begin with the index", "Thank you."),
        ("of course take your time was what he told me but we had none", "Take your time."),
    ],
)
def test_the_candidates_words_are_no_echo(heard: str, spoken: str) -> None:
    assert not is_echo(heard, spoken)
