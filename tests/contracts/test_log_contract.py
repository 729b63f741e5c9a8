"""What a log says, and what it never says."""

from __future__ import annotations

import io
import json
import logging
import warnings
from collections.abc import Generator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from sessions.infra.db import Database
from sessions.infra.log import QUIET, configure_logging
from sessions.settings import LogSettings

PRIVATE = "what the candidate said"


@pytest.fixture(autouse=True)
def logging_is_put_back() -> Generator[None]:
    root = logging.getLogger()
    held = (root.level, root.handlers[:], warnings.showwarning)
    libraries = {name: logging.getLogger(name) for name in QUIET}
    levels = {name: (library.level, library.propagate) for name, library in libraries.items()}
    yield
    logging.captureWarnings(False)
    root.level, root.handlers[:], warnings.showwarning = held
    for name, library in libraries.items():
        level, library.propagate = levels[name]
        library.setLevel(level)


@pytest.fixture
def written() -> io.StringIO:
    return io.StringIO()


def json_lines(written: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_text_is_one_line_with_time_level_place_and_fields(written: io.StringIO) -> None:
    configure_logging(LogSettings(), stream=written)
    logging.getLogger("agent.room").info("Room %s opened.", "one", extra={"turn": 3})

    moment, _, rest = written.getvalue().partition(" ")
    assert moment.startswith("20")
    assert moment.endswith("Z")
    assert rest == "info agent.room: Room one opened. turn=3\n"


def test_json_is_one_object_a_line(written: io.StringIO) -> None:
    configure_logging(LogSettings(format="json"), stream=written)
    logging.getLogger("server.app").warning("naïve\n日本語", extra={"turn": 3, "odd": object})

    (line,) = json_lines(written)
    assert line.pop("at")
    assert line.pop("odd") == str(object)
    assert line == {
        "level": "warning",
        "logger": "server.app",
        "message": "naïve\n日本語",
        "turn": 3,
    }


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ("debug", ["debug", "info", "warning", "error"]),
        ("info", ["info", "warning", "error"]),
        ("error", ["error"]),
    ],
)
def test_the_level_decides_what_is_said(written: io.StringIO, level: str, said: list[str]) -> None:
    configure_logging(
        LogSettings.model_validate({"level": level, "format": "json"}), stream=written
    )
    log = logging.getLogger("scoring")
    for say in (log.debug, log.info, log.warning, log.error):
        say("something")

    assert [line["level"] for line in json_lines(written)] == said


def test_a_traceback_is_told(written: io.StringIO) -> None:
    configure_logging(LogSettings(format="json"), stream=written)
    try:
        raise ZeroDivisionError("by nought")
    except ZeroDivisionError:
        logging.getLogger("agent").exception("It broke.")

    (line,) = json_lines(written)
    assert "ZeroDivisionError: by nought" in str(line["error"])


def test_a_message_cannot_forge_a_line(written: io.StringIO) -> None:
    configure_logging(LogSettings(), stream=written)
    logging.getLogger("server").info("hello\n2026-11-20 info server: forged\x1b[2J\u2028")

    assert len(written.getvalue().splitlines()) == 1
    assert "\x1b" not in written.getvalue()


def test_a_librarys_fields_are_not_printed(written: io.StringIO) -> None:
    """The voice library notes transcripts as fields when it debugs."""
    configure_logging(LogSettings(level="debug"), stream=written)
    logging.getLogger("livekit.agents").debug("heard", extra={"user_transcript": PRIVATE})

    assert "heard" in written.getvalue()
    assert PRIVATE not in written.getvalue()


@pytest.mark.parametrize(
    ("logger", "level"),
    [
        ("websockets.server", logging.DEBUG),
        ("sqlalchemy.engine.Engine", logging.INFO),
        ("aiosqlite", logging.DEBUG),
        ("openai._base_client", logging.DEBUG),
        ("httpcore.http11", logging.DEBUG),
    ],
)
def test_frames_values_and_requests_are_not_logged_even_when_debugging(
    written: io.StringIO, logger: str, level: int
) -> None:
    configure_logging(LogSettings(level="debug"), stream=written)
    logging.getLogger(logger).log(level, PRIVATE)

    assert written.getvalue() == ""


@pytest.mark.parametrize("logger", ["livekit.agents", "aiohttp.access"])
def test_a_chatty_library_is_heard_only_when_debugging(written: io.StringIO, logger: str) -> None:
    configure_logging(LogSettings(), stream=written)
    logging.getLogger(logger).info("usually")
    configure_logging(LogSettings(level="debug"), stream=written)
    logging.getLogger(logger).info("when debugging")

    assert "usually" not in written.getvalue()
    assert "when debugging" in written.getvalue()


def test_configuring_twice_says_everything_once(written: io.StringIO) -> None:
    configure_logging(LogSettings(), stream=written)
    configure_logging(LogSettings(), stream=written)
    logging.getLogger("agent").info("once")

    assert written.getvalue().count("once") == 1


async def test_a_failed_statement_does_not_tell_its_values(
    database: Database, written: io.StringIO
) -> None:
    configure_logging(LogSettings(), stream=written)
    again = text(
        "INSERT INTO facts (interview_id, seq, kind, version, at_ms, body)"
        " VALUES ('1', 1, 'AnswerHeard', 1, 1, :body)"
    )
    try:
        try:
            async with database.write() as session:
                await session.execute(again, {"body": f'"{PRIVATE}"'})
                await session.execute(again, {"body": f'"{PRIVATE}"'})
        except IntegrityError as exc:
            raise RuntimeError("The room broke.") from exc
    except RuntimeError:
        logging.getLogger("agent").exception("It broke.")

    assert "IntegrityError" in written.getvalue()
    assert PRIVATE not in written.getvalue()
