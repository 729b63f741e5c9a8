"""The bus within one process, and what every subscriber holds: a bounded line of messages."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

BACKLOG = 1_000
"""Messages a subscriber may fall behind before it loses the oldest."""

log = logging.getLogger(__name__)


class Subscription:
    """An endless iterator over a topic's messages, which ends when it is closed."""

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self._waiting: deque[str] = deque(maxlen=BACKLOG)
        self._changed = asyncio.Event()
        self._is_closed = False
        self._is_behind = False

    def deliver(self, message: str) -> None:
        if len(self._waiting) == BACKLOG and not self._is_behind:
            self._is_behind = True
            log.warning("A subscriber fell behind and loses news.", extra={"topic": self._topic})
        self._waiting.append(message)
        self._changed.set()

    def close(self) -> None:
        self._is_closed = True
        self._changed.set()

    def __aiter__(self) -> Subscription:
        return self

    async def __anext__(self) -> str:
        while not self._is_closed:
            if self._waiting:
                return self._waiting.popleft()
            self._is_behind = False
            self._changed.clear()
            await self._changed.wait()
        raise StopAsyncIteration


class MemoryBus:
    """Implements `sessions.ports.Bus` for server and agent on one loop."""

    def __init__(self) -> None:
        self._subscriptions: defaultdict[str, set[Subscription]] = defaultdict(set)

    async def publish(self, topic: str, message: str) -> None:
        for subscription in self._subscriptions.get(topic, ()):
            subscription.deliver(message)

    @asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncGenerator[Subscription]:
        subscription = Subscription(topic)
        self._subscriptions[topic].add(subscription)
        try:
            yield subscription
        finally:
            subscription.close()
            self._subscriptions[topic].discard(subscription)
            if not self._subscriptions[topic]:
                del self._subscriptions[topic]
