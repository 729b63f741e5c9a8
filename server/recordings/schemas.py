"""What the API says of a recording."""

from __future__ import annotations

from server.kit.bodies import AnswerBody


class PartLink(AnswerBody):
    """`url` is a path on this site, good until `expires_at_ms` (epoch ms) for whoever has it.
    The part began at `started_ms` (epoch ms)."""

    url: str
    expires_at_ms: int
    started_ms: int
    duration_ms: int
