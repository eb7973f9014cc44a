"""Changes and moves: strict as registration, one version and one event each, history kept."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.events.population import CitizenChanged, ResidenceChanged
from contracts.population import CitizenChange, EnteredResidence, NewResidence, RegisteredCitizen
from contracts.problems import (
    ALREADY_EXISTS,
    INCONSISTENT_PERSON,
    NOT_FOUND,
    STALE_VERSION,
    VALIDATION,
    Problem,
)
from services.bus.kit.store import Store
from services.population.commands import changes
from services.population.commands.residences import entry
from services.population.queries import citizens as queries
from tests.services.population.people import (
    AN,
    ELSEWHERE,
    NEW_COMMUNE,
    NOBODY,
    NOW,
    TODAY,
    an,
    binh,
    events,
    home,
    registered,
)

pytestmark = pytest.mark.anyio

GUEST = {"kind": "temporary", "unit_code": ELSEWHERE, "valid_from": "2020-02-02", "valid_to": "2021-02-02"}


async def change(
    store: Store, personal_id: str = AN, expected: int | None = None, **fields: Any
) -> RegisteredCitizen:
    body = CitizenChange.model_validate(fields)
    return await store.write(lambda tx: changes.change(tx, personal_id, body, expected=expected, now=NOW))


async def move(store: Store, expected: int | None = None, **fields: Any) -> EnteredResidence:
    body = NewResidence.model_validate(home(**fields))
    return await store.write(lambda tx: entry.move(tx, AN, body, expected=expected, now=NOW))


async def test_a_change_names_its_fields_and_counts_up(store: Store) -> None:
    await registered(store, an())
    spouse = {"full_name": "Trần Thị Bình", "personal_id": "052191000456"}
    result = await change(store, expected=1, marital_status="married", spouse=spouse, religion="00")
    assert result.version == 2
    event = (await events(store))[-1]
    assert (event.key, event.version) == (AN, 2)
    assert event.data_as(CitizenChanged).changed == ("marital_status", "spouse")
    assert "Bình" not in event.model_dump_json()
    found = await store.read(lambda tx: queries.citizen(tx, AN, on=TODAY))
    assert found is not None
    assert found.marital_status == "married"
    assert found.spouse is not None
    assert found.id_card == "211234567"


async def test_a_change_of_nothing_changes_nothing(store: Store) -> None:
    await registered(store, an())
    assert (await change(store, full_name="Nguyễn Văn An", id_card="211234567")).version == 1
    assert (await change(store)).version == 1
    assert len(await events(store)) == 1


async def test_a_new_name_is_split_and_folded_anew(store: Store) -> None:
    await registered(store, an())
    await change(store, full_name="Tôn Thất An", family_name="Tôn Thất", given_name="An")
    found = await store.read(lambda tx: queries.citizen(tx, AN, on=TODAY))
    assert found is not None
    assert (found.family_name, found.middle_name, found.given_name) == ("Tôn Thất", "", "An")
    assert (await events(store))[-1].data["changed"] == ["family_name", "full_name", "middle_name"]
    await change(store, full_name="Lê Văn An")
    found = await store.read(lambda tx: queries.citizen(tx, AN, on=TODAY))
    assert found is not None
    assert found.family_name == "Lê"


async def test_null_clears_a_field_that_may_be_empty(store: Store) -> None:
    await registered(store, an())
    await change(store, id_card=None)
    found = await store.read(lambda tx: queries.citizen(tx, AN, on=TODAY))
    assert found is not None
    assert found.id_card is None


async def test_changes_that_contradict_are_refused(store: Store) -> None:
    await registered(store, an(), binh(id_card="219999999"))
    for fields, kind, field in [
        ({"sex": "female"}, INCONSISTENT_PERSON, "body.sex"),
        ({"date_of_birth": "1991-04-30"}, INCONSISTENT_PERSON, "body.date_of_birth"),
        ({"family_name": "Lê"}, INCONSISTENT_PERSON, "body.family_name"),
        ({"hometown": {"unit_code": "99"}}, VALIDATION, "body.hometown.unit_code"),
        ({"id_card": "219999999"}, ALREADY_EXISTS, "body.id_card"),
    ]:
        with pytest.raises(Problem) as refused:
            await change(store, **fields)
        assert (refused.value.type, refused.value.errors[0].field) == (kind, field)
    assert len(await events(store)) == 2


async def test_a_stale_version_or_an_unknown_citizen_is_refused(store: Store) -> None:
    await registered(store, an())
    await change(store, eid_level=1)
    with pytest.raises(Problem) as refused:
        await change(store, expected=1, eid_level=2)
    assert refused.value.type is STALE_VERSION
    with pytest.raises(Problem) as refused:
        await move(store, expected=1, valid_from="2020-01-01")
    assert refused.value.type is STALE_VERSION
    with pytest.raises(Problem) as refused:
        await change(store, NOBODY, eid_level=2)
    assert refused.value.type is NOT_FOUND


async def test_a_move_ends_the_stay_of_its_kind_and_shares_the_versions(store: Store) -> None:
    await registered(store, an(residences=[home()]))
    await change(store, eid_level=2)
    assert (await move(store, unit_code=NEW_COMMUNE, valid_from="2025-07-01", detail="mới")).version == 3
    guest: dict[str, Any] = {
        "kind": "temporary",
        "unit_code": ELSEWHERE,
        "valid_from": "2020-02-02",
        "valid_to": "2021-02-02",
    }
    assert (await move(store, **guest)).version == 4
    found = await store.read(lambda tx: queries.residences(tx, AN))
    assert [(each.kind.value, str(each.valid_from), str(each.valid_to)) for each in found] == [
        ("permanent", "2025-07-01", "None"),
        ("permanent", "2016-05-01", "2025-07-01"),
        ("temporary", "2020-02-02", "2021-02-02"),
    ]
    happened = await events(store)
    assert [event.version for event in happened] == [1, 2, 3, 4]
    moved = happened[2].data_as(ResidenceChanged)
    assert (moved.commune_code, moved.kind, str(moved.valid_from)) == (NEW_COMMUNE, "permanent", "2025-07-01")


async def test_a_move_is_never_before_the_present_stay(store: Store) -> None:
    await registered(store, an(residences=[home()]))
    for day in ("2016-05-01", "2010-01-01"):
        with pytest.raises(Problem) as refused:
            await move(store, valid_from=day)
        assert [error.rule for error in refused.value.errors] == ["residence.not_later"]
    with pytest.raises(Problem) as refused:
        await move(store, valid_from="2025-07-01")
    assert [error.rule for error in refused.value.errors] == ["unit.wrong_period"]
    assert len(await events(store)) == 1


async def test_an_old_address_is_carried_over_the_reform(store: Store) -> None:
    """One successor: the equivalent; several: all of them and none chosen; today's code: nothing to carry."""
    split = "21634"  # in Hoài Nhơn; its land went to two
    await registered(
        store, an(residences=[home(), home("temporary", unit_code=NEW_COMMUNE, valid_from="2025-08-01")])
    )
    by_kind = {each.kind.value: each for each in await store.read(lambda tx: queries.residences(tx, AN))}
    old = by_kind["permanent"].after_reform
    assert old is not None
    assert old.equivalent is not None
    assert old.equivalent.model_dump() == {"code": NEW_COMMUNE, "name": "Xã Tuy Phước Bắc, Tỉnh Gia Lai"}
    assert by_kind["temporary"].after_reform is None
    await move(store, unit_code=split, valid_from="2020-01-01")
    (newest, *_) = await store.read(lambda tx: queries.residences(tx, AN, on=TODAY))
    assert newest.after_reform is not None
    assert newest.after_reform.equivalent is None
    assert len(newest.after_reform.candidates) > 1
