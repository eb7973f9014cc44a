"""What became of an administrative unit, and what a unit was made of.

Communes have recorded successions. Districts were abolished in July 2025 and provinces merged without a
table of their own, so theirs follow from the communes: a district became the communes on its land, a
province became the provinces those communes lie in.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache

from contracts.catalogue.files import read_rows
from contracts.catalogue.units import REFORM_DAY, AdministrativeUnit, children, unit, versions


def successors(code: str, on: date | None = None) -> tuple[AdministrativeUnit, ...]:
    """The units that took the place of the one bearing `code` on that day, by code.

    Without a day, the last day before the reform of July 2025 is meant. Empty while the unit still exists,
    and for the 28 old communes the published table leaves out. Raises as `unit` does.
    """
    one = unit(code, on or REFORM_DAY - timedelta(days=1))
    if one.valid_to is None or one.last_day is None:
        return ()
    recorded = _forward().get((one.valid_to, code))
    if recorded is not None:
        return _units_on(recorded, one.valid_to)
    following = [after for below in children(code, one.last_day) for after in successors(below.code, one.last_day)]
    if one.level == "province":
        return _units_on({_province_of(after, one.valid_to) for after in following}, one.valid_to)
    return _distinct(following)


def predecessors(code: str, on: date | None = None) -> tuple[AdministrativeUnit, ...]:
    """The units that the one bearing `code` on that day was made of, by code.

    Without a day, the first day of the reform is meant. Empty for a unit older than the records. A province
    was made of the provinces its communes lay in. Raises as `unit` does.
    """
    one = unit(code, on or REFORM_DAY)
    if one.valid_from is None:
        return ()
    day_before = one.valid_from - timedelta(days=1)
    recorded = _backward().get((one.valid_from, code))
    if recorded is not None:
        return _units_on(recorded, day_before)
    earlier = [
        before for below in children(code, one.valid_from) for before in predecessors(below.code, one.valid_from)
    ]
    return _units_on({_province_of(before, day_before) for before in earlier}, day_before)


def became(code: str, on: date, at: date) -> tuple[AdministrativeUnit, ...]:
    """The units that stand on a later day `at` where `code` stood on the day `on`, through every reform.

    The unit itself if it still exists. A ValueError if `at` is before `on`; raises as `unit` does.
    """
    if at < on:
        raise ValueError(f"{at} is before {on}: successions are followed forward only")
    found: list[AdministrativeUnit] = []
    waiting = [unit(code, on)]
    while waiting:
        one = waiting.pop()
        if one.valid_on(at) or one.last_day is None:
            found.append(one)
        else:
            waiting.extend(successors(one.code, one.last_day))
    return _distinct(found)


@cache
def _pairs() -> tuple[tuple[date, str, str], ...]:
    """Every recorded succession as (first day of the new unit, old code, new code)."""
    reform = tuple(
        (REFORM_DAY, old, new) for old, new in read_rows("commune-successors-2025.csv", "old_code", "new_code")
    )
    others = tuple(
        (date.fromisoformat(at), old, new)
        for at, old, new in read_rows("other-successors.csv", "at", "old_code", "new_code")
    )
    return reform + others


@cache
def _forward() -> Mapping[tuple[date, str], tuple[str, ...]]:
    found: dict[tuple[date, str], tuple[str, ...]] = {}
    for at, old, new in _pairs():
        found[at, old] = (*found.get((at, old), ()), new)
    return found


@cache
def _backward() -> Mapping[tuple[date, str], tuple[str, ...]]:
    found: dict[tuple[date, str], tuple[str, ...]] = {}
    for at, old, new in _pairs():
        found[at, new] = (*found.get((at, new), ()), old)
    return found


def _province_of(one: AdministrativeUnit, on: date) -> str:
    while one.parent_code:
        one = unit(one.parent_code, on)
    return one.code


def _units_on(codes: Iterable[str], on: date) -> tuple[AdministrativeUnit, ...]:
    return tuple(unit(code, on) for code in sorted(codes))


def _distinct(many: Iterable[AdministrativeUnit]) -> tuple[AdministrativeUnit, ...]:
    return tuple(sorted(set(many), key=lambda one: (one.code, versions(one.code).index(one))))
