"""The tax office (cơ quan thuế): what a land change costs, and whether it is paid.

Rates, free amounts and exemptions are configuration (`data/tax.json`); the domain names personal income tax of 2 %
and a registration fee of 0.5 % on a transfer, and none of either between close relatives.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from contracts.tasks import Answer, AnswerKind, PaymentWanted
from gateway.ministries.draws import data, digits
from gateway.ministries.kinds.matter import Matter, inner


class Tax(NamedTuple):
    """One tax on a change, in đồng."""

    code: str
    name: str
    amount_vnd: int


def taxes_on(kind: str, value_vnd: int) -> list[Tax]:
    """What a change of this kind and value owes, before any exemption; nothing for what is not taxed."""
    found = []
    for each in data("tax")["taxes"]:
        rate = each["per_mille"].get(kind, 0)
        base = max(0, value_vnd - each["free_vnd"].get(kind, 0))
        amount = base * rate // 1000
        if each["cap_vnd"] is not None:
            amount = min(amount, each["cap_vnd"])
        if amount:
            found.append(Tax(each["code"], each["name"], amount))
    return found


def assess(matter: Matter) -> Answer:
    """`tax.assess`: asks for payment, one obligation a tax; completed once it is paid, or at once if exempt."""
    taxable: Mapping[str, Any] = inner(matter.task.earlier, "check", "taxable")
    kind, relation = taxable["kind"], taxable.get("relation")
    owed = taxes_on(kind, taxable["value_vnd"])
    total = sum(tax.amount_vnd for tax in owed)
    if not owed:
        return _free("Biến động này không phải chịu thuế, lệ phí.", 0)
    if kind in data("tax")["exempt_kinds"] and relation in data("tax")["close_relations"]:
        return _free("Thừa kế, tặng cho giữa những người thân thích được miễn thuế, lệ phí.", total)
    notice = f"TB{matter.today:%Y}/{digits(matter.draws('notice'), 8)}"
    if matter.paid_vnd < total:
        left = _left(owed, matter.paid_vnd)
        wanted = tuple(
            PaymentWanted(code=t.code, name=t.name, amount_vnd=t.amount_vnd, notice=notice) for t in left
        )
        return Answer(kind=AnswerKind.NEEDS_PAYMENT, note=f"Thông báo thuế số {notice}.", payments=wanted)
    numbers = matter.draws("receipts")
    receipts = [
        {
            "tax": tax.code,
            "name": tax.name,
            "amount_vnd": tax.amount_vnd,
            "receipt": f"BL{digits(numbers, 10)}",
            "paid_on": matter.today.isoformat(),
        }
        for tax in owed
    ]
    return Answer.completed(
        {
            "notice": notice,
            "amount_vnd": total,
            "exempted_vnd": 0,
            "exempt": False,
            "reason": None,
            "receipts": receipts,
        }
    )


def _left(owed: list[Tax], paid_vnd: int) -> list[Tax]:
    """What is still to be paid: money goes to the taxes in their order."""
    left = []
    for tax in owed:
        covered = min(paid_vnd, tax.amount_vnd)
        paid_vnd -= covered
        if covered < tax.amount_vnd:
            left.append(tax._replace(amount_vnd=tax.amount_vnd - covered))
    return left


def _free(reason: str, exempted_vnd: int) -> Answer:
    return Answer.completed(
        {
            "notice": None,
            "amount_vnd": 0,
            "exempted_vnd": exempted_vnd,
            "exempt": True,
            "reason": reason,
            "receipts": [],
        }
    )
