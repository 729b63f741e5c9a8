"""Range requests (RFC 9110, section 14), for one range of bytes. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_RANGE = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*", re.IGNORECASE)


class RangeUnsatisfiable(Exception):
    """The asked range begins behind the end of what there is. Its answer (416) must say the size,
    so the route makes it."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes `start` to before `end` of `size`."""

    start: int
    end: int
    size: int

    @property
    def length(self) -> int:
        return self.end - self.start

    @property
    def content_range(self) -> str:
        return f"bytes {self.start}-{self.end - 1}/{self.size}"


def read_range(header: str | None, *, size: int) -> ByteRange | None:
    """None for all of it: no range, one that is malformed, or several, which a server may ignore.

    Raises RangeUnsatisfiable for one that begins behind the end.
    """
    found = _RANGE.fullmatch(header.strip()) if header is not None else None
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:  # the last so many
        wanted = int(found[2])
        if wanted == 0 or size == 0:
            raise RangeUnsatisfiable
        return ByteRange(max(0, size - wanted), size, size)
    start = int(found[1])
    if found[2] and int(found[2]) < start:
        return None
    if start >= size:
        raise RangeUnsatisfiable
    end = min(size, int(found[2]) + 1) if found[2] else size
    return ByteRange(start, end, size)


def has_tag(header: str | None, etag: str) -> bool:
    """Whether an If-None-Match names the tag; compared weakly, as it is to be."""
    if header is None:
        return False
    tags = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return "*" in tags or etag in tags
