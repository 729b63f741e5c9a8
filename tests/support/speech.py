"""Spoken WAV files for tests, by espeak-ng in its helper program."""

from __future__ import annotations

import subprocess
import sys
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from livekit import rtc

from agent.providers.tts import espeak_worker
from agent.providers.tts.espeak_worker import ANSWER, Answer, Sentence

CLEAR_VOICE = "en-us"
CLEAR_WORDS_PER_MINUTE = 130  # pocketsphinx hears this exactly; a comma is a pause of 0.24 s
LEADING_S = 0.1
TRAILING_S = 0.6  # Chromium's fake microphone repeats its last buffer for ever: let it be silent
_INAUDIBLE = 60


@dataclass(frozen=True, slots=True)
class SpokenPart:
    """Where a part's sound lies in the file, in seconds, without espeak's silence after it."""

    text: str
    start_s: float
    end_s: float


def speak_wav(
    path: Path,
    parts: Sequence[str | float],
    rate: int = 48_000,
    *,
    words_per_minute: int = CLEAR_WORDS_PER_MINUTE,
) -> list[SpokenPart]:
    """Write mono 16-bit `path`: texts are spoken, numbers are seconds of silence between them."""
    samples, spoken = speak_samples(parts, rate, words_per_minute=words_per_minute)
    with wave.open(str(path), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(rate)
        wav.writeframes(samples)
    return spoken


def speak_samples(
    parts: Sequence[str | float],
    rate: int = 48_000,
    *,
    words_per_minute: int = CLEAR_WORDS_PER_MINUTE,
) -> tuple[bytes, list[SpokenPart]]:
    """The same, as samples instead of a file."""
    audio = bytearray(_silence(LEADING_S, rate))
    spoken: list[SpokenPart] = []
    texts = [part for part in parts if isinstance(part, str)]
    voices = iter(_speak(texts, rate, words_per_minute))
    for part in parts:
        if isinstance(part, str):
            start_s = len(audio) / 2 / rate
            audio += next(voices)
            spoken.append(SpokenPart(part, start_s, len(audio) / 2 / rate))
        else:
            audio += _silence(part, rate)
    audio += _silence(TRAILING_S, rate)
    return bytes(audio), spoken


def _silence(seconds: float, rate: int) -> bytes:
    return bytes(round(seconds * rate) * 2)


def _speak(texts: list[str], rate: int, words_per_minute: int) -> list[bytes]:
    rate_hz, voices = speak_sentences(
        [Sentence(text, CLEAR_VOICE, words_per_minute) for text in texts]
    )
    return [_resampled(_without_end(voice), rate_hz, rate) for voice in voices]


def speak_sentences(sentences: Sequence[Sentence]) -> tuple[int, list[bytes]]:
    """The rate in Hz, and each sentence as espeak-ng gives it, with the silence around it."""
    worker = subprocess.Popen(
        [sys.executable, "-P", espeak_worker.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert worker.stdin is not None
    assert worker.stdout is not None
    with worker:
        kind, payload = _read_answer(worker.stdout)
        assert kind is Answer.READY, payload.decode()
        voices: list[bytes] = []
        for request_id, sentence in enumerate(sentences, start=1):
            worker.stdin.write(espeak_worker.speak_request(request_id, sentence))
            worker.stdin.flush()
            voices.append(_read_speech(worker.stdout))
        worker.stdin.close()
    return int(payload), voices


def _read_answer(stdout: IO[bytes]) -> tuple[Answer, bytes]:
    """One answer of the helper. Raises AssertionError when it has ended."""
    head = stdout.read(ANSWER.size)
    assert len(head) == ANSWER.size, "the espeak-ng helper has ended"
    kind, _, length = ANSWER.unpack(head)
    return Answer(kind), stdout.read(length)


def _read_speech(stdout: IO[bytes]) -> bytes:
    pieces: list[bytes] = []
    while (answer := _read_answer(stdout))[0] is not Answer.END:
        assert answer[0] is Answer.AUDIO, answer[1].decode()
        pieces.append(answer[1])
    return b"".join(pieces)


def _without_end(pcm: bytes) -> bytes:
    samples = np.frombuffer(pcm, dtype=np.int16)
    audible = np.flatnonzero(np.abs(samples.astype(np.int32)) > _INAUDIBLE)
    return samples[: int(audible[-1]) + 1].tobytes() if audible.size else b""


def _resampled(pcm: bytes, from_hz: int, to_hz: int) -> bytes:
    if from_hz == to_hz or not pcm:
        return pcm
    resampler = rtc.AudioResampler(from_hz, to_hz, quality=rtc.AudioResamplerQuality.HIGH)
    frames = [*resampler.push(bytearray(pcm)), *resampler.flush()]
    return b"".join(frame.data.tobytes() for frame in frames)
