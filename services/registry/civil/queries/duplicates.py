"""Births that may be one: few are looked at closely, found by name, by day of birth and by mother."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Select, bindparam, select

from contracts.catalogue.civil_rules import parameter
from contracts.civil import Birth, Duplicate, Duplicates, RecordKind, Role
from contracts.population.values import birth_year
from contracts.problems import NOT_FOUND, Problem
from services.bus.kit.tx import Tx
from services.registry.civil.models import Participant, Record
from services.registry.civil.names import fold, orders
from services.registry.civil.queries.people import content_of
from services.registry.civil.rules.duplicates import NEAR_DAYS, compare, words_in_common
from services.registry.civil.views import place_in_books

WORTH_SHOWING: Final = 0.5
"""A lower score is no candidate."""
MOST_LOOKED_AT: Final = 60

_COLUMNS: tuple[Any, ...] = (Participant.record_id, Participant.folded_name)
_CHILDREN: Select[Any] = select(*_COLUMNS).where(
    Participant.role == Role.CHILD.value, Participant.kind == RecordKind.BIRTH.value
)
_BY_NAME: Select[Any] = _CHILDREN.where(
    Participant.folded_name == bindparam("name"),
    Participant.birth_year.between(bindparam("first"), bindparam("last")),
).limit(200)
_BY_DAY: Select[Any] = _CHILDREN.where(
    Participant.birth_date.between(bindparam("first"), bindparam("last"))
).limit(3_000)
_BY_MOTHER: Select[Any] = (
    select(Participant.record_id)
    .where(
        Participant.personal_id == bindparam("personal_id"),
        Participant.role == Role.MOTHER.value,
        Participant.kind == RecordKind.BIRTH.value,
    )
    .limit(50)
)


def candidates(tx: Tx, birth: Birth, *, limit: int, without: str | None = None) -> list[Duplicate]:
    """Births that may be the same, the most likely first; `without` the record itself."""
    found: list[Duplicate] = []
    for record_id in _to_look_at(tx, birth):
        if record_id == without:
            continue
        record: Any = tx.find(Record, record_id)
        other = Birth.model_validate(content_of(tx, record))
        score, reasons = compare(birth, other)
        if score >= WORTH_SHOWING:
            born = other.child.date_of_birth
            number, book, _ = place_in_books(record)
            found.append(
                Duplicate(
                    record_id=record_id,
                    score=score,
                    full_name=other.child.full_name,
                    born=born if isinstance(born, str) else born.isoformat(),
                    agency=record.agency,
                    number=number,
                    book=book,
                    reasons=reasons,
                )
            )
    found.sort(key=lambda each: (-each.score, each.record_id))
    return found[:limit]


def search(tx: Tx, birth: Birth, *, limit: int, without: str | None = None) -> Duplicates:
    """The candidates with the scores that matter."""
    return Duplicates(
        likely=parameter("birth.likely-duplicate", "likely"),
        certain=parameter("birth.duplicate", "certain"),
        items=candidates(tx, birth, limit=limit, without=without),
    )


def of_record(tx: Tx, record_id: str, *, limit: int) -> Duplicates:
    """The candidates for a birth that is registered. Raises NOT_FOUND, also for a record of another kind."""
    record: Any = tx.find(Record, record_id)
    if record is None or record.kind != RecordKind.BIRTH.value:
        raise Problem(NOT_FOUND, what="civil record", id=record_id)
    return search(tx, Birth.model_validate(content_of(tx, record)), limit=limit, without=record_id)


def _to_look_at(tx: Tx, birth: Birth) -> list[str]:
    """The records worth reading: children of the mother, then those of the name, then of the days around."""
    name, born = fold(birth.child.full_name), birth.child.date_of_birth
    found: dict[str, None] = {}
    if birth.mother is not None and birth.mother.personal_id is not None:
        for (record_id,) in tx.fetch(_BY_MOTHER, personal_id=birth.mother.personal_id):
            found[record_id] = None
    year = birth_year(born)
    near = _near_days(tx, born)
    for record_id, folded_name in near:
        if folded_name == name:
            found[record_id] = None
    for order in orders(name):
        for record_id, _ in tx.fetch(_BY_NAME, name=order, first=year, last=year):
            if len(found) < MOST_LOOKED_AT:
                found[record_id] = None
    for record_id, folded_name in near:
        if len(found) < MOST_LOOKED_AT and words_in_common(name, folded_name):
            found[record_id] = None
    return list(found)[:MOST_LOOKED_AT]


def _near_days(tx: Tx, born: date | str) -> list[Any]:
    if not isinstance(born, date):
        return []
    around = timedelta(days=NEAR_DAYS)
    return list(tx.fetch(_BY_DAY, first=born - around, last=born + around))
