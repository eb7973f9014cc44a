"""Running numbers: of changes in a year, of certificates in the series, of issues in a commune's year.

Gapless: a number is taken in the transaction that uses it.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from services.bus.kit.tx import Tx
from services.registry.land.models import Certificate, Counter

SERIES: Final = "TR"
"""The two letters before the eight digits of certificates printed here."""

AUTHORITY: Final = "T1"
"""The issuing authority in a certificate code: the province (TT 10/2024/TT-BTNMT)."""

_LETTERS: Final = "0123456789ABCDEFGHJKLMNPQRSTUVWX"


def next_number(tx: Tx, name: str) -> int:
    """Count the counter of this name up by one, from 1."""
    tx.preload(Counter, [name], for_update=True)
    row: Any = tx.find(Counter, name)
    if row is None:
        tx.insert(Counter, name=name, value=1)
        return 1
    row.value += 1
    return int(row.value)


def change_number(tx: Tx, year: int) -> str:
    """The number of a registered change: `BD-2026-000001`."""
    return f"BD-{year}-{next_number(tx, f'changes/{year}'):06d}"


def certificate_serial(tx: Tx) -> str:
    """The next serial of our series that no certificate bears."""
    while True:
        serial = f"{SERIES}{next_number(tx, f'certificates/{SERIES}'):08d}"
        if tx.find(Certificate, serial) is None:
            return serial


def issue_number(tx: Tx, unit_code: str, year: int) -> str:
    """The number in the register of certificates (số vào sổ) of a commune and year: `VP00001/2026`."""
    return f"VP{next_number(tx, f'issues/{unit_code}/{year}'):05d}/{year}"


def certificate_code(serial: str) -> str:
    """Twelve characters: the authority, and ten that follow from the serial without showing it."""
    digest = hashlib.sha256(serial.encode()).digest()
    return AUTHORITY + "".join(_LETTERS[byte & 31] for byte in digest[:10])
