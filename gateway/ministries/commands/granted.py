"""Allowances that tasks have granted, so that the payment lists show them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, select

from contracts.events.task import TaskRequested
from contracts.times import vn_date
from gateway.ministries.draws import initials
from gateway.ministries.kinds.matter import Matter, faults
from gateway.ministries.kinds.welfare import FUNERAL, beneficiary
from gateway.ministries.models import Granted
from services.bus.kit.tx import Tx

_ONCE: Final = "welfare.funeral-allowance"
_MONTHLY: Final = "welfare.monthly-allowance"
_OF_PERSON: Final = select(Granted.task_id).where(Granted.personal_id == bindparam("personal_id"))


def note_granted(tx: Tx, task_row: Any, results: dict[str, Any], now: datetime) -> None:
    """Put an allowance on the payment lists, from its first month on; a new decision on a monthly one ends the
    earlier one. What is no allowance, or does not follow its schema, is left alone."""
    if task_row.kind not in (_ONCE, _MONTHLY) or faults(task_row.kind, "results", results):
        return
    task = TaskRequested.model_validate(task_row.request)
    personal_id, full_name = beneficiary(Matter(task, now, 0))
    personal_id = personal_id[:40]
    last: str | None
    if task.kind == _ONCE:
        first = last = f"{vn_date(now):%Y-%m}"
        allowance, amount = FUNERAL, results["amount_vnd"]
    else:
        first, last = results["from_month"], None
        allowance, amount = results["group"], results["monthly_vnd"]
        _end_earlier(tx, personal_id, task.task_id, first)
    row: Any = tx.find(Granted, task.task_id)
    if row is not None:  # corrected
        row.amount_vnd, row.first_month = amount, first
    elif amount:
        tx.insert(
            Granted,
            task_id=task.task_id,
            unit=task.receiving_agency,
            allowance=allowance,
            personal_id=personal_id,
            initials=initials(full_name),
            amount_vnd=amount,
            method=results["payment"],
            first_month=first,
            last_month=last,
        )


def _end_earlier(tx: Tx, personal_id: str, but: str, month: str) -> None:
    tx.run_later()
    for (task_id,) in tx.fetch(_OF_PERSON, personal_id=personal_id):
        row: Any = tx.find(Granted, task_id)
        if task_id != but and row.allowance != FUNERAL and row.last_month is None:
            row.last_month = _month_before(month)


def _month_before(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year - 1:04d}-12" if number == 1 else f"{year:04d}-{number - 1:02d}"
