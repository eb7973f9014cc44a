"""Who may say and hear what, asked of a real nats-server: each process its own subjects, and no others."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import nats
import pytest
from nats.aio.client import Client
from nats.js.api import AckPolicy, ConsumerConfig

from deploy.local.errors import RunnerError
from deploy.local.layout import Layout
from deploy.local.nats import ensure_stream, inbox_prefix, server_binary, write_configuration
from deploy.local.secrets import ensure_broker_keys
from deploy.local.supervisor import Launch, Supervisor, Timing
from deploy.local.topology import OPERATOR, Consumer, Process
from services.bus.kit.bus import stream_config

pytestmark = pytest.mark.anyio

DOSSIER = Process(
    "dossier", "", 20, "", publishes=("dossier",), consumers=(Consumer("dossier-portal", ("axis.portal.>",)),)
)
SYNC = Process(
    "sync", "", 2, "", publishes=("portal",), consumers=(Consumer("sync-dossier", ("axis.dossier.>",)),)
)
LEDGER = Process("hub", "", 0, "", consumers=(Consumer("hub-ledger", ("axis.>",)),), observes=True)
PROCESSES = (DOSSIER, SYNC, LEDGER)


class Broker:
    """A running server: `as_user` connects with one process's key, and collects what it is refused."""

    def __init__(self, layout: Layout, url: str) -> None:
        self.layout = layout
        self.url = url
        self.refused: asyncio.Queue[str] = asyncio.Queue()

    async def _note(self, error: Exception) -> None:
        await self.refused.put(str(error))

    @asynccontextmanager
    async def as_user(self, user: str, *, key_of: str | None = None) -> AsyncIterator[Client]:
        seed = self.layout.seed(key_of or user).read_text()
        client = await nats.connect(
            self.url, nkeys_seed_str=seed, inbox_prefix=inbox_prefix(user), error_cb=self._note
        )
        try:
            yield client
        finally:
            await client.close()

    async def refusal(self) -> str:
        """What the server refused, waiting for it to say so."""
        async with asyncio.timeout(5):
            return await self.refused.get()


@pytest.fixture
async def broker(layout: Layout, base_port: int) -> AsyncIterator[Broker]:
    keys = ensure_broker_keys(layout, [*(process.name for process in PROCESSES), OPERATOR])
    path = write_configuration(
        layout, port=base_port, monitor_port=base_port + 1, processes=PROCESSES, public_keys=keys
    )
    url = f"nats://127.0.0.1:{base_port}"
    launch = Launch(
        name="nats",
        argv=(str(server_binary()), "-c", str(path)),
        env=os.environ,
        port=base_port,
        url=url,
        ready_url=f"http://127.0.0.1:{base_port + 1}/healthz",
        log=layout.log("nats"),
    )
    supervisor = Supervisor(report=lambda line: None, timing=Timing(ready_deadline=20))
    try:
        await supervisor.start([launch])
        await ensure_stream(url, layout.seed(OPERATOR))
        yield Broker(layout, url)
    finally:
        await supervisor.stop()


def durable(name: str, subject: str) -> ConsumerConfig:
    return ConsumerConfig(
        name=name, durable_name=name, filter_subject=subject, ack_policy=AckPolicy.EXPLICIT, ack_wait=30
    )


async def test_a_process_can_do_all_it_needs(broker: Broker) -> None:
    """Announce, be acknowledged, make its consumer, fetch, acknowledge; and nothing of it is refused."""
    async with broker.as_user("sync") as sync, broker.as_user("dossier") as dossier:
        acknowledgement = await sync.jetstream().publish("axis.portal.status-acknowledged", b"1")
        assert acknowledgement.stream == "AXIS"
        js = dossier.jetstream()
        assert (await js.stream_info("AXIS")).state.messages == 1
        await js.add_consumer("AXIS", durable("dossier-portal", "axis.portal.>"))
        subscription = await js.pull_subscribe_bind("dossier-portal", "AXIS")
        [message] = await subscription.fetch(1, timeout=5)
        assert message.subject == "axis.portal.status-acknowledged"
        await message.ack_sync(timeout=5)
        information = await subscription.consumer_info()
        assert information.num_ack_pending == 0
        assert information.ack_floor is not None and information.ack_floor.stream_seq == 1
    assert broker.refused.empty()


async def test_a_consumer_may_read_everything_if_its_row_says_so(broker: Broker) -> None:
    async with broker.as_user("dossier") as dossier, broker.as_user("hub") as hub:
        await dossier.jetstream().publish("axis.dossier.submitted", b"1")
        await hub.jetstream().add_consumer("AXIS", durable("hub-ledger", "axis.>"))
        subscription = await hub.jetstream().pull_subscribe_bind("hub-ledger", "AXIS")
        [message] = await subscription.fetch(1, timeout=5)
        assert message.data == b"1"


