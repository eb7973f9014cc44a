"""The business register as a system that answers tasks: a look-up by tax code (mã số thuế)."""

from __future__ import annotations

from contracts.identifiers import parse_tax_code
from contracts.tasks import Answer
from gateway.ministries.companies import company
from gateway.ministries.kinds.matter import Matter


def look_up_tax_code(matter: Matter) -> Answer:
    """`business.look-up-tax-code`: the entry of the register; refused if there is none."""
    try:
        tax_code = str(parse_tax_code(matter.form["tax_code"]))
    except ValueError:
        return Answer.refused("tax-code-wrong", "Mã số thuế không hợp lệ.", "The tax code is not well-formed.")
    found = company(matter.seed, tax_code)
    if found is None:
        return Answer.refused(
            "tax-code-unknown",
            f"Không có doanh nghiệp nào mang mã số thuế {tax_code}.",
            f"No business bears the tax code {tax_code}.",
        )
    return Answer.completed(found.model_dump(mode="json"))
