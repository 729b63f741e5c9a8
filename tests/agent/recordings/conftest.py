"""What a test of recorded rooms starts from: a world with a studio, in virtual time."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.recorder.studio import Studio
from sessions.settings import SpeechSettings
from tests.agent.recordings.answers import ANSWER
from tests.support.audible_tts import AudibleTTS
from tests.support.recording import run_studio
from tests.support.room import World, class_path, made_settings
from tests.support.talker import Line, line
from tests.support.virtual_time import Awaited, Here, VirtualClock


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def studio(tmp_path: Path, clock: VirtualClock) -> Generator[Studio]:
    with run_studio(tmp_path, clock, pool=Here()) as studio:
        yield replace(studio, blobs=Awaited(studio.blobs))


@pytest.fixture
def world(tmp_path: Path, clock: VirtualClock, studio: Studio) -> World:
    settings = made_settings()
    speech = SpeechSettings(
        stt=["browser"], tts=[class_path(AudibleTTS)], end_of_turn="words", tts_timeout_s=2.0
    )
    return World(
        spill_dir=tmp_path / "spill",
        settings=settings.model_copy(update={"speech": speech}),
        clock=clock,
        studio=studio,
    )


@pytest.fixture(scope="module")
def answer() -> Line:
    return line(ANSWER)
