"""Codes of agencies (mã định danh cơ quan) and of what they publish: procedures, fields, results.

Two spellings of an agency live side by side: QCVN 102:2016 with the root on the right (000.00.19.H26) and
QĐ 20/2020/QĐ-TTg with the root on the left (H26.19). Whether a root is a real province is a matter of the
catalogue: codes after July 2025 are not published, so an unknown root is no format error.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Final, Literal, NamedTuple

from pydantic import AfterValidator, WithJsonSchema

from contracts.rules import refuse

AGENCY_CODE_MAX_LENGTH: Final = 35
"""Characters (QĐ 20/2020/QĐ-TTg)."""

OLD_AGENCY_PATTERN: Final = r"[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Z][0-9]{2}"
NEW_AGENCY_PATTERN: Final = r"[A-Z][0-9]{2}(?:\.[0-9A-Z]+)*"

_OLD_AGENCY: Final = re.compile(OLD_AGENCY_PATTERN)
_NEW_AGENCY: Final = re.compile(NEW_AGENCY_PATTERN)
_PROCEDURE: Final = re.compile(r"([0-9]\.[0-9]{6})((?:\.[0-9]{3}\.[0-9]{2}\.[0-9]{2})?)((?:\.[A-Z][0-9]{2})?)")
_FIELD: Final = re.compile(r"[A-Z][0-9]{2}-[A-Z]{1,10}[0-9]{1,6}")
_RESULT: Final = re.compile(
    rf"(?:{OLD_AGENCY_PATTERN}|{NEW_AGENCY_PATTERN})-KQ[0-9]{{6}}|KQ\.[A-Z][0-9]{{2}}\.[0-9]{{6}}"
)
# Digits of the second, third and fourth level in the old form.
_OLD_WIDTHS: Final = (2, 2, 3)

AgencyForm = Literal["old", "new"]


class AgencyCodeParts(NamedTuple):
    """`levels` are the groups below the root, highest first, without the empty ones at the end."""

    form: AgencyForm
    root: str
    levels: tuple[str, ...]


class ProcedureCodeParts(NamedTuple):
    """`agency` is the suffix of a provincial variant, as in 1.000948.H38, or None."""

    national_code: str
    agency: str | None


def parse_agency_code(text: str) -> AgencyCodeParts:
    """Take an agency code of either form apart. Raises agency_code.format, agency_code.too_long."""
    if len(text) > AGENCY_CODE_MAX_LENGTH:
        raise refuse("agency_code.too_long", max_length=AGENCY_CODE_MAX_LENGTH)
    if _OLD_AGENCY.fullmatch(text):
        fourth, third, second, root = text.split(".")
        levels = [second, third, fourth]
        while levels and not levels[-1].strip("0"):
            levels.pop()
        return AgencyCodeParts("old", root, tuple(levels))
    if _NEW_AGENCY.fullmatch(text):
        root, *groups = text.split(".")
        return AgencyCodeParts("new", root, tuple(groups))
    raise refuse("agency_code.format")


def convert_agency_code(code: str, to: AgencyForm = "new", *, known: Mapping[str, str] | None = None) -> str:
    """Write an agency code in the other form: 000.05.19.H26 is H26.19.05.

    `known` maps codes that were given a new number rather than rewritten; it is asked first, since the rule
    is only a fallback. A code already in the wanted form comes back unchanged.
    Raises agency_code.not_convertible where the rule has no answer (an empty level above a filled one, a
    letter or a width the old form has no room for), or what `parse_agency_code` raises.
    """
    if known and code in known:
        return known[code]
    parts = parse_agency_code(code)
    if parts.form == to:
        return code
    if any(not level.strip("0") for level in parts.levels):
        raise refuse("agency_code.not_convertible", code=code)
    if to == "new":
        return ".".join((parts.root, *parts.levels))
    if len(parts.levels) > len(_OLD_WIDTHS):
        raise refuse("agency_code.not_convertible", code=code)
    groups = ["0" * width for width in _OLD_WIDTHS]
    for position, level in enumerate(parts.levels):
        if not level.isdecimal() or len(level) != _OLD_WIDTHS[position]:
            raise refuse("agency_code.not_convertible", code=code)
        groups[position] = level
    return ".".join((*reversed(groups), parts.root))


def parse_procedure_code(text: str) -> ProcedureCodeParts:
    """Take the code of an administrative procedure (mã TTHC) apart. Raises procedure_code.format."""
    match = _PROCEDURE.fullmatch(text)
    if match is None:
        raise refuse("procedure_code.format")
    return ProcedureCodeParts(match[1], (match[2] + match[3]).lstrip(".") or None)


def parse_field_code(text: str) -> str:
    """Accept the code of a field (mã lĩnh vực), such as G03-GD10. Raises field_code.format."""
    if not _FIELD.fullmatch(text):
        raise refuse("field_code.format")
    return text


def parse_result_code(text: str) -> str:
    """Accept the code of a result or document kind (mã kết quả, mã thành phần hồ sơ).

    Two forms are seen: 000.00.00.G09-KQ002269 and KQ.G15.000031. Raises result_code.format.
    """
    if not _RESULT.fullmatch(text):
        raise refuse("result_code.format")
    return text


def _agency_code(text: str) -> str:
    parse_agency_code(text)
    return text


def _procedure_code(text: str) -> str:
    parse_procedure_code(text)
    return text


AgencyCode = Annotated[
    str,
    AfterValidator(_agency_code),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^({OLD_AGENCY_PATTERN}|{NEW_AGENCY_PATTERN})$",
            "maxLength": AGENCY_CODE_MAX_LENGTH,
            "examples": ["H08.21", "000.00.21.H08"],
        }
    ),
]
ProcedureCode = Annotated[
    str,
    AfterValidator(_procedure_code),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": rf"^{_PROCEDURE.pattern}$",
            "examples": ["1.001193", "1.000948.H38"],
        }
    ),
]
FieldCode = Annotated[
    str,
    AfterValidator(parse_field_code),
    WithJsonSchema({"type": "string", "pattern": f"^{_FIELD.pattern}$", "examples": ["G03-GD10"]}),
]
ResultCode = Annotated[
    str,
    AfterValidator(parse_result_code),
    WithJsonSchema({"type": "string", "pattern": f"^({_RESULT.pattern})$", "examples": ["KQ.G15.000031"]}),
]
