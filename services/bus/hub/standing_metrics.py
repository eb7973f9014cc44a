"""What the hub knows and nobody else can show: how every link, the broker and the service levels stand.

Looked up when somebody scrapes the hub; read from what the ledger has heard, never asked of a process anew.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import Final

import orjson
from prometheus_client import Gauge

from services.bus.hub.ledger.agreed import agreed
from services.bus.hub.ledger.ledger import Ledger
from services.bus.hub.ledger.names import PORTAL, LinkName
from services.bus.hub.ledger.trend import Trend
from services.bus.kit.bus import STREAM
from services.bus.kit.service import Service

MOST_LINKS: Final = 300
"""A foreign member names its events as it likes: of more links, those with the oldest waiting thing are shown."""
LEVELS_EVERY_S: Final = 30.0
"""Counting 30 days takes some milliseconds."""
TRENDS: Final = {"improving": 0, "steady": 1, "worsening": 2, "stalled": 3}

_oldest = Gauge("truc_link_oldest_seconds", "Age of the oldest event not acknowledged; 0 if none waits", ("link",))
_backlog = Gauge("truc_link_backlog_events", "Events its consumer has not acknowledged, of all types", ("link",))
_held = Gauge("truc_link_held_events", "Events held back behind a gap", ("link",))
_dead = Gauge("truc_link_dead_events", "Dead letters that lie there now", ("link",))
_trend = Gauge("truc_link_trend", "0 improving, 1 steady, 2 worsening, 3 stalled", ("link",))
_heard = Gauge("truc_ledger_heard_seconds", "How long ago the ledger last heard a process", ("of",))
_left = Gauge("truc_service_level_budget_left", "Share of the error budget that is left", ("level",))
_up = Gauge("truc_broker_up", "1 if the broker told of the stream of the axis when it was asked")
_bytes = Gauge("truc_broker_stream_bytes", "What the stream takes on the broker's disk")
_messages = Gauge("truc_broker_stream_messages", "Events the stream keeps")
_since = Gauge("truc_broker_stream_oldest_seconds", "Age of the oldest event it keeps")
_pending = Gauge("truc_broker_consumer_pending", "Events a consumer has not acknowledged", ("consumer",))
_again = Gauge("truc_broker_consumer_redelivered", "Of those, given to it more than once", ("consumer",))


class Standing:
    """The look-ups of the hub."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._levels_at = 0.0

    async def of_links(self, service: Service) -> None:
        """Every link on which anything ever went or waits."""
        ledger, now = self._ledger, service.clock.now()
        for gauge in (_oldest, _backlog, _held, _dead, _trend, _heard):
            gauge.clear()
        standings = ledger.standings
        shown = []
        for link in {*ledger.links.values(), *standings.links()}:
            if not self._is_gone(link):
                waiting = standings.of(link)
                age = 0.0 if waiting.oldest_at is None else (now - waiting.oldest_at).total_seconds()
                shown.append((max(age, 0.0), link, waiting))
        shown.sort(key=lambda each: (-each[0], each[1].slug))
        for age, link, waiting in shown[:MOST_LINKS]:
            _oldest.labels(link.slug).set(age)
            _backlog.labels(link.slug).set(waiting.backlog)
            _held.labels(link.slug).set(waiting.held)
            _dead.labels(link.slug).set(waiting.dead)
            _trend.labels(link.slug).set(TRENDS[ledger.trends.get(link, Trend()).verdict])
        for process, (_, heard_at) in standings.processes.items():
            _heard.labels(process).set(max((now - heard_at).total_seconds(), 0.0))

    def _is_gone(self, link: LinkName) -> bool:
        standings = self._ledger.standings
        asked = standings.broker_asked_at is not None
        return asked and link.consumer != PORTAL and link.consumer not in standings.consumers

    async def of_broker(self, service: Service) -> None:
        """The stream, and every durable consumer on it."""
        _up.set(0)
        for gauge in (_bytes, _messages, _since):
            gauge.set(float("nan"))
        for family in (_pending, _again):
            family.clear()
        for name, state in self._ledger.standings.consumers.items():
            _pending.labels(name).set(state.backlog)
            _again.labels(name).set(state.redelivered)
        if not service.bus.is_connected:
            return
        answer = await service.bus.nc.request(f"$JS.API.STREAM.INFO.{STREAM}", b"", timeout=2)
        told = orjson.loads(answer.data)["state"]
        _bytes.set(told["bytes"])
        _messages.set(told["messages"])
        if told["messages"]:
            oldest_at = datetime.fromisoformat(told["first_ts"])
            _since.set(max((service.clock.now() - oldest_at).total_seconds(), 0.0))
        _up.set(1)

    async def of_levels(self, service: Service) -> None:
        """What is left of each error budget."""
        if time.monotonic() - self._levels_at < LEVELS_EVERY_S:
            return
        _left.clear()
        ledger, now = self._ledger, service.clock.now()
        for level in (await service.store.read(lambda tx: agreed(tx, ledger, now))).items:
            _left.labels(level.id).set(1.0 if level.left is None else level.left)
        self._levels_at = time.monotonic()

    def add_to(self, service: Service) -> None:
        """From now on."""
        service.scraping.looks += [self.of_links, self.of_broker, self.of_levels]
