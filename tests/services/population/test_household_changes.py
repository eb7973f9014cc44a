"""A household within: its head, those who leave it to form one of their own, and who is what to whom."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from contracts.events.population import HouseholdChanged, HouseholdSplit
from contracts.population import (
    Deregistration,
    JoiningMember,
    NewHead,
    RecordedHousehold,
    Relation,
    SplitHousehold,
)
from contracts.problems import CITIZEN_DECEASED, CONFLICT, NOT_FOUND, VALIDATION, Problem
from services.bus.kit.store import Store
from services.population.commands import household_changes, households
from services.population.commands.memberships import relation_to_new_head
from services.population.commands.residences.deregistration import deregister
from services.population.queries import households as queries
from services.population.queries.citizens import residences
from services.population.queries.residents import Period, household_residents
from tests.services.population.acts import death, heard
from tests.services.population.people import (
    AN,
    BINH,
    CHI,
    NEW_COMMUNE,
    NOBODY,
    NOW,
    TODAY,
    an,
    binh,
    chi,
    events,
    family,
    home,
    household,
    registered,
)

pytestmark = pytest.mark.anyio

SPLIT_COMMUNE = "21634"  # in Hoài Nhơn until 2025-06-30; its land went to two
SON = "052207000111"


def son(**changes: Any) -> dict[str, Any]:
    """Their son, of age since 2025."""
    return {
        "personal_id": SON,
        "full_name": "Nguyễn Văn Sơn",
        "date_of_birth": "2007-03-01",
        "sex": "male",
        **changes,
    }


async def formed(store: Store, **changes: Any) -> str:
    """The three and the grown son; the household's id."""
    await registered(store, an(), binh(), chi(), son())
    members = [*family()["members"], {"personal_id": SON, "relation": "child"}]
    new = household(**{"members": members, **changes})
    (made,) = await store.write(lambda tx: households.form(tx, [new], batch=False, now=NOW))
    return made.household_id


async def change_head(store: Store, household_id: str, who: str, since: str) -> RecordedHousehold:
    body = NewHead.model_validate({"personal_id": who, "valid_from": since})
    return await store.write(lambda tx: household_changes.change_head(tx, household_id, body, now=NOW))


async def split(store: Store, household_id: str, *members: tuple[str, str], **fields: Any) -> RecordedHousehold:
    body = SplitHousehold.model_validate(
        {
            "members": [{"personal_id": who, "relation": relation} for who, relation in members],
            "valid_from": "2026-10-01",
            **fields,
        }
    )
    return await store.write(lambda tx: household_changes.split(tx, household_id, body, now=NOW))


async def join(store: Store, household_id: str, who: str, relation: str) -> RecordedHousehold:
    body = JoiningMember.model_validate({"personal_id": who, "relation": relation, "valid_from": "2026-11-22"})
    return await store.write(lambda tx: households.join(tx, household_id, body, now=NOW))


async def members(store: Store, household_id: str) -> dict[str, str]:
    found = await store.read(lambda tx: queries.household(tx, household_id))
    assert found is not None
    return {each.personal_id: each.relation.value for each in found.members}


async def refusal(attempt: Any) -> tuple[Any, str]:
    with pytest.raises(Problem) as refused:
        await attempt
    errors = refused.value.errors
    return refused.value.type, errors[0].rule if errors else ""


async def test_another_head_and_what_the_others_are_then(store: Store) -> None:
    home = await formed(store)
    assert (await change_head(store, home, SON, "2026-01-01")).version == 2
    assert await members(store, home) == {SON: "head", AN: "parent", BINH: "parent", CHI: "sibling"}
    (*_, event) = await events(store)
    told = event.data_as(HouseholdChanged)
    assert (told.head_personal_id, told.members, event.version) == (SON, 4, 2)
    await change_head(store, home, BINH, "2026-06-01")
    assert await members(store, home) == {BINH: "head", AN: "spouse", CHI: "child", SON: "child"}
    page = await store.read(lambda tx: household_residents(tx, home, Period(TODAY, None), limit=100, cursor=None))
    assert page is not None and len(page.items) == 4


