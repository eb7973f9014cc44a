"""Who belongs to a household, and as what: joined, left, and what they are to a new head.

A relation is always that to the head of its time, so a new head begins a new row for everybody whose relation
changes, and who lived in a household on a past day is told as it was then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import bindparam, func, select

from contracts.events.population import HouseholdChanged
from contracts.population import LifeStatus, Relation
from services.bus.kit.ids import new_id
from services.bus.kit.outbox import emit
from services.bus.kit.tx import Tx
from services.population import models
from services.population.commands.rows import locked
from services.population.consistency import years_after

OF_AGE: Final = 18
"""Years from which a member can be the head (người có đầy đủ năng lực hành vi dân sự, BLDS 2015, Đ.20)."""

_BECOMES: Final[dict[Relation, dict[Relation, Relation]]] = {
    Relation.SPOUSE: {
        Relation.HEAD: Relation.SPOUSE,
        Relation.CHILD: Relation.CHILD,
        Relation.GRANDCHILD: Relation.GRANDCHILD,
    },
    Relation.CHILD: {
        Relation.SPOUSE: Relation.PARENT,
        Relation.HEAD: Relation.PARENT,
        Relation.CHILD: Relation.SIBLING,
        Relation.PARENT: Relation.GRANDPARENT,
    },
    Relation.PARENT: {
        Relation.HEAD: Relation.CHILD,
        Relation.PARENT: Relation.SPOUSE,
        Relation.CHILD: Relation.GRANDCHILD,
        Relation.SIBLING: Relation.CHILD,
    },
    Relation.SIBLING: {
        Relation.HEAD: Relation.SIBLING,
        Relation.SIBLING: Relation.SIBLING,
        Relation.PARENT: Relation.PARENT,
        Relation.GRANDPARENT: Relation.GRANDPARENT,
    },
    Relation.GRANDPARENT: {
        Relation.HEAD: Relation.GRANDCHILD,
        Relation.GRANDPARENT: Relation.SPOUSE,
        Relation.SIBLING: Relation.GRANDCHILD,
    },
    Relation.GRANDCHILD: {Relation.HEAD: Relation.GRANDPARENT, Relation.SPOUSE: Relation.GRANDPARENT},
}
"""By what the new head was to the old one: what each member, by what they were to the old one, is to the new
one. What is not here may be several things (a grandchild is a child's child or a nephew's) and becomes OTHER."""

_MEMBERSHIPS: Final[Any] = models.Membership.__table__
_OPEN: Final = select(_MEMBERSHIPS).where(_MEMBERSHIPS.c.valid_to.is_(None))
_OPEN_OF_CITIZEN: Final = _OPEN.where(_MEMBERSHIPS.c.personal_id == bindparam("personal_id"))
_OPEN_OF_HOUSEHOLD: Final = _OPEN.where(_MEMBERSHIPS.c.household_id == bindparam("household_id")).order_by(
    _MEMBERSHIPS.c.valid_from, _MEMBERSHIPS.c.personal_id
)
_LAST_HEAD_UNTIL: Final = select(func.max(_MEMBERSHIPS.c.valid_to)).where(
    _MEMBERSHIPS.c.household_id == bindparam("household_id"), _MEMBERSHIPS.c.relation == Relation.HEAD.value
)


def relation_to_new_head(new_head: Relation, member: Relation) -> Relation:
    """What a member becomes to a new head, both being named by what they were to the old one."""
    return _BECOMES.get(new_head, {}).get(member, Relation.OTHER)


def open_membership(tx: Tx, personal_id: str) -> models.Membership | None:
    """The citizen's present membership of a household."""
    return next(iter(tx.rows(models.Membership, _OPEN_OF_CITIZEN, personal_id=personal_id)), None)


def members_of(tx: Tx, household_id: str) -> list[models.Membership]:
    """The present memberships of a household, oldest first."""
    return tx.rows(models.Membership, _OPEN_OF_HOUSEHOLD, household_id=household_id)


def last_head_until(tx: Tx, household_id: str) -> date:
    """The day the last head of a household ceased to be it; the first of all days if none has."""
    tx.run_later()
    ((ended,),) = tx.fetch(_LAST_HEAD_UNTIL, household_id=household_id)
    return ended or date.min


def membership_row(household_id: str, personal_id: str, relation: Relation, since: date) -> dict[str, Any]:
    """The row of a membership from that day on."""
    return {
        "id": new_id(),
        "household_id": household_id,
        "personal_id": personal_id,
        "relation": relation.value,
        "valid_from": since,
        "valid_to": None,
    }


def leave_household(tx: Tx, membership: models.Membership, on: date, *, now: datetime) -> None:
    """End a membership. Where a head leaves others behind, the next of age becomes the head: the spouse, else
    the oldest; a household of minors stays without one."""
    household = locked(tx, models.Household, membership.household_id)
    assert household is not None
    membership.valid_to = max(on, membership.valid_from)
    household.members -= 1
    if household.head_personal_id == membership.personal_id and household.members:
        remaining = [each for each in members_of(tx, household.id) if each is not membership]
        follow(tx, household, remaining, successor(tx, remaining, on), on)
    announce_household(tx, household, now)


def is_of_age(citizen: models.Citizen, on: date) -> bool:
    """Whether a citizen can be a head on that day; of a bare year of birth, only for certain."""
    birthday = citizen.birth_date or date(citizen.birth_year, 12, 31)
    return years_after(birthday, OF_AGE) <= on


def successor(tx: Tx, members: Sequence[models.Membership], on: date) -> models.Membership | None:
    """Who of these becomes the head: the spouse if of age, else the oldest of age; nobody if there is none."""
    tx.preload(models.Citizen, [each.personal_id for each in members])
    people = [tx.find(models.Citizen, each.personal_id) for each in members]
    born = {
        each.personal_id: each.birth_date or date(each.birth_year, 12, 31)
        for each in people
        if each is not None and each.status == LifeStatus.ALIVE and is_of_age(each, on)
    }
    of_age = [each for each in members if each.personal_id in born]
    return min(
        of_age,
        key=lambda each: (each.relation != Relation.SPOUSE, born[each.personal_id], each.personal_id),
        default=None,
    )


def follow(
    tx: Tx,
    household: models.Household,
    members: Sequence[models.Membership],
    head: models.Membership | None,
    on: date,
) -> None:
    """Make this member the head from that day on, and the others what they are to the new head."""
    household.head_personal_id = head.personal_id if head is not None else None
    if head is None:
        return
    was = Relation(head.relation)
    changes = [
        (each, Relation.HEAD if each is head else relation_to_new_head(was, Relation(each.relation)))
        for each in members
    ]
    renewed = []
    for each, relation in changes:
        if each.relation == relation:
            continue
        if each.valid_from >= on:
            each.relation = relation.value
            continue
        each.valid_to = on
        renewed.append(membership_row(household.id, each.personal_id, relation, on))
    tx.run_later()  # a membership must be closed before the next one opens: one open one is unique
    for row in renewed:
        tx.insert(models.Membership, **row)


def announce_household(tx: Tx, household: models.Household, now: datetime) -> None:
    """Count the household's version up and tell how it stands."""
    household.version += 1
    tell_household(tx, household, now)


def tell_household(tx: Tx, household: models.Household, now: datetime) -> None:
    """Tell how the household stands at its version."""
    event = HouseholdChanged(
        household_id=household.id,
        commune_code=household.unit_code,
        formed_on=household.valid_from,
        head_personal_id=household.head_personal_id,
        members=household.members,
        at=now,
    )
    emit(tx, event, key=household.id, version=household.version, at=now)
