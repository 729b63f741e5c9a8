import re
from itertools import cycle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.key_points import judge_answer, merge_findings
from scoring.quotes import MAX_WORDS, widen
from scoring.words import count_words, tokenise
from sessions.facts import Coverage
from sessions.plan import Question
from tests.scoring.bank import bank_files, load_bank
from tests.scoring.build import finding, question

COVERED, PARTLY, MISSING = Coverage.COVERED, Coverage.PARTLY, Coverage.MISSING


@pytest.mark.parametrize(
    ("phrasings", "text", "expected"),
    [
        # said as it stands, inflected, in other spelling
        (["hash set"], "I would keep a hash set.", COVERED),
        (["check before adding"], "we checked it before we added it", COVERED),
        (["memoize"], "then I memoised the calls", COVERED),
        (["serialise the object"], "you serialize the objects", COVERED),
        (["order one per number"], "it is order 1 per number", COVERED),
        (["O of n space"], "it needs O(n) space", COVERED),
        # a filler, an article or two words in between
        (["hash set"], "a hash um set", COVERED),
        (["hash set"], "a hash, you know, set", COVERED),
        (["target minus number"], "the target minus the new number", COVERED),
        (["load the page"], "it loads only the first page", COVERED),
        (["load the page"], "it loads all that is on one more page", PARTLY),
        # order
        (["look up the complement"], "the complement is what I look up", PARTLY),
        # recognisers' errors, one word for two, two for one
        (["Kubernetes"], "we ran it on Cubernetes", COVERED),
        (["polymorphic call"], "a polimorphic call", COVERED),
        (["hash map"], "put it in a hashmap", COVERED),
        (["backpressure"], "we need back pressure there", COVERED),
        (["websocket"], "over web sockets", COVERED),
        (["mutable state"], "with immutable state", MISSING),
        (["synchronous"], "it is asynchronous", MISSING),
        (["order"], "an odour", MISSING),
        # negation
        (["hash set"], "I would not use a hash set", MISSING),
        (["hash set"], "we never had any hash set", MISSING),
        (["measured latency"], "I didn't measure the latency", MISSING),
        (["measured latency"], "I did not, um, measure the latency", MISSING),
        (["error handling"], "it went live without error handling", MISSING),
        (["hash set"], "no, a hash set is enough", COVERED),
        (["hash set"], "a list does not work but a hash set does", COVERED),
        (["hash set"], "not only a hash set, a tree too", COVERED),
        (["hash set"], "I would not sort. A hash set does it.", COVERED),
        (["hash set"], "I wouldn't use a hash set. Well, a hash set is fine.", COVERED),
        # phrasings that are negative themselves
        (["not a copy"], "it is not a copy", COVERED),
        (["not a copy"], "it isn't a deep copy", COVERED),
        (["not a copy"], "it is a copy", MISSING),
        (["cannot be reassigned"], "const can't be reassigned", COVERED),
        (["without modifying"], "it does not modify the array", COVERED),
        # one content word
        (["idempotent"], "the call is idempotent", COVERED),
        (["shard"], "I would shard it", PARTLY),
        (["went live"], "it went live in May", COVERED),
        (["went live"], "it went to the people who live there", MISSING),
        (["ttl", "expire"], "each key has a TTL, so keys expire", COVERED),
        (["map", "maps"], "we map it, and the maps are small", PARTLY),
        (["for of"], "I use for of", PARTLY),
        # most of a longer phrasing
        (["look up the complement in a hash map"], "a map to look for complements", PARTLY),
        (["look up the complement in a hash map"], "I would look again", MISSING),
        (["hash set"], "", MISSING),
        (["", "the", "?"], "the the the", MISSING),
    ],
)
def test_coverage_of_one_key_point(phrasings: list[str], text: str, expected: Coverage) -> None:
    (found,) = judge_answer(question(points={"point": tuple(phrasings)}), text)
    assert found.coverage is expected
    assert bool(found.quote) is (expected is not MISSING)


def test_one_finding_per_key_point_in_the_questions_order() -> None:
    asked = question(points={"c": ("linear time",), "a": ("hash set",), "b": ("two pointers",)})
    found = judge_answer(asked, "A hash set makes it linear time.")
    assert [(one.key_point_id, one.coverage) for one in found] == [
        ("c", COVERED),
        ("a", COVERED),
        ("b", MISSING),
    ]


def test_the_quote_is_the_sentence_said() -> None:
    (found,) = judge_answer(
        question(points={"p": ("hash set",)}),
        "I sort first. Um, I keep a hash set (of ints). Done.",
    )
    assert found.quote == "Um, I keep a hash set (of ints)."


def test_a_long_sentence_is_cut_to_its_clauses() -> None:
    text = "First " + "we talk and " * 20 + "wait, then I keep a hash set, and " + "so on " * 20
    (found,) = judge_answer(question(points={"p": ("hash set",)}), text)
    assert found.quote == "then I keep a hash set"


