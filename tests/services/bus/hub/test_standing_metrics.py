"""The hub's figures of links: those that matter most where a foreign member brings more than can be shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from prometheus_client import REGISTRY

from services.bus.hub.ledger.ledger import Ledger
from services.bus.hub.ledger.names import LinkName
from services.bus.hub.ledger.standing import ConsumerState
from services.bus.hub.settings import HubSettings
from services.bus.hub.standing_metrics import MOST_LINKS, Standing
from services.bus.kit.clock import SystemClock

pytestmark = pytest.mark.anyio

NOW = datetime(2023, 3, 1, tzinfo=UTC)


def shown(name: str) -> dict[str, float]:
    """By link."""
    [family] = [each for each in REGISTRY.collect() if each.name == name]
    return {sample.labels["link"]: sample.value for sample in family.samples}


async def test_of_too_many_links_the_oldest_are_shown(tmp_path: Path) -> None:
    ledger = Ledger(HubSettings(data_dir=tmp_path), SystemClock())
    links = {LinkName("them", f"type-{number:04d}", "c"): NOW - timedelta(seconds=number) for number in range(400)}
    ledger.standings.consumers = {"c": ConsumerState("c", ("axis.>",), 400, 0, links)}
    ledger.standings.broker_asked_at = NOW
    ledger.links = {1: LinkName("them", "gone", "nobody")}
    service = cast("Any", SimpleNamespace(clock=SimpleNamespace(now=lambda: NOW)))
    await Standing(ledger).of_links(service)
    ages = shown("truc_link_oldest_seconds")
    assert len(ages) == MOST_LINKS
    assert ages["them:type-0399:c"] == 399 and min(ages.values()) == 100
    assert "them:gone:nobody" not in ages, "a consumer that is no more holds nothing"
    ledger.standings.consumers = {"c": ConsumerState("c", ("axis.>",), 0, 0, {})}
    await Standing(ledger).of_links(service)
    assert shown("truc_link_oldest_seconds") == {}
