"""Receipts become records, records become roll-ups: each once, in the second it belongs to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from contracts.envelope import EventData
from contracts.events.portal import StatusAcknowledged, StatusRefused, SyncedStep
from contracts.status import DossierStatus
from services.bus.hub.ledger import queries
from services.bus.hub.ledger.agreed import agreed
from services.bus.hub.ledger.entries import entries_in
from services.bus.hub.ledger.ledger import Ledger
from services.bus.hub.ledger.models import ROLLUPS, Record, SecondRow
from services.bus.hub.ledger.recording import TakeReceipts, record_acknowledged
from services.bus.hub.ledger.rolling import Forget, RollUp, RollUpParts, forget_records
from services.bus.hub.ledger.standing import ConsumerState
from services.bus.kit.clock import FixedClock
from services.bus.kit.store import Store
from services.bus.kit.tx import Tx
from tests.services.bus.hub.ledger.conftest import NOW, receipt, seconds

pytestmark = pytest.mark.anyio

SLUG = "dossier:dossier.status-changed:sync-dossiers"
PORTAL = "dossier:dossier.status-changed:portal:CapNhatTienDoHoSoMC"
NOTHING: dict[str, Any] = {"owed": [], "held": []}


async def take(store: Store, ledger: Ledger, *receipts: dict[str, Any], process: str = "sync") -> int:
    return await store.write(TakeReceipts(ledger.numbers, process, receipts, NOTHING, ledger.clock.now()))


async def roll_up(store: Store, ledger: Ledger) -> int:
    rows, _ = await store.write(RollUp(ledger.numbers, ledger.clock.now()))
    await store.write(RollUpParts(ledger.numbers, ledger.clock.now()))
    return rows


async def told(store: Store, ledger: Ledger, slug: str = SLUG, window: str = "1h") -> Any:
    return await store.read(lambda tx: queries.link(tx, ledger, slug, window, ledger.clock.now()))


def everything(tx: Tx) -> dict[str, list[Any]]:
    return {
        span: tx.execute(select(table.__table__).order_by(table.series_id, table.at)).all()
        for span, table in ROLLUPS.items()
    }


async def test_every_hop_is_the_difference_of_two_stored_times(store: Store, ledger: Ledger) -> None:
    assert await take(store, ledger, receipt(1, NOW - seconds(5), ms=(20, 300, 4000), count=3)) == 3
    assert await roll_up(store, ledger) == 3
    link = await told(store, ledger)
    exact = {hop.hop: hop.durations.max_ms for hop in link.hops}
    assert exact == {"publish": 20, "broker": 300, "lane": 4000, "total": 4320}
    assert (link.total.count, link.total.mean_ms) == (3, 4320)
    assert link.total.p50_ms == pytest.approx(4320, rel=0.05)
    assert [part.code for part in link.agencies] == ["H08.31.22"]
    assert [part.code for part in link.procedures] == ["1.001570"]
    assert link.agencies[0].total == link.total


async def test_a_repeated_receipt_changes_nothing(store: Store, ledger: Ledger) -> None:
    page = [receipt(number, NOW - seconds(20 - number)) for number in range(1, 6)]
    assert await take(store, ledger, *page) == 5
    await roll_up(store, ledger)
    before = await store.read(everything)
    assert await take(store, ledger, *page) == 0
    assert await take(store, ledger, *page[2:], receipt(6, NOW)) == 1
    assert await roll_up(store, ledger) == 1
    assert await roll_up(store, ledger) == 0
    assert (await told(store, ledger)).total.count == 6
    assert before != await store.read(everything)


async def test_two_processes_have_positions_of_their_own(store: Store, ledger: Ledger) -> None:
    await take(store, ledger, receipt(7, NOW), process="sync")
    assert await take(store, ledger, receipt(1, NOW, consumer="civil-tasks"), process="civil") == 1


async def test_rolled_up_in_pieces_or_at_once_is_the_same(store: Store, ledger: Ledger) -> None:
    page = [receipt(number, NOW - seconds(number * 7), ms=(number, 2, 3)) for number in range(1, 40)]
    for each in page:
        await take(store, ledger, each, process=str(each["id"]))
        await roll_up(store, ledger)
    one_by_one = await told(store, ledger)
    assert one_by_one.total.count == 39
    minutes = await store.read(lambda tx: tx.execute(select(func.sum(ROLLUPS["minute"].count))).scalar())
    hours = await store.read(lambda tx: tx.execute(select(func.sum(ROLLUPS["hour"].count))).scalar())
    assert minutes == hours
    assert one_by_one.total.max_ms == 44


async def test_a_hub_that_was_down_for_an_hour_has_the_figures_of_that_hour(
    store: Store, ledger: Ledger, clock: FixedClock
) -> None:
    """Two hubs: one was there all the time, one comes an hour later. Their minutes and hours are the same."""
    page = [receipt(number, NOW + seconds(number * 40), ms=(number, 1, 1)) for number in range(1, 90)]
    clock.advance(timedelta(hours=1))
    await take(store, ledger, *page)
    while await roll_up(store, ledger):
        pass
    start, end = NOW, NOW + timedelta(hours=1)
    found = await store.read(lambda tx: queries.link_series(tx, ledger, SLUG, "total", "minute", start, end))
    truth: dict[datetime, list[int]] = {}
    for number in range(1, 90):
        at = NOW + seconds(number * 40)
        truth.setdefault(at.replace(second=0), []).append(number + 2)
    assert {each.at: (each.durations.count, each.durations.max_ms) for each in found.moments} == {
        at: (len(values), max(values)) for at, values in truth.items()
    }
    assert [each.at for each in found.moments] == sorted(truth)


async def test_seconds_that_would_be_deleted_again_are_not_written(store: Store, ledger: Ledger) -> None:
    await take(store, ledger, receipt(1, NOW - timedelta(hours=2)))
    await roll_up(store, ledger)
    rows = await store.read(lambda tx: {span: len(found) for span, found in everything(tx).items()})
    assert rows["second"] == 0
    assert rows["minute"] > 0 and rows["hour"] > 0


async def test_skew_and_missing_times_are_counted_apart(store: Store, ledger: Ledger) -> None:
    undated = receipt(2, NOW)
    undated["events"][0][3] = None
    await take(store, ledger, receipt(1, NOW, ms=(-500, 2, 3)), undated, receipt(3, NOW))
    await roll_up(store, ledger)
    link = await told(store, ledger)
    publish = next(hop.durations for hop in link.hops if hop.hop == "publish")
    assert (publish.count, publish.skewed, publish.max_ms) == (1, 1, 2)
    assert (link.total.count, link.total.skewed) == (1, 2)


async def test_outcomes_that_are_no_delivery_are_only_counted(store: Store, ledger: Ledger) -> None:
    await take(store, ledger, *(receipt(1 + outcome, NOW, outcome=outcome) for outcome in range(5)))
    await roll_up(store, ledger)
    link = await told(store, ledger)
    assert (link.total.count, link.duplicates, link.dead_letters, link.discarded) == (1, 1, 1, 1)


def acknowledged(code: str, at: datetime, *, attempts: int = 1, late: float = 0.1) -> StatusAcknowledged:
    step = SyncedStep(
        version=1,
        status=DossierStatus.RECEIVED,
        committed_at=at - seconds(late + 0.004),
        published_at=at - seconds(late + 0.003),
        received_at=at - seconds(late + 0.002),
        first_sent_at=at - seconds(late),
        sent_at=at - seconds(0.02),
        acknowledged_at=at,
        attempts=attempts,
        trouble="away" if attempts > 1 else None,
    )
    return StatusAcknowledged(
        code=code, procedure_code="1.001570", receiving_agency="H08", profile="strict", steps=(step,)
    )


async def hear(store: Store, ledger: Ledger, *told: EventData) -> int:
    entries = [
        entry for each in told for entry in entries_in(each.cloudevents_type(), each.model_dump(mode="json"))
    ]
    return await store.write(lambda tx: record_acknowledged(tx, ledger.numbers, entries, ledger.clock.now()))


async def test_the_way_to_the_portal_has_its_errors_and_its_call(store: Store, ledger: Ledger) -> None:
    late = acknowledged("H08-230115-0001", NOW, attempts=4, late=41)
    assert await hear(store, ledger, late) == 1
    assert await hear(store, ledger, late, late) == 0, "sync's relay may say it again, whenever"
    refused = StatusRefused(
        code="H08-230115-0002", step_version=2, status=DossierStatus.RECEIVED, verb="DongBoHoSoMC",
        error_code="-1", reason="x", attempts=1, at=NOW,
    )  # fmt: skip
    assert await hear(store, ledger, refused) == 1
    assert await hear(store, ledger, refused) == 0
    assert await roll_up(store, ledger) == 2
    link = await told(store, ledger, PORTAL)
    exact = {hop.hop: hop.durations.max_ms for hop in link.hops}
    assert exact == {"publish": 1, "broker": 1, "lane": 2, "errors": 40_980, "call": 20, "total": 41_004}
    assert (link.verb, link.retries) == ("CapNhatTienDoHoSoMC", 3)
    assert (await told(store, ledger, PORTAL.replace("CapNhatTienDoHoSoMC", "DongBoHoSoMC"))).dead_letters == 1
    found = await store.read(lambda tx: queries.dossier(tx, "H08-230115-0001"))
    [record] = found.items
    assert record.why_en == "late 41 s: 41 s portal errors (3 times: 502, 503, 504)"
    levels = await store.read(lambda tx: agreed(tx, ledger, NOW))
    [level] = [each for each in levels.items if each.id == "status-on-portal"]
    assert (level.events, level.bad, level.counted_s) == (2, 1, pytest.approx(60))


async def test_a_batch_that_is_rolled_back_leaves_no_number_behind(store: Store, ledger: Ledger) -> None:
    def fails(tx: Tx) -> None:
        TakeReceipts(ledger.numbers, "sync", [receipt(1, NOW)], NOTHING, NOW)(tx)
        raise RuntimeError("away")

    with pytest.raises(RuntimeError):
        await store.write(fails)
    assert await take(store, ledger, receipt(1, NOW)) == 1
    await roll_up(store, ledger)
    assert (await told(store, ledger)).total.count == 1


async def test_what_is_old_goes_and_what_is_not_counted_stays(
    store: Store, ledger: Ledger, clock: FixedClock
) -> None:
    await take(store, ledger, receipt(1, NOW))
    await roll_up(store, ledger)
    await take(store, ledger, receipt(2, NOW))
    clock.advance(timedelta(days=8))
    assert await store.write(Forget(0, clock.now())) is None
    assert await store.write(forget_records(clock.now())) == 1

    def left(tx: Tx) -> tuple[int, int, int]:
        rows = everything(tx)
        records = tx.scalar(select(func.count()).select_from(Record)) or 0
        seconds_left = tx.scalar(select(func.count()).select_from(SecondRow)) or 0
        return records, seconds_left, len(rows["hour"])

    records, seconds_left, hours = await store.read(left)
    assert (records, seconds_left) == (1, 0) and hours > 0
    await roll_up(store, ledger)
    assert await store.write(forget_records(clock.now())) == 1
    assert (await store.read(left))[0] == 0
    assert (await store.read(lambda tx: queries.link_series(
        tx, ledger, SLUG, "total", "hour", NOW - timedelta(days=1), clock.now()
    ))).moments[0].durations.count == 2  # fmt: skip


async def test_a_link_whose_consumer_is_gone_goes_with_its_last_figures(
    store: Store, ledger: Ledger, clock: FixedClock
) -> None:
    async def shown() -> list[str]:
        found = await store.read(lambda tx: queries.links(tx, ledger, "5m", clock.now()))
        return [each.consumer for each in found.items]

    await take(store, ledger, receipt(1, NOW))
    await roll_up(store, ledger)
    ledger.standings.broker_asked_at = NOW
    assert await shown() == ["sync-dossiers"]
    clock.advance(timedelta(minutes=10))
    assert await shown() == []
    ledger.standings.consumers["sync-dossiers"] = ConsumerState("sync-dossiers", ("axis.>",), 0, 0, {})
    assert await shown() == ["sync-dossiers"]


async def test_the_age_of_the_oldest_survives_a_restart(store: Store, ledger: Ledger) -> None:
    owed = {
        "subject": "axis.dossier.status-changed",
        "type": "vn.truc.dossier.status-changed.v1",
        "source": "/truc/dossier",
        "events": 2,
        "oldest_at": (NOW - seconds(90)).isoformat(),
    }
    command = TakeReceipts(ledger.numbers, "dossier", [receipt(1, NOW)], {"owed": [owed], "held": []}, NOW)
    await store.write(command)
    observes = ledger.settings.model_copy(update={"dossier_url": "http://dossier"})
    again = Ledger(observes, ledger.clock)
    await store.read(again._remember)
    link = await told(store, again)
    assert (link.oldest_s, link.backlog) == (90.0, 2)
    elsewhere = Ledger(ledger.settings, ledger.clock)
    await store.read(elsewhere._remember)
    assert (await told(store, elsewhere)).oldest_s is None, "who is no longer asked owes nothing"