async def test_who_observes_sees_every_consumer_and_the_oldest_message(broker: Broker) -> None:
    async with broker.as_user("sync") as sync, broker.as_user("dossier") as dossier, broker.as_user("hub") as hub:
        await sync.jetstream().add_consumer("AXIS", durable("sync-dossier", "axis.dossier.>"))
        await dossier.jetstream().publish("axis.dossier.submitted", b"1")
        [found] = await hub.jetstream().consumers_info("AXIS")
        assert (found.name, found.num_pending) == ("sync-dossier", 1)
        oldest = await hub.jetstream().get_msg("AXIS", seq=1, subject="axis.dossier.>", direct=True, next=True)
        assert oldest.data == b"1"
        assert broker.refused.empty()
        await dossier.publish("$JS.API.CONSUMER.LIST.AXIS", b"")
        assert "permissions violation for publish" in await broker.refusal()


@pytest.mark.parametrize(
    "subject",
    [
        "axis.portal.status-acknowledged",
        "axis.population.citizen-registered",
        "_INBOX.sync.forged",
        "$JS.API.STREAM.DELETE.AXIS",
        "$JS.API.STREAM.PURGE.AXIS",
        "$JS.API.STREAM.CREATE.OTHER",
        "$JS.API.STREAM.MSG.GET.AXIS",
        "$JS.API.DIRECT.GET.AXIS",
        "$JS.API.CONSUMER.CREATE.AXIS.sync-dossier.axis.dossier.>",
        "$JS.API.CONSUMER.CREATE.AXIS.dossier-portal.axis.>",
        "$JS.API.CONSUMER.CREATE.AXIS.dossier-portal",
        "$JS.API.CONSUMER.DURABLE.CREATE.AXIS.dossier-portal",
        "$JS.API.CONSUMER.DELETE.AXIS.sync-dossier",
        "$JS.API.CONSUMER.MSG.NEXT.AXIS.sync-dossier",
        "$JS.ACK.AXIS.sync-dossier.1.1.1.1.0",
    ],
)
async def test_a_process_may_not_publish_elsewhere(broker: Broker, subject: str) -> None:
    async with broker.as_user("dossier") as dossier:
        await dossier.publish(subject, b"{}")
        assert "permissions violation for publish" in await broker.refusal()


@pytest.mark.parametrize(
    "subject", ["_INBOX.sync.>", "_INBOX.>", "axis.>", "axis.portal.>", "axis.dossier.>", ">"]
)
async def test_a_process_may_not_listen_elsewhere(broker: Broker, subject: str) -> None:
    async with broker.as_user("dossier") as dossier:
        await dossier.subscribe(subject)
        assert "permissions violation for subscription" in await broker.refusal()


async def test_another_domains_event_never_gets_into_the_stream(broker: Broker) -> None:
    async with broker.as_user("dossier") as dossier, broker.as_user("sync") as sync:
        await dossier.publish("axis.portal.forged", b"1")
        await broker.refusal()
        assert (await sync.jetstream().stream_info("AXIS")).state.messages == 0


async def test_a_consumer_cannot_ask_for_more_than_the_subject_it_is_created_on(broker: Broker) -> None:
    """The filter is in the subject, which the server permits or not, and must be the one in the request."""
    async with broker.as_user("dossier") as dossier:
        answer = await dossier.request(
            "$JS.API.CONSUMER.CREATE.AXIS.dossier-portal.axis.portal.>",
            b'{"stream_name":"AXIS","config":{"name":"dossier-portal","durable_name":"dossier-portal",'
            b'"filter_subject":"axis.>","ack_policy":"explicit"}}',
            timeout=5,
        )
        assert b"did not match filtered subject" in answer.data


async def test_one_key_does_not_open_another_inbox(broker: Broker) -> None:
    async with broker.as_user("sync", key_of="dossier") as impostor:
        await impostor.subscribe("_INBOX.sync.answers")
        assert "permissions violation for subscription" in await broker.refusal()


async def test_a_message_is_on_the_disk_before_it_is_acknowledged(broker: Broker, base_port: int) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        jetstream = (await http.get(f"http://127.0.0.1:{base_port + 1}/jsz?config=true")).json()
    assert jetstream["config"]["sync_always"] is True


async def test_nobody_gets_in_without_a_key(broker: Broker) -> None:
    with pytest.raises(Exception, match=r"(?i)authorization"):
        await nats.connect(broker.url, allow_reconnect=False, max_reconnect_attempts=0)


async def test_a_broker_that_is_not_there_is_reported(layout: Layout) -> None:
    ensure_broker_keys(layout, [OPERATOR])
    with pytest.raises(RunnerError, match="stream AXIS could not be made ready on the broker at"):
        await ensure_stream("nats://127.0.0.1:1", layout.seed(OPERATOR))


async def test_a_stream_that_is_there_keeps_its_messages_and_takes_on_the_present_form(
    broker: Broker,
) -> None:
    async with broker.as_user(OPERATOR) as operator:
        streams = operator.jetstream()
        await streams.publish("axis.dossier.submitted", b"1")
        await streams.update_stream(stream_config().evolve(max_age=86_400))
        await ensure_stream(broker.url, broker.layout.seed(OPERATOR))
        information = await streams.stream_info("AXIS")
        assert information.state.messages == 1
        assert information.config.max_age == stream_config().max_age