def test_speech_without_marks_is_cut_to_the_words_around() -> None:
    text = "word " * 60 + "hash set " + "word " * 60
    (found,) = judge_answer(question(points={"p": ("hash set",)}), text)
    assert count_words(found.quote) == MAX_WORDS
    assert "hash set" in found.quote


FRAGMENTS = st.sampled_from(
    "hash set hashmap not never , . ? O(n) um like the a linear time two pointers don't idempotent "
    "\u2014 \n ( ) \u0130 \ufb01 memoise backpressure back pressure".split(" ")
)
ANSWERS = st.one_of(st.text(max_size=200), st.lists(FRAGMENTS, max_size=80).map(" ".join))
ASKED = question(
    points={
        "set": ("hash set", "hash map", "not a copy"),
        "cost": ("linear time", "O of n", "idempotent"),
        "odd": ("", "the", "not", "n't", "?", "for of", "backpressure"),
    }
)


@settings(deadline=None)  # the machine may be busy
@given(ANSWERS)
def test_a_quote_is_always_what_stands_in_the_text(text: str) -> None:
    found = judge_answer(ASKED, text)
    assert [one.key_point_id for one in found] == ["set", "cost", "odd"]
    for one in found:
        assert text[one.start : one.end] == one.quote
        assert bool(one.quote) is (one.coverage is not MISSING)
    assert judge_answer(ASKED, text) == found


@settings(deadline=None)  # the machine may be busy
@given(st.lists(st.text(max_size=12), min_size=1, max_size=6), st.text(max_size=200))
def test_any_phrasing_can_be_looked_for(phrasings: list[str], text: str) -> None:
    judge_answer(question(points={"p": tuple(phrasings)}), text)


