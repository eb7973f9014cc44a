"""When a statement about a person agrees with the record: exactly, and without saying where it does not.

One answer for any difference: whoever asks may not learn from it which field to try next (domain 7.1).
"""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import NamedTuple

from contracts.population import CheckOutcome


class Record(NamedTuple):
    """What checks compare, as the database holds it. `birth_date` is None where only the year is known."""

    personal_id: str
    id_card: str | None
    folded_name: str
    birth_year: int
    birth_date: date | None
    status: str


def fold_name(name: str) -> str:
    """A name as checks compare it: composed (NFC), upper case, one space between words. Tones stay: Hòa and
    Hóa are two people."""
    return unicodedata.normalize("NFC", " ".join(name.upper().split()))


def birth_agrees(stated: date | str, record: Record) -> bool:
    """A stated year agrees with any day in it; a stated day only with that day, never with a bare year."""
    if isinstance(stated, date):
        return stated == record.birth_date
    return int(stated) == record.birth_year


def person_agrees(full_name: str, born: date | str, record: Record) -> bool:
    """Name and birth date both agree."""
    return fold_name(full_name) == record.folded_name and birth_agrees(born, record)


def outcome(record: Record | None, agrees: bool) -> CheckOutcome:
    """not_found without a record, else matched or mismatched."""
    if record is None:
        return CheckOutcome.NOT_FOUND
    return CheckOutcome.MATCHED if agrees else CheckOutcome.MISMATCHED
