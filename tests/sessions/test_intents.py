import pytest

from sessions.facts import Intent
from sessions.intents import recognise_intent

REQUESTS = [
    ("Can you repeat the question?", Intent.REPEAT),
    ("Sorry, could you repeat that please?", Intent.REPEAT),
    ("um, repeat please", Intent.REPEAT),
    ("What was the question again?", Intent.REPEAT),
    ("Could you say that again?", Intent.REPEAT),
    ("I didn't catch that", Intent.REPEAT),
    ("Pardon?", Intent.REPEAT),
    ("One moment", Intent.WAIT),
    ("Give me a minute, please.", Intent.WAIT),
    ("uh hold on", Intent.WAIT),
    ("Let me think", Intent.WAIT),
    ("Let me think about that", Intent.WAIT),
    ("just a second", Intent.WAIT),
    ("Skip", Intent.SKIP),
    ("Let's skip this question", Intent.SKIP),
    ("Can we go to the next question please", Intent.SKIP),
    ("next question", Intent.SKIP),
    ("Pass.", Intent.SKIP),
    ("I don't know.", Intent.UNSURE),
    ("um I have no idea", Intent.UNSURE),
    ("What do you mean?", Intent.CLARIFY),
    ("Sorry, what do you mean by that?", Intent.CLARIFY),
    ("Can you clarify the question?", Intent.CLARIFY),
    ("I don't understand the question", Intent.CLARIFY),
    ("Could you rephrase that?", Intent.CLARIFY),
]

ANSWERS = [
    "",
    "um",
    "Let me think about the cache first, because reads dominate here",
    "I would skip the index and scan the table because it is small",
    "We repeat the request with exponential backoff until it succeeds",
    "I don't know the exact number but roughly a thousand requests per second",
    "The next question was how to migrate the data without downtime",
    "It takes a minute to rebuild the index",
    "I asked what he meant and he explained the deadline to me",
    "A hash map gives constant time lookup",
    "You pass the callback to the function",
    "First I would repeat the measurement",
]


@pytest.mark.parametrize(("text", "intent"), REQUESTS)
def test_requests_are_understood(text: str, intent: Intent) -> None:
    assert recognise_intent(text) is intent


@pytest.mark.parametrize("text", ANSWERS)
def test_answers_are_not_taken_for_requests(text: str) -> None:
    assert recognise_intent(text) is None
