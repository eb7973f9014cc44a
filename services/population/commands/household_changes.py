"""A household changes within: another head (thay đổi chủ hộ), or members who form one of their own (tách hộ)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final

from contracts.catalogue.loader import became
from contracts.events.population import HouseholdSplit
from contracts.population import NewHead, RecordedHousehold, Relation, SplitHousehold
from contracts.problems import FieldError, Text
from contracts.times import vn_date
from services.bus.kit.ids import new_id
from services.bus.kit.outbox import emit
from services.bus.kit.tx import Tx
from services.population import consistency, models
from services.population.commands.households import HEAD_STAYS, NOT_LATER, ONE_HEAD, TWICE, conflict
from services.population.commands.memberships import (
    announce_household,
    follow,
    last_head_until,
    members_of,
    membership_row,
    successor,
    tell_household,
)
from services.population.commands.rows import locked
from services.population.places import full_name, unit_errors
from services.population.queries.households import household_not_found

NOT_A_MEMBER: Final = Text("Người này không thuộc hộ này.", "This person does not belong to this household.")
HEAD_ALREADY: Final = Text("Người này đang là chủ hộ.", "This person is the head already.")
HEAD_OF_AGE: Final = Text("Chủ hộ phải từ đủ 18 tuổi.", "The head has to be of age (18 years).")
SOMEBODY_STAYS: Final = Text(
    "Phải còn ít nhất một thành viên ở lại hộ cũ.", "At least one member has to stay in the household."
)
ADDRESS_DIVIDED: Final = Text(
    "Địa chỉ của hộ cũ thuộc đơn vị đã chia thành: {candidates}. Hãy nêu mã đơn vị.",
    "The unit of the household's address was divided into: {candidates}. State the code of the unit.",
)


def change_head(tx: Tx, household_id: str, new: NewHead, *, now: datetime) -> RecordedHousehold:
    """Make a member of age the head (thay đổi chủ hộ). What the others are to the new head follows from what they
    were to the old one; where that says too little they become `other`.

    Raises NOT_FOUND, VALIDATION (the day), CONFLICT (no member, a minor, or the head already).
    """
    household = locked(tx, models.Household, household_id)
    if household is None:
        raise household_not_found(household_id)
    members = members_of(tx, household_id)
    chosen = next((each for each in members if each.personal_id == new.personal_id), None)
    if chosen is None:
        raise conflict(FieldError("body.personal_id", "household.not_a_member", NOT_A_MEMBER))
    if household.head_personal_id == new.personal_id:
        raise conflict(FieldError("body.personal_id", "household.head_already", HEAD_ALREADY))
    heads = (each.valid_from for each in members if each.relation == Relation.HEAD)
    begun = max(household.valid_from, chosen.valid_from, last_head_until(tx, household_id), *heads)
    if new.valid_from > vn_date(now):
        error = FieldError("body.valid_from", "residence.starts_later", consistency.STARTS_LATER)
        consistency.refuse_if_any([error])
    if new.valid_from < begun:
        consistency.refuse_if_any([FieldError("body.valid_from", "residence.not_later", NOT_LATER)])
    if successor(tx, [chosen], new.valid_from) is None:
        raise conflict(FieldError("body.personal_id", "household.head_of_age", HEAD_OF_AGE))
    follow(tx, household, members, chosen, new.valid_from)
    announce_household(tx, household, now)
    return RecordedHousehold(household_id=household_id, version=household.version)


def split(tx: Tx, household_id: str, asked: SplitHousehold, *, now: datetime) -> RecordedHousehold:
    """Let members leave to form a household of their own; the new one is returned.

    Raises NOT_FOUND, VALIDATION (days, unit, heads), CONFLICT (no member, the head, or nobody stays).
    """
    household, unit_code = refuse_split(tx, household_id, asked, now=now)
    return carry_out_split(tx, household, asked, unit_code, now=now)


def refuse_split(
    tx: Tx, household_id: str, asked: SplitHousehold, *, now: datetime, at: str = "body"
) -> tuple[models.Household, str]:
    """Refuse a split that cannot be; nothing is changed. The household, locked, and the new one's unit."""
    household = locked(tx, models.Household, household_id)
    if household is None:
        raise household_not_found(household_id)
    present = {each.personal_id: each for each in members_of(tx, household_id)}
    unit_code, errors = _address(household, asked, at)
    heads = [each for each in asked.members if each.relation == Relation.HEAD]
    if len(heads) != 1:
        errors.append(FieldError(f"{at}.members", "household.one_head", ONE_HEAD))
    errors += _split_days(asked, household, present, vn_date(now), at)
    consistency.refuse_if_any(errors)
    conflicts = list(_split_conflicts(household, asked, present, at))
    if not conflicts and len(asked.members) >= household.members:
        conflicts.append(FieldError(f"{at}.members", "household.somebody_stays", SOMEBODY_STAYS))
    if not conflicts and successor(tx, [present[heads[0].personal_id]], asked.valid_from) is None:
        field = f"{at}.members[{asked.members.index(heads[0])}].personal_id"
        conflicts.append(FieldError(field, "household.head_of_age", HEAD_OF_AGE))
    if conflicts:
        raise conflict(*conflicts)
    return household, unit_code


