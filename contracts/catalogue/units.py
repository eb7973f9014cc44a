"""Administrative units (đơn vị hành chính) and the period in which each code means what it says.

A code alone is ambiguous: 52 is Bình Định until 2025-06-30 and Gia Lai from 2025-07-01, and most commune
codes changed their meaning on that day. Every question therefore takes a day; no answer is ever guessed
for another one.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import Final, Literal, NamedTuple, cast

from contracts.catalogue.files import read_rows
from contracts.rules import refuse

Level = Literal["province", "district", "commune"]

REFORM_DAY: Final = date(2025, 7, 1)
"""First day of the structure of two levels: no districts, 34 provinces, 3,321 communes."""

_LEVEL_IN_VIETNAMESE: Final[Mapping[str, str]] = {"province": "tỉnh", "district": "huyện", "commune": "xã"}
_NAMES_IN_A_MESSAGE: Final = 5


class AdministrativeUnit(NamedTuple):
    """One unit in one period: `valid_from` is its first day, `valid_to` the first day it is no more.

    None means open: before the records begin, or until further notice. `parent_code` is "" for a province
    and is to be read in the same period.
    """

    code: str
    level: Level
    name: str
    type: str
    parent_code: str
    valid_from: date | None
    valid_to: date | None

    def valid_on(self, day: date) -> bool:
        """Whether the unit exists on that day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day < self.valid_to
        )

    @property
    def last_day(self) -> date | None:
        """The last day the unit exists, None while there is no end to it."""
        return None if self.valid_to is None else self.valid_to - timedelta(days=1)

    @property
    def period(self) -> str:
        """The period in words no language needs: `… – 2025-06-30`, both days included."""
        return f"{self.valid_from or '…'} – {self.last_day or '…'}"


class _Days(dict[str, date | None]):
    """The few days that occur, each parsed once; an empty text is an open end."""

    def __missing__(self, text: str) -> date | None:
        self[text] = date.fromisoformat(text) if text else None
        return self[text]


@cache
def units() -> tuple[AdministrativeUnit, ...]:
    """Every unit of every period, in the order of the file (about 14,000)."""
    days = _Days()
    columns = ("code", "level", "name", "type", "parent_code", "valid_from", "valid_to")
    return tuple(
        [
            AdministrativeUnit(code, cast(Level, level), name, kind, parent, days[start], days[end])
            for code, level, name, kind, parent, start, end in read_rows("administrative-units.csv", *columns)
        ]
    )


@cache
def _by_code() -> Mapping[str, tuple[AdministrativeUnit, ...]]:
    found: dict[str, tuple[AdministrativeUnit, ...]] = {}
    for one in units():
        same = found.get(one.code)
        found[one.code] = (one,) if same is None else tuple(sorted((*same, one), key=_start))
    return found


@cache
def _by_parent() -> Mapping[str, tuple[AdministrativeUnit, ...]]:
    found: dict[str, list[AdministrativeUnit]] = {}
    for one in units():
        found.setdefault(one.parent_code, []).append(one)
    return {code: tuple(sorted(below, key=lambda unit: unit.code)) for code, below in found.items()}


def _start(one: AdministrativeUnit) -> date:
    return one.valid_from or date.min


def versions(code: str) -> tuple[AdministrativeUnit, ...]:
    """Every unit that ever bore `code`, oldest first; empty if none did."""
    return _by_code().get(code, ())


def is_ambiguous(code: str) -> bool:
    """Whether `code` without a day could mean units of different names."""
    return len({one.name for one in versions(code)}) > 1


def unit(code: str, on: date) -> AdministrativeUnit:
    """The unit that bears `code` on that day.

    Raises unit.unknown, or unit.wrong_period saying when the code was valid and what succeeded it.
    """
    known = versions(code)
    for one in known:
        if one.valid_on(on):
            return one
    if not known:
        raise refuse("unit.unknown", code=code)
    raise refuse(
        "unit.wrong_period",
        code=code,
        on=on.isoformat(),
        valid="; ".join(f"{one.name} ({one.period})" for one in known),
        successors=_successors_in_words(known, on),
    )


def check_unit(code: str, on: date, *, level: Level | None = None) -> AdministrativeUnit:
    """Like `unit`, and if a level is given the unit must be of it. Raises also unit.wrong_level."""
    found = unit(code, on)
    if level is not None and found.level != level:
        raise refuse(
            "unit.wrong_level",
            code=code,
            name=found.name,
            expected=level,
            expected_vi=_LEVEL_IN_VIETNAMESE[level],
        )
    return found


def children(code: str, on: date) -> tuple[AdministrativeUnit, ...]:
    """The units directly below `code` on that day, by code; "" gives the provinces. Raises as `unit` does."""
    if code:
        unit(code, on)
    return tuple(one for one in _by_parent().get(code, ()) if one.valid_on(on))


def path(code: str, on: date) -> tuple[AdministrativeUnit, ...]:
    """The units from the province down to `code` itself: three before the reform, two after it."""
    steps = [unit(code, on)]
    while steps[0].parent_code:
        steps.insert(0, unit(steps[0].parent_code, on))
    return tuple(steps)


def _successors_in_words(known: tuple[AdministrativeUnit, ...], on: date) -> str:
    from contracts.catalogue.succession import successors  # succession reads units: only an error needs it

    ended = [one for one in known if one.valid_to is not None and one.valid_to <= on]
    if not ended or ended[-1].last_day is None:
        return "–"
    following = successors(ended[-1].code, ended[-1].last_day)
    names = [f"{one.code} {one.name}" for one in following[:_NAMES_IN_A_MESSAGE]]
    if len(following) > _NAMES_IN_A_MESSAGE:
        names.append("…")
    return ", ".join(names) or "–"
