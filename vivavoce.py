"""Vivavoce's command line, and the composition root: where the parts are put together."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.talk_options import TalkOptions, add_talk_arguments
from server.calibration.options import CalibrateOptions, add_calibrate_arguments
from sessions.errors import StartupFailed, VivavoceError

if TYPE_CHECKING:
    from agent.process import Agent
    from sessions.infra.clock import SystemClock
    from sessions.infra.db import Database
    from sessions.infra.journal import SqlJournal
    from sessions.ports import Bus
    from sessions.settings import Settings

# What a command needs is imported by what runs it: `--help` loads no more than the options, and
# only what starts the agent waits for the seconds that livekit-agents takes to load.

CONFIG = Path("config.yaml")


@dataclass(frozen=True, slots=True)
class Parts:
    """What the commands share: the database, the journal in it, the bus, the key."""

    database: Database
    journal: SqlJournal
    bus: Bus
    clock: SystemClock
    secret: str


@asynccontextmanager
async def open_parts(settings: Settings) -> AsyncGenerator[Parts]:
    """Raises StartupFailed with one sentence for whatever is not there."""
    from sessions.infra.bus import open_bus
    from sessions.infra.clock import SystemClock
    from sessions.infra.db import open_database
    from sessions.infra.journal import SqlJournal
    from sessions.infra.secret import load_or_create_secret

    _check_writable(settings.data_dir)
    secret = load_or_create_secret(settings)
    async with open_database(settings.database.url) as database, open_bus(settings.bus.url) as bus:
        yield Parts(database, SqlJournal(database), bus, SystemClock(), secret)


def _check_writable(folder: Path) -> None:
    probe = folder / ".writable"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as exc:
        raise StartupFailed(
            f"The folder {folder} cannot be written: {exc.strerror}.",
            hint="Give this user the right to write it, or set data_dir in config.yaml.",
        ) from exc


# -- commands --------------------------------------------------------------------------------------


async def run(settings: Settings) -> int:
    """Everything in one process: the embedded default."""
    from server.migrate import migrate
    from server.questions.service import seed

    async with open_parts(settings) as parts:
        await migrate(parts.database)
        await seed(parts.database)
        async with _agent(settings, parts) as agent:
            await _companion(settings, parts, agent.port, agent)
    return 0


async def run_server(settings: Settings) -> int:
    """The companion alone; the agent is another process on the same database and bus."""
    async with open_parts(settings) as parts:
        await _companion(settings, parts, settings.agent.port)
    return 0


async def run_agent(settings: Settings) -> int:
    """The agent alone."""
    async with open_parts(settings) as parts, _agent(settings, parts) as agent:
        print(f"Vivavoce's agent listens on ws://{settings.agent.host}:{agent.port}", flush=True)
        await _until_stopped(settings, agent)
    return 0


async def run_migrate(settings: Settings) -> int:
    from server.migrate import migrate

    async with open_parts(settings) as parts:
        await migrate(parts.database)
    print("The database is up to date.")
    return 0


async def run_seed(settings: Settings) -> int:
    from server.questions.service import seed

    async with open_parts(settings) as parts:
        result = await seed(parts.database)
    print(
        f"Questions: {result.added} added, {result.updated} updated, {result.unchanged} unchanged."
    )
    return 0


def count_bank(*, as_json: bool) -> int:
    """What `seed` would load, without a database."""
    from server.questions.bank import load_bank
    from server.questions.service import count_levels

    counts = count_levels(load_bank())
    if as_json:
        told = {type: {"total": sum(levels.values()), **levels} for type, levels in counts.items()}
        print(json.dumps(told, indent=2))
        return 0
    for type, levels in counts.items():
        each = ", ".join(f"{count} {level}" for level, count in levels.items())
        print(f"{type:<16} {sum(levels.values()):>4}   {each}")
    return 0


def calibrate_offline(*, as_json: bool) -> int:
    """The offline judge on the labelled answers, without a database."""
    from server.calibration.command import run_labelled

    return run_labelled(as_json=as_json)


async def run_calibrate(settings: Settings, options: CalibrateOptions) -> int:
    """People's ratings and the stored reports; or the model judge, again and again."""
    from server.calibration.command import run_reruns, run_stored

    if options.runs is not None:
        return await run_reruns(settings, options.runs, as_json=options.as_json)
    async with open_parts(settings) as parts:
        return await run_stored(parts.database, parts.clock, options)


async def run_talk(options: TalkOptions) -> int:
    """A client like any other: it reads no settings and opens no database."""
    from agent.talk import talk

    return await talk(options)


async def run_doctor(settings: Settings, *, as_json: bool) -> int:
    """Exit 1 when something is broken that an interview needs."""
    from agent.doctor import Finding, examine_speech
    from server.doctor import examine_database

    findings: list[Finding] = []
    try:
        async with open_parts(settings) as parts:
            findings.append(Finding("data_dir", True, f"{settings.data_dir} can be written"))
            findings.append(
                Finding("bus", True, settings.bus.url.partition("@")[2] or settings.bus.url)
            )
            is_ready, detail = await examine_database(parts.database)
            findings.append(Finding("database", is_ready, detail))
    except VivavoceError as exc:
        findings.append(Finding("start", False, f"{exc.message} {exc.hint}".strip()))
    findings.extend(await examine_speech(settings))
    if as_json:
        print(json.dumps([finding.__dict__ for finding in findings], indent=2))
    else:
        for finding in findings:
            print(f"{'ok  ' if finding.is_ok else 'FAIL'}  {finding.what:<12} {finding.detail}")
    return 0 if all(finding.is_ok for finding in findings) else 1


