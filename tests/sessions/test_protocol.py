"""Protocol v1: what is understood, and that nothing else gets through or breaks anything."""

from __future__ import annotations

import json
import re
import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import JsonValue

from sessions import opus_packet, protocol
from sessions.errors import MessageInvalid
from sessions.protocol import (
    HEADER_BYTES,
    MAX_ANSWER_CHARS,
    MAX_AUDIO_BYTES,
    RATES_HZ,
    AudioFrame,
    ClientMessage,
    Codec,
    parse_client,
    parse_server,
)

CLIENT: list[tuple[str, ClientMessage]] = [
    ('{"type":"hello","v":1,"token":"t"}', protocol.Hello(v=1, token="t")),
    (
        '{"type":"hello","v":1,"token":"t","client":"talk","recognises":true}',
        protocol.Hello(v=1, token="t", client="talk", recognises=True),
    ),
    (
        '{"type":"consent","text_version":"2026-11","transcript":true}',
        protocol.Consent(text_version="2026-11", transcript=True),
    ),
    ('{"type":"typed","id":"1","text":"hi"}', protocol.Typed(id="1", text="hi")),
    (
        '{"type":"speech","id":"1","final":true,"text":"um","start_ms":0,"end_ms":9}',
        protocol.Speech(id="1", final=True, text="um", start_ms=0, end_ms=9),
    ),
    ('{"type":"played","utterance":3,"ms":40}', protocol.Played(utterance=3, ms=40)),
    ('{"type":"muted","on":true}', protocol.Muted(on=True)),
    ('{"type":"ask","what":"skip"}', protocol.Ask(what="skip")),
    ('{"type":"pause"}', protocol.Pause()),
    ('{"type":"resume"}', protocol.Resume()),
    ('{"type":"end"}', protocol.End()),
    ('{"type":"ping","t":5}', protocol.Ping(t=5)),
    (
        '{"type":"hello","v":1,"token":"t","sends":["opus","pcm16"],"plays":["opus"]}',
        protocol.Hello(v=1, token="t", sends=("opus", "pcm16"), plays=("opus",)),
    ),
]
TYPES = sorted({message.type for _, message in CLIENT})


def refused(text: str) -> str:
    with pytest.raises(MessageInvalid) as caught:
        parse_client(text)
    assert caught.value.hint
    return caught.value.message


def changed(text: str, /, **changes: JsonValue) -> str:
    return json.dumps(json.loads(text) | changes)


# -- client messages -----------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "message"), CLIENT)
def test_a_client_message_is_understood(text: str, message: ClientMessage) -> None:
    assert parse_client(text) == message
    assert parse_client(message.model_dump_json()) == message


@pytest.mark.parametrize(
    "text", ["", " ", "{", "hello", "null", "7", "[]", '"end"', "{}", '{"type":"end"', "[" * 20_000]
)
def test_what_is_no_message_is_refused(text: str) -> None:
    assert refused(text)


@pytest.mark.parametrize("type_", ["welcome", "dance", "", "END", None, 7, ["end"]])
def test_an_unknown_type_is_refused(type_: JsonValue) -> None:
    assert refused(json.dumps({"type": type_}))


@pytest.mark.parametrize(("text", "message"), CLIENT)
def test_an_extra_field_is_refused_by_name(text: str, message: ClientMessage) -> None:
    assert refused(changed(text, extra=1)).startswith(f"{message.type}.extra: ")


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("hello.v", '{"type":"hello","token":"t"}'),
        ("hello.token", '{"type":"hello","v":1}'),
        ("consent.transcript", '{"type":"consent","text_version":"1"}'),
        ("typed.id", '{"type":"typed","text":"hi"}'),
        ("muted.on", '{"type":"muted"}'),
        ("ping.t", '{"type":"ping"}'),
    ],
)
def test_a_missing_field_is_refused_by_name(field: str, text: str) -> None:
    assert refused(text).startswith(f"{field}: ")


HELLO, CONSENT, TYPED, SPEECH, PLAYED = (CLIENT[place][0] for place in (0, 2, 3, 4, 5))


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        (HELLO, "token", "t" * 4_097),
        (HELLO, "client", "c" * 201),
        (HELLO, "v", "one"),
        (HELLO, "sends", ["mp3"]),
        (HELLO, "plays", ["pcm16"] * 5),
        (CONSENT, "transcript", False),
        (CONSENT, "text_version", "v" * 41),
        (TYPED, "text", ""),
        (TYPED, "text", "x" * (MAX_ANSWER_CHARS + 1)),
        (TYPED, "id", ""),
        (TYPED, "id", "i" * 65),
        (SPEECH, "text", "x" * (MAX_ANSWER_CHARS + 1)),
        (SPEECH, "start_ms", -1),
        (SPEECH, "end_ms", 86_400_001),
        (SPEECH, "confidence", 1.01),
        (SPEECH, "confidence", -0.01),
        (SPEECH, "confidence", float("nan")),
        (PLAYED, "utterance", -1),
        (PLAYED, "ms", -1),
        (PLAYED, "ms", 1e400),
        ('{"type":"ask","what":"skip"}', "what", "sing"),
        ('{"type":"ping","t":5}', "t", -1),
    ],
)
def test_a_value_past_its_limit_is_refused_by_name(text: str, field: str, value: JsonValue) -> None:
    assert re.search(rf"\.{field}[.:]", refused(changed(text, **{field: value})))


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        (HELLO, "token", "t" * 4_096),
        (TYPED, "text", "🎤" * MAX_ANSWER_CHARS),
        (SPEECH, "text", ""),
        (SPEECH, "end_ms", 86_400_000),
        (SPEECH, "confidence", 1),
    ],
)
def test_a_value_at_its_limit_is_taken(text: str, field: str, value: JsonValue) -> None:
    assert getattr(parse_client(changed(text, **{field: value})), field) == value


