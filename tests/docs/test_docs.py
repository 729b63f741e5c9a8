"""The documentation has everything there is, and leads nowhere that is not there."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from importlib.metadata import version
from pathlib import Path
from typing import cast, get_args

import pytest
from pydantic import BaseModel

import agent
import scoring
import server
import sessions
import vivavoce
from agent.providers.registry import load_voices
from agent.providers.trial import try_voice
from server.app import create_app
from server.kit.auth import guard_of
from sessions import protocol
from sessions.errors import VivavoceError
from sessions.facts import KINDS
from sessions.infra.bus_memory import MemoryBus
from sessions.infra.db import open_database
from sessions.infra.journal_memory import MemoryJournal
from sessions.settings import Settings, SpeechSettings, known_keys
from tests.support.clock import FakeClock

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
README_LIKE = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def rows(text: str) -> list[list[str]]:
    """The cells of every table's rows, head and rule included, code marks taken off."""
    return [
        [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|")
    ]


def section(text: str, title: str) -> str:
    """What stands under a heading, up to the next heading of any level."""
    _, found, rest = f"\n{text}".partition(f"\n{title}\n")
    assert found, f"there is no heading {title!r}"
    return re.split(r"^#+ ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def headings(text: str, level: int) -> list[str]:
    return re.findall(rf"^{'#' * level} (.+)$", text, re.MULTILINE)


# -- settings, commands --------------------------------------------------------------------------


def test_every_setting_is_documented_with_its_default() -> None:
    told = {row[0]: row[1] for row in rows(read("docs/configuration.md"))[2:]}
    defaults: dict[str, str] = {}
    for key in known_keys():
        value: object = Settings()
        for part in key.split("."):
            value = getattr(value, part)
        if not isinstance(value, BaseModel):
            if isinstance(value, list):  # as it is written in config.yaml
                value = f"[{', '.join(cast('list[str]', value))}]"
            defaults[key] = f"{value:g}" if isinstance(value, float) else str(value)

    assert told == defaults


def usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit):
        vivavoce.main([*arguments, "--help"])
    return capsys.readouterr().out


def test_every_command_and_option_is_documented(capsys: pytest.CaptureFixture[str]) -> None:
    told = read("docs/commands.md")
    commands = re.findall(r"^ {4}([a-z]+) {2,}", usage([], capsys), re.MULTILINE)

    assert set(vivavoce.COMMANDS) < set(commands)
    assert headings(told, 2) == [f"`vivavoce {command}`" for command in commands]
    assert {"--config", "--version"} <= {row[0] for row in rows(told)}
    for command in commands:
        options = set(re.findall(r"--[a-z-]+", usage([command], capsys))) - {"--help"}
        described = rows(section(told, f"## `vivavoce {command}`"))
        assert options <= {row[0] for row in described}, command


# -- facts, protocol, routes, errors -------------------------------------------------------------


def test_every_fact_is_documented() -> None:
    assert set(KINDS) <= set(headings(read("docs/facts.md"), 3))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_field_of_a_fact_is_documented(kind: str) -> None:
    told = section(read("docs/facts.md"), f"### {kind}")
    fields = [field.name for field in dataclasses.fields(KINDS[kind]) if field.name != "at_ms"]

    assert [row[0] for row in rows(told)[2:]] == fields
    assert "Written by" in told


def messages(union: object) -> list[type[BaseModel]]:
    return list(get_args(get_args(union)[0]))


def message_name(message: type[BaseModel]) -> str:
    return message.model_fields["type"].default


CLIENT, SERVER = messages(protocol.ClientMessage), messages(protocol.ServerMessage)


def test_every_message_is_documented() -> None:
    told = [name for name in headings(read("docs/protocol.md"), 3) if name.startswith("`")]
    assert told == [f"`{message_name(message)}`" for message in (*CLIENT, *SERVER)]


@pytest.mark.parametrize("message", [*CLIENT, *SERVER], ids=message_name)
def test_every_field_of_a_message_is_documented(message: type[BaseModel]) -> None:
    told = section(read("docs/protocol.md"), f"### `{message_name(message)}`")
    fields = [name for name in message.model_fields if name != "type"]

    assert [row[0] for row in rows(told)[2:]] == fields


def test_every_close_code_is_documented() -> None:
    told = rows(section(read("docs/protocol.md"), "## Close codes"))[2:]
    assert {(row[0], row[1]) for row in told} == {
        (str(code.value), code.name) for code in protocol.CloseCode
    }


async def test_every_route_is_documented_with_its_guard(tmp_path: Path) -> None:
    told = rows(section(read("docs/http.md"), "## Routes"))[2:]
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/docs.db") as database:
        app = create_app(
            Settings(),
            database=database,
            journal=MemoryJournal(),
            bus=MemoryBus(),
            clock=FakeClock(),
            secret="x" * 32,
            gateway_port=8081,
        )
    there = {
        (route.method, route.resource.canonical, str(guard_of(route.handler)))
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }

    assert {(row[0], row[1], row[2]) for row in told} == there
    assert all(row[3] for row in told)


def errors_below(error: type[VivavoceError]) -> Iterator[type[VivavoceError]]:
    yield error
    for kind in error.__subclasses__():
        yield from errors_below(kind)


def test_every_error_is_documented() -> None:
    for package in (agent, scoring, server, sessions):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.startswith("server.migrations."):  # Alembic runs these
                importlib.import_module(module.name)
    told = {(row[0], row[1], row[2]) for row in rows(section(read("docs/errors.md"), "# Errors"))}
    ours = ("agent.", "scoring.", "server.", "sessions.")
    errors = [kind for kind in errors_below(VivavoceError) if kind.__module__.startswith(ours)]

    assert len(errors) > 15
    assert {(kind.code, kind.__name__, str(kind.status)) for kind in errors} == {
        row for row in told if row[0] != "Code" and not row[0].startswith("-")
    }


def test_every_answer_of_the_server_itself_is_documented() -> None:
    told = rows(section(read("docs/errors.md"), "## Answers of the server itself"))[2:]
    codes = re.findall(r'code="(\w+)"', read("server/kit/errors.py"))

    assert {row[0] for row in told} == set(codes)


# -- links, texts, the version -------------------------------------------------------------------


def pages() -> list[Path]:
    return [ROOT / name for name in README_LIKE] + sorted(DOCS.rglob("*.md"))


def anchor(heading: str) -> str:
    """As code hosts make it: small letters, no punctuation, hyphens for spaces."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def dead_links(page: Path) -> Iterator[str]:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, place = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        if not found.exists():
            yield target
        elif place:
            titles = re.findall(r"^#+ (.+)$", found.read_text(encoding="utf-8"), re.MULTILINE)
            if place not in {anchor(title) for title in titles}:
                yield target


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_link_is_dead(page: Path) -> None:
    assert list(dead_links(page)) == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        targets = re.findall(r"\]\(([^)\s#:]+)[^):]*\)", page.read_text(encoding="utf-8"))
        waiting.extend((page.parent / target).resolve() for target in targets)

    written_elsewhere = {DOCS / "benchmarks.md"}  # `make bench` writes of it, and the Makefile
    assert set(pages()) - written_elsewhere <= reached


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_page_names_a_machines_path(page: Path) -> None:
    found = re.findall(r"(?<![\w.…>])/(?:tmp|work|home|root|Users)\b\S*", page.read_text("utf-8"))
    assert found == []


def test_tests_that_decisions_name_are_there() -> None:
    for page in sorted((DOCS / "adr").glob("*.md")):
        named = re.findall(
            r"`(tests/[\w/]+\.py)`", section(page.read_text("utf-8"), "## Enforced by")
        )
        assert named, page.name
        assert [name for name in named if not (ROOT / name).exists()] == [], page.name
        assert "\n> " in page.read_text(encoding="utf-8"), f"{page.name} has no decision to quote"


def tracked(folder: Path, ignored: list[str]) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        name = f"{path.name}/" if path.is_dir() else path.name
        if path.name == ".git" or any(fnmatch(name, pattern) for pattern in ignored):
            continue
        if path.is_dir():
            yield from tracked(path, ignored)
        else:
            yield path


def test_no_file_names_a_registry() -> None:
    """Where packages come from is the business of who installs them."""
    hosts = ("py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com")
    indexes = ("--index" + "-url ", "--extra-index" + "-url ")
    named: list[str] = []
    for path in tracked(ROOT, read(".gitignore").split()):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture, a font
        is_lock = path.name.endswith(".lock") or path.name == "package-lock.json"
        if any(host in text for host in (*hosts, *indexes)) or (is_lock and "://" in text):
            named.append(path.relative_to(ROOT).as_posix())

    assert named == []


def test_the_changelog_has_this_version() -> None:
    assert f"## [{version('vivavoce')}] - " in read("CHANGELOG.md")


# -- examples ------------------------------------------------------------------------------------


async def test_the_example_of_a_voice_speaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = re.search(r"```python\n(.*?)```", read("CONTRIBUTING.md"), re.DOTALL)
    assert found
    (tmp_path / "tone_voice.py").write_text(found[1], encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    speech = SpeechSettings(tts=["tone_voice:ToneTTS"])
    (voice,) = load_voices(Settings(speech=speech))

    assert await try_voice(voice.tts, "Two words.", timeout_s=5) == pytest.approx(100, abs=10)
