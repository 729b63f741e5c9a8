"""One companion per test, and the browsers of two people."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.server.companion import Browser, Companion, made_settings, open_companion


@pytest.fixture
async def companion(tmp_path: Path) -> AsyncGenerator[Companion]:
    async with open_companion(made_settings(tmp_path)) as companion:
        yield companion


@pytest.fixture
async def browser(companion: Companion) -> AsyncGenerator[Browser]:
    """Somebody who has not signed in."""
    async with companion.browser() as browser:
        yield browser


@pytest.fixture
async def ada(companion: Companion) -> AsyncGenerator[Browser]:
    """Signed in."""
    async with companion.browser() as browser:
        await browser.sign_up()
        yield browser


@pytest.fixture
async def bo(companion: Companion) -> AsyncGenerator[Browser]:
    """Signed in as somebody else."""
    async with companion.browser() as browser:
        await browser.sign_up("bo@example.org", "Bo")
        yield browser
