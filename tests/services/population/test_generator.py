"""Generated people are possible, unique, the same for the same seed, and go in through the front door."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import islice
from random import Random

import httpx
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from contracts.catalogue.loader import REFORM_DAY
from contracts.identifiers import Sex
from contracts.population import NewCitizen, NewHousehold, Relation, ResidenceKind
from contracts.population.values import birth_year
from services.bus.kit.store import Store
from services.bus.kit.tx import Tx
from services.population.commands import households as household_commands
from services.population.commands import registration
from services.population.generator import (
    AS_OF,
    GeneratedHousehold,
    LoadRefusedError,
    generate,
    households,
    import_citizens,
    import_households,
    load,
    load_households,
)
from services.population.generator.draws import Deck
from services.population.generator.numbers import Numbers
from services.population.models import metadata
from tests.services.population.people import NOW, PURPOSE

COUNT = 6_000


@pytest.fixture(scope="module")
def province() -> list[GeneratedHousehold]:
    return list(households(2023, COUNT))


@pytest.fixture(scope="module")
def people(province: list[GeneratedHousehold]) -> list[NewCitizen]:
    return [citizen for each in province for citizen in each.citizens]


@given(st.integers(0, 2**32), st.integers(1, 60), st.integers(0, 30))
@hypothesis_settings(max_examples=15)
def test_a_seed_gives_the_same_people_and_more_only_add(seed: int, count: int, more: int) -> None:
    first = list(generate(seed, count))
    assert len(first) == count
    assert list(islice(generate(seed, count + more), count)) == first
    assert list(generate(seed + 1, count)) != first


def test_what_is_put_together_is_what_validation_would_have_made(province: list[GeneratedHousehold]) -> None:
    for each in province[:300]:
        for citizen in each.citizens:
            assert NewCitizen.model_validate_json(citizen.model_dump_json(exclude_defaults=True)) == citizen
        assert NewHousehold.model_validate_json(each.household.model_dump_json()) == each.household


def test_numbers_are_unique(people: list[NewCitizen]) -> None:
    cards = [citizen.id_card for citizen in people if citizen.id_card]
    assert len({citizen.personal_id for citizen in people}) == COUNT
    assert len(set(cards)) == len(cards)
    assert all(citizen.id_card is None for citizen in people if birth_year(citizen.date_of_birth) >= 2002)
    assert len(cards) > COUNT / 2


@pytest.mark.parametrize("as_of", [AS_OF, date(2026, 6, 1)])
@pytest.mark.anyio
async def test_the_service_takes_them_all(tmp_path_factory: pytest.TempPathFactory, as_of: date) -> None:
    """Also those whose stays began after the reform: no code is ever of the wrong period."""
    folder = tmp_path_factory.mktemp("population")
    made = list(households(7, 1_500, as_of=as_of))
    people = [citizen for each in made for citizen in each.citizens]
    async with Store(f"sqlite:///{folder}/p.db", source="test") as store:
        store.create_tables(metadata)

        def enter(tx: Tx) -> int:
            registration.register(tx, people, batch=True, now=NOW)
            tx.run_later()
            homes = [each.household for each in made]
            return len(household_commands.form(tx, homes, batch=True, now=NOW))

        assert await store.write(enter) == len(made)
    late = [stay for each in people for stay in each.residences if stay.valid_from >= REFORM_DAY]
    assert bool(late) == (as_of > REFORM_DAY)


def test_names_are_as_common_as_they_are(people: list[NewCitizen]) -> None:
    families = Counter(citizen.full_name.split()[0] for citizen in people)
    share = {name: count / COUNT for name, count in families.items()}
    assert 0.29 < share["Nguyễn"] < 0.38
    assert 0.08 < share["Trần"] < 0.14
    assert 0.06 < share["Lê"] < 0.13
    assert len({citizen.full_name for citizen in people}) > COUNT / 2
    thi = {
        sex: sum(" Thị " in each.full_name for each in people if each.sex == sex) / COUNT
        for sex in (Sex.MALE, Sex.FEMALE)
    }
    assert thi[Sex.MALE] == 0
    assert thi[Sex.FEMALE] > 0.2


def test_the_ages_and_sexes_make_a_pyramid(people: list[NewCitizen]) -> None:
    ages = [AS_OF.year - 1 - birth_year(citizen.date_of_birth) for citizen in people]
    assert 0.15 < sum(age < 15 for age in ages) / COUNT < 0.28
    assert 0.55 < sum(15 <= age < 60 for age in ages) / COUNT < 0.72
    assert 0.10 < sum(age >= 60 for age in ages) / COUNT < 0.20
    assert 0.47 < sum(citizen.sex == Sex.MALE for citizen in people) / COUNT < 0.53
    assert 0.85 < sum(citizen.personal_id.startswith("052") for citizen in people) / COUNT < 0.99
    years_only = [citizen for citizen in people if isinstance(citizen.date_of_birth, str)]
    assert years_only
    assert all(birth_year(citizen.date_of_birth) < 1960 for citizen in years_only)


def test_households_hold_together(province: list[GeneratedHousehold]) -> None:
    sizes = Counter(len(each.citizens) for each in province)
    assert set(sizes) == set(range(1, 8))
    for each in province:
        members = each.household.members
        assert [member.personal_id for member in members] == [citizen.personal_id for citizen in each.citizens]
        assert [member.relation for member in members].count(Relation.HEAD) == 1
        assert members[0].relation == Relation.HEAD
        for citizen, member in zip(each.citizens, members, strict=True):
            if member.relation == Relation.CHILD:
                check_child(citizen)


def check_child(child: NewCitizen) -> None:
    """A child is 19 to 45 years younger than a parent at home, and bears the father's family name."""
    born = birth_year(child.date_of_birth)
    assert child.father is not None
    assert child.mother is not None
    assert child.full_name.split()[0] == child.father.full_name.split()[0]
    if child.mother.personal_id is not None:
        mother_born = 1900 + 100 * (int(child.mother.personal_id[3]) // 2) + int(child.mother.personal_id[4:6])
        assert 19 <= born - mother_born <= 55


def test_people_live_in_real_communes(people: list[NewCitizen]) -> None:
    homes = [stay for citizen in people for stay in citizen.residences if stay.kind == ResidenceKind.PERMANENT]
    assert len(homes) == COUNT
    assert len({stay.unit_code for stay in homes}) > 140
    assert all(stay.unit_code.startswith(("21", "22")) for stay in homes)
    highlanders = [citizen for citizen in people if citizen.ethnicity != "01"]
    assert 0.005 < len(highlanders) / COUNT < 0.08


def test_numbers_run_out_loudly() -> None:
    numbers = Numbers(Random(1))
    given = {numbers.personal_id("052", Sex.FEMALE, 1990) for _ in range(2_000)}
    assert len(given) == 2_000
    assert {number[:6] for number in given} == {"052190"}
    assert numbers.personal_id("052", Sex.MALE, 2015)[:6] == "052215"
    assert len({numbers.id_card() for _ in range(2_000)}) == 2_000


def test_a_deck_is_dealt_by_weight() -> None:
    rng = Random(1)
    drawn = Counter(Deck({"a": 3.0, "b": 1.0}).draw(rng) for _ in range(4_000))
    assert 2_800 < drawn["a"] < 3_200


@pytest.mark.anyio
async def test_loading_over_http(client: httpx.AsyncClient) -> None:
    made = list(households(5, 230))
    told: list[int] = []
    loaded = await load_households(client, made, batch=50, concurrency=3, on_progress=told.append)
    assert (loaded.citizens, loaded.households, sum(told)) == (230, len(made), 230)
    someone = made[0].citizens[0]
    shown = (await client.get(f"/v1/citizens/{someone.personal_id}", headers=PURPOSE)).json()
    assert shown["full_name"] == someone.full_name
    assert shown["household"]["relation"] == "head"
    repeated = await load_households(client, made, batch=50)
    assert repeated.citizens == 230
    with pytest.raises(ExceptionGroup) as refused:
        await load(client, generate(5, 60), batch=60)
    (error,) = refused.value.exceptions
    assert isinstance(error, LoadRefusedError)
    assert "already-exists" in str(error)
    assert someone.full_name not in str(error)


@pytest.mark.anyio
async def test_loading_as_an_import(client: httpx.AsyncClient) -> None:
    made = list(households(6, 230))
    told: list[int] = []
    loaded = await import_households(client, made, part_bytes=40_000, on_progress=told.append)
    assert (loaded.citizens, loaded.households, sum(told)) == (230, len(made), 230)
    assert len(told) > 2
    for each in (made[0], made[-1]):
        someone = each.citizens[-1]
        shown = (await client.get(f"/v1/citizens/{someone.personal_id}", headers=PURPOSE)).json()
        assert shown["full_name"] == someone.full_name
        assert shown["household"]["head_personal_id"] == each.citizens[0].personal_id
    with pytest.raises(ExceptionGroup) as refused:
        await import_citizens(client, generate(6, 60))
    (error,) = refused.value.exceptions
    assert isinstance(error, LoadRefusedError)
    assert "60 lines refused; line 1: personal_id: already-exists" in str(error)
    assert made[0].citizens[0].full_name not in str(error)


class Losing(httpx.AsyncBaseTransport):
    """Carries out every second change and loses the answer, or half of what was sent."""

    def __init__(self, behind: httpx.AsyncBaseTransport) -> None:
        self.behind = behind
        self.changes = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method != "PATCH":
            return await self.behind.handle_async_request(request)
        self.changes += 1
        if self.changes % 4 == 1:
            half = request.content[: len(request.content) // 2]
            headers = {name: value for name, value in request.headers.items() if name != "content-length"}
            request = httpx.Request("PATCH", request.url, content=half, headers=headers)
        response = await self.behind.handle_async_request(request)
        if self.changes % 2:
            await response.aread()
            raise httpx.ReadError("lost")
        return response


@pytest.mark.anyio
async def test_an_import_goes_on_where_the_service_stands(client: httpx.AsyncClient) -> None:
    transport = Losing(client._transport)
    url, headers = client.base_url, client.headers
    async with httpx.AsyncClient(transport=transport, base_url=url, headers=headers) as losing:
        loaded = await import_citizens(losing, generate(8, 150), part_bytes=20_000)
    assert loaded.citizens == 150
    assert transport.changes > 6
    with pytest.raises(ExceptionGroup) as refused:
        await import_citizens(client, generate(8, 150))
    assert "150 lines refused" in str(refused.value.exceptions[0])
