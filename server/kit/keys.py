"""What a handler finds in its application, typed."""

from __future__ import annotations

from aiohttp import web

from server.kit.passport import SignInLookup
from server.kit.templates import Pages
from sessions.infra.db import Database
from sessions.ports import Bus, Clock, Journal
from sessions.settings import Settings

SETTINGS = web.AppKey("settings", Settings)
DATABASE = web.AppKey("database", Database)
PAGES = web.AppKey("pages", Pages)
BUS: web.AppKey[Bus] = web.AppKey("bus")
JOURNAL: web.AppKey[Journal] = web.AppKey("journal")
CLOCK: web.AppKey[Clock] = web.AppKey("clock")
SIGN_INS: web.AppKey[SignInLookup] = web.AppKey("sign_ins")
SECRET: web.AppKey[str] = web.AppKey("secret")
"""The server's secret key; each use derives its own from it."""
GATEWAY_PORT: web.AppKey[int] = web.AppKey("gateway_port")
"""Where the agent's gateway really listens (its setting may be 0: any free one)."""
