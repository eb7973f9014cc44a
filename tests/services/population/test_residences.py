"""Stays and absences: one of a kind at a time, ends that are known, and periods in the way named."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.events.population import AbsenceDeclared, ResidenceChanged, ResidenceDeregistered
from contracts.population import (
    Deregistration,
    EndReason,
    EnteredResidence,
    NewAbsence,
    NewResidence,
    RecordedAbsence,
    Renewal,
    Return,
)
from contracts.problems import (
    CITIZEN_DECEASED,
    CONFLICT,
    INCONSISTENT_PERSON,
    NOT_FOUND,
    OVERLAPPING_PERIOD,
    STALE_VERSION,
    VALIDATION,
    Problem,
    ProblemType,
)
from services.bus.kit.store import Store
from services.population.commands.residences import absence, deregistration, entry, renewal
from services.population.queries import citizens as queries
from tests.services.population.acts import death, heard
from tests.services.population.people import (
    AN,
    BINH,
    ELSEWHERE,
    ELSEWHERE_NOW,
    NEW_COMMUNE,
    NOBODY,
    NOW,
    an,
    binh,
    events,
    home,
    registered,
)

pytestmark = pytest.mark.anyio

GUEST = {
    "kind": "temporary",
    "unit_code": ELSEWHERE_NOW,
    "valid_from": "2026-01-01",
    "valid_to": "2027-01-01",
}


async def move(store: Store, personal_id: str = AN, **fields: Any) -> EnteredResidence:
    body = NewResidence.model_validate(home(**fields))
    return await store.write(lambda tx: entry.move(tx, personal_id, body, expected=None, now=NOW))


async def renew(
    store: Store, residence_id: str, until: str, *, expected: int | None = None, who: str = AN
) -> EnteredResidence:
    body = Renewal.model_validate({"valid_to": until})
    return await store.write(lambda tx: renewal.renew(tx, who, residence_id, body, expected=expected, now=NOW))


async def deregister(
    store: Store, residence_id: str, on: str, reason: str = "emigrated", who: str = AN
) -> EnteredResidence:
    body = Deregistration.model_validate({"on": on, "reason": reason, "note": "định cư"})
    return await store.write(
        lambda tx: deregistration.deregister(tx, who, residence_id, body, expected=None, now=NOW)
    )


async def declare(store: Store, who: str = AN, **fields: Any) -> RecordedAbsence:
    body = NewAbsence.model_validate({"reason": "other", **fields})
    return await store.write(lambda tx: absence.declare_absence(tx, who, body, expected=None, now=NOW))


async def back(store: Store, absence_id: str, on: str, who: str = AN) -> RecordedAbsence:
    body = Return.model_validate({"valid_to": on})
    return await store.write(lambda tx: absence.end_absence(tx, who, absence_id, body, expected=None, now=NOW))


async def stays(store: Store) -> list[tuple[str, str, str, str | None]]:
    found = await store.read(lambda tx: queries.residences(tx, AN))
    return [(each.kind.value, str(each.valid_from), str(each.valid_to), each.end_reason) for each in found]


async def refused(attempt: Any, kind: ProblemType, *rules: str) -> Problem:
    with pytest.raises(Problem) as problem:
        await attempt
    assert problem.value.type is kind
    assert tuple(error.rule for error in problem.value.errors) == rules
    return problem.value


async def test_a_temporary_residence_has_its_end(store: Store) -> None:
    await registered(store, an(residences=[home()]))
    for unfit, rule in [
        ({"valid_to": None}, "residence.end_required"),
        ({"valid_to": "2026-01-01"}, "residence.ends_before"),
        ({"valid_to": "2028-01-02"}, "residence.too_long"),
        ({"kind": "permanent"}, "residence.end_unfit"),
        ({"unit_code": NEW_COMMUNE}, "residence.same_commune"),
    ]:
        await refused(move(store, **{**GUEST, **unfit}), VALIDATION, rule)
    made = await move(store, **{**GUEST, "valid_to": "2028-01-01"})
    (event,) = (each for each in await events(store) if each.is_a(ResidenceChanged))
    told = event.data_as(ResidenceChanged)
    assert (told.kind, str(told.valid_to), event.version) == ("temporary", "2028-01-01", made.version)


async def test_the_period_in_the_way_is_named(store: Store) -> None:
    await registered(store, an(residences=[home()]))
    await move(store, **GUEST)
    later = {**GUEST, "unit_code": "21952", "valid_from": "2026-06-01", "valid_to": "2026-12-01"}
    problem = await refused(move(store, **later), OVERLAPPING_PERIOD, "residence.overlaps")
    assert problem.errors[0].params == {
        "since": "2026-01-01",
        "until": "2027-01-01",
        "where": "Xã Tuy Phước Đông, Tỉnh Gia Lai",
    }
    assert "2026-01-01 – 2027-01-01" in problem.document("vi")["detail"]
    before = {**GUEST, "valid_from": "2025-07-02", "valid_to": "2026-01-02"}
    await refused(move(store, **before), OVERLAPPING_PERIOD, "residence.overlaps")
    await move(store, **{**before, "valid_to": "2026-01-01"})
    assert len(await stays(store)) == 3


async def test_registration_takes_over_stays_with_their_ends(store: Store) -> None:
    guest = {**GUEST, "unit_code": ELSEWHERE, "valid_from": "2018-01-01", "valid_to": "2019-01-01"}
    await registered(store, an(residences=[home(), home(**guest), home(**GUEST)]))
    assert [each for each in await stays(store) if each[0] == "temporary"] == [
        ("temporary", "2026-01-01", "2027-01-01", None),
        ("temporary", "2018-01-01", "2019-01-01", None),
    ]
    within = {**GUEST, "unit_code": ELSEWHERE, "valid_from": "2018-06-01", "valid_to": "2018-07-01"}
    her = binh(residences=[home(**guest), home(**within)])
    await refused(registered(store, her), VALIDATION, "residence.overlaps")
    endless = binh(residences=[home(valid_to="2020-01-01")])
    await refused(registered(store, endless), VALIDATION, "residence.end_unfit")


async def test_settling_where_one_was_a_guest_ends_the_temporary_stay(store: Store) -> None:
    await registered(store, an(residences=[home()]))
    await move(store, **GUEST)
    made = await move(store, unit_code=ELSEWHERE_NOW, valid_from="2026-09-01")
    assert await stays(store) == [
        ("permanent", "2026-09-01", "None", None),
        ("permanent", "2016-05-01", "2026-09-01", EndReason.MOVED),
        ("temporary", "2026-01-01", "2026-09-01", EndReason.BECAME_PERMANENT),
    ]
    entered, ended = (await events(store))[-2:]
    assert (entered.version, ended.version, made.version) == (3, 4, 4)
    assert ended.data_as(ResidenceDeregistered).reason == "became_permanent"


async def test_a_renewal_puts_off_the_end(store: Store) -> None:
    await registered(store, an(residences=[home()]), binh())
    made = await move(store, **GUEST)
    renewed = await renew(store, made.residence_id, "2029-01-01", expected=2)
    assert renewed.residence_id == made.residence_id
    (*_, event) = await events(store)
    assert (event.version, event.data["valid_from"], event.data["valid_to"]) == (3, "2026-01-01", "2029-01-01")
    for until, rule in [
        ("2029-01-01", "residence.ends_before"),
        ("2031-01-02", "residence.too_long"),
    ]:
        await refused(renew(store, made.residence_id, until), VALIDATION, rule)
    await refused(renew(store, made.residence_id, "2030-01-01", expected=2), STALE_VERSION, "stale-version")
    await refused(renew(store, "no-such", "2030-01-01"), NOT_FOUND)
    await refused(renew(store, made.residence_id, "2030-01-01", who=BINH), NOT_FOUND)


async def test_what_is_over_is_not_renewed(store: Store) -> None:
    await registered(store, an(residences=[home()]))
    guest = await move(store, **{**GUEST, "valid_to": "2026-11-22"})
    await refused(renew(store, guest.residence_id, "2027-11-22"), VALIDATION, "residence.expired")
    (at_home,) = [
        each for each in await store.read(lambda tx: queries.residences(tx, AN)) if each.kind == "permanent"
    ]
    await refused(renew(store, at_home.id, "2027-11-22"), VALIDATION, "residence.not_temporary")


async def test_a_deregistration_ends_a_stay(store: Store) -> None:
    await registered(store, an(residences=[home()]))
    (stay,) = await store.read(lambda tx: queries.residences(tx, AN))
    await refused(deregister(store, stay.id, "2026-11-23"), VALIDATION, "residence.ends_later")
    await refused(deregister(store, stay.id, "2016-05-01"), VALIDATION, "residence.ends_before")
    await refused(deregister(store, stay.id, "2026-11-22", "death"), VALIDATION, "residence.not_dead")
    await refused(deregister(store, "no-such", "2026-11-22"), NOT_FOUND)
    await refused(deregister(store, stay.id, "2026-11-22", who=NOBODY), NOT_FOUND)
    await refused(deregister(store, stay.id, "2026-11-22", "death", who=NOBODY), NOT_FOUND)
    await deregister(store, stay.id, "2026-11-01")
    assert await stays(store) == [("permanent", "2016-05-01", "2026-11-01", EndReason.EMIGRATED)]
    (*_, event) = await events(store)
    told = event.data_as(ResidenceDeregistered)
    assert (told.commune_code, told.reason, str(told.valid_to)) == ("21961", "emigrated", "2026-11-01")
    await refused(deregister(store, stay.id, "2026-11-01"), VALIDATION, "residence.ended")


async def test_the_dead_live_nowhere_any_more(store: Store) -> None:
    await registered(store, an(residences=[home()]))
    guest = await move(store, **GUEST)
    away = await declare(store, valid_from="2026-12-01")
    await heard(store, death())
    for attempt in (
        move(store, unit_code=NEW_COMMUNE, valid_from="2026-11-20"),
        renew(store, guest.residence_id, "2027-06-01"),
        deregister(store, guest.residence_id, "2026-11-01"),
        declare(store, valid_from="2026-11-20"),
        back(store, away.absence_id, "2026-11-22"),
    ):
        await refused(attempt, CITIZEN_DECEASED)
    await refused(deregister(store, guest.residence_id, "2026-11-01", "death"), VALIDATION, "residence.ended")


async def test_an_absence_and_the_return(store: Store) -> None:
    await registered(store, an(residences=[home()]), binh())
    made = await declare(store, reason="military", valid_from="2026-12-01", unit_code="79")
    assert (made.version, (await events(store))[-1].data_as(AbsenceDeclared).valid_to) == (2, None)
    await refused(back(store, made.absence_id, "2026-12-05"), VALIDATION, "absence.ends_later")
    problem = await refused(declare(store, valid_from="2027-05-01"), OVERLAPPING_PERIOD, "residence.overlaps")
    assert problem.errors[0].params["where"] == "Thành phố Hồ Chí Minh"
    past = await declare(store, valid_from="2026-10-01", valid_to="2026-12-01")
    assert (await back(store, past.absence_id, "2026-11-15")).version == 4
    (*_, event) = await events(store)
    assert (event.data["absence_id"], event.data["valid_to"]) == (past.absence_id, "2026-11-15")
    for day, rule in [("2026-11-15", "absence.ended"), ("2026-10-01", "absence.ends_before")]:
        await refused(back(store, past.absence_id, day), VALIDATION, rule)
    await refused(back(store, "no-such", "2026-11-15"), NOT_FOUND)
    await refused(back(store, past.absence_id, "2026-11-01", who=BINH), NOT_FOUND)
    found = await store.read(lambda tx: queries.absences(tx, AN))
    assert [(str(each.valid_from), str(each.valid_to)) for each in found] == [
        ("2026-12-01", "None"),
        ("2026-10-01", "2026-11-15"),
    ]


async def test_absences_have_their_rules(store: Store) -> None:
    await registered(store, an(residences=[home()]), binh())
    for unfit, rule in [
        ({"valid_to": "2026-12-01"}, "absence.ends_before"),
        ({"unit_code": "21961"}, "unit.wrong_period"),
    ]:
        await refused(declare(store, valid_from="2026-12-01", **unfit), VALIDATION, rule)
    await refused(declare(store, valid_from="2016-04-30"), CONFLICT, "absence.not_resident")
    await refused(declare(store, BINH, valid_from="2026-12-01"), CONFLICT, "absence.not_resident")


async def test_a_residence_before_birth_or_at_the_end_of_time(store: Store) -> None:
    await registered(store, an())
    await refused(move(store, valid_from="1989-12-31"), INCONSISTENT_PERSON, "residence.before_birth")
    await refused(
        move(store, **{**GUEST, "valid_from": "9999-12-31", "valid_to": "9999-12-31"}),
        VALIDATION,
        "residence.starts_later",
        "residence.ends_before",
    )
