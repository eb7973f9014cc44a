"""A residence ends (xóa đăng ký thường trú, tạm trú): for a reason of its own, or because of a death.

The death itself reaches the population data by an event of the civil registry, which may come before the task or
after it. Either way everything ends on the day after the death, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from contracts.events.task import TaskRequested, TaskResumed
from contracts.population import Deregistration, EndReason, LifeStatus, ResidenceKind
from contracts.population.values import BirthDate
from contracts.problems import Text
from contracts.tasks import Answer
from contracts.times import vn_date
from services.bus.kit.tx import Tx
from services.population import models
from services.population.commands.acts.deaths import last_day
from services.population.commands.residences.deregistration import deregister as deregister_residence
from services.population.commands.residences.deregistration import end_residence
from services.population.commands.residences.stays import ongoing, stays_of
from services.population.commands.rows import living, locked
from services.population.queries.citizens import citizen_not_found
from services.population.tasks.forms import DeregistrationForm, read_form, subject_of

_DAY: Final[TypeAdapter[date | str]] = TypeAdapter(BirthDate)
_ONE_DAY: Final = timedelta(days=1)

NOBODY: Final = Text(
    "Giấy chứng tử không nêu số định danh cá nhân của người chết.",
    "The record of the death does not state the personal id of the deceased.",
)
NOT_REGISTERED: Final = Text(
    "Công dân không có nơi cư trú nào đang đăng ký.", "The citizen has no residence registered."
)


def deregister(tx: Tx, task: TaskRequested, resumed: TaskResumed | None, *, now: datetime) -> Answer | None:
    """residence.deregister. After a death in the same dossier it is the deceased's, and of every kind."""
    if "death" in task.earlier:
        return _after_death(tx, task, now)
    form, today = read_form(task, DeregistrationForm), vn_date(now)
    personal_id = subject_of(task, form)
    if form.reason is EndReason.DEATH:
        citizen = locked(tx, models.Citizen, personal_id)
        if citizen is None:
            raise citizen_not_found(personal_id)
        if citizen.status == LifeStatus.DECEASED:
            return _ended(citizen, stays_of(tx, personal_id))
    else:
        citizen = living(tx, personal_id)
    stay = ongoing(stays_of(tx, personal_id), form.kind, today)
    if stay is None:
        return Answer.refused("not-registered", *NOT_REGISTERED)
    asked = Deregistration(on=form.on or today, reason=form.reason, note=form.note)
    deregister_residence(tx, personal_id, stay.id, asked, expected=None, now=now)
    return Answer.completed(_results(citizen, form.reason, [stay]))


def _after_death(tx: Tx, task: TaskRequested, now: datetime) -> Answer:
    told = task.earlier["death"]
    personal_id = told.get("personal_id")
    if not isinstance(personal_id, str):
        return Answer.refused("no-personal-id", *NOBODY)
    citizen = locked(tx, models.Citizen, personal_id)
    if citizen is None:
        raise citizen_not_found(personal_id)
    stays = stays_of(tx, personal_id)
    if citizen.status == LifeStatus.DECEASED:
        return _ended(citizen, stays)
    on = _died_on(told.get("died_on"), vn_date(now)) + _ONE_DAY
    open_stays = [stay for stay in stays if stay.valid_to is None or stay.valid_to > on]
    if not any(stay.kind in (ResidenceKind.PERMANENT, ResidenceKind.TEMPORARY) for stay in open_stays):
        return Answer.refused("not-registered", *NOT_REGISTERED)
    for stay in open_stays:
        end_residence(tx, citizen, stay, on, EndReason.DEATH, now)
    return Answer.completed(_results(citizen, EndReason.DEATH, open_stays))


def _ended(citizen: models.Citizen, stays: Sequence[models.Residence]) -> Answer:
    """What the death has ended already."""
    ended = [stay for stay in stays if stay.end_reason == EndReason.DEATH]
    if not ended:
        return Answer.refused("not-registered", *NOT_REGISTERED)
    return Answer.completed(_results(citizen, EndReason.DEATH, ended))


def _died_on(told: Any, today: date) -> date:
    """The day of the death as its registration told it; today where it told none that can be read."""
    try:
        return min(last_day(_DAY.validate_python(told), today), today)
    except ValidationError:
        return today


def _results(citizen: models.Citizen, reason: EndReason, ended: Sequence[models.Residence]) -> dict[str, Any]:
    return {
        "personal_id": citizen.personal_id,
        "full_name": citizen.full_name,
        "reason": reason.value,
        "ended": [
            {
                "residence_id": stay.id,
                "kind": stay.kind,
                "unit_code": stay.unit_code,
                "detail": stay.detail,
                "valid_from": stay.valid_from.isoformat(),
                "valid_to": stay.valid_to.isoformat(),
            }
            for stay in ended
            if stay.valid_to is not None
        ],
    }
