"""The bus over Redis pub/sub. A Redis that is away costs news, never a room."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import cast
from urllib.parse import urlsplit

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from sessions.errors import StartupFailed
from sessions.infra.bus_memory import Subscription

CHANNEL_PREFIX = "vivavoce:"
CONNECTIONS = 9_000
"""One per subscriber and per message under way; Redis itself takes 10,000 clients by default."""
ANSWER_S = 2.0
"""Longest wait for Redis to answer a command, and for a subscription to begin."""
PUBLISH_S = 0.5
"""Longest wait for Redis to take a message: a room stands behind it."""
IDLE_S = 10.0
"""A subscriber that has heard nothing for so long asks whether the line still stands."""
RETRY_S = 0.5

_TROUBLE = (RedisError, OSError, TimeoutError)

log = logging.getLogger(__name__)


@asynccontextmanager
async def open_redis_bus(url: str) -> AsyncGenerator[RedisBus]:
    """Raises StartupFailed when Redis cannot be reached."""
    client = await _connect(url)
    failure: BaseException | None = None
    try:
        async with asyncio.TaskGroup() as tails:
            bus = RedisBus(client, tails)
            try:
                yield bus
            except BaseException as exc:
                # Raised again outside the group, which would wrap what is not its own.
                failure = exc
            finally:
                bus.close()
    finally:
        await client.aclose()
    if failure is not None:
        raise failure


class RedisBus:
    """Implements `sessions.ports.Bus` for servers and agents in processes of their own."""

    def __init__(self, client: Redis, tails: asyncio.TaskGroup) -> None:
        self._client = client
        self._tails = tails
        self._running: set[asyncio.Task[None]] = set()
        self._outage = _Outage()

    async def publish(self, topic: str, message: str) -> None:
        if self._outage.is_too_soon():
            return
        try:
            async with asyncio.timeout(PUBLISH_S):
                await self._client.publish(CHANNEL_PREFIX + topic, message)
        except _TROUBLE as exc:
            self._outage.begin(exc)
        else:
            self._outage.end()

    @asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncGenerator[Subscription]:
        subscription = Subscription(topic)
        is_tailing = asyncio.Event()
        tail = self._tails.create_task(self._tail(topic, subscription, is_tailing))
        self._running.add(tail)
        try:
            # Redis being away is no reason to keep a reader out: news comes when it is back.
            with suppress(TimeoutError):
                async with asyncio.timeout(ANSWER_S):
                    await is_tailing.wait()
            yield subscription
        finally:
            subscription.close()
            self._running.discard(tail)
            tail.cancel()
            await asyncio.wait({tail}, timeout=ANSWER_S)

    def close(self) -> None:
        """End the tails of subscribers that are still there."""
        for tail in self._running:
            tail.cancel()

    async def _tail(
        self, topic: str, subscription: Subscription, is_tailing: asyncio.Event
    ) -> None:
        """Subscribe, deliver, and begin again when the connection breaks, until cancelled."""
        while True:
            try:
                async with self._client.pubsub() as pubsub:
                    async with asyncio.timeout(ANSWER_S):
                        await pubsub.subscribe(CHANNEL_PREFIX + topic)
                    await self._deliver(pubsub, subscription, is_tailing)
            except _TROUBLE as exc:
                self._outage.begin(exc)
            await asyncio.sleep(RETRY_S)

    async def _deliver(
        self, pubsub: PubSub, subscription: Subscription, is_tailing: asyncio.Event
    ) -> None:
        is_asked = False
        while True:
            # The library's type is a bare dict; `data` is text with decode_responses.
            received = cast("dict[str, object] | None", await pubsub.get_message(timeout=IDLE_S))
            if received is None:
                if is_asked:
                    raise TimeoutError("Redis does not answer")
                await pubsub.ping()
                is_asked = True
                continue
            is_asked = False
            self._outage.end()
            match received:
                case {"type": "subscribe"}:
                    is_tailing.set()
                case {"type": "message", "data": str(message)}:
                    subscription.deliver(message)
                case _:
                    pass


class _Outage:
    """Whether Redis is away, said once when it goes and once when it is back."""

    def __init__(self) -> None:
        self._is_on = False
        self._retry_at_s = 0.0

    def begin(self, exc: BaseException) -> None:
        self._retry_at_s = asyncio.get_running_loop().time() + RETRY_S
        if not self._is_on:
            self._is_on = True
            reason = str(exc) or type(exc).__name__
            log.warning("Redis is away, news is lost until it is back: %s", reason)

    def end(self) -> None:
        if self._is_on:
            self._is_on = False
            log.info("Redis is back.")

    def is_too_soon(self) -> bool:
        """During an outage a publisher tries only now and then, so that it does not wait."""
        return self._is_on and asyncio.get_running_loop().time() < self._retry_at_s


async def _connect(url: str) -> Redis:
    where = _address(url)
    try:
        client = Redis.from_url(
            url,
            decode_responses=True,
            max_connections=CONNECTIONS,
            socket_connect_timeout=ANSWER_S,
            # Trying again is ours: the library's own retries would hold up a publisher.
            retry=Retry(NoBackoff(), 0),
        )
    except (RedisError, ValueError) as exc:
        raise StartupFailed(
            "bus.url is not an address of a Redis.", hint="Use redis://host:6379/0."
        ) from exc
    try:
        async with asyncio.timeout(ANSWER_S):
            await client.ping()
    except _TROUBLE as exc:
        await client.aclose()
        raise StartupFailed(
            f"Redis at {where} cannot be reached: {str(exc) or 'it does not answer'}.",
            hint="Start it, or set bus.url to memory:// when one process is enough.",
        ) from exc
    return client


def _address(url: str) -> str:
    """Host and port, without the password a URL may hold."""
    with suppress(ValueError):
        parts = urlsplit(url)
        return f"{parts.hostname}:{parts.port or 6379}"
    return "bus.url"
