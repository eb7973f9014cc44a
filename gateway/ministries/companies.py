"""The business register (đăng ký kinh doanh): a few companies from a file, the rest made from the seed.

Whether a well-formed tax code was ever issued, and to whom, is drawn from the code itself: the same answer every
time it is looked up.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

from contracts.identifiers import parse_tax_code
from gateway.ministries.draws import data, draws, person_name

Status = Literal["active", "suspended", "dissolved"]


class Company(BaseModel):
    """A business (doanh nghiệp) or, with a branch number in its tax code, a branch of one (chi nhánh)."""

    model_config = ConfigDict(frozen=True)

    tax_code: str
    name: str
    status: Status
    legal_form: str
    address: str
    founded_on: date
    representative: str
    capital_vnd: int


def company(seed: int, tax_code: str) -> Company | None:
    """The business with this well-formed tax code; None if the code was never issued."""
    parts = parse_tax_code(tax_code)
    found = _listed().get(parts.main) or _made(seed, parts.main)
    if found is None or parts.branch is None:
        return found
    if draws(seed, "branches", parts.main).randint(0, 9) < int(parts.branch):
        return None
    name = f"Chi nhánh {int(parts.branch)} - {found.name}"
    return found.model_copy(update={"tax_code": str(parts), "name": name, "capital_vnd": 0})


@cache
def _listed() -> dict[str, Company]:
    return {each["tax_code"]: Company.model_validate(each) for each in data("companies")["companies"]}


def _made(seed: int, main: str) -> Company | None:
    rules, rng = data("companies"), draws(seed, "company", main)
    if rng.randrange(100) >= rules["known_percent"]:
        return None
    form = rng.randrange(len(rules["legal_forms"]))
    statuses: dict[Status, int] = rules["status_per_mille"]
    return Company(
        tax_code=main,
        name=f"{rules['short_forms'][form]} {rng.choice(rules['trades'])} {rng.choice(rules['proper_names'])}",
        status=rng.choices(list(statuses), list(statuses.values()))[0],
        legal_form=rules["legal_forms"][form],
        address=f"{rng.randint(1, 400)} {rng.choice(rules['streets'])}, {rng.choice(rules['places'])}, "
        "tỉnh Bình Định",
        founded_on=date(1995, 1, 1) + timedelta(days=rng.randrange(28 * 365)),
        representative=person_name(rng),
        capital_vnd=rng.randint(3, 900) * 100_000_000,
    )
