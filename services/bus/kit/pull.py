"""Messages of a durable consumer, as they come: a request for many stands at the broker all the time.

A fetch for each message would cost a round trip and a request; here the broker sends what it has at once, and
a new request goes out when half of the last one is used up. Heartbeats tell a quiet stream from a broken one.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from types import TracebackType
from typing import Final, Self

import orjson
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from services.bus.kit.bus import STREAM, Bus

EXPIRES_S: Final = 30.0
HEARTBEAT_S: Final = 2.0
MISSED: Final = 3
"""So many heartbeats may fail to come before we ask anew."""

_NANO: Final = 1_000_000_000
_HEARTBEAT, _GONE = "100", "503"
_DELETED: Final = ("consumer deleted", "consumer is push based")


class PullBrokenError(ConnectionError):
    """The broker no longer serves this request: subscribe anew."""


class StandingPull:
    """Open it with `async with`. `most`: how many messages may be on their way to us at once."""

    def __init__(self, bus: Bus, durable: str, *, most: int) -> None:
        self._bus = bus
        self._most = most
        self._address = f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{durable}"
        self._inbox = ""
        self._subscription: Subscription | None = None
        self._owed = 0
        self._arrived: list[Msg] = []
        self._wake = asyncio.Event()
        self._heard_at = 0.0
        self._broken: str | None = None
        self._watch: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        nc = self._bus.nc
        self._inbox = nc.new_inbox()
        self._subscription = await nc.subscribe(self._inbox, cb=self._on_message)
        self._bus.on_reconnected.append(self._ask_anew)
        await self._ask_anew()
        self._watch = asyncio.create_task(self._listen(), name="pull-watch")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bus.on_reconnected.remove(self._ask_anew)
        assert self._watch is not None and self._subscription is not None
        self._watch.cancel()
        with contextlib.suppress(Exception):  # a broker that is away has forgotten us anyway
            await self._subscription.unsubscribe()

    async def next(self) -> list[Msg]:
        """What has come, at least one message, in the broker's order. Raises PullBrokenError when nothing
        will come any more this way."""
        while not self._arrived:
            if self._broken is not None:
                raise PullBrokenError(self._broken)
            self._wake.clear()
            await self._wake.wait()
        messages, self._arrived = self._arrived, []
        if self._owed <= self._most // 2:
            await self._ask(self._most - self._owed)
        return messages

    async def _ask(self, count: int) -> None:
        self._owed += count
        request = {
            "batch": count,
            "expires": int(EXPIRES_S * _NANO),
            "idle_heartbeat": int(HEARTBEAT_S * _NANO),
        }
        await self._bus.nc.publish(self._address, orjson.dumps(request), reply=self._inbox)

    async def _ask_anew(self) -> None:
        """Earlier requests are forgotten, here as at the broker."""
        self._heard_at = time.monotonic()
        self._owed = 0
        await self._ask(self._most)

    async def _on_message(self, message: Msg) -> None:
        self._heard_at = time.monotonic()
        headers = message.headers
        status = headers.get("Status") if headers is not None else None
        if status is None:
            self._owed -= 1
            self._arrived.append(message)
            self._wake.set()
        elif status != _HEARTBEAT:
            assert headers is not None
            await self._ended(status, headers)

    async def _ended(self, status: str, headers: dict[str, str]) -> None:
        """A request is over: it has expired, or the broker gave it up."""
        why = headers.get("Description", "")
        if status == _GONE or why.lower() in _DELETED:
            self._broken = why or "no such consumer"
            self._wake.set()
            return
        self._owed = max(0, self._owed - int(headers.get("Nats-Pending-Messages", self._owed)))
        if self._owed <= self._most // 2:
            await self._ask(self._most - self._owed)

    async def _listen(self) -> None:
        """A request whose heartbeats stop is lost."""
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            if self._bus.is_connected and time.monotonic() - self._heard_at > MISSED * HEARTBEAT_S:
                self._broken = f"the broker has been silent for {MISSED * HEARTBEAT_S:g} s"
                self._wake.set()