async def test_who_was_what_is_told_as_it_was_then(store: Store) -> None:
    home = await formed(store)
    await change_head(store, home, SON, "2026-01-01")
    before = Period.asked(None, None, None, TODAY.replace(year=2025))
    page = await store.read(lambda tx: household_residents(tx, home, before, limit=100, cursor=None))
    assert page is not None
    assert {each.personal_id: each.relation.value for each in page.items} == {
        AN: "head",
        BINH: "spouse",
        CHI: "child",
        SON: "child",
    }


async def test_what_a_new_head_cannot_be(store: Store) -> None:
    home = await formed(store)
    for who, since, kind, rule in [
        (NOBODY, "2026-01-01", CONFLICT, "household.not_a_member"),
        (AN, "2026-01-01", CONFLICT, "household.head_already"),
        (CHI, "2026-01-01", CONFLICT, "household.head_of_age"),
        (SON, "2025-02-28", CONFLICT, "household.head_of_age"),
        (BINH, "2026-11-23", VALIDATION, "residence.starts_later"),
        (BINH, "2016-04-30", VALIDATION, "residence.not_later"),
    ]:
        assert await refusal(change_head(store, home, who, since)) == (kind, rule)
    assert (await refusal(change_head(store, "no-such", BINH, "2026-01-01")))[0] is NOT_FOUND
    assert len(await events(store)) == 5


async def test_members_leave_for_a_household_of_their_own(store: Store) -> None:
    home = await formed(store)
    made = await split(store, home, (SON, "head"), (CHI, "sibling"), unit_code=NEW_COMMUNE, detail="Thôn 1")
    assert await members(store, home) == {AN: "head", BINH: "spouse"}
    assert await members(store, made.household_id) == {SON: "head", CHI: "sibling"}
    left, new = (await events(store))[-2:]
    told = left.data_as(HouseholdSplit)
    assert (left.key, left.version, told.new_household_id, told.members) == (home, 2, made.household_id, 2)
    assert (new.key, new.version, new.data_as(HouseholdChanged).head_personal_id) == (made.household_id, 1, SON)
    shown = await store.read(lambda tx: queries.household(tx, made.household_id))
    assert shown is not None
    assert (shown.unit_code, shown.detail, str(shown.valid_from)) == (NEW_COMMUNE, "Thôn 1", "2026-10-01")


async def test_a_split_stays_at_the_old_address_if_it_says_nothing(store: Store) -> None:
    """Carried over the reform, where that leaves no choice."""
    made = await split(store, await formed(store), (SON, "head"))
    shown = await store.read(lambda tx: queries.household(tx, made.household_id))
    assert shown is not None
    assert (shown.unit_code, shown.detail) == (NEW_COMMUNE, "Thôn An Hòa")


async def test_a_divided_address_has_to_be_stated(store: Store) -> None:
    home = await formed(store, unit_code=SPLIT_COMMUNE)
    with pytest.raises(Problem) as refused:
        await split(store, home, (SON, "head"))
    (error,) = refused.value.errors
    assert (error.field, error.rule) == ("body.unit_code", "unit.divided")
    assert "21622" in error.params["candidates"]
    made = await split(store, home, (SON, "head"), unit_code="21622")
    assert await members(store, made.household_id) == {SON: "head"}


async def test_what_a_split_cannot_be(store: Store) -> None:
    home = await formed(store)
    for leaving, fields, kind, rule in [
        ([(SON, "child")], {}, VALIDATION, "household.one_head"),
        ([(SON, "head"), (BINH, "head")], {}, VALIDATION, "household.one_head"),
        ([(SON, "head")], {"valid_from": "2026-11-23"}, VALIDATION, "residence.starts_later"),
        ([(SON, "head")], {"valid_from": "2016-05-01", "unit_code": "21961"}, VALIDATION, "residence.not_later"),
        ([(SON, "head")], {"valid_from": "2010-05-01"}, VALIDATION, "residence.not_later"),
        ([(SON, "head")], {"unit_code": "21961"}, VALIDATION, "unit.wrong_period"),
        ([(NOBODY, "head")], {}, CONFLICT, "household.not_a_member"),
        ([(SON, "head"), (SON, "other")], {}, CONFLICT, "household.member_twice"),
        ([(AN, "head")], {}, CONFLICT, "household.head_stays"),
        ([(CHI, "head")], {}, CONFLICT, "household.head_of_age"),
    ]:
        assert await refusal(split(store, home, *leaving, **fields)) == (kind, rule), rule
    assert (await refusal(split(store, "no-such", (SON, "head"))))[0] is NOT_FOUND
    assert len(await members(store, home)) == 4


