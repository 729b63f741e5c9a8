"""Signing up, in and out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import select

from server.accounts.models import Account, SignIn
from tests.server.companion import (
    NOW_MS,
    PASSWORD,
    Browser,
    Companion,
    made_settings,
    open_companion,
)

pytestmark = pytest.mark.sockets

ADA = {"email": "ada@example.org", "password": PASSWORD}
DAY_MS = 24 * 3600 * 1000


async def test_signing_up_signs_in_and_sets_a_cookie_scripts_cannot_read(browser: Browser) -> None:
    answer = await browser.sign_up(" Ada@Example.ORG ", "  Ada   Lovelace ")
    assert answer.status == 201
    account = answer.body["account"]
    assert (account["name"], account["email"]) == ("Ada Lovelace", "ada@example.org")
    cookie = answer.headers["Set-Cookie"]
    assert re.match(r"vv_session=[\w-]{43};", cookie)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie  # plain http on loopback
    session = await browser.get("/api/v1/session")
    assert session.body["account"] == account
    assert session.body["csrf"] == answer.body["csrf"]


async def test_the_database_holds_neither_password_nor_token(
    ada: Browser, companion: Companion
) -> None:
    async with companion.database.read() as session:
        account = (await session.scalars(select(Account))).one()
        sign_in = (await session.scalars(select(SignIn))).one()
    assert account.password_hash.startswith("$argon2id$")
    assert PASSWORD not in account.password_hash
    assert ada.cookie("vv_session") not in (None, sign_in.token_hash)
    assert account.created_ms == NOW_MS


async def test_an_email_has_one_account_whatever_its_case(ada: Browser, browser: Browser) -> None:
    answer = await browser.sign_up("ADA@example.org")
    assert (answer.status, answer.body["code"]) == (409, "email_taken")
    assert (await browser.get("/api/v1/session")).body["account"] is None


async def test_signing_out_ends_this_session_and_no_other(ada: Browser, browser: Browser) -> None:
    await browser.get("/api/v1/session")
    assert (await browser.post("/api/v1/session", ADA)).status == 200
    token = ada.cookie("vv_session")
    assert (await ada.send("DELETE", "/api/v1/session")).status == 204
    assert ada.cookie("vv_session") in (None, "")
    assert (await browser.get("/api/v1/interviews")).status == 200
    replayed = await ada.send(
        "GET", "/api/v1/interviews", headers={"Cookie": f"vv_session={token}"}
    )
    assert (replayed.status, replayed.body["code"]) == (401, "not_signed_in")


async def test_signing_out_twice_is_no_mistake(ada: Browser) -> None:
    await ada.send("DELETE", "/api/v1/session")
    await ada.get("/api/v1/session")
    assert (await ada.send("DELETE", "/api/v1/session")).status == 204


@pytest.mark.parametrize(
    ("email", "password"),
    [("ada@example.org", "not her password"), ("nobody@example.org", PASSWORD)],
)
async def test_wrong_credentials_say_the_same_whichever_is_wrong(
    ada: Browser, browser: Browser, email: str, password: str
) -> None:
    await browser.get("/api/v1/session")
    answer = await browser.post("/api/v1/session", {"email": email, "password": password})
    assert answer.status == 401
    assert answer.body["code"] == "wrong_credentials"
    assert answer.body["detail"] == "That e-mail and password do not match."
    assert browser.cookie("vv_session") is None


async def test_signing_in_again_replaces_the_browsers_old_token(
    ada: Browser, companion: Companion
) -> None:
    before = ada.cookie("vv_session")
    assert (await ada.post("/api/v1/session", ADA)).status == 200
    assert ada.cookie("vv_session") != before
    async with companion.database.read() as session:
        assert len(list(await session.scalars(select(SignIn)))) == 1


async def test_a_session_in_use_goes_on_and_an_unused_one_ends(
    ada: Browser, companion: Companion
) -> None:
    for _ in range(3):
        companion.clock.advance(10 * DAY_MS)
        answer = await ada.get("/api/v1/session")
        assert answer.body["account"] is not None
        assert "Max-Age=1209600" in answer.headers["Set-Cookie"]
    companion.clock.advance(14 * DAY_MS)
    answer = await ada.get("/api/v1/session")
    assert answer.body["account"] is None
    assert ada.cookie("vv_session") in (None, "")


async def test_a_session_is_not_written_at_every_request(
    ada: Browser, companion: Companion
) -> None:
    companion.clock.advance(60_000)
    assert "Set-Cookie" not in (await ada.get("/api/v1/session")).headers
    async with companion.database.read() as session:
        assert (await session.scalars(select(SignIn))).one().last_used_ms == NOW_MS


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 3000, "%00", "é" * 43, '"; drop'])
async def test_a_cookie_that_is_no_token_of_ours_is_nobody(browser: Browser, token: str) -> None:
    answer = await browser.send(
        "GET", "/api/v1/session", headers={"Cookie": f"vv_session={token}; vv_anon={token}"}
    )
    assert answer.status == 200
    assert answer.body["account"] is None


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("email", "ada", "This is not an e-mail address."),
        ("email", "a b@example.org", "This is not an e-mail address."),
        ("email", "ada@example", "This is not an e-mail address."),
        ("email", "a\u0000da@example.org", "This is not an e-mail address."),
        ("email", f"{'a' * 250}@example.org", "Use at most 254 characters."),
        ("password", "too short", "Use at least 10 characters."),
        ("password", "x" * 201, "Use at most 200 characters."),
        ("name", "   ", "This is needed."),
        ("name", "x" * 81, "Use at most 80 characters."),
        ("name", "Ada\u0007", "Use letters, digits and signs only."),
    ],
)
async def test_sign_up_says_what_is_wrong_with_each_field(
    browser: Browser, field: str, value: str, sentence: str
) -> None:
    await browser.get("/api/v1/session")
    form = {"name": "Ada", **ADA, field: value}
    answer = await browser.post("/api/v1/accounts", form)
    assert answer.status == 422
    assert answer.body["fields"] == {field: sentence}


async def test_behind_https_the_cookies_are_for_https_only(tmp_path: Path) -> None:
    settings = made_settings(tmp_path, public_url="https://interviews.example.org")
    async with open_companion(settings) as companion, companion.browser() as browser:
        answer = await browser.get("/api/v1/session")
        assert answer.headers["Set-Cookie"].startswith("vv_anon=")
        assert "Secure" in answer.headers["Set-Cookie"]
