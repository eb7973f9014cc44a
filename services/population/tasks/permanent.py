"""A permanent residence (đăng ký thường trú): of people who move, or of a newborn with a parent.

The day is that of the registration. Whoever moves leaves their household, for another or for one of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from contracts.catalogue.loader import became
from contracts.events.task import TaskRequested, TaskResumed
from contracts.population import EnteredResidence, HouseholdMember, NewResidence, Relation, ResidenceKind
from contracts.problems import NOT_FOUND, FieldError, Problem, Text
from contracts.tasks import Answer
from contracts.times import vn_date
from services.bus.kit.ids import new_id
from services.bus.kit.tx import Tx
from services.population import models
from services.population.commands.household_changes import HEAD_OF_AGE
from services.population.commands.households import ONE_HEAD, TWICE, conflict
from services.population.commands.memberships import (
    announce_household,
    is_of_age,
    leave_household,
    membership_row,
    open_membership,
    tell_household,
)
from services.population.commands.residences.entry import enter, refuse_entry
from services.population.commands.residences.stays import ongoing, stays_of
from services.population.commands.rows import living, locked
from services.population.places import full_name
from services.population.queries import records
from services.population.tasks.forms import (
    CONSENT,
    NewbornForm,
    PermanentForm,
    read_form,
    stay_results,
    subject_of,
    supplement,
    units_named,
)

CHILD_OF: Final = {
    Relation.HEAD: Relation.CHILD,
    Relation.SPOUSE: Relation.CHILD,
    Relation.CHILD: Relation.GRANDCHILD,
    Relation.PARENT: Relation.SIBLING,
}
"""What a newborn is to the head, by what the parent is; anything else is OTHER."""

NO_NUMBER: Final = Text(
    "Kết quả đăng ký khai sinh không có số định danh cá nhân.",
    "The result of the birth registration holds no personal id.",
)
PARENT_UNKNOWN: Final = Text(
    "Tờ khai không nêu số định danh cá nhân của cha hoặc mẹ mà trẻ đăng ký thường trú cùng.",
    "The form does not state the personal id of the parent the child is to be registered with.",
)
PARENT_NOT_RESIDENT: Final = Text(
    "Cha hoặc mẹ mà trẻ đăng ký cùng không có nơi thường trú.",
    "The parent the child is to be registered with has no permanent residence.",
)
UNIT_DIVIDED: Final = Text(
    "Nơi thường trú của cha hoặc mẹ thuộc đơn vị đã được chia tách. Hãy nêu mã xã hiện nay: {units}",
    "The parent's address lies in a unit that was divided. State the code of today's commune: {units}",
)


@dataclass(frozen=True, slots=True)
class _Move:
    """People who settle at an address: the household they join, or None for one of their own. Unless they
    settle `in_household` they belong to none: a newborn whose parent does not."""

    people: Sequence[HouseholdMember]
    unit_code: str
    detail: str
    on: date
    household: models.Household | None
    in_household: bool = True

    def residence(self) -> NewResidence:
        return NewResidence(
            kind=ResidenceKind.PERMANENT, unit_code=self.unit_code, detail=self.detail, valid_from=self.on
        )


def register(tx: Tx, task: TaskRequested, resumed: TaskResumed | None, *, now: datetime) -> Answer | None:
    """residence.register-permanent. After a birth in the same dossier it is the child's."""
    if "birth" in task.earlier:
        return _newborn(tx, task, resumed, now)
    form = read_form(task, PermanentForm)
    today, household = vn_date(now), None
    if form.household == "join":
        if form.head_personal_id is None or form.relation_to_head in (None, Relation.HEAD):
            field = "form.head_personal_id" if form.head_personal_id is None else "form.relation_to_head"
            raise conflict(FieldError(field, "household.one_head", ONE_HEAD))
        household = _household_of(tx, form.head_personal_id)
        head_is_here = form.head_personal_id == task.applicant.personal_id
        if not head_is_here and not form.head_agrees and resumed is None:
            return supplement(*CONSENT)
    relation = form.relation_to_head if household is not None and form.relation_to_head else Relation.HEAD
    subject = HouseholdMember(personal_id=subject_of(task, form), relation=relation)
    move = _Move((subject, *form.members), form.unit_code, form.detail, today, household)
    _refuse(tx, move, now)
    return _completed(tx, move, _carry_out(tx, move, now))


