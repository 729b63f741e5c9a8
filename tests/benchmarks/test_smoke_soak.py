"""The soak, tiny, on a real server: it ends where it began."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import soak

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(300)]


def test_a_soak_of_a_few_rooms_ends_where_it_began(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    picture = tmp_path / "soak.svg"
    monkeypatch.setattr(soak, "WARM_UP_ROOMS", 2)

    code = soak.main(["--rooms", "4", "--minutes", "0.05", "--svg", str(picture), "--json"])

    soaked = json.loads(capsys.readouterr().out)
    assert soaked["faults"] == []
    assert code == 0
    assert soaked["kinds"] == {"ends": 2, "leaves": 1, "is cut": 1}
    first, last = soaked["samples"][0], soaked["samples"][-1]
    assert last["room_tasks"] == 0
    assert last["objects"]["Room"] == first["objects"]["Room"] == 0
    assert picture.read_text().startswith("<svg")
