"""Recordings over HTTP: links and their refusals, ranges, and what a report says and plays."""

from __future__ import annotations

import html as markup
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aiohttp
import pytest

from scoring.spoken import MAX_CUE_CHARS, SpokenAnswer
from server.recordings.audio import PIECE_BYTES
from server.recordings.links import RecordingLink, sign_link
from server.recordings.ranges import ByteRange, RangeUnsatisfiable, has_tag, read_range
from sessions.facts import (
    AnswerHeard,
    Fact,
    RecordingDeleted,
    RecordingFailed,
    RecordingStarted,
    RecordingStored,
    Timing,
    Word,
)
from sessions.ids import InterviewId
from sessions.recording import RecordingState, fold_recording
from tests.server.companion import NOW_MS, SECRET, Browser, Companion
from tests.server.recorded import (
    PART_MS,
    SAID,
    SOUND,
    agreed,
    append,
    closed,
    completed,
    conversation,
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


# -- ranges ----------------------------------------------------------------------------------------

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


# -- the report ------------------------------------------------------------------------------------


def attributes(page: str, mark: str) -> list[dict[str, str]]:
    """Of each element that has the attribute `mark`."""
    found = re.findall(rf"<[a-z]+ [^>]*\b{mark}(?=[ =>])[^>]*>", page)
    pairs = [re.findall(r'([\w-]+)="([^"]*)"', tag) for tag in found]
    return [{name: markup.unescape(value) for name, value in each} for each in pairs]


@pytest.mark.sockets
async def test_a_quote_plays_from_before_its_first_word_to_after_its_last(
    companion: Companion, ada: Browser
) -> None:
    id = await recorded_interview(companion, ada)
    page = (await ada.get(f"/interviews/{id}/report")).text
    buttons = attributes(page, "data-play")
    quotes = [button for button in buttons if button["data-play-what"] == "quote"]
    assert len(quotes) == 2  # in the highlights, and under its question
    assert {button["aria-label"] for button in quotes} == {"Play this quote: say this"}
    # "say" is the third word: at 6.0 s; "this" ends at 6.9 s.
    assert [(q["data-part"], q["data-from-ms"], q["data-to-ms"]) for q in quotes] == [
        ("1", "5700", "7400")
    ] * 2
    [answer] = [button for button in buttons if button["data-play-what"] == "answer"]
    assert answer["aria-label"].startswith("Play this answer: I would say this to everybody")
    assert answer["data-from-ms"] == "4700"
    [player] = attributes(page, "data-player")
    assert json.loads(player["data-parts"]) == [
        {"part": 1, "started_ms": NOW_MS, "duration_ms": PART_MS}
    ]
    assert f'data-path="/api/v1/interviews/{id}/recording"' in page


@pytest.mark.sockets
async def test_captions_follow_the_words(companion: Companion, ada: Browser) -> None:
    id = await recorded_interview(companion, ada)
    page = (await ada.get(f"/interviews/{id}/report")).text
    asked, answered = attributes(page, "data-heard")
    assert (asked["data-speaker"], asked["data-from-ms"], asked["data-to-ms"]) == (
        "interviewer",
        "1000",
        "3000",
    )
    assert answered["data-speaker"] == "candidate"
    cues = [re.split("[-@]", cue) for cue in answered["data-cues"].split()]
    pieces = [SAID[int(start) : int(end)] for start, end, _ in cues]
    assert " ".join(pieces) == SAID
    words_before = [len(" ".join(pieces[:place]).split()) for place in range(len(pieces))]
    assert [int(at) for _, _, at in cues] == [5_000 + count * 500 for count in words_before]


@pytest.mark.sockets
async def test_a_part_of_its_own_for_each_room(companion: Companion, ada: Browser) -> None:
    id = await ada.create_interview()
    first = await put_part(companion, id, started_ms=NOW_MS - 2 * PART_MS)
    second = await put_part(companion, id, part=2, started_ms=NOW_MS + 2_000, is_whole=False)
    talk = conversation((await facts_of(companion, id))[0])
    await append(companion, id, [*agreed(), first, *talk, completed(), second])
    page = (await ada.get(f"/interviews/{id}/report")).text
    quote = attributes(page, "data-play")[0]
    assert (quote["data-part"], quote["data-from-ms"]) == ("2", "3700")
    # The question was asked where nothing was recorded.
    [line] = attributes(page, "data-heard")
    assert line["data-speaker"] == "candidate"
    assert "Some of it is missing" in page


DELETED = RecordingDeleted(at_ms=NOW_MS + 100, keys=("k",), reason="retention")
STARTED = RecordingStarted(at_ms=NOW_MS, part=1, started_ms=NOW_MS)
FAILED = RecordingFailed(at_ms=NOW_MS + 100, part=1, reason="disk full")


@pytest.mark.sockets
@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ([], "There was no agreement to a recording"),
        (None, "There was no agreement to a recording"),
        ([STARTED, FAILED], "The recording failed, so there is nothing to play."),
        ([STARTED], "is being recorded, or its recording is being stored"),
        ([STARTED, DELETED], "when its time was up: recordings are kept for 90 days."),
    ],
    ids=["no consent", "none asked", "failed", "under way", "deleted"],
)
async def test_without_a_recording_the_report_says_why(
    companion: Companion, ada: Browser, facts: list[Fact] | None, said: str
) -> None:
    id = await ada.create_interview()
    talk = conversation((await facts_of(companion, id))[0])
    consent = agreed(recording=bool(facts))
    await append(companion, id, [*consent, *talk, *(facts or []), completed()])
    page = (await ada.get(f"/interviews/{id}/report")).text
    assert said in page
    assert "data-play" not in page
    assert "data-heard" not in page


