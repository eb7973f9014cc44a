"""A temporary residence (đăng ký tạm trú) and its renewal (gia hạn)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from contracts.events.task import TaskRequested, TaskResumed
from contracts.population import EnteredResidence, NewResidence, Renewal, ResidenceKind
from contracts.problems import FieldError, Text
from contracts.tasks import Answer
from contracts.times import vn_date
from services.bus.kit.tx import Tx
from services.population.commands.households import TWICE, conflict
from services.population.commands.residences.entry import END_REQUIRED, enter, refuse_entry
from services.population.commands.residences.renewal import renew as renew_residence
from services.population.commands.residences.stays import ongoing, stay_of, stays_of
from services.population.commands.rows import living
from services.population.consistency import refuse_if_any
from services.population.tasks.forms import RenewalForm, TemporaryForm, end_of, read_form, stay_results, subject_of

NO_TEMPORARY: Final = Text(
    "Công dân không có nơi tạm trú còn thời hạn.", "The citizen has no temporary residence that still lasts."
)


def register(tx: Tx, task: TaskRequested, resumed: TaskResumed | None, *, now: datetime) -> Answer | None:
    """residence.register-temporary, from today on."""
    form, today = read_form(task, TemporaryForm), vn_date(now)
    new = NewResidence(
        kind=ResidenceKind.TEMPORARY,
        unit_code=form.unit_code,
        detail=form.detail,
        valid_from=today,
        valid_to=end_of(today, form.valid_to, form.months),
    )
    people = [subject_of(task, form), *form.members]
    for index, personal_id in enumerate(people):
        refuse_entry(tx, living(tx, personal_id), new, now=now, at="form")
        if personal_id in people[:index]:
            raise conflict(FieldError(f"form.members[{index - 1}]", "household.member_twice", TWICE))
    entered = [enter(tx, living(tx, personal_id), new, now=now) for personal_id in people]
    return Answer.completed(_results(tx, new, entered))


def renew(tx: Tx, task: TaskRequested, resumed: TaskResumed | None, *, now: datetime) -> Answer | None:
    """residence.renew-temporary, of the one that lasts today."""
    form, today = read_form(task, RenewalForm), vn_date(now)
    citizen = living(tx, subject_of(task, form))
    stay = ongoing(stays_of(tx, citizen.personal_id), ResidenceKind.TEMPORARY, today)
    if stay is None:
        return Answer.refused("no-temporary-residence", *NO_TEMPORARY)
    until = end_of(stay.valid_to or today, form.valid_to, form.months)
    if until is None:
        refuse_if_any([FieldError("form.valid_to", "residence.end_required", END_REQUIRED)])
        raise AssertionError
    renewed = renew_residence(tx, citizen.personal_id, stay.id, Renewal(valid_to=until), expected=None, now=now)
    now_lasting = stay_of(tx, citizen, renewed.residence_id)
    new = NewResidence(
        kind=ResidenceKind.TEMPORARY,
        unit_code=now_lasting.unit_code,
        detail=now_lasting.detail,
        valid_from=now_lasting.valid_from,
        valid_to=now_lasting.valid_to,
    )
    return Answer.completed(_results(tx, new, [renewed]))


def _results(tx: Tx, stay: NewResidence, entered: list[EnteredResidence]) -> dict[str, Any]:
    subject, *others = entered
    citizen = living(tx, subject.personal_id)
    until = stay.valid_to.isoformat() if stay.valid_to is not None else None
    return {**stay_results(citizen, subject.residence_id, stay, others), "valid_to": until}
