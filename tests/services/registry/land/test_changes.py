"""Every kind of change: what it does to the book, what it announces, and what stands of the past."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from contracts.events.civil import DeathRegistered
from contracts.events.land import (
    LandCertificateIssued,
    LandChangeRegistered,
    LandRestrictionChanged,
    ParcelRegistered,
)
from contracts.land import CertificateState, RightKind
from contracts.problems import CHANGE_CLOSED, CHANGE_PENDING, LAND_RULES_BROKEN, Problem
from services.bus.kit.store import Store
from services.registry.land.commands import changes
from services.registry.land.commands.changes import TaxSettled
from services.registry.land.expiry import give_up_older
from services.registry.land.queries import changes as history
from services.registry.land.queries import parcels as queries
from tests.services.registry.land.parcels import (
    AN,
    BANK,
    BINH,
    CHI,
    COMMUNE,
    KEY,
    NOW,
    TODAY,
    blocked,
    died,
    events,
    filed,
    handover,
    mortgage,
    person,
    registered,
    shares,
    shown,
    split,
)

pytestmark = pytest.mark.anyio

LATER = NOW + timedelta(days=10)


async def refusal(store: Store, body: dict[str, Any], key: str = KEY) -> Problem:
    with pytest.raises(Problem) as refused:
        await filed(store, body, key, settled=True)
    return refused.value


async def rules_broken(store: Store, body: dict[str, Any], key: str = KEY) -> list[str]:
    problem = await refusal(store, body, key)
    assert problem.type is LAND_RULES_BROKEN
    return [each.rule for each in problem.errors]


@pytest.mark.parametrize("kind", ["transfer", "gift", "inheritance"])
async def test_a_right_passes_whole(store: Store, kind: str) -> None:
    await registered(store)
    if kind == "inheritance":
        await died(store, AN)
    made = await filed(store, handover(kind), settled=True)
    view = await shown(store)
    assert shares(view) == {BINH: "1/1"}
    assert view.certificate is not None
    assert made.certificates == {KEY: view.certificate.serial}
    old = await store.read(lambda tx: queries.certificate(tx, "TR00000001"))
    assert (old.state, old.valid_to) == (CertificateState.REPLACED, TODAY)
    assert [(each.key, each.version) for each in await events(store)] == [(KEY, n) for n in range(1, 5)]
    issued, told = (await events(store))[2:]
    assert issued.data_as(LandCertificateIssued).replaces == "TR00000001"
    assert told.data_as(LandChangeRegistered).holders[0].personal_id == BINH


async def test_a_part_of_a_share_passes_and_parts_of_one_party_add_up(store: Store) -> None:
    await registered(store, holders=[person(AN, share="2/3"), person(BINH, share="1/3")])
    part = handover("gift", person(BINH, share="1/6"), person(CHI, share="1/6"), givers=[
        {"personal_id": AN, "share": "1/3"}
    ])  # fmt: skip
    await filed(store, part, settled=True)
    assert shares(await shown(store)) == {AN: "1/3", BINH: "1/2", CHI: "1/6"}
    rest = handover("transfer", person(CHI, share="1/3"), givers=[{"name": "nguyễn văn an"}])
    await filed(store, rest, settled=True)
    assert shares(await shown(store)) == {BINH: "1/2", CHI: "1/2"}


async def test_the_book_can_be_read_as_it_was_on_any_day(store: Store) -> None:
    given = {"serial": "AA 00000001", "issue_number": "CH00001", "issued_on": "2026-01-15"}
    await registered(store, registered_on="2026-01-15", certificate=given)
    await filed(store, handover(), settled=True)
    await filed(store, handover("gift", person(CHI), effective_on="2026-12-01"), settled=True, now=LATER)
    assert shares(await shown(store, as_of=date(2026, 11, 21))) == {AN: "1/1"}
    assert shares(await shown(store, as_of=TODAY)) == {BINH: "1/1"}
    assert shares(await shown(store, as_of=date(2026, 12, 1))) == {BINH: "1/1"}
    assert shares(await shown(store, as_of=date(2026, 12, 2))) == {CHI: "1/1"}
    serials = [(await shown(store, as_of=day)).certificate for day in (date(2026, 2, 1), TODAY, date(2027, 1, 1))]
    assert [each.serial for each in serials if each] == ["AA00000001", "TR00000001", "TR00000002"]
    with pytest.raises(Problem):
        await shown(store, as_of=date(2026, 1, 14))


async def test_somebody_elses_parcel_and_the_dead(store: Store) -> None:
    await registered(store)
    assert await rules_broken(store, handover(givers=[{"personal_id": BINH}])) == ["giver.holds", "shares.sum"]
    await died(store, AN)
    for body in (handover(), mortgage(), split("100", "150.5")):
        assert await rules_broken(store, body) == ["giver.alive"]
    await died(store, BINH)
    assert await rules_broken(store, handover("inheritance")) == ["recipient.alive"]


async def test_late_registration_is_recorded_as_a_warning(store: Store) -> None:
    await registered(store)
    assert (await filed(store, handover(effective_on="2026-10-01"))).warnings == ["registration.in-time"]


@pytest.mark.parametrize("kind", ["dispute", "distraint", "emergency-measure"])
async def test_nothing_passes_under_a_block(store: Store, kind: str) -> None:
    await registered(store)
    await blocked(store, kind)
    rule = {"dispute": "dispute.none", "distraint": "distraint.none", "emergency-measure": "emergency.none"}[kind]
    lease = {"kind": "lease", "lessees": [person(BINH)], "until": "2030-01-01"}
    for body in (handover(), handover("gift"), handover("inheritance"), mortgage(), lease, split("1", "249.5")):
        assert await rules_broken(store, body) == [rule]
    assert (await filed(store, {"kind": "reissue"})).state == "registered"


async def test_a_block_that_comes_meanwhile_stops_the_confirmation(store: Store) -> None:
    await registered(store)
    pending = await filed(store, handover())
    await blocked(store)
    with pytest.raises(Problem) as refused:
        await store.write(lambda tx: changes.confirm(tx, pending.id, TaxSettled(), now=NOW))
    assert [each.rule for each in refused.value.errors] == ["dispute.none"]
    assert shares(await shown(store)) == {AN: "1/1"}
    assert (await shown(store)).pending == pending.id


async def test_mortgage_and_its_deletion(store: Store) -> None:
    await registered(store)
    made = await filed(store, mortgage())
    (restriction,) = (await shown(store)).restrictions
    assert (restriction.holder, restriction.amount_vnd) == ("Ngân hàng Quy Nhơn", 500_000_000)
    assert await rules_broken(store, handover()) == ["mortgage.consent"]
    await filed(store, handover(consents=[restriction.id]), settled=True)
    assert len((await shown(store)).restrictions) == 1
    await filed(store, {"kind": "mortgage-deletion", "mortgage": made.restriction})
    assert (await shown(store)).restrictions == []
    told = [each.data_as(LandRestrictionChanged) for each in await events(store) if "restriction" in each.type]
    assert [each.live for each in told] == [True, False]
    assert await rules_broken(store, {"kind": "mortgage-deletion", "mortgage": made.restriction}) == [
        "mortgage.known"
    ]


async def test_lease_and_sublease(store: Store) -> None:
    await registered(store)
    lease = await filed(store, {"kind": "lease", "lessees": [person(BINH)], "until": "2030-01-01"})
    assert lease.certificates == {}
    right = (await shown(store)).rights[1]
    assert (right.kind, right.holders[0].personal_id, right.under) == (
        RightKind.LEASE,
        BINH,
        (await shown(store)).rights[0].id,
    )
    sub = {"kind": "sublease", "lease": right.id, "lessees": [person(CHI)], "until": "2029-01-01"}
    await filed(store, sub)
    assert [each.kind for each in (await shown(store)).rights] == [
        RightKind.USE,
        RightKind.LEASE,
        RightKind.SUBLEASE,
    ]
    assert await rules_broken(store, {**sub, "until": "2031-01-01"}) == ["letting.within-term"]
    assert await rules_broken(store, split("100", "150.5")) == ["lettings.none"]


async def test_split_conserves_area_and_carries_what_restricts(store: Store) -> None:
    await registered(store, holders=[person(AN, share="1/2"), person(BINH, share="1/2")])
    made = await filed(store, mortgage(allows_disposal=True))
    assert await rules_broken(store, split("100", "150.49")) == ["area.conserved"]
    pieces = split("100.25", "150.25")
    pieces["pieces"][1]["holders"] = [person(CHI)]
    result = await filed(store, pieces)
    first, second = f"{COMMUNE}-12-900", f"{COMMUNE}-12-901"
    assert sorted(result.certificates) == [first, second]
    assert shares(await shown(store, first)) == {AN: "1/2", BINH: "1/2"}
    assert shares(await shown(store, second)) == {CHI: "1/1"}
    for key in (first, second):
        view = await shown(store, key)
        assert (view.came_from, len(view.restrictions), view.version) == ([KEY], 1, 3)
        assert view.restrictions[0].id != made.restriction
    old = await shown(store)
    assert (old.live, old.rights, old.certificate, old.became) == (False, [], None, [first, second])
    assert "parcel.live" in await rules_broken(store, handover())
    told = next(each for each in await events(store, KEY) if each.version == old.version)
    assert told.data_as(LandChangeRegistered).became == (first, second)
    assert (await events(store, first))[0].data_as(ParcelRegistered).came_from == (KEY,)


async def test_merge_makes_one_of_many(store: Store) -> None:
    for number in (1, 2, 3):
        await registered(store, parcel_number=number)
    keys = [f"{COMMUNE}-12-{number}" for number in (1, 2, 3)]
    body = {"kind": "merge", "others": keys[1:], "parcel_number": 10, "area_m2": "751.50"}
    assert await rules_broken(store, {**body, "area_m2": "751.51"}, keys[0]) == ["area.conserved"]
    assert await rules_broken(store, {**body, "parcel_number": 3}, keys[0]) == ["parcel-number.free"]
    await filed(store, mortgage(allows_disposal=True), keys[2])
    result = await filed(store, body, keys[0])
    merged = await shown(store, f"{COMMUNE}-12-10")
    assert (merged.area_m2, merged.came_from, len(merged.restrictions)) == ("751.50", keys, 1)
    assert [(use.code, use.area_m2) for use in merged.land_uses] == [("ONT", "751.50")]
    assert result.certificates == {merged.key: merged.certificate.serial if merged.certificate else ""}
    for key in keys:
        assert (await shown(store, key)).live is False
        assert (await events(store, key))[-1].is_a(LandChangeRegistered)


async def test_what_differs_is_not_merged(store: Store) -> None:
    await registered(store, parcel_number=1)
    await registered(store, parcel_number=2, holders=[person(BINH)])
    body = {"kind": "merge", "others": [f"{COMMUNE}-12-2"], "parcel_number": 3, "area_m2": "501"}
    assert await rules_broken(store, body, f"{COMMUNE}-12-1") == ["merge.same-right"]
    body["others"] = [f"{COMMUNE}-13-2", f"{COMMUNE}-12-1"]
    assert set(await rules_broken(store, body, f"{COMMUNE}-12-1")) >= {"merge.neighbours", "merge.known"}


async def test_change_of_purpose(store: Store) -> None:
    await registered(store)
    uses = [{"code": "TMD", "area_m2": "100"}, {"code": "ONT", "area_m2": "150.50"}]
    body = {"kind": "change-of-purpose", "land_uses": uses, "term_until": "2070-01-01"}
    assert (await filed(store, body)).state == "pending"
    pending = (await shown(store)).pending or ""
    await store.write(lambda tx: changes.confirm(tx, pending, TaxSettled(notice="1"), now=LATER))
    view = await shown(store)
    assert [use.code for use in view.land_uses] == ["TMD", "ONT"]
    assert view.rights[0].term_until == date(2070, 1, 1)
    before = await shown(store, as_of=TODAY)
    assert ([use.code for use in before.land_uses], before.rights[0].term_until) == (["ONT"], None)


@pytest.mark.parametrize(("lost", "state"), [(None, "replaced"), ({"posted_on": "2026-10-01"}, "lost")])
async def test_reissue(store: Store, lost: dict[str, str] | None, state: str) -> None:
    await registered(store)
    made = await filed(store, {"kind": "reissue", "lost": lost})
    assert made.certificates == {KEY: "TR00000002"}
    assert (await store.read(lambda tx: queries.certificate(tx, "TR00000001"))).state == state


async def test_correction_appends_and_keeps_the_old(store: Store) -> None:
    await registered(store, holders=[person(AN, share="1/2"), {"name": "Công ty Xanh", "share": "1/2"}])
    renamed = {"name": "cong ty xanh", "becomes": {"name": "Công ty Xanh Việt", "tax_code": BANK}}
    body = {"kind": "correction", "area_m2": "251", "address": "Thôn Mới", "holders": [renamed]}
    await filed(store, {**body, "new_certificate": True}, now=LATER)
    view = await shown(store)
    assert (view.area_m2, view.address, view.land_uses[0].area_m2) == ("251.00", "Thôn Mới", "251.00")
    assert shares(view) == {AN: "1/2", BANK: "1/2"}
    assert view.certificate is not None and view.certificate.serial == "TR00000002"
    before = await shown(store, as_of=TODAY)
    assert (before.area_m2, shares(before)) == ("250.50", {AN: "1/2", "Công ty Xanh": "1/2"})


async def test_change_of_details_keeps_the_certificate(store: Store) -> None:
    await registered(store)
    body = {"holders": [{"personal_id": AN, "becomes": {"name": "Nguyễn Văn Anh", "personal_id": AN}}]}
    made = await filed(store, {"kind": "change-of-details", **body})
    assert made.certificates == {}
    assert (await shown(store)).rights[0].holders[0].name == "Nguyễn Văn Anh"


async def test_thirty_two_transfers_of_one_parcel_at_once(store: Store) -> None:
    """One wins; every other is told which change is in its way."""
    await registered(store)
    bodies = [handover("transfer", person(f"0520900{number:05d}", "Người Mua")) for number in range(32)]
    results = await asyncio.gather(*(filed(store, body) for body in bodies), return_exceptions=True)
    winners = [each for each in results if not isinstance(each, BaseException)]
    losers = [each for each in results if isinstance(each, Problem)]
    assert (len(winners), len(losers)) == (1, 31)
    assert {each.type for each in losers} == {CHANGE_PENDING}
    assert {each.extra["change_id"] for each in losers} == {winners[0].id}
    confirming = (
        store.write(lambda tx: changes.confirm(tx, winners[0].id, TaxSettled(), now=NOW)) for _ in range(8)
    )
    confirmed = await asyncio.gather(*confirming, return_exceptions=True)
    assert sum(not isinstance(each, BaseException) for each in confirmed) == 1
    assert {each.type for each in confirmed if isinstance(each, Problem)} == {CHANGE_CLOSED}
    assert [each.version for each in await events(store, KEY)] == [1, 2, 3, 4]


async def test_immediate_changes_at_once_all_keep_the_version(store: Store) -> None:
    await registered(store)
    await asyncio.gather(*(filed(store, mortgage(contract_number=f"HĐ-{n}")) for n in range(16)))
    assert len((await shown(store)).restrictions) == 16
    assert [each.version for each in await events(store, KEY)] == list(range(1, 35))


async def test_the_history_is_numbered_and_paged(store: Store) -> None:
    await registered(store)
    await filed(store, mortgage())
    await filed(store, {"kind": "reissue"})
    first = await store.read(lambda tx: history.history(tx, KEY, limit=2, cursor=None))
    rest = await store.read(lambda tx: history.history(tx, KEY, limit=2, cursor=first.next_cursor))
    numbers = [each.number for each in (*first.items, *rest.items)]
    assert numbers == ["BD-2026-000003", "BD-2026-000002", "BD-2026-000001"]
    assert rest.next_cursor is None


async def test_a_pending_change_does_not_lock_for_ever(store: Store) -> None:
    await registered(store)
    await filed(store, handover())
    assert await store.write(lambda tx: give_up_older(tx, NOW)) == 0
    assert await store.write(lambda tx: give_up_older(tx, NOW + timedelta(seconds=1))) == 1
    assert (await shown(store)).pending is None


def test_the_event_of_a_death_is_the_one_we_hear() -> None:
    assert DeathRegistered.axis_subject().startswith("axis.civil.")
