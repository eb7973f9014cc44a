"""Residence: where people live, and who lives together."""

from __future__ import annotations

from tests.scenarios.asks.parts import TODAY, Asked
from tests.scenarios.province import COMMUNE_NOW, Person, Province

ELSEWHERE = "21970"


def permanent(province: Province) -> Asked:
    who = province.person()
    return who, {"unit_code": COMMUNE_NOW, "detail": "Thôn Quảng Nghiệp", "household": "new"}


def joining(province: Province) -> Asked:
    """Somebody moves in with a head of household whose consent is not there yet."""
    who, head = province.person(), province.person()
    province.household(head)
    return who, {
        "unit_code": COMMUNE_NOW,
        "detail": "Thôn An Hòa",
        "household": "join",
        "head_personal_id": head.personal_id,
        "relation_to_head": "sibling",
    }


def joining_nobody(province: Province) -> Asked:
    """Whoever is named as the head has no household."""
    who, form = joining(province)
    return who, {**form, "head_personal_id": province.person().personal_id}


def permanent_of_somebody_dead(province: Province) -> Asked:
    who, form = permanent(province)
    province.dies(who)
    return who, form


def temporary(province: Province) -> Asked:
    return province.person(), {"unit_code": ELSEWHERE, "detail": "Nhà trọ số 5", "months": 12}


def staying(province: Province) -> Person:
    """Somebody with a temporary residence that still lasts."""
    who, form = temporary(province)
    province.until_ended(province.take_in("1.004194", who, form))
    return who


def temporary_that_overlaps(province: Province) -> Asked:
    return staying(province), {"unit_code": "21952", "detail": "Nhà trọ số 7", "months": 3}


def renewal(province: Province) -> Asked:
    return staying(province), {"months": 12}


def renewal_of_nothing(province: Province) -> Asked:
    return province.person(), {"months": 12}


def deregistration(province: Province) -> Asked:
    return province.person(), {"reason": "emigrated", "note": "Định cư ở nước ngoài"}


def deregistration_of_the_homeless(province: Province) -> Asked:
    return province.person(home=None), {"reason": "emigrated"}


def absence(province: Province) -> Asked:
    return province.person(), {"reason": "long_absence", "valid_from": TODAY.isoformat(), "unit_code": "79"}


def absence_of_the_homeless(province: Province) -> Asked:
    return province.person(home=None), {"reason": "long_absence", "valid_from": TODAY.isoformat()}


def split(province: Province) -> Asked:
    """A grown sibling leaves the household; its head agrees."""
    head, sibling = province.person(), province.person()
    province.household(head, (sibling, "sibling"))
    return sibling, {
        "members": [{"personal_id": sibling.personal_id, "relation": "head"}],
        "unit_code": COMMUNE_NOW,
        "head_agrees": True,
    }


def split_without_consent(province: Province) -> Asked:
    who, form = split(province)
    return who, {**form, "head_agrees": False}


def split_by_the_head(province: Province) -> Asked:
    """The head would leave the others without one."""
    head, sibling = province.person(), province.person()
    province.household(head, (sibling, "sibling"))
    members = [{"personal_id": head.personal_id, "relation": "head"}]
    return head, {"members": members, "unit_code": COMMUNE_NOW, "head_agrees": True}
