"""Households: one head, citizens who exist, one household at a time, each change announced with its version."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from contracts.events.population import HouseholdChanged
from contracts.population import Household, JoiningMember, RecordedHousehold
from contracts.problems import CONFLICT, NOT_FOUND, VALIDATION, Problem
from services.bus.kit.store import Store
from services.population.commands import households
from services.population.queries import citizens as citizen_queries
from services.population.queries import households as queries
from tests.services.population.people import (
    AN,
    BINH,
    CHI,
    NOBODY,
    NOW,
    TODAY,
    an,
    binh,
    chi,
    events,
    family,
    household,
    registered,
)

pytestmark = pytest.mark.anyio

ALONE = [{"personal_id": AN, "relation": "head"}]


async def form(store: Store, *, batch: bool = False, **changes: Any) -> str:
    new = household(**changes)
    (made,) = await store.write(lambda tx: households.form(tx, [new], batch=batch, now=NOW))
    return made.household_id


async def join(store: Store, household_id: str, personal_id: str, relation: str, since: str) -> RecordedHousehold:
    body = JoiningMember.model_validate({"personal_id": personal_id, "relation": relation, "valid_from": since})
    return await store.write(lambda tx: households.join(tx, household_id, body, now=NOW))


async def shown(store: Store, household_id: str) -> Household:
    found = await store.read(lambda tx: queries.household(tx, household_id))
    assert found is not None
    return found


async def refused(store: Store, *args: Any, **changes: Any) -> Problem:
    with pytest.raises(Problem) as refusal:
        await (join(store, *args) if args else form(store, batch=True, **changes))
    return refusal.value


async def test_a_household_shows_its_head_first(store: Store) -> None:
    await registered(store, an(), binh(), chi())
    members = [*reversed(family()["members"])]
    found = await shown(store, await form(store, members=members))
    assert [(each.personal_id, each.relation.value) for each in found.members] == [
        (AN, "head"),
        (BINH, "spouse"),
        (CHI, "child"),
    ]
    assert (found.head_personal_id, found.number, found.version) == (AN, "210045678", 1)
    assert found.after_reform is not None
    (*_, event) = await events(store)
    assert (event.key, event.version) == (found.household_id, 1)
    about = event.data_as(HouseholdChanged)
    assert (about.members, about.head_personal_id, str(about.formed_on)) == (3, AN, "2016-05-01")
    child = await store.read(lambda tx: citizen_queries.citizen(tx, CHI, on=TODAY))
    assert child is not None
    assert child.household is not None
    assert (child.household.relation, child.household.head_full_name) == ("child", "Nguyễn Văn An")


async def test_what_a_household_cannot_be(store: Store) -> None:
    await registered(store, an(), binh())
    stranger = {"personal_id": NOBODY, "relation": "child"}
    second_head = {"personal_id": BINH, "relation": "head"}
    spouse = {"personal_id": BINH, "relation": "spouse"}
    for changes, kind, field, rule in [
        (
            {"members": [*ALONE, stranger]},
            VALIDATION,
            "body[0].members[1].personal_id",
            "household.unknown_member",
        ),
        ({"members": [*ALONE, second_head]}, VALIDATION, "body[0].members", "household.one_head"),
        ({"members": [spouse]}, VALIDATION, "body[0].members", "household.one_head"),
        (
            {"members": [*ALONE, spouse, spouse]},
            CONFLICT,
            "body[0].members[1].personal_id",
            "household.member_twice",
        ),
        (
            {"members": ALONE, "valid_from": "2025-07-01"},
            VALIDATION,
            "body[0].unit_code",
            "unit.wrong_period",
        ),
        (
            {"members": ALONE, "valid_from": "2027-01-01"},
            VALIDATION,
            "body[0].unit_code",
            "unit.wrong_period",
        ),
    ]:
        problem = await refused(store, **changes)
        assert (problem.type, problem.errors[0].field, problem.errors[0].rule) == (kind, field, rule)
    assert len(await events(store)) == 2


async def test_a_citizen_is_in_one_household_and_a_number_is_used_once(store: Store) -> None:
    await registered(store, an(), binh())
    await form(store, members=ALONE)
    problem = await refused(store, members=ALONE, number="210000001")
    assert (problem.type, problem.errors[0].rule) == (CONFLICT, "household.member_elsewhere")
    problem = await refused(store, members=[{"personal_id": BINH, "relation": "head"}])
    assert (problem.type, problem.errors[0].rule) == (CONFLICT, "household.number_taken")


async def test_two_households_at_once_cannot_both_have_one_member(store: Store) -> None:
    await registered(store, an())
    attempts = (form(store, members=ALONE, number=f"21000000{n}") for n in range(5))
    results = await asyncio.gather(*attempts, return_exceptions=True)
    refusals = [result for result in results if isinstance(result, Problem)]
    assert len(refusals) == 4
    assert {problem.errors[0].rule for problem in refusals} == {"household.member_elsewhere"}
    assert len(await events(store)) == 2


async def test_joining_one_household_is_leaving_the_other(store: Store) -> None:
    await registered(store, an(), binh(), chi())
    first = await form(store)
    await registered(store, {**an(personal_id="052088000001", id_card=None), "date_of_birth": "1988"})
    second = await form(store, members=[{"personal_id": "052088000001", "relation": "head"}], number=None)
    assert (await join(store, second, CHI, "other", "2024-01-01")).version == 2
    assert [each.personal_id for each in (await shown(store, first)).members] == [AN, BINH]
    assert [each.personal_id for each in (await shown(store, second)).members] == ["052088000001", CHI]
    left, joined = (await events(store))[-2:]
    assert (left.key, left.version, left.data["members"]) == (first, 2, 2)
    assert (joined.key, joined.version, joined.data["members"]) == (second, 2, 2)


async def test_a_head_leaves_last_and_whoever_comes_back_is_the_head(store: Store) -> None:
    await registered(store, an(), binh())
    first = await form(store, members=ALONE)
    second = await form(store, members=[{"personal_id": BINH, "relation": "head"}], number=None)
    await join(store, second, AN, "spouse", "2020-01-01")
    assert (await shown(store, first)).members == []
    problem = await refused(store, first, BINH, "head", "2021-01-01")
    assert (problem.type, problem.errors[0].rule) == (CONFLICT, "household.head_stays")
    problem = await refused(store, first, AN, "child", "2021-01-01")
    assert problem.errors[0].rule == "household.one_head"
    await join(store, first, AN, "head", "2021-01-01")
    await join(store, first, BINH, "spouse", "2021-01-01")
    assert [each.relation.value for each in (await shown(store, first)).members] == ["head", "spouse"]


async def test_joining_has_its_rules(store: Store) -> None:
    await registered(store, an(), binh(), chi())
    home = await form(store, members=family()["members"][:2])
    for args, kind, rule in [
        ((home, AN, "other", "2020-01-01"), CONFLICT, "household.member_twice"),
        ((home, CHI, "head", "2020-01-01"), CONFLICT, "household.one_head"),
        ((home, CHI, "child", "2015-01-01"), VALIDATION, "residence.not_later"),
        ((home, CHI, "child", "2027-01-01"), VALIDATION, "residence.starts_later"),
    ]:
        problem = await refused(store, *args)
        assert (problem.type, problem.errors[0].rule) == (kind, rule)
    for args in ((home, NOBODY, "child", "2020-01-01"), ("no-such", CHI, "child", "2020-01-01")):
        assert (await refused(store, *args)).type is NOT_FOUND
    assert (await shown(store, home)).version == 1
