"""The payment lists a welfare office makes: who gets what in a month, and how far it has been paid out.

Beneficiaries are drawn from the seed and the unit and stay the same from month to month; a share that grows with
the years is paid to an account. Nothing here is stored: what is marked as paid lies beside it (`Payment`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple

from contracts.times import vn_moment
from gateway.ministries.draws import data, digits, draws, initials, person_name
from gateway.ministries.kinds.matter import ACCOUNT, CASH
from gateway.ministries.kinds.welfare import standards

_LIST_ID: Final = re.compile(r"(H[0-9]{2}(?:\.[0-9A-Z]+)*)-([0-9]{4})(0[1-9]|1[0-2])")
PAID_FROM: Final = time(9, 0)
FIRST_MONTH: Final = "2022-01"


class ListKey(NamedTuple):
    """A list is known by its unit and its month, such as `H08.31.21-202305`."""

    unit: str
    month: str

    def __str__(self) -> str:
        return f"{self.unit}-{self.month.replace('-', '')}"

    @classmethod
    def parse(cls, text: str) -> ListKey | None:
        """The key written so; None if it is no such thing."""
        match = _LIST_ID.fullmatch(text)
        return None if match is None else cls(match[1], f"{match[2]}-{match[3]}")

    @property
    def first_day(self) -> date:
        return date.fromisoformat(f"{self.month}-01")


@dataclass(frozen=True, slots=True)
class Entry:
    """One beneficiary's money of one month. `paid_on`: the day the office pays it out, None if it does not."""

    id: str
    beneficiary: str
    personal_id: str
    allowance: str
    amount_vnd: int
    method: str
    bank: str | None
    paid_at: datetime | None


def entries(seed: int, key: ListKey) -> Iterator[Entry]:
    """The drawn beneficiaries of a list."""
    rules, unit = data("allowances"), draws(seed, "beneficiaries", key.unit)
    standard = standards(key.first_day)["social_vnd"]
    cashless = _cashless(key.month[:4])
    for number in range(
        1, unit.randint(rules["beneficiaries_a_unit"]["least"], rules["beneficiaries_a_unit"]["most"]) + 1
    ):
        who = draws(seed, "beneficiary", key.unit, number)
        name, group = person_name(who), who.choice(rules["groups"])
        method = ACCOUNT if who.randrange(1000) < cashless else CASH
        bank, last = who.choice(rules["banks"]), digits(who, 4)
        paid_at = _paid_at(seed, key, number)
        yield Entry(
            id=f"{number:03d}",
            beneficiary=initials(name),
            personal_id=f"********{last}",
            allowance=group["code"],
            amount_vnd=int(standard * group["coefficient"]),
            method=method,
            bank=bank if method == ACCOUNT else None,
            paid_at=paid_at,
        )


def _cashless(year: str) -> int:
    """How many of a thousand are paid to an account in that year; the newest known figure after the last."""
    known: dict[str, int] = data("allowances")["cashless_per_mille"]
    return known.get(year, known[max(known)] if year > max(known) else 0)


def _paid_at(seed: int, key: ListKey, number: int) -> datetime | None:
    """When the office pays this entry out by itself; a few are never fetched."""
    chance = draws(seed, "paid", key, number).randrange(1000)
    for day, share in data("allowances")["paid_by_day"].items():
        if chance < share:
            return vn_moment(key.first_day + timedelta(days=int(day) - 1), PAID_FROM)
    return None
