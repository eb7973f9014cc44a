"""Registration: all or nothing, every error at its place, one event a citizen."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from contracts.events.population import CitizenRegistered
from contracts.problems import ALREADY_EXISTS, INCONSISTENT_PERSON, Problem
from services.bus.kit.store import Store
from services.population.commands import registration
from services.population.models import Citizen
from services.population.queries import citizens as queries
from tests.services.population.people import (
    AN,
    BINH,
    CHI,
    NOW,
    TODAY,
    an,
    binh,
    chi,
    citizens,
    events,
    home,
    registered,
)

pytestmark = pytest.mark.anyio


async def count(store: Store) -> int | None:
    return await store.read(lambda tx: tx.scalar(select(func.count()).select_from(Citizen)))


async def refusal(store: Store, *bodies: dict[str, Any], batch: bool = True) -> Problem:
    people = citizens(*bodies)
    with pytest.raises(Problem) as refused:
        await store.write(lambda tx: registration.register(tx, people, batch=batch, now=NOW))
    return refused.value


async def test_what_goes_in_comes_out(store: Store) -> None:
    relative = {"full_name": "Nguyễn Văn Cha", "personal_id": "052060000001", "id_card": None}
    await registered(
        store,
        an(
            father=relative,
            birth_place={"unit_code": "540"},
            hometown={"unit_code": "52", "on": "2026-01-01", "detail": "Làng cũ"},
            blood_group="AB",
            marital_status="married",
            eid_level=2,
            residences=[home()],
        ),
    )
    found = await store.read(lambda tx: queries.citizen(tx, AN, on=TODAY))
    assert found is not None
    assert (found.family_name, found.middle_name, found.given_name) == ("Nguyễn", "Văn", "An")
    assert (found.version, found.status, found.eid_level) == (1, "alive", 2)
    assert found.father is not None
    assert found.father.model_dump() == {**relative, "nationality": "VN"}
    assert found.birth_place is not None
    assert found.birth_place.unit_name == "Thành phố Quy Nhơn, Tỉnh Bình Định"
    assert found.hometown is not None
    assert (found.hometown.unit_name, found.hometown.after_reform) == ("Tỉnh Gia Lai", None)
    (residence,) = found.residences
    assert residence.unit_name == "Xã Phước Hưng, Huyện Tuy Phước, Tỉnh Bình Định"
    assert found.household is None


async def test_a_bare_year_stays_a_bare_year(store: Store) -> None:
    await registered(store, an(date_of_birth="1990"))
    found = await store.read(lambda tx: queries.citizen(tx, AN, on=TODAY))
    assert found is not None
    assert found.date_of_birth == "1990"


async def test_each_citizen_is_announced_once_as_version_one(store: Store) -> None:
    old = home(valid_from="2010-01-01", unit_code="21931")
    await registered(store, an(residences=[home(), old]), binh(date_of_birth="1991"))
    first, second = await events(store)
    assert (first.key, first.version, second.key, second.version) == (AN, 1, BINH, 1)
    about_an, about_binh = first.data_as(CitizenRegistered), second.data_as(CitizenRegistered)
    assert (about_an.commune_code, str(about_an.resident_since)) == (home()["unit_code"], "2016-05-01")
    assert (about_binh.date_of_birth, about_binh.commune_code) == ("1991", None)
    assert AN not in first.model_dump_json(exclude={"key", "data"})


async def test_residences_of_a_kind_follow_each_other(store: Store) -> None:
    earlier = home(valid_from="1990-04-30", unit_code="21931")
    await registered(store, an(residences=[home(), earlier, home("current", valid_from="2020-01-01")]))
    found = await store.read(lambda tx: queries.residences(tx, AN))
    spans = [(each.kind.value, str(each.valid_from), str(each.valid_to)) for each in found]
    assert spans == [
        ("current", "2020-01-01", "None"),
        ("permanent", "2016-05-01", "None"),
        ("permanent", "1990-04-30", "2016-05-01"),
    ]


async def test_one_contradiction_keeps_the_whole_batch_out(store: Store) -> None:
    problem = await refusal(store, an(), binh(sex="male", date_of_birth="1990"))
    assert problem.type is INCONSISTENT_PERSON
    assert [error.field for error in problem.errors] == ["body[1].sex", "body[1].date_of_birth"]
    assert await count(store) == 0
    assert await events(store) == []


async def test_one_citizen_alone_has_no_index_in_its_errors(store: Store) -> None:
    problem = await refusal(store, an(sex="female"), batch=False)
    assert [error.field for error in problem.errors] == ["body.sex"]


async def test_two_residences_of_a_kind_cannot_begin_on_one_day(store: Store) -> None:
    problem = await refusal(store, an(residences=[home(), home(detail="khác"), home("current")]))
    assert [(e.field, e.rule) for e in problem.errors] == [("body[0].residences[1].valid_from", "residence.twice")]


async def test_a_number_is_borne_once(store: Store) -> None:
    await registered(store, an())
    problem = await refusal(store, binh(id_card="211234567"), an(), chi(), chi(id_card=None))
    assert problem.type is ALREADY_EXISTS
    fields = [error.field for error in problem.errors]
    assert fields == ["body[0].id_card", "body[1].personal_id", "body[1].id_card", "body[3].personal_id"]
    assert await count(store) == 1


async def test_two_at_once_with_one_number_is_one_registration(store: Store) -> None:
    """Both may pass the check in one group commit; the table decides, and the loser gets its problem."""

    async def attempt(name: str) -> object:
        people = citizens(chi(full_name=name))
        return await store.write(lambda tx: registration.register(tx, people, batch=False, now=NOW))

    results = await asyncio.gather(*(attempt(f"Chi {letter}") for letter in "ABCDEFGH"), return_exceptions=True)
    refused = [result for result in results if isinstance(result, Problem)]
    assert len(refused) == 7
    assert {problem.type for problem in refused} == {ALREADY_EXISTS}
    assert len(await events(store)) == await count(store) == 1
    assert (await events(store))[0].key == CHI
