"""The portal is away: exactly one call finds out when it is back, and then everything goes at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.sync.settings import SyncSettings
from services.bus.kit.breaker import BreakerState
from services.bus.kit.testing import free_port
from tests.gateway.sync.province import Sync, code_of, eventually, history, settings_for, status_event, syncing
from tests.gateway.sync.wire import Fault, WirePortal, wire_portal

pytestmark = pytest.mark.anyio

OpensSettings = Callable[..., SyncSettings]


@pytest.fixture
def settings(portal: WirePortal, tmp_path: Path) -> OpensSettings:
    url = f"sqlite:///{tmp_path / 'sync.db'}"
    return lambda **changes: settings_for(portal.url, url, **{"retry_longest_s": 1.0, **changes})


async def opened(sync: Sync, portal: WirePortal) -> None:
    """Send into the outage until the breaker has noticed."""
    portal.away = True
    await sync.hear(*(status_event(code_of(number), 1, 2) for number in range(50)))
    await eventually(lambda: sync.engine.client.breaker.state is BreakerState.OPEN)


@pytest.mark.parametrize("profile", ["strict", "batch"])
async def test_after_an_outage_everything_goes_at_once(
    portal: WirePortal, settings: OpensSettings, profile: str
) -> None:
    portal.max_dossiers, portal.max_rows = 50, 200
    async with syncing(settings(profile=profile, probe_longest_s=0.2)) as sync:
        await opened(sync, portal)
        for version, status in ((2, 4), (3, 9)):
            await sync.hear(*(status_event(code_of(number), version, status) for number in range(50)))
        portal.away = False
        returned = time.monotonic()
        await sync.drained()
        assert time.monotonic() - returned < 5
        assert [held.statuses for held in portal.dossiers.values()] == [[2, 4, 9]] * 50
        assert sync.engine.lanes.backlog == 0


async def test_while_it_is_away_probes_are_single_and_few(portal: WirePortal, settings: OpensSettings) -> None:
    async with syncing(settings(probe_longest_s=0.1)) as sync:
        await opened(sync, portal)
        counters = sync.engine.client.breaker.counters
        probes, admitted = counters.probes, counters.admitted
        await eventually(lambda: counters.probes >= probes + 5)
        assert counters.admitted - admitted == counters.probes - probes


async def test_an_outage_makes_no_dead_letters_however_long_it_lasts(
    portal: WirePortal, settings: OpensSettings
) -> None:
    """A maintenance page is an answer with status 200 to everything: nobody's content is to blame."""
    portal.script.extend([Fault.HTML] * 40)
    async with syncing(settings(fault_limit=6, probe_longest_s=0.02, retry_longest_s=0.02)) as sync:
        await sync.hear(*history(code_of(1), 2, 4))
        await sync.drained(30)
        assert portal.dossiers[code_of(1)].statuses == [2, 4]
        assert sync.engine.lanes.parked == 0


async def test_a_portal_that_was_never_there_is_waited_for(tmp_path: Path) -> None:
    port = free_port()
    settings = settings_for(f"http://127.0.0.1:{port}", f"sqlite:///{tmp_path / 'sync.db'}")
    async with syncing(settings) as sync:
        await sync.hear(status_event(code_of(1), 1, 2))
        await eventually(lambda: sync.engine.client.breaker.counters.failed > 0)
        async with wire_portal(port) as portal:
            await sync.drained()
            assert portal.dossiers[code_of(1)].statuses == [2]


async def test_a_wrong_password_blames_nobody_and_does_not_hammer(
    portal: WirePortal, settings: OpensSettings
) -> None:
    portal.password = "changed"
    async with syncing(settings()) as sync:
        await sync.hear(*(status_event(code_of(number), 1, 2) for number in range(20)))
        await eventually(lambda: portal.logins == 1)
        portal.password = "secret"
        await sync.drained()
        assert portal.logins == 2
        assert len(portal.dossiers) == 20
        assert sync.engine.lanes.parked == 0