def carry_out_split(
    tx: Tx, household: models.Household, asked: SplitHousehold, unit_code: str, *, now: datetime
) -> RecordedHousehold:
    """Carry out a split that `refuse_split` let pass."""
    leaving = {each.personal_id: each.relation for each in asked.members}
    (head,) = (personal_id for personal_id, relation in leaving.items() if relation == Relation.HEAD)
    for membership in members_of(tx, household.id):
        if membership.personal_id in leaving:
            membership.valid_to = asked.valid_from
    tx.run_later()  # the old memberships must be closed before the new ones open: an open one is unique
    new = tx.insert(
        models.Household,
        id=new_id(),
        version=1,
        number=None,
        head_personal_id=head,
        unit_code=unit_code,
        detail=asked.detail or (household.detail if asked.unit_code is None else ""),
        valid_from=asked.valid_from,
        members=len(leaving),
        split_from=household.id,
    )
    for personal_id, relation in leaving.items():
        tx.insert(models.Membership, **membership_row(new.id, personal_id, relation, asked.valid_from))
    household.members -= len(leaving)
    household.version += 1
    event = HouseholdSplit(
        household_id=household.id,
        new_household_id=new.id,
        split_on=asked.valid_from,
        head_personal_id=household.head_personal_id,
        members=household.members,
        at=now,
    )
    emit(tx, event, key=household.id, version=household.version, at=now)
    tell_household(tx, new, now)
    return RecordedHousehold(household_id=new.id, version=1)


def _address(household: models.Household, asked: SplitHousehold, at: str) -> tuple[str, list[FieldError]]:
    """The unit of the new household: the one stated, else what the old one's has become by that day."""
    field = f"{at}.unit_code"
    if asked.unit_code is not None:
        return asked.unit_code, unit_errors(field, asked.unit_code, asked.valid_from, level="commune")
    if asked.valid_from < household.valid_from:
        return household.unit_code, []
    units = became(household.unit_code, household.valid_from, asked.valid_from)
    if len(units) == 1 and units[0].valid_on(asked.valid_from):
        return units[0].code, []
    named = "; ".join(f"{unit.code} {full_name(unit.code, asked.valid_from)}" for unit in units)
    return household.unit_code, [FieldError(field, "unit.divided", ADDRESS_DIVIDED, {"candidates": named or "–"})]


def _split_days(
    asked: SplitHousehold,
    household: models.Household,
    present: dict[str, models.Membership],
    today: date,
    at: str,
) -> Iterator[FieldError]:
    if asked.valid_from > today:
        yield FieldError(f"{at}.valid_from", "residence.starts_later", consistency.STARTS_LATER)
    since = [present[each.personal_id].valid_from for each in asked.members if each.personal_id in present]
    if asked.valid_from <= max(since, default=household.valid_from):
        yield FieldError(f"{at}.valid_from", "residence.not_later", NOT_LATER)


def _split_conflicts(
    household: models.Household, asked: SplitHousehold, present: dict[str, models.Membership], at: str
) -> Iterator[FieldError]:
    named: Sequence[str] = [each.personal_id for each in asked.members]
    for index, personal_id in enumerate(named):
        field = f"{at}.members[{index}].personal_id"
        if personal_id not in present:
            yield FieldError(field, "household.not_a_member", NOT_A_MEMBER)
        elif personal_id in named[:index]:
            yield FieldError(field, "household.member_twice", TWICE)
        elif personal_id == household.head_personal_id:
            yield FieldError(field, "household.head_stays", HEAD_STAYS)
