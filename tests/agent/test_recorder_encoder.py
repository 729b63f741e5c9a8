"""The recording's stream: playable wherever it is cut, and cheap in threads."""

from __future__ import annotations

import numpy as np
import psutil
import pytest

from agent.recorder.encoder import OggOpusEncoder, duration_of
from agent.recorder.mixer import CANDIDATE_HZ, INTERVIEWER_HZ, RATE_HZ, Mixer, Samples
from tests.support.recording import HEARD_HZ, decoded

HALF = RATE_HZ // 2


def noise(duration_s: int) -> Samples:
    return np.random.default_rng(7).integers(-8_000, 8_000, (duration_s * RATE_HZ, 2), np.int16)


def encoded(sound: Samples) -> bytes:
    encoder = OggOpusEncoder()
    parts = [encoder.encode(sound[at : at + HALF]) for at in range(0, len(sound), HALF)]
    return b"".join([*parts, encoder.finish()])


def test_its_duration_is_that_of_the_sound() -> None:
    stream = encoded(noise(4))

    assert duration_of(stream[:1_024], stream[-8_192:]) == 4_000
    assert decoded(stream).shape == (2, 4 * HEARD_HZ)


@pytest.mark.parametrize("share", [0.1, 0.37, 0.5, 0.777, 0.99])
def test_it_can_be_played_up_to_any_cut(share: float) -> None:
    stream = encoded(noise(6))
    cut = stream[: int(len(stream) * share)]
    heard_ms = decoded(cut).shape[1] * 1000 / HEARD_HZ

    assert abs(heard_ms - 6_000 * share) <= 600
    assert abs(heard_ms - duration_of(cut[:1_024], cut)) <= 300


def test_what_was_encoded_comes_out_within_a_second() -> None:
    encoder, sound, stream = OggOpusEncoder(), noise(6), b""
    for at in range(0, len(sound), HALF):
        stream += encoder.encode(sound[at : at + HALF])
        behind_ms = (at + HALF) * 1000 / RATE_HZ - duration_of(stream[:1_024], stream)
        assert behind_ms <= 800
    encoder.finish()


@pytest.mark.parametrize("stream", [b"", b"OggS", b"noise" * 1000])
def test_what_is_no_stream_has_no_duration(stream: bytes) -> None:
    assert duration_of(stream, stream) == 0


def test_encoders_have_no_threads_of_their_own() -> None:
    process = psutil.Process()
    encoders = [OggOpusEncoder() for _ in range(8)]
    before = process.num_threads()
    for encoder in encoders:
        encoder.encode(noise(1))

    assert process.num_threads() == before
    for encoder in encoders:
        encoder.finish()


@pytest.mark.parametrize("hz", [200, 1_000, 6_000])
def test_the_candidates_sound_is_the_same_at_the_mixs_rate(hz: int) -> None:
    times = np.arange(CANDIDATE_HZ) / CANDIDATE_HZ
    tone = (12_000 * np.sin(2 * np.pi * hz * times)).astype(np.int16)
    mixer = Mixer()
    parts = [
        mixer.mix(tone[at * 16 : (at + 20) * 16].tobytes(), b"", 20)[:, 0]
        for at in range(0, 1_000, 20)  # in pieces, between which nothing must be heard
    ]
    spectrum = np.abs(np.fft.rfft(np.concatenate(parts)[2_400:-2_400] * np.hanning(19_200)))
    strongest = int(spectrum.argmax())
    rest = np.delete(spectrum, np.arange(max(strongest - 4, 0), strongest + 5))

    assert strongest * RATE_HZ / 19_200 == pytest.approx(hz, abs=2)
    assert 20 * np.log10(rest.max() / spectrum.max()) < -60


def test_each_side_has_its_channel_and_silence_fills_it_up() -> None:
    loud = np.full(INTERVIEWER_HZ // 100, 9_000, np.int16).tobytes()  # 10 ms of 40
    stereo = Mixer().mix(b"", loud, 40)

    assert stereo.shape == (960, 2)
    assert not stereo[:, 0].any()
    assert np.all(stereo[:240, 1] == 9_000)
    assert not stereo[240:, 1].any()
