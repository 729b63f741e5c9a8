"""A real server process, a real Chromium, and the pages a person goes through."""

from __future__ import annotations

import shutil
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, async_playwright

from tests.e2e.spoken import SPEECH
from tests.support.process import ROOT, Running, vivavoce

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
SCREENSHOTS = ROOT / "var" / "screenshots"

OpenBrowser = Callable[..., AbstractAsyncContextManager[BrowserContext]]


def chromium_path() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    mac = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
    if found is None and mac.exists():
        return str(mac)
    assert found, "install chromium: `make test` does where it can (tests/install_system.sh)"
    return found


@pytest.fixture
def open_browser() -> OpenBrowser:
    @asynccontextmanager
    async def open_one(microphone: Path | None = None) -> AsyncGenerator[BrowserContext]:
        """Chromium whose microphone plays a WAV file once; None: it has no microphone."""
        arguments = list(QUIET)
        if microphone is not None:
            arguments += [
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                f"--use-file-for-fake-audio-capture={microphone}%noloop",
            ]
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=chromium_path(), args=arguments
            )
            context = await browser.new_context(viewport={"width": 1280, "height": 900})
            try:
                yield context
            finally:
                await browser.close()

    return open_one


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    """`vivavoce run` with its defaults (but for a quick voice), shared by a module's people."""
    folder = tmp_path_factory.mktemp("embedded") / "var"
    with vivavoce("run", folder, {"SPEECH__WORDS_PER_MINUTE": "450"}) as running:
        yield running


@pytest.fixture
def lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "lines.txt"
    path.write_text("nothing yet\n", encoding="utf-8")  # each room reads it anew
    monkeypatch.setenv("VIVAVOCE_TEST_GRAMMAR_LINES", str(path))
    return path


@pytest.fixture
def listening(tmp_path: Path, lines: Path) -> Generator[Running]:
    settings = {
        "SPEECH__STT": "tests.emulators.pocketsphinx_stt:PocketSphinxSTT",
        "SPEECH__WORDS_PER_MINUTE": str(SPEECH.words_per_minute),
    }
    with vivavoce("run", tmp_path / "var", settings) as running:
        yield running