def test_a_refusal_does_not_repeat_what_was_said() -> None:
    assert "private words" not in refused(changed(TYPED, text={"said": "private words"}))
    assert "private" not in refused(changed(HELLO, token=["private"]))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from(
    ["v", "token", "client", "id", "text", "final", "start_ms", "end_ms", "on", "what", "t", "ms"]
)


@given(text=st.text())
@example(text="\ud800")
@example(text="\x00")
@example(text='{"type":"ping","t":' + "9" * 5_000 + "}")
@example(text='{"type":"typed","id":"1","text":"\\ud800"}')
def test_no_text_breaks_the_parser(text: str) -> None:
    assert_parsed_or_refused(text)


@given(type_=st.sampled_from(TYPES), fields=st.dictionaries(FIELDS, JSON, max_size=8))
def test_no_message_breaks_the_parser(type_: str, fields: dict[str, JsonValue]) -> None:
    assert_parsed_or_refused(json.dumps({**fields, "type": type_}))


def assert_parsed_or_refused(text: str) -> None:
    try:
        message = parse_client(text)
    except MessageInvalid as refusal:
        assert refusal.message
    else:
        assert parse_client(message.model_dump_json()) == message


# -- server messages -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "message",
    [
        protocol.State(state=protocol.RoomState.LISTENING),
        protocol.Say(utterance=1, move=protocol.Move.ASK, text="What is a closure?"),
        protocol.Caption(
            speaker=protocol.Speaker.CANDIDATE,
            id=1,
            text="um, a closure",
            final=True,
            fillers=(protocol.FillerMark(filler="um", start=0, end=2),),
        ),
        protocol.Ended(reason="abandoned", report_path="/interviews/1/report"),
        protocol.Problem(code="message_invalid", message="typed.id: Field required."),
        protocol.Pong(t=5, server_ms=1_800_000_000_000),
    ],
)
def test_a_server_message_is_understood(message: protocol.ServerMessage) -> None:
    assert parse_server(message.model_dump_json()) == message


@pytest.mark.parametrize("text", ["", "{}", '{"type":"hello","v":1,"token":"t"}', '{"type":"say"}'])
def test_what_is_no_server_message_is_refused(text: str) -> None:
    with pytest.raises(MessageInvalid):
        parse_server(text)


# -- audio ---------------------------------------------------------------------------------------

