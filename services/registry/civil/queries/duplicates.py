"""Births that may be one: few are read, found by the mother, by name and by day of birth.

Each block is one stretch of an index and has its cap, so a name that thousands bear costs no more than a rare one.
What name and day alone say decides who of them is read, and in which order.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any, Final

from sqlalchemy import Select, bindparam, select, text, union_all

from contracts.catalogue.civil_rules import parameter
from contracts.civil import Birth, BookKind, Duplicate, Duplicates, RecordKind, Role, entry_number, volume_name
from contracts.population.values import birth_year
from contracts.problems import NOT_FOUND, Problem
from services.bus.kit.statements import Lookup
from services.bus.kit.tx import Tx
from services.registry.civil.models import BORN_CHILDREN, Participant, Record, RecordVersion
from services.registry.civil.names import orders
from services.registry.civil.queries.people import content_of
from services.registry.civil.rules.duplicates import NEAR_DAYS, Outlook, compare, words_in_common

WORTH_SHOWING: Final = 0.5
"""A lower score is no candidate."""
MOST_LOOKED_AT: Final = 60
"""Births read and compared: children of the mother first, then the most alike by name and day."""
MOST_OF_MOTHER: Final = 50
MOST_NAMESAKES: Final = 200
"""Born in one year, for each order the words of a name come in."""
MOST_BORN_NEAR: Final = 500
"""Born within a few days; if there are more, as many of the same family name, born on the same day, come to it."""

_COLUMNS: tuple[Any, ...] = (Participant.record_id, Participant.folded_name, Participant.birth_date)


@cache
def _namesakes_of(count: int) -> Any:
    """The select for so many pairs of a name and a year, one round trip for all."""
    return union_all(*(select(_namesakes(place).subquery()) for place in range(count)))


def _namesakes(place: int) -> Select[Any]:
    found: Select[Any] = select(*_COLUMNS).where(
        Participant.folded_name == bindparam(f"name_{place}"),
        Participant.birth_year == bindparam(f"year_{place}"),
        Participant.role == Role.CHILD.value,
        Participant.kind == RecordKind.BIRTH.value,
    )
    return found.order_by(Participant.record_id).limit(MOST_NAMESAKES)


_BORN_NEAR: Select[Any] = (
    select(*_COLUMNS)
    .where(
        text(BORN_CHILDREN),
        Participant.birth_date.between(bindparam("first"), bindparam("last")),
        Participant.folded_name >= bindparam("name_from"),
        Participant.folded_name < bindparam("name_to"),
        Participant.folded_name.like(bindparam("holding")),
    )
    .order_by(Participant.birth_date, Participant.folded_name, Participant.record_id)
    .limit(MOST_BORN_NEAR)
)
_BY_MOTHER: Select[Any] = (
    select(Participant.record_id)
    .where(
        Participant.personal_id == bindparam("personal_id"),
        Participant.role == Role.MOTHER.value,
        Participant.kind == RecordKind.BIRTH.value,
    )
    .order_by(Participant.record_id)
    .limit(MOST_OF_MOTHER)
)
_READ: Final = Lookup(
    select(Record.id, Record.agency, Record.number, Record.year, Record.volume, RecordVersion.content)
    .join(RecordVersion, (RecordVersion.record_id == Record.id) & (RecordVersion.version == Record.version))
    .subquery(),
    "id",
)


def candidates(tx: Tx, birth: Birth, *, limit: int, without: str | None = None) -> list[Duplicate]:
    """Births that may be the same, the most likely first; `without` the record itself."""
    found: list[Duplicate] = []
    wanted = [record_id for record_id in _to_look_at(tx, birth) if record_id != without]
    for record_id, agency, number, year, volume, content in tx.look_up(_READ, wanted[:MOST_LOOKED_AT]):
        other = Birth.model_validate(content)
        score, reasons = compare(birth, other)
        if score >= WORTH_SHOWING:
            born = other.child.date_of_birth
            found.append(
                Duplicate(
                    record_id=record_id,
                    score=score,
                    full_name=other.child.full_name,
                    born=born if isinstance(born, str) else born.isoformat(),
                    agency=agency,
                    number=entry_number(number, year),
                    book=volume_name(BookKind.BIRTH, year, volume),
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
    """The records worth reading: children of the mother, then whoever may still score enough, the best first."""
    mother = birth.mother.personal_id if birth.mother is not None else None
    outlook = Outlook(birth)
    of_mother, namesakes, near = tx.fetch_together(
        (_BY_MOTHER, {"personal_id": mother}), _born_namesakes(birth, outlook), _born_near(birth, outlook)
    )
    if len(near) == MOST_BORN_NEAR:
        statement, asked = _born_near(birth, outlook, crowded=True)
        near += tx.fetch(statement, **asked)
    near = [row for row in near if row[1] == outlook.name or words_in_common(outlook.name, row[1])]
    others: dict[str, float] = {}
    year = str(birth_year(birth.child.date_of_birth))
    for record_id, folded_name, born in (*namesakes, *near):
        best = outlook.at_best(folded_name, born or year)
        if best >= WORTH_SHOWING:
            others[record_id] = best
    found = dict.fromkeys(record_id for (record_id,) in of_mother)
    return list(found | dict.fromkeys(sorted(others, key=lambda each: (-others[each], each))))


Asked = tuple[Any, dict[str, Any]]
"""A select and its parameters."""


def _born_namesakes(birth: Birth, outlook: Outlook) -> Asked:
    """Born in the same year, or a few days into another, under the same words in whatever order."""
    born = birth.child.date_of_birth
    years = {birth_year(born)} | ({each.year for each in _around(born)} if isinstance(born, date) else set())
    pairs = [(name, year) for name in orders(outlook.name) for year in sorted(years)]
    asked: dict[str, Any] = {}
    for place, (name, year) in enumerate(pairs):
        asked |= {f"name_{place}": name, f"year_{place}": year}
    return _namesakes_of(len(pairs)), asked


def _born_near(birth: Birth, outlook: Outlook, *, crowded: bool = False) -> Asked:
    """Born within a few days, under a name that may still do. On days that many were born on, or are said to be
    (1 January), whoever has another family name may be missed: `crowded` asks for the family on the day itself."""
    born, name = birth.child.date_of_birth, outlook.name
    first, last = _around(born) if isinstance(born, date) else (None, None)  # nobody is born near a bare year
    any_name = outlook.by_name("") >= WORTH_SHOWING  # else a name without the given name in it is another name
    asked = {"first": first, "last": last, "holding": "%" if any_name else f"%{name.rpartition(' ')[2]}%"}
    if not crowded:
        return _BORN_NEAR, {**asked, "name_from": "", "name_to": _AFTER_ALL_NAMES}
    family = name.partition(" ")[0]
    return _BORN_NEAR, {
        **asked, "first": born, "last": born, "name_from": family, "name_to": family + _AFTER_A_WORD,
    }  # fmt: skip


def _around(born: date) -> tuple[date, date]:
    day, last = born.toordinal(), date.max.toordinal()
    return date.fromordinal(max(day - NEAR_DAYS, 1)), date.fromordinal(min(day + NEAR_DAYS, last))


_AFTER_A_WORD: Final = "!"
"""Sorts behind the space that ends a word, and before every letter."""
_AFTER_ALL_NAMES: Final = "\U0010ffff"
