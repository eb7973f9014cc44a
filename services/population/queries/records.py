"""What checks compare, many at a time: one select a chunk, bare columns instead of objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final, NamedTuple

from sqlalchemy import func, select

from services.bus.kit.statements import Lookup
from services.bus.kit.tx import Tx
from services.population.matching import Record
from services.population.models import Citizen, Household, Membership

CHUNK: Final = 500
"""Keys a select: well under the limits of both databases, few enough statements to be quick."""

_RECORD: Final = ("personal_id", "id_card", "folded_name", "birth_year", "birth_date", "status")
_BY_PERSONAL_ID: Final = Lookup(Citizen.__table__, "personal_id", columns=_RECORD)
_BY_ID_CARD: Final = Lookup(Citizen.__table__, "id_card", columns=_RECORD)
_PERSONAL_IDS: Final = Lookup(Citizen.__table__, "personal_id", columns=["personal_id"])
_ID_CARDS: Final = Lookup(Citizen.__table__, "id_card", columns=["id_card"])


class Belonging(NamedTuple):
    """A citizen's present place in a household."""

    household_id: str
    relation: str


class HouseholdKey(NamedTuple):
    """A household and its head."""

    id: str
    head_personal_id: str | None


def chunks(keys: Iterable[str]) -> Iterator[list[str]]:
    """Distinct keys in lists of at most CHUNK."""
    distinct = list(dict.fromkeys(keys))
    for start in range(0, len(distinct), CHUNK):
        yield distinct[start : start + CHUNK]


def by_personal_id(tx: Tx, personal_ids: Iterable[str]) -> dict[str, Record]:
    """Records by personal id; those that do not exist are not in it."""
    return {row[0]: Record(*row) for row in tx.look_up(_BY_PERSONAL_ID, set(personal_ids))}


def by_id_card(tx: Tx, id_cards: Iterable[str]) -> dict[str, Record]:
    """Records by 9-digit card number."""
    return {row[1]: Record(*row) for row in tx.look_up(_BY_ID_CARD, set(id_cards))}


def existing(tx: Tx, personal_ids: Iterable[str]) -> set[str]:
    """Which of these personal ids are registered."""
    return {number for (number,) in tx.look_up(_PERSONAL_IDS, set(personal_ids))}


def cards_taken(tx: Tx, id_cards: Iterable[str]) -> set[str]:
    """Which of these card numbers belong to somebody."""
    return {card for (card,) in tx.look_up(_ID_CARDS, set(id_cards))}


def life_of(tx: Tx, personal_ids: Iterable[str]) -> dict[str, str]:
    """Whether each of these citizens lives; those who are not registered are not in it."""
    found: dict[str, str] = {}
    for chunk in chunks(personal_ids):
        rows = tx.execute(select(Citizen.personal_id, Citizen.status).where(Citizen.personal_id.in_(chunk)))
        found.update((personal_id, status) for personal_id, status in rows)
    return found


def versions_of(tx: Tx, personal_ids: Iterable[str]) -> dict[str, int]:
    """The version of each of these citizens."""
    found: dict[str, int] = {}
    for chunk in chunks(personal_ids):
        rows = tx.execute(select(Citizen.personal_id, Citizen.version).where(Citizen.personal_id.in_(chunk)))
        found.update((personal_id, version) for personal_id, version in rows)
    return found


def belongings(tx: Tx, personal_ids: Iterable[str]) -> dict[str, Belonging]:
    """The present household of each of these citizens, for those who have one."""
    columns = (Membership.personal_id, Membership.household_id, Membership.relation)
    found: dict[str, Belonging] = {}
    for chunk in chunks(personal_ids):
        where = (Membership.personal_id.in_(chunk), Membership.valid_to.is_(None))
        for personal_id, household_id, relation in tx.execute(select(*columns).where(*where)):
            found[personal_id] = Belonging(household_id, relation)
    return found


def last_left(tx: Tx, personal_ids: Iterable[str]) -> dict[str, date]:
    """The day each of these citizens last left a household, for those who have."""
    found: dict[str, date] = {}
    ended = select(Membership.personal_id, func.max(Membership.valid_to)).group_by(Membership.personal_id)
    for chunk in chunks(personal_ids):
        where = (Membership.personal_id.in_(chunk), Membership.valid_to.is_not(None))
        found.update((personal_id, day) for personal_id, day in tx.execute(ended.where(*where)) if day is not None)
    return found


def households(tx: Tx, ids: Iterable[str], heads: Iterable[str]) -> list[HouseholdKey]:
    """The households with these ids, or with these heads, that have members."""
    found: dict[str, HouseholdKey] = {}
    for column, keys in ((Household.id, ids), (Household.head_personal_id, heads)):
        for chunk in chunks(keys):
            where = (column.in_(chunk), Household.members > 0)
            for row in tx.execute(select(Household.id, Household.head_personal_id).where(*where)):
                found[row[0]] = HouseholdKey(*row)
    return list(found.values())


def numbers_taken(tx: Tx, numbers: Iterable[str]) -> set[str]:
    """Which of these household numbers are in use."""
    found: set[str] = set()
    for chunk in chunks(numbers):
        rows = tx.scalars(select(Household.number).where(Household.number.in_(chunk)))
        found.update(number for number in rows if number)
    return found
