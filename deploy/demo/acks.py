"""Listens on the axis to what the portal acknowledges, with the times of every hop, to verifications and to the
ends of dossiers that systems carried out.

An ordered consumer from where the stream stood at the start: nothing is missed, nothing is heard twice, and what
earlier runs left on the stream is not heard at all. Kept are four bytes a status, so that the percentiles are
those of all of them, not of a sample.
"""

from __future__ import annotations

import asyncio
from array import array
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final

import nats
import orjson
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, DeliverPolicy

from contracts.events.dossier import RunEnded, VerificationRecorded
from contracts.events.portal import StatusAcknowledged
from deploy.local.client import Axis
from deploy.local.errors import RunnerError
from deploy.local.nats import inbox_prefix
from deploy.local.topology import BROKER, OPERATOR
from services.bus.kit.bus import STREAM

RECENT: Final = 4_096
HOPS: Final = ("relay", "axis", "queue", "portal", "total")
"""Commit to broker, broker to sync, in sync until sent, sent to acknowledged; and all of it."""
_LONGEST_US: Final = 2**32 - 1


class Acks:
    """What has been heard so far."""

    def __init__(self) -> None:
        self.statuses = 0
        self.verified: Counter[tuple[str, str]] = Counter()
        self.runs: Counter[tuple[str, str]] = Counter()
        """Dossiers that systems carried out, by procedure and outcome."""
        self.first_commit: datetime | None = None
        self.last_acknowledged: datetime | None = None
        self.hops: dict[str, array[int]] = {hop: array("I") for hop in HOPS}
        self._newest: OrderedDict[str, int] = OrderedDict()
        self._waiting: dict[str, tuple[int, asyncio.Future[None]]] = {}

    async def reached(self, code: str, version: int, patience_s: float) -> None:
        """Return when the portal has acknowledged this version of the dossier, or patience has run out."""
        if self._newest.get(code, 0) >= version:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[code] = (version, future)
        try:
            async with asyncio.timeout(patience_s):
                await future
        except TimeoutError:
            pass
        finally:
            self._waiting.pop(code, None)

    def heard(self, data: dict[str, Any]) -> None:
        """The data of one `portal.status-acknowledged`."""
        for step in data["steps"]:
            self._count(*(_at(step[name]) for name in _TIMES))
        code, version = data["code"], data["steps"][-1]["version"]
        self._newest[code] = version
        self._newest.move_to_end(code)
        if len(self._newest) > RECENT:
            self._newest.popitem(last=False)
        wanted, future = self._waiting.get(code, (0, None))
        if future is not None and version >= wanted and not future.done():
            future.set_result(None)

    def heard_verification(self, data: dict[str, Any]) -> None:
        """The data of one `dossier.verification-recorded`."""
        self.verified[data["verification"], data["channel"]] += 1

    def heard_run(self, data: dict[str, Any]) -> None:
        """The data of one `dossier.run-ended`."""
        self.runs[data["procedure_code"], data["outcome"]] += 1

    def _count(self, *times: datetime | None) -> None:
        committed, acknowledged = times[0], times[-1]
        assert committed is not None and acknowledged is not None
        self.statuses += 1
        self.first_commit = min(committed, self.first_commit or committed)
        self.last_acknowledged = max(acknowledged, self.last_acknowledged or acknowledged)
        for hop, earlier, later in zip(HOPS, (*times[:-1], committed), (*times[1:], acknowledged), strict=True):
            if earlier is not None and later is not None:
                micros = round((later - earlier).total_seconds() * 1_000_000)
                self.hops[hop].append(min(max(micros, 0), _LONGEST_US))


_TIMES: Final = ("committed_at", "published_at", "received_at", "sent_at", "acknowledged_at")


def _at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None


def percentiles(micros: Sequence[int], shares: Sequence[float]) -> list[float]:
    """The values, in milliseconds, that these shares of all do not exceed (nearest rank); 0 where there are
    none."""
    ordered = sorted(micros)
    if not ordered:
        return [0.0 for _ in shares]
    ranks = (max(0, -(-int(share * 1_000_000) * len(ordered) // 1_000_000) - 1) for share in shares)
    return [ordered[min(rank, len(ordered) - 1)] / 1000 for rank in ranks]


@asynccontextmanager
async def listening(axis: Axis) -> AsyncIterator[Acks]:
    """Hear what is said from now on. Raises RunnerError if the broker cannot be reached."""
    acks = Acks()

    async def on_acknowledged(message: Msg) -> None:
        acks.heard(orjson.loads(message.data)["data"])

    async def on_verified(message: Msg) -> None:
        acks.heard_verification(orjson.loads(message.data)["data"])

    async def on_run_ended(message: Msg) -> None:
        acks.heard_run(orjson.loads(message.data)["data"])

    try:
        client = await nats.connect(
            axis.url(BROKER),
            name="demo",
            nkeys_seed=str(axis.layout.seed(OPERATOR)),
            inbox_prefix=inbox_prefix(OPERATOR).encode(),
            connect_timeout=5,
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.2,
            error_cb=_quietly,
        )
    except (NatsError, OSError, TimeoutError) as error:
        raise RunnerError(
            f"The broker at {axis.url(BROKER)} cannot be reached ({type(error).__name__}). "
            "`truc status` says how it is."
        ) from error
    try:
        stream = client.jetstream()
        start = (await stream.stream_info(STREAM)).state.last_seq + 1
        await _follow(stream, StatusAcknowledged.axis_subject(), start, on_acknowledged)
        await _follow(stream, VerificationRecorded.axis_subject(), start, on_verified)
        await _follow(stream, RunEnded.axis_subject(), start, on_run_ended)
        yield acks
    finally:
        await client.close()


async def _follow(stream: JetStreamContext, subject: str, start: int, callback: Any) -> None:
    await stream.subscribe(
        subject,
        stream=STREAM,
        ordered_consumer=True,
        cb=callback,
        config=ConsumerConfig(deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=start),
    )


async def _quietly(error: Exception) -> None:
    """The library would print it; what is not heard shows in the counts."""
