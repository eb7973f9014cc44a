"""Households are formed, and citizens move between them; a citizen is in one household at a time.

A batch of households goes in whole or not at all. The head cannot leave while others remain: a household
without a head confirms nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select

from contracts.events.population import HouseholdChanged
from contracts.population import JoiningMember, NewHousehold, RecordedHousehold, Relation
from contracts.problems import CONFLICT, FieldError, Problem, Text
from contracts.times import vn_date
from services.bus.kit.ids import new_id
from services.bus.kit.outbox import emit
from services.bus.kit.tx import Tx
from services.population import consistency, models
from services.population.commands.rows import locked
from services.population.places import unit_errors
from services.population.queries import records
from services.population.queries.citizens import citizen_not_found
from services.population.queries.households import household_not_found

ONE_HEAD: Final = Text("Hộ phải có đúng một chủ hộ.", "A household has exactly one head.")
UNKNOWN_MEMBER: Final = Text("Không có công dân này.", "There is no such citizen.")
TWICE: Final = Text("Người này được nêu hai lần.", "This person is named twice.")
ELSEWHERE: Final = Text("Người này đang thuộc một hộ khác.", "This person belongs to another household.")
NUMBER_TAKEN: Final = Text("Số hộ này đã được dùng.", "This household number is in use.")
ALREADY_HERE: Final = Text("Người này đã thuộc hộ này.", "This person belongs to this household already.")
HEAD_STAYS: Final = Text(
    "Người này là chủ hộ của một hộ còn thành viên.",
    "This person heads a household that still has members.",
)
NOT_LATER: Final = Text(
    "Ngày bắt đầu phải sau ngày vào hộ trước.",
    "The first day has to be later than that in the previous household.",
)
SEE_ERRORS: Final = Text("Chi tiết ở mục errors", "See errors")


def form(tx: Tx, households: Sequence[NewHousehold], *, batch: bool, now: datetime) -> list[RecordedHousehold]:
    """Form all of them or none; errors name `body[i].members[j]`. Raises VALIDATION, CONFLICT."""
    paths = [f"body[{index}]" for index in range(len(households))] if batch else ["body"]
    today = vn_date(now)
    named = list(zip(paths, households, strict=True))
    consistency.refuse_if_any(error for at, new in named for error in _form_errors(at, new, today))
    _refuse_strangers(tx, named)
    formed = []
    for new in households:
        household_id = new_id()
        (head,) = (member for member in new.members if member.relation == Relation.HEAD)
        row = models.Household(
            id=household_id,
            version=1,
            number=new.number,
            head_personal_id=head.personal_id,
            unit_code=new.unit_code,
            detail=new.detail,
            valid_from=new.valid_from,
            members=len(new.members),
        )
        tx.append(models.Household, _as_row(row))
        for member in new.members:
            tx.append(
                models.Membership,
                _membership(household_id, member.personal_id, member.relation, new.valid_from),
            )
        _announce(tx, row, now)
        formed.append(RecordedHousehold(household_id=household_id, version=1))
    return formed


def join(tx: Tx, household_id: str, new: JoiningMember, *, now: datetime) -> RecordedHousehold:
    """Take a citizen into a household, and out of the one they are in.

    Raises NOT_FOUND (household or citizen), VALIDATION (the day), CONFLICT (head, or already here).
    """
    household = locked(tx, models.Household, household_id)
    if household is None:
        raise household_not_found(household_id)
    if not records.existing(tx, [new.personal_id]):
        raise citizen_not_found(new.personal_id)
    present = _open_membership(tx, new.personal_id)
    left = locked(tx, models.Household, present.household_id) if present is not None else None
    consistency.refuse_if_any(_day_errors(new, household, present, now))
    _refuse_joining(new, household, left)
    if present is not None and left is not None:
        present.valid_to = new.valid_from
        left.members -= 1
        left.version += 1
        _announce(tx, left, now)
        tx.flush()  # the old membership must be closed before the new one opens: one is unique
    tx.add(models.Membership(**_membership(household_id, new.personal_id, new.relation, new.valid_from)))
    if new.relation == Relation.HEAD:
        household.head_personal_id = new.personal_id
    household.members += 1
    household.version += 1
    _announce(tx, household, now)
    return RecordedHousehold(household_id=household_id, version=household.version)


def _form_errors(at: str, new: NewHousehold, today: date) -> Iterator[FieldError]:
    yield from unit_errors(f"{at}.unit_code", new.unit_code, new.valid_from, level="commune")
    if new.valid_from > today:
        yield FieldError(f"{at}.valid_from", "residence.starts_later", consistency.STARTS_LATER)
    if sum(member.relation == Relation.HEAD for member in new.members) != 1:
        yield FieldError(f"{at}.members", "household.one_head", ONE_HEAD)


def _refuse_strangers(tx: Tx, named: Sequence[tuple[str, NewHousehold]]) -> None:
    """Every member exists, is named once in the batch, and is in no household; numbers are free."""
    people = [member.personal_id for _, new in named for member in new.members]
    numbers = [new.number for _, new in named if new.number is not None]
    known, settled = records.existing(tx, people), records.belongings(tx, people)
    taken, used = records.numbers_taken(tx, numbers), Counter(numbers)
    times = Counter(people)
    missing, conflicts = [], []
    for at, new in named:
        for index, member in enumerate(new.members):
            field = f"{at}.members[{index}].personal_id"
            if member.personal_id not in known:
                missing.append(FieldError(field, "household.unknown_member", UNKNOWN_MEMBER))
            elif member.personal_id in settled:
                conflicts.append(FieldError(field, "household.member_elsewhere", ELSEWHERE))
            elif times[member.personal_id] > 1:
                conflicts.append(FieldError(field, "household.member_twice", TWICE))
        if new.number is not None and (new.number in taken or used[new.number] > 1):
            conflicts.append(FieldError(f"{at}.number", "household.number_taken", NUMBER_TAKEN))
    consistency.refuse_if_any(missing)
    if conflicts:
        raise Problem(CONFLICT, errors=conflicts[: consistency.MAX_ERRORS], reason=SEE_ERRORS)


def _day_errors(
    new: JoiningMember, household: models.Household, present: models.Membership | None, now: datetime
) -> Iterator[FieldError]:
    if new.valid_from > vn_date(now):
        yield FieldError("body.valid_from", "residence.starts_later", consistency.STARTS_LATER)
    begun = max(household.valid_from, present.valid_from if present is not None else date.min)
    if new.valid_from < begun:
        yield FieldError("body.valid_from", "residence.not_later", NOT_LATER)


def _refuse_joining(new: JoiningMember, household: models.Household, left: models.Household | None) -> None:
    error = None
    if left is not None and left.id == household.id:
        error = FieldError("body.personal_id", "household.member_twice", ALREADY_HERE)
    elif left is not None and left.head_personal_id == new.personal_id and left.members > 1:
        error = FieldError("body.personal_id", "household.head_stays", HEAD_STAYS)
    elif (new.relation == Relation.HEAD) != (household.members == 0):
        error = FieldError("body.relation", "household.one_head", ONE_HEAD)
    if error is not None:
        raise Problem(CONFLICT, errors=[error], reason=SEE_ERRORS)


def _open_membership(tx: Tx, personal_id: str) -> models.Membership | None:
    table = models.Membership
    return tx.scalars(
        select(table).where(table.personal_id == personal_id, table.valid_to.is_(None))
    ).one_or_none()


def _membership(household_id: str, personal_id: str, relation: Relation, since: date) -> dict[str, Any]:
    return {
        "id": new_id(),
        "household_id": household_id,
        "personal_id": personal_id,
        "relation": relation.value,
        "valid_from": since,
        "valid_to": None,
    }


def _as_row(household: models.Household) -> dict[str, Any]:
    return {column.key: getattr(household, column.key) for column in models.Household.__table__.columns}


def _announce(tx: Tx, household: models.Household, now: datetime) -> None:
    event = HouseholdChanged(
        household_id=household.id,
        commune_code=household.unit_code,
        formed_on=household.valid_from,
        head_personal_id=household.head_personal_id,
        members=household.members,
        at=now,
    )
    emit(tx, event, key=household.id, version=household.version, at=now)