def _newborn(tx: Tx, task: TaskRequested, resumed: TaskResumed | None, now: datetime) -> Answer:
    """The child of a birth registered before: where the parent lives, in the parent's household."""
    form, today = read_form(task, NewbornForm), vn_date(now)
    child_id = task.earlier["birth"].get("personal_id")
    if not isinstance(child_id, str):
        return Answer.refused("no-personal-id", *NO_NUMBER)
    if form.parent_id is None:
        return Answer.refused("parent-unknown", *PARENT_UNKNOWN)
    parent = living(tx, form.parent_id)
    home = ongoing(stays_of(tx, parent.personal_id), ResidenceKind.PERMANENT, today)
    if home is None:
        return Answer.refused("parent-not-resident", *PARENT_NOT_RESIDENT)
    units = {unit.code: unit for unit in became(home.unit_code, home.valid_from, today) if unit.valid_on(today)}
    stated = [form.residence.unit_code, *(units_named(resumed.content) if resumed is not None else ())]
    chosen = next((code for code in stated if code in units), None)
    if chosen is None and len(units) != 1:
        named = "; ".join(f"{code} {full_name(code, today)}" for code in units)
        vi, en = UNIT_DIVIDED
        return supplement(vi.format(units=named), en.format(units=named))
    membership = open_membership(tx, parent.personal_id)
    household = locked(tx, models.Household, membership.household_id) if membership is not None else None
    relation = CHILD_OF.get(Relation(membership.relation), Relation.OTHER) if membership else Relation.CHILD
    child = HouseholdMember(personal_id=child_id, relation=relation)
    unit_code = chosen or next(iter(units))
    move = _Move((child,), unit_code, home.detail, today, household, in_household=household is not None)
    _refuse(tx, move, now)
    return _completed(tx, move, _carry_out(tx, move, now))


def _household_of(tx: Tx, head: str) -> models.Household:
    found = [each.id for each in records.households(tx, [], [head])]
    household = locked(tx, models.Household, found[0]) if found else None
    if household is None:
        raise Problem(NOT_FOUND, field="form.head_personal_id", what="household", id=head)
    return household


def _refuse(tx: Tx, move: _Move, now: datetime) -> None:
    """Refuse what cannot be; nothing is changed."""
    errors = []
    for index, member in enumerate(move.people):
        at = "form" if index == 0 else f"form.members[{index - 1}]"
        citizen = living(tx, member.personal_id)
        refuse_entry(tx, citizen, move.residence(), now=now, at="form")
        if any(member.personal_id == other.personal_id for other in move.people[:index]):
            errors.append(FieldError(f"{at}.personal_id", "household.member_twice", TWICE))
        if (member.relation == Relation.HEAD) != (move.household is None and index == 0) and move.in_household:
            errors.append(FieldError(f"{at}.relation", "household.one_head", ONE_HEAD))
        if index == 0 and member.relation == Relation.HEAD and not is_of_age(citizen, move.on):
            errors.append(FieldError("form.personal_id", "household.head_of_age", HEAD_OF_AGE))
    if errors:
        raise conflict(*errors)


def _carry_out(tx: Tx, move: _Move, now: datetime) -> dict[str, EnteredResidence]:
    """Enter everybody's residence, then settle the household; the residences by person."""
    entered = {
        each.personal_id: enter(tx, living(tx, each.personal_id), move.residence(), now=now)
        for each in move.people
    }
    if move.in_household:
        _settle(tx, move, now)
    return entered


def _settle(tx: Tx, move: _Move, now: datetime) -> None:
    household = move.household
    joining = list(move.people)
    memberships = {each.personal_id: open_membership(tx, each.personal_id) for each in joining}
    if household is not None:
        joining = [
            each
            for each in joining
            if (present := memberships[each.personal_id]) is None or present.household_id != household.id
        ]
    leaving = [present for each in joining if (present := memberships[each.personal_id]) is not None]
    # heads last: whoever goes with them need not follow them as head first
    for membership in sorted(leaving, key=lambda one: one.relation == Relation.HEAD):
        leave_household(tx, membership, move.on, now=now)
    tx.run_later()  # the old memberships must be closed before the new ones open: an open one is unique
    if not joining:
        return
    if household is None:
        household = tx.insert(
            models.Household,
            id=new_id(),
            version=1,
            number=None,
            head_personal_id=joining[0].personal_id,
            unit_code=move.unit_code,
            detail=move.detail,
            valid_from=move.on,
            members=len(joining),
            split_from=None,
        )
        tell_household(tx, household, now)
    else:
        household.members += len(joining)
        announce_household(tx, household, now)
    for each in joining:
        tx.insert(models.Membership, **membership_row(household.id, each.personal_id, each.relation, move.on))


def _completed(tx: Tx, move: _Move, entered: dict[str, EnteredResidence]) -> Answer:
    subject, *others = (entered[each.personal_id] for each in move.people)
    citizen = living(tx, subject.personal_id)
    results = stay_results(citizen, subject.residence_id, move.residence(), others)
    membership = open_membership(tx, subject.personal_id)
    household = tx.find(models.Household, membership.household_id) if membership is not None else None
    head_id = household.head_personal_id if household is not None else None
    head = tx.find(models.Citizen, head_id) if head_id is not None else None
    return Answer.completed(
        {
            **results,
            "household_id": household.id if household is not None else None,
            "relation": membership.relation if membership is not None else None,
            "head_name": head.full_name if head is not None else None,
        }
    )
