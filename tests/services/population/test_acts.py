"""What the civil registry tells takes effect once, in whatever order it comes, and on nobody it is not about."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from contracts.events.population import CitizenChanged, CitizenRegistered
from contracts.identifiers import Sex, check_personal_id_agrees
from contracts.population import (
    CheckOutcome,
    EndReason,
    IdentityCheck,
    LifeStatus,
    MaritalStatus,
    NewAbsence,
)
from services.bus.kit.clock import FixedClock
from services.bus.kit.inbox import Apply, Arrival
from services.bus.kit.store import Store
from services.bus.kit.tx import Tx
from services.population import models
from services.population.commands import checks, households, registration
from services.population.commands.acts.numbers import free_number
from services.population.commands.residences.absence import declare_absence
from services.population.queries import citizens as queries
from services.population.queries import households as household_queries
from services.population.reactions import on_civil_event
from tests.services.population.acts import (
    FATHER,
    MOTHER,
    assigned,
    birth,
    correction,
    death,
    event_of,
    heard,
    marriage,
    person,
    recognition,
)
from tests.services.population.people import (
    AN,
    BINH,
    CHI,
    NEW_COMMUNE,
    NOW,
    an,
    binh,
    check,
    chi,
    citizens,
    events,
    home,
    household,
    registered,
)

pytestmark = pytest.mark.anyio


async def changed_of(store: Store, personal_id: str) -> list[tuple[str, ...]]:
    """Which fields each change of a citizen named."""
    return [
        event.data_as(CitizenChanged).changed
        for event in await events(store)
        if event.is_a(CitizenChanged) and event.key == personal_id
    ]


async def versions_are_whole(store: Store) -> None:
    """Versions count up by one per key, from 1."""
    seen: dict[str, int] = {}
    for event in await events(store):
        assert event.version == seen.get(event.key, 0) + 1, event.type
        seen[event.key] = event.version


async def count(store: Store, table: Any) -> int:
    return await store.read(lambda tx: tx.scalar(select(func.count()).select_from(table)) or 0)


async def test_a_birth_makes_a_citizen_with_a_number(store: Store) -> None:
    await heard(store, birth())
    numbers = await assigned(store)
    number = numbers["birth-1"]
    assert number[:3] == "052"
    check_personal_id_agrees(number, sex=Sex.MALE, date_of_birth=date(2026, 11, 20))
    child = await person(store, number)
    assert (child.full_name, child.family_name, child.given_name) == ("Nguyễn Bình Minh", "Nguyễn", "Minh")
    assert (child.marital_status, child.version, child.status) == (MaritalStatus.SINGLE, 1, LifeStatus.ALIVE)
    assert child.mother is not None and child.mother.personal_id == BINH
    assert child.birth_place is not None
    assert (child.birth_place.unit_code, child.birth_place.detail) == (NEW_COMMUNE, "Trạm y tế")
    happened = await events(store)
    assert [event.key for event in happened] == [number, "birth-1/personal-id"]
    assert happened[0].data_as(CitizenRegistered).sex == "male"
    await versions_are_whole(store)


async def test_a_birth_that_comes_again_changes_nothing(store: Store) -> None:
    """As the same event, as another version of its record, and past the inbox."""
    same = event_of(birth())
    outcomes = await heard(store, same, same)
    assert outcomes == {"applied": 1, "duplicate": 1}
    await heard(store, event_of(birth(), version=2))
    await heard(store, event_of(birth(), key="another-key"))
    assert await count(store, models.Citizen) == 1
    assert len(await events(store)) == 2


async def test_twins_are_two(store: Store) -> None:
    await heard(store, birth("twin-1", "Nguyễn Bình Minh"), birth("twin-2", "Nguyễn Bình Minh"))
    numbers = await assigned(store)
    assert len(set(numbers.values())) == 2
    assert {number[:6] for number in numbers.values()} == {"052226"}
    await versions_are_whole(store)


async def test_a_birth_without_a_mother_and_with_an_unreadable_place(store: Store) -> None:
    place = {"unit_code": "99999", "on": "2026-11-20", "detail": "x" * 300}
    await heard(store, birth(mother=None, father=None, birth_place=place, child={"ethnicity": None}))
    (number,) = (await assigned(store)).values()
    child = await person(store, number)
    assert (child.mother, child.father, child.ethnicity) == (None, None, "01")
    assert child.birth_place is not None
    assert (child.birth_place.unit_code, len(child.birth_place.detail)) == (None, 200)


async def test_a_number_somebody_bears_gives_way_to_the_next(store: Store) -> None:
    """Also where they came in with the same commit."""

    def proposed(tx: Tx) -> str:
        return free_number(tx, "birth-1", unit_code="21964", on=date(2026, 11, 22), sex=Sex.MALE, year=2026)

    first = await store.read(proposed)
    assert await store.read(proposed) == first
    bearer = citizens(an(personal_id=first, date_of_birth="2026-11-01", id_card=None))
    arrival = Arrival(event_of(birth()), b"", NOW, NOW)

    def both(tx: Tx) -> None:
        registration.register(tx, bearer, batch=True, now=NOW)
        Apply("population-civil", on_civil_event(FixedClock(NOW)), [arrival], FixedClock(NOW))(tx)

    await store.write(both)
    assert await count(store, models.Citizen) == 2
    assert (await assigned(store))["birth-1"] != first


async def test_an_old_birth_entered_again_keeps_its_number(store: Store) -> None:
    await registered(store, an())
    old = {"full_name": "Nguyễn Văn An", "personal_id": AN, "sex": "male", "date_of_birth": "1990-04-30"}
    await heard(store, birth("again", child=old, born_on="1990-04-30", again=True))
    assert await count(store, models.Citizen) == 1
    hers = {"full_name": "Trần Thị Bình", "personal_id": BINH, "sex": "female", "date_of_birth": "1991"}
    await heard(store, birth("again-2", child=hers, born_on="1991", again=True))
    shown = await person(store, BINH)
    assert (shown.date_of_birth, shown.marital_status) == ("1991", MaritalStatus.UNKNOWN)
    assert await assigned(store) == {}


async def test_a_death_closes_everything(store: Store) -> None:
    await registered(
        store,
        an(marital_status="married", spouse=MOTHER_AS_SPOUSE, residences=[home()]),
        binh(marital_status="married", spouse=FATHER_AS_SPOUSE),
        chi(),
    )
    (made,) = await store.write(lambda tx: households.form(tx, [household()], batch=False, now=NOW))
    away = NewAbsence.model_validate({"reason": "other", "valid_from": "2026-11-01"})
    await store.write(lambda tx: declare_absence(tx, AN, away, expected=None, now=NOW))
    await heard(store, death())
    his = await person(store, AN)
    assert (his.status, str(his.died_on), his.residences, his.household) == ("deceased", "2026-11-19", [], None)
    (stay,) = await store.read(lambda tx: queries.residences(tx, AN))
    assert (str(stay.valid_to), stay.end_reason) == ("2026-11-20", EndReason.DEATH)
    (absence,) = await store.read(lambda tx: queries.absences(tx, AN))
    assert str(absence.valid_to) == "2026-11-20"
    hers = await person(store, BINH)
    assert (hers.marital_status, hers.spouse) == (MaritalStatus.DIVORCED_OR_WIDOWED, None)
    shown = await store.read(lambda tx: household_queries.household(tx, made.household_id))
    assert shown is not None
    assert [(each.personal_id, each.relation.value) for each in shown.members] == [
        (BINH, "head"),
        (CHI, "child"),
    ]
    await versions_are_whole(store)
    before = len(await events(store))
    await heard(store, event_of(death(), key="another-key"), event_of(death(), version=2))
    assert len(await events(store)) == before


async def test_a_household_of_minors_stays_without_a_head(store: Store) -> None:
    await registered(store, an(), chi())
    members = [{"personal_id": AN, "relation": "head"}, {"personal_id": CHI, "relation": "child"}]
    new = household(members=members)
    (made,) = await store.write(lambda tx: households.form(tx, [new], batch=False, now=NOW))
    await heard(store, death())
    shown = await store.read(lambda tx: household_queries.household(tx, made.household_id))
    assert shown is not None
    assert (shown.head_personal_id, [each.personal_id for each in shown.members]) == (None, [CHI])
    hers = await person(store, CHI)
    assert hers.household is not None
    assert (hers.household.head_personal_id, hers.household.head_full_name) == (None, None)
    (*_, event) = await events(store)
    assert (event.data["head_personal_id"], event.data["members"]) == (None, 1)


async def test_the_dead_match_and_are_told_to_be_dead(store: Store) -> None:
    await registered(store, an())
    asked = [IdentityCheck.model_validate(check()), IdentityCheck.model_validate(check(full_name="Ai Đó"))]

    async def told() -> list[tuple[CheckOutcome, LifeStatus | None]]:
        answer = await store.write(lambda tx: checks.check_identities(tx, asked, client_id="c", now=NOW))
        return [(each.outcome, each.life_status) for each in answer.results]

    mismatch = (CheckOutcome.MISMATCHED, None)
    assert await told() == [(CheckOutcome.MATCHED, LifeStatus.ALIVE), mismatch]
    await heard(store, death())
    assert await told() == [(CheckOutcome.MATCHED, LifeStatus.DECEASED), mismatch]


async def test_a_death_known_by_its_year_only(store: Store) -> None:
    await registered(store, an(), binh())
    await heard(store, death(died_on="2019"), death("death-2", BINH, died_on="2026"))
    assert str((await person(store, AN)).died_on) == "2019-12-31"
    assert str((await person(store, BINH)).died_on) == "2026-11-22"


async def test_a_stay_begun_after_the_death_was_never_lived(store: Store) -> None:
    await registered(store, an(residences=[home(unit_code=NEW_COMMUNE, valid_from="2026-11-21")]))
    await heard(store, death())
    (stay,) = await store.read(lambda tx: queries.residences(tx, AN))
    assert stay.valid_from == stay.valid_to
    assert await store.read(lambda tx: queries.residences(tx, AN, on=date(2026, 11, 21))) == []


async def test_a_corrected_day_of_death(store: Store) -> None:
    await registered(store, an(residences=[home()]))
    await heard(store, death())
    content = {
        "deceased": {
            "full_name": "Nguyễn Văn An",
            "personal_id": AN,
            "date_of_birth": "1990-04-30",
            "sex": "male",
        },
        "died_on": "2026-11-18",
        "place": {"detail": "Bệnh viện"},
    }
    corrected = correction("death-1", "death", ["died_on"], content, personal_id=AN)
    await heard(store, event_of(corrected, version=2))
    (stay,) = await store.read(lambda tx: queries.residences(tx, AN))
    assert (str((await person(store, AN)).died_on), str(stay.valid_to)) == ("2026-11-18", "2026-11-19")
    await versions_are_whole(store)


async def test_a_marriage_sets_both_sides_once(store: Store) -> None:
    await registered(store, an(), binh())
    await heard(store, marriage())
    for mine, theirs in ((AN, BINH), (BINH, AN)):
        shown = await person(store, mine)
        assert shown.marital_status == MaritalStatus.MARRIED
        assert shown.spouse is not None and shown.spouse.personal_id == theirs
        assert await changed_of(store, mine) == [("marital_status", "spouse")]
    await heard(store, event_of(marriage(), version=2))
    assert len(await events(store)) == 4
    await versions_are_whole(store)


async def test_a_marriage_with_a_foreigner(store: Store) -> None:
    await registered(store, binh())
    await heard(store, marriage(husband={"full_name": "John Smith", "nationality": "GB"}))
    hers = await person(store, BINH)
    assert hers.spouse is not None
    assert (hers.spouse.full_name, hers.spouse.nationality, hers.spouse.personal_id) == ("John Smith", "GB", None)
    assert await count(store, models.WaitingAct) == 0


async def test_a_marriage_heard_of_after_a_death_leaves_the_other_widowed(store: Store) -> None:
    await registered(store, an(), binh())
    await heard(store, death())
    await heard(store, marriage(married_on="2026-11-01"))
    assert (await person(store, BINH)).marital_status == MaritalStatus.DIVORCED_OR_WIDOWED


async def test_a_marriage_that_ended(store: Store) -> None:
    await registered(store, an(), binh())
    await heard(store, marriage())
    born = {"date_of_birth": "1990-04-30", "sex": "male"}, {"date_of_birth": "1991-09-02", "sex": "female"}
    content = {"husband": {**FATHER, **born[0]}, "wife": {**MOTHER, **born[1]}}
    noted = correction("marriage-1", "marriage", ["ended_on"], {**content, "ended_on": "2026-11-21"})
    await heard(store, event_of(noted, version=2))
    for personal_id in (AN, BINH):
        shown = await person(store, personal_id)
        assert (shown.marital_status, shown.spouse) == (MaritalStatus.DIVORCED_OR_WIDOWED, None)
    other = correction("marriage-1", "marriage", ["voluntary"], content)
    assert (await heard(store, event_of(other, version=3))) == {"applied": 1}


async def test_a_correction_that_comes_before_its_birth_waits_for_it(store: Store) -> None:
    """The inbox holds it back: the record's second event is applied after its first."""
    fixed = event_of(corrected_birth(), version=2)
    assert await heard(store, fixed) == {"held": 1}
    assert await heard(store, birth()) == {"applied": 2}
    (number,) = (await assigned(store)).values()
    child = await person(store, number)
    assert (child.full_name, child.given_name, child.ethnicity) == ("Nguyễn Bình An", "An", "16")
    assert child.mother is None
    assert child.hometown is not None and child.hometown.detail == "Bình Định"
    assert await changed_of(store, number) == [("ethnicity", "full_name", "given_name", "hometown", "mother")]


