"""The procedures that run end to end: who asks, what is filled in, which steps the systems take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from contracts.times import vn_date
from tests.scenarios.province import COMMUNE_NOW, Person, Province

TODAY = vn_date(datetime.now(UTC))
FEW_DAYS_AGO = TODAY - timedelta(days=5)
BANK = {"name": "Ngân hàng Nông nghiệp và Phát triển nông thôn", "tax_code": "0100686174"}
ACCOUNT = {"bank": "Agribank", "number": "4300205123456", "holder": "Trần Thị An"}

Asked = tuple[Person, dict[str, Any]]


@dataclass(frozen=True)
class Procedure:
    """One procedure as the scenarios play it. `ask` makes the province ready for one dossier and gives who hands
    it in with what. `steps` are those that are taken; `spoilt` makes a form the first system has to refuse."""

    code: str
    name: str
    ask: Callable[[Province], Asked]
    steps: tuple[str, ...]
    pays: bool = False
    spoilt: Callable[[Province], Asked] | None = None
    stand_ins: tuple[str, ...] = ()
    """Of the steps, those that a stand-in ministry carries out."""


def party(who: Person) -> dict[str, Any]:
    return {"name": who.full_name, "personal_id": who.personal_id}


def named(who: Person) -> dict[str, Any]:
    return {"personal_id": who.personal_id, "full_name": who.full_name, "date_of_birth": who.born.isoformat()}


def sexed(who: Person) -> dict[str, Any]:
    return {**named(who), "sex": who.sex}


# -- civil acts --------------------------------------------------------------------------------------------


def newborn(mother: Person, **changes: Any) -> dict[str, Any]:
    return {
        "child_name": f"{mother.full_name} Nhi",
        "child_sex": "female",
        "child_born_at": f"{FEW_DAYS_AGO.isoformat()}T08:15:00+07:00",
        "place_of_birth": "Bệnh viện Đa khoa tỉnh",
        "mother": named(mother),
        "relation_of_applicant": "mother",
        **changes,
    }


def birth(province: Province) -> Asked:
    mother = province.person()
    return mother, newborn(mother)


def birth_in_the_future(province: Province) -> Asked:
    mother = province.person()
    tomorrow = TODAY + timedelta(days=2)
    return mother, newborn(mother, child_born_at=f"{tomorrow.isoformat()}T08:15:00+07:00")


def interlinked_birth(province: Province) -> Asked:
    mother = province.person()
    province.household(mother)
    return mother, newborn(mother, residence={"with": "mother"})


def interlinked_birth_to_nowhere(province: Province) -> Asked:
    """The mother has no residence that the child could share."""
    mother = province.person(home=False)
    return mother, newborn(mother, residence={"with": "mother"})


def death(province: Province, **more: Any) -> Asked:
    deceased, child = province.person("male", date(1941, 3, 2)), province.person()
    form = {
        "deceased": sexed(deceased),
        "died_at": f"{FEW_DAYS_AGO.isoformat()}T04:30:00+07:00",
        "place_of_death": "Tại nhà",
        "relation_of_applicant": "child",
        **more,
    }
    if more:
        claimant = {"personal_id": child.personal_id, "full_name": child.full_name, "relation": "child"}
        form |= {"claimant": claimant, "account": {**ACCOUNT, "holder": child.full_name}}
    return child, form


def death_with(procedures: int) -> Callable[[Province], Asked]:
    return lambda province: death(province, procedures=procedures)


def death_of_somebody_dead(province: Province) -> Asked:
    child, form = death(province)
    code = province.take_in("1.000656", child, form)
    province.until_ended(code)
    return child, form


def marriage(province: Province) -> Asked:
    him, her = province.person("male", date(1994, 2, 3)), province.person()
    form = {"husband": sexed(him), "wife": sexed(her), "voluntary": "yes", "capable": "yes"}
    return him, form


def marriage_too_young(province: Province) -> Asked:
    him, her = province.person("male", TODAY - timedelta(days=365 * 19)), province.person()
    form = {"husband": sexed(him), "wife": sexed(her), "voluntary": "yes", "capable": "yes"}
    return her, form


def marital_status(province: Province) -> Asked:
    who = province.person()
    return who, {"person": sexed(who), "declared_status": "single", "purpose": "Bổ túc hồ sơ vay vốn"}


def marital_status_untrue(province: Province) -> Asked:
    him, form = marriage(province)
    province.until_ended(province.take_in("1.000894", him, form))
    return him, {"person": sexed(him), "declared_status": "single", "purpose": "Bổ túc hồ sơ vay vốn"}


def correction(province: Province) -> Asked:
    mother, form = birth(province)
    code = province.take_in("1.001193", mother, form)
    record = province.until_ended(code)["steps"]["birth"]["results"]["record_id"]
    return mother, {
        "record_id": record,
        "correction": "correction",
        "fields": {"mother.residence": "Thôn Quảng Nghiệp, xã Phước Hưng"},
        "ground": {"kind": "Giấy chứng sinh", "number": "12/GCS"},
        "reason": "Ghi sai nơi cư trú của mẹ",
    }


def correction_of_nothing(province: Province) -> Asked:
    who, form = correction(province)
    return who, {**form, "record_id": "00000000-0000-7000-8000-000000000000"}


# -- residence ---------------------------------------------------------------------------------------------


def permanent_residence(province: Province) -> Asked:
    who = province.person()
    return who, {"unit_code": COMMUNE_NOW, "detail": "Thôn Quảng Nghiệp", "household": "new"}


def temporary_residence(province: Province) -> Asked:
    who = province.person()
    return who, {"unit_code": "21970", "detail": "Nhà trọ số 5", "months": 12}


# -- land --------------------------------------------------------------------------------------------------


def land(province: Province, owner: Person | None = None) -> tuple[Person, dict[str, Any]]:
    """An owner, and the fields of a form that name the parcel."""
    owner = owner or province.person()
    made = province.parcel(owner)
    return owner, {"parcel_key": made["key"], "certificate_serial": serial(made)}


def serial(parcel: dict[str, Any]) -> str:
    return str(parcel["certificate"])


def handed_over(kind: str, **more: Any) -> Callable[[Province], Asked]:
    def ask(province: Province) -> Asked:
        owner, parcel = land(province)
        recipient = province.person()
        return owner, {
            "kind": kind,
            **parcel,
            "effective_on": TODAY.isoformat(),
            "contract_number": "15/2026/HĐ",
            "contract_by": "Văn phòng công chứng",
            "value_vnd": 1_200_000_000,
            "recipient": party(recipient),
            **more,
        }

    return ask


def inheritance(province: Province) -> Asked:
    """The owner has died, which the land registry has heard, and a child asks for the land."""
    owner, child = province.person("male", date(1941, 3, 2)), province.person()
    _, parcel = land(province, owner)
    dead = {
        "deceased": sexed(owner),
        "died_at": f"{FEW_DAYS_AGO.isoformat()}T04:30:00+07:00",
        "place_of_death": "Tại nhà",
        "relation_of_applicant": "child",
    }
    before = province.taken_by("land", "land-civil")
    province.until_ended(province.take_in("1.000656", child, dead))
    province.until_taken("land", "land-civil", before)
    return child, {
        "kind": "inheritance",
        **parcel,
        "effective_on": TODAY.isoformat(),
        "contract_number": "3/2026/TK",
        "contract_by": "Văn phòng công chứng",
        "value_vnd": 900_000_000,
        "relation": "child",
        "giver": party(owner),
        "recipient": party(child),
    }


def transfer_by_a_stranger(province: Province) -> Asked:
    _, form = handed_over("transfer")(province)
    stranger = province.person()
    return stranger, {**form, "giver": party(stranger)}


def mortgage_form(parcel: dict[str, Any]) -> dict[str, Any]:
    return {
        **parcel,
        "effective_on": TODAY.isoformat(),
        "contract_number": "7/2026/TC",
        "amount_vnd": 500_000_000,
        "mortgagee": BANK,
    }


def mortgage(province: Province) -> Asked:
    owner, parcel = land(province)
    return owner, mortgage_form(parcel)


def mortgage_deletion(province: Province) -> Asked:
    owner, form = mortgage(province)
    code = province.take_in("1.011441", owner, form)
    province.until(code, lambda run: run["outcome"] != "running", "the mortgage")
    return owner, {
        "parcel_key": form["parcel_key"],
        "contract_number": form["contract_number"],
        "effective_on": TODAY.isoformat(),
    }


def split(province: Province) -> Asked:
    owner, parcel = land(province)
    number = int(parcel["parcel_key"].rpartition("-")[2])
    pieces = [f"{number + 50_000}: 60.5", f"{number + 70_000}: 60"]
    return owner, {**parcel, "effective_on": TODAY.isoformat(), "pieces": pieces}


def split_that_loses_land(province: Province) -> Asked:
    owner, form = split(province)
    return owner, {**form, "pieces": [*form["pieces"][:1], f"{form['pieces'][1].partition(':')[0]}: 10"]}


def lost_certificate(province: Province) -> Asked:
    owner, parcel = land(province)
    posted = TODAY - timedelta(days=40)
    return owner, {**parcel, "posted_on": posted.isoformat(), "reason": "Bị mất"}


# -- ministries --------------------------------------------------------------------------------------------


def criminal_record(province: Province) -> Asked:
    who = province.person()
    return who, {"certificate_type": 1, "person": named(who)}


def allowance(province: Province) -> Asked:
    who = province.person("male", date(1938, 1, 9))
    beneficiary = named(who)
    account = {**ACCOUNT, "holder": who.full_name}
    return who, {"request": "grant", "group": "elderly-80", "beneficiary": beneficiary, "account": account}


def allowance_too_young(province: Province) -> Asked:
    who = province.person()
    return who, {"request": "grant", "group": "elderly-80", "beneficiary": named(who), "account": ACCOUNT}


def funeral_allowance(province: Province) -> Asked:
    child, form = death(province, procedures=3)
    return child, {name: form[name] for name in ("deceased", "died_at", "claimant", "account")} | {
        "deceased": {key: value for key, value in form["deceased"].items() if key != "sex"}
    }


PROCEDURES: tuple[Procedure, ...] = (
    Procedure("1.001193", "birth", birth, ("birth",), spoilt=birth_in_the_future),
    Procedure(
        "2.002621",
        "birth-residence-card",
        interlinked_birth,
        ("birth", "residence", "insurance"),
        stand_ins=("insurance",),
    ),
    Procedure("1.000656", "death", death, ("death",), spoilt=death_of_somebody_dead),
    Procedure("2.002622", "death-2-procedures", death_with(2), ("death", "deregistration")),
    Procedure(
        "2.002622",
        "death-3-procedures",
        death_with(3),
        ("death", "deregistration", "allowance"),
        stand_ins=("allowance",),
    ),
    Procedure(
        "2.002622",
        "death-4-procedures",
        death_with(4),
        ("death", "deregistration", "allowance", "survivor"),
        stand_ins=("allowance", "survivor"),
    ),
    Procedure("1.000894", "marriage", marriage, ("marriage",), spoilt=marriage_too_young),
    Procedure("1.004873", "marital-status", marital_status, ("certificate",), spoilt=marital_status_untrue),
    Procedure("1.004859", "correction", correction, ("correction",), spoilt=correction_of_nothing),
    Procedure("1.004222", "permanent-residence", permanent_residence, ("residence",)),
    Procedure("1.004194", "temporary-residence", temporary_residence, ("residence",)),
    Procedure(
        "1.013831",
        "land-transfer",
        handed_over("transfer"),
        ("check", "tax", "register"),
        pays=True,
        spoilt=transfer_by_a_stranger,
        stand_ins=("tax",),
    ),
    Procedure(
        "1.013831",
        "land-gift-exempt",
        handed_over("gift", relation="child"),
        ("check", "tax", "register"),
        stand_ins=("tax",),
    ),
    Procedure(
        "1.013831",
        "land-inheritance-exempt",
        inheritance,
        ("check", "tax", "register"),
        stand_ins=("tax",),
    ),
    Procedure("1.011441", "mortgage", mortgage, ("mortgage",)),
    Procedure("1.011443", "mortgage-deletion", mortgage_deletion, ("deletion",)),
    Procedure("1.013980", "split", split, ("split",), spoilt=split_that_loses_land),
    Procedure("1.012786", "lost-certificate", lost_certificate, ("reissue",)),
    Procedure("2.000488", "criminal-record", criminal_record, ("certificate",), stand_ins=("certificate",)),
    Procedure(
        "1.001776",
        "monthly-allowance",
        allowance,
        ("allowance",),
        spoilt=allowance_too_young,
        stand_ins=("allowance",),
    ),
    Procedure("1.001731", "funeral-allowance", funeral_allowance, ("allowance",), stand_ins=("allowance",)),
)
