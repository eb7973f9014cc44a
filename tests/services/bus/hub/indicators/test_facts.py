"""From events to facts: whatever the order, however often; and the counts are those of the facts."""

from __future__ import annotations

import random
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from contracts.catalogue.indicators import DossierSet
from contracts.envelope import Event
from contracts.status import Channel
from services.bus.hub.indicators import facts
from services.bus.hub.indicators.counts import purge, recount
from services.bus.hub.indicators.models import MONTH, YEAR, CheckFacts, Count, DossierFacts
from services.bus.hub.indicators.sets import BITS, PROCEDURE, Mask, kept_masks
from services.bus.hub.models import metadata
from services.bus.kit.store import Store
from services.bus.kit.tx import Tx
from tests.services.bus.hub.indicators.telling import (
    BIRTH,
    DAY,
    HOUR,
    MONDAY,
    acknowledgement,
    asked,
    checked,
    fee,
    issued,
    paper,
    step,
    tell,
    verification,
)

pytestmark = pytest.mark.anyio

CODE = "H08.31.21-230508-0001"
OTHER = "H08.31.21-230508-0002"
DUE = MONDAY + DAY


def course_of_events() -> list[Event]:
    """Two dossiers and all that is said of them."""
    birth: dict[str, Any] = {
        "procedure_code": BIRTH,
        "channel": Channel.ONLINE,
        "submitted_at": MONDAY,
    }
    received = {**birth, "received_at": MONDAY + HOUR, "due_at": DUE}
    asked_once = {**received, "supplements": (asked(MONDAY + 2 * HOUR),)}
    answered = {**received, "supplements": (asked(MONDAY + 2 * HOUR, MONDAY + 5 * HOUR, moved=False),)}
    done = {
        **answered,
        "attachments": (paper(digitised=True), paper(reused=True)),
        "results": (paper(),),
        "completed_at": DUE + 2 * HOUR,
        "verification": "matched",
    }
    copy: dict[str, Any] = {"received_at": MONDAY, "due_at": DUE, "fees": (fee(2000, online=True),)}
    return [
        step(CODE, 1, 1, MONDAY, **birth),
        step(CODE, 2, 2, MONDAY + HOUR, **received),
        step(CODE, 3, 5, MONDAY + 2 * HOUR, **asked_once),
        step(CODE, 4, 2, MONDAY + 5 * HOUR, **answered),
        step(CODE, 5, 9, DUE + 2 * HOUR, **done),
        step(CODE, 6, 10, DUE + 3 * HOUR, **done, returned_at=DUE + 3 * HOUR),
        verification(CODE),
        acknowledgement(CODE, 1, 1),
        acknowledgement(CODE, 2, 2, 5, 2),
        acknowledgement(CODE, 3, 9, 10),
        issued(CODE),
        step(OTHER, 1, 2, MONDAY, **copy),
        step(OTHER, 2, 4, MONDAY + HOUR, **copy),
        step(OTHER, 3, 8, MONDAY + 2 * HOUR, **copy),
        step(OTHER, 4, 4, MONDAY + 3 * HOUR, **copy),
        verification(OTHER, "not_found"),
        acknowledgement(OTHER, 1, 2),
        checked(MONDAY, (CODE, "identity_check", "online", "matched")),
        checked(
            MONDAY + DAY,
            (CODE, "identity_check", "direct", "matched"),
            (OTHER, "household_confirmation", "direct", "mismatched"),
        ),
    ]


EVENTS = course_of_events()


def facts_in(tx: Tx) -> tuple[Any, ...]:
    """All there is, in plain values. Counts that have come to nothing are not there."""
    columns = list(DossierFacts.__table__.columns)
    dossiers = [tuple(row) for row in tx.execute(select(*columns).order_by(DossierFacts.code))]
    checks = tx.execute(select(CheckFacts.dossier, CheckFacts.flags, CheckFacts.checked_on))
    return dossiers, sorted(tuple(row) for row in checks), counts_in(tx)


def counts_in(tx: Tx) -> list[tuple[Any, ...]]:
    rows = select(Count.dimension, Count.span, Count.first, Count.key, Count.flags, Count.rows)
    return sorted(tuple(row) for row in tx.execute(rows.where(Count.rows != 0)))


def sets_of(flags: int) -> set[str]:
    return {each.value for each, bit in BITS.items() if flags & bit}


async def row_of(store: Store, code: str) -> DossierFacts:
    row = await store.read(lambda tx: tx.get(DossierFacts, code))
    assert row is not None
    return row


