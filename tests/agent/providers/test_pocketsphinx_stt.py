"""The tests' own recogniser must be exact, or no test with speech means anything."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest
from livekit import rtc
from livekit.agents import stt
from livekit.agents.types import TimedString

from agent.providers.registry import load_recognisers
from sessions.errors import SettingsInvalid
from sessions.settings import Settings, SpeechSettings
from tests.agent.providers.sound import frames_of
from tests.emulators.pocketsphinx_stt import LINES_VARIABLE, PocketSphinxSTT
from tests.support.speech import speak_wav

CLASS_PATH = "tests.emulators.pocketsphinx_stt:PocketSphinxSTT"
SETTINGS = Settings(speech=SpeechSettings(stt=[CLASS_PATH]))
INTERIM = stt.SpeechEventType.INTERIM_TRANSCRIPT
FINAL = stt.SpeechEventType.FINAL_TRANSCRIPT
LINES = """\
Um, I was on call, | you know, and the database was slow
So I, uh, looked at the query plan | and added an index
A closure keeps the variables of the scope where it was made
I do not know
Can you repeat the question
"""


@pytest.fixture
def recogniser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PocketSphinxSTT:
    path = tmp_path / "lines.txt"
    path.write_text(LINES, encoding="utf-8")
    monkeypatch.setenv(LINES_VARIABLE, str(path))
    (loaded,) = load_recognisers(SETTINGS)
    assert isinstance(loaded.stt, PocketSphinxSTT)
    assert loaded.stt.keeps_fillers
    return loaded.stt


def frames_in(path: Path) -> list[rtc.AudioFrame]:
    with wave.open(str(path)) as wav:
        assert (wav.getnchannels(), wav.getsampwidth()) == (1, 2)
        return list(frames_of(wav.readframes(wav.getnframes()), wav.getframerate()))


async def heard_by(recogniser: PocketSphinxSTT, path: Path) -> list[stt.SpeechEvent]:
    stream = recogniser.stream()
    for frame in frames_in(path):
        stream.push_frame(frame)
    stream.end_input()
    events = [event async for event in stream]
    await stream.aclose()
    return events


def finals(events: list[stt.SpeechEvent]) -> list[stt.SpeechData]:
    return [event.alternatives[0] for event in events if event.type is FINAL]


@pytest.mark.parametrize("rate", [16_000, 24_000, 48_000])
async def test_lines_with_fillers_and_pauses_are_heard_exactly(
    recogniser: PocketSphinxSTT, tmp_path: Path, rate: int
) -> None:
    wav = tmp_path / "candidate.wav"
    spoken = speak_wav(
        wav,
        [
            "Um, I was on call,",
            1.0,
            "you know, and the database was slow.",
            1.5,
            "So I, uh, looked at the query plan",
            0.8,
            "and added an index.",
            2,
            "A closure keeps the variables of the scope where it was made.",
        ],
        rate,
    )
    said = finals(await heard_by(recogniser, wav))
    assert [data.text for data in said] == [
        "um i was on call",
        "you know and the database was slow",
        "so i uh looked at the query plan",
        "and added an index",
        "a closure keeps the variables of the scope where it was made",
    ]
    for part, data in zip(spoken, said, strict=True):
        assert data.start_time == pytest.approx(part.start_s, abs=0.25)
        assert data.end_time == pytest.approx(part.end_s, abs=0.25)


async def test_words_have_their_times(recogniser: PocketSphinxSTT, tmp_path: Path) -> None:
    wav = tmp_path / "candidate.wav"
    (part, _) = speak_wav(wav, ["Um, I was on call,", 1.0, "I do not know."])
    words = finals(await heard_by(recogniser, wav))[0].words
    assert words is not None
    assert [str(word) for word in words] == ["um", "i", "was", "on", "call"]
    times = [place for word in words for place in _times(word)]
    assert times == sorted(times)
    um_start_s, um_end_s = _times(words[0])
    assert um_start_s == pytest.approx(part.start_s, abs=0.2)
    assert 0.15 < um_end_s - um_start_s < 0.8


def _times(word: TimedString) -> tuple[float, float]:
    assert isinstance(word.start_time, float)
    assert isinstance(word.end_time, float)
    return word.start_time, word.end_time


async def test_a_short_pause_does_not_split_and_both_pieces_are_heard(
    recogniser: PocketSphinxSTT, tmp_path: Path
) -> None:
    wav = tmp_path / "candidate.wav"
    speak_wav(wav, ["So I, uh, looked at the query plan", 0.1, "and added an index"])
    (data,) = finals(await heard_by(recogniser, wav))
    assert data.text == "so i uh looked at the query plan and added an index"


async def test_interims_come_before_the_final(recogniser: PocketSphinxSTT, tmp_path: Path) -> None:
    wav = tmp_path / "candidate.wav"
    speak_wav(wav, ["A closure keeps the variables of the scope where it was made."])
    events = await heard_by(recogniser, wav)
    assert [event.type for event in events].count(FINAL) == 1
    assert events[-1].type is FINAL
    assert "a closure keeps the variables" in [event.alternatives[0].text for event in events[:-1]]
    assert {event.request_id for event in events} == {"segment-1"}


async def test_silence_has_no_words(recogniser: PocketSphinxSTT, tmp_path: Path) -> None:
    wav = tmp_path / "candidate.wav"
    speak_wav(wav, [2.0])
    assert await heard_by(recogniser, wav) == []


async def test_a_stream_closed_in_mid_sentence_leaves_no_task(
    recogniser: PocketSphinxSTT, tmp_path: Path
) -> None:
    wav = tmp_path / "candidate.wav"
    speak_wav(wav, ["Can you repeat the question"])
    stream = recogniser.stream()
    for frame in frames_in(wav)[:60]:
        stream.push_frame(frame)
    await anext(stream)
    await stream.aclose()


def test_a_file_without_lines_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "lines.txt"
    path.write_text("\n | \n", encoding="utf-8")
    monkeypatch.setenv(LINES_VARIABLE, str(path))
    with pytest.raises(SettingsInvalid, match="holds no line"):
        load_recognisers(SETTINGS)
