"""Somebody will be away (khai báo tạm vắng)."""

from __future__ import annotations

from datetime import datetime

from contracts.events.task import TaskRequested, TaskResumed
from contracts.population import NewAbsence
from contracts.tasks import Answer
from services.bus.kit.tx import Tx
from services.population.commands.residences.absence import declare_absence
from services.population.tasks.forms import AbsenceForm, read_form, subject_of


def declare(tx: Tx, task: TaskRequested, resumed: TaskResumed | None, *, now: datetime) -> Answer | None:
    """residence.declare-absence."""
    form = read_form(task, AbsenceForm)
    new = NewAbsence(
        reason=form.reason,
        valid_from=form.valid_from,
        valid_to=form.valid_to,
        unit_code=form.unit_code,
        detail=form.detail,
    )
    recorded = declare_absence(tx, subject_of(task, form), new, expected=None, now=now)
    return Answer.completed(
        {
            "personal_id": recorded.personal_id,
            "absence_id": recorded.absence_id,
            "reason": form.reason.value,
            "valid_from": form.valid_from.isoformat(),
            "valid_to": form.valid_to.isoformat() if form.valid_to is not None else None,
        }
    )
