"""The rooms, tiny, on real servers and as a program of its own: shapes and counts, no time."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from subprocess import run

import pytest

from benchmarks import rooms
from benchmarks.peers.systems import PEERS

pytestmark = [pytest.mark.sockets, pytest.mark.timeout(300)]


def test_rooms_are_measured_beside_a_peer() -> None:
    arguments = ["--rooms", "1", "--turns", "1", "--peer", "plain-livekit", "--json"]
    ended = run(
        [sys.executable, "-m", "benchmarks.rooms", *arguments],
        capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip

    assert ended.returncode == 0, ended.stderr
    runs = json.loads(ended.stdout)["runs"]
    assert [one["system"] for one in runs] == ["vivavoce", "plain-livekit"]
    for one in runs:
        assert one["answered"] + one["missed"] == 1
        assert one["rooms_at_once"] == 1
        assert one["core_percent_per_room"] > 0
        assert (one["reply_p50_ms"] is None) == (one["answered"] == 0)
        if one["answered"]:
            assert one["reply_p50_ms"] >= one["reply_work_p50_ms"]


def test_a_peer_that_is_not_installed_is_left_out_and_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    away = replace(PEERS["pipecat"], needs=tmp_path / "python")
    monkeypatch.setitem(rooms.PEERS, "pipecat", away)
    monkeypatch.setattr(rooms, "sweep", lambda *_: [])  # pyright: ignore[reportUnknownLambdaType,reportUnknownArgumentType] -- takes what it is given

    assert rooms.main(["--peer", "pipecat", "--json"]) == 0
    assert "make peers" in capsys.readouterr().err
