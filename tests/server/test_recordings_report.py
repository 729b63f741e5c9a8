"""What a report plays and says of its recording, and what the room offers."""

from __future__ import annotations

import html as markup
import json
import re

import pytest

from sessions.facts import (
    Fact,
    RecordingDeleted,
    RecordingFailed,
    RecordingStarted,
)
from tests.server.companion import NOW_MS, Browser, Companion
from tests.server.recorded import (
    PART_MS,
    SAID,
    agreed,
    append,
    completed,
    conversation,
    facts_of,
    put_part,
    recorded_interview,
)


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
