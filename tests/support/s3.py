"""An S3 store on loopback: moto's server, in a process of its own, with everything in memory."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from sessions.settings import BlobSettings
from tests.support.services import free_port

BUCKET = "recordings-of-tests"
START_LIMIT_S = 30.0
STOP_LIMIT_S = 10.0


@dataclass(frozen=True)
class S3Server:
    """It takes any credentials: it proves what is stored, and nothing about who may."""

    port: int

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def settings(self, prefix: str = "") -> BlobSettings:
        """A folder of the bucket; a prefix of its own keeps a test apart from others."""
        return BlobSettings(
            url=f"s3://{BUCKET}/{prefix}",
            s3_endpoint=self.endpoint,
            s3_access_key_id=SecretStr("tests"),
            s3_secret_access_key=SecretStr("tests' own"),
        )

    def make_bucket(self) -> None:
        """Raises OSError while it does not listen."""
        request = urllib.request.Request(f"{self.endpoint}/{BUCKET}", method="PUT")  # noqa: S310 -- loopback, by http
        with urllib.request.urlopen(request, timeout=5):  # noqa: S310 -- as above
            pass


@contextmanager
def run_s3(folder: Path) -> Generator[S3Server]:
    """`folder` gets its log."""
    server = S3Server(free_port())
    log = folder / "s3.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(server.port)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _await_ready(server, process, log)
        yield server
    finally:
        process.send_signal(signal.SIGKILL)  # there is nothing to put in order
        process.wait(STOP_LIMIT_S)


def _await_ready(server: S3Server, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline_s = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline_s and process.poll() is None:
        try:
            server.make_bucket()
        except urllib.error.HTTPError:
            raise
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the S3 store did not start:\n{log.read_text(errors='replace')}")