@asynccontextmanager
async def _agent(settings: Settings, parts: Parts) -> AsyncGenerator[Agent]:
    from agent import garbage
    from agent.interviewer.personas import with_voice
    from agent.process import open_agent

    settings = with_voice(settings)
    async with open_agent(
        settings, journal=parts.journal, bus=parts.bus, clock=parts.clock, secret=parts.secret
    ) as agent:
        garbage.settle()
        yield agent


async def _companion(
    settings: Settings, parts: Parts, gateway_port: int, agent: Agent | None = None
) -> None:
    from server.app import create_app, serve

    app = create_app(
        settings,
        database=parts.database,
        journal=parts.journal,
        bus=parts.bus,
        clock=parts.clock,
        secret=parts.secret,
        gateway_port=gateway_port,
    )
    async with serve(app, settings.server.host, settings.server.port) as port:
        address = settings.server.public_url or f"http://{_reachable(settings.server.host)}:{port}"
        print(f"Vivavoce is ready: {address}   (Ctrl-C stops it)", flush=True)
        await _until_stopped(settings, agent)


def _reachable(host: str) -> str:
    return "localhost" if host in ("127.0.0.1", "0.0.0.0", "::", "::1") else host  # noqa: S104 -- compared, not bound


async def _until_stopped(settings: Settings, agent: Agent | None) -> None:
    """Until Ctrl-C, or until SIGTERM and what `agent.drain_s` grants the rooms after it."""
    stopped, drains = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C ends the loop itself
        loop.add_signal_handler(signal.SIGINT, stopped.set)
        loop.add_signal_handler(signal.SIGTERM, lambda: (drains.set(), stopped.set()))
    await stopped.wait()
    limit_s = settings.agent.drain_s
    if drains.is_set() and limit_s and agent is not None and agent.rooms.count:
        print(f"Draining, rooms that go on: {agent.rooms.count} …", file=sys.stderr, flush=True)
        stopped.clear()
        async with asyncio.TaskGroup() as tasks:  # a second signal ends the patience
            ends = [tasks.create_task(stopped.wait()), tasks.create_task(agent.drain(limit_s))]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for end in ends:
                end.cancel()
    print("Stopping: rooms are closed in order …", file=sys.stderr, flush=True)


# -- the command line ------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vivavoce", description="A server that interviews people by live voice."
    )
    parser.add_argument("--version", action="version", version=version("vivavoce"))
    parser.add_argument("--config", type=Path, help="settings file (default: config.yaml here)")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in (
        ("run", "everything in one process"),
        ("server", "the companion alone: pages, accounts, reports"),
        ("agent", "the agent alone: the gateway and its rooms"),
        ("migrate", "bring the database up to date"),
    ):
        commands.add_parser(name, help=text, description=text)
    text = "load the question bank"
    seed = commands.add_parser("seed", help=text, description=text)
    seed.add_argument("--dry-run", action="store_true", help="only count what would be loaded")
    seed.add_argument("--json", action="store_true", dest="as_json", help="with --dry-run")
    calibrate = commands.add_parser(
        "calibrate", help="check the judges against labelled answers and people's ratings"
    )
    add_calibrate_arguments(calibrate)
    doctor = commands.add_parser("doctor", help="say what works, and what to do about the rest")
    doctor.add_argument("--json", action="store_true", dest="as_json")
    add_talk_arguments(commands.add_parser("talk", help="take an interview from the terminal"))
    return parser


def _check_usage(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    if options.command == "seed" and options.as_json and not options.dry_run:
        parser.error("--json is for seed --dry-run")
    if options.command == "calibrate" and options.blind and options.ratings is None:
        parser.error("--blind is for calibrate --ratings")


COMMANDS: dict[str, Callable[[Settings], Coroutine[Any, Any, int]]] = {
    "run": run,
    "server": run_server,
    "agent": run_agent,
    "migrate": run_migrate,
    "seed": run_seed,
}


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 done, 1 it could not start or work (one sentence says why), 2 wrong usage."""
    parser = _parser()
    options = parser.parse_args(argv)
    _check_usage(parser, options)
    try:
        if options.command == "talk":
            return _run(run_talk(TalkOptions.from_arguments(options)))
        if options.command == "seed" and options.dry_run:
            return count_bank(as_json=options.as_json)
        if options.command == "calibrate" and not CalibrateOptions.of(options).needs_settings:
            return calibrate_offline(as_json=options.as_json)
        settings = _load_settings(options.config)
        if options.command == "doctor":
            return _run(run_doctor(settings, as_json=options.as_json))
        if options.command == "calibrate":
            return _run(run_calibrate(settings, CalibrateOptions.of(options)))
        return _run(COMMANDS[options.command](settings))
    except VivavoceError as exc:
        return _fail(exc)
    except BaseExceptionGroup as group:
        # A startup error raised inside a task group comes wrapped.
        errors = group.subgroup(VivavoceError)
        if errors is None or group.split(VivavoceError)[1] is not None:
            raise
        return _fail(_first(errors))
    except KeyboardInterrupt:
        return 130


def _load_settings(config: Path | None) -> Settings:
    """Logging is as they say from here on. Raises SettingsInvalid."""
    from sessions.infra.log import configure_logging
    from sessions.settings import load_settings

    settings = load_settings(config or (CONFIG if CONFIG.exists() else None), dotenv=Path(".env"))
    configure_logging(settings.log)
    return settings


def _first(group: BaseExceptionGroup[VivavoceError]) -> VivavoceError:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error


def _fail(error: VivavoceError) -> int:
    print(f"{error.message} {error.hint}".strip(), file=sys.stderr)
    return 1


def _run(command: Coroutine[Any, Any, int]) -> int:
    try:
        import uvloop  # not on Windows, where asyncio's own loop serves
    except ImportError:
        return asyncio.run(command)
    return uvloop.run(command)


if __name__ == "__main__":
    sys.exit(main())