async def test_what_is_known_of_a_dossier_in_the_end(store: Store) -> None:
    await tell(store, EVENTS)
    row = await row_of(store, CODE)
    assert (row.version, row.status, row.agency, row.procedure_code) == (6, 10, "H08.31.21", BIRTH)
    assert row.received_on is not None and row.received_on.isoformat() == "2023-05-08"
    assert row.ended_at == DUE + 2 * HOUR
    assert row.waited_s == 3 * 3600
    assert row.synced_at == MONDAY + 2 * HOUR, "acknowledged as submitted is not acknowledged as received"
    assert (row.clock, row.late_after) == (None, None)
    assert sets_of(row.flags) == {
        DossierSet.RECEIVED,
        DossierSet.ONLINE,
        DossierSet.SYNCED,
        DossierSet.ENDED,
        DossierSet.RESOLVED,
        DossierSet.RESULT_REQUIRED,
        DossierSet.RESULT_FILE,
        DossierSet.RESULT_GIVEN,
        DossierSet.SIGNED_RESULT,
        DossierSet.COMPONENT_FILE,
        DossierSet.DIGITISED,
        DossierSet.REUSED,
        DossierSet.FROM_STORE,
        DossierSet.CHECKED,
        DossierSet.VERIFIED,
        DossierSet.PERSON,
        DossierSet.CONNECTED,
    }, "not late: three hours are the citizen's own"
    other = await row_of(store, OTHER)
    assert (other.ended_at, other.clock, other.late_after) == (None, "running", DUE), "resumed: not ended any more"
    assert sets_of(other.flags) == {
        DossierSet.RECEIVED,
        DossierSet.SYNCED,
        DossierSet.RESULT_GIVEN,
        DossierSet.FEE_PROCEDURE,
        DossierSet.OBLIGATION,
        DossierSet.PAID_ONLINE,
        DossierSet.CHECKED,
        DossierSet.PERSON,
    }


async def test_the_counts_are_those_one_gets_by_counting(store: Store) -> None:
    await tell(store, EVENTS, at_once=3)
    kept = await store.read(counts_in)
    await store.write(recount)
    assert await store.read(counts_in) == kept
    received = kept_masks(PROCEDURE).index(Mask.having(DossierSet.RECEIVED))
    for wanted in (MONTH, YEAR):
        told = [(dimension, place, rows) for dimension, span, *_, place, rows in kept if span == wanted]
        assert sum(rows for dimension, place, rows in told if (dimension, place) == (PROCEDURE, received)) == 2
        assert sum(rows for dimension, _, rows in told if dimension == "check") == 3
    await store.write(purge)
    assert await store.read(lambda tx: tx.scalar(select(Count.rows).where(Count.rows == 0))) is None


async def test_any_order_and_any_repetition_gives_the_same_facts(tmp_path: Path) -> None:
    expected: list[Any] = []

    async def facts_of(events: list[Event], at_once: int) -> tuple[Any, ...]:
        folder = tmp_path / f"{random.getrandbits(64):x}"
        async with Store(f"sqlite:///{folder}/hub.db", source="/test") as store:
            store.create_tables(metadata)
            await tell(store, events, at_once=at_once)
            return await store.read(facts_in)

    expected.append(await facts_of(EVENTS, 50))
    rng = random.Random(766)
    for _ in range(12):
        events = EVENTS + rng.sample(EVENTS, rng.randint(0, len(EVENTS)))
        rng.shuffle(events)
        assert await facts_of(events, rng.choice((1, 4, 50))) == expected[0]


async def test_a_shuffled_course_on_each_database(store: Store) -> None:
    shuffled = [*EVENTS, *EVENTS]
    random.Random(1).shuffle(shuffled)
    await tell(store, shuffled, at_once=7)
    row = await row_of(store, CODE)
    assert row.version == 6 and row.signed_results == 1 and row.synced_at == MONDAY + 2 * HOUR
    kept = await store.read(counts_in)
    await store.write(recount)
    assert await store.read(counts_in) == kept


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=6))
def test_sets_say_what_the_fees_say(fees: list[tuple[int, bool]]) -> None:
    row = DossierFacts(code=CODE, **facts.NOTHING)
    told = tuple(fee(amount * 1000, online=online) for amount, online in fees)

    facts.step(row, 1, facts.columns_of(step(CODE, 1, 2, MONDAY, received_at=MONDAY, fees=told).data))
    facts.conclude(row)
    costs = any(amount for amount, _ in fees)
    found = sets_of(row.flags)
    assert ("obligation" in found) == (costs or not fees), "no list: the catalogue's fee; all at 0: nothing to pay"
    assert ("paid_online" in found) == any(online for _, online in fees)


@pytest.mark.parametrize(
    ("status", "received_at", "counts"),
    [
        (1, None, False),
        (2, MONDAY, True),
        (7, None, False),
        (7, MONDAY, True),
        (3, None, False),
        (3, MONDAY, False),
    ],
    ids=["submitted", "received", "withdrawn before", "withdrawn after receipt", "refused", "refused for papers"],
)
def test_what_counts_as_received(status: int, received_at: datetime | None, counts: bool) -> None:
    row = DossierFacts(code=CODE, **facts.NOTHING)
    facts.step(row, 1, facts.columns_of(step(CODE, 1, status, MONDAY, received_at=received_at).data))
    facts.conclude(row)
    assert (DossierSet.RECEIVED.value in sets_of(row.flags)) == counts


def test_without_a_due_date_the_procedures_own_limit_holds() -> None:
    row = DossierFacts(code=CODE, **facts.NOTHING)
    facts.step(row, 1, facts.columns_of(step(CODE, 1, 2, MONDAY, received_at=MONDAY).data))
    facts.conclude(row)
    assert row.due_at == row.late_after == datetime.fromisoformat("2023-05-08T10:00:00+00:00"), (
        "17:00 the same day"
    )
