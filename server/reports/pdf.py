"""A laid-out report as PDF, typeset in a process of its own with a time limit."""

from __future__ import annotations

import asyncio
import logging
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from pydantic import TypeAdapter

from server.reports.document import Document
from server.reports.errors import TypesettingFailed
from server.reports.typeset import NOT_INSTALLED

AT_ONCE = 2
"""PDFs in the making; more wait in line, each within its own limit."""
_PROGRAM = Path(__file__).with_name("typeset.py")
_DOCUMENT = TypeAdapter(Document)

_log = logging.getLogger(__name__)


class Typesetter:
    """One per server. `limit_s` is for waiting in line and typesetting together."""

    def __init__(self, *, limit_s: float, program: Path = _PROGRAM) -> None:
        self._limit_s = limit_s
        self._program = program
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def make(self, document: Document) -> bytes:
        """Raises TypesettingFailed."""
        data = await asyncio.to_thread(_DOCUMENT.dump_json, document)
        try:
            async with asyncio.timeout(self._limit_s), self._turns:
                return await self._run(data)
        except TimeoutError as exc:
            raise TypesettingFailed(f"it was not ready in {self._limit_s:g} s") from exc

    async def _run(self, data: bytes) -> bytes:
        try:
            # -P: this file's folder must not come before the standard library.
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", self._program, stdin=PIPE, stdout=PIPE, stderr=PIPE
            )
        except OSError as exc:
            raise TypesettingFailed("its process did not start") from exc
        try:
            pdf, said = await process.communicate(data)
        finally:
            await _end(process)
        if process.returncode == NOT_INSTALLED:
            raise TypesettingFailed("the package typst is not installed on this server")
        if process.returncode != 0 or not pdf.startswith(b"%PDF"):
            _log.error("typst ended with %s: %s", process.returncode, said.decode(errors="replace"))
            raise TypesettingFailed("the typesetter refused")
        return pdf


async def _end(process: Process) -> None:
    """Also when whoever waited for it was cancelled."""
    if process.returncode is None:
        process.kill()
        await process.wait()
