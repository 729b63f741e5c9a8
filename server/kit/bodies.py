"""Reading a request's JSON into a pydantic model, with plain sentences about what is wrong."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, ErrorDetails, core_schema

from sessions.errors import InputInvalid

DISCARD_BYTES = 32 * 1024 * 1024
DISCARD_S = 10.0

_MEMBER = re.compile(r"<\w+\.\w+: ('[^']*')>")
"""How pydantic names a member of an enum; what is to be sent is in the quotes."""


class RequestBody(BaseModel):
    """Base of all request schemas: nothing is guessed, nothing unknown is ignored."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class AnswerBody(BaseModel):
    """Base of all answer schemas."""

    model_config = ConfigDict(frozen=True)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text, to stand in `Annotated[str, Line(...)]`: white space collapsed, no
    control characters, then `shortest` to `longest` characters."""

    shortest: int
    longest: int

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def _check(self, value: str) -> str:
        value = " ".join(value.split())
        if not value.isprintable():
            raise ValueError("Use letters, digits and signs only.")
        if len(value) < self.shortest:
            raise ValueError(at_least(self.shortest))
        if len(value) > self.longest:
            raise ValueError(at_most(self.longest))
        return value


def at_least(characters: int) -> str:
    return "This is needed." if characters == 1 else f"Use at least {characters} characters."


def at_most(characters: int) -> str:
    return f"Use at most {characters} characters."


Body = TypeVar("Body", bound=RequestBody)


async def read_body(request: web.Request, schema: type[Body]) -> Body:
    """Raises InputInvalid with a sentence per field; aiohttp's 413 when it is too large."""
    try:
        content = await request.read()
    except web.HTTPRequestEntityTooLarge:
        await _discard(request)
        raise
    except (web.RequestPayloadError, HttpProcessingError, ConnectionError) as exc:
        raise InputInvalid("The body did not arrive as announced.") from exc
    if request.content_type != "application/json":
        raise InputInvalid("The body must be JSON, with Content-Type: application/json.")
    try:
        return schema.model_validate_json(content)
    except ValidationError as exc:
        raise explained(exc) from exc


async def _discard(request: web.Request) -> None:
    """Take in what a body too large has left, within limits: a browser that still sends when
    the connection closes shows a broken connection instead of our answer."""
    discarded = 0
    with suppress(TimeoutError, web.RequestPayloadError, HttpProcessingError, ConnectionError):
        async with asyncio.timeout(DISCARD_S):
            while discarded < DISCARD_BYTES and (chunk := await request.content.readany()):
                discarded += len(chunk)


def explained(exc: ValidationError) -> InputInvalid:
    """One sentence per field; a body that is no JSON object at all has no fields."""
    fields: dict[str, str] = {}
    for error in exc.errors(include_url=False, include_input=False):
        if error["type"] in ("json_invalid", "model_type"):
            return InputInvalid("The body must be a JSON object.")
        # setdefault: the first thing wrong with a field is enough to go on.
        fields.setdefault(".".join(str(part) for part in error["loc"])[:80], _sentence(error))
    return InputInvalid("Some fields are missing or wrong.", fields=fields)


def _sentence(error: ErrorDetails) -> str:
    limits = error.get("ctx", {})
    match error["type"]:
        case "missing":
            return "This is needed."
        case "extra_forbidden":
            return "There is no such field."
        case "string_too_short":
            return at_least(limits["min_length"])
        case "string_too_long":
            return at_most(limits["max_length"])
        case "too_long":
            return f"Give at most {limits['max_length']}."
        case "greater_than_equal":
            return f"At least {limits['ge']}."
        case "less_than_equal":
            return f"At most {limits['le']}."
        case "enum" | "literal_error":
            expected = _MEMBER.sub(r"\1", str(limits["expected"]))
            return f"Choose one of: {expected}."
        case "value_error":
            return str(limits["error"])
        case _:
            return f"{error['msg']}."
