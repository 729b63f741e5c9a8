"""A recording over HTTP: ranges, conditions, and clients that go away."""

from __future__ import annotations

import pytest

from server.recordings.ranges import ByteRange, RangeUnsatisfiable, has_tag, read_range
from tests.server.companion import Browser, Companion
from tests.server.recorded import (
    SOUND,
    recorded_interview,
)
from tests.server.test_recordings import fetch, link_to

SIZE = len(SOUND)
RANGES = {
    "bytes=0-0": (0, 1),
    "bytes=0-99": (0, 100),
    "bytes=65530-65545": (65_530, 65_546),  # across two chunks
    "bytes=262140-262150": (262_140, 262_151),  # across two pieces
    "bytes=100000-": (100_000, SIZE),
    "bytes=-1": (SIZE - 1, SIZE),
    "bytes=-70000": (SIZE - 70_000, SIZE),
    f"bytes=-{SIZE + 5}": (0, SIZE),
    f"bytes=10-{SIZE + 5}": (10, SIZE),
    f"bytes={SIZE - 1}-{SIZE - 1}": (SIZE - 1, SIZE),
    "Bytes=5-9": (5, 10),
}
ALL_OF_IT = ["bytes=9-5", "bytes=", "bytes=-", "bytes=a-b", "items=0-5", "bytes=0-1,5-9", "0-5"]
NONE_OF_IT = [f"bytes={SIZE}-", f"bytes={SIZE + 10}-{SIZE + 20}", "bytes=-0"]


@pytest.mark.sockets
async def test_ranges(companion: Companion, ada: Browser) -> None:
    url = await link_to(ada, await recorded_interview(companion, ada))
    for header, (start, end) in RANGES.items():
        sound = await fetch(ada, url, headers={"Range": header})
        assert sound.status == 206, header
        assert sound.headers["Content-Range"] == f"bytes {start}-{end - 1}/{SIZE}"
        assert sound.headers["Content-Length"] == str(end - start)
        assert sound.headers["Content-Type"] == "audio/ogg"
        assert sound.content == SOUND[start:end], header
    for header in ALL_OF_IT:
        sound = await fetch(ada, url, headers={"Range": header})
        assert (sound.status, sound.content == SOUND) == (200, True), header
        assert "Content-Range" not in sound.headers
    for header in NONE_OF_IT:
        sound = await fetch(ada, url, headers={"Range": header})
        assert sound.status == 416, header
        assert sound.headers["Content-Range"] == f"bytes */{SIZE}"
        assert sound.content.endswith(b"bytes.\n")


@pytest.mark.sockets
async def test_conditions_and_head(companion: Companion, ada: Browser) -> None:
    url = await link_to(ada, await recorded_interview(companion, ada))
    head = await fetch(ada, url, method="HEAD", headers={"Range": "bytes=0-9"})
    assert (head.status, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(SIZE)
    assert head.headers["Content-Type"] == "audio/ogg"
    etag = head.headers["ETag"]
    first = {"Range": "bytes=0-9"}
    assert (await fetch(ada, url, headers={**first, "If-Range": etag})).status == 206
    for other in ('"another"', f"W/{etag}", "Fri, 20 Nov 2026 14:02:00 GMT"):
        sound = await fetch(ada, url, headers={**first, "If-Range": other})
        assert (sound.status, len(sound.content)) == (200, SIZE), other
    for known in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        same = await fetch(ada, url, headers={"If-None-Match": known})
        assert (same.status, same.content) == (304, b""), known
        assert same.headers["ETag"] == etag
    assert (await fetch(ada, url, headers={"If-None-Match": '"x"'})).status == 200
    # The same link, made later, is of the same sound.
    companion.clock.advance(5_000)
    assert (await fetch(ada, url, method="HEAD")).headers["ETag"] == etag


@pytest.mark.sockets
async def test_a_client_that_goes_away_disturbs_nobody(companion: Companion, ada: Browser) -> None:
    url = await link_to(ada, await recorded_interview(companion, ada))
    async with ada.http.get(ada.base + url) as response:
        await response.content.readexactly(1_000)
        response.close()
    assert (await fetch(ada, url)).content == SOUND


def test_a_range_of_nothing() -> None:
    assert read_range(None, size=0) is None
    for header in ("bytes=0-", "bytes=-5"):
        with pytest.raises(RangeUnsatisfiable):
            read_range(header, size=0)
    assert read_range(f"bytes={'9' * 400}-", size=5) is None
    assert read_range("bytes=1-2", size=5) == ByteRange(1, 3, 5)


def test_no_tag_is_no_match() -> None:
    assert not has_tag(None, '"a"')
    assert not has_tag('"ab"', '"a"')