@pytest.mark.sockets
async def test_agreed_to_and_yet_not_recorded(companion: Companion, ada: Browser) -> None:
    id = await ada.create_interview()
    await append(companion, id, [*agreed(), completed()])
    page = (await ada.get(f"/interviews/{id}/report")).text
    assert "You agreed to a recording, but none was made." in page


# -- consent ---------------------------------------------------------------------------------------


@pytest.mark.sockets
async def test_the_room_offers_a_recording_unticked(ada: Browser) -> None:
    id = await ada.create_interview()
    page = (await ada.get(f"/interviews/{id}/room")).text
    [box] = re.findall(r'<input [^>]*data-part="recording-box"[^>]*>', page)
    assert "checked" not in box
    assert "kept for 90 days" in page


# -- places and words ------------------------------------------------------------------------------


def stored(part: int, started_ms: int, duration_ms: int) -> RecordingStored:
    return RecordingStored(
        at_ms=started_ms + duration_ms,
        part=part,
        key=f"recordings/i/{part}",
        started_ms=started_ms,
        duration_ms=duration_ms,
        size_bytes=1,
        sha256="",
        key_id="",
    )


@pytest.mark.parametrize(
    ("at_ms", "where"),
    [
        (999, None),
        (1_000, (1, 0)),
        (2_000, (1, 1_000)),
        (2_001, None),
        (5_000, (2, 0)),
        (5_999, (2, 999)),
        (6_000, (3, 0)),  # both hold it: the later one counts
        (7_001, None),
    ],
)
def test_a_moment_lies_in_a_part(at_ms: int, where: tuple[int, int] | None) -> None:
    parts = [stored(3, 6_000, 1_000), stored(1, 1_000, 1_000), stored(2, 5_000, 1_100)]
    recording = fold_recording(parts)
    assert [part.part for part in recording.parts] == [1, 2, 3]
    place = recording.place(at_ms)
    assert (None if place is None else (place.part.part, place.offset_ms)) == where


def test_after_a_deletion_only_what_came_later_is_there() -> None:
    facts = [stored(1, 1_000, 500), DELETED, stored(2, 9_000, 500)]
    assert fold_recording(facts[:2]).state is RecordingState.DELETED
    assert fold_recording(facts).keys == ("recordings/i/2",)


def spoken(text: str, words: Sequence[str], *, timing: Timing = Timing.WORD) -> SpokenAnswer:
    timed = tuple(
        Word(text=word, start_ms=1_000 * place, end_ms=1_000 * place + 500)
        for place, word in enumerate(words)
    )
    answer = AnswerHeard(
        at_ms=9_000,
        turn=1,
        question_id=None,
        text=text,
        words=timed,
        timing=timing,
        recogniser="test",
        started_ms=0,
        ended_ms=1_000 * len(words),
    )
    return SpokenAnswer(answer)


@pytest.mark.parametrize(
    ("text", "words", "quoted", "span"),
    [
        ("so I use a set", "so I use a set".split(), "use a set", (2_000, 4_500)),
        ("So, I use O(n) space.", "So, I use O(n) space.".split(), "O(n)", (3_000, 3_500)),
        ("for-each is fine", ["for-each", "is", "fine"], "each is", (0, 1_500)),
        ("one two three four", ["eins", "zwei"], "three four", (1_000, 1_500)),  # by their share
        ("one, two", ["one,", "two"], ",", None),
        ("typed", [], "typed", None),
    ],
)
def test_a_quotes_words_have_their_times(
    text: str, words: list[str], quoted: str, span: tuple[int, int] | None
) -> None:
    start = text.index(quoted)
    assert spoken(text, words).span(start, start + len(quoted)) == span


def test_what_was_typed_was_not_spoken() -> None:
    typed = spoken("one two", ["one", "two"], timing=Timing.NONE)
    assert typed.span(0, 7) is None
    assert typed.cues() == ()


def test_captions_are_short_and_hold_every_word() -> None:
    text = "A sentence that is quite a bit longer than forty. " * 3 + "and so on " * 40
    cues = spoken(text, text.split()).cues()
    pieces = [text[cue.start : cue.end] for cue in cues]
    assert " ".join(pieces) == " ".join(text.split())
    assert max(len(piece) for piece in pieces) <= MAX_CUE_CHARS
    assert pieces[0].endswith("forty.")
    assert [cue.at_ms for cue in cues] == sorted(cue.at_ms for cue in cues)