async def test_somebody_stays(store: Store) -> None:
    """Where the head is dead and nobody is of age, the others may not all leave either."""
    await registered(store, an(), chi())
    both = [{"personal_id": AN, "relation": "head"}, {"personal_id": CHI, "relation": "child"}]
    new = household(members=both)
    (made,) = await store.write(lambda tx: households.form(tx, [new], batch=False, now=NOW))
    await heard(store, death())
    refused = await refusal(split(store, made.household_id, (CHI, "head")))
    assert refused == (CONFLICT, "household.somebody_stays")


async def test_a_head_comes_to_a_household_of_minors(store: Store) -> None:
    await registered(store, an(), binh(), chi())
    both = [{"personal_id": AN, "relation": "head"}, {"personal_id": CHI, "relation": "child"}]
    new = household(members=both)
    (made,) = await store.write(lambda tx: households.form(tx, [new], batch=False, now=NOW))
    await heard(store, death())
    await join(store, made.household_id, BINH, "head")
    assert await members(store, made.household_id) == {BINH: "head", CHI: "other"}


async def test_the_dead_form_and_join_no_household(store: Store) -> None:
    await registered(store, an(), binh())
    await heard(store, death())
    alone = household(members=[{"personal_id": AN, "relation": "head"}])
    attempt = store.write(lambda tx: households.form(tx, [alone], batch=True, now=NOW))
    assert await refusal(attempt) == (CONFLICT, "household.member_deceased")
    hers = household(members=[{"personal_id": BINH, "relation": "head"}])
    (made,) = await store.write(lambda tx: households.form(tx, [hers], batch=True, now=NOW))
    assert (await refusal(join(store, made.household_id, AN, "spouse")))[0] is CITIZEN_DECEASED


async def test_the_next_head_is_the_spouse_else_the_oldest_of_age(store: Store) -> None:
    home = await formed(store)
    await heard(store, death())
    assert await members(store, home) == {BINH: "head", CHI: "child", SON: "child"}
    await heard(store, death("death-2", BINH))
    assert await members(store, home) == {SON: "head", CHI: "sibling"}


def test_relations_are_mutual_where_they_say_enough() -> None:
    """Whoever is X to a new head is never a second head, and the old head is always something sensible."""
    for new_head, member in product(Relation, Relation):
        assert relation_to_new_head(new_head, member) is not Relation.HEAD
    mirrored = {
        Relation.SPOUSE: Relation.SPOUSE,
        Relation.CHILD: Relation.PARENT,
        Relation.PARENT: Relation.CHILD,
        Relation.SIBLING: Relation.SIBLING,
        Relation.GRANDPARENT: Relation.GRANDCHILD,
        Relation.GRANDCHILD: Relation.GRANDPARENT,
        Relation.OTHER: Relation.OTHER,
    }
    for was, is_now in mirrored.items():
        assert relation_to_new_head(was, Relation.HEAD) is is_now


async def test_nobody_is_in_two_households_on_a_past_day(store: Store) -> None:
    """Who left one household on a day can enter another from that day on, not before it."""
    await registered(store, an(residences=[home()]), binh())
    alone = household(members=[{"personal_id": AN, "relation": "head"}])
    await store.write(lambda tx: households.form(tx, [alone], batch=False, now=NOW))
    hers = household(number=None, members=[{"personal_id": BINH, "relation": "head"}])
    (made,) = await store.write(lambda tx: households.form(tx, [hers], batch=False, now=NOW))
    (stay,) = await store.read(lambda tx: residences(tx, AN))
    asked = Deregistration.model_validate({"on": "2026-11-01", "reason": "other"})
    await store.write(lambda tx: deregister(tx, AN, stay.id, asked, expected=None, now=NOW))
    early = JoiningMember.model_validate({"personal_id": AN, "relation": "spouse", "valid_from": "2026-10-31"})
    attempt = store.write(lambda tx: households.join(tx, made.household_id, early, now=NOW))
    assert await refusal(attempt) == (VALIDATION, "residence.not_later")
    another = alone.model_copy(update={"number": None})
    again = store.write(lambda tx: households.form(tx, [another], batch=True, now=NOW))
    assert await refusal(again) == (CONFLICT, "household.member_elsewhere")
    assert (await join(store, made.household_id, AN, "spouse")).version == 2
