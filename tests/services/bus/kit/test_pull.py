"""A standing request at a real broker: what comes comes by itself, also after the broker has been away."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

import pytest
from nats.aio.msg import Msg
from nats.js import api

from services.bus.kit import pull as pulling
from services.bus.kit.bus import STREAM, Bus
from services.bus.kit.pull import PullBrokenError, StandingPull
from services.bus.kit.testing import NatsServer

pytestmark = pytest.mark.anyio

SUBJECT = "axis.test.counted"
DURABLE = "test"
REQUESTS = f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{DURABLE}"


@pytest.fixture
async def bus(broker: NatsServer) -> AsyncIterator[Bus]:
    """Connected, with a consumer to pull from."""
    async with Bus(broker.url, name="test") as bus:
        await bus.ready()
        config = api.ConsumerConfig(
            name=DURABLE,
            durable_name=DURABLE,
            ack_policy=api.AckPolicy.EXPLICIT,
            ack_wait=60,
            max_ack_pending=4_096,
            filter_subject=SUBJECT,
        )
        await bus.js.add_consumer(STREAM, config)
        yield bus


@pytest.fixture
async def requests(bus: Bus) -> list[bytes]:
    """What is asked of the broker for messages, as it goes over the wire."""
    asked: list[bytes] = []

    async def noted(message: Msg) -> None:
        asked.append(message.data)

    await bus.nc.subscribe(REQUESTS, cb=noted)
    await bus.nc.flush()
    return asked


async def publish(bus: Bus, numbers: range) -> None:
    """Publish the numbers in their order; they are stored when this returns."""
    for start in range(numbers.start, numbers.stop, 200):
        some = numbers[start - numbers.start :][:200]
        await asyncio.gather(*(bus.js.publish(SUBJECT, str(number).encode()) for number in some))


async def take(pull: StandingPull, count: int, seconds: float = 20) -> list[int]:
    """So many numbers, acknowledged."""
    taken: list[int] = []
    async with asyncio.timeout(seconds):
        while len(taken) < count:
            for message in await pull.next():
                taken.append(int(message.data))
                await message.ack()
    return taken


async def test_messages_come_in_order_without_asking_again(bus: Bus, requests: list[bytes]) -> None:
    async with StandingPull(bus, DURABLE, most=4_000) as pull:
        await publish(bus, range(1_000))
        assert await take(pull, 1_000) == list(range(1_000))
        await publish(bus, range(1_000, 1_010))
        assert await take(pull, 10) == list(range(1_000, 1_010))
    assert len(requests) == 1


async def test_what_was_there_before_comes_too(bus: Bus) -> None:
    await publish(bus, range(10))
    async with StandingPull(bus, DURABLE, most=100) as pull:
        assert await take(pull, 10) == list(range(10))


async def test_a_small_request_is_renewed_when_half_of_it_is_used_up(bus: Bus, requests: list[bytes]) -> None:
    async with StandingPull(bus, DURABLE, most=64) as pull:
        await publish(bus, range(1_000))
        assert await take(pull, 1_000) == list(range(1_000))
    assert len(requests) <= 1 + 1_000 // 32


async def test_no_more_messages_come_than_may_be_on_their_way(bus: Bus) -> None:
    await publish(bus, range(100))
    async with StandingPull(bus, DURABLE, most=16) as pull:
        async with asyncio.timeout(5):
            while (await bus.js.consumer_info(STREAM, DURABLE)).num_ack_pending != 16:
                await asyncio.sleep(0.01)
        await bus.nc.flush()
        assert len(await pull.next()) == 16


async def test_a_message_that_comes_alone_wakes_whoever_waits(bus: Bus) -> None:
    async with StandingPull(bus, DURABLE, most=64) as pull:
        for number in range(20):
            waiting = asyncio.create_task(take(pull, 1))
            await asyncio.sleep(0)
            await publish(bus, range(number, number + 1))
            assert await waiting == [number]


async def test_the_pull_goes_on_by_itself_after_the_broker_was_killed(bus: Bus, broker: NatsServer) -> None:
    async with StandingPull(bus, DURABLE, most=64) as pull:
        await publish(bus, range(50))
        assert await take(pull, 50) == list(range(50))
        waiting = asyncio.create_task(take_up_to(pull, 149))
        broker.kill()
        await until(lambda: not bus.is_connected)
        await asyncio.to_thread(broker.start)
        await until(lambda: bus.is_connected)
        await publish(bus, range(50, 150))
        assert [number for number in await waiting if number >= 50] == list(range(50, 150))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


async def take_up_to(pull: StandingPull, last: int) -> list[int]:
    """All numbers until this one; what a killed broker has forgotten to be acknowledged may be among them."""
    taken = [-1]
    while taken[-1] != last:
        taken += await take(pull, 1)
    return taken


async def test_a_request_that_expires_is_renewed(
    bus: Bus, requests: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "EXPIRES_S", 1.0)
    monkeypatch.setattr(pulling, "HEARTBEAT_S", 0.4)
    async with StandingPull(bus, DURABLE, most=64) as pull:
        waiting = asyncio.create_task(take(pull, 1))
        await until(lambda: len(requests) >= 3)
        await publish(bus, range(1))
        assert await waiting == [0]
        await publish(bus, range(1, 200))
        assert await take(pull, 199) == list(range(1, 200))


async def test_a_quiet_stream_is_not_taken_for_a_broken_one(
    bus: Bus, requests: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "HEARTBEAT_S", 0.2)
    async with StandingPull(bus, DURABLE, most=64) as pull:
        waiting = asyncio.create_task(take(pull, 1))
        await asyncio.wait([waiting], timeout=5 * 0.2 * pulling.MISSED)
        assert not waiting.done()
        await publish(bus, range(1))
        assert await waiting == [0]
    assert len(requests) == 1


async def test_a_deleted_consumer_breaks_the_pull(bus: Bus) -> None:
    async with StandingPull(bus, DURABLE, most=64) as pull:
        waiting = asyncio.create_task(take(pull, 1, seconds=10))
        await bus.nc.flush()
        await bus.js.delete_consumer(STREAM, DURABLE)
        with pytest.raises(PullBrokenError):
            await waiting


async def test_what_had_come_before_the_consumer_was_deleted_is_given_out_first(bus: Bus) -> None:
    async with StandingPull(bus, DURABLE, most=64) as pull:
        await publish(bus, range(3))
        async with asyncio.timeout(5):
            while (await bus.js.consumer_info(STREAM, DURABLE)).num_ack_pending != 3:
                await asyncio.sleep(0.01)
        await bus.js.delete_consumer(STREAM, DURABLE)
        await bus.nc.flush()
        assert [int(message.data) for message in await pull.next()] == [0, 1, 2]
        with pytest.raises(PullBrokenError):
            await take(pull, 1, seconds=10)


async def test_a_consumer_that_was_never_there_breaks_the_pull(bus: Bus) -> None:
    async with StandingPull(bus, "nobody", most=64) as pull:
        with pytest.raises(PullBrokenError):
            await take(pull, 1, seconds=10)


async def test_a_broker_that_falls_silent_breaks_the_pull(
    bus: Bus, broker: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "HEARTBEAT_S", 0.2)
    async with StandingPull(bus, DURABLE, most=64) as pull:
        await bus.nc.flush()
        with silent(broker):
            began = time.monotonic()
            with pytest.raises(PullBrokenError, match="silent"):
                await take(pull, 1, seconds=10)
            assert bus.is_connected
            assert time.monotonic() - began < 5


@contextmanager
def silent(broker: NatsServer) -> Iterator[None]:
    """The broker stands still: its connections stay, and nothing comes."""
    process = broker._process
    assert process is not None
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)
