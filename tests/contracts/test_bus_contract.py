"""What `sessions.ports.Bus` promises, within one process and over a real Redis."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from sessions.errors import StartupFailed
from sessions.infra.bus import open_bus
from sessions.infra.bus_memory import BACKLOG
from sessions.ports import Bus
from tests.support.polling import eventually
from tests.support.services import free_port, run_redis

LIMIT_S = 5.0
LAST = "the last one"


async def receive(news: AsyncIterator[str], count: int) -> list[str]:
    async with asyncio.timeout(LIMIT_S):
        return [await anext(news) for _ in range(count)]


async def receive_until_last(news: AsyncIterator[str]) -> list[str]:
    received: list[str] = []
    async with asyncio.timeout(LIMIT_S):
        async for message in news:
            if message == LAST:
                break
            received.append(message)
    return received


async def test_messages_come_in_the_order_they_were_published(bus: Bus) -> None:
    messages = [f"message {number}" for number in range(100)]
    async with bus.subscribe("order") as news:
        for message in messages:
            await bus.publish("order", message)

        assert await receive(news, 100) == messages


async def test_a_message_comes_back_as_it_was(bus: Bus) -> None:
    messages = ["", '{"text": "naïve — 日本語 — 🎤\\n"}', "x" * 200_000]
    async with bus.subscribe("texts") as news:
        for message in messages:
            await bus.publish("texts", message)

        assert await receive(news, 3) == messages


async def test_every_subscriber_gets_every_message(bus: Bus) -> None:
    async with bus.subscribe("two") as first, bus.subscribe("two") as second:
        await bus.publish("two", "a")
        await bus.publish("two", "b")

        assert await receive(first, 2) == ["a", "b"]
        assert await receive(second, 2) == ["a", "b"]


async def test_a_topic_gets_only_its_own_messages(bus: Bus) -> None:
    async with bus.subscribe("interview:1") as one, bus.subscribe("interview:11") as eleven:
        await bus.publish("interview:1", "for one")
        await bus.publish("interview:11", "for eleven")
        await bus.publish("interview:1", LAST)
        await bus.publish("interview:11", LAST)

        assert await receive_until_last(one) == ["for one"]
        assert await receive_until_last(eleven) == ["for eleven"]


async def test_a_late_subscriber_gets_only_what_comes_later(bus: Bus) -> None:
    await bus.publish("late", "before")
    async with bus.subscribe("late") as news:
        await bus.publish("late", "after")

        assert await receive(news, 1) == ["after"]


async def test_publishing_to_nobody_is_fine(bus: Bus) -> None:
    await bus.publish("nobody", "unheard")


async def test_a_subscriber_waits_for_the_next_message(bus: Bus) -> None:
    async with bus.subscribe("wait") as news, asyncio.TaskGroup() as tasks:
        receiving = tasks.create_task(receive(news, 1))
        await asyncio.sleep(0)
        assert not receiving.done()

        await bus.publish("wait", "here")
    assert receiving.result() == ["here"]


async def test_a_slow_subscriber_loses_the_oldest_and_holds_up_nobody(bus: Bus) -> None:
    surplus = 50
    async with bus.subscribe("slow") as slow, bus.subscribe("slow") as quick:
        for number in range(BACKLOG + surplus - 1):
            await bus.publish("slow", str(number))
            assert await receive(quick, 1) == [str(number)]
        await bus.publish("slow", LAST)
        # The bus delivers in order: once the quick one has the last, a later one ends the wait.
        assert await receive(quick, 1) == [LAST]
        await until_delivered(bus, "slow")

        received = await receive_until_last(slow)

    assert received == [str(number) for number in range(surplus, BACKLOG + surplus - 1)]


async def until_delivered(bus: Bus, topic: str) -> None:
    """Wait until what was published before has reached every subscriber's line.

    Redis writes to its subscribers in the order they came, and one turn of the loop reads all
    that is there; a few round trips of another topic leave it time for that.
    """
    async with bus.subscribe(f"{topic}:after") as after:
        for _ in range(20):
            await bus.publish(f"{topic}:after", "turn")
            await receive(after, 1)


async def test_leaving_ends_the_subscription(bus: Bus) -> None:
    async with bus.subscribe("leave") as news:
        await bus.publish("leave", "unread")
    await bus.publish("leave", "too late")

    assert [message async for message in news] == []


async def test_leaving_wakes_a_reader_that_waits(bus: Bus) -> None:
    async with asyncio.TaskGroup() as tasks, bus.subscribe("wake") as news:
        reading = tasks.create_task(receive_until_last(news))
        await asyncio.sleep(0)
    assert reading.result() == []


async def test_the_other_subscribers_stay_when_one_leaves(bus: Bus) -> None:
    async with bus.subscribe("stay") as staying:
        async with bus.subscribe("stay"):
            pass
        await bus.publish("stay", "still here")

        assert await receive(staying, 1) == ["still here"]


async def test_an_error_of_the_reader_leaves_as_it_is(bus_url: str) -> None:
    with pytest.raises(ZeroDivisionError):
        async with open_bus(bus_url) as bus, bus.subscribe("error"):
            raise ZeroDivisionError


async def test_a_bus_can_be_closed_under_its_subscribers(bus_url: str) -> None:
    async with asyncio.timeout(LIMIT_S):
        async with open_bus(bus_url) as bus:
            subscribing = bus.subscribe("closed")
            await subscribing.__aenter__()
        await subscribing.__aexit__(None, None, None)


# -- the real one only ---------------------------------------------------------------------------


@pytest.mark.sockets
async def test_news_crosses_processes(redis_url: str) -> None:
    async with (
        open_bus(redis_url) as agent,
        open_bus(redis_url) as server,
        server.subscribe("crossing") as news,
    ):
        await agent.publish("crossing", "hello")

        assert await receive(news, 1) == ["hello"]


@pytest.mark.sockets
async def test_news_comes_again_after_redis_was_restarted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, logger="sessions.infra.bus_redis")
    with run_redis() as server:
        async with open_bus(server.url) as bus, bus.subscribe("restart") as news:
            await bus.publish("restart", "before")
            assert await receive(news, 1) == ["before"]

            server.stop()
            for _ in range(20):
                await bus.publish("restart", "lost")
            server.start()

            async def is_heard() -> bool:
                await bus.publish("restart", "after")
                try:
                    async with asyncio.timeout(0.05):
                        return await anext(news) == "after"
                except TimeoutError:
                    return False

            await eventually(is_heard, limit_s=10)

    said = [record.getMessage() for record in caplog.records]
    assert sum("Redis is away" in line for line in said) == 1
    assert said.count("Redis is back.") == 1


@pytest.mark.sockets
async def test_one_can_subscribe_while_redis_is_away() -> None:
    with run_redis() as server:
        async with open_bus(server.url) as bus:
            server.stop()
            async with bus.subscribe("away") as news:
                server.start()

                async def is_heard() -> bool:
                    await bus.publish("away", "back")
                    try:
                        async with asyncio.timeout(0.05):
                            return await anext(news) == "back"
                    except TimeoutError:
                        return False

                await eventually(is_heard, limit_s=10)


@pytest.mark.sockets
async def test_a_publisher_does_not_wait_for_a_redis_that_is_silent() -> None:
    """A server that takes connections and says nothing, as behind a broken network."""

    async def answer_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                if is_answering and line.strip().upper() == b"PING":
                    writer.write(b"+PONG\r\n")
                elif is_answering and line.strip().upper() in (b"HELLO", b"CLIENT"):
                    writer.write(b"-ERR unknown command\r\n")
        finally:
            writer.close()

    is_answering = True
    silent = await asyncio.start_server(answer_once, "127.0.0.1", 0)
    port: int = silent.sockets[0].getsockname()[1]
    async with silent, open_bus(f"redis://127.0.0.1:{port}/0?protocol=2") as bus:
        is_answering = False
        async with asyncio.timeout(LIMIT_S):
            for number in range(100):
                await bus.publish("silent", str(number))


@pytest.mark.sockets
async def test_a_redis_that_is_not_there_is_said_at_the_start() -> None:
    port = free_port()
    with pytest.raises(StartupFailed) as caught:
        async with open_bus(f"redis://:made-up-password@127.0.0.1:{port}/0"):
            pass

    assert f"Redis at 127.0.0.1:{port} cannot be reached" in caught.value.message
    assert "made-up-password" not in caught.value.message
    assert "memory://" in caught.value.hint


@pytest.mark.parametrize("url", ["", "kafka://127.0.0.1", "redis://127.0.0.1:port/0"])
async def test_an_address_that_is_none_is_said_at_the_start(url: str) -> None:
    with pytest.raises(StartupFailed, match=r"bus\.url is not an address"):
        async with open_bus(url):
            pass
