"""What differs as it is listed, counted by dossier, and ordered to be repaired, one or all."""

from __future__ import annotations

import contextlib
import random
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from contracts.problems import Problem
from gateway.sync.commands.counts import counted
from gateway.sync.commands.differences import AT_ONCE, Found, all_to_repair, note_found, to_repair
from gateway.sync.models import DifferenceCount, Known
from gateway.sync.reconcile.compare import Difference, Kind, Side
from services.bus.kit.testing import TestIssuer
from services.bus.kit.tx import Tx
from tests.gateway.sync.province import Sync, code_of, settings_for, syncing
from tests.gateway.sync.wire import WirePortal

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
A, B, C = code_of(1), code_of(2), code_of(3)


@pytest.fixture
async def sync(
    portal: WirePortal, database_url: str, issuer: TestIssuer, token_for: Callable[..., str]
) -> AsyncIterator[Sync]:
    settings = settings_for(portal.url, database_url, issuer)
    settings.compare_every_s = 0
    async with syncing(settings, token_for("sync:read", "sync:repair")) as sync:
        yield sync


def found(code: str, version: int, side: Side = Side.PORTAL, *, repairable: bool = True) -> Found:
    return Found(Difference(Kind.MISSING, side, code, version, None, repairable, {}), "removed-at-portal")


async def noted(sync: Sync, *found: Found, low: str = "", high: str | None = None, now: datetime = NOW) -> None:
    await sync.service.store.write(lambda tx: note_found(tx, low, high, found, now=now))


async def got(sync: Sync, path: str, **query: Any) -> Any:
    answer = await sync.client.get(f"/v1/reconciliation{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_dossiers_are_counted_once_however_much_of_them_differs(sync: Sync) -> None:
    await noted(sync, found(A, 1), found(A, 2), found(B, 1), found(C, 1, Side.AXIS))
    state = await got(sync, "")
    assert (state["open"], state["dossiers"]) == (4, 3)
    assert state["dossiers_by_side"] == {"portal": 2, "axis": 1}
    await noted(sync)
    state = await got(sync, "")
    assert (state["open"], state["dossiers"], state["dossiers_by_side"]) == (0, 0, {})


async def test_the_counts_are_those_a_recount_finds_after_any_history(sync: Sync) -> None:
    chance = random.Random(7)
    codes = [code_of(number) for number in range(1, 9)]
    for turn in range(120):
        now = NOW + timedelta(seconds=turn)
        match chance.randrange(4):
            case 0:
                await sync.service.store.write(lambda tx, now=now: all_to_repair(tx, by="operator:an", now=now))
            case 1 if shown := (await got(sync, "/differences"))["items"]:
                one = chance.choice([each["id"] for each in shown])
                with contextlib.suppress(Problem):  # it is no more, or cannot be repaired
                    await sync.service.store.write(lambda tx, id=one, now=now: to_repair(tx, id, by="an", now=now))
            case _:
                low, high = sorted(chance.sample([*codes, ""], 2))
                within = [code for code in codes if low <= code < high]
                some = {
                    (chance.choice(within), chance.randint(1, 3), chance.choice(list(Side)), chance.random() < 0.7)
                    for _ in range(chance.randrange(6) if within else 0)
                }
                distinct = {each[:3]: each for each in some}.values()
                rows = [found(code, version, side, repairable=well) for code, version, side, well in distinct]
                await noted(sync, *rows, low=low, high=high, now=now)
        kept, recounted = await sync.service.store.read(counts_and_recount)
        assert kept == recounted, turn


def counts_and_recount(tx: Tx) -> tuple[dict[str, int], dict[str, int]]:
    kept = {row.what: row.number for row in tx.scalars(select(DifferenceCount)) if row.number}
    recounted = counted(tx.scalars(select(Known)))
    return kept, {what: number for what, number in recounted.items() if number}


async def test_all_that_can_be_is_ordered_at_once_in_the_name_of_who_asked(sync: Sync) -> None:
    hopeless = found(C, 1, repairable=False)
    await noted(sync, found(A, 1), found(A, 2), found(B, 1), hopeless)
    answer = await sync.client.post("/v1/reconciliation/differences/repair", headers={"Idempotency-Key": "one"})
    assert (answer.status_code, answer.json()) == (202, {"dossiers": 2, "left": 0})
    repairing = (await got(sync, "/differences", state="repairing"))["items"]
    assert sorted(each["code"] for each in repairing) == [A, A, B]
    assert len({each["repair_by"] for each in repairing}) == 1 and repairing[0]["repair_at"]
    assert [each["code"] for each in (await got(sync, "/differences", state="open"))["items"]] == [C]
    again = await sync.client.post("/v1/reconciliation/differences/repair", headers={"Idempotency-Key": "one"})
    assert again.json() == answer.json()
    more = await sync.client.post("/v1/reconciliation/differences/repair")
    assert more.json() == {"dossiers": 0, "left": 0}


async def test_one_order_takes_so_many_and_the_axis_side_of_a_dossier(sync: Sync) -> None:
    many = [found(code_of(number), 1) for number in range(2, AT_ONCE + 4)]
    await noted(sync, found(A, 1), found(A, 2, Side.AXIS), *many)
    taken, order = await sync.service.store.write(lambda tx: all_to_repair(tx, by="operator:an", now=NOW))
    assert (order.dossiers, order.left) == (AT_ONCE, 3)
    assert len(taken) == AT_ONCE and (taken[0].code, taken[0].side) == (A, "axis")


async def test_what_is_no_more_comes_newest_first_page_by_page(sync: Sync) -> None:
    codes = [code_of(number) for number in range(1, 6)]
    await noted(sync, *(found(code, 1) for code in codes))
    for place, code in enumerate(codes):
        later = NOW + timedelta(seconds=place // 2)
        await noted(sync, low=code, high=f"{code}~", now=later)
    shown: list[dict[str, Any]] = []
    cursor = None
    while cursor is not None or not shown:
        page = await got(sync, "/differences", state="gone", limit=2, **({"cursor": cursor} if cursor else {}))
        shown += page["items"]
        cursor = page["next_cursor"]
    assert sorted(each["code"] for each in shown) == codes
    times = [each["closed_at"] for each in shown]
    assert times == sorted(times, reverse=True) and len(set(times)) == 3


async def test_whoever_watches_the_figures_sees_what_differs_now(sync: Sync) -> None:
    async def told() -> dict[str, float]:
        sync.service.scraping._looked_at = 0.0
        lines = (await sync.client.get("/metrics")).text.splitlines()
        series = (line.rpartition(" ") for line in lines if line.startswith("truc_reconciliation_differences{"))
        return {name.split('"')[1]: float(value) for name, _, value in series}

    await noted(sync, found(A, 1), found(A, 2), found(B, 1))
    assert await told() == {kind.value: 3 if kind is Kind.MISSING else 0 for kind in Kind}
    await noted(sync)
    assert set((await told()).values()) == {0}


@pytest.mark.parametrize("cursor", ["x", "WzFd", "WzkyMjMzNzIwMzY4NTQ3NzU4MDcsImEiXQ"])
async def test_a_cursor_of_somebody_else_is_refused(sync: Sync, cursor: str) -> None:
    answer = await sync.client.get(
        "/v1/reconciliation/differences", params={"state": "repaired", "cursor": cursor}
    )
    assert answer.status_code == 400 or answer.status_code == 422, answer.text
