"""Requests that other sites make a browser send, and what is not JSON at all."""

from __future__ import annotations

import gzip

import pytest

from tests.server.companion import INTERVIEW, PASSWORD, Browser, Companion

pytestmark = pytest.mark.sockets

UNSAFE = [
    ("POST", "/api/v1/accounts"),
    ("POST", "/api/v1/session"),
    ("DELETE", "/api/v1/session"),
    ("POST", "/api/v1/interviews"),
]


@pytest.mark.parametrize(("method", "path"), UNSAFE)
@pytest.mark.parametrize(
    "headers",
    [
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": "0" * 64},
        {"X-CSRF-Token": "\u00e9"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=lambda headers: "-".join(f"{name}={value[:12]}" for name, value in headers.items()),
)
async def test_a_forged_request_is_refused(
    ada: Browser, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = await ada.send(method, path, json=INTERVIEW, headers=headers)
    assert (answer.status, answer.body["code"]) == (403, "forbidden")
    assert (await ada.get("/api/v1/interviews")).body == {"interviews": []}


async def test_signing_in_for_somebody_else_needs_the_visitors_own_token(
    ada: Browser, browser: Browser
) -> None:
    await browser.get("/api/v1/session")
    ada_csrf, browser.csrf = ada.csrf, ada.csrf
    form = {"email": "ada@example.org", "password": PASSWORD}
    assert (await browser.post("/api/v1/session", form)).status == 403
    await browser.get("/api/v1/session")
    assert browser.csrf != ada_csrf
    assert (await browser.post("/api/v1/session", form)).status == 200


async def test_a_token_from_before_signing_in_or_out_is_out_of_date(ada: Browser) -> None:
    old = ada.csrf
    await ada.post("/api/v1/session", {"email": "ada@example.org", "password": PASSWORD})
    assert ada.csrf != old
    assert (
        await ada.send("DELETE", "/api/v1/session", headers={"X-CSRF-Token": old})
    ).status == 403


async def test_without_any_cookie_there_is_no_token_that_fits(companion: Companion) -> None:
    async with companion.browser() as browser:
        browser.csrf = "0" * 64
        form = {"email": "ada@example.org", "password": PASSWORD}
        assert (await browser.post("/api/v1/session", form)).status == 403


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"3",
        b'"text"',
        b"type=behavioral",
        b'{"type": "behavioral"',
        b'{"type": "\xff\xfe"}',
        b'{"type": "\\ud800"}',
        b"[" * 50_000,
        b"\x00" * 100,
        b'{"question_count": ' + b"9" * 5_000 + b"}",
    ],
    ids=lambda data: repr(data[:20]),
)
async def test_what_is_no_json_object_is_a_problem_and_no_accident(
    ada: Browser, data: bytes
) -> None:
    answer = await ada.send("POST", "/api/v1/interviews", data=data)
    assert answer.status == 422, answer.text
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.body["code"] == "input_invalid"


async def test_a_form_is_told_that_json_is_wanted(ada: Browser) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await ada.send("POST", "/api/v1/interviews", data=b"a=b", headers=headers)
    assert answer.status == 422
    assert "application/json" in answer.body["detail"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"type": "astrology"}, "type"),
        ({"type": 3}, "type"),
        ({"type": None}, "type"),
        ({"difficulty": ["easy"]}, "difficulty"),
        ({"question_count": "3"}, "question_count"),
        ({"question_count": True}, "question_count"),
        ({"question_count": 2.5}, "question_count"),
        ({"question_count": 1}, "question_count"),
        ({"question_count": 8}, "question_count"),
        ({"question_count": -1}, "question_count"),
        ({"question_count": 10**30}, "question_count"),
        ({"role": "x" * 81}, "role"),
        ({"role": "a\u0000b"}, "role"),
        ({"role": {"a": 1}}, "role"),
        ({"focus_areas": "conflict"}, "focus_areas"),
        ({"focus_areas": [1]}, "focus_areas.0"),
        ({"focus_areas": ["x"] * 11}, "focus_areas"),
        ({"language": "tlh"}, "language"),
        ({"patience": "none"}, "patience"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_a_wrong_field_is_named(ada: Browser, changes: dict[str, object], field: str) -> None:
    answer = await ada.post("/api/v1/interviews", {**INTERVIEW, **changes})
    assert answer.status == 422, answer.text
    assert list(answer.body["fields"]) == [field]
    assert answer.body["fields"][field].endswith(".")
    assert (await ada.get("/api/v1/interviews")).body == {"interviews": []}


async def test_ten_megabytes_are_refused_and_the_server_goes_on(ada: Browser) -> None:
    huge = b'{"role": "' + b"x" * 10_000_000 + b'"}'
    answer = await ada.send("POST", "/api/v1/interviews", data=huge)
    assert (answer.status, answer.body["code"]) == (413, "body_too_large")
    assert (await ada.get("/healthz")).status == 200


async def test_a_small_body_that_unpacks_to_a_huge_one_is_refused(ada: Browser) -> None:
    bomb = gzip.compress(b'{"role": "' + b"x" * 10_000_000 + b'"}')
    answer = await ada.send(
        "POST", "/api/v1/interviews", data=bomb, headers={"Content-Encoding": "gzip"}
    )
    assert answer.status == 413


async def test_a_body_that_is_not_packed_as_it_says_is_a_problem(ada: Browser) -> None:
    answer = await ada.send(
        "POST", "/api/v1/interviews", data=b"no gzip", headers={"Content-Encoding": "gzip"}
    )
    assert answer.status in (400, 422)
    assert (await ada.get("/healthz")).status == 200
