"""Who lived in a household, or in a commune, on a day or in a period [since, until).

A stay is kept under the code of its first day. Whoever asks for a commune of today is also told of stays in the
units it was made of; where such a unit was divided, the stay may lie elsewhere, and is said to be uncertain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, and_, or_, select, tuple_

from contracts.catalogue.loader import AdministrativeUnit, became, predecessors, unit
from contracts.population import HouseholdResident, Relation, ResidenceKind, UnitResident
from contracts.problems import VALIDATION, FieldError, Problem, Text
from services.bus.kit.paging import Cursor, Page
from services.bus.kit.tx import Tx
from services.population import models
from services.population.places import full_name, unit_errors

EMPTY_PERIOD: Final = Text(
    "Khoảng thời gian phải kết thúc sau khi bắt đầu.", "The period has to end after it begins."
)
ACROSS_UNITS: Final = Text(
    "Đơn vị {code} chỉ tồn tại đến hết ngày {last}; hãy hỏi riêng từng khoảng thời gian.",
    "The unit {code} exists until {last} only; ask for each period by itself.",
)
DAY_OR_PERIOD: Final = Text(
    "Hãy nêu một ngày (on) hoặc một khoảng thời gian (from, to), không nêu cả hai.",
    "State a day (on) or a period (from, to), not both.",
)
NO_BEGINNING: Final = Text("Khoảng thời gian phải có ngày bắt đầu (from).", "A period needs its first day (from).")
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """The days asked for, [since, until); `until` None is no end."""

    since: date
    until: date | None

    @classmethod
    def asked(cls, on: date | None, since: date | None, until: date | None, today: date) -> Period:
        """From the query of a route: a day, or a period, or today. Raises VALIDATION where it is both or empty."""
        if on is not None and (since is not None or until is not None):
            raise _wrong("query.on", "period.day_or_period", DAY_OR_PERIOD)
        if on is not None or (since is None and until is None):
            day = on or today
            return cls(day, day + _ONE_DAY if day < date.max else None)
        if since is None:
            raise _wrong("query.from", "period.no_beginning", NO_BEGINNING)
        if until is not None and until <= since:
            raise _wrong("query.to", "period.empty", EMPTY_PERIOD)
        return cls(since, until)

    @property
    def last(self) -> date | None:
        """The last day asked for."""
        return None if self.until is None else self.until - _ONE_DAY

    def meets(self, table: Any) -> ColumnElement[bool]:
        """A row valid on some day of the period; one that was never valid meets none."""
        lasts = or_(table.valid_to.is_(None), and_(table.valid_to > self.since, table.valid_to > table.valid_from))
        return lasts if self.until is None else and_(table.valid_from < self.until, lasts)


class Origin(NamedTuple):
    """A unit whose stays count, in the days they may have begun; `certain` if it became the unit asked for
    and nothing else."""

    unit: AdministrativeUnit
    certain: bool


def household_residents(
    tx: Tx, household_id: str, period: Period, *, limit: int, cursor: str | None
) -> Page[HouseholdResident] | None:
    """Who lived in the household, by personal id; None if there is no such household."""
    if tx.find(models.Household, household_id) is None:
        return None
    member, person = models.Membership, models.Citizen
    wanted = (
        select(
            member.personal_id, person.full_name, member.relation, member.valid_from, member.valid_to, member.id
        )
        .join_from(member, person, person.personal_id == member.personal_id)
        .where(member.household_id == household_id, period.meets(member))
        .order_by(member.personal_id, member.id)
        .limit(limit + 1)
    )
    if cursor is not None:
        wanted = wanted.where(tuple_(member.personal_id, member.id) > tuple(Cursor.decode(cursor, (str, str))))
    rows = list(tx.execute(wanted))
    shown = rows[:limit]
    return Page(
        items=[
            HouseholdResident(
                personal_id=number, full_name=name, relation=Relation(relation), valid_from=since, valid_to=until
            )
            for number, name, relation, since, until, _ in shown
        ],
        next_cursor=Cursor.encode([shown[-1][0], shown[-1][-1]]) if len(rows) > limit else None,
    )


def refuse_unit(code: str, period: Period) -> None:
    """A commune that exists on every day asked for. Raises VALIDATION (unit.unknown, .wrong_period,
    .wrong_level, or period.across_units)."""
    errors = unit_errors("path.code", code, period.since, level="commune")
    if not errors:
        last = unit(code, period.since).last_day
        if last is not None and (period.last is None or period.last > last):
            told = {"code": code, "last": last.isoformat()}
            errors = [FieldError("query.to", "period.across_units", ACROSS_UNITS, told)]
    if errors:
        raise Problem(VALIDATION, errors=errors, count=len(errors))


def unit_residents(
    tx: Tx,
    code: str,
    period: Period,
    *,
    kind: ResidenceKind | None,
    limit: int,
    cursor: str | None,
) -> Page[UnitResident]:
    """Who lived in the commune that bears this code in the period, by personal id."""
    after = tuple(Cursor.decode(cursor, (str, str))) if cursor is not None else None
    found: list[tuple[Any, ...]] = []
    for origin in origins(code, period.since):
        rows = tx.execute(_stays(origin.unit, period, kind, after).limit(limit + 1))
        found += [(*row, origin.certain) for row in rows]
    found.sort(key=lambda row: (row[0], row[1]))
    shown = found[:limit]
    return Page(
        items=[_resident(row) for row in shown],
        next_cursor=Cursor.encode([shown[-1][0], shown[-1][1]]) if len(found) > limit else None,
    )


@lru_cache(maxsize=20_000)
def origins(code: str, on: date) -> tuple[Origin, ...]:
    """The unit that bears the code on that day, and every unit it was made of."""
    asked = unit(code, on)
    found: dict[AdministrativeUnit, bool] = {asked: True}
    waiting: list[AdministrativeUnit] = [asked]
    while waiting:
        one = waiting.pop()
        first = one.valid_from
        for before in predecessors(one.code, first) if first is not None else ():
            if before not in found:
                last = before.last_day
                found[before] = last is not None and became(before.code, last, on) == (asked,)
                waiting.append(before)
    return tuple(Origin(one, certain) for one, certain in found.items())


def _stays(
    origin: AdministrativeUnit, period: Period, kind: ResidenceKind | None, after: tuple[Any, ...] | None
) -> Any:
    stay, person = models.Residence, models.Citizen
    columns = (stay.personal_id, stay.id, person.full_name, stay.kind, stay.unit_code, stay.detail)
    wanted = (
        select(*columns, stay.valid_from, stay.valid_to)
        .join_from(stay, person, person.personal_id == stay.personal_id)
        .where(stay.unit_code == origin.code, period.meets(stay))
        .order_by(stay.personal_id, stay.id)
    )
    if origin.valid_from is not None:
        wanted = wanted.where(stay.valid_from >= origin.valid_from)
    if origin.valid_to is not None:
        wanted = wanted.where(stay.valid_from < origin.valid_to)
    if kind is not None:
        wanted = wanted.where(stay.kind == kind.value)
    return wanted if after is None else wanted.where(tuple_(stay.personal_id, stay.id) > after)


def _resident(row: Sequence[Any]) -> UnitResident:
    number, _, name, kind, code, detail, since, until, certain = row
    return UnitResident(
        personal_id=number,
        full_name=name,
        kind=ResidenceKind(kind),
        unit_code=code,
        unit_name=full_name(code, since),
        detail=detail,
        valid_from=since,
        valid_to=until,
        certain=certain,
    )


def _wrong(field: str, rule: str, text: Text) -> Problem:
    return Problem(VALIDATION, errors=[FieldError(field, rule, text)], count=1)
