"""The dossier code (mã hồ sơ): which agency took it, on which day, as which one of that day.

Old and new agencies write it alike, `<agency>-<date>-<sequence>`; the date has six digits (TT 01/2018 Đ.19)
or eight (seen on ministry systems in 2026). Issuing numbers without gaps is the dossier service's task.
"""

import re
from datetime import date
from typing import Annotated, Final, NamedTuple

from pydantic import AfterValidator, WithJsonSchema

from contracts.identifiers.agencies import NEW_AGENCY_PATTERN, OLD_AGENCY_PATTERN, parse_agency_code
from contracts.rules import refuse

MAX_SEQUENCE: Final = 9_999_999
"""Seven digits, the widest number seen in use."""

_PATTERN: Final = rf"({OLD_AGENCY_PATTERN}|{NEW_AGENCY_PATTERN})-([0-9]{{6}}|[0-9]{{8}})-([0-9]{{4,7}})"
_DOSSIER: Final = re.compile(_PATTERN)


class DossierCodeParts(NamedTuple):
    """`agency` is spelled as in the code, in either form."""

    agency: str
    date: date
    sequence: int


def parse_dossier_code(text: str) -> DossierCodeParts:
    """Take a dossier code apart.

    Raises dossier_code.format, dossier_code.date_impossible (also for a year outside 2000 to 2099, which
    six digits cannot write), dossier_code.sequence_zero, or what `parse_agency_code` raises.
    """
    match = _DOSSIER.fullmatch(text)
    if match is None:
        raise refuse("dossier_code.format")
    agency, digits, sequence = match[1], match[2], int(match[3])
    parse_agency_code(agency)
    if sequence == 0:
        raise refuse("dossier_code.sequence_zero")
    full = digits if len(digits) == 8 else "20" + digits
    try:
        day = date(int(full[:4]), int(full[4:6]), int(full[6:]))
    except ValueError:
        raise refuse("dossier_code.date_impossible", date=digits) from None
    if not 2000 <= day.year <= 2099:
        raise refuse("dossier_code.date_impossible", date=digits)
    return DossierCodeParts(agency, day, sequence)


def find_dossier_code(text: str) -> str | None:
    """The first thing at the beginning of this text (200 characters) that is written like a dossier code."""
    match = _DOSSIER.search(text[:200])
    return match[0] if match is not None else None


def format_dossier_code(agency: str, day: date, sequence: int) -> str:
    """Write the code of the `sequence`-th dossier (from 1) an agency takes on a Vietnamese calendar day.

    Four digits for the sequence, more past 9999 (the law is silent; a number is never reused).
    Raises dossier_code.sequence_zero, .sequence_exhausted, .date_impossible, or an agency_code rule.
    """
    parse_agency_code(agency)
    if sequence < 1:
        raise refuse("dossier_code.sequence_zero")
    if sequence > MAX_SEQUENCE:
        raise refuse("dossier_code.sequence_exhausted", sequence=sequence)
    if not 2000 <= day.year <= 2099:
        raise refuse("dossier_code.date_impossible", date=day.isoformat())
    return f"{agency}-{day:%y%m%d}-{sequence:04d}"


def _dossier_code(text: str) -> str:
    parse_dossier_code(text)
    return text


DossierCode = Annotated[
    str,
    AfterValidator(_dossier_code),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^{_PATTERN}$",
            "maxLength": 52,
            "examples": ["H08.21.21-230103-0001", "000.00.14.H20-200703-0002"],
        }
    ),
]