U32 = st.integers(0, 2**32 - 1)
PCM = st.binary(max_size=640).map(lambda data: data[: len(data) // 2 * 2])
PLACE = {"utterance": U32, "sequence": U32, "timestamp_ms": U32}
SPOKEN_HEADS = (0x08, 0x10, 0x18, 0x48, 0x50, 0x58, 0x68, 0x78, 0x98, 0xF8)
PACKETS = st.tuples(st.sampled_from(SPOKEN_HEADS), st.binary(max_size=200)).map(
    lambda parts: bytes([parts[0]]) + parts[1]
)
FRAMES = st.builds(AudioFrame, rate_hz=st.sampled_from(RATES_HZ), pcm=PCM, **PLACE) | st.builds(
    AudioFrame, rate_hz=st.just(opus_packet.CLOCK_HZ), packet=PACKETS, **PLACE
)


@given(frame=FRAMES)
def test_an_audio_frame_comes_back_as_it_was(frame: AudioFrame) -> None:
    assert AudioFrame.from_bytes(frame.to_bytes()) == frame


def test_the_header_is_this() -> None:
    frame = AudioFrame(
        rate_hz=24_000, utterance=0x01020304, sequence=5, timestamp_ms=6, pcm=b"\x01\x80"
    )

    assert frame.to_bytes() == bytes.fromhex("01 01 f000 04030201 05000000 06000000 0180")
    assert len(frame.to_bytes()) == HEADER_BYTES + 2


def test_the_header_of_an_opus_packet_says_so_and_has_its_clock() -> None:
    frame = AudioFrame(48_000, utterance=1, sequence=5, timestamp_ms=6, packet=b"\x48\x01")

    assert frame.codec is Codec.OPUS
    assert frame.pcm == b""
    assert frame.to_bytes() == bytes.fromhex("01 02 e001 01000000 05000000 06000000 4801")
    assert AudioFrame.from_bytes(frame.to_bytes()) == frame


@pytest.mark.parametrize(("rate_hz", "milliseconds"), [(16_000, 20), (24_000, 20), (48_000, 20)])
def test_a_frame_knows_how_long_it_lasts(rate_hz: int, milliseconds: int) -> None:
    pcm = bytes(2 * rate_hz * milliseconds // 1000)

    assert AudioFrame(rate_hz, 0, 0, 0, pcm).duration_ms == milliseconds


# By configuration number: SILK 10, 20, 40, 60; hybrid 10, 20; CELT 2.5, 5, 10, 20 ms a frame.
@pytest.mark.parametrize(
    ("packet", "milliseconds"),
    [
        ("08", 20),  # SILK 20, one frame, nothing in it: silence
        ("10 ff", 40),
        ("58 ff", 60),
        ("49 ffff", 40),  # two of 20, of one length
        ("6a 01 ffff", 40),  # hybrid, two of 20, of two lengths
        ("41 ffff", 20),  # SILK, two of 10
        ("f9 ffff", 40),  # CELT, two of 20
        ("fb 03 ffffff", 60),  # CELT, three of 20
        ("eb 88 ffff", 40),  # CELT, eight of 5, of different lengths
        ("e3 08 ffff", 20),  # CELT, eight of 2.5
    ],
)
def test_an_opus_packet_says_how_long_it_lasts(packet: str, milliseconds: int) -> None:
    frame = AudioFrame(48_000, 0, 0, 0, packet=bytes.fromhex(packet))

    assert AudioFrame.from_bytes(frame.to_bytes()).duration_ms == milliseconds


def header(kind: int = 1, codec: int = 1, hundreds: int = 160) -> bytes:
    return struct.pack("<BBHIII", kind, codec, hundreds, 0, 0, 0)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "shorter than its header"),
        (header()[:-1], "shorter than its header"),
        (header(kind=0), "kind 0 with codec 1"),
        (header(kind=2), "kind 2 with codec 1"),
        (header(codec=0), "kind 1 with codec 0"),
        (header(codec=3), "kind 1 with codec 3"),
        (header(codec=2), "Opus counts in 48000 Hz, not in 16000"),
        (header(kind=2, codec=2, hundreds=480), "kind 2 with codec 2"),
        (header(hundreds=0), "0 Hz is not one of"),
        (header(hundreds=441), "44100 Hz is not one of"),
        (header(hundreds=65_535), "6553500 Hz is not one of"),
        (header() + b"\x00", "half a sample"),
        (header() + bytes(MAX_AUDIO_BYTES), "too large"),
    ],
)
def test_a_malformed_frame_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(MessageInvalid, match=reason):
        AudioFrame.from_bytes(data)


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        (b"", "packet is empty"),
        (b"\x00", "packet of 10 ms"),  # SILK, one frame of 10
        (b"\xe0", "packet of 2.5 ms"),
        (b"\x11\x00", "packet of 80 ms"),
        (b"\x19\x00", "packet of 120 ms"),
        (b"\xfb\x3f", "packet of 1260 ms"),  # 63 frames of 20
        (b"\xe3\x07", "packet of 17.5 ms"),
        (b"\x0c\x00", "stereo"),
        (b"\x0b", "how many frames"),
        (b"\x0b\x00", "how many frames"),
        (b"\x0b\xc0", "how many frames"),
        (b"\x08" + bytes(opus_packet.MAX_PACKET_BYTES), "packet is too large"),
    ],
)
def test_an_opus_packet_that_is_not_spoken_here_is_refused(packet: bytes, reason: str) -> None:
    with pytest.raises(MessageInvalid, match=reason):
        AudioFrame.from_bytes(header(codec=2, hundreds=480) + packet)


@pytest.mark.parametrize("samples", [0, (MAX_AUDIO_BYTES - HEADER_BYTES) // 2])
def test_the_smallest_and_the_largest_frame_are_taken(samples: int) -> None:
    assert len(AudioFrame.from_bytes(header() + bytes(2 * samples)).pcm) == 2 * samples


@given(
    data=st.binary(max_size=64)
    | PCM.map(lambda pcm: header() + pcm)
    | st.binary(max_size=64).map(lambda data: header(codec=2, hundreds=480) + data)
)
def test_no_bytes_break_the_reader(data: bytes) -> None:
    try:
        frame = AudioFrame.from_bytes(data)
    except MessageInvalid as refusal:
        assert refusal.message.startswith("audio: ")
    else:
        assert frame.to_bytes() == data
        assert 0 <= frame.duration_ms <= MAX_AUDIO_BYTES
