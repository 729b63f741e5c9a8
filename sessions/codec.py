"""Facts to JSON and back. A stored fact is read by every later version of this code."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from pydantic import JsonValue, TypeAdapter, ValidationError

from sessions.errors import FactUnknown
from sessions.facts import KINDS, Fact

Body = dict[str, JsonValue]

UPCASTS: dict[tuple[str, int], Callable[[Body], Body]] = {}
"""(kind, version) -> a function that makes the body one version newer. Never remove one."""


def kind_of(fact: Fact) -> str:
    return type(fact).__name__


def encode_fact(fact: Fact) -> Body:
    """The JSON body of a fact, without its kind and version: they are stored beside it."""
    return _adapter(kind_of(fact)).dump_python(fact, mode="json")


def decode_fact(kind: str, version: int, body: Body) -> Fact:
    """Raises FactUnknown for a kind or version of the future, or a body that does not fit."""
    if kind not in KINDS or version > KINDS[kind].VERSION:
        raise FactUnknown(kind=kind, version=version)
    while version < KINDS[kind].VERSION:
        body = UPCASTS[kind, version](body)
        version += 1
    try:
        return _adapter(kind).validate_python(body)
    except ValidationError as exc:
        raise FactUnknown(kind=kind, version=version) from exc


def to_line(fact: Fact) -> str:
    """One line of a golden `.jsonl`, of a spill file, or of a bus message: kind, version, body."""
    return _LINE.dump_json(
        {"kind": kind_of(fact), "v": type(fact).VERSION, "body": encode_fact(fact)}
    ).decode()


def from_line(line: str) -> Fact:
    """The inverse of `to_line`. Raises FactUnknown for anything else."""
    try:
        stored = _LINE.validate_json(line)
    except ValidationError as exc:
        raise FactUnknown(kind="?", version=0) from exc
    kind, version, body = stored.get("kind"), stored.get("v"), stored.get("body")
    if not (isinstance(kind, str) and isinstance(version, int) and isinstance(body, dict)):
        raise FactUnknown(kind=str(kind), version=0)
    return decode_fact(kind, version, body)


_LINE: TypeAdapter[Body] = TypeAdapter(Body)


@cache
def _adapter(kind: str) -> TypeAdapter[Fact]:
    return TypeAdapter(KINDS[kind])
