"""Recordings over HTTP: links and their refusals, and deleting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
import pytest

from server.recordings.audio import PIECE_BYTES
from server.recordings.links import RecordingLink, sign_link
from sessions.facts import (
    Fact,
    RecordingDeleted,
    RecordingStarted,
)
from sessions.ids import InterviewId
from tests.server.companion import NOW_MS, SECRET, Browser, Companion
from tests.server.recorded import (
    PART_MS,
    SOUND,
    agreed,
    append,
    closed,
    completed,
    facts_of,
    keys_in_store,
    put_part,
    recorded_interview,
    room_opened,
    store_of,
)

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Sound:
    status: int
    headers: Mapping[str, str]
    content: bytes


async def fetch(
    browser: Browser, url: str, *, method: str = "GET", headers: Mapping[str, str] | None = None
) -> Sound:
    """As a media element does; `url` exactly as it was given."""
    async with browser.http.request(method, browser.base + url, headers=headers) as response:
        return Sound(response.status, response.headers.copy(), await response.read())


def link_path(interview_id: str, part: object = 1) -> str:
    return f"/api/v1/interviews/{interview_id}/recordings/{part}/link"


async def link_to(owner: Browser, interview_id: str, part: int = 1) -> str:
    answer = await owner.get(link_path(interview_id, part))
    assert answer.status == 200, answer.text
    return str(answer.body["url"])


# -- links -----------------------------------------------------------------------------------------


@pytest.mark.sockets
async def test_a_link_plays_the_part_for_whoever_has_it(
    companion: Companion, ada: Browser, browser: Browser
) -> None:
    id = await recorded_interview(companion, ada)
    answer = await ada.get(link_path(id))
    assert answer.body == {
        "url": answer.body["url"],
        "expires_at_ms": NOW_MS + 7 * DAY_MS,
        "started_ms": NOW_MS,
        "duration_ms": PART_MS,
    }
    sound = await fetch(browser, answer.body["url"])
    assert (sound.status, sound.content) == (200, SOUND)
    assert sound.headers["Content-Type"] == "audio/ogg"
    assert sound.headers["Content-Length"] == str(len(SOUND))
    assert sound.headers["Accept-Ranges"] == "bytes"
    assert sound.headers["Cache-Control"] == "private, no-store"
    assert sound.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in sound.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in sound.headers


@pytest.mark.sockets
async def test_only_the_owner_gets_a_link(
    companion: Companion, ada: Browser, bo: Browser, browser: Browser
) -> None:
    id = await recorded_interview(companion, ada)
    stranger = await bo.get(link_path(id))
    assert (stranger.status, stranger.body["code"]) == (404, "not_found")
    nobody = await browser.get(link_path(id))
    assert (nobody.status, nobody.body["code"]) == (401, "not_signed_in")


@pytest.mark.sockets
@pytest.mark.parametrize("part", [0, 2, -1, "1.0", "one", "\uff19", "1" * 30])
async def test_a_part_that_is_none_has_no_link(
    companion: Companion, ada: Browser, part: object
) -> None:
    id = await recorded_interview(companion, ada)
    answer = await ada.get(link_path(id, part))
    assert (answer.status, answer.body["code"]) == (404, "not_found")


@pytest.mark.sockets
async def test_a_link_changed_in_any_character_is_refused(
    companion: Companion, ada: Browser
) -> None:
    id = await recorded_interview(companion, ada)
    url = await link_to(ada, id)
    start = len("/recordings/")
    for place in [*range(start, len(url), 17), len(url) - 1]:
        if url[place] == ".":
            continue
        # The last character's neighbour may decode to the very same bytes: refused all the same.
        other = chr(ord(url[place]) + 1) if url[place] not in "Zz9_-" else "A"
        answer = await fetch(ada, url[:place] + other + url[place + 1 :])
        assert answer.status == 403, place
        assert b"damaged" in answer.content


@pytest.mark.sockets
async def test_a_link_that_another_key_signed_is_refused(
    companion: Companion, ada: Browser
) -> None:
    id = await recorded_interview(companion, ada)
    [key] = await keys_in_store(companion)
    link = RecordingLink(
        interview_id=InterviewId(id), part=1, key=key, expires_s=NOW_MS // 1000 + 60
    )
    assert (await fetch(ada, f"/recordings/{sign_link(link, SECRET)}")).status == 200
    assert (await fetch(ada, f"/recordings/{sign_link(link, SECRET[::-1])}")).status == 403
    for token in ("x", "a.b.c", "%00", "é", "a" * 5_000):
        assert (await fetch(ada, f"/recordings/{token}")).status == 403, token


@pytest.mark.sockets
async def test_a_room_pass_is_no_link(companion: Companion, ada: Browser) -> None:
    id = await ada.create_interview()
    token = (await ada.post(f"/api/v1/interviews/{id}/room")).body["token"]
    assert (await fetch(ada, f"/recordings/{token}")).status == 403


@pytest.mark.sockets
async def test_a_link_expires_to_the_second(companion: Companion, ada: Browser) -> None:
    id = await recorded_interview(companion, ada)
    url = await link_to(ada, id)
    companion.clock.advance(7 * DAY_MS - 1)
    assert (await fetch(ada, url)).status == 200
    companion.clock.advance(1)
    expired = await fetch(ada, url)
    assert expired.status == 410
    assert b"This link to a recording has expired." in expired.content
    assert (await fetch(ada, await link_to(ada, id))).status == 200


@pytest.mark.sockets
async def test_a_deleted_recording_is_gone_for_every_link(
    companion: Companion, ada: Browser
) -> None:
    id = await recorded_interview(companion, ada)
    url = await link_to(ada, id)
    assert (await ada.send("DELETE", f"/api/v1/interviews/{id}/recording")).status == 204
    gone = await fetch(ada, url)
    assert gone.status == 410
    assert b"This recording has been deleted." in gone.content
    answer = await ada.get(link_path(id))
    assert (answer.status, answer.body["code"]) == (410, "recording_gone")


@pytest.mark.sockets
async def test_a_part_missing_in_the_store_is_gone(companion: Companion, ada: Browser) -> None:
    id = await recorded_interview(companion, ada)
    url = await link_to(ada, id)
    [key] = await keys_in_store(companion)
    await store_of(companion).delete(key)
    answer = await fetch(ada, url)
    assert answer.status == 410
    assert b"not in the store any more" in answer.content


@pytest.mark.sockets
async def test_a_part_that_was_changed_in_the_store_is_not_played(
    companion: Companion, ada: Browser
) -> None:
    id = await recorded_interview(companion, ada)
    url = await link_to(ada, id)
    [key] = await keys_in_store(companion)
    blobs = store_of(companion)
    stored = await blobs.read(key, 0, await blobs.size(key))
    await blobs.put(key, stored[:100] + bytes([stored[100] ^ 1]) + stored[101:])
    whole = await fetch(ada, url)
    assert whole.status == 500
    assert b"The encrypted file is damaged" in whole.content
    late = 40_000 + PIECE_BYTES  # in the second piece, when the answer has begun
    await blobs.put(key, stored[:late] + bytes([stored[late] ^ 1]) + stored[late + 1 :])
    with pytest.raises(aiohttp.ClientPayloadError):
        await fetch(ada, url)
    end = await fetch(ada, url, headers={"Range": "bytes=-10"})  # other chunks are as they were
    assert end.content == SOUND[-10:]
    await blobs.put(key, stored[:20_000])
    other = await put_part(companion, id, part=2, started_ms=NOW_MS + 2 * PART_MS)
    await append(companion, id, [other])
    await blobs.put(other.key, stored[:20_000])
    cut = await fetch(ada, await link_to(ada, id, 2))
    assert cut.status == 500
    assert b"damaged" in cut.content


# -- deleting --------------------------------------------------------------------------------------


@pytest.mark.sockets
async def test_the_owner_deletes_and_the_report_says_so(companion: Companion, ada: Browser) -> None:
    id = await recorded_interview(companion, ada)
    other = await recorded_interview(companion, ada)
    companion.clock.advance(DAY_MS)
    answer = await ada.send("DELETE", f"/api/v1/interviews/{id}/recording")
    assert (answer.status, answer.text) == (204, "")
    [kept] = await keys_in_store(companion)
    assert other in kept
    [deleted] = [
        fact for fact in await facts_of(companion, id) if isinstance(fact, RecordingDeleted)
    ]
    assert (deleted.reason, deleted.at_ms) == ("requested", NOW_MS + DAY_MS)
    assert [id in key for key in deleted.keys] == [True]
    page = (await ada.get(f"/interviews/{id}/report")).text
    assert "You deleted the recording on" in page
    assert "data-play" not in page
    # Twice is no mistake, and is not told twice.
    assert (await ada.send("DELETE", f"/api/v1/interviews/{id}/recording")).status == 204
    facts = await facts_of(companion, id)
    assert sum(isinstance(fact, RecordingDeleted) for fact in facts) == 1


@pytest.mark.sockets
@pytest.mark.parametrize(
    "headers",
    [{"X-CSRF-Token": ""}, {"X-CSRF-Token": "0" * 64}, {"Origin": "https://evil.example"}],
    ids=["no token", "another token", "another site"],
)
async def test_a_forged_deletion_deletes_nothing(
    companion: Companion, ada: Browser, headers: dict[str, str]
) -> None:
    id = await recorded_interview(companion, ada)
    answer = await ada.send("DELETE", f"/api/v1/interviews/{id}/recording", headers=headers)
    assert answer.status == 403
    assert len(await keys_in_store(companion)) == 1


@pytest.mark.sockets
async def test_nobody_else_deletes(companion: Companion, ada: Browser, bo: Browser) -> None:
    id = await recorded_interview(companion, ada)
    assert (await bo.send("DELETE", f"/api/v1/interviews/{id}/recording")).status == 404
    assert len(await keys_in_store(companion)) == 1


@pytest.mark.sockets
async def test_what_was_never_recorded_cannot_be_deleted(
    companion: Companion, ada: Browser
) -> None:
    id = await ada.create_interview()
    answer = await ada.send("DELETE", f"/api/v1/interviews/{id}/recording")
    assert (answer.status, answer.body["code"]) == (404, "not_found")
    assert answer.body["detail"] == "There is no such recording."


@pytest.mark.sockets
@pytest.mark.parametrize("is_over", [False, True], ids=["room open", "being stored"])
async def test_what_is_still_written_is_not_deleted_under_its_writer(
    companion: Companion, ada: Browser, is_over: bool
) -> None:
    id = await ada.create_interview()
    first = await put_part(companion, id)
    second: list[Fact] = [
        room_opened(NOW_MS + PART_MS),
        RecordingStarted(at_ms=NOW_MS + PART_MS, part=2, started_ms=NOW_MS + PART_MS),
    ]
    end: list[Fact] = [completed(), closed()] if is_over else []
    started = RecordingStarted(at_ms=NOW_MS, part=1, started_ms=NOW_MS)
    await append(companion, id, [*agreed(), started, closed(), first, *second, *end])
    companion.clock.advance(PART_MS)
    answer = await ada.send("DELETE", f"/api/v1/interviews/{id}/recording")
    assert (answer.status, answer.body["code"]) == (409, "recording_under_way")
    assert len(await keys_in_store(companion)) == 1
    # A room or a store that was lost does not hold it for ever.
    companion.clock.advance(2 * DAY_MS)
    assert (await ada.send("DELETE", f"/api/v1/interviews/{id}/recording")).status == 204
    assert await keys_in_store(companion) == []


@pytest.mark.sockets
async def test_a_part_whose_fact_was_lost_is_deleted_too(
    companion: Companion, ada: Browser
) -> None:
    id = await recorded_interview(companion, ada)
    stray = await put_part(companion, id, part=7)
    await ada.send("DELETE", f"/api/v1/interviews/{id}/recording")
    assert await keys_in_store(companion) == []
    deleted = (await facts_of(companion, id))[-1]
    assert isinstance(deleted, RecordingDeleted)
    assert stray.key in deleted.keys
