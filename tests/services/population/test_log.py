"""The log of lookups: written before anything is shown, searchable, and counted both ways."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts.population import IdentityCheck
from contracts.problems import BAD_CURSOR, Problem
from services.bus.kit.paging import Cursor
from services.bus.kit.store import Store
from services.population.commands import checks, households, lookups
from services.population.commands.log import Access, one_spelling
from services.population.queries import log
from services.population.queries.log import LogFilter
from tests.services.population.people import (
    AN,
    BINH,
    CHI,
    NOBODY,
    NOW,
    an,
    binh,
    check,
    chi,
    household,
    logged,
    registered,
)

pytestmark = pytest.mark.anyio

ACCESS = Access("one-stop", "1.001193", "H08.21-230617-0001", "R0", "000.00.21.H08", "officer-7")


async def found(store: Store, **wanted: Any) -> list[str]:
    page = await store.read(lambda tx: log.entries(tx, LogFilter(**wanted), limit=100, cursor=None))
    return [entry.request_id for entry in page.items]


async def checked(store: Store, *changes: dict[str, Any], minutes: int = 0) -> None:
    asked = [IdentityCheck.model_validate(check(**each)) for each in changes]
    now = NOW + timedelta(minutes=minutes)
    await store.write(lambda tx: checks.check_identities(tx, asked, client_id="one-stop", now=now))


async def test_looking_at_somebody_or_nobody_leaves_a_line(store: Store) -> None:
    await registered(store, an())
    shown = await store.write(lambda tx: lookups.look_up_citizen(tx, AN, ACCESS, now=NOW))
    nobody = await store.write(lambda tx: lookups.look_up_citizen(tx, NOBODY, ACCESS, now=NOW))
    stays = await store.write(lambda tx: lookups.look_up_residences(tx, AN, ACCESS, now=NOW))
    none = await store.write(lambda tx: lookups.look_up_residences(tx, NOBODY, ACCESS, now=NOW))
    assert shown is not None
    assert (shown.personal_id, nobody, stays, none) == (AN, None, [], None)
    lines = await logged(store)
    assert [(line.kind, line.personal_id, line.outcome) for line in lines] == [
        ("citizen", AN, "shown"),
        ("citizen", NOBODY, "not_found"),
        ("residences", AN, "shown"),
        ("residences", NOBODY, "not_found"),
    ]
    assert {(line.agency, line.officer, line.client_id) for line in lines} == {("H08.21", "officer-7", "one-stop")}


async def test_a_household_is_logged_once_and_found_under_each_member(store: Store) -> None:
    await registered(store, an(), binh(), chi())
    new = household(members=[{"personal_id": AN, "relation": "head"}, {"personal_id": BINH, "relation": "spouse"}])
    (made,) = await store.write(lambda tx: households.form(tx, [new], batch=False, now=NOW))
    await store.write(lambda tx: lookups.look_up_household(tx, made.household_id, ACCESS, now=NOW))
    await store.write(lambda tx: lookups.look_up_household(tx, "no-such", ACCESS, now=NOW))
    assert [line.outcome for line in await logged(store)] == ["shown", "not_found"]
    assert await found(store, personal_id=AN) == await found(store, personal_id=BINH) == ["R0"]
    assert await found(store, personal_id=CHI) == []


async def test_the_log_is_searched_by_each_of_its_keys(store: Store) -> None:
    await checked(store, {"request_id": "A"}, {"request_id": "B", "agency": "H08.22", "personal_id": BINH})
    await checked(store, {"request_id": "C", "dossier": "H08.21-230617-0002"}, minutes=5)
    later = NOW + timedelta(minutes=5)
    assert await found(store) == ["C", "B", "A"]
    assert await found(store, personal_id=BINH) == ["B"]
    assert await found(store, agency="H08.21") == ["C", "A"]
    assert await found(store, client_id="one-stop", dossier="H08.21-230617-0001") == ["B", "A"]
    assert await found(store, client_id="somebody-else") == []
    assert await found(store, since=later) == ["C"]
    assert await found(store, until=later) == ["B", "A"]
    assert await found(store, since=NOW, until=later, personal_id=AN) == ["A"]


async def test_pages_follow_each_other_without_gap_or_repeat(store: Store) -> None:
    for minute in range(3):
        await checked(store, *({"request_id": f"{minute}{letter}"} for letter in "abcd"), minutes=minute)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        at = cursor
        page = await store.read(lambda tx, at=at: log.entries(tx, LogFilter(), limit=5, cursor=at))
        seen += [entry.request_id for entry in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [f"{minute}{letter}" for minute in (2, 1, 0) for letter in "dcba"]


@pytest.mark.parametrize("cursor", ["rubbish", Cursor.encode([2**62, "x"]), Cursor.encode(["x", 1])])
async def test_a_cursor_of_somebody_else_is_refused(store: Store, cursor: str) -> None:
    with pytest.raises(Problem) as refused:
        await store.read(lambda tx: log.entries(tx, LogFilter(), limit=5, cursor=cursor))
    assert refused.value.type is BAD_CURSOR


async def test_events_and_dossiers_are_counted_apart(store: Store) -> None:
    """The two counts a province reports differ as soon as one dossier is looked at twice."""
    await checked(
        store,
        {"dossier": "D1", "channel": "direct"},
        {"dossier": "D1", "channel": "direct"},
        {"dossier": "D2", "channel": "online"},
        {"dossier": "D1", "channel": "online"},
        {"dossier": "D3", "agency": "H08.22", "channel": "direct"},
    )
    await store.write(lambda tx: lookups.look_up_citizen(tx, AN, ACCESS, now=NOW))
    counted = await store.read(lambda tx: log.summary(tx, LogFilter()))
    assert (counted.events, counted.dossiers) == (6, 4)
    rows = {(row.agency, row.kind.value, row.channel): (row.events, row.dossiers) for row in counted.counts}
    assert rows == {
        ("H08.21", "identity_check", "direct"): (2, 1),
        ("H08.21", "identity_check", "online"): (2, 2),
        ("H08.22", "identity_check", "direct"): (1, 1),
        ("H08.21", "citizen", None): (1, 1),
    }
    assert sum(row.dossiers for row in counted.counts) > counted.dossiers
    of_one = await store.read(lambda tx: log.summary(tx, LogFilter(agency="H08.22")))
    assert (of_one.events, of_one.dossiers, len(of_one.counts)) == (1, 1, 1)


def test_both_spellings_of_an_agency_are_one_unit() -> None:
    assert one_spelling("000.00.21.H08") == one_spelling("H08.21") == "H08.21"
    assert one_spelling("100.00.00.A00") == "100.00.00.A00"
    assert one_spelling(None) is None
