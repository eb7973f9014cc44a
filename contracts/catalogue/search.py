"""Finding administrative units by name, whatever the keyboard: "quy nhon" finds Thành phố Quy Nhơn.

A search answers people, never programs: what it finds is an offer, and only a code with a day is a fact.
"""

import unicodedata
from datetime import date
from functools import cache
from typing import Final

from contracts.catalogue.units import AdministrativeUnit, Level, units

DEFAULT_LIMIT: Final = 20


def search(
    name: str, *, on: date | None = None, level: Level | None = None, limit: int = DEFAULT_LIMIT
) -> tuple[AdministrativeUnit, ...]:
    """Units whose name contains `name`, ignoring case, diacritics and extra spaces.

    Equal names come first, then names that begin with it, then the rest; the larger unit before the smaller.
    Without `on`, units of every period are found. An empty name finds nothing.
    """
    wanted = fold(name)
    if not wanted:
        return ()
    ranked: list[tuple[int, int, str, int]] = []
    for position, (full, bare) in enumerate(_folded_names()):
        one = units()[position]
        if wanted not in full or (level is not None and one.level != level):
            continue
        if on is not None and not one.valid_on(on):
            continue
        rank = 0 if wanted in (full, bare) else 1 if bare.startswith(wanted) else 2
        ranked.append((rank, len(one.code), one.code, position))
    ranked.sort()
    return tuple(units()[position] for *_, position in ranked[:limit])


def fold(text: str) -> str:
    """Small letters without diacritics, single spaces: "Thành phố Đà Nẵng" is "thanh pho da nang"."""
    composed = unicodedata.normalize("NFC", text.casefold())
    return " ".join(composed.translate(_plain_letters()).split())


@cache
def _plain_letters() -> dict[int, str]:
    """Every Latin letter with diacritics, and every loose diacritic, to what remains without them."""
    table = {ord("đ"): "d"} | dict.fromkeys(range(0x300, 0x370), "")
    for code_point in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        letter = unicodedata.normalize("NFD", chr(code_point))[0]
        table.setdefault(code_point, letter)
    return table


@cache
def _folded_names() -> tuple[tuple[str, str], ...]:
    """For each unit, in the order of `units()`: its folded name with and without its type in front."""
    types = {kind: fold(kind) + " " for kind in {one.type for one in units()}}
    # The type of Hà Nội is "thành phố trung ương", but its name begins with "Thành phố".
    return tuple(
        (full, full.removeprefix(types[one.type]).removeprefix("thanh pho "))
        for one, full in ((one, fold(one.name)) for one in units())
    )
