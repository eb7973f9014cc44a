"""Civil acts: births, deaths, marriages and what is asked of their records."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.scenarios.asks.parts import (
    ACCOUNT,
    FEW_DAYS_AGO,
    IN_TWO_DAYS,
    NOBODYS_RECORD,
    TODAY,
    Ask,
    Asked,
    at_dawn,
    named,
    sexed,
)
from tests.scenarios.province import COMMUNE, DIVIDED_COMMUNE, Person, Province


def newborn(mother: Person, **changes: Any) -> dict[str, Any]:
    return {
        "child_name": f"{mother.full_name} Nhi",
        "child_sex": "female",
        "child_born_at": at_dawn(FEW_DAYS_AGO),
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
    return mother, newborn(mother, child_born_at=at_dawn(IN_TWO_DAYS))


def interlinked_birth(province: Province) -> Asked:
    mother = province.person()
    province.household(mother)
    return mother, newborn(mother, residence={"with": "mother"})


def interlinked_birth_in_the_future(province: Province) -> Asked:
    mother, form = interlinked_birth(province)
    return mother, {**form, "child_born_at": at_dawn(IN_TWO_DAYS)}


def interlinked_birth_to_nowhere(province: Province) -> Asked:
    """The mother has no residence that the child could share."""
    mother = province.person(home=None)
    return mother, newborn(mother, residence={"with": "mother"})


def interlinked_birth_of_a_schoolchild(province: Province) -> Asked:
    """Seven years late: too old for the card of a child under six."""
    mother, form = interlinked_birth(province)
    return mother, {**form, "child_born_at": at_dawn(TODAY - timedelta(days=7 * 366))}


def interlinked_birth_where_a_commune_was_divided(province: Province) -> Asked:
    """The mother's address lies in one of two communes of today; which one, she has to say."""
    mother = province.person(home=DIVIDED_COMMUNE)
    return mother, newborn(mother, residence={"with": "mother"})


def born(province: Province) -> tuple[Person, dict[str, Any], dict[str, Any]]:
    """A birth that is registered: the mother, the form, and what the registry answered."""
    mother, form = birth(province)
    code = province.take_in("1.001193", mother, form)
    results: dict[str, Any] = province.until_ended(code)["steps"]["birth"]["results"]
    return mother, form, results


def death(province: Province, *, home: str | None = COMMUNE, **more: Any) -> Asked:
    deceased = province.person("male", date(1941, 3, 2), home=home)
    child = province.person()
    form = {
        "deceased": sexed(deceased),
        "died_at": at_dawn(FEW_DAYS_AGO),
        "place_of_death": "Tại nhà",
        "relation_of_applicant": "child",
        **more,
    }
    if more:
        claimant = {"personal_id": child.personal_id, "full_name": child.full_name, "relation": "child"}
        form |= {"claimant": claimant, "account": {**ACCOUNT, "holder": child.full_name}}
    return child, form


def death_with(procedures: int) -> Ask:
    return lambda province: death(province, procedures=procedures)


def death_of_the_homeless_with(procedures: int) -> Ask:
    """There is no residence to deregister."""
    return lambda province: death(province, procedures=procedures, home=None)


def death_of_somebody_dead_with(procedures: int) -> Ask:
    def ask(province: Province) -> Asked:
        child, form = death(province)
        province.until_ended(province.take_in("1.000656", child, form))
        return child, {**form, "procedures": procedures} if procedures > 1 else form

    return ask


def marriage(province: Province) -> Asked:
    him, her = province.person("male", date(1994, 2, 3)), province.person()
    return him, {"husband": sexed(him), "wife": sexed(her), "voluntary": "yes", "capable": "yes"}


def marriage_too_young(province: Province) -> Asked:
    _, form = marriage(province)
    boy = province.person("male", TODAY - timedelta(days=365 * 19))
    return boy, {**form, "husband": sexed(boy)}


def marriage_of_somebody_married(province: Province) -> Asked:
    him, form = marriage(province)
    province.until_ended(province.take_in("1.000894", him, form))
    return him, {**form, "wife": sexed(province.person())}


def marital_status(province: Province) -> Asked:
    who = province.person()
    return who, {"person": sexed(who), "declared_status": "single", "purpose": "Bổ túc hồ sơ vay vốn"}


def marital_status_untrue(province: Province) -> Asked:
    him, form = marriage(province)
    province.until_ended(province.take_in("1.000894", him, form))
    return him, {"person": sexed(him), "declared_status": "single", "purpose": "Bổ túc hồ sơ vay vốn"}


def correction(province: Province) -> Asked:
    mother, _, results = born(province)
    return mother, {
        "record_id": results["record_id"],
        "correction": "correction",
        "fields": {"mother.residence": "Thôn Quảng Nghiệp, xã Phước Hưng"},
        "ground": {"kind": "Giấy chứng sinh", "number": "12/GCS"},
        "reason": "Ghi sai nơi cư trú của mẹ",
    }


def correction_without_papers(province: Province) -> Asked:
    who, form = correction(province)
    del form["ground"]
    return who, form


def correction_of_nothing(province: Province) -> Asked:
    who, form = correction(province)
    return who, {**form, "record_id": NOBODYS_RECORD}


def recognition(province: Province) -> Asked:
    """A father recognises the child that was registered without one."""
    _, form, results = born(province)
    father = province.person("male", date(1990, 8, 1))
    child = {
        "personal_id": results["personal_id"],
        "full_name": form["child_name"],
        "date_of_birth": FEW_DAYS_AGO.isoformat(),
    }
    return father, {
        "role": "father",
        "child": child,
        "parent": named(father),
        "birth_record_id": results["record_id"],
        "evidence": "Kết quả giám định ADN",
    }


def recognition_of_a_second_mother(province: Province) -> Asked:
    _, form = recognition(province)
    another = province.person()
    return another, {**form, "role": "mother", "parent": named(another)}


def guardianship(province: Province) -> Asked:
    guardian, ward = province.person(), province.person("male", date(2015, 4, 5))
    return guardian, {
        "arrangement": "appointed",
        "ward": named(ward),
        "guardian": named(guardian),
        "reason": "Cha mẹ không còn khả năng chăm sóc",
    }


def guardianship_of_an_adult(province: Province) -> Asked:
    guardian, form = guardianship(province)
    return guardian, {**form, "ward": named(province.person())}


def birth_again(province: Province) -> Asked:
    """The book in which the birth stood is lost."""
    who = province.person(born=date(1980, 6, 7))
    return who, {
        "child_personal_id": who.personal_id,
        "child_name": who.full_name,
        "child_sex": who.sex,
        "child_date_of_birth": who.born.isoformat(),
        "place_of_birth": "Trạm y tế xã",
        "mother": {"full_name": "Lê Thị Hòa", "date_of_birth": "1955"},
        "ground": "Sổ hộ tịch bị hư hỏng do lũ năm 1999",
    }


def birth_again_that_is_registered(province: Province) -> Asked:
    mother, form, results = born(province)
    return mother, {
        "child_personal_id": results["personal_id"],
        "child_name": form["child_name"],
        "child_sex": form["child_sex"],
        "child_date_of_birth": FEW_DAYS_AGO.isoformat(),
        "place_of_birth": form["place_of_birth"],
        "mother": named(mother),
        "ground": "Mất giấy khai sinh",
    }


def extract(province: Province) -> Asked:
    mother, _, results = born(province)
    return mother, {"record_id": results["record_id"], "copies": 2, "purpose": "Nhập học"}


def extract_of_nothing(province: Province) -> Asked:
    return province.person(), {"record_id": NOBODYS_RECORD, "copies": 1}
