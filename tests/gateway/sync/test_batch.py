"""The batch profile: many dossiers a call, and one bad one hurts nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.sync.settings import SyncSettings
from tests.gateway.sync.province import code_of, history, settings_for, status_event, syncing
from tests.gateway.sync.test_sending import REFUSED, refusing
from tests.gateway.sync.wire import Fault, WirePortal

pytestmark = pytest.mark.anyio

MANY = range(1, 41)


@pytest.fixture
def settings(portal: WirePortal, tmp_path: Path) -> SyncSettings:
    portal.max_dossiers, portal.max_rows = 20, 50
    return batching(portal, tmp_path)


def batching(portal: WirePortal, tmp_path: Path, **changes: Any) -> SyncSettings:
    url = f"sqlite:///{tmp_path / 'sync.db'}"
    return settings_for(portal.url, url, profile="batch", batch_dossiers=20, batch_rows=50, **changes)


def calls_of(portal: WirePortal, verb: str) -> list[int]:
    return [len(call["data"]) for call in portal.calls if call["service"] == verb]


async def test_what_waits_together_goes_together(portal: WirePortal, settings: SyncSettings) -> None:
    async with syncing(settings) as sync:
        await sync.hear(*(event for number in MANY for event in history(code_of(number), 2, 4, 9)))
        await sync.drained()
        assert {code: held.statuses for code, held in portal.dossiers.items()} == {
            code_of(number): [2, 4, 9] for number in MANY
        }
        assert len(calls_of(portal, "DongBoHoSoMC")) <= 4
        assert sum(calls_of(portal, "CapNhatTienDoHoSoMC")) == 120
        assert len(calls_of(portal, "CapNhatTienDoHoSoMC")) <= 6
        assert len(await sync.announced()) >= 40


async def test_creates_and_updates_are_calls_of_their_own(portal: WirePortal, settings: SyncSettings) -> None:
    async with syncing(settings) as sync:
        await sync.hear(*(status_event(code_of(number), 1, 2) for number in range(1, 6)))
        await sync.drained()
        portal.calls.clear()
        await sync.commit(
            *(status_event(code_of(number), 2, 4) for number in range(1, 6)),
            *(status_event(code_of(number), 1, 2) for number in range(6, 11)),
        )
        await sync.drained()
        upserts = [(call["isUpdating"], len(call["data"])) for call in portal.calls if "isUpdating" in call]
        assert upserts == [("False", 5), ("True", 5)]
        assert [held.statuses for held in portal.dossiers.values()] == [[2, 4]] * 5 + [[2]] * 5


async def test_a_dossier_with_more_rows_than_a_call_takes_stays_in_order(
    portal: WirePortal, settings: SyncSettings
) -> None:
    long = [2, *[4, 5] * 60]
    async with syncing(settings) as sync:
        await sync.hear(*(event for number in (1, 2, 3) for event in history(code_of(number), *long)))
        await sync.drained()
        assert [held.statuses for held in portal.dossiers.values()] == [long] * 3
        assert max(calls_of(portal, "CapNhatTienDoHoSoMC")) == 50


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("status", [None, "4"])
async def test_a_bad_dossier_hurts_nobody_else(
    portal: WirePortal, settings: SyncSettings, named: bool, status: str | None
) -> None:
    bad = code_of(7)
    portal.refuses = refusing(bad, status)  # type: ignore[assignment]
    portal.names_the_bad = named
    async with syncing(settings) as sync:
        await sync.hear(*(event for number in MANY for event in history(code_of(number), 2, 4)))
        await sync.drained()
        held = {code: dossier.statuses for code, dossier in portal.dossiers.items()}
        assert held.pop(bad, []) == ([] if status is None else [2])
        assert held == {code_of(number): [2, 4] for number in MANY if number != 7}
        refused = [key for kind, key, _, _ in await sync.announced() if kind == REFUSED]
        assert refused == [bad]
        assert sync.engine.lanes.parked == 1


@pytest.mark.parametrize("fault", list(Fault))
async def test_every_fault_costs_a_retry_and_nothing_else(
    portal: WirePortal, settings: SyncSettings, fault: Fault
) -> None:
    portal.script.extend([fault, None, fault, None, None, fault])
    async with syncing(settings) as sync:
        await sync.hear(*(event for number in MANY for event in history(code_of(number), 2, 4)))
        await sync.drained()
        assert {code: held.statuses for code, held in portal.dossiers.items()} == {
            code_of(number): [2, 4] for number in MANY
        }
        assert REFUSED not in [event[0] for event in await sync.announced()]


async def test_dossiers_the_portal_has_lost_are_created_again(portal: WirePortal, settings: SyncSettings) -> None:
    async with syncing(settings) as sync:
        await sync.hear(*(status_event(code_of(number), 1, 2) for number in range(1, 6)))
        await sync.drained()
        for number in (2, 4):
            del portal.dossiers[code_of(number)]
        await sync.hear(
            *(status_event(code_of(number), 2, 2 if number in (2, 4) else 4) for number in range(1, 6))
        )
        await sync.drained()
        assert sorted((code, held.statuses) for code, held in portal.dossiers.items()) == [
            (code_of(number), [2] if number in (2, 4) else [2, 4]) for number in range(1, 6)
        ]


async def test_one_alone_is_sent_at_once(portal: WirePortal, tmp_path: Path) -> None:
    async with syncing(batching(portal, tmp_path)) as sync:
        await sync.hear(status_event(code_of(1), 1, 2))
        await sync.drained()
        assert portal.verbs() == ["DongBoHoSoMC", "CapNhatTienDoHoSoMC"]
