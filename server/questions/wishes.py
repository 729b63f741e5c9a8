"""What somebody wishes for in their own words, taken apart: topics, and what they want none of.

Pure. The words are data: they choose among questions and do nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from scoring.lexicon_en import ARTICLES, FUNCTION_WORDS
from scoring.phrases import stem
from scoring.words import tokenise

ASKING = frozenset(
    "ask asked asks asking question questions interview interviews interviewer focus focused "
    "please want wants need needs like prefer practise practice topic topics mainly mostly "
    "especially about know learn thank thanks candidate role job position good great "
    "more lot something anything thing things company companies firm apply applying applied "
    "prepare preparing preparation experience experienced level senior junior weak struggle "
    "improve basics advanced engineer next week month soon also maybe well not yet "
    "i'm i've i'd don't can't isn't".split()
)
"""What wishes are worded with, and says nothing of their subject."""
_SMALL = FUNCTION_WORDS | ARTICLES

_CLAUSE_END = re.compile(r"[,;:!?\n()]|\.(?=\s|$)|\s[-\u2013\u2014]\s|\bbut\b")
_TOPIC_END = re.compile(r"[/&+]|\b(?:and|or|plus|then|as well as)\b")
_UNWANTED = re.compile(
    r"\b(?:no|nothing|none of|without|except|excluding|avoid|skip|leave out|instead of|"
    r"rather than|other than|apart from|"
    r"(?:not|don'?t|do not|please not)(?=\s+(?:about|on|any|want|ask|need|include|cover|like))|"
    r"not(?=\s+\w+$))\b"
)
"""A "not" by itself more often says what somebody cannot do yet than what to leave out."""
_ONE_WORD = re.compile(r"\b(front|back)[- ]end\b")

_KIN_WORDS = {
    "postgres postgresql mysql mariadb sqlite sql": "databases indexing transactions",
    "mongodb cassandra dynamodb nosql": "databases",
    "redis memcached": "caching",
    "kafka rabbitmq sqs": "messaging queues",
    "thread threading multithreading parallelism": "concurrency locking",
    "react vue angular svelte redux": "state-management components rendering",
    "frontend": "css html accessibility rendering user-interface browser-support dom",
    "a11y wcag": "accessibility",
    "i18n l10n translation": "internationalization",
    "k8s docker containers": "kubernetes",
    "aws azure gcp": "cloud",
    "terraform ansible": "infrastructure-as-code cloud",
    "ci cd jenkins pipelines": "ci-cd deployment",
    "oauth jwt login": "authentication tokens",
    "permissions": "authorization",
    "rest graphql grpc": "api-design",
    "dp memoization memoisation": "dynamic-programming",
    "bfs dfs": "graphs traversal",
    "dijkstra": "shortest-paths graphs",
    "bst": "trees",
    "hashmap hashmaps dictionary": "hashing",
    "await asynchronous": "async promises",
    "leading leader managing": "leadership",
    "team teams": "teamwork",
    "disagreement arguments": "conflict",
    "failing failed mistakes": "failure",
    "pay wage compensation": "salary",
    "sharding shards": "partitioning",
    "chat": "messaging websockets",
    "ml": "model-evaluation feature-engineering",
    "llm llms gpt": "language-models",
    "outage outages": "incident on-call",
    "xss csrf": "security",
}
"""What people write, and the bank's tags that are meant with it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One topic: the stems of its words."""

    stems: frozenset[str]
    is_wanted: bool


def read_wishes(words: str) -> list[Wish]:
    """In the order they were written. Empty when they say nothing."""
    return [
        Wish(stems, is_wanted)
        for topic, is_wanted in _topics(words.lower().replace("\u2019", "'"))
        if (stems := stems_of(topic) - ASKING_STEMS)
    ]


def _topics(words: str) -> Iterator[tuple[str, bool]]:
    for clause in _CLAUSE_END.split(words):
        unwanted = _UNWANTED.search(clause)
        wanted = clause[: unwanted.start()] if unwanted else clause
        for topic in _TOPIC_END.split(wanted):
            yield topic, True
        if unwanted:
            for topic in _TOPIC_END.split(clause[unwanted.end() :]):
                yield topic, False


def stems_of(text: str) -> frozenset[str]:
    tokens = tokenise(_ONE_WORD.sub(r"\1end", text.lower()).replace("-", " "))
    return frozenset(stem(token.plain) for token in tokens if token.plain not in _SMALL)


def _read_kin() -> Mapping[str, tuple[frozenset[str], ...]]:
    return MappingProxyType(
        {
            stem(word): tuple(stems_of(tag) for tag in tags.split())
            for words, tags in _KIN_WORDS.items()
            for word in words.split()
        }
    )


ASKING_STEMS = stems_of(" ".join(ASKING))
KIN = _read_kin()
"""By stem of a word: the tags that are meant with it, each as all its stems."""
