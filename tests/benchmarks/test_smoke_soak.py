"""The soak, tiny, on a real server and as a program of its own: it ends where it began."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from subprocess import run

import pytest

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(300)]

FEWER_TO_WARM_UP = """
import sys
from benchmarks import soak
soak.WARM_UP_ROOMS = 2
soak.SETTINGS["AGENT__ABANDON_AFTER_S"] = "6"
sys.exit(soak.main(sys.argv[1:]))
"""


def test_a_soak_of_a_few_rooms_ends_where_it_began(tmp_path: Path) -> None:
    picture = tmp_path / "soak.svg"
    arguments = ["--rooms", "4", "--minutes", "0.05", "--svg", str(picture), "--json"]
    ended = run(
        [sys.executable, "-c", FEWER_TO_WARM_UP, *arguments],
        capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip

    soaked = json.loads(ended.stdout)
    assert soaked["faults"] == []
    assert ended.returncode == 0, ended.stderr
    assert soaked["kinds"] == {"ends": 2, "leaves": 1, "is cut": 1}
    first, last = soaked["samples"][0], soaked["samples"][-1]
    assert last["room_tasks"] == 0
    assert last["objects"]["Room"] == first["objects"]["Room"] == 0
    assert picture.read_text().startswith("<svg")
