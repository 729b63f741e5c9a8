"""What holds for every route: guards, headers, errors, files, health, the port."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy.ext.asyncio import create_async_engine

from server.app import serve
from server.kit import keys
from server.kit.auth import Guard, bare, guard_of, public, unguarded_routes
from server.kit.templates import WEB
from sessions.errors import StartupFailed
from sessions.infra.db import Database
from tests.server.companion import (
    GATEWAY_PORT,
    Browser,
    Companion,
    made_settings,
    open_companion,
)

pytestmark = pytest.mark.sockets

ID = "11111111-1111-4111-8111-111111111111"
BARE = {"/healthz", "/static/{path}", "/recordings/{token}", "/shared/{token}"}
PUBLIC = {"/", "/sign-up", "/sign-in", "/api/v1/session", "/api/v1/accounts"}


def routes(companion: Companion) -> list[tuple[str, str, Guard | None]]:
    return [
        (route.method, route.resource.canonical, guard_of(route.handler))
        for route in companion.app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    ]


async def test_every_route_declares_a_guard_and_only_the_listed_ones_are_open(
    companion: Companion,
) -> None:
    assert unguarded_routes(companion.app) == []
    opened = {path: guard for _, path, guard in routes(companion) if guard is not Guard.SIGNED_IN}
    assert opened == {**dict.fromkeys(BARE, Guard.BARE), **dict.fromkeys(PUBLIC, Guard.PUBLIC)}


async def test_a_route_without_a_guard_is_found_and_never_answers(tmp_path: Path) -> None:
    async def forgotten(request: web.Request) -> web.Response:
        return web.Response(text="secret")

    def change(app: web.Application) -> None:
        app.router.add_get("/api/v1/forgotten", forgotten)

    async with (
        open_companion(made_settings(tmp_path), change=change) as companion,
        companion.browser() as browser,
    ):
        assert "GET /api/v1/forgotten" in unguarded_routes(companion.app)
        answer = await browser.get("/api/v1/forgotten")
        assert answer.status == 500
        assert "secret" not in answer.text


async def test_without_signing_in_nothing_guarded_answers(
    companion: Companion, browser: Browser
) -> None:
    await browser.get("/api/v1/session")
    for method, path, guard in routes(companion):
        if guard is not Guard.SIGNED_IN:
            continue
        asked = path.replace("{id}", ID).replace("{part}", "1").replace("{share_id}", ID)
        answer = await browser.send(method, asked)
        if path.startswith("/api/"):
            assert (answer.status, answer.body["code"]) == (401, "not_signed_in"), path
        else:
            where = answer.headers["Location"]
            assert (answer.status, where) == (303, f"/sign-in?next={path.replace('{id}', ID)}")


@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/api/v1/session", "/nowhere", "/api/v1/nowhere", "/static/no.js"]
)
async def test_every_answer_carries_the_security_headers(browser: Browser, path: str) -> None:
    headers = (await browser.get(path)).headers
    policy = {
        name: rest
        for name, _, rest in (
            part.partition(" ") for part in headers["Content-Security-Policy"].split("; ")
        )
    }
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": f"'self' ws://127.0.0.1:{GATEWAY_PORT}",
        "media-src": "'self' blob:",
        "worker-src": "'self'",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "microphone=(self)" in headers["Permissions-Policy"]
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers


@pytest.mark.parametrize(
    ("host", "source"),
    [
        ("interviews.local:8080", f"ws://interviews.local:{GATEWAY_PORT}"),
        ("[::1]:8080", "ws:"),
        ("evil; script-src *", f"ws://127.0.0.1:{GATEWAY_PORT}"),
    ],
)
async def test_the_gateway_is_on_the_host_the_page_came_from(
    browser: Browser, host: str, source: str
) -> None:
    answer = await browser.send("GET", "/api/v1/session", headers={"Host": host})
    assert f"connect-src 'self' {source};" in answer.headers["Content-Security-Policy"]


async def test_a_problem_has_one_shape(browser: Browser) -> None:
    answer = await browser.get("/api/v1/interviews")
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.body == {
        "type": "urn:vivavoce:problem:not_signed_in",
        "title": "Unauthorized",
        "status": 401,
        "detail": "You are not signed in.",
        "code": "not_signed_in",
        "hint": "Sign in, then try again.",
        "fields": {},
    }


@pytest.mark.parametrize("path", ["/api/v1/nowhere", "/api/v2/session", "/api/"])
async def test_an_address_that_is_not_there_is_a_problem(browser: Browser, path: str) -> None:
    answer = await browser.get(path)
    assert (answer.status, answer.body["code"]) == (404, "not_found")


async def test_a_method_that_is_not_taken_says_which_are(browser: Browser) -> None:
    answer = await browser.send("PATCH", "/api/v1/session")
    assert (answer.status, answer.body["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "DELETE, GET, HEAD, POST"


async def test_an_unknown_failure_is_a_reference_and_a_log_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    @public
    async def broken(request: web.Request) -> web.Response:
        raise ZeroDivisionError("the secret inside")

    def change(app: web.Application) -> None:
        app.router.add_get("/api/v1/broken", broken)
        app.router.add_get("/broken", broken)

    async with (
        open_companion(made_settings(tmp_path), change=change) as companion,
        companion.browser() as browser,
    ):
        for path in ("/api/v1/broken", "/broken"):
            caplog.clear()
            with caplog.at_level(logging.ERROR):
                answer = await browser.get(path)
            assert answer.status == 500
            assert "the secret inside" not in answer.text
            assert "ZeroDivisionError" not in answer.text
            match = re.search(r"reference ([0-9a-f]{8})", answer.text)
            assert match is not None
            assert match[1] in caplog.text
            assert "ZeroDivisionError" in caplog.text
        assert (await browser.get("/healthz")).status == 200


async def test_a_page_that_cannot_even_show_its_error_still_answers(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from server.kit.templates import Pages

    def change(app: web.Application) -> None:
        app[keys.PAGES] = Pages(tmp_path / "no templates here", app_version="0")

    async with (
        open_companion(made_settings(tmp_path), change=change) as companion,
        companion.browser() as browser,
    ):
        answer = await browser.get("/")
        assert answer.status == 500
        assert "Something went wrong on our side." in answer.text
        assert "error page could not be rendered" in caplog.text


async def test_health_says_whether_the_database_answers(tmp_path: Path, browser: Browser) -> None:
    answer = await browser.get("/healthz")
    assert (answer.status, answer.body) == (200, {"status": "ok"})
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/no/such/folder.db")

    def change(app: web.Application) -> None:
        app[keys.DATABASE] = Database(engine)

    async with (
        open_companion(made_settings(tmp_path), change=change) as companion,
        companion.browser() as other,
    ):
        answer = await other.get("/healthz")
        assert (answer.status, answer.body) == (503, {"status": "database_unavailable"})
    await engine.dispose()


async def test_a_port_in_use_is_said_in_a_sentence(companion: Companion) -> None:
    with pytest.raises(StartupFailed) as failed:
        async with serve(web.Application(), "127.0.0.1", companion.port):
            pass
    assert failed.value.message == f"Port {companion.port} on 127.0.0.1 is in use."
    assert "server.port" in failed.value.hint


async def test_an_address_of_another_machine_is_said_in_a_sentence() -> None:
    with pytest.raises(StartupFailed, match=r"203\.0\.113\.1") as failed:
        async with serve(web.Application(), "203.0.113.1", 0):
            pass
    assert "server.host" in failed.value.hint


async def test_a_file_is_kept_for_ever_under_its_version_only(
    browser: Browser, companion: Companion
) -> None:
    css = next((WEB / "static" / "css").glob("*.css"))
    address = companion.app[keys.PAGES].static.asset(f"css/{css.name}")
    assert re.fullmatch(rf"/static/css/{css.name}\?v=[0-9a-f]{{12}}", address)
    kept = await browser.get(address)
    assert kept.status == 200
    assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert kept.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "Set-Cookie" not in kept.headers
    assert kept.text == css.read_text()
    for other in (f"/static/css/{css.name}", f"/static/css/{css.name}?v=000000000000"):
        answer = await browser.get(other)
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-cache")
    again = await browser.send("GET", address, headers={"If-None-Match": kept.headers["ETag"]})
    assert again.status == 304


@pytest.mark.parametrize(
    "path",
    [
        "..%2ftemplates%2fbase.html",
        "css/..%2f..%2ftemplates/base.html",
        "%2fetc%2fpasswd",
        "css",
        "a%00b",
    ],
)
async def test_what_is_no_static_file_is_not_found(browser: Browser, path: str) -> None:
    assert (await browser.get(f"/static/{path}")).status == 404


def test_a_guard_is_what_was_declared() -> None:
    @bare
    async def handler(request: web.Request) -> web.Response:
        return web.Response()

    assert guard_of(handler) is Guard.BARE
    assert guard_of(print) is None
