"""What a command loads before it does anything: a second of somebody's time each."""

from __future__ import annotations

import subprocess
import sys

from tests.support.process import ROOT

HEAVY = ("aiohttp", "alembic", "livekit", "pydantic", "redis", "sqlalchemy", "websockets")


def test_the_command_line_by_itself_loads_nothing_heavy() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import sys, vivavoce; vivavoce._parser(); print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert set(HEAVY).isdisjoint(told.stdout.split())
