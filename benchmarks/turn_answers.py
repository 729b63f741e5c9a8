"""Spoken answers for the turn-taking bench, made at run time: scripts, pauses, voices, noise.

A script marks where the person pauses: `/f` after a filler, `/j` after a conjunction or another
word that cannot end a sentence, `/c` at the end of a clause, `/b` after an acknowledgement of the
question, `/t` after asking for time. How long each pause is, who speaks, how fast, and what noises
there are follows from the seed. The scripts of the two halves have nothing in common.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from livekit import rtc

from agent.providers.tts.espeak_worker import Sentence
from benchmarks.turn_scripts import Half, Script, scripts_of
from sessions.facts import Move
from sessions.plan import InterviewType
from tests.support.speech import speak_sentences

RATE_HZ = 16_000
LEADING_S = 0.5
TRAILING_S = 9.0
"""Silence after the answer: longer than any system waits."""

Samples = np.ndarray[tuple[int], np.dtype[np.int16]]
Sound = np.ndarray[tuple[int], np.dtype[np.float64]]


class Pause(StrEnum):
    FILLER = "f"
    CONJUNCTION = "j"
    CLAUSE = "c"
    ACKNOWLEDGEMENT = "b"
    ASKED_TIME = "t"


SHORTEST_S, LONGEST_S = 0.4, 3.0
MEDIAN_S = {
    Pause.FILLER: 1.1,
    Pause.CONJUNCTION: 0.9,
    Pause.CLAUSE: 0.65,
    Pause.ACKNOWLEDGEMENT: 1.1,
    Pause.ASKED_TIME: 2.2,
}
SPREAD = 0.5
"""Pauses in spontaneous speech are distributed log-normally (Campione & Véronis, "A large-scale
multilingual study of silent pause duration", Speech Prosody 2002); this is sigma of the logarithm.
The medians are longer than in conversation, for people who think aloud."""

VOICES = (
    "en-us", "en-us+f2", "en-us+m3", "en-us+m7", "en-us+f4", "en-us+Andy", "en-us+Alicia",
    "en-us+steph", "en-us+paul", "en-us+belinda", "en-gb-x-rp", "en-gb-x-rp+f2", "en-gb-x-rp+m3",
    "en-gb-scotland", "en-gb-scotland+f3", "en-029", "en+f2", "en+m5",
)  # fmt: skip
WORDS_PER_MINUTE = (135, 150, 165, 180, 195)
SPEECH_RMS = 3_000.0
ROOM_RMS = (15.0, 90.0)
"""A microphone's room noise: speech is 30-46 dB above it. Without any, the audio model, trained
on recordings, takes every pause for an unfinished turn."""


@dataclass(frozen=True, slots=True)
class SpokenWord:
    text: str
    end_ms: int


@dataclass(frozen=True, slots=True)
class Segment:
    """Speech without a pause. Words in order, with the times of their ends."""

    words: tuple[SpokenWord, ...]
    start_ms: int
    end_ms: int
    pause_after: Pause | None


@dataclass(frozen=True, slots=True)
class SpokenAnswer:
    """One answer's audio and the truth about it. `end_ms` is where its last sound ends."""

    type: InterviewType
    move: Move
    segments: tuple[Segment, ...]
    samples: Samples
    noise: str
    """What noise there is besides the room's: "", "clicks", "coughs" or "hum"."""

    @property
    def end_ms(self) -> int:
        return self.segments[-1].end_ms

    @property
    def text(self) -> str:
        return " ".join(word.text for segment in self.segments for word in segment.words)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be made of a script, before anything is spoken."""

    script: Script
    sentences: tuple[Sentence, ...]
    pauses: tuple[tuple[Pause, float], ...]
    noise: str
    seed: int


def make_answers(half: Half, count: int, *, seed: int) -> list[SpokenAnswer]:
    """`count` answers, the half's scripts in turn; the same for the same seed."""
    plans = [_plan(script, seed * 100_003 + n) for n, script in enumerate(_cycle(half, count))]
    spoken = speak([sentence for plan in plans for sentence in plan.sentences])
    answers: list[SpokenAnswer] = []
    taken = 0
    for plan in plans:
        sounds = spoken[taken : taken + len(plan.sentences)]
        taken += len(plan.sentences)
        answers.append(_assembled(plan, sounds))
    return answers


def _cycle(half: Half, count: int) -> Iterable[Script]:
    scripts = scripts_of(half)
    return (scripts[n % len(scripts)] for n in range(count))


def _plan(script: Script, seed: int) -> _Plan:
    chance = random.Random(seed)  # noqa: S311 -- a reproducible bench, no secret
    voice, pace = chance.choice(VOICES), chance.choice(WORDS_PER_MINUTE)
    *parts, last = re.split(r"\s*(/[a-z])\s*", script.text)
    sentences: list[Sentence] = []
    pauses: list[tuple[Pause, float]] = []
    for text, mark in zip(parts[::2], parts[1::2], strict=True):
        kind = Pause(mark[1])
        # At a clause's end half of the people's voices fall, as if all had been said.
        falls = kind is Pause.CLAUSE and chance.random() < 0.5
        sentences.append(Sentence(f"{text}{'.' if falls else ','}", voice, pace))
        length_s = MEDIAN_S[kind] * chance.lognormvariate(0.0, SPREAD)
        pauses.append((kind, min(max(length_s, SHORTEST_S), LONGEST_S)))
    sentences.append(Sentence(f"{last}.", voice, pace))
    noise = chance.choices(("", "clicks", "coughs", "hum"), (5, 1, 1, 1))[0]
    return _Plan(script, tuple(sentences), tuple(pauses), noise, seed)


def _assembled(plan: _Plan, sounds: Sequence[Samples]) -> SpokenAnswer:
    rng = np.random.default_rng(plan.seed)
    pieces: list[Sound] = [_silence(LEADING_S)]
    segments: list[Segment] = []
    at = pieces[0].size
    for index, (sentence, sound) in enumerate(zip(plan.sentences, sounds, strict=True)):
        pause = plan.pauses[index] if index < len(plan.pauses) else None
        segments.append(_segment(sentence.text, at, sound.size, pause[0] if pause else None))
        silence = _silence(pause[1] if pause else TRAILING_S)
        pieces += [sound.astype(np.float64), silence]
        at += sound.size + silence.size
    audio = np.concatenate(pieces)
    voiced = np.concatenate([sound.astype(np.float64) for sound in sounds])
    audio *= SPEECH_RMS / float(np.sqrt(np.mean(voiced**2)))
    audio += rng.normal(0.0, float(rng.uniform(*ROOM_RMS)), audio.size)
    gaps = [(a.end_ms, b.start_ms) for a, b in itertools.pairwise(segments)]
    gaps.append((segments[-1].end_ms, segments[-1].end_ms + 2_000))
    _add_noise(audio, plan.noise, gaps, rng)
    return SpokenAnswer(
        type=plan.script.type,
        move=plan.script.move,
        segments=tuple(segments),
        samples=np.clip(audio, -32_000, 32_000).astype(np.int16),
        noise=plan.noise,
    )


def _segment(text: str, at: int, size: int, pause_after: Pause | None) -> Segment:
    """The words' times are spread over the sound by their length."""
    tokens = re.findall(r"[\w']+", text.lower())
    start_ms, end_ms = at * 1000 // RATE_HZ, (at + size) * 1000 // RATE_HZ
    characters = sum(len(token) + 1 for token in tokens)
    words: list[SpokenWord] = []
    position = 0
    for token in tokens:
        position += len(token) + 1
        words.append(SpokenWord(token, start_ms + (end_ms - start_ms) * position // characters))
    return Segment(tuple(words), start_ms, end_ms, pause_after)


def _add_noise(
    audio: Sound, noise: str, gaps: Sequence[tuple[int, int]], rng: np.random.Generator
) -> None:
    if noise == "hum":
        seconds = np.arange(audio.size) / RATE_HZ
        for hertz, level in ((50, 90.0), (100, 60.0), (150, 30.0)):
            audio += level * np.sin(2 * np.pi * hertz * seconds)
    if noise not in ("clicks", "coughs"):
        return
    for begin_ms, end_ms in gaps:
        if rng.random() < 0.6:
            sound = _click(rng) if noise == "clicks" else _cough(rng)
            begin = int(rng.uniform(begin_ms, end_ms)) * RATE_HZ // 1000
            audio[begin : begin + sound.size] += sound


def _click(rng: np.random.Generator) -> Sound:
    """A key or a mouse button: 12 ms."""
    size = RATE_HZ * 12 // 1000
    return rng.normal(0.0, 5_000.0, size) * np.exp(-np.arange(size) / (size / 4))


def _cough(rng: np.random.Generator) -> Sound:
    """A burst of noise without its highest and lowest parts, 0.25 s, that dies away."""
    size = RATE_HZ // 4
    spectrum = np.fft.rfft(rng.normal(0.0, 1.0, size))
    hertz = np.fft.rfftfreq(size, 1 / RATE_HZ)
    spectrum[(hertz < 300) | (hertz > 3_000)] = 0
    burst = np.fft.irfft(spectrum, size) * np.exp(-np.arange(size) / (size / 3))
    return burst * (6_000.0 / float(np.abs(burst).max()))


def _silence(seconds: float) -> Sound:
    return np.zeros(round(seconds * RATE_HZ), dtype=np.float64)


def speak(sentences: Sequence[Sentence]) -> list[Samples]:
    """By espeak-ng's helper program, at 16 kHz, without the silence around them."""
    rate_hz, voices = speak_sentences(sentences)
    return [_trimmed(_resampled(voice, rate_hz)) for voice in voices]


_INAUDIBLE = 60


def _trimmed(samples: Samples) -> Samples:
    audible = np.flatnonzero(np.abs(samples.astype(np.int32)) > _INAUDIBLE)
    return samples[int(audible[0]) : int(audible[-1]) + 1]


def _resampled(pcm: bytes, from_hz: int) -> Samples:
    resampler = rtc.AudioResampler(from_hz, RATE_HZ, quality=rtc.AudioResamplerQuality.HIGH)
    frames = [*resampler.push(bytearray(pcm)), *resampler.flush()]
    return np.concatenate([np.frombuffer(frame.data, dtype=np.int16) for frame in frames])
