"""Dossiers that the systems of the province carry out: what is asked for, by whom, and what has to be there first.

Every case is one that the systems grant: people as the population data have them, parcels as the land registry
has them, nobody dead or married twice. The same seed gives the same ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import accumulate
from random import Random
from typing import Any, Final

from contracts.identifiers import Sex
from contracts.population import MaritalStatus, NewCitizen, ResidenceKind
from deploy.demo.figures import CITIZENS, SEED
from services.population.generator import generate

PARCEL_UNIT: Final = "21964"
"""Xã Tuy Phước Bắc, Tỉnh Gia Lai: where the demo's parcels lie."""
_GEOHASH: Final = "w6vgt7c3x5p2"
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Call:
    """A call to be made before the dossier is handed in: a POST of `body` to the land registry."""

    path: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One dossier for systems. `before`: what has to be there first; `filled_in`: which members of the answer to
    that go into which fields of the form."""

    procedure_code: str
    applicant: dict[str, Any]
    form: dict[str, Any]
    before: tuple[Call, ...] = ()
    filled_in: dict[str, str] = field(default_factory=dict)


class Cases:
    """Draws cases; `today` is the day they are handed in."""

    def __init__(self, rng: Random, today: date) -> None:
        self._rng = rng
        self._today = today
        self._parcels = 0
        people = list(_residents())
        rng.shuffle(people)
        half = len(people) // 2
        self._people = people[:half]
        """Who may be in any number of cases."""
        self._once = people[half:]
        """Who marries or dies here, and is in no other case."""
        self._weights = list(accumulate(weight for _, weight in _MIX))

    def draw(self) -> Case:
        """The next case; a marital-status certificate once there is nobody left to marry or to die."""
        (name, _) = self._rng.choices(_MIX, cum_weights=self._weights)[0]
        drawn: Case | None = getattr(self, f"_{name}")()
        return drawn if drawn is not None else self._certificate()

    # -- civil acts ----------------------------------------------------------------------------------------

    def _birth(self) -> Case:
        return Case("1.001193", *self._newborn())

    def _interlinked_birth(self) -> Case:
        applicant, form = self._newborn()
        return Case("2.002621", applicant, {**form, "residence": {"with": "mother"}})

    def _newborn(self) -> tuple[dict[str, Any], dict[str, Any]]:
        rng, mother = self._rng, self._adult(lambda who, age: who.sex is Sex.FEMALE and 18 <= age <= 42)
        sex = rng.choice(("male", "female"))
        born = self._today - _DAY * rng.randint(1, 50)
        family = mother.full_name.split()[0]
        given = rng.choice(("An", "Bình", "Minh", "Ngọc", "Phúc", "Thảo", "Khôi", "Vy"))
        middle = rng.choice(("Văn", "Đức", "Gia") if sex == "male" else ("Thị", "Ngọc", "Bảo"))
        form = {
            "child_name": f"{family} {middle} {rng.choice(('Hoài', 'Thanh', 'Quốc', 'Kim'))} {given}",
            "child_sex": sex,
            "child_born_at": f"{born.isoformat()}T{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}:00+07:00",
            "place_of_birth": "Bệnh viện Đa khoa tỉnh",
            "mother": _named(mother),
            "relation_of_applicant": "mother",
        }
        return _named(mother), form

    def _death(self) -> Case | None:
        return self._funeral("1.000656", {})

    def _interlinked_death(self) -> Case | None:
        return self._funeral("2.002622", {"procedures": self._rng.choice((2, 3, 4))})

    def _funeral(self, procedure_code: str, more: dict[str, Any]) -> Case | None:
        deceased = self._taken(lambda _, age: age >= 70)
        if deceased is None:
            return None
        who = self._adult(lambda _, age: age >= 20)
        died = self._today - _DAY * self._rng.randint(1, 10)
        form = {
            "deceased": {**_named(deceased), "sex": deceased.sex.value},
            "died_at": f"{died.isoformat()}T04:30:00+07:00",
            "place_of_death": "Tại nhà",
            "relation_of_applicant": "child",
            **more,
        }
        if more:
            form["claimant"] = {"personal_id": who.personal_id, "full_name": who.full_name, "relation": "child"}
        return Case(procedure_code, _named(who), form)

    def _marriage(self) -> Case | None:
        him = self._taken(lambda who, age: _is_single(who, Sex.MALE) and 20 <= age <= 60)
        her = self._taken(lambda who, age: _is_single(who, Sex.FEMALE) and 18 <= age <= 60)
        if him is None or her is None:
            return None
        form = {
            "husband": {**_named(him), "sex": "male"},
            "wife": {**_named(her), "sex": "female"},
            "voluntary": "yes",
            "capable": "yes",
        }
        return Case("1.000894", _named(him), form)

    def _certificate(self) -> Case:
        """A marital-status certificate, which anybody may ask for any number of times."""
        who = self._adult(lambda who, age: age >= 20 and who.marital_status is MaritalStatus.SINGLE)
        form = {
            "person": {**_named(who), "sex": who.sex.value},
            "declared_status": "single",
            "purpose": "Bổ túc hồ sơ vay vốn",
        }
        return Case("1.004873", _named(who), form)

    # -- land ----------------------------------------------------------------------------------------------

    def _transfer(self) -> Case:
        return self._change("transfer", value_vnd=self._rng.randint(3, 60) * 100_000_000)

    def _gift(self) -> Case:
        return self._change("gift", relation="child", value_vnd=self._rng.randint(3, 60) * 100_000_000)

    def _change(self, kind: str, **more: Any) -> Case:
        giver, parcel = self._parcel()
        recipient = self._adult(lambda who, age: age >= 20 and who is not giver)
        form = {
            "kind": kind,
            "effective_on": self._today.isoformat(),
            "contract_number": f"{self._parcels}/{self._today.year}/HĐ",
            "contract_by": "Văn phòng công chứng",
            "recipient": {"name": recipient.full_name, "personal_id": recipient.personal_id},
            **more,
        }
        return Case("1.013831", _named(giver), form, (parcel,), _OF_PARCEL)

    def _mortgage(self) -> Case:
        owner, parcel = self._parcel()
        form = {
            "effective_on": self._today.isoformat(),
            "contract_number": f"{self._parcels}/{self._today.year}/TC",
            "amount_vnd": self._rng.randint(1, 30) * 100_000_000,
            "mortgagee": {"name": "Ngân hàng Nông nghiệp và Phát triển nông thôn", "tax_code": "0100686174"},
        }
        return Case("1.011441", _named(owner), form, (parcel,), _OF_PARCEL)

    def _parcel(self) -> tuple[NewCitizen, Call]:
        owner = self._adult(lambda _, age: age >= 20)
        self._parcels += 1
        area = str(self._rng.randint(60, 400))
        body = {
            "unit_code": PARCEL_UNIT,
            "map_sheet": self._rng.randint(100, 999),
            "parcel_number": self._rng.randint(1, 99_999),
            "area_m2": area,
            "land_uses": [{"code": "ONT", "area_m2": area}],
            "geohash": _GEOHASH,
            "holders": [{"personal_id": owner.personal_id, "name": owner.full_name}],
        }
        return owner, Call("/v1/parcels", body)

    # -- benefits ------------------------------------------------------------------------------------------

    def _allowance(self) -> Case:
        who = self._adult(lambda _, age: age >= 80)
        beneficiary = _named(who)
        form = {
            "request": "grant",
            "group": "elderly-80",
            "beneficiary": beneficiary,
            "account": {
                "bank": "Agribank",
                "number": f"{self._rng.randrange(10**12):012d}",
                "holder": who.full_name,
            },
        }
        return Case("1.001776", _named(who), form)

    # -- people --------------------------------------------------------------------------------------------

    def _adult(self, fits: Callable[[NewCitizen, int], bool]) -> NewCitizen:
        """Anybody who fits, any number of times."""
        while True:
            who = self._people[int(self._rng.random() * len(self._people))]
            if fits(who, self._age(_born(who))):
                return who

    def _taken(self, fits: Callable[[NewCitizen, int], bool]) -> NewCitizen | None:
        """Somebody who fits, once; None if nobody is left."""
        for place, who in enumerate(self._once):
            if fits(who, self._age(_born(who))):
                return self._once.pop(place)
        return None

    def _age(self, born: date) -> int:
        today = self._today
        return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


_MIX: Final = (
    ("birth", 18.0),
    ("interlinked_birth", 22.0),
    ("certificate", 16.0),
    ("marriage", 8.0),
    ("death", 3.0),
    ("interlinked_death", 4.0),
    ("transfer", 9.0),
    ("gift", 5.0),
    ("mortgage", 8.0),
    ("allowance", 7.0),
)
"""How often each is asked for: our own estimate."""
_OF_PARCEL: Final = {"parcel_key": "key", "certificate_serial": "certificate"}


@cache
def _residents() -> tuple[NewCitizen, ...]:
    """The loaded citizens who have a day of birth and live in the province."""
    return tuple(
        each
        for each in generate(SEED, CITIZENS)
        if isinstance(each.date_of_birth, date)
        and any(stay.kind is ResidenceKind.PERMANENT for stay in each.residences)
    )


def _born(who: NewCitizen) -> date:
    assert isinstance(who.date_of_birth, date)
    return who.date_of_birth


def _is_single(who: NewCitizen, sex: Sex) -> bool:
    return who.sex is sex and who.marital_status is MaritalStatus.SINGLE


def _named(who: NewCitizen) -> dict[str, Any]:
    return {
        "personal_id": who.personal_id,
        "full_name": who.full_name,
        "date_of_birth": _born(who).isoformat(),
    }
