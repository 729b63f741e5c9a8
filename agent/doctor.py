"""What `vivavoce doctor` says of each provider: working, how fast, and what follows it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import aiohttp

from agent.interviewer.chain import RemoteInterviewer
from agent.interviewer.registry import load_interviewer
from agent.providers.health import Health
from agent.providers.registry import NOBODY, PAGE, load_recognisers, load_vad, load_voices
from agent.providers.stt import chain as stt_chain
from agent.providers.tts.attempt import try_member
from sessions.errors import VivavoceError
from sessions.infra.clock import SystemClock
from sessions.settings import Settings


@dataclass(frozen=True)
class Finding:
    what: str
    is_ok: bool
    detail: str


_LAST = {"stt": "typing", "tts": "writing", "interviewer": "scripted"}


async def examine_speech(settings: Settings) -> list[Finding]:
    """One finding per provider. Each is tried: it recognises silence, says or answers a word."""
    async with aiohttp.ClientSession() as http:
        return [
            *await _examine_recognisers(settings, http),
            *await _examine_voices(settings, http),
            _examine_vad(settings),
            *await _examine_interviewers(settings),
        ]


async def _examine_recognisers(settings: Settings, http: aiohttp.ClientSession) -> list[Finding]:
    try:
        members = {member.name: member for member in load_recognisers(settings, http)}
    except VivavoceError as exc:
        return [_failed("stt", exc)]
    names = settings.speech.stt

    async def try_one(name: str) -> str:
        if name == PAGE:
            return "the page recognises speech where its browser can"
        if name == NOBODY:
            return "candidates type"
        took_ms = await stt_chain.probe(members[name], timeout_s=settings.speech.stt_timeout_s)
        return f"answered in {took_ms} ms"

    try:
        return await _examine("stt", names, try_one)
    finally:
        for member in members.values():
            await member.stt.aclose()


async def _examine_voices(settings: Settings, http: aiohttp.ClientSession) -> list[Finding]:
    try:
        members = {member.name: member for member in load_voices(settings, http)}
    except VivavoceError as exc:
        return [_failed("tts", exc)]

    async def try_one(name: str) -> str:
        if name == PAGE:
            return "the page speaks where its browser can"
        began_s = time.perf_counter()
        audio_ms = await try_member(members[name], timeout_s=settings.speech.tts_timeout_s)
        took_ms = (time.perf_counter() - began_s) * 1000
        return f"spoke {audio_ms:.0f} ms in {took_ms:.0f} ms"

    try:
        return await _examine("tts", settings.speech.tts, try_one)
    finally:
        for member in members.values():
            await member.tts.aclose()


async def _examine_interviewers(settings: Settings) -> list[Finding]:
    try:
        chain = load_interviewer(settings, Health(SystemClock()))
    except VivavoceError as exc:
        return [_failed("interviewer", exc)]

    async def try_one(name: str) -> str:
        member = chain.members[name]
        if isinstance(member, RemoteInterviewer):
            return f"answered in {await member.try_it():.0f} ms"
        return "works without a model"

    try:
        return await _examine("interviewer", chain.names, try_one)
    finally:
        await chain.aclose()


async def _examine(
    what: str, names: Sequence[str], try_one: Callable[[str], Awaitable[str]]
) -> list[Finding]:
    findings: list[Finding] = []
    for name, following in zip(names, [*names[1:], _LAST[what]], strict=True):
        falls_back = "" if following == name else f"; falls back to {following}"
        try:
            findings.append(Finding(what, True, f"{name}; {await try_one(name)}{falls_back}"))
        except VivavoceError as exc:
            findings.append(Finding(what, False, f"{name}; {exc.message}{falls_back}"))
    return findings


def _examine_vad(settings: Settings) -> Finding:
    try:
        load_vad(settings.speech)
    except VivavoceError as exc:
        return _failed("vad", exc)
    return Finding("vad", True, settings.speech.vad)


def _failed(what: str, exc: VivavoceError) -> Finding:
    return Finding(what, False, f"{exc.message} {exc.hint}".strip())
