"""Logging: text for a person or JSON lines for a collector, on standard error.

Nothing of the conversation, no token and no personal data belongs in a log. Our own code logs
identifiers and counts; what libraries would add is held back here: their frames, statements and
access lines by level, their structured fields by not printing them, and the values bound to a
statement by hiding them from its error.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TextIO, cast

from sqlalchemy.exc import StatementError

from sessions.settings import LogSettings

OURS = frozenset({"agent", "server", "sessions", "scoring", "vivavoce"})
"""Packages whose `extra=` fields are printed. A library's may hold what a candidate said."""

QUIET: dict[str, tuple[int, int]] = {
    "livekit": (logging.WARNING, logging.DEBUG),
    "aiohttp": (logging.WARNING, logging.INFO),
    "aiohttp.access": (logging.WARNING, logging.INFO),  # addresses and paths of people
    "websockets": (logging.WARNING, logging.WARNING),  # prints every frame when it debugs
    "sqlalchemy": (logging.WARNING, logging.WARNING),  # prints every value when it informs
    "aiosqlite": (logging.WARNING, logging.WARNING),  # prints every value when it debugs
    "alembic": (logging.WARNING, logging.INFO),
    "openai": (logging.WARNING, logging.WARNING),  # prints every request when it debugs
    "httpcore": (logging.WARNING, logging.WARNING),
    "httpx": (logging.WARNING, logging.WARNING),
    "httpx2": (logging.WARNING, logging.WARNING),
    "asyncio": (logging.WARNING, logging.WARNING),
}
"""Libraries' loggers: their level usually, and when ours is debug."""

_STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160), 0x2028, 0x2029)} | {
    ord("\n"): "\\n",
    ord("\r"): "\\r",
    ord("\t"): "\\t",
}


def configure_logging(settings: LogSettings, *, stream: TextIO | None = None) -> None:
    """Replace the root logger's handlers. Meant to be called once, by the command line."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if settings.format == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    level = logging.getLevelNamesMapping()[settings.level.upper()]
    root.setLevel(level)
    logging.captureWarnings(True)
    for name, (usually, debugging) in QUIET.items():
        library = logging.getLogger(name)
        library.setLevel(max(level, debugging if settings.level == "debug" else usually))
        # livekit brings a handler of its own along, which would print each line twice.
        library.handlers.clear()
        library.propagate = True


class _Formatter(logging.Formatter):
    def fields(self, record: logging.LogRecord) -> dict[str, object]:
        """What was given as `extra=`, by code of ours."""
        if record.name.partition(".")[0] not in OURS:
            return {}
        return {key: value for key, value in vars(record).items() if key not in _STANDARD_FIELDS}

    def trouble(self, record: logging.LogRecord) -> str:
        """The traceback, or an empty text. Values bound to a statement are not in it."""
        if not record.exc_info or record.exc_info[1] is None:
            return ""
        for exc in _chain(record.exc_info[1]):
            if isinstance(exc, StatementError):
                exc.hide_parameters = True
        return self.formatException(record.exc_info)


class TextFormatter(_Formatter):
    """`2026-11-20T09:30:00.000Z info agent.room: Room opened. interview_id=…`, one line each."""

    def format(self, record: logging.LogRecord) -> str:
        parts = [f"{_moment(record)} {record.levelname.lower()} {record.name}:"]
        parts.append(record.getMessage())
        parts.extend(f"{key}={value}" for key, value in self.fields(record).items())
        # A line break in a message would let its sender write lines of their own.
        line = " ".join(parts).translate(_CONTROL)
        trouble = self.trouble(record)
        return f"{line}\n{trouble}" if trouble else line


class JsonFormatter(_Formatter):
    """One object a line: at, level, logger, message, the fields given, `error` for a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line = self.fields(record) | {
            "at": _moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        trouble = self.trouble(record)
        if trouble:
            line["error"] = trouble
        return json.dumps(line, default=str)


def _moment(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    return moment.replace("+00:00", "Z")


def _chain(exc: BaseException) -> Iterator[BaseException]:
    """The error with its causes, contexts and the members of groups, each once."""
    waiting, seen = [exc], set[int]()
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        waiting.extend(link for link in (current.__cause__, current.__context__) if link)
        if isinstance(current, BaseExceptionGroup):
            waiting.extend(cast("BaseExceptionGroup[BaseException]", current).exceptions)
