"""Opus both ways: real speech goes through and is still understood; garbage harms nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from livekit import rtc

from agent.codec import agreement, opus
from agent.codec.agreement import agree
from agent.codec.opus import LOOKAHEAD_MS, OpusDecoder, OpusEncoder
from sessions.errors import MessageInvalid
from sessions.opus_packet import CLOCK_HZ, packet_ms
from sessions.protocol import PLAYBACK_RATE_HZ, CodecName, Hello
from tests.emulators.pocketsphinx_stt import Ears
from tests.support.speech import speak_samples

LINES = [["the nightly backup failed three times"], ["um so i read the logs"]]
HEARD_RATE_HZ = 48_000


@pytest.fixture(scope="module")
def speech() -> bytes:
    """24 kHz PCM16 of all lines."""
    samples, _ = speak_samples([LINES[0][0], 0.9, LINES[1][0]], PLAYBACK_RATE_HZ)
    return samples


def encoded(encoder: OpusEncoder, pcm: bytes, piece_ms: int = 30) -> list[bytes]:
    size = PLAYBACK_RATE_HZ * piece_ms // 1000 * 2
    packets = [
        packet
        for start in range(0, len(pcm), size)
        for packet in encoder.encode(pcm[start : start + size])
    ]
    return packets + encoder.flush()


def decoded(packets: list[bytes]) -> bytes:
    decoder = OpusDecoder()
    return b"".join(decoder.decode(packet) for packet in packets)


def loudness(pcm: bytes, rate_hz: int, *, skip_ms: float = 0.0) -> np.ndarray:
    """Root mean square of each 10 ms."""
    samples = np.frombuffer(pcm, dtype="<i2")[round(skip_ms * rate_hz / 1000) :]
    window = rate_hz // 100
    whole = samples[: samples.size // window * window].astype(np.float64)
    return np.sqrt((whole.reshape(-1, window) ** 2).mean(axis=1))


def waves(pcm: bytes, rate_hz: int) -> np.ndarray:
    """At 8 kHz, by way of the spectrum: exact in time, so that two rates can be compared."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float64)
    size = samples.size * 8_000 // rate_hz
    return np.fft.irfft(np.fft.rfft(samples)[: size // 2 + 1], size)


@pytest.mark.parametrize("frame_ms", [20, 40, 60])
def test_speech_comes_through(speech: bytes, frame_ms: int) -> None:
    packets = encoded(OpusEncoder(frame_ms=frame_ms), speech)
    heard = decoded(packets)

    before = loudness(speech, PLAYBACK_RATE_HZ)
    after = loudness(heard, HEARD_RATE_HZ, skip_ms=LOOKAHEAD_MS)[: before.size]
    assert np.corrcoef(before[: after.size], after)[0, 1] > 0.98
    seconds = len(packets) * frame_ms / 1000
    assert 20_000 < sum(map(len, packets)) * 8 / seconds < 34_000, "bit/s"


def test_its_delay_is_the_one_that_is_told(speech: bytes) -> None:
    sent = waves(speech, PLAYBACK_RATE_HZ)
    heard = waves(decoded(encoded(OpusEncoder(), speech)), HEARD_RATE_HZ)
    length = min(sent.size, heard.size)

    spectrum = np.fft.rfft(heard[:length]) * np.conj(np.fft.rfft(sent[:length]))
    lag = int(np.argmax(np.fft.irfft(spectrum, length)))
    # A little either way: the two rates are compared at 8 kHz.
    assert LOOKAHEAD_MS - 0.5 <= lag / 8 <= LOOKAHEAD_MS + 1.5


def test_the_words_are_still_understood(speech: bytes) -> None:
    ears = Ears(LINES)
    pcm = decoded(encoded(OpusEncoder(), speech))
    frame = rtc.AudioFrame(pcm, HEARD_RATE_HZ, 1, len(pcm) // 2)
    resampler = rtc.AudioResampler(HEARD_RATE_HZ, 16_000)  # as a room does
    narrow = [one.data.tobytes() for one in [*resampler.push(frame), *resampler.flush()]]
    heard = [*ears.hear(b"".join(narrow)), ears.finish()]

    finals = [one.text for one in heard if one is not None and one.is_final]
    assert finals == [pieces[0] for pieces in LINES]


@pytest.mark.parametrize("frame_ms", [20, 40, 60])
@pytest.mark.parametrize("samples", [1, 479, 480, 960, 961, 1_440, 24_000])
def test_an_utterance_is_whole_when_it_is_flushed(frame_ms: int, samples: int) -> None:
    encoder = OpusEncoder(frame_ms=frame_ms)

    packets = [*encoder.encode(bytes(2 * samples)), *encoder.flush()]

    lasting_ms = samples / PLAYBACK_RATE_HZ * 1000 + LOOKAHEAD_MS
    assert len(packets) == -(-lasting_ms // frame_ms)
    assert {packet_ms(packet) for packet in packets} == {frame_ms}
    assert encoder.flush() == []


def test_pieces_of_any_size_make_the_same_packets(speech: bytes) -> None:
    whole = OpusEncoder()
    assert encoded(OpusEncoder(), speech, piece_ms=7) == [*whole.encode(speech), *whole.flush()]


def test_each_utterance_begins_anew(speech: bytes) -> None:
    encoder = OpusEncoder()
    first = encoded(encoder, speech)
    encoder.encode(speech[:50_002])  # stopped: the candidate spoke
    encoder.reset()

    assert encoded(encoder, speech) == first


def test_a_decoder_that_was_closed_begins_anew(speech: bytes) -> None:
    packets = encoded(OpusEncoder(), speech)
    decoder = OpusDecoder()
    first = [decoder.decode(packet) for packet in packets]
    decoder.close()

    assert [decoder.decode(packet) for packet in packets] == first


def test_the_sender_may_change_the_length_of_its_packets(speech: bytes) -> None:
    packets = [
        packet for ms in (20, 60, 40) for packet in encoded(OpusEncoder(frame_ms=ms), speech)
    ]
    lasting_s = sum(map(packet_ms, packets)) / 1000

    assert len(decoded(packets)) / 2 / HEARD_RATE_HZ == pytest.approx(lasting_s, abs=0.005)


GARBAGE = [b"", b"\xff" * 10, b"\x0b\xff", b"\x0c\x00", b"\x19" * 60, b"\x4a\xff", b"\x48" * 4_000]


@pytest.mark.parametrize("packet", GARBAGE)
def test_garbage_is_refused_and_the_next_packet_is_heard(speech: bytes, packet: bytes) -> None:
    packets = encoded(OpusEncoder(), speech)
    decoder = OpusDecoder()
    heard = b"".join(decoder.decode(packet) for packet in packets[:20])

    with pytest.raises(MessageInvalid, match=r"^audio: "):
        decoder.decode(packet)
    heard += b"".join(decoder.decode(packet) for packet in packets[20:])

    assert heard == decoded(packets)


@settings(max_examples=150, deadline=None)
@given(packet=st.binary(max_size=300))
def test_no_bytes_break_the_decoder(packet: bytes) -> None:
    decoder = OpusDecoder()
    try:
        pcm = decoder.decode(packet)
    except MessageInvalid as refusal:
        assert refusal.message.startswith("audio: ")
    else:
        assert len(pcm) <= packet_ms(packet) * HEARD_RATE_HZ // 1000 * 2
    assert len(decoder.decode(b"\x08")) <= 20 * HEARD_RATE_HZ // 1000 * 2 + 100


def test_opus_counts_in_its_own_clock() -> None:
    assert CLOCK_HZ * LOOKAHEAD_MS / 1000 == 312  # libopus' pre-skip


# -- what is agreed ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sends", "plays", "agreed"),
    [
        (("pcm16",), ("pcm16",), ("pcm16", "pcm16")),
        (("opus", "pcm16"), ("opus", "pcm16"), ("opus", "opus")),
        (("pcm16", "opus"), ("opus",), ("pcm16", "opus")),
        (("opus",), ("pcm16", "opus"), ("opus", "pcm16")),
        ((), (), ("pcm16", "pcm16")),
    ],
)
def test_the_first_codec_that_both_can_is_agreed(
    sends: tuple[CodecName, ...], plays: tuple[CodecName, ...], agreed: tuple[str, str]
) -> None:
    assert agree(Hello(v=1, token="t", sends=sends, plays=plays)) == agreed


def test_a_server_without_libopus_speaks_pcm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opus, "CODEC", "no such codec")

    assert agreement.spoken_here() == {"pcm16"}
    assert agree(Hello(v=1, token="t", sends=("opus",), plays=("opus",))) == ("pcm16", "pcm16")
