"""The companion on a free port of loopback, on a real SQLite file; and a browser's manners."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import aiohttp
from aiohttp import web

from server.app import create_app, serve
from server.migrate import migrate
from server.questions.service import seed
from sessions.ids import KeyPointId, QuestionId
from sessions.infra.bus_memory import MemoryBus
from sessions.infra.db import Database, open_database
from sessions.infra.journal import SqlJournal
from sessions.plan import InterviewType, KeyPoint, Question
from sessions.settings import (
    AgentSettings,
    DatabaseSettings,
    SecuritySettings,
    ServerSettings,
    Settings,
)
from tests.support.clock import FakeClock

SECRET = "a secret of the tests, forty characters or more"
GATEWAY_PORT = 18_081
NOW_MS = 1_795_183_320_000  # 20 November 2026, 14:02 UTC
PASSWORD = "correct horse battery"
INTERVIEW = {"type": "behavioral", "difficulty": "easy", "question_count": 2}


def made_question(
    number: int, *, version: int = 1, type: InterviewType = InterviewType.BEHAVIORAL
) -> Question:
    return Question(
        id=QuestionId(f"{type.value.replace('_', '-')}-{number}"),
        version=version,
        type=type,
        difficulty=min(number, 10),
        minutes=4,
        text=f"Question {number}, as written, version {version}?",
        spoken=f"Question {number}, as spoken?",
        rephrase=f"Question {number} in other words?",
        key_points=(
            KeyPoint(
                id=KeyPointId("k"),
                point="The one point",
                phrasings=("say this", "or this", "or that"),
                follow_up="And the point?",
            ),
        ),
        tags=("conflict", f"tag-{number}"),
        model_answer="Say this.",
    )


BANK = [made_question(number, type=type) for type in InterviewType for number in range(1, 6)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`body` is the parsed JSON, or None for anything else (read `text`)."""

    status: int
    headers: Mapping[str, str]
    text: str
    body: Any  # whatever JSON the server sent: each test knows its shape


class Browser:
    """Keeps cookies and the CSRF token, and says where its requests come from."""

    def __init__(self, base: str, http: aiohttp.ClientSession) -> None:
        self.base = base
        self.http = http
        self.csrf = ""

    async def send(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """`headers` come over the browser's own; an empty value leaves one out."""
        sent = {"X-CSRF-Token": self.csrf, "Origin": self.base, "Sec-Fetch-Site": "same-origin"}
        if data is not None:
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        sent = {name: value for name, value in sent.items() if value}
        async with self.http.request(
            method,
            self.base + path,
            json=json,
            data=BytesIO(data) if data is not None else None,
            headers=sent,
            allow_redirects=False,
        ) as response:
            content = await response.read()
            is_json = response.content_type.endswith("json")
            body: Any = await response.json(content_type=None) if is_json and content else None
            if isinstance(body, dict):
                self.csrf = str(cast("dict[str, object]", body).get("csrf", self.csrf))
            return Answer(
                status=response.status,
                headers=response.headers.copy(),
                text=content.decode(errors="replace"),  # fonts are asked for too
                body=body,
            )

    async def get(self, path: str) -> Answer:
        return await self.send("GET", path, headers={"X-CSRF-Token": "", "Origin": ""})

    async def post(self, path: str, json: object = None) -> Answer:
        return await self.send("POST", path, json=json)

    async def sign_up(self, email: str = "ada@example.org", name: str = "Ada") -> Answer:
        await self.get("/api/v1/session")
        return await self.post(
            "/api/v1/accounts", {"name": name, "email": email, "password": PASSWORD}
        )

    async def create_interview(self, **changes: object) -> str:
        answer = await self.post("/api/v1/interviews", {**INTERVIEW, **changes})
        assert answer.status == 201, answer.text
        return str(answer.body["id"])

    def cookie(self, name: str) -> str | None:
        return next((c.value for c in self.http.cookie_jar if c.key == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Companion:
    base: str
    port: int
    app: web.Application
    database: Database
    journal: SqlJournal
    clock: FakeClock

    @asynccontextmanager
    async def browser(self) -> AsyncGenerator[Browser]:
        jar = aiohttp.CookieJar(unsafe=True)  # cookies of 127.0.0.1 too
        timeout = aiohttp.ClientTimeout(total=20)
        async with aiohttp.ClientSession(cookie_jar=jar, timeout=timeout) as http:
            yield Browser(self.base, http)


def made_settings(folder: Path, **server: object) -> Settings:
    return Settings(
        server=ServerSettings.model_validate({"port": 0, **server}),
        agent=AgentSettings(port=0),
        database=DatabaseSettings(url=f"sqlite+aiosqlite:///{folder}/{uuid4().hex}.db"),
        security=SecuritySettings(session_days=14),
        data_dir=folder,
    )


@asynccontextmanager
async def open_companion(
    settings: Settings, *, change: Callable[[web.Application], object] | None = None
) -> AsyncGenerator[Companion]:
    """`change` may add routes before the application is served."""
    clock = FakeClock(NOW_MS)
    async with open_database(settings.database.url) as database:
        await migrate(database)
        await seed(database, BANK)
        journal = SqlJournal(database)
        app = create_app(
            settings,
            database=database,
            journal=journal,
            bus=MemoryBus(),
            clock=clock,
            secret=SECRET,
            gateway_port=GATEWAY_PORT,
        )
        if change is not None:
            change(app)
        async with serve(app, "127.0.0.1", 0) as port:
            yield Companion(
                base=f"http://127.0.0.1:{port}",
                port=port,
                app=app,
                database=database,
                journal=journal,
                clock=clock,
            )
