"""Each bench, tiny, on real servers: shapes and counts, no time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import rooms, soak
from benchmarks.peers.systems import PEERS

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(300)]


def test_rooms_are_measured_beside_a_peer(capsys: pytest.CaptureFixture[str]) -> None:
    code = rooms.main(["--rooms", "1", "--turns", "1", "--peer", "plain-livekit", "--json"])

    assert code == 0
    runs = json.loads(capsys.readouterr().out)["runs"]
    assert [run["system"] for run in runs] == ["vivavoce", "plain-livekit"]
    for run in runs:
        assert run["answered"] + run["missed"] == 1
        assert run["rooms_at_once"] == 1
        assert run["core_percent_per_room"] > 0
        assert (run["reply_p50_ms"] is None) == (run["answered"] == 0)
        if run["answered"]:
            assert run["reply_p50_ms"] >= run["reply_work_p50_ms"]


@pytest.mark.skipif(not PEERS["pipecat"].is_there, reason=PEERS["pipecat"].missing)
def test_pipecat_is_measured() -> None:
    results = rooms.sweep(PEERS["pipecat"], [1], 1)

    assert results
    assert results[0].answered + results[0].missed == 1


def test_a_peer_that_is_not_installed_is_left_out_and_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    away = replace(PEERS["pipecat"], needs=tmp_path / "python")
    monkeypatch.setitem(rooms.PEERS, "pipecat", away)
    monkeypatch.setattr(rooms, "sweep", lambda *_: [])  # pyright: ignore[reportUnknownLambdaType,reportUnknownArgumentType] -- takes what it is given

    assert rooms.main(["--peer", "pipecat", "--json"]) == 0
    assert "make peers" in capsys.readouterr().err


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
