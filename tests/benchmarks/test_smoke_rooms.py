"""The rooms, tiny, on real servers: shapes and counts, no time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import rooms
from benchmarks.peers.systems import PEERS

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(300)]


def test_rooms_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    code = rooms.main(["--rooms", "1", "--turns", "1", "--json"])

    assert code == 0
    runs = json.loads(capsys.readouterr().out)["runs"]
    assert [run["system"] for run in runs] == ["vivavoce"]
    for run in runs:
        assert run["answered"] + run["missed"] == 1
        assert run["rooms_at_once"] == 1
        assert run["core_percent_per_room"] > 0
        assert (run["reply_p50_ms"] is None) == (run["answered"] == 0)
        if run["answered"]:
            assert run["reply_p50_ms"] >= run["reply_work_p50_ms"]


def test_a_peer_is_measured_in_the_same_way() -> None:
    results = rooms.sweep(PEERS["plain-livekit"], [1], 1)

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
