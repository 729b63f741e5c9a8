"""How long an Opus packet says it lasts, read from its first two bytes (RFC 6716, section 3.1).

Nothing is decoded: what a packet claims can be refused before any work is done for it.
"""

from __future__ import annotations

from sessions.errors import MessageInvalid

CLOCK_HZ = 48_000
"""Opus counts in 48 kHz samples, whatever went in (RFC 7845, section 4)."""
DURATIONS_MS = (20, 40, 60)
MAX_PACKET_BYTES = 3_831
"""Three 20 ms frames of 1,275 bytes, the format's largest, and their lengths."""

_MOST_FRAMES_TENTHS = 1_200  # no packet may hold more than 120 ms
_SILK = (100, 200, 400, 600)  # a frame's length in tenths of a ms, by the lowest bits of `config`
_HYBRID = (100, 200)
_CELT = (25, 50, 100, 200)


def packet_ms(packet: bytes) -> int:
    """20, 40 or 60. Raises MessageInvalid for any other length, for stereo, and for no packet."""
    if not packet:
        raise MessageInvalid("audio: the Opus packet is empty.")
    if len(packet) > MAX_PACKET_BYTES:
        raise MessageInvalid("audio: the Opus packet is too large.")
    head = packet[0]
    if head & 0b100:
        raise MessageInvalid("audio: the Opus packet is stereo; only mono is spoken here.")
    tenths = _frame_tenths(head >> 3) * _frame_count(head & 0b11, packet)
    if tenths > _MOST_FRAMES_TENTHS or tenths % 10 or tenths // 10 not in DURATIONS_MS:
        raise MessageInvalid(
            f"audio: an Opus packet of {tenths / 10:g} ms; 20, 40 or 60 are spoken here."
        )
    return tenths // 10


def _frame_tenths(config: int) -> int:
    if config < 12:
        return _SILK[config & 0b11]
    if config < 16:
        return _HYBRID[config & 0b1]
    return _CELT[config & 0b11]


def _frame_count(code: int, packet: bytes) -> int:
    if code == 0:
        return 1
    if code < 3:
        return 2
    if len(packet) < 2 or not packet[1] & 0b111111:
        raise MessageInvalid("audio: the Opus packet does not say how many frames it holds.")
    return packet[1] & 0b111111
