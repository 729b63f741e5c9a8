"""What is said in the turn-taking bench: two halves that share no script.

The table of waits was made while looking at "tuning" only; "report" is what is published. See
`benchmarks.turn_answers` for the marks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sessions.facts import Move
from sessions.plan import InterviewType


class Half(StrEnum):
    TUNING = "tuning"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Script:
    text: str
    type: InterviewType
    move: Move = Move.ASK


_B, _S, _D, _J, _M = (
    InterviewType.BEHAVIORAL,
    InterviewType.SYSTEM_DESIGN,
    InterviewType.DSA,
    InterviewType.JAVASCRIPT,
    InterviewType.MACHINE_CODING,
)

_TUNING = (
    Script(
        "so um /f at my last company we had a payment service that failed every Friday night /c "
        "and /j nobody knew why so I added some logging and found a cron job that held a lock",
        _B,
    ),
    Script("okay /b I would start with a hash map from each value to its index", _D),
    Script(
        "let me think /t I would sort the intervals by their start /c then merge them one by one "
        "whenever the next one begins before the last one ends",
        _D,
    ),
    Script(
        "there are two things to look at /c the first is how many reads we get /c and the second "
        "is how fresh the data has to be",
        _S,
    ),
    Script("yes we did", _B, Move.PROBE),
    Script("I don't know", _J, Move.PROBE),
    Script("a closure is a function that keeps the variables of the place where it was made", _J),
    Script(
        "the event loop takes one task from the queue and /j runs it to the end uh /f then it runs "
        "all of the microtasks before it paints",
        _J,
    ),
    Script(
        "if the cache is cold /c we go to the database and write the result back with a short "
        "time to live",
        _S,
    ),
    Script(
        "I disagreed with my manager about the deadline /c because /j we had not tested the "
        "migration at all so we agreed to ship it in two parts",
        _B,
    ),
    Script("that would take n log n time and constant space", _D, Move.PROBE),
    Script(
        "well /b it depends on the traffic I would begin with one database and a read replica /c "
        "and only shard it when the writes grow /c that's how I would do it",
        _S,
    ),
    Script(
        "I'd use two pointers um /f one from the left and one from the right /c and move the one "
        "that points to the smaller value",
        _D,
    ),
    Script("can you repeat the question please", _B),
    Script("my role was to talk to the customers", _B, Move.PROBE),
    Script(
        "first I would ask what the /j what the users really need /c second I would write down "
        "the interface of the component /c and finally I would build it",
        _M,
    ),
    Script("give me a second /t okay so the state lives in the parent component", _M),
    Script(
        "we had a junior engineer who was struggling with /j with reviews uh /f so I paired with "
        "him twice a week for a month and in the end he led the next project",
        _B,
    ),
    Script("a promise can be pending fulfilled or rejected", _J),
    Script(
        "the difference is that let is scoped to the block /c while var is scoped to the function "
        "and it is hoisted",
        _J,
    ),
    Script(
        "so the load balancer sends the request to any of the servers /c and they are stateless "
        "/c so we can add as many as we like /c the session is kept in Redis",
        _S,
    ),
    Script("about three months", _B, Move.PROBE),
    Script("no nothing else", _B, Move.PROBE),
    Script(
        "I think the hardest part was you know /f convincing the other team that it was worth it "
        "/c they had their own plans for the quarter",
        _B,
    ),
    Script(
        "hmm /b I would use a breadth first search /c because it finds the shortest path in a "
        "graph without weights",
        _D,
    ),
    Script("the reducer gets the old state and the action and returns the new state that's it", _M),
    Script(
        "one reason was that the queue was never empty /c the other was that the workers crashed "
        "on large files",
        _S,
        Move.PROBE,
    ),
    Script("it is good thank you how are you", _B, Move.GREET),
    Script(
        "I would keep the last ten thousand keys in memory with a linked list and a map /c so both "
        "get and put are constant time",
        _D,
    ),
    Script(
        "we measured it before and after /c and it was twice as fast /c which is what we had hoped "
        "for",
        _B,
        Move.PROBE,
    ),
)

_REPORT = (
    Script(
        "right /b so in my second year there we lost a big client um /f because the reports were "
        "always late /c I rewrote the nightly job and it went from six hours to forty minutes",
        _B,
    ),
    Script(
        "I would go through the string once /c and keep a stack of the open brackets /c when a "
        "closing one comes it has to match the top",
        _D,
    ),
    Script("let me think about that for a moment /t I would put a queue in front of it", _S),
    Script(
        "it happened three times actually the first time /j we only restarted the server /c but "
        "later we found the memory leak and fixed it properly",
        _B,
    ),
    Script("yes that's right", _D, Move.PROBE),
    Script("I'm not sure", _S, Move.PROBE),
    Script("this refers to the object that the method was called on", _J),
    Script(
        "when you call it with new uh /f the engine creates an empty object and /j links it to "
        "the prototype of the function",
        _J,
    ),
    Script(
        "unless the user is logged in /c the page shows a cached version which is rebuilt every "
        "five minutes",
        _S,
    ),
    Script(
        "my team wanted to rewrite everything in another language but /j I was against it so we "
        "made a small trial first /c and the numbers showed that it was not worth the effort",
        _B,
    ),
    Script("the worst case is quadratic when the list is already sorted", _D, Move.PROBE),
    Script(
        "hmm okay /b so there are several ways to do this /c we could poll the server every few "
        "seconds /c or we could open a web socket and let the server push the changes",
        _M,
    ),
    Script(
        "I would build a heap of size k uh /f and walk over the numbers /c whenever one is larger "
        "than the smallest in the heap it takes its place",
        _D,
    ),
    Script("could you clarify what you mean by active users", _S),
    Script("I was responsible for the front end", _B, Move.PROBE),
    Script(
        "to begin with I would estimate how much data there is /c say a hundred million rows a "
        "day /c then I would pick the /j the partition key /c the customer id would be my choice",
        _S,
    ),
    Script("one moment please /t so every item gets its own key", _M),
    Script(
        "our designer left in the middle of the project so I um /f I took over the mockups "
        "myself /c it was not pretty but we delivered on time and I learned a lot from it",
        _B,
    ),
    Script("map returns a new array and for each returns nothing", _J),
    Script(
        "a generator can stop in the middle and go on later /c whereas a normal function runs "
        "until it returns",
        _J,
    ),
    Script(
        "the client uploads the file straight to the object store /c with a signed link /c a "
        "worker then picks it up and makes the thumbnails /c and we tell the client over a socket",
        _S,
    ),
    Script("roughly two weeks", _B, Move.PROBE),
    Script("no that's all", _B, Move.PROBE),
    Script(
        "what I am most proud of is I mean /f the way we handled the outage /c everybody stayed "
        "calm and we wrote an honest report afterwards",
        _B,
    ),
    Script(
        "okay /b I'd mark every cell that I have visited /c and count how often I have to start a "
        "new search",
        _D,
    ),
    Script("each row would be a component with its own check box and that's my answer", _M),
    Script(
        "on the one hand it is easy to operate /c on the other hand you lose everything that was "
        "written in the last second",
        _S,
        Move.PROBE,
    ),
    Script("I'm doing well thanks and I'm ready to start", _B, Move.GREET),
    Script(
        "you can do it with dynamic programming um /f the table holds the fewest coins for every "
        "amount /c and each amount looks back at the ones before it",
        _D,
    ),
    Script(
        "they were sceptical at first /c but after the demo they asked us to /j to give the same "
        "talk to the whole department",
        _B,
        Move.PROBE,
    ),
)


def scripts_of(half: Half) -> Sequence[Script]:
    return _TUNING if half is Half.TUNING else _REPORT
