"""The tax code (mã số thuế), which is also the enterprise code (mã số doanh nghiệp).

Ten digits with a check digit, or thirteen for a branch (TT 105/2020/TT-BTC). People who use their personal
id as tax code since July 2025 are `PersonalId`, not this.
"""

import re
from typing import Annotated, Final, NamedTuple

from pydantic import AfterValidator, WithJsonSchema

from contracts.rules import refuse

_TAX_CODE: Final = re.compile(r"([0-9]{10})(?:-?([0-9]{3}))?")
_WEIGHTS: Final = (31, 29, 23, 19, 17, 13, 7, 5, 3)


class TaxCodeParts(NamedTuple):
    """`branch` is None for the main code, or "001" to "999"."""

    main: str
    branch: str | None

    def __str__(self) -> str:
        """The canonical spelling, with the hyphen before a branch."""
        return self.main if self.branch is None else f"{self.main}-{self.branch}"


def tax_check_digit(stem: str) -> int | None:
    """The tenth digit for nine: 10 minus the weighted sum modulo 11; None if that is 10 (never issued)."""
    remainder = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, stem, strict=True)) % 11
    return None if remainder == 0 else 10 - remainder


def parse_tax_code(text: str) -> TaxCodeParts:
    """Take a tax code apart; the hyphen before a branch may be missing.

    Raises tax_code.format, .stem_empty, .never_issued, .check_digit, .branch_zero.
    """
    match = _TAX_CODE.fullmatch(text)
    if match is None:
        raise refuse("tax_code.format")
    main, branch = match[1], match[2]
    if main[2:9] == "0000000":
        raise refuse("tax_code.stem_empty")
    expected = tax_check_digit(main[:9])
    if expected is None:
        raise refuse("tax_code.never_issued")
    if int(main[9]) != expected:
        raise refuse("tax_code.check_digit")
    if branch == "000":
        raise refuse("tax_code.branch_zero")
    return TaxCodeParts(main, branch)


TaxCode = Annotated[
    str,
    AfterValidator(lambda text: str(parse_tax_code(text))),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^[0-9]{10}(-?[0-9]{3})?$",
            "examples": ["0100233488", "0100233488-001"],
        }
    ),
]