@settings(deadline=None)  # the machine may be busy
@given(st.text(min_size=1, max_size=300), st.data())
def test_a_widened_quote_holds_its_match(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    lower, upper = widen(text, start, end)
    assert 0 <= lower <= upper <= len(text)
    for word in tokenise(text):
        if start <= word.start and word.end <= end:
            assert lower <= word.start and word.end <= upper


def test_merging_keeps_the_better_finding_and_the_earlier_of_equals() -> None:
    earlier = (finding("a", PARTLY, "one"), finding("b", COVERED, "two"), finding("c", MISSING))
    later = (finding("a", COVERED, "three"), finding("b", COVERED, "four"), finding("d", PARTLY))
    merged = merge_findings(earlier, later)
    assert [(one.key_point_id, one.coverage, one.quote) for one in merged] == [
        ("a", COVERED, "three"),
        ("b", COVERED, "two"),
        ("c", MISSING, ""),
        ("d", PARTLY, ""),
    ]
    assert merge_findings(merged, earlier) == merged


def test_the_bank_is_there() -> None:
    assert bank_files(), "no file in server/questions/bank"


@pytest.mark.parametrize(
    "text",
    [
        "It is not true that a hash set is fast, so the service should keep a hash set in memory.",
        "It's wrong that we need it, and that the hash set holds them",
        "It is simply false that two loops and a hash set are enough.",
        "It isn't the case that every one of the numbers belongs into a hash set.",
        "It is not necessarily true that the simplest thing is a hash set",
        "It would be wrong to say that a big distributed hash set helps",
        "I have never heard of a hash set.",
        "I've never even heard of trees, maps or a hash set.",
        "I have no idea what a hash set is",
        "I don't know what people mean by a hash set.",
        "I do not know how one builds a tree or a hash set.",
        "I don't really know hash sets.",
        "I don't think that in this case a hash set helps",
        "You should avoid a hash set.",
        "I would avoid putting all of it into a hash set",
        "Avoid the hash set.",
        "I would never use a hash set",
        "you should never under any circumstances reach for a hash set",
        "there is no need for a big shared hash set",
        "there's no need to keep everything in a hash set",
        "we don't need to put all of it in a hash set",
        "I would scan the list instead of a hash set",
        "Instead of a hash set, I would scan.",
        "I would scan twice rather than pay for a big hash set",
        "don't use a hash set",
        "Please do not ever put these into a hash set",
        "stop using a hash set",
        "you must stop putting it all in a hash set",
        "we should not use a hash set",
        "we shouldn't keep the numbers in any hash set",
        "you must not put the numbers in a hash set",
        "a hash set is wrong",
        "A hash set here is the wrong choice.",
        "a hash set would be a mistake",
        "it would be a mistake to put the numbers in a hash set",
        "a hash set is a bad idea",
        "a hash set does not work here",
        "a hash set wouldn't work",
        "a hash set isn't needed",
        "the hash set is unnecessary",
    ],
)
def test_what_is_denied_is_not_covered(text: str) -> None:
    (found,) = judge_answer(question(points={"p": ("hash set",)}), text)
    assert found.coverage is MISSING


@pytest.mark.parametrize(
    "text",
    [
        "not only a hash set but also a tree",
        "you should not only keep a hash set but a tree too",
        "I was not sure at first, but a hash set does it",
        "no doubt a hash set is right",
        "Never mind. A hash set is enough.",
        "never mind the long list there I would use a hash set",
        "it did not take long until we had a hash set",
        "if you do not use an index, every read goes to the hash set",
        "It is not true that a list is enough, but a hash set is.",
        "It is not true that a list is enough. A hash set is.",
        "I have never heard of that puzzle, so I would try a hash set",
        "I don't know what the best way is, but I would try a hash set.",
        "I don't know I would use a hash set",
        "I don't know, maybe a hash set",
        "we should not sort, a hash set is enough",
        "you should avoid the second loop by keeping a hash set",
        "to avoid the second loop I keep a hash set",
        "instead of a list I would use a hash set",
        "a hash set instead of a list",
        "use a hash set rather than a list",
        "if the hash set is wrong we build it again",
        "a list is wrong, a hash set is right",
        "a list is a mistake because a hash set is faster",
        "a hash set is not wrong",
        "a hash set is not only needed here, it is cheap",
        "it was wrong at first, then the hash set was right",
        "stop when the hash set is empty",
        "never stop using a list; a hash set is for others",
        "we did not know how long it would take, so I put a hash set in",
    ],
)
def test_what_denies_something_else_leaves_it_covered(text: str) -> None:
    (found,) = judge_answer(question(points={"p": ("hash set",)}), text)
    assert found.coverage is COVERED


@pytest.mark.parametrize(
    ("phrasing", "text", "expected"),
    [
        ("use a copy", "stop using the copy", MISSING),
        ("use a copy", "we really do not ever use any deep copy", MISSING),
        ("avoid a copy", "you should avoid the copy", COVERED),
        ("greedy is wrong", "the greedy way is wrong", COVERED),
        ("never blocks", "it should never block", COVERED),
        ("not a copy", "I should not pass it on, it is not a copy", COVERED),
        ("not a copy", "It is not true that it isn't a copy.", MISSING),
    ],
)
def test_a_phrasing_may_hold_the_denial(phrasing: str, text: str, expected: Coverage) -> None:
    (found,) = judge_answer(question(points={"p": (phrasing,)}), text)
    assert found.coverage is expected


def test_a_denial_without_marks_reaches_only_so_far() -> None:
    text = "it is not true that " + "word " * 80 + "a hash set does it"
    (found,) = judge_answer(question(points={"p": ("hash set",)}), text)
    assert found.coverage is COVERED


def said_by_the_interviewer(asked: Question) -> list[str]:
    follow_ups = [point.follow_up for point in asked.key_points]
    return [asked.text, asked.spoken, asked.rephrase, *follow_ups]


@pytest.mark.parametrize("path", bank_files(), ids=lambda path: path.stem)
def test_what_was_asked_said_back_covers_nothing(path: Path) -> None:
    covered = [
        (asked.id, one.key_point_id, said)
        for asked in load_bank(path)
        for said in said_by_the_interviewer(asked)
        for one in judge_answer(asked, f"Well. {said} Hmm, let me think.")
        if one.coverage is COVERED
    ]
    assert covered == []


SENTENCE_GAP = re.compile(r"(?<=[.?!])\s+")


DENIALS = ("It is not true that", "It is wrong that", "It's false that", "It is incorrect that")


@pytest.mark.parametrize(
    ("path", "denial"),
    list(zip(bank_files(), cycle(DENIALS), strict=False)),
    ids=lambda value: value.stem if isinstance(value, Path) else "",
)
def test_model_answers_denied_sentence_by_sentence_cover_little(path: Path, denial: str) -> None:
    shares = [
        share_covered(
            asked,
            " ".join(f"{denial} {said}" for said in SENTENCE_GAP.split(asked.model_answer)),
        )
        for asked in load_bank(path)
    ]
    print(f"{path.stem}: {sum(shares) / len(shares):.3f} covered by denials")
    assert sum(shares) / len(shares) < 0.15


def share_covered(asked: Question, answer: str) -> float:
    found = judge_answer(asked, answer)
    return sum(one.coverage is COVERED for one in found) / len(found)


@pytest.mark.parametrize("path", bank_files(), ids=lambda path: path.stem)
def test_model_answers_cover_their_own_key_points(path: Path) -> None:
    shares = {asked.id: share_covered(asked, asked.model_answer) for asked in load_bank(path)}
    print(f"{path.stem}: {sum(shares.values()) / len(shares):.3f} covered on average")
    assert {id: share for id, share in shares.items() if share < 0.85} == {}


@pytest.mark.parametrize("path", bank_files(), ids=lambda path: path.stem)
def test_model_answers_to_questions_of_other_types_cover_little(path: Path) -> None:
    # The middle one of each other file says as much as all of them.
    strangers = [
        bank[len(bank) // 2].model_answer
        for other in bank_files()
        if other != path
        for bank in [load_bank(other)]
    ]
    assert strangers, "one file alone has no other type to compare with"
    shares = [share_covered(asked, text) for asked in load_bank(path) for text in strangers]
    print(f"{path.stem}: {sum(shares) / len(shares):.3f} covered by answers to other types")
    assert sum(shares) / len(shares) < 0.12
