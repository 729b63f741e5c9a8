"""Real servers for tests: Postgres and Redis, on free loopback ports, in folders of their own.

A server that is not installed fails the run, naming its package: tests that skip prove nothing.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

START_LIMIT_S = 30.0
STOP_LIMIT_S = 10.0
COMMAND_LIMIT_S = 60.0
POSTGRES_USER = "vivavoce"


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# -- Redis ---------------------------------------------------------------------------------------


@dataclass
class RedisServer:
    """A Redis that keeps nothing. It can be stopped and started again on the same port."""

    folder: Path
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        program = _find("redis-server", (), package="redis-server")
        listen = ["--bind", "127.0.0.1", "--port", str(self.port)]
        keep_nothing = ["--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        run = [*_tied_to_us(), program, *listen, *keep_nothing]
        self._process = _start(run, self.folder / "redis.log", None)
        _await_ready(self._process, self._is_ready, self.folder / "redis.log")

    def stop(self) -> None:
        if self._process is not None:
            _stop(self._process, signal.SIGTERM)
            self._process = None

    def _is_ready(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")


@contextmanager
def run_redis() -> Generator[RedisServer]:
    with _folder("redis") as folder:
        server = RedisServer(folder)
        try:
            server.start()
            yield server
        finally:
            server.stop()


# -- Postgres ------------------------------------------------------------------------------------


@dataclass
class PostgresServer:
    """A Postgres without fsync: quick, and worthless after a power cut."""

    folder: Path
    owner: pwd.struct_passwd | None
    """Whom it runs as when the tests run as root, which Postgres refuses."""
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None
    _databases: int = 0

    def start(self) -> None:
        data, output = self.folder / "data", self.folder / "postgres.log"
        quick = ["--no-sync", "--encoding=UTF8", "--locale=C", "--auth=trust"]
        initdb = [_postgres("initdb"), "-D", str(data), f"--username={POSTGRES_USER}", *quick]
        _wait(_start(initdb, output, self.owner), output)
        listen = ["-h", "127.0.0.1", "-p", str(self.port), "-k", str(self.folder)]
        unsafe = [f"-c{name}=off" for name in ("fsync", "full_page_writes", "synchronous_commit")]
        run = [
            *_tied_to_us(),
            _postgres("postgres"),
            "-D",
            str(data),
            *listen,
            *unsafe,
            "-cmax_connections=200",
        ]
        self._process = _start(run, output, self.owner)
        _await_ready(self._process, self._is_ready, output)

    def stop(self) -> None:
        if self._process is not None:
            _stop(self._process, signal.SIGINT)  # fast: ends the sessions that are still there
            self._process = None

    @contextmanager
    def fresh_database(self) -> Generator[str]:
        """The URL of an empty database, dropped afterwards with whoever still uses it."""
        self._databases += 1
        name = f"test_{self._databases}"
        self._run_sql(f"CREATE DATABASE {name}")
        try:
            yield f"postgresql+asyncpg://{POSTGRES_USER}@127.0.0.1:{self.port}/{name}"
        finally:
            self._run_sql(f"DROP DATABASE {name} WITH (FORCE)")

    def _run_sql(self, statement: str) -> None:
        output = self.folder / "psql.log"
        _wait(_start([*self._psql(), "-c", statement], output, self.owner), output)

    def _is_ready(self) -> bool:
        answer = subprocess.run(
            [*self._psql(), "-c", "SELECT 1"], capture_output=True, timeout=5, check=False
        )
        return answer.returncode == 0

    def _psql(self) -> list[str]:
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", POSTGRES_USER, "-d", "postgres"]
        return [_postgres("psql"), "-X", "-q", *where]


@contextmanager
def run_postgres() -> Generator[PostgresServer]:
    owner = _unprivileged() if os.geteuid() == 0 else None
    with _folder("postgres") as folder:
        if owner is not None:
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        server = PostgresServer(folder, owner)
        try:
            server.start()
            yield server
        finally:
            server.stop()


def _postgres(program: str) -> str:
    installed = Path("/usr/lib/postgresql").glob(f"*/bin/{program}")
    # The newest first; Debian keeps them out of PATH.
    newest_first = sorted(installed, key=lambda path: int(path.parts[4]), reverse=True)
    return _find(program, newest_first, package="postgresql")


def _unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    pytest.exit("Postgres does not run as root, and there is no user postgres or nobody.", 1)


# -- processes -----------------------------------------------------------------------------------


def _find(program: str, elsewhere: Sequence[Path], *, package: str) -> str:
    found = shutil.which(program) or next((str(path) for path in elsewhere), None)
    if found is None:
        pytest.exit(
            f"The tests need {program}, which is not installed: apt-get install {package}", 1
        )
    return found


def _tied_to_us() -> list[str]:
    """On Linux a server is told to stop when the tests are killed and cannot do it themselves."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "INT"] if setpriv else []


@contextmanager
def _folder(name: str) -> Generator[Path]:
    # Not pytest's own: its parents are closed to the user that Postgres runs as.
    folder = Path(tempfile.mkdtemp(prefix=f"vivavoce-{name}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(
    command: Sequence[str], output: Path, owner: pwd.struct_passwd | None
) -> subprocess.Popen[bytes]:
    with output.open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=output.parent,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            user=owner.pw_uid if owner else None,
            group=owner.pw_gid if owner else None,
            extra_groups=[] if owner else None,
            # Ctrl-C is for the tests; they stop their servers themselves.
            start_new_session=True,
        )


def _wait(process: subprocess.Popen[bytes], output: Path) -> None:
    if process.wait(timeout=COMMAND_LIMIT_S) != 0:
        raise RuntimeError(f"{process.args} failed:\n{output.read_text(errors='replace')}")


def _await_ready(
    process: subprocess.Popen[bytes], is_ready: Callable[[], bool], output: Path
) -> None:
    deadline_s = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline_s and process.poll() is None:
        with suppress(OSError):
            if is_ready():
                return
        time.sleep(0.02)
    _stop(process, signal.SIGKILL)
    raise RuntimeError(f"{process.args} did not start:\n{output.read_text(errors='replace')}")


def _stop(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    """By its own id, and only while it is ours."""
    if process.poll() is None:
        process.send_signal(how)
    try:
        process.wait(timeout=STOP_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=STOP_LIMIT_S)
