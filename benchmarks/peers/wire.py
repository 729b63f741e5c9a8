"""The small protocol of the peers' servers. Binary frames are bare 16-bit mono samples: 16 kHz from
the candidate, 24 kHz to it. Text frames from the server are JSON objects with one `event`.

Needs nothing but the standard library: it is imported by servers in other virtual environments.
"""

from __future__ import annotations

import json

LISTENING = "listening"  # its own speech is over
SPEAKING = "speaking"  # it began to speak
HEARD = "heard"  # it took the candidate's turn to be over, and has its words

_TEXTS = {event: json.dumps({"event": event}) for event in (LISTENING, SPEAKING, HEARD)}


def told(event: str) -> str:
    return _TEXTS[event]


def event_in(text: str) -> str:
    return str(json.loads(text)["event"])
