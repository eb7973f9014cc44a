"""A payment list as it stands: the drawn beneficiaries, those whom tasks have granted, and what was paid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import or_, select

from contracts.catalogue.agencies import Agency, agency
from contracts.problems import NOT_FOUND, VALIDATION, FieldError, Problem, Text
from contracts.times import vn_date
from gateway.ministries.models import Granted, Payment
from gateway.ministries.payments import FIRST_MONTH, Entry, ListKey, entries
from gateway.ministries.schemas import PaymentEntry, PaymentList, PaymentTotals
from services.bus.kit.tx import Tx

WITHOUT_CASH, IN_CASH, NOT_YET = "paid-without-cash", "paid-in-cash", "not-yet"
_NO_PAYER: Final = Text(
    "Cơ quan {unit} không chi trả trợ cấp: không phải cấp xã", "{unit} is no commune: it pays no allowances"
)
_NO_MONTH: Final = Text("Danh sách có từ {first} đến {last}", "There are lists from {first} to {last}")


def list_key(unit: str, month: str, now: datetime) -> ListKey:
    """The list of this commune and month. Raises Problem VALIDATION naming the parameter that is wrong."""
    found: Agency | None
    try:
        found = agency(unit)
    except ValueError:
        found = None
    if found is None or found.level != "commune":
        raise _unfit("query.unit", "payment_list.unit", _NO_PAYER, unit=unit)
    last = f"{vn_date(now):%Y-%m}"
    if not FIRST_MONTH <= month <= last:
        raise _unfit("query.month", "payment_list.month", _NO_MONTH, first=FIRST_MONTH, last=last)
    return ListKey(unit, month)


def known_list(list_id: str, now: datetime) -> ListKey:
    """The list with this id. Raises Problem NOT_FOUND."""
    key = ListKey.parse(list_id)
    try:
        if key is not None:
            return list_key(key.unit, key.month, now)
    except Problem:
        pass
    raise Problem(NOT_FOUND, field="path.list_id", what="payment list", id=list_id)


def payment_list(tx: Tx, seed: int, key: ListKey, now: datetime) -> PaymentList:
    """The list as it stands at `now`."""
    tx.run_later()  # in a command: with what it has just marked
    marked = {row.id: row for row in tx.scalars(select(Payment).where(Payment.list_id == str(key)))}
    shown = [_shown(each, marked.get(f"{key}/{each.id}"), now) for each in _all(tx, seed, key)]
    states: list[str] = [each.state for each in shown]
    return PaymentList(
        id=str(key),
        month=key.month,
        unit=key.unit,
        unit_name=agency(key.unit).name,
        made_on=key.first_day,
        totals=PaymentTotals(
            beneficiaries=len(shown),
            amount_vnd=sum(each.amount_vnd for each in shown),
            paid_without_cash=states.count(WITHOUT_CASH),
            paid_in_cash=states.count(IN_CASH),
            not_yet=states.count(NOT_YET),
        ),
        entries=shown,
    )


def _all(tx: Tx, seed: int, key: ListKey) -> Iterator[Entry]:
    yield from entries(seed, key)
    granted = select(Granted).where(
        Granted.unit == key.unit,
        Granted.first_month <= key.month,
        or_(Granted.last_month.is_(None), Granted.last_month >= key.month),
    )
    for row in tx.scalars(granted.order_by(Granted.first_month, Granted.task_id)):
        yield Entry(
            id=f"g{sha256(row.task_id.encode()).hexdigest()[:12]}",
            beneficiary=row.initials,
            personal_id=f"********{row.personal_id[-4:]}",
            allowance=row.allowance,
            amount_vnd=row.amount_vnd,
            method=row.method,
            bank=None,
            paid_at=None,
        )


def _shown(entry: Entry, mark: Any, now: datetime) -> PaymentEntry:
    method, paid_at = entry.method, entry.paid_at
    if mark is not None:
        method, paid_at = mark.method, mark.paid_at
    state = NOT_YET
    if paid_at is not None and paid_at <= now:
        state = WITHOUT_CASH if method == "account" else IN_CASH
    return PaymentEntry.model_validate(
        {
            "id": entry.id,
            "beneficiary": entry.beneficiary,
            "personal_id": entry.personal_id,
            "allowance": entry.allowance,
            "amount_vnd": entry.amount_vnd,
            "method": method,
            "bank": entry.bank,
            "state": state,
            "paid_at": paid_at if state != NOT_YET else None,
        }
    )


def _unfit(field: str, rule: str, text: Text, **params: str) -> Problem:
    return Problem(VALIDATION, errors=[FieldError(field, rule, text, params)], count=1)
