"""`vivavoce doctor` of a server whose providers are services: each is tried, and what is wrong with
one is said. The services are emulators on loopback, behind one address for each.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess

import aiohttp
import pytest
from aiohttp import web

from tests.emulators import deepgram_listen, openai_chat
from tests.emulators.deepgram_listen import run_deepgram
from tests.emulators.deepgram_speak import run_deepgram_speak
from tests.emulators.openai_chat import ChatEmulator, open_chat
from tests.emulators.openai_speech import run_openai_speech
from tests.emulators.voices import EmulatedVoice, Fault, serve
from tests.support.process import run_to_end

pytestmark = pytest.mark.sockets

OPENAI_KEY = openai_chat.KEY
DEEPGRAM_KEY = deepgram_listen.KEY
WRONG_KEY = "a-key-of-somebody-else"


@dataclass
class Services:
    """`settings` name them as an operator would, by the environment."""

    deepgram_voice: EmulatedVoice
    openai_voice: EmulatedVoice
    chat: ChatEmulator
    settings: dict[str, str] = field(default_factory=dict[str, str])


@pytest.fixture
async def services() -> AsyncGenerator[Services]:
    async with AsyncExitStack() as stack:
        listen = await stack.enter_async_context(run_deepgram("nothing is said"))
        deepgram_voice = await stack.enter_async_context(run_deepgram_speak())
        openai_voice = await stack.enter_async_context(run_openai_speech())
        chat = await stack.enter_async_context(open_chat())
        deepgram = web.Application()
        deepgram.router.add_get("/v1/listen", listen.listen)
        deepgram.router.add_post("/v1/speak", passing_on(deepgram_voice.url))
        openai = web.Application()
        openai.router.add_post("/v1/chat/completions", chat.complete)
        openai.router.add_post("/v1/audio/speech", passing_on(openai_voice.url))
        services = Services(deepgram_voice, openai_voice, chat)
        services.settings = {
            "SPEECH__STT": "deepgram,browser",
            "SPEECH__TTS": "deepgram,openai,espeak",
            "INTERVIEW__INTERVIEWER": "openai,scripted",
            "ENDPOINTS__DEEPGRAM__BASE_URL": await stack.enter_async_context(serve(deepgram)),
            "ENDPOINTS__DEEPGRAM__API_KEY": DEEPGRAM_KEY,
            "ENDPOINTS__OPENAI__BASE_URL": await stack.enter_async_context(serve(openai)) + "/v1",
            "ENDPOINTS__OPENAI__API_KEY": OPENAI_KEY,
            "ENDPOINTS__OPENAI__LLM_MODEL": openai_chat.MODEL,
        }
        yield services


def passing_on(url: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A handler that lets the emulator at `url` answer."""
    origin = url.removesuffix("/v1")

    async def pass_on(request: web.Request) -> web.Response:
        async with (
            aiohttp.ClientSession(auto_decompress=False) as http,
            http.post(
                f"{origin}{request.path_qs}",
                data=await request.read(),
                headers={name: request.headers[name] for name in ("Authorization", "Content-Type")},
            ) as answer,
        ):
            return web.Response(
                body=await answer.read(),
                status=answer.status,
                headers={"Content-Type": answer.headers["Content-Type"]},
            )

    return pass_on


@pytest.fixture
async def data_dir(tmp_path: Path) -> Path:
    """With a database as `vivavoce run` would make it."""
    folder = tmp_path / "var"
    for command in ("migrate", "seed"):
        assert (await asyncio.to_thread(run_to_end, [command], folder)).returncode == 0
    return folder


async def test_each_provider_is_tried_and_what_is_wrong_is_named(
    services: Services, data_dir: Path
) -> None:
    ended = await doctor(data_dir, services)
    assert ended.returncode == 0, ended.stdout
    found = findings(ended)
    assert [detail.split(";")[0] for _, detail in found["stt"]] == ["deepgram", "browser"]
    assert [detail.split(";")[0] for _, detail in found["tts"]] == ["deepgram", "openai", "espeak"]
    interviewers = [detail.split(";")[0] for _, detail in found["interviewer"]]
    assert interviewers == ["openai", "scripted"]
    for pattern, (is_ok, detail) in zip(
        [
            r"deepgram; answered in \d+ ms; falls back to browser",
            r"browser; .*; falls back to typing",
            r"deepgram; spoke \d+ ms in \d+ ms; falls back to openai",
            r"openai; spoke \d+ ms in \d+ ms; falls back to espeak",
            r"espeak; spoke \d+ ms in \d+ ms; falls back to writing",
            r"openai; answered in \d+ ms; falls back to scripted",
            r"scripted; works without a model",
        ],
        [*found["stt"], *found["tts"], *found["interviewer"]],
        strict=True,
    ):
        assert is_ok
        assert re.fullmatch(pattern, detail), detail
    assert [each.texts for each in (services.deepgram_voice, services.openai_voice)] == [
        ["Ready."],
        ["Ready."],
    ]

    services.openai_voice.fault = Fault.UNAUTHORIZED
    services.settings["ENDPOINTS__DEEPGRAM__API_KEY"] = WRONG_KEY
    ended = await doctor(data_dir, services)
    assert ended.returncode == 1
    found = findings(ended)
    wrong = {
        f"{what} {detail.split(';')[0]}": detail
        for what, each in found.items()
        for is_ok, detail in each
        if not is_ok
    }
    # The emulated voice of Deepgram takes any key.
    assert set(wrong) == {"stt deepgram", "tts openai"}
    assert "401" in wrong["stt deepgram"]
    assert wrong["stt deepgram"].endswith("falls back to browser")
    assert "401" in wrong["tts openai"]
    assert wrong["tts openai"].endswith("falls back to espeak")


async def doctor(data_dir: Path, services: Services) -> CompletedProcess[str]:
    ended = await asyncio.to_thread(run_to_end, ["doctor", "--json"], data_dir, services.settings)
    for key in (DEEPGRAM_KEY, OPENAI_KEY, WRONG_KEY):
        assert key not in ended.stdout + ended.stderr
    return ended


def findings(ended: CompletedProcess[str]) -> dict[str, list[tuple[bool, str]]]:
    """Whether it works and the sentence, by what is examined, in order."""
    found: dict[str, list[tuple[bool, str]]] = {}
    for finding in json.loads(ended.stdout):
        found.setdefault(finding["what"], []).append((finding["is_ok"], finding["detail"]))
    return found
