"""Ages and the order of days, where some dates are bare years. A bare year counts as its first of January."""

from __future__ import annotations

from datetime import date

from contracts.population.values import birth_year


def first_day(when: date | str) -> date:
    """The day, or the first day of the year."""
    return when if isinstance(when, date) else date(int(when), 1, 1)


def age_on(born: date | str, on: date | str) -> int:
    """Completed years. With a bare year on either side, the difference of the years."""
    if isinstance(born, date) and isinstance(on, date):
        return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    return birth_year(on) - birth_year(born)


def surely_before(one: date | str, other: date | str) -> bool:
    """Whether `one` certainly lies before `other`: a year alone decides only against another year."""
    if isinstance(one, date) and isinstance(other, date):
        return one < other
    return birth_year(one) < birth_year(other)


def no_older(parent: date | str, child: date | str) -> bool:
    """Whether a parent of this birth date is too young to be one: born with the child or after."""
    if isinstance(parent, date) and isinstance(child, date):
        return parent >= child
    return birth_year(parent) >= birth_year(child)


def in_months(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        if last <= day.day:
            try:
                return date(year, month + 1, last)
            except ValueError:
                continue
    raise AssertionError("every month has 28 days")
