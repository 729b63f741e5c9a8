"""The command line: what it says when it cannot start, and that it stops in order."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from tests.support.process import ROOT, Running, run_to_end, vivavoce
from tests.support.speech import speak_wav

pytestmark = pytest.mark.sockets


def test_ctrl_c_ends_it_in_order(tmp_path: Path) -> None:
    with vivavoce("run", tmp_path / "var") as running:
        assert running.stop() == 0
    assert "Traceback" not in running.logged()


@pytest.mark.parametrize("key", ["SERVER__PORT", "AGENT__PORT"])
def test_a_port_in_use_is_one_sentence(tmp_path: Path, key: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run_to_end(["run"], tmp_path / "var", {key: str(port)})
    assert ended.returncode == 1
    assert f"Port {port}" in ended.stderr
    assert key.replace("__", ".").lower() in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1


def test_an_unwritable_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()  # nobody can make a folder below a file, root neither
    ended = run_to_end(["run"], tmp_path / "file" / "var")
    assert ended.returncode == 1
    assert "cannot be written" in ended.stderr
    assert "data_dir" in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"SERVER__PROT": "1"}, ["server.prot", "server.port"]),
        ({"SERVER__PORT": "many"}, ["server.port", "config.yaml"]),
        ({"SPEECH__TTS": "espeek"}, ["speech.tts", "espeak"]),
        ({"SPEECH__STT": "no.such:Thing"}, ["speech.stt", "no.such"]),
        ({"DATABASE__URL": "oracle://x"}, ["database.url", "postgresql"]),
        ({"BUS__URL": "redis://127.0.0.1:1/0"}, ["Redis"]),
        ({"SECURITY__SECRET_KEY": "short"}, ["SECRET_KEY"]),
    ],
)
def test_a_wrong_setting_is_one_sentence(
    tmp_path: Path, settings: dict[str, str], words: list[str]
) -> None:
    ended = run_to_end(["run"], tmp_path / "var", settings)
    assert ended.returncode == 1
    for word in words:
        assert word in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1


def test_doctor_says_what_works(tmp_path: Path) -> None:
    assert run_to_end(["migrate"], tmp_path / "var").returncode == 0
    ended = run_to_end(["doctor"], tmp_path / "var")
    assert ended.returncode == 1
    assert "vivavoce seed" in ended.stdout
    seeded = run_to_end(["seed"], tmp_path / "var")
    assert "0 unchanged" in seeded.stdout
    assert "0 added" in run_to_end(["seed"], tmp_path / "var").stdout
    ended = run_to_end(["doctor", "--json"], tmp_path / "var")
    assert ended.returncode == 0, ended.stdout
    findings = {finding["what"]: finding for finding in json.loads(ended.stdout)}
    assert set(findings) == {"data_dir", "bus", "database", "stt", "tts", "vad", "interviewer"}
    assert all(finding["is_ok"] for finding in findings.values())


def test_talk_takes_a_typed_interview_to_its_report(embedded: Running, tmp_path: Path) -> None:
    ended = run_to_end(
        ["talk", "--server", embedded.url, "--type", "dsa", "--difficulty", "medium",
         "--questions", "2", "--line", "I would use a hash map and look up the complement",
         "--line", "can you repeat that", "--json"],
        tmp_path / "client",
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr + ended.stdout
    messages = [json.loads(line) for line in ended.stdout.splitlines()]
    kinds = [message["type"] for message in messages]
    assert kinds[0] == "welcome"
    assert kinds[-1] == "report"
    assert {"question", "caption", "feedback", "progress", "ended"} <= set(kinds)
    said = [m["text"] for m in messages if m["type"] == "caption" and m["speaker"] == "candidate"]
    assert said[0] == "I would use a hash map and look up the complement"


def test_talk_refuses_to_speak_to_a_server_that_cannot_hear(
    embedded: Running, tmp_path: Path
) -> None:
    wav = tmp_path / "hello.wav"
    speak_wav(wav, ["hello"], rate=16_000)
    ended = run_to_end(["talk", "--server", embedded.url, "--say", str(wav)], tmp_path / "client")
    assert ended.returncode == 2
    assert "recogniser" in ended.stdout + ended.stderr
    assert "--line" in ended.stdout + ended.stderr


def test_talk_names_a_file_it_cannot_speak(tmp_path: Path) -> None:
    ended = run_to_end(["talk", "--say", str(ROOT / "README.md")], tmp_path / "client")
    assert ended.returncode == 2
    assert "no readable WAV" in ended.stderr


def test_talk_says_when_nobody_is_there(tmp_path: Path) -> None:
    ended = run_to_end(["talk", "--server", "http://127.0.0.1:9"], tmp_path / "client")
    assert ended.returncode == 1
    assert "vivavoce run" in ended.stderr