def corrected_birth() -> Any:
    child = {
        "full_name": "Nguyễn Bình An",
        "sex": "male",
        "date_of_birth": "2026-11-20",
        "ethnicity": "16",
        "birth_place": {"detail": "Trạm y tế"},
        "hometown": {"detail": "Bình Định"},
    }
    changed = ["child.full_name", "child.ethnicity", "child.hometown.detail", "mother"]
    return correction("birth-1", "birth", changed, {"child": child})


async def test_a_recognised_father(store: Store) -> None:
    await registered(store, chi())
    await heard(store, recognition(child={"full_name": "Nguyễn Ngọc Chi", "personal_id": CHI}))
    shown = await person(store, CHI)
    assert shown.father is not None and shown.father.personal_id == AN
    await heard(store, birth(father=None))
    await heard(store, recognition("recognition-2", birth_record_id="birth-1"))
    (number,) = (await assigned(store)).values()
    child = await person(store, number)
    assert child.father is not None and child.father.personal_id == AN


async def test_what_is_heard_of_somebody_not_here_waits_for_them(store: Store) -> None:
    """A death and a marriage before the registration, and an infant's death before the birth: in the order they
    came, once, whichever way the person comes in."""
    await heard(store, marriage(), death(), death("death-2", None, birth_record_id="birth-1"))
    assert await count(store, models.WaitingAct) == 4
    people_in = citizens(an(residences=[home()]), binh())
    made = await store.write(lambda tx: registration.register(tx, people_in, batch=True, now=NOW))
    his, hers = await person(store, AN), await person(store, BINH)
    assert (his.status, his.residences) == (LifeStatus.DECEASED, [])
    assert hers.marital_status == MaritalStatus.DIVORCED_OR_WIDOWED
    assert [each.version for each in made] == [his.version, hers.version]
    await heard(store, birth())
    (number,) = (await assigned(store)).values()
    assert (await person(store, number)).status == LifeStatus.DECEASED
    assert await count(store, models.WaitingAct) == 0
    await versions_are_whole(store)


async def test_acts_that_are_nobodys_business_here_are_passed_over(store: Store) -> None:
    ward = correction("g-1", "guardianship", ["reason"], {"anything": 1})
    unknown = correction("x-1", "something-new", ["reason"], {"anything": 1})
    nobody = death("death-9", None)
    assert await heard(store, ward, unknown, nobody) == {"applied": 3}
    assert await events(store) == []


MOTHER_AS_SPOUSE = {"full_name": "Trần Thị Bình", "personal_id": BINH}
FATHER_AS_SPOUSE = {"full_name": "Nguyễn Văn An", "personal_id": AN}
