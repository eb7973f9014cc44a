"""Members of a household form one of their own (tách hộ: Luật Cư trú 2020, Đ.25)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from contracts.events.task import TaskRequested, TaskResumed
from contracts.population import Relation, SplitHousehold
from contracts.problems import Text
from contracts.tasks import Answer
from contracts.times import vn_date
from services.bus.kit.tx import Tx
from services.population.commands.household_changes import carry_out_split, refuse_split
from services.population.commands.memberships import open_membership
from services.population.commands.rows import living
from services.population.places import full_name
from services.population.tasks.forms import CONSENT, SplitForm, read_form, subject_of, supplement

NO_HOUSEHOLD: Final = Text("Công dân không thuộc hộ nào.", "The citizen belongs to no household.")


def split(tx: Tx, task: TaskRequested, resumed: TaskResumed | None, *, now: datetime) -> Answer | None:
    """residence.split-household, from today on."""
    form, today = read_form(task, SplitForm), vn_date(now)
    citizen = living(tx, subject_of(task, form))
    membership = open_membership(tx, citizen.personal_id)
    if membership is None:
        return Answer.refused("no-household", *NO_HOUSEHOLD)
    asked = SplitHousehold(
        members=list(form.members), valid_from=today, unit_code=form.unit_code, detail=form.detail
    )
    household, unit_code = refuse_split(tx, membership.household_id, asked, now=now, at="form")
    head_is_here = household.head_personal_id in (None, task.applicant.personal_id)
    if not head_is_here and not form.head_agrees and resumed is None:
        return supplement(*CONSENT)
    made = carry_out_split(tx, household, asked, unit_code, now=now)
    (head,) = (each.personal_id for each in asked.members if each.relation == Relation.HEAD)
    return Answer.completed(
        {
            "household_id": made.household_id,
            "split_from": household.id,
            "head_personal_id": head,
            "unit_code": unit_code,
            "unit_name": full_name(unit_code, today),
            "valid_from": today.isoformat(),
            "members": [
                {"personal_id": each.personal_id, "relation": each.relation.value} for each in asked.members
            ],
        }
    )
