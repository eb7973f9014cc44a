"""What the ministries alone carry out: certificates and allowances."""

from __future__ import annotations

from datetime import date

from tests.scenarios.asks.civil import death
from tests.scenarios.asks.parts import ACCOUNT, IN_TWO_DAYS, Asked, at_dawn, named
from tests.scenarios.province import Province


def criminal_record(province: Province) -> Asked:
    who = province.person()
    return who, {"certificate_type": 1, "person": named(who)}


def allowance(province: Province) -> Asked:
    who = province.person("male", date(1938, 1, 9))
    account = {**ACCOUNT, "holder": who.full_name}
    return who, {"request": "grant", "group": "elderly-80", "beneficiary": named(who), "account": account}


def allowance_too_young(province: Province) -> Asked:
    who = province.person()
    return who, {"request": "grant", "group": "elderly-80", "beneficiary": named(who), "account": ACCOUNT}


def funeral_allowance(province: Province) -> Asked:
    child, form = death(province, procedures=3)
    deceased = {key: value for key, value in form["deceased"].items() if key != "sex"}
    return child, {**{name: form[name] for name in ("died_at", "claimant", "account")}, "deceased": deceased}


def funeral_allowance_too_early(province: Province) -> Asked:
    child, form = funeral_allowance(province)
    return child, {**form, "died_at": at_dawn(IN_TWO_DAYS)}
