"""Households are formed, and citizens move between them; a citizen is in one household at a time.

A batch of households goes in whole or not at all. The head cannot leave for another household while others
remain: another member becomes the head first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final

from contracts.population import (
    JoiningMember,
    LifeStatus,
    NewHousehold,
    RecordedHousehold,
    Relation,
)
from contracts.problems import CONFLICT, FieldError, Problem, Text
from contracts.times import vn_date
from services.bus.kit.ids import new_id
from services.bus.kit.tx import Tx
from services.population import consistency, models
from services.population.commands.memberships import (
    announce_household,
    follow,
    last_head_until,
    leave_household,
    members_of,
    membership_row,
    open_membership,
    tell_household,
)
from services.population.commands.rows import living, locked
from services.population.places import unit_errors
from services.population.queries import records
from services.population.queries.households import household_not_found

ONE_HEAD: Final = Text("Hộ phải có đúng một chủ hộ.", "A household has exactly one head.")
UNKNOWN_MEMBER: Final = Text("Không có công dân này.", "There is no such citizen.")
TWICE: Final = Text("Người này được nêu hai lần.", "This person is named twice.")
ELSEWHERE: Final = Text("Người này đang thuộc một hộ khác.", "This person belongs to another household.")
ELSEWHERE_THEN: Final = Text(
    "Người này còn thuộc một hộ khác vào ngày đó.", "This person still belonged to another household on that day."
)
NUMBER_TAKEN: Final = Text("Số hộ này đã được dùng.", "This household number is in use.")
DECEASED: Final = Text("Người này đã được đăng ký khai tử.", "The death of this person is registered.")
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
            split_from=None,
        )
        tx.append(models.Household, _as_row(row))
        for member in new.members:
            tx.append(
                models.Membership,
                membership_row(household_id, member.personal_id, member.relation, new.valid_from),
            )
        tell_household(tx, row, now)
        formed.append(RecordedHousehold(household_id=household_id, version=1))
    return formed


def join(tx: Tx, household_id: str, new: JoiningMember, *, now: datetime) -> RecordedHousehold:
    """Take a citizen into a household, and out of the one they are in.

    Raises NOT_FOUND (household or citizen), CITIZEN_DECEASED, VALIDATION (the day), CONFLICT (head, or already
    here).
    """
    household = refuse_joining(tx, household_id, new, now=now)
    take_in(tx, household, new, now=now)
    return RecordedHousehold(household_id=household_id, version=household.version)


def refuse_joining(
    tx: Tx, household_id: str, new: JoiningMember, *, now: datetime, at: str = "body"
) -> models.Household:
    """Refuse a member who cannot join; nothing is changed. The household, locked."""
    household = locked(tx, models.Household, household_id)
    if household is None:
        raise household_not_found(household_id)
    living(tx, new.personal_id)
    present = open_membership(tx, new.personal_id)
    left = locked(tx, models.Household, present.household_id) if present is not None else None
    begun = max(
        household.valid_from,
        present.valid_from if present is not None else date.min,
        records.last_left(tx, [new.personal_id]).get(new.personal_id, date.min),
        last_head_until(tx, household_id) if new.relation == Relation.HEAD else date.min,
    )
    consistency.refuse_if_any(_day_errors(at, new, begun, now))
    error = None
    if left is not None and left.id == household.id:
        error = FieldError(f"{at}.personal_id", "household.member_twice", ALREADY_HERE)
    elif left is not None and left.head_personal_id == new.personal_id and left.members > 1:
        error = FieldError(f"{at}.personal_id", "household.head_stays", HEAD_STAYS)
    elif (new.relation == Relation.HEAD and household.members and household.head_personal_id is not None) or (
        new.relation != Relation.HEAD and not household.members
    ):
        error = FieldError(f"{at}.relation", "household.one_head", ONE_HEAD)
    if error is not None:
        raise conflict(error)
    return household


def take_in(tx: Tx, household: models.Household, new: JoiningMember, *, now: datetime) -> None:
    """Take in a member whom `refuse_joining` let pass."""
    present = open_membership(tx, new.personal_id)
    if present is not None:
        leave_household(tx, present, new.valid_from, now=now)
        tx.run_later()  # the old membership must be closed before the new one opens: one is unique
    members = members_of(tx, household.id)
    joined = tx.insert(
        models.Membership, **membership_row(household.id, new.personal_id, new.relation, new.valid_from)
    )
    if new.relation == Relation.HEAD:  # what the others are to a head from outside is not known
        follow(tx, household, [*members, joined], joined, new.valid_from)
    household.members += 1
    announce_household(tx, household, now)


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
    known, settled, left = (
        records.life_of(tx, people),
        records.belongings(tx, people),
        records.last_left(tx, people),
    )
    taken, used = records.numbers_taken(tx, numbers), Counter(numbers)
    times = Counter(people)
    missing, conflicts = [], []
    for at, new in named:
        for index, member in enumerate(new.members):
            field = f"{at}.members[{index}].personal_id"
            if member.personal_id not in known:
                missing.append(FieldError(field, "household.unknown_member", UNKNOWN_MEMBER))
            elif known[member.personal_id] == LifeStatus.DECEASED:
                conflicts.append(FieldError(field, "household.member_deceased", DECEASED))
            elif member.personal_id in settled:
                conflicts.append(FieldError(field, "household.member_elsewhere", ELSEWHERE))
            elif left.get(member.personal_id, date.min) > new.valid_from:
                conflicts.append(FieldError(field, "household.member_elsewhere", ELSEWHERE_THEN))
            elif times[member.personal_id] > 1:
                conflicts.append(FieldError(field, "household.member_twice", TWICE))
        if new.number is not None and (new.number in taken or used[new.number] > 1):
            conflicts.append(FieldError(f"{at}.number", "household.number_taken", NUMBER_TAKEN))
    consistency.refuse_if_any(missing)
    if conflicts:
        raise conflict(*conflicts)


def _day_errors(at: str, new: JoiningMember, begun: date, now: datetime) -> Iterator[FieldError]:
    if new.valid_from > vn_date(now):
        yield FieldError(f"{at}.valid_from", "residence.starts_later", consistency.STARTS_LATER)
    if new.valid_from < begun:
        yield FieldError(f"{at}.valid_from", "residence.not_later", NOT_LATER)


def conflict(*errors: FieldError) -> Problem:
    """The refusal for what does not agree with the households as they are."""
    return Problem(CONFLICT, errors=errors[: consistency.MAX_ERRORS], reason=SEE_ERRORS)


def _as_row(household: models.Household) -> dict[str, Any]:
    return {column.key: getattr(household, column.key) for column in models.Household.__table__.columns}
